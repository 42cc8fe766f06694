"""What the searches of many firms say to each of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm, poisson

from model import catalogue, population
from model import priors as prior_table
from model.alone import alone
from model.judgement import judge, rejudge
from model.levels import SPREAD
from model.market import Searched, market
from model.platform_market import market_of_firms, searches_of
from model.priors import Prior
from model.records import Client, Records, Search
from model.settings import Belief, Replacement, Settings
from model.simulate import simulate, typical_population
from model.stratified import normals

TODAY = date(2026, 6, 30)
PRIORS = prior_table.load()
MANY = 400_000
NOTHING = Searched(
    won=0, months=0.0, months_to_win=3.0, fee_per_hour=75.0, hours_per_month=20.0, hourly=(), hours=()
)  # fmt: skip


def searching(number: int, win: float = 1.0, fee: float = 1.0, scatter: float = 0.2) -> Searched:
    """A firm whose market is so many times what it expects."""
    rng = np.random.default_rng(number)
    months = float(rng.uniform(5, 20))
    won = int(rng.poisson(win * months / 3.0))
    return replace(
        NOTHING, won=won, months=months,
        hourly=tuple(75.0 * fee * np.exp(scatter * rng.standard_normal(won) - scatter**2 / 2)),
        hours=tuple(20.0 * np.exp(scatter * rng.standard_normal(won) - scatter**2 / 2)),
    )  # fmt: skip


def seeded() -> np.random.Generator:
    return np.random.default_rng(7)


def learned(*firms: Searched) -> dict[str, Prior]:
    return {
        name: Prior(name=name, shape="positive", low=low, high=high)
        for name, low, high in market_of_firms(firms, PRIORS)
    }


def test_without_a_search_nothing_is_learned_and_without_a_win_only_the_odds():
    assert market_of_firms([NOTHING, NOTHING], PRIORS) == ()
    assert set(learned(replace(NOTHING, months=9.0))) == {"market_win_rate_factor"}
    # A client won on the day of the search took no time at all.
    assert set(learned(replace(NOTHING, won=1))) == {"market_win_rate_factor"}


def test_a_market_worse_than_firms_expect_is_found_out_by_many_of_them():
    found = learned(*(searching(n, win=0.4, fee=0.75) for n in range(300)))
    assert np.exp(found["market_win_rate_factor"].location) == pytest.approx(0.4, rel=0.15)
    assert np.exp(found["market_fee_factor"].location) == pytest.approx(0.75, rel=0.05)
    assert np.exp(found["market_hours_factor"].location) == pytest.approx(1.0, rel=0.07)
    assert np.exp(found["market_fee_log_sd"].location) == pytest.approx(0.2, rel=0.1)
    for name, prior in found.items():
        assert prior.scale < 0.8 * PRIORS[name].scale


def test_fees_that_scatter_widely_are_not_taken_for_a_market_that_pays_less():
    found = learned(*(searching(n, scatter=0.5) for n in range(300)))
    assert np.exp(found["market_fee_factor"].location) == pytest.approx(1.0, rel=0.05)
    assert np.exp(found["market_hours_factor"].location) == pytest.approx(1.0, rel=0.05)


def test_a_firm_nobody_has_seen_is_less_sure_the_more_firms_differ():
    alike = [searching(n) for n in range(40)]
    apart = [searching(n, win=0.3 if n % 2 else 1.7, fee=0.7 if n % 2 else 1.3) for n in range(40)]
    for name in ("market_win_rate_factor", "market_fee_factor"):
        assert learned(*apart)[name].scale > 1.4 * learned(*alike)[name].scale


def test_the_odds_are_those_of_simulated_platforms_whose_firms_searched_as_these_did():
    firms = [replace(NOTHING, months=12.0), replace(NOTHING, won=2, months=9.0)]
    found, prior, rng = learned(*firms)["market_win_rate_factor"], PRIORS["market_win_rate_factor"], seeded()
    middle = prior.from_standard(rng.standard_normal(MANY))
    shape = 1.0 / (SPREAD * prior.scale * np.abs(rng.standard_normal(MANY))) ** 2
    factors = [middle * rng.gamma(shape) / shape for _ in range(3)]
    weight = poisson.pmf(0, 4.0 * factors[0]) * poisson.pmf(2, 3.0 * factors[1])
    mean = np.average(factors[2], weights=weight)
    deviation = np.sqrt(np.average((factors[2] - mean) ** 2, weights=weight))
    assert np.exp(found.location) == pytest.approx(mean, rel=0.02)
    assert found.scale == pytest.approx(deviation / mean, rel=0.03)


def test_the_fee_is_that_of_simulated_platforms_whose_firms_won_such_clients():
    hourly = [[45.0], [60.0, 52.0]]
    found = learned(*(replace(NOTHING, won=len(one), months=9.0, hourly=tuple(one)) for one in hourly))
    fee, spread, rng = PRIORS["market_fee_factor"], PRIORS["market_fee_log_sd"], seeded()
    middle, scatter = (
        fee.location + fee.scale * rng.standard_normal(MANY),
        spread.from_standard(rng.standard_normal(MANY)),
    )
    apart = SPREAD * fee.scale * np.abs(rng.standard_normal(MANY))
    firms = [middle + apart * rng.standard_normal(MANY) for _ in range(3)]
    weight = np.ones(MANY)
    for values, firm in zip(hourly, firms, strict=False):
        for value in values:
            # A firm's factor is that of the mean, above the median of fees that scatter.
            weight = weight * norm.pdf(np.log(value / 75.0), firm - scatter**2 / 2, scatter)
    for name, drawn in (("market_fee_factor", firms[2]), ("market_fee_log_sd", np.log(scatter))):
        mean = np.average(drawn, weights=weight)
        assert found[name].location == pytest.approx(mean, abs=0.02)
        assert found[name].scale == pytest.approx(np.sqrt(np.average((drawn - mean) ** 2, weights=weight)), rel=0.03)


def test_a_firms_searches_are_read_beside_what_it_expects():
    searches = (
        Search(opened_on=date(2026, 1, 1), won_on=date(2026, 3, 2), fee_per_month=Decimal(1800), hours_per_month=20.0),
        Search(opened_on=date(2026, 5, 31)),
        Search(opened_on=date(2026, 7, 1)),
    )
    settings = Settings(replacement=Replacement(months_to_win=4.0))
    clients = (
        Client(
            name="A",
            currency="EUR",
            since=date(2025, 1, 1),
            billing="retainer",
            fee_per_month=Decimal(1000),
            agreed_hours_per_month=10.0,
        ),
    )
    found = searches_of(Records(clients=clients, searches=searches, settings=settings), TODAY)
    assert found == Searched(
        won=1, months=pytest.approx(90 / 30.4375), months_to_win=4.0, fee_per_hour=100.0, hours_per_month=10.0,
        hourly=(90.0,), hours=(20.0,),
    )  # fmt: skip


def test_what_is_learned_is_where_the_firms_own_searches_start_from_unless_it_says_otherwise():
    told = market_of_firms([searching(n, win=0.4) for n in range(60)], PRIORS)

    def odds(settings: Settings, **how) -> float:
        found = market(
            Records(settings=settings), typical_fee=1500.0, typical_hours=20.0, today=TODAY,
            numbers=normals(np.random.default_rng(1), 4000, 4), **how,
        )  # fmt: skip
        return float((-np.log1p(-found.win_rate)).mean() * settings.replacement.months_to_win)

    plain = Settings()
    sure = replace(plain, beliefs=(Belief(name="market_win_rate_factor", low=0.9, high=1.1),))
    assert odds(plain) == pytest.approx(1.0, rel=0.02)
    assert odds(plain, learned=told) == pytest.approx(0.4, rel=0.15)
    assert odds(sure, learned=told) == pytest.approx(odds(sure)) == pytest.approx(1.0, rel=0.05)


def test_a_saved_fit_keeps_it_and_every_answer_goes_by_it(tmp_path: Path):
    signs = catalogue.load()
    told = market_of_firms([searching(n, win=0.3, fee=0.6) for n in range(60)], PRIORS)
    plain = population.from_prior(signs, rng=np.random.default_rng(1), n_samples=32)
    population.save(replace(plain, market=told), tmp_path / "fit.npz")
    read = population.load(tmp_path / "fit.npz", signs)
    assert read.market == told and read.thinned(8).market == told
    records = simulate(
        typical_population(signs), signs, clients=2, months=6, until=TODAY, rng=np.random.default_rng(2)
    ).records  # fmt: skip
    worse, usual = (judge(records, one, today=TODAY) for one in (read, plain))
    for one, other in zip(worse.decisions, usual.decisions, strict=True):
        lost = [other.action(action).mean - one.action(action).mean for action in ("drop", "keep")]
        # Who stays leaves one day, and is replaced then.
        assert lost[0] > lost[1] > 0.0


def test_whoever_looks_at_one_client_alone_goes_by_it_too():
    signs = catalogue.load()
    told = market_of_firms([searching(n, win=0.3, fee=0.6) for n in range(60)], PRIORS)
    draws = replace(population.from_prior(signs, rng=np.random.default_rng(1), n_samples=32), market=told)
    records = simulate(
        typical_population(signs), signs, clients=2, months=6, until=TODAY, rng=np.random.default_rng(2)
    ).records
    found = judge(records, draws, today=TODAY)
    name = found.belief.clients[0]
    other = replace(found.settings, replacement=replace(found.settings.replacement, months_to_win=6.0))
    whole = rejudge(found, settings=other, ask=found.of(name).ask)
    assert alone(found, name).values(settings=other).mean(axis=0) == pytest.approx(
        [whole.of(name).action(action).mean for action in ("keep", "renegotiate", "drop")], rel=1e-9
    )
