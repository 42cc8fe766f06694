"""Commands that start something long: the fit, the app, the example, compiling ahead."""

import sys
from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType

import numpy as np
import pytest
from typer.testing import CliRunner

import app as app_package
from app.checkup import check_up
from app.cli import app
from app.desk import Desk
from model import catalogue, priors
from model.fit import with_ledger
from model.population import fingerprint_of, from_prior, save


@dataclass
class Status:
    """How a fit stands, as `app.fitting` tells it."""

    state: str
    share_done: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    diagnostics: object = None


@dataclass
class Diagnostics:
    """What a finished fit says of itself."""

    worst_rhat: float = 1.003
    worst_ess: float = 900.0
    divergences: int = 0
    draws: int = 2000
    chains: int = 4
    seconds: float = 61.0
    reliable: bool = True


class Fitting(ModuleType):
    """A fit that ends at once, or is interrupted."""

    def __init__(self, ended: Status, interrupted: bool = False) -> None:
        super().__init__("app.fitting")
        self.ended, self.interrupted, self.calls = ended, interrupted, []

    def start(self, where, today):
        self.calls.append(("start", today.isoformat()))

    def status(self, path):
        return self.ended

    def cancel(self, path):
        self.calls.append(("cancel", path.name))

    def quickly(self, desk):
        self.calls.append(("quickly", desk.today.isoformat()))
        return 2.25

    def wait(self, path, on_progress):
        on_progress(Status("running", 0.5, 75.0))
        if self.interrupted:
            raise KeyboardInterrupt
        return self.ended


@pytest.fixture
def fitting(monkeypatch):
    """Put a stand-in for the fit in place."""

    def place(ended: Status, *, interrupted: bool = False) -> Fitting:
        stand_in = Fitting(ended, interrupted)
        monkeypatch.setitem(sys.modules, "app.fitting", stand_in)
        monkeypatch.setattr(app_package, "fitting", stand_in, raising=False)
        return stand_in

    return place


def test_a_fit_that_is_done_tells_whether_it_may_be_relied_on(filled, fitting):
    stand_in = fitting(Status("done", 1.0, 0.0, "", Diagnostics()))
    assert "It is reliable" in filled("fit")
    assert stand_in.calls == [("start", "2026-10-31")]
    assert filled.json("fit", "--status")["diagnostics"]["worst_ess"] == 900.0
    assert len(stand_in.calls) == 1


def test_an_interrupted_fit_is_cancelled_and_changes_nothing(filled, fitting):
    stand_in = fitting(Status("cancelled"), interrupted=True)
    filled("fit", code=1)
    assert stand_in.calls[-1] == ("cancel", "portfolio.db")
    assert "what was in use stays so" in filled.stderr


def test_a_fit_may_run_in_the_background_and_be_stopped_from_elsewhere(filled, fitting):
    stand_in = fitting(Status("running", 0.25, 75.0))
    assert "25% done, 1:15 left" in filled("fit", "--background")
    filled("fit", "--cancel")
    assert [name for name, _ in stand_in.calls] == ["start", "cancel"]


def test_a_quick_fit_says_that_it_is_in_use_and_that_there_is_a_whole_one(filled, fitting):
    stand_in = fitting(Status("none"))
    said = filled("fit", "--quick")
    assert "done, in 2.2 s, and in use" in said and "`bush fit` makes a whole one" in said
    assert filled.json("fit", "--quick")["seconds"] == 2.25
    assert stand_in.calls == [("quickly", "2026-10-31")] * 2
    filled("fit", "--quick", "--cancel", code=2)


def test_a_failed_fit_is_refused_with_its_reason(filled, fitting):
    fitting(Status("failed", message="the sampler ran out of memory"))
    filled("fit", code=1)
    assert "ran out of memory" in filled.stderr


@pytest.fixture
def fitted(filled):
    """The small portfolio with draws of the prior in the place of a fit of it."""
    desk = Desk(filled.database, today=date(2026, 10, 31))
    seen, signs = desk.observations(), catalogue.load()
    drawn = from_prior(signs, rng=np.random.default_rng(1), n_samples=200)
    made = replace(drawn, basis="fit", fingerprint=fingerprint_of(seen, priors.load()))
    save(with_ledger(made, seen, signs, priors.load()), desk.fit_path)
    return filled


def test_what_is_new_since_the_fit_is_told_with_its_state_and_with_the_verdicts(fitted):
    assert "Nothing is new since" in fitted("fit", "--status")
    client = fitted.json("decide")[0]["client"]
    fitted("decide")
    assert "since the fit" not in fitted.stderr
    fitted("log", "sign", client, "disrespect", "--on", "2026-10-20")
    assert "1 sighting is new since the fit." in fitted("fit", "--status")
    in_use = fitted.json("fit", "--status")["in_use"]
    assert in_use["news"] == "1 sighting is new since the fit." and in_use["stale"] is True
    assert in_use["due"] is bool(in_use["reasons"])
    fitted("decide")
    assert "1 sighting is new since the fit." in fitted.stderr
    day = date(2026, 10, 31)
    (found,) = [f for f in check_up(str(fitted.database), fitted.database, day) if f.what == "Fit"]
    assert "1 sighting is new since the fit." in found.found


def test_the_app_is_served_for_the_portfolio_named_and_the_example_only_when_asked(bush, monkeypatch):
    served = []
    monkeypatch.setattr("app.server.serve", lambda where, **options: served.append((where, options)))
    bush("app", "--no-browser", "--port", "9001")
    where, options = served[0]
    assert where == str(bush.database) and options["port"] == 9001
    assert options["open_browser"] is False and options["demo"] is False
    CliRunner().invoke(app, ["app", "--demo", "--no-browser"], catch_exceptions=False)
    assert served[1][1]["demo"] is True


def test_the_example_is_judged_on_its_own_last_day_and_lives_in_its_own_file(tmp_path, monkeypatch):
    from app.store import default_url, example_url
    from app.store.places import database_file

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # other tests leave portfolios in the common one
    result = CliRunner().invoke(app, ["demo", "--json"])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count('"verdict"') == 12
    assert result.stdout.count('"as_of": "2026-10-31"') == 12
    assert database_file(example_url()).exists() and not database_file(default_url()).exists()
    again = CliRunner().invoke(app, ["--db", "example", "history", "--json"])
    assert again.stdout.count('"kind": "import"') == 1
    assert CliRunner().invoke(app, ["demo", "--db", "other.db"]).exit_code == 2


def test_compiling_ahead_says_how_long_it_took(bush, monkeypatch):
    warm = ModuleType("model.warm")
    warm.warm_up = lambda: None
    monkeypatch.setitem(sys.modules, "model.warm", warm)
    assert bush("warm-up") == "Ready after 0 s.\n"
    assert bush.json("warm-up")["seconds"] < 1
