"""A fit to a book of firms: what the command says and writes, and every firm judged by a population of its own."""

import json
from concurrent.futures import Future
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.book.run import plan, run
from app.book.scoring import Question
from app.book.source import write_book
from app.cli import app
from model import catalogue, platform, platform_fit, priors, quick_platform
from model.belief import seed_of
from model.chains import Chain, KeptChains, kept_at
from model.firms import Firms
from model.judgement import judge
from model.levels import levels_of
from model.platform import Platform
from model.platform_fit import PlatformFit
from model.population import Diagnostics, from_prior
from model.records import CheckIn, Records, Search
from model.settings import Replacement, Settings
from model.simulate import simulate, typical_population
from model.subsample_size import Contraction, SizeCheck

DAY = date(2026, 10, 31)
SIGNS = catalogue.load()
LEVELS = levels_of(SIGNS, priors.load())
GOOD = Diagnostics(worst_rhat=1.004, worst_ess=900.0, divergences=0, draws=1000, chains=4, seconds=60.0)


def records(name: str, clients: int = 3) -> Records:
    theta = typical_population(SIGNS)
    return simulate(theta, SIGNS, clients=clients, months=6, until=DAY, rng=seed_of(name, 1)).records


def made(diagnostics: Diagnostics = GOOD, as_of: date = DAY) -> Platform:
    rng, n = np.random.default_rng(2), 64
    prior = from_prior(SIGNS, rng=rng, n_samples=n)
    apart = np.abs(0.5 * rng.standard_normal((n, LEVELS.count)))
    anyone = prior.theta + (apart * rng.standard_normal(apart.shape)) @ LEVELS.unit
    return Platform(
        population=replace(prior, theta=anyone, basis="fit", fingerprint="f", diagnostics=diagnostics),
        centre=prior.theta, apart=apart, levels=LEVELS, as_of=as_of, firms=12, clients=60, months=700,
    )  # fmt: skip


@pytest.fixture(scope="module")
def firms() -> list[tuple[str, Records]]:
    return [(f"firm {n:02d}", records(f"firm {n:02d}")) for n in range(4)]


