"""The best ask with each client, and the curve it is picked from."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from model import catalogue as signs
from model.asks import PRICES, WISHES, AskCurves, granted, in_the_running, open_to
from model.forecast import Ask
from model.judged import Judgement
from model.judgement import judge, rejudge
from model.population import from_prior
from model.records import CheckIn, Client, Event, Hours, Records
from model.reply import outcome_probabilities, relief, unlearned
from model.settings import Settings

CATALOGUE = signs.load()
TODAY = date(2026, 6, 20)
POPULATION = from_prior(CATALOGUE, rng=np.random.default_rng(8), n_samples=100)
NAMES = ("Anchor", "Barge", "Canoe")
PLAIN = Ask(price_pct=0.0, scope=False)
MONTHS = range(1, 6)


def portfolio(*events: Event, capacity: float = 100.0) -> Records:
    return Records(
        clients=tuple(
            Client(
                name=name, currency="EUR", since=date(2026, 1, 1), billing="retainer", fee_per_month=Decimal(2400),
                agreed_hours_per_month=30.0,
            )
            for name in NAMES
        ),
        checkins=tuple(CheckIn(client=n, month=date(2026, m, 1), energy=3) for n in NAMES for m in MONTHS),
        hours=tuple(Hours(client=n, on=date(2026, m, 28), hours=33.0) for n in NAMES for m in MONTHS),
        events=events,
        settings=Settings(horizon_months=24, capacity_hours_per_month=capacity),
    )  # fmt: skip


def judged(*events: Event, capacity: float = 100.0, **options) -> Judgement:
    return judge(portfolio(*events, capacity=capacity), POPULATION, today=TODAY, **options)


def gain(judgement: Judgement, client: str = "Anchor") -> float:
    value = judgement.net_benefit.sel(client=client).mean("sample")
    return float(value.sel(action="renegotiate") - value.sel(action="keep"))


def asked(result: str, *, scope: bool = False, terms: bool = False) -> Event:
    return Event(
        client="Anchor", on=date(2026, 3, 3), kind="renegotiation", ask_price_pct=5.0, ask_scope=scope, ask_terms=terms,
        result=result,
    )  # fmt: skip


def test_the_curve_says_what_the_ask_is_worth_once_it_is_judged():
    judgement = judged()
    for wish, price in [(0, 3), (0, 6), (4, 2), (7, 1)]:
        ask = replace(WISHES[wish], price_pct=PRICES[price])
        found = gain(rejudge(judgement, ask=ask))
        # Where strain is eased, a partly accepted ask is valued between two strains instead of at the middle one.
        slack = 1.0 if wish == 0 else 40.0
        assert judgement.asks.of("Anchor")[wish, price] == pytest.approx(found, abs=slack)


def test_every_client_is_asked_for_what_gains_nearly_most():
    judgement = judged()
    for decision in judgement.decisions:
        curve = judgement.asks.of(decision.client)
        wish = WISHES.index(replace(decision.ask, price_pct=0.0))
        got = curve[wish, PRICES.index(decision.ask.price_pct)]
        assert got >= 0.995 * curve.max() - 1e-9


def test_a_smaller_ask_that_gains_nearly_as_much_is_preferred():
    curve = np.full((len(WISHES), len(PRICES)), -100.0)
    curve[7, 5], curve[0, 4], curve[0, 2] = 1000.0, 996.0, 990.0
    curves = AskCurves(clients=("Anchor",), gain=curve[None])
    assert curves.best("Anchor", PLAIN) == Ask(price_pct=20.0, scope=False)
    curve[0, 2] = 995.5
    assert curves.best("Anchor", PLAIN) == Ask(price_pct=10.0, scope=False)


def test_a_wish_out_of_the_running_is_not_asked_for_however_much_it_seems_to_gain():
    curve, running = np.full((len(WISHES), len(PRICES)), -100.0), np.ones((1, len(WISHES)), dtype=bool)
    curve[7, 5], curve[0, 4] = 1000.0, 800.0
    running[0, 7] = False
    best = AskCurves(clients=("Anchor",), gain=curve[None], running=running).best("Anchor", PLAIN)
    assert best == Ask(price_pct=20.0, scope=False)


def test_where_only_the_ask_is_wanted_the_answer_is_the_same_and_few_wishes_are_looked_at_closely():
    events = (asked("accepted", terms=True),)
    every, best = judged(*events), judged(*events, every_ask=False)
    assert best.decisions == every.decisions
    assert np.array_equal(best.worth, every.worth) and np.array_equal(best.lived, every.lived)
    assert np.array_equal(best.asks.running, every.asks.running)
    assert np.array_equal(best.asks.gain[best.asks.running], every.asks.gain[every.asks.running])
    running = best.asks.running
    assert running.any(axis=1).all() and not running.all(axis=1).any()
    # What was granted is not in the running either.
    assert not running[0, [wish.terms for wish in WISHES]].any()
    assert rejudge(best).asks.gain.min() > -np.inf


def test_a_wish_is_in_the_running_as_long_as_chance_may_have_put_it_behind():
    gain = np.full((1, len(WISHES), len(PRICES)), -100.0)
    gain[0, 1, 2], gain[0, 7, 5] = 1000.0, 5000.0
    possible = np.ones(gain.shape, dtype=bool)
    possible[0, 7] = False  # granted before: whatever it gains, nothing is behind it
    behind = np.array([[15.0, 0.0, 6.0, 24.0, 26.0, 4.0, 900.0, np.inf]])
    error = np.array([[0.0, 0.0, 0.0, 10.0, 10.0, 0.0, 440.0, 0.0]])
    running = in_the_running(gain, behind, error, possible)
    assert running.tolist() == [[False, True, False, True, False, True, False, False]]


def test_nothing_at_all_is_never_the_ask():
    curve = np.full((len(WISHES), len(PRICES)), -100.0)
    curve[0, 0] = -10.0
    best = AskCurves(clients=("Anchor",), gain=curve[None]).best("Anchor", PLAIN)
    assert best != PLAIN and (best.price_pct or best.scope or best.terms or best.office_hours)


def test_office_hours_are_not_asked_for_again_where_records_cannot_tell_them_from_what_was_granted():
    possible = open_to(granted(judged(asked("accepted", scope=True)).records.of("Anchor")))
    for wish, prices in zip(WISHES, possible, strict=True):
        assert prices.any() == (not wish.scope and not wish.office_hours)
    # Terms that were granted say nothing of office hours.
    possible = open_to(granted(judged(asked("accepted", terms=True)).records.of("Anchor")))
    assert all(prices.any() == (not wish.terms) for wish, prices in zip(WISHES, possible, strict=True))


def test_what_was_granted_is_not_asked_for_again():
    free, told = judged(), judged(asked("accepted", scope=True, terms=True))
    assert granted(told.records.of("Anchor")) == Ask(price_pct=0.0, scope=True, terms=True, office_hours=True)
    assert granted(judged(asked("partly", scope=True)).records.of("Anchor")) == PLAIN
    ask = told.of("Anchor").ask
    assert not ask.scope and not ask.terms
    curve = np.zeros((len(WISHES), len(PRICES)))
    curve[WISHES.index(Ask(price_pct=0.0, scope=True, terms=True))] = 500.0
    curves = AskCurves(clients=("Anchor",), gain=curve[None])
    assert curves.best("Anchor", PLAIN).scope and not curves.best("Anchor", Ask(price_pct=0.0)).scope
    assert free.of("Barge").ask == told.of("Barge").ask


def test_with_nothing_logged_a_tenth_more_is_even_odds_and_few_leave_over_it():
    usual = outcome_probabilities(
        from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=2000).theta,
        np.zeros((2000, 1, 4)),
        [Ask(price_pct=10.0, scope=False)],
    ).mean(axis=(0, 1))
    assert 0.4 < usual[0] < 0.6 and usual[3] < 0.08
    # Of a rise, between a third and two thirds arrives.
    bold = outcome_probabilities(POPULATION.theta, np.zeros((100, 1, 4)), [Ask(price_pct=20.0, scope=False)])
    assert 0.33 < bold[:, 0, 0].mean() + 0.5 * bold[:, 0, 1].mean() < 0.66


def test_with_nothing_logged_an_ordinary_client_is_asked_for_a_modest_rise():
    for decision in judged().decisions:
        assert 0 < decision.ask.price_pct <= 25.0


def test_a_client_hard_to_replace_is_asked_for_less():
    # In an empty calendar whoever leaves over the ask leaves hours that are free already.
    scarce, plenty = judged(capacity=100.0), judged(capacity=1000.0)
    assert plenty.of("Anchor").ask.price_pct < scarce.of("Anchor").ask.price_pct
    assert gain(plenty) < gain(scarce)


def test_a_rise_costs_some_of_the_time_a_client_would_have_stayed():
    judgement = judged(ask=Ask(price_pct=20.0, scope=False))
    worn = judgement.outlook
    from model import actions

    def value(outlook):
        found = actions.net_benefit(outlook, judgement.terms, judgement.settings).mean("sample")
        return found.sel(action="renegotiate").values, found.sel(action="keep").values

    asked_for, kept = value(worn)
    free, same = value(replace(worn, wear=0 * worn.wear))
    assert (asked_for < free).all() and kept == pytest.approx(same)


def test_what_no_record_tells_of_repeats_with_its_seed():
    many, again = unlearned(9, seed=3), unlearned(9, seed=3)
    assert np.array_equal(again.wear, many.wear) and np.array_equal(again.office_hours, many.office_hours)
    assert not np.array_equal(many.wear, unlearned(9, seed=4).wear)
    assert (many.wear > 0).all() and (many.wear < 0.1).all()


def test_each_wish_eases_its_own_trait():
    apart = unlearned(100, seed=1)
    eased = relief(POPULATION.theta, WISHES, apart).mean(axis=0)
    for wish, traits in zip(WISHES, eased, strict=True):
        assert [bool(part) for part in traits] == [wish.terms, wish.scope, wish.office_hours, False]
