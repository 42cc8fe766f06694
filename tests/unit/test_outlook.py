"""Simulated futures and expected ones tell the same story of the months ahead."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from model import catalogue as signs
from model.belief import Belief, update
from model.days import log_days
from model.forecast import Ask, Forecast, Market, Outlook, Paths
from model.outlook import Known, eased, eased_of_some, newcomers, outlook
from model.population import Population, from_prior
from model.records import CheckIn, Client, Records, Sighting
from model.reply import outcome_probabilities

CATALOGUE = signs.load()
TODAY = date(2026, 6, 20)
MONTHS = 8
MANY = from_prior(CATALOGUE, rng=np.random.default_rng(4), n_samples=4000)
FEW = MANY.thinned(50)
CLIENTS = tuple(Client(name=n, currency="EUR", since=date(2026, 1, 1), billing="hourly") for n in ("Anna", "Bo"))
RECORDS = Records(
    clients=CLIENTS,
    checkins=tuple(CheckIn(client="Bo", month=date(2026, m, 1), energy=2) for m in (3, 4, 5)),
    sightings=(Sighting(client="Bo", on=date(2026, 4, 2), sign="disrespect"),),
)


def believed(population: Population, records: Records = RECORDS) -> Belief:
    return update(population, records, CATALOGUE, today=TODAY)


def ahead(population: Population, ask: Ask, belief: Belief | None = None, months: int = MONTHS) -> Outlook:
    one = np.ones(population.n_samples)
    market = Market(win_rate=0.3 * one, fee_per_month=1000 * one, hours_per_month=20 * one, fee_log_sd=0.3 * one)
    held = belief or believed(population)
    return outlook(
        population, held, log_terms=np.full(len(held.clients), log_days(30.0)), market=market, horizon_months=months,
        newcomers=newcomers(population, log_terms=log_days(30.0), horizon_months=months),
        asks=(ask,) * len(held.clients),
    )  # fmt: skip


def agree(expected: Forecast, paths: Paths, clients: slice) -> None:
    """Every monthly mean, over those still there, within four standard errors; (sample, client, month) arrays."""
    months = expected.energy.shape[2]
    there = paths.left_in[..., None] >= np.arange(months + 1)
    alive = expected.alive[:, clients]
    _close(there[:, clients] - alive)
    for lived, expectation in (
        (paths.hours_ratio, expected.hours_ratio), (paths.energy, expected.energy),
        (1 - paths.paid, expected.never_paid), (paths.referrals, expected.referrals),
    ):  # fmt: skip
        _close(there[:, clients, :-1] * lived[:, clients] - alive[..., :-1] * expectation[:, clients])


def _close(difference: np.ndarray) -> None:
    # Clients and draws share nothing but the population; the mean over clients is one number per draw.
    per_draw = difference.mean(axis=1)
    error = per_draw.std(axis=0) / np.sqrt(len(per_draw))
    assert (np.abs(per_draw.mean(axis=0)) <= 4 * error + 1e-12).all()


@pytest.mark.parametrize("client", [0, 1])
def test_simulated_futures_of_a_client_agree_with_what_is_expected_of_it(client: int):
    made = ahead(MANY, Ask())
    only = slice(client, client + 1)
    agree(made.base, made.base_paths, only)
    agree(made.accepted, made.accepted_paths, only)


def test_simulated_newcomers_agree_with_what_is_expected_of_a_newcomer():
    unknown = newcomers(MANY, log_terms=log_days(30.0), horizon_months=MONTHS)
    n = unknown.paths.left_in.shape[1]
    repeated = {
        name: np.repeat(getattr(unknown.forecast, name), n, axis=1)
        for name in ("alive", "hours_ratio", "never_paid", "days_to_pay", "energy", "referrals")
    }
    agree(replace(unknown.forecast, clients=unknown.paths.clients, **repeated), unknown.paths, slice(None))


def test_a_client_nobody_has_seen_is_expected_to_be_like_a_newcomer():
    made = ahead(MANY, Ask())
    # The client's strain today is one draw, the newcomer's is unknown: their means over the draws, of those who
    # are still there, are the same.
    lived = [ahead.alive[:, 0, :-1] * ahead.energy[:, 0] for ahead in (made.base, made.newcomer)]
    difference = lived[0] - lived[1]
    assert (np.abs(difference.mean(axis=0)) < 4 * difference.std(axis=0) / np.sqrt(len(difference))).all()


def test_the_chance_of_still_being_there_falls_from_one_and_every_number_is_possible():
    made = ahead(FEW, Ask())
    alive = made.base.alive
    assert (alive[..., 0] == 1).all() and (np.diff(alive, axis=2) < 0).all() and (alive > 0).all()
    assert ((made.base.energy > 1) & (made.base.energy < 5)).all()
    assert ((made.base.never_paid > 0) & (made.base.never_paid < 1)).all()
    assert (made.base.hours_ratio > 0).all() and (made.base.days_to_pay >= 0).all()
    assert set(np.unique(made.base_paths.energy)) <= {1, 2, 3, 4, 5}
    assert set(np.unique(made.base_paths.paid)) <= {0, 1}


def test_the_four_outcomes_of_an_ask_are_probabilities_and_a_dearer_ask_is_refused_more():
    strain = believed(FEW).strain
    small, large = (outcome_probabilities(FEW.theta, strain, [Ask(price_pct=p)] * 2) for p in (5.0, 40.0))
    assert np.allclose(small.sum(axis=2), 1.0) and (small >= 0).all()
    assert (large[..., 0] < small[..., 0]).all() and (large[..., 3] > small[..., 3]).all()


def test_an_accepted_scope_cap_brings_fewer_hours_and_half_of_it_half_as_many_less():
    made = ahead(FEW, Ask(scope=True))
    assert (made.accepted.hours_ratio < made.partly.hours_ratio).all()
    assert (made.partly.hours_ratio < made.base.hours_ratio).all()
    price_only = ahead(FEW, Ask(scope=False))
    assert np.array_equal(price_only.accepted.hours_ratio, price_only.base.hours_ratio)


def test_office_hours_ease_conduct_and_meet_the_resistance_of_a_scope_cap():
    plain, hours = (ahead(FEW, Ask(price_pct=0.0, scope=False, office_hours=asked)) for asked in (False, True))
    assert (hours.accepted.energy > plain.accepted.energy).all()
    # From the second month on others are left, so their hours differ too.
    assert np.array_equal(hours.accepted.hours_ratio[..., 0], plain.accepted.hours_ratio[..., 0])
    assert np.array_equal(hours.outcomes, ahead(FEW, Ask(price_pct=0.0)).outcomes)


def test_forecasts_to_compare_asks_by_are_those_of_the_outlook():
    wishes, chosen, held = (Ask(scope=False), Ask(terms=True, office_hours=True)), np.array([0, 3, 4]), believed(FEW)
    log_terms = np.full(len(held.clients), log_days(30.0))
    compared = eased(FEW, held, log_terms=log_terms, horizon_months=MONTHS, wishes=wishes, chosen=chosen)
    for wish, forecast in zip(wishes, compared, strict=True):
        whole = ahead(FEW, wish).accepted
        for name in ("alive", "hours_ratio", "never_paid", "energy"):
            assert np.array_equal(getattr(forecast, name), getattr(whole, name)[chosen])


def test_a_forecast_after_wishes_is_made_of_those_they_are_asked_of():
    wishes, chosen, held = (Ask(scope=False), Ask().wish), np.arange(5), believed(FEW)
    asking = {"log_terms": np.array([log_days(30.0), log_days(14.0)]), "horizon_months": MONTHS, "chosen": chosen}
    every = eased(FEW, held, wishes=wishes, **asking)
    some = eased_of_some(FEW, held, wishes=wishes, asked=np.array([[True, True], [False, True]]), **asking)
    first, second = held.clients
    assert some.clients == (first, second, second)
    parts = some.beside(slice(0, 2)), some.beside(slice(2, 3))
    for field in fields(some)[1:]:
        assert np.array_equal(getattr(parts[0], field.name), getattr(every[0], field.name))
        assert np.array_equal(getattr(parts[1], field.name), getattr(every[1], field.name)[:, 1:])
    known = Known(chosen=chosen, forecasts=dict(zip(wishes, parts, strict=True)))
    assert known.after([wishes[1]], (first,)) is None
    mixed = known.after(list(wishes), (first, second))
    assert mixed is not None and np.array_equal(mixed.energy[:, 1], every[1].energy[:, 1])
    assert np.array_equal(mixed.energy[:, 0], every[0].energy[:, 0])


@pytest.mark.parametrize("chosen", [np.arange(0, 50, 3), np.arange(50)])
@pytest.mark.parametrize("asked", [(Ask(), Ask()), (Ask(), Ask(scope=False, terms=True)), (Ask(scope=False), Ask())])
def test_an_outlook_is_the_same_where_part_of_it_is_known(chosen: np.ndarray, asked: tuple[Ask, Ask]):
    belief, terms = believed(FEW), np.array([log_days(30.0), log_days(14.0)])
    newest = newcomers(FEW, log_terms=log_days(30.0), horizon_months=MONTHS)
    wishes = (Ask(price_pct=0.0, scope=False), Ask().wish, Ask(scope=False, terms=True).wish)
    compared = eased(FEW, belief, log_terms=terms, horizon_months=MONTHS, wishes=wishes, chosen=chosen)
    known = Known(chosen=chosen, forecasts=dict(zip(wishes, compared, strict=True)))
    fresh, reused = (
        outlook(
            FEW, belief, log_terms=terms, newcomers=newest, market=ahead(FEW, Ask()).market, horizon_months=MONTHS,
            asks=asked, known=one,
        )
        for one in (None, known)
    )  # fmt: skip
    for part in ("base", "accepted", "partly"):
        one, other = getattr(fresh, part), getattr(reused, part)
        assert one.clients == other.clients
        assert all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)[1:])


def test_another_client_and_another_order_leave_a_clients_futures_as_they_were():
    both = ahead(FEW, Ask())
    alone = ahead(FEW, Ask(), believed(FEW, RECORDS.of("Bo")))
    assert np.array_equal(both.base.energy[:, 1], alone.base.energy[:, 0])
    assert np.array_equal(both.base_paths.left_in[:, 1], alone.base_paths.left_in[:, 0])


def test_a_longer_horizon_leaves_the_earlier_months_as_they_were():
    short, long = (ahead(FEW, Ask(), months=months) for months in (4, 9))
    assert np.array_equal(short.base.hours_ratio, long.base.hours_ratio[..., :4])
    assert np.array_equal(short.base_paths.energy, long.base_paths.energy[..., :4])
    assert np.array_equal(short.base_paths.left_in, np.minimum(long.base_paths.left_in, 4))
