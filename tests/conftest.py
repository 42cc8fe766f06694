"""What every test may stand on: repeatable Hypothesis runs, a fixed day, and a browser where there is one."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from gettext import GNUTranslations
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from benchmarks.servers.postgres import database, server
from model import catalogue, language
from model.language import speak

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what may take longest: many short files come last, and no worker waits long for another."""
    items.sort(key=lambda item: -_may_take(item))


def _may_take(item: pytest.Item) -> float:
    limit = item.get_closest_marker("timeout")
    return float(limit.args[0]) if limit is not None else 0.0


@pytest.fixture
def today() -> date:
    """The day every test lives on unless it says otherwise."""
    return date(2026, 11, 1)


# Places to be filled in, and what stands between them.
_PARTS = re.compile(r"\{[^{}]+(?:\{\w+\}[^{}]*)?\}|(?:[^{}]|\{\{|\}\})+")


class Marking(GNUTranslations):
    """A language in which what was translated stands in brackets, and what is filled in outside of them."""

    def __init__(self) -> None:
        super().__init__()

    def gettext(self, message: str) -> str:
        return "".join(part if part[:1] == "{" != part[1:2] else f"⟦{part}⟧" for part in _PARTS.findall(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


@pytest.fixture
def marking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Let every language mark what it translates; gives what of a text stands outside of the brackets."""
    for module in (language, catalogue):
        monkeypatch.setattr(module, "translations", lambda _: Marking())
    catalogue.spoken.cache_clear()

    def outside(text: str) -> str:
        while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
            text = less
        return text

    yield outside
    catalogue.spoken.cache_clear()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Whatever a test made this thread speak, the next one begins as every thread does."""
    yield
    speak("")


@pytest.fixture(autouse=True)
def no_portfolio_of_ones_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the portfolio of whoever runs them."""
    home = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.delenv("BUSH_DATABASE_URL", raising=False)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium driven by Playwright; the test is skipped where there is none."""
    if not CHROMIUM.exists():
        reason = f"no browser: {CHROMIUM} is missing (Debian: apt-get install chromium)"
        if os.environ.get("BUSH_REQUIRE_BROWSER") == "1":
            pytest.fail(reason + ", and BUSH_REQUIRE_BROWSER=1 forbids skipping")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A fresh page with nothing remembered from other tests, in English and at a laptop's width."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server where everybody is who they say; the test is skipped where there is none."""
    try:
        with server() as address:
            yield address
    except FileNotFoundError as missing:
        if os.environ.get("BUSH_REQUIRE_POSTGRES") == "1":
            pytest.fail(f"{missing}, and BUSH_REQUIRE_POSTGRES=1 forbids skipping")
        pytest.skip(str(missing))


LOGINS = ("anna", "ben", "carl", "zoe")


@pytest.fixture
def team(postgres: str) -> str:
    """URL, without a login, of an empty database in which anna, ben, carl and zoe may make workspaces."""
    name = f"team{next(_NUMBERS)}"
    database(postgres, name, *LOGINS)
    return f"postgresql://{{}}@{postgres}/{name}"


_NUMBERS = count()