@pytest.fixture(scope="module")
def book(firms, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    write_book(folder, iter(firms))
    return folder


@pytest.fixture(scope="module")
def fit(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("fit") / "platform.npz"
    platform.save(made(as_of=date(2026, 8, 31)), path)
    return path


class Here:
    at_once = 1

    def submit(self, function, part):
        future: Future = Future()
        future.set_result(function(part))
        return future


def scored(book: Path, target: Path, question: Question, **how) -> dict[tuple[str, str], dict[str, object]]:
    from pyarrow.parquet import read_table

    for _ in run(plan(book, target, question, **how), Here()):
        pass
    found = [row for path in sorted(target.glob("*.parquet")) for row in read_table(path).to_pylist()]
    return {(row["firm"], row["client"]): row for row in found}


def same(one: dict, other: dict) -> None:
    assert one.keys() == other.keys()
    for key, row in one.items():
        for name, value in row.items():
            there = other[key][name]
            assert value == pytest.approx(there, rel=1e-9) if isinstance(value, float) else value == there, (key, name)


def test_every_firm_is_judged_by_its_own_population_however_the_book_is_cut(book, fit, firms, tmp_path):
    question = Question(as_of=DAY, draws=32, population=str(fit))
    whole = scored(book, tmp_path / "one", question)
    assert whole == scored(book, tmp_path / "many", question, part_clients=1)
    read = platform.load(fit, SIGNS)
    assert read is not None
    name, mine = firms[2]
    own = read.thinned(32).own_population(name, mine, SIGNS)
    for decision in judge(mine, own, today=DAY, seed=1).decisions:
        row = whole[name, decision.client]
        assert row["basis"] == "fit"
        for summary in decision.actions:
            assert row[f"{summary.action}_mean"] == summary.mean
    # And not by the population of any firm.
    anyone = judge(mine, read.thinned(32).population, today=DAY, seed=1).decisions
    assert all(whole[name, one.client]["keep_mean"] != one.actions[0].mean for one in anyone)


def test_beliefs_are_carried_on_under_own_populations_and_dropped_where_the_past_was_edited(book, fit, firms, tmp_path):
    question, states = Question(as_of=DAY, draws=32, population=str(fit)), tmp_path / "states"
    scored(book, tmp_path / "before", replace(question, as_of=date(2026, 9, 30)), before=states, after=states)
    same(scored(book, tmp_path / "now", question, before=states), scored(book, tmp_path / "fresh", question))
    # An entry of before the fit moves the levels of its firm, and with them every month's belief.
    name, mine = firms[1]
    at = next(i for i, one in enumerate(mine.checkins) if one.month == date(2026, 8, 1))
    edited = replace(
        mine,
        checkins=(*mine.checkins[:at], CheckIn(client=mine.checkins[at].client, month=date(2026, 8, 1), energy=5),
                  *mine.checkins[at + 1 :]),
    )  # fmt: skip
    write_book(tmp_path / "book", ((n, edited if n == name else one) for n, one in firms))
    same(
        scored(tmp_path / "book", tmp_path / "edited", question, before=states),
        scored(tmp_path / "book", tmp_path / "edited afresh", question),
    )


SIZE = SizeCheck(
    worst=1.01, median=0.6, untold=("ask_price",), half=18, whole=36, unseen=36, months=210, score_half=-5.0,
    score=-4.99, gain=0.01, gain_error=0.004, own_gain=0.02, own_gain_error=0.005,
)  # fmt: skip


@pytest.fixture
def fitted(monkeypatch) -> list[dict[str, object]]:
    """In the place of the sampler: the draws are there at once; what was asked is noted."""
    asked: list[dict[str, object]] = []
    contraction = Contraction(names=("leave_base", "ask_price"), ratio=np.array([0.6, 1.01]))

    def fit_and_check(half: Firms, whole: Firms, held_out: Firms, **how) -> PlatformFit:
        asked.append({"half": half, "whole": whole, "held_out": held_out, **how})
        return PlatformFit(platform=replace(made(), size=SIZE), own={}, fitted={}, contraction=contraction)

    monkeypatch.setattr(platform_fit, "fit_and_check", fit_and_check)
    return asked


@pytest.fixture(scope="module")
def larger(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("larger")
    # Two of three searches win a client at half of what is expected, which is two thousand for forty hours.
    searches = (
        Search(opened_on=date(2026, 1, 1), won_on=date(2026, 3, 2), fee_per_month=Decimal(1000), hours_per_month=40.0),
        Search(opened_on=date(2026, 5, 1), won_on=date(2026, 8, 1), fee_per_month=Decimal(1000), hours_per_month=40.0),
        Search(opened_on=date(2026, 9, 1)),
    )
    expected = Replacement(fee_per_month=Decimal(2000), hours_per_month=40.0)
    write_book(
        folder,
        ((f"firm {n:02d}", replace(records(f"firm {n:02d}", 6), searches=searches)) for n in range(13)),
        settings=Settings(replacement=expected),
    )
    return folder


def told(*arguments: object):
    return CliRunner().invoke(app, ["--as-of", str(DAY), *map(str, arguments)])


def test_the_command_says_what_was_learned_and_whether_it_was_enough(larger, fitted, tmp_path):
    result = told("fit-book", "--in", larger, "--out", tmp_path / "fit.npz", "--clients", 36)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "worst R-hat 1.004" in said.replace("Worst", "worst") and "1 of 2 parameters learned next to nothing" in said
    assert "Twice as many clients would add about 0.0050, and 0.0083 at most: this size is enough." in said
    assert fitted[0]["whole"].n_clients == 36 and fitted[0]["as_of"] == DAY
    read = platform.load(tmp_path / "fit.npz", SIGNS)
    assert read is not None and read.size == SIZE


def test_as_json_it_tells_every_parameter_every_level_and_the_kinds_that_were_drawn(larger, fitted, tmp_path):
    result = told("--json", "fit-book", "--in", larger, "--out", tmp_path / "fit.npz", "--clients", 36)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["size"]["enough"] is True and document["size"]["twice_as_many_add"] == 0.005
    assert document["contraction"] == {"leave_base": 0.6, "ask_price": 1.01}
    assert set(document["firms_apart"]) == set(LEVELS.names)
    assert sum(kind["fitted"] for kind in document["subsample"]) == 36


def test_a_fit_that_missed_its_gate_is_not_written(larger, fitted, tmp_path, monkeypatch):
    bad = replace(GOOD, worst_rhat=1.05, worst_parameter="apart[asks]")
    contraction = Contraction(names=("leave_base",), ratio=np.array([0.6]))
    unsettled = PlatformFit(platform=made(bad), own={}, fitted={}, contraction=contraction)
    monkeypatch.setattr(platform_fit, "fit_and_check", lambda *_, **how: unsettled)
    result = told("fit-book", "--in", larger, "--out", tmp_path / "fit.npz")
    assert result.exit_code == 1 and "how far the firms differ stayed unsettled" in " ".join(result.output.split())
    assert not (tmp_path / "fit.npz").exists()


def test_what_the_searches_came_to_is_said_and_kept_for_every_firm(larger, fitted, tmp_path):
    result = told("fit-book", "--in", larger, "--out", tmp_path / "fit.npz", "--clients", 36)
    said = " ".join(result.stdout.split())
    assert "12 of the firms logged searches, of 84 months and 24 clients won" in said
    assert "times the hourly fee" in said
    read = platform.load(tmp_path / "fit.npz", SIGNS)
    assert read is not None
    low, high = {name: ends for name, *ends in read.population.market}["market_fee_factor"]
    assert 0.45 < low < high < 0.75
    firm = read.own_population("firm 01", records("firm 01", 6), SIGNS)
    assert firm.market == read.population.market


def test_a_quick_fit_is_written_says_that_it_approximates_and_judges_every_firm(larger, tmp_path):
    result = told("fit-book", "--in", larger, "--out", tmp_path / "fit.npz", "--clients", 24, "--quick", "--unchecked")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "The quick fit of 24 clients of" in said and "without --quick" in said and "R-hat" not in said
    rows = scored(larger, tmp_path / "scores", Question(as_of=DAY, draws=32, population=str(tmp_path / "fit.npz")))
    assert {row["basis"] for row in rows.values()} == {"quick"}


def test_a_quick_fit_that_is_stopped_writes_nothing_and_says_so(larger, tmp_path, monkeypatch):
    def stopped(*_: Firms, **how: object) -> PlatformFit:
        raise KeyboardInterrupt

    monkeypatch.setattr(quick_platform, "quick_and_check", stopped)
    result = told("fit-book", "--in", larger, "--out", tmp_path / "fit.npz", "--quick")
    assert result.exit_code == 1 and "nothing was written" in " ".join(result.output.split())
    assert not (tmp_path / "fit.npz").exists()


def test_a_book_too_small_is_refused_in_a_sentence(book, fitted, tmp_path):
    result = told("fit-book", "--in", book, "--out", tmp_path / "fit.npz")
    assert result.exit_code == 1 and "too few clients" in result.output and not fitted


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_fitted(larger, fitted, tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "fit.npz"):
        result = told("fit-book", "--in", larger, "--out", place)
        assert result.exit_code == 1 and "cannot be written" in " ".join(result.output.split()) and not fitted


def test_a_fit_that_is_stopped_says_that_it_goes_on_and_one_that_is_done_leaves_no_chains(
    larger, fitted, tmp_path, monkeypatch
):
    whole, target = platform_fit.fit_and_check, tmp_path / "fit.npz"

    def stopped(*_: Firms, keep: Path, **how: object) -> PlatformFit:
        one = Chain(z=np.ones((1, 1)), partials=np.ones((1, 6)), theta=np.ones((1, 1)), divergences=0)
        KeptChains(keep.with_name(f"{keep.name}.half"), 1).save(0, one)
        raise KeyboardInterrupt

    monkeypatch.setattr(platform_fit, "fit_and_check", stopped)
    result = told("fit-book", "--in", larger, "--out", target)
    assert result.exit_code == 1 and "goes on from the chain that is complete" in " ".join(result.output.split())
    assert len(kept_at(target)) == 1 and not target.exists()
    monkeypatch.setattr(platform_fit, "fit_and_check", whole)
    assert told("fit-book", "--in", larger, "--out", target).exit_code == 0
    assert fitted[0]["keep"] == target and target.exists() and not kept_at(target)
