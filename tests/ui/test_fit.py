"""The fit on its page, with a worker that does as the test says."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import fitting
from app.desk import Desk
from app.fitting import FitStatus
from app.opened import Opened
from model import catalogue, priors
from model.errors import FitError
from model.fit import with_ledger
from model.population import Diagnostics, fingerprint_of, from_prior, save
from model.records import Event


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


def test_what_is_new_since_the_fit_stands_on_every_page_and_beside_the_fit(
    pages: Pages, example: Opened, worker: Worker
) -> None:
    desk, signs = Desk(example.where, today=example.today), catalogue.load()
    seen = desk.observations()
    drawn = from_prior(signs, rng=np.random.default_rng(1), n_samples=150)
    made = replace(drawn, basis="fit", fingerprint=fingerprint_of(seen, priors.load()))
    save(with_ledger(made, seen, signs, priors.load()), desk.fit_path)
    assert any("up to date" in text.value for text in pages(example, "data").text)
    client = next(iter(desk.records().active(desk.today))).name
    # A month nobody has checked in yet, of a client that is there.
    desk.portfolio.add(Event(client=client, on=desk.today, kind="referral"))
    assert any("1 referral is new since the fit" in caption.value for caption in pages(example).caption)
    said = [text.value for text in pages(example, "data").text]
    assert "1 referral is new since the fit." in said
    assert any("not due yet" in sentence for sentence in said)


def test_pages_and_the_fit_itself_say_that_a_quick_fit_is_in_use(pages: Pages, example: Opened, worker: Worker) -> None:
    desk, signs = Desk(example.where, today=example.today), catalogue.load()
    seen = desk.observations()
    drawn = from_prior(signs, rng=np.random.default_rng(1), n_samples=150)
    made = replace(drawn, basis="quick", fingerprint=fingerprint_of(seen, priors.load()))
    save(with_ledger(made, seen, signs, priors.load()), desk.fit_path)
    assert any("A quick fit of your records" in caption.value for caption in pages(example).caption)
    said = [text.value for text in pages(example, "data").text]
    assert "In use: a quick fit of your own records, up to date." in said
