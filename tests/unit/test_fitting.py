"""The fit runs beside everything else: it is watched, stopped and survived through small files."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app import fitting
from app.desk import Desk
from app.fitting import FitStatus, cancel, start, status, wait, work
from app.store import open_portfolio
from model import catalogue as signs
from model import fit as fits
from model import quick_fit as quick_fits
from model.chains import Chain, KeptChains, kept_at
from model.errors import FitError
from model.population import Diagnostics, fingerprint_of, from_prior, load, save
from model.records import CheckIn, Client, Event, Records, Sighting

TODAY = date(2026, 6, 20)
GOOD = Diagnostics(worst_rhat=1.004, worst_ess=700.0, divergences=0, draws=1000, chains=2, seconds=80.0)
CHAIN = Chain(z=np.ones((1, 1)), partials=np.ones((1, 6)), theta=np.ones((1, 1)), divergences=0)
ANNA = Client(name="Anna", currency="EUR", since=date(2026, 1, 1), billing="hourly")
RECORDS = Records(clients=(ANNA,), checkins=(CheckIn(client="Anna", month=date(2026, 4, 1), energy=2),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A portfolio with one client and one month."""
    made = open_portfolio(tmp_path / "portfolio.db")
    made.add(ANNA, *RECORDS.checkins)
    return made.path


def told(path: Path) -> dict[str, object]:
    return json.loads(path.with_name(f"{path.name}.fit.json").read_text())


def tell(path: Path, shown: FitStatus, pid: int) -> None:
    fitting._tell(path, shown, pid=pid)


def pid_of_the_dead() -> int:
    worker = subprocess.Popen([sys.executable, "-c", ""])
    worker.wait()
    return worker.pid


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch):
    """Puts fits that end at once in the place of the real ones, the quick one and the whole one."""

    def quick(observations, catalogue, *, priors, cancelled=lambda: False):
        if cancelled():
            raise FitError("the fit was cancelled; what was in use stays in use.")
        drawn = from_prior(catalogue, rng=np.random.default_rng(2), n_samples=200)
        made = replace(drawn, basis="quick", fingerprint=fingerprint_of(observations, priors))
        return fits.with_ledger(made, observations, catalogue, priors)

    def put(diagnostics: Diagnostics = GOOD, error: Exception | None = None, while_running=lambda: None) -> list[str]:
        stages: list[str] = []
        put.seeds = seeds = []

        def fit(observations, catalogue, *, seed, priors, tune, draws, keep, on_progress, cancelled):
            stages.append(f"{tune}+{draws}")
            seeds.append(seed)
            KeptChains(keep, seed).save(0, CHAIN)
            on_progress(fits.Progress(stage="sampling", share_done=0.25, seconds_left=30.0))
            while_running()
            if cancelled():
                raise FitError("the fit was cancelled; what was in use stays in use.")
            if error is not None:
                raise error
            drawn = from_prior(catalogue, rng=np.random.default_rng(1), n_samples=200)
            fingerprint = fingerprint_of(observations, priors)
            made = replace(drawn, basis="fit", diagnostics=diagnostics, fingerprint=fingerprint)
            return fits.with_ledger(made, observations, catalogue, priors)

        monkeypatch.setattr(fits, "fit", fit)
        monkeypatch.setattr(quick_fits, "quick_fit", quick)
        return stages

    return put


def test_before_the_first_fit_there_is_none(path: Path):
    assert status(path).state == "none"
    assert status(path.with_name("nowhere.db")).state == "none"


def test_a_fit_that_ends_well_is_saved_used_and_stale_after_a_new_record(path: Path, sampler):
    seen: list[FitStatus] = []
    stages = sampler(while_running=lambda: seen.append(status(path)))
    assert work(path, TODAY, tune=3, draws=4).state == "done"
    assert stages == ["3+4"]
    assert seen[0].state == "running" and seen[0].share_done == 0.25 and seen[0].seconds_left == 30.0
    assert status(path) == FitStatus(state="done", share_done=1.0, seconds_left=0.0, message="done", diagnostics=GOOD)
    desk = Desk(path, today=TODAY)
    assert desk.population().basis == "fit" and not desk.freshness().stale
    assert desk.freshness().sentences == ()
    desk.portfolio.add(Event(client="Anna", on=date(2026, 6, 3), kind="note"))
    assert not desk.freshness().stale  # a note is no evidence
    desk.portfolio.add(Sighting(client="Anna", on=date(2026, 4, 3), sign="disrespect"))
    freshness = desk.freshness()
    assert freshness.stale and desk.population().basis == "fit"
    assert freshness.news == "1 sighting is new since the fit."
    # The third thing ever recorded of this portfolio: a third of all is new.
    assert freshness.due and freshness.sentences[-1] == "A new fit is due: 33% of all records are new."


