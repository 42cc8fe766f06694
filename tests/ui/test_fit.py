"""The fit on its page, with a worker that does as the test says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import fitting
from app.fitting import FitStatus
from app.opened import Opened
from model.errors import FitError
from model.population import Diagnostics


class Worker:
    def __init__(self) -> None:
        self.now, self.calls = FitStatus(state="none"), []

    def status(self, path: Path) -> FitStatus:
        assert path.suffix == ".db"
        return self.now

    def start(self, where: str, today: object) -> None:
        self.calls.append("start")
        if self.now.state == "running":
            raise FitError("a fit is running already.")
        self.now = FitStatus(state="running", share_done=0.25, seconds_left=120)

    def cancel(self, path: Path) -> None:
        self.calls.append("cancel")
        self.now = FitStatus(state="cancelled", message="The fit was cancelled.")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    made = Worker()
    for name in ("status", "start", "cancel"):
        monkeypatch.setattr(fitting, name, getattr(made, name))
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
    worker.now = FitStatus(state="failed", message="The sampler stopped: <b>no draws</b>.")
    page = pages(example, "data")
    assert not page.exception
    assert any("sampler stopped" in warning.value and "<b>" not in warning.value for warning in page.warning)


def test_a_fit_that_is_done_tells_in_words_how_far_its_draws_can_be_trusted(
    pages: Pages, example: Opened, worker: Worker
) -> None:
    checked = Diagnostics(worst_rhat=1.004, worst_ess=812.0, divergences=0, draws=4000, chains=4, seconds=95.0)
    worker.now = FitStatus(state="done", share_done=1.0, message="done", diagnostics=checked)
    said = [text.value for text in pages(example, "data").text]
    assert any("chains agree" in sentence and "1.004" in sentence for sentence in said)
    assert "done" not in said


def test_other_pages_say_that_a_fit_is_running(pages: Pages, example: Opened, worker: Worker) -> None:
    worker.now = FitStatus(state="running", share_done=0.5, seconds_left=60)
    assert any("A fit is running" in caption.value for caption in pages(example).caption)
