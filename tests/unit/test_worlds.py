from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from benchmarks.decisions import platforms
from benchmarks.decisions.firms import UNTIL, Firm, firm, recorded
from benchmarks.worlds.ahead import days_to_pay
from benchmarks.worlds.kinds import (
    BURSTS,
    ECHOES,
    FOR_DECISIONS,
    FOR_INTERVALS,
    HEAVY_TAILS,
    MISSING,
    OWN,
    POOR_MARKET,
    SEASONS,
    TURNS,
    USELESS,
    Kind,
)
from benchmarks.worlds.telling import Told, recorded_for, tell
from model import catalogue
from model.actions import net_benefit
from model.belief import factors, update
from model.days import log_days
from model.forecast import Ask
from model.levels import levels_of
from model.observations import observe
from model.outlook import newcomers, outlook
from model.population import Population
from model.priors import load
from model.profile import ordinary_profiles
from model.records import Search
from model.settings import Replacement
from model.simulate import typical_population

CATALOGUE = catalogue.load()
THETA = typical_population(CATALOGUE)
ASK = Ask(price_pct=10.0, scope=True)
# All its firms are drawn from the typical population.
TYPICAL = replace(
    platforms.drawn(CATALOGUE, 0, seed=3), centre=THETA, apart=np.zeros(levels_of(CATALOGUE, load()).count)
)


def told(kind: Kind, clients: int = 12, months: int = 24) -> Told:
    rng = np.random.default_rng(7)
    profiles = ordinary_profiles(clients, months=months, until=UNTIL, rng=rng)
    plain = [replace(p, events=(), leaves=False) for p in profiles]
    return tell(kind, THETA, CATALOGUE, plain, months=months, until=UNTIL, rng=rng)


@pytest.fixture(scope="module")
def own() -> Firm:
    made = firm(OWN, TYPICAL, CATALOGUE, 1, n_paths=4_000, seed=3)
    assert made is not None
    return made


@pytest.mark.parametrize("kind", {kind.name: kind for kind in (*FOR_INTERVALS, *FOR_DECISIONS)}.values(), ids=str)
def test_every_kind_of_world_tells_records_the_model_can_read(kind):
    seen = observe(told(kind, clients=3).world.records, CATALOGUE, UNTIL)
    assert len(seen.clients) == 3
    assert (seen.signs == 1).any()


def test_in_its_own_world_the_truth_is_worth_what_the_model_says_given_that_truth(own):
    truth = own.truth
    theta, strain = truth.theta, truth.strain
    population = Population(theta=theta, names=(), basis="prior")
    believed = update(population, own.records, CATALOGUE, today=UNTIL)
    mine = [believed.place(name) for name in own.clients]
    latent = np.linalg.solve(factors(theta)[:, None], (strain - believed.early[:, mine])[..., None])[..., 0]
    belief = replace(
        believed.with_changed(believed, own.clients), latent=latent, strain=strain, shift=0.0 * believed.shift[:, mine]
    )
    agreed = np.array([log_days(term.payment_terms_days) for term in truth.terms])
    newest = newcomers(population, log_terms=float(np.median(agreed)), horizon_months=24)
    asks = (ASK,) * len(own.clients)
    ahead = outlook(
        population, belief, log_terms=agreed, newcomers=newest, market=truth.market, horizon_months=24, asks=asks
    )
    # The wear of a rise is drawn anew by the outlook and not part of the world's truth there.
    ahead = replace(ahead, wear=truth.apart.wear)
    by_model = net_benefit(ahead, truth.terms, truth.settings).mean("sample").values
    by_world = truth.values(asks)
    assert by_world == pytest.approx(by_model, rel=0.01, abs=200.0)


def test_no_ask_of_those_offered_is_truly_worth_more_than_the_one_found_to_be_best(own):
    best = own.truth.values(own.truth.best_asks())[:, 1]
    for ask in (ASK, Ask(price_pct=20.0, scope=False), Ask(price_pct=0.0, scope=True), Ask(price_pct=50.0, scope=True)):
        asked = own.truth.values((ask,) * len(own.clients))[:, 1]
        assert (best >= asked - 0.01 * np.abs(asked)).all()


def test_a_poor_market_makes_dropping_worth_less_and_shows_in_the_searches_alone():
    ours, poor = (
        firm(kind, TYPICAL, CATALOGUE, 6, n_paths=200, seed=3) for kind in (OWN, replace(OWN, poor_market=True))
    )
    assert replace(ours.records, searches=()) == replace(poor.records, searches=())
    assert [s.opened_on for s in ours.records.searches] == [s.opened_on for s in poor.records.searches]
    assert sum(_days(s) for s in ours.records.searches) < sum(_days(s) for s in poor.records.searches)
    asks = (ASK,) * len(ours.clients)
    assert (poor.truth.values(asks)[:, 2] < ours.truth.values(asks)[:, 2]).all()
    assert POOR_MARKET.poor_market


def _days(search: Search) -> int:
    return ((search.won_on or UNTIL) - search.opened_on).days


def test_a_search_is_logged_for_every_client_who_left_and_those_won_pay_what_the_market_pays():
    firms = [firm(OWN, TYPICAL, CATALOGUE, number, n_paths=5, seed=3) for number in range(25)]
    for one in firms:
        gone = sorted(c.ended_on for c in one.records.clients if c.ended_on is not None)
        assert [s.opened_on for s in one.records.searches] == gone
    paid = [
        np.log(float(s.fee_per_month) / s.hours_per_month * one.truth.market.hours_per_month[0])
        - np.log(one.truth.market.fee_per_month[0]) + one.truth.market.fee_log_sd[0] ** 2 / 2
        for one in firms for s in one.records.searches if s.won_on
    ]  # fmt: skip
    assert len(paid) > 30 and abs(np.mean(paid)) < 3 * np.std(paid) / np.sqrt(len(paid))