def test_a_fit_of_an_earlier_version_says_that_it_cannot_tell_what_is_new(path: Path, sampler):
    sampler()
    work(path, TODAY)
    desk = Desk(path, today=TODAY)
    saved = load(desk.fit_path, signs.load())
    save(replace(saved, ledger=None), desk.fit_path)
    assert not desk.freshness().stale
    desk.portfolio.add(Sighting(client="Anna", on=date(2026, 4, 3), sign="disrespect"))
    assert desk.freshness().due and "earlier version" in desk.freshness().sentences[0]


def test_a_fit_that_did_not_mix_is_shown_and_not_used(path: Path, sampler):
    sampler(replace(GOOD, worst_rhat=1.2))
    found = work(path, TODAY)
    assert found.state == "failed" and "not reliable" in found.message and found.diagnostics is not None
    assert Desk(path, today=TODAY).population().basis == "quick"


def test_without_a_quick_fit_one_that_did_not_mix_is_told_of_and_published_figures_are_used(
    path: Path, sampler, monkeypatch
):
    def refuse(*arguments, **options):
        raise FitError("the quick fit did not settle.")

    sampler(replace(GOOD, worst_rhat=1.2))
    monkeypatch.setattr(quick_fits, "quick_fit", refuse)
    assert work(path, TODAY).state == "failed"
    desk = Desk(path, today=TODAY)
    assert desk.population().basis == "prior" and "not reliable" in desk.freshness().problem


def test_a_quick_fit_is_in_use_until_the_whole_one_is_done_and_gives_way_to_it(path: Path, sampler):
    seen: list[str] = []
    sampler(while_running=lambda: seen.append(Desk(path, today=TODAY).population().basis))
    assert work(path, TODAY).state == "done"
    assert seen == ["quick"] and Desk(path, today=TODAY).population().basis == "fit"
    sampler(while_running=lambda: seen.append(Desk(path, today=TODAY).population().basis))
    work(path, TODAY)
    assert seen == ["quick", "fit"]  # a whole one in use is worth more


def test_a_quick_fit_alone_is_made_at_once_and_refused_where_a_whole_one_says_more(path: Path, sampler):
    sampler()
    desk = Desk(path, today=TODAY)
    assert fitting.quickly(desk) >= 0.0
    assert desk.population().basis == "quick" and desk.freshness().basis == "quick" and not desk.freshness().stale
    tell(path, FitStatus(state="running"), os.getpid())
    with pytest.raises(FitError, match="running already"):
        fitting.quickly(desk)
    work(path, TODAY)
    with pytest.raises(FitError, match="whole fit of the very same records"):
        fitting.quickly(Desk(path, today=TODAY))
    desk.portfolio.add(Sighting(client="Anna", on=date(2026, 4, 3), sign="disrespect"))
    fitting.quickly(Desk(path, today=TODAY))
    assert Desk(path, today=TODAY).population().basis == "quick"


def test_months_that_are_over_are_taken_up_into_what_is_believed_of_clients_in_general(path: Path, sampler):
    sampler()
    work(path, TODAY)
    june, july = Desk(path, today=TODAY), Desk(path, today=date(2026, 7, 2))
    fitted = june.population()
    july.portfolio.add(CheckIn(client="Anna", month=date(2026, 7, 1), energy=1))
    assert np.array_equal(july.population().theta, fitted.theta)  # July is not over
    july.portfolio.add(CheckIn(client="Anna", month=date(2026, 6, 1), energy=1))
    moved = july.population()
    assert moved.fingerprint != fitted.fingerprint and not np.array_equal(moved.theta, fitted.theta)
    assert moved.theta.shape == fitted.theta.shape
    july.portfolio.add(Sighting(client="Anna", on=date(2026, 7, 1), sign="disrespect"))
    assert july.population() is moved  # the very same draws, for an answer to a record of today
    assert Desk(path, today=date(2026, 7, 2)).population().fingerprint == moved.fingerprint
    # On a day before the fit ended nothing is taken up.
    assert np.array_equal(Desk(path, today=date(2026, 6, 21)).population().theta, fitted.theta)


def test_a_fit_that_did_not_mix_leaves_the_good_one_before_it_in_use(path: Path, sampler):
    sampler()
    work(path, TODAY)
    sampler(replace(GOOD, divergences=3, worst_parameter="leave_base"))
    assert "how often clients leave" in work(path, TODAY).message
    desk = Desk(path, today=TODAY)
    assert desk.population().basis == "fit" and not desk.freshness().problem


