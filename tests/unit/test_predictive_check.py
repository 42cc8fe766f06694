"""Records the model made pass its checks; records it could not have made stick out."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from model import catalogue as signs
from model.belief import believe
from model.observations import observe
from model.parameters import Layout
from model.population import Population
from model.predictive_check import PredictiveCheck, predictive_check
from model.records import Records
from model.replica import replicate
from model.simulate import simulate, typical_population

CATALOGUE = signs.load()
THETA = typical_population(CATALOGUE)
TODAY = date(2026, 6, 30)
TRUTH = Population(
    theta=np.repeat(THETA[None], 250, axis=0), names=Layout.of(CATALOGUE).names(CATALOGUE), basis="prior"
)


def world(seed: int, clients: int = 8, months: int = 18) -> Records:
    return simulate(
        THETA, CATALOGUE, clients=clients, months=months, until=TODAY, rng=np.random.default_rng(seed)
    ).records


def checked(records: Records, population: Population = TRUTH) -> PredictiveCheck:
    return predictive_check(population, records, CATALOGUE, today=TODAY, rng=np.random.default_rng(3))


def test_records_of_the_model_lie_outside_of_90_percent_about_as_often_as_they_should():
    found = [checked(world(seed)) for seed in range(5)]
    figures = [check for one in found for check in one.figures]
    # Conservative, for the strain is believed from these very records; and many figures are counts of a few.
    assert 0.005 < sum(one.outside for one in found) / len(figures) < 0.13
    assert sum(check.sticks_out for check in figures) / len(figures) < 0.02
    # One portfolio in a hundred shows a pair by luck; the pairs within one are not independent.
    assert sum(any(pair.sticks_out for pair in one.pairs) for one in found) <= 1


def test_the_same_sighting_under_two_signs_is_found_as_a_pair():
    records = world(1)
    often = [s.id for s in CATALOGUE.ticked if s.kind == "monthly" and s.measured_by is None and not s.is_good]
    often.sort(key=lambda sign: -sum(s.sign == sign for s in records.sightings))
    one, other = often[0], next(s for s in often[1:] if CATALOGUE[s].trait == CATALOGUE[often[0]].trait)
    kept = tuple(s for s in records.sightings if s.sign != other)
    twice = tuple(replace(s, sign=other) for s in kept if s.sign == one)
    found = checked(replace(records, sightings=kept + twice))
    labels = {CATALOGUE[one].label, CATALOGUE[other].label}
    assert set(found.pairs[0].of.split(" + ")) == labels and found.pairs[0].sticks_out
    assert found.pairs[0].observed > found.pairs[0].high and found.pairs[0].sentence in found.sentences


def test_payments_with_heavier_tails_than_the_model_has_stick_out():
    records = world(2)
    paid = [invoice for invoice in records.invoices if invoice.paid_on and invoice.issued < date(2025, 9, 1)]
    slow = {
        invoice: replace(invoice, paid_on=invoice.issued + timedelta(days=250))
        for invoice in np.random.default_rng(4).choice(np.array(paid, dtype=object), len(paid) // 5, replace=False)
    }
    found = checked(replace(records, invoices=tuple(slow.get(i, i) for i in records.invoices)))
    out = [check.of for check in found.figures if check.what.startswith("days after") and check.sticks_out]
    assert out and all(sentence.endswith(".") for sentence in found.sentences)
    plain = checked(records)
    assert not [c for c in plain.figures if c.what.startswith("days after") and c.sticks_out]


def test_more_work_than_agreed_everywhere_sticks_out():
    records = world(3)
    found = checked(replace(records, hours=tuple(replace(h, hours=3 * h.hours) for h in records.hours)))
    assert "hours worked per hour agreed" in {check.what for check in found.figures if check.sticks_out}


def test_the_drawn_path_ends_where_the_instant_update_believes_the_strain_to_be():
    # An ask of the last month eases the strain of today, not that of the month it was made in.
    records = replace(world(5, clients=2), events=())
    many = replace(TRUTH, theta=np.repeat(THETA[None], 3000, axis=0))
    made = replicate(many, records, CATALOGUE, today=TODAY, rng=np.random.default_rng(6))
    belief = believe(many.thinned(1), observe(records, CATALOGUE, TODAY), CATALOGUE)
    lasts = made.observed.first_row[1:] - 1
    for c, row in enumerate(lasts):
        if made.observed.month[row] != belief.today:
            continue
        drawn = made.strain[:, row]
        sd = np.sqrt(np.diag(belief.cov[0, c]))
        assert np.abs((drawn.mean(axis=0) - belief.mean[0, c]) / sd).max() < 0.1
        assert np.abs(drawn.std(axis=0) / sd - 1).max() < 0.06
    # The strain of one month and of the next are tied together as the drift between them says.
    row = made.observed.first_row[0] + 4
    now, then = (made.strain[:, r, 0] for r in (row, row + 1))
    assert np.corrcoef(now, then)[0, 1] > 0.6


def test_a_portfolio_without_records_has_nothing_to_check_but_does_not_fail():
    found = checked(Records())
    assert found.figures == () and found.pairs == () and found.sentences == ()


@pytest.mark.parametrize("kind", ["invoices", "hours", "checkins", "events"])
def test_a_kind_of_record_that_is_not_there_is_not_checked(kind: str):
    lacking: dict[str, tuple[()]] = {kind: ()}
    if kind == "checkins":
        lacking["sightings"] = ()
    full, less = (checked(r) for r in (world(1), replace(world(1), **lacking)))
    assert len(less.figures) <= len(full.figures)
    assert all(np.isfinite([c.observed, c.low, c.middle, c.high, c.tail]).all() for c in less.figures)