def test_records_without_the_truth_are_those_of_the_firm(own):
    assert recorded(OWN, TYPICAL, CATALOGUE, 1, seed=3) == own.records


def test_firms_of_a_platform_scatter_about_its_middle_as_far_as_it_says():
    one = platforms.drawn(CATALOGUE, 5, seed=3)
    pull = np.linalg.pinv(one.unit)
    own = np.array([(one.theta(number) - one.centre) @ pull for number in range(400)])
    assert own.std(axis=0) == pytest.approx(one.apart, rel=0.15)
    assert np.array_equal(one.theta(7), one.theta(7)) and not np.array_equal(one.theta(7), one.theta(8))
    expected = Replacement(months_to_win=4.0)
    markets = [one.market_of(number, expected, 1500.0, 20.0) for number in range(400)]
    rates = np.log([-np.log1p(-m.win_rate[0]) * 4.0 for m in markets])
    assert rates.mean() == pytest.approx(np.log(one.market[0]), abs=4 * one.market_apart[0] / 20)
    assert rates.std() == pytest.approx(one.market_apart[0], rel=0.15)


def test_records_begun_later_hold_the_same_last_months_and_nothing_before(own):
    later = recorded_for(own.records, 6, UNTIL)
    begin = date(2026, 5, 1)
    assert {c.name for c in later.active(UNTIL)} == set(own.clients)
    assert [i for i in own.records.invoices if i.issued >= begin] == list(later.invoices)
    assert min(s.on for s in later.sightings) >= begin
    assert recorded_for(own.records, 0, UNTIL).invoices == () == recorded_for(own.records, 0, UNTIL).searches
    assert own.records.searches and all(s.opened_on >= begin for s in later.searches)


def test_heavy_tails_move_the_extremes_and_not_the_middle():
    plain, heavy = (days_to_pay(kind, THETA, 0.0, log_days(30), 0, [0.5, 0.99]) for kind in (OWN, HEAVY_TAILS))
    assert heavy[0] == pytest.approx(plain[0])
    assert heavy[1] > 1.5 * plain[1]


def test_open_invoices_go_missing_more_than_settled_ones():
    whole, holed = (told(kind, clients=30).world.records.invoices for kind in (OWN, MISSING))

    def open_share(invoices):
        return np.mean([i.paid_on is None for i in invoices])

    assert len(holed) < 0.9 * len(whole)
    assert open_share(holed) < 0.8 * open_share(whole)


def test_a_season_moves_hours_and_payments():
    summer, winter = (days_to_pay(SEASONS, THETA, 0.0, log_days(30), month, 0.5) for month in (6, 0))
    assert winter > summer + 20
    hours = told(SEASONS).world.records.hours
    spring, autumn = (sum(h.hours for h in hours if h.on.month in months) for months in ((2, 3, 4), (8, 9, 10)))
    assert spring > 1.3 * autumn


def test_a_turn_of_character_is_in_the_last_months_and_stays():
    told_world = told(TURNS)
    assert (told_world.apart.max(axis=1) == 2.0).all()
    assert ((told_world.apart > 0).sum(axis=1) == 1).all()


def test_the_second_of_a_pair_of_signs_is_seen_where_the_first_is():
    heard = {(s.client, s.sign, s.on) for s in told(ECHOES).world.records.sightings}
    alike = [s.id for s in CATALOGUE.ticked if s.measured_by is None and s.trait == "conduct" and not s.is_good]
    first, second = ({(c, d) for c, sign, d in heard if sign == name} for name in alike[:2])
    assert first and first == second


def test_bursts_crowd_the_signs_of_a_month():
    def spread(kind):
        counts: dict[tuple[str, int], int] = {}
        for s in told(kind, clients=40).world.records.sightings:
            if not CATALOGUE[s.sign].is_good:
                counts[(s.client, 12 * s.on.year + s.on.month)] = (
                    counts.get((s.client, 12 * s.on.year + s.on.month), 0) + 1
                )
        values = np.array(list(counts.values()))
        return values.var() / values.mean()

    assert spread(BURSTS) > 1.5 * spread(OWN)


def test_useless_signs_do_not_go_with_the_strain():
    def slope(kind):
        world = told(kind, clients=60, months=12).world
        counts = [
            sum(s.client == name and not CATALOGUE[s.sign].is_good for s in world.records.sightings)
            for name in world.clients
        ]
        return np.corrcoef(counts, [path.mean() for path in world.strain])[0, 1]

    assert slope(OWN) > 0.5
    assert abs(slope(USELESS)) < 0.35


def test_whoever_goes_on_or_leaves_against_the_truth_after_a_refusal_loses_by_it(own):
    asks = (ASK,) * len(own.clients)
    everyone = np.ones(len(asks), dtype=bool)
    free, kept, left = own.truth.values_with(asks, [None, everyone, ~everyone])
    better = kept[:, 1] >= left[:, 1]
    right, wrong = own.truth.values_with(asks, [better, ~better])
    assert right == pytest.approx(free) and free[:, 1] == pytest.approx(np.maximum(kept, left)[:, 1])
    assert (wrong[:, 1] < free[:, 1]).all()
    assert wrong[:, [0, 2]] == pytest.approx(free[:, [0, 2]])
