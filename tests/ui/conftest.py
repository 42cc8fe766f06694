"""The app in this process: the example, a hostile and an empty portfolio, each in a file of its own."""

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from app.imports.folder import import_folder
from app.opened import EXAMPLE_FOLDER, Opened, hand_over, newest_day
from app.store import open_portfolio
from model.records import CheckIn, Client, Invoice, Sighting

MAIN = Path(__file__).parents[2] / "app" / "main.py"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "![](http://x/p.png)",
    "[a](javascript:alert(1))",
    ":red[x] $x$ :smile:",
)

Pages = Callable[..., AppTest]
# Each app under test would read of every installed package whether it brings components; none is installed meanwhile.
COMPONENTS = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session")
def example_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example") / "example.db"
    import_folder(open_portfolio(path), EXAMPLE_FOLDER)
    return path


@pytest.fixture(scope="session")
def looked_at(example_file: Path) -> Opened:
    """The example for tests that store nothing: one file, and so one judgement, for all of them."""
    return Opened(
        where=str(example_file), today=newest_day(open_portfolio(example_file).records()), is_example=True
    )  # fmt: skip


@pytest.fixture
def example(example_file: Path, tmp_path: Path) -> Opened:
    path = tmp_path / "example.db"
    shutil.copy(example_file, path)
    return Opened(where=str(path), today=newest_day(open_portfolio(path).records()), is_example=True)


@pytest.fixture
def hostile(tmp_path: Path, today: date) -> Opened:
    portfolio = open_portfolio(tmp_path / "hostile.db")
    for name in HOSTILE:
        portfolio.add(
            Client(
                name=name,
                currency="EUR",
                since=date(2026, 1, 1),
                billing="retainer",
                fee_per_month=Decimal(1500),
                agreed_hours_per_month=20.0,
            ),
            CheckIn(client=name, month=date(2026, 9, 1), energy=2, note=name),
            Sighting(client=name, on=date(2026, 9, 12), sign="disrespect", note=name),
            Invoice(
                client=name,
                number=name,
                issued=date(2026, 9, 1),
                due=date(2026, 9, 30),
                amount=Decimal(1500),
                currency="EUR",
            ),
        )
    return Opened(where=str(tmp_path / "hostile.db"), today=today)


@pytest.fixture
def empty(tmp_path: Path, today: date) -> Opened:
    return Opened(where=str(tmp_path / "empty.db"), today=today)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    """Run one page of the app on a portfolio."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", COMPONENTS)

    def run(opened: Opened, view: str = "this_month", part: str = "") -> AppTest:
        for variable in ("BUSH_APP_PORTFOLIO", "BUSH_APP_TODAY", "BUSH_APP_EXAMPLE", "BUSH_APP_TURNED_TO"):
            monkeypatch.setenv(variable, "")
        hand_over(opened)
        app = AppTest.from_file(str(MAIN), default_timeout=90).run()
        if view != "this_month":
            app.switch_page(f"views/{view}.py").run()
        if part:
            app.segmented_control(key="part").set_value(part).run()
        return app

    return run
