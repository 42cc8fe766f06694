"""The fit on its page, with a worker that does as the test says."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

import app
from app.opened import Opened
from model.errors import FitError


@dataclass
class Status:
    state: str = "none"
    share_done: float = 0.0
    seconds_left: float | None = None
    message: str = ""


class Worker(ModuleType):
    def __init__(self) -> None:
        super().__init__("app.fitting")
        self.now, self.calls = Status(), []

    def status(self, path: Path) -> Status:
        assert path.suffix == ".db"
        return self.now

    def start(self, where: str, today: object) -> None:
        self.calls.append("start")
        if self.now.state == "running":
            raise FitError("a fit is running already.")
        self.now = Status("running", 0.25, 120)

    def cancel(self, path: Path) -> None:
        self.calls.append("cancel")
        self.now = Status("cancelled", message="The fit was cancelled.")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    made = Worker()
    monkeypatch.setitem(sys.modules, "app.fitting", made)
    monkeypatch.setattr(app, "fitting", made, raising=False)
    return made


Pages = Callable[..., AppTest]


def test_a_fit_is_started_watched_and_stopped(pages: Pages, example: Opened, worker: Worker) -> None:
    page = pages(example, "data")
    page.button(key="fit-start").click().run()
    assert worker.calls == ["start"]
    bar = page.get("progress")[0].proto
    assert bar.value == 25 and bar.text == "25 % done, about 2 minutes left"
    page.button(key="fit-cancel").click().run()
    assert worker.calls == ["start", "cancel"]
    assert any("cancelled" in text.value for text in page.text)
    assert page.button(key="fit-start")


def test_a_failed_fit_says_why_and_the_page_stands(pages: Pages, example: Opened, worker: Worker) -> None:
    worker.now = Status("failed", message="The sampler stopped: <b>no draws</b>.")
    page = pages(example, "data")
    assert not page.exception
    assert any("sampler stopped" in warning.value and "<b>" not in warning.value for warning in page.warning)


def test_other_pages_say_that_a_fit_is_running(pages: Pages, example: Opened, worker: Worker) -> None:
    worker.now = Status("running", 0.5, 60)
    assert any("A fit is running" in caption.value for caption in pages(example).caption)