def test_complete_chains_are_done_with_when_the_fit_is_and_wait_for_it_when_it_was_interrupted(path: Path, sampler):
    base = path.with_name(f"{path.name}.fit")
    sampler(error=FitError("the sampler failed: the power went"))
    work(path, TODAY)
    assert len(kept_at(base)) == 1
    sampler()
    work(path, TODAY)
    assert not kept_at(base)


def test_only_a_fit_that_missed_its_gate_is_made_again_with_other_random_numbers(path: Path, sampler, monkeypatch):
    class Worker:
        pid = os.getpid()

        def __init__(self, command, **options):
            seeds.append(command[4])

    seeds: list[str] = []
    monkeypatch.setattr(fitting.subprocess, "Popen", Worker)
    start(path, TODAY)
    tell(path, FitStatus(state="failed", message="the power went"), os.getpid())
    start(path, TODAY)
    tell(path, FitStatus(state="failed", diagnostics=replace(GOOD, worst_rhat=1.2)), os.getpid())
    start(path, TODAY)
    tell(path, FitStatus(state="done", diagnostics=GOOD), os.getpid())
    start(path, TODAY)
    assert seeds == ["1", "1", "2", "1"]


def test_a_fit_asked_to_stop_stops_and_says_so(path: Path, sampler):
    sampler(while_running=lambda: cancel(path))
    assert work(path, TODAY).state == "cancelled"
    assert status(path).state == "cancelled"
    assert not path.with_name(f"{path.name}.fit.cancel").exists()
    assert Desk(path, today=TODAY).population().basis == "quick"  # what is in use stays so


def test_stopping_where_nothing_runs_leaves_nothing_behind(path: Path):
    cancel(path)
    assert not path.with_name(f"{path.name}.fit.cancel").exists()


@pytest.mark.parametrize("error", [FitError("the sampler failed: no gradient"), RuntimeError("out of memory")])
def test_a_fit_that_fails_says_why(path: Path, sampler, error: Exception):
    sampler(error=error)
    if isinstance(error, FitError):
        work(path, TODAY)
    else:
        with pytest.raises(RuntimeError):
            work(path, TODAY)
    assert status(path).state == "failed" and str(error) in status(path).message


def test_a_worker_that_died_reads_as_failed_and_names_its_log(path: Path):
    tell(path, FitStatus(state="running", share_done=0.4, message="sampling"), pid_of_the_dead())
    found = status(path)
    assert found.state == "failed" and "portfolio.db.fit.log" in found.message
    tell(path, FitStatus(state="running", share_done=0.4, message="sampling"), os.getpid())
    assert status(path).state == "running"
    KeptChains(path.with_name(f"{path.name}.fit"), 1).save(0, CHAIN)
    tell(path, FitStatus(state="running", share_done=0.4, message="sampling"), pid_of_the_dead())
    assert "goes on from the 1 chain already complete" in status(path).message


def test_a_damaged_status_file_reads_as_no_fit(path: Path):
    path.with_name(f"{path.name}.fit.json").write_text("{half")
    assert status(path).state == "none"


def test_a_second_fit_is_refused_while_one_runs(path: Path):
    tell(path, FitStatus(state="running"), os.getpid())
    with pytest.raises(FitError, match="running already"):
        start(path, TODAY)


def test_a_fit_whose_worker_cannot_be_started_is_refused_and_leaves_no_running_one(path: Path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(path.with_name("no-python")))
    with pytest.raises(FitError, match="cannot be started"):
        start(path, TODAY)
    assert status(path).state == "none"


def test_a_started_worker_is_watched_until_it_ends(path: Path, monkeypatch):
    class Worker:
        pid = os.getpid()

        def __init__(self, command, **options):
            assert command[1:4] == ["-m", "app.fitting", "2026-06-20"]
            assert options["env"][fitting.PLACE] == str(path)

    path.with_name(f"{path.name}.fit.cancel").touch()  # of a fit long gone
    monkeypatch.setattr(fitting.subprocess, "Popen", Worker)
    start(path, TODAY)
    assert not path.with_name(f"{path.name}.fit.cancel").exists() and told(path)["state"] == "running"
    seen = []

    def on_progress(now: FitStatus) -> None:
        seen.append(now.state)
        if len(seen) == 2:
            tell(path, FitStatus(state="done", share_done=1.0), os.getpid())

    assert wait(path, on_progress, seconds=0.0).state == "done"
    assert seen == ["running", "running"]
