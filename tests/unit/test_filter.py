"""A month is taken up once: the belief is the same whether records came one by one or all at once."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import belief as beliefs
from model import catalogue as signs
from model.belief import Belief, update
from model.path import strain_path
from model.population import from_prior
from model.records import CheckIn, Invoice, Records, Sighting
from model.simulate import simulate, typical_population

CATALOGUE = signs.load()
TODAY = date(2026, 6, 30)
DRAWS = from_prior(CATALOGUE, rng=np.random.default_rng(2), n_samples=6)
WORLD = simulate(
    typical_population(CATALOGUE), CATALOGUE, clients=3, months=14, until=TODAY, rng=np.random.default_rng(8)
).records
ACTIVE = WORLD.clients[0].name


def believed(records: Records, earlier: Belief | None = None) -> Belief:
    return update(DRAWS, records, CATALOGUE, today=TODAY, earlier=earlier)


def assert_same(one: Belief, other: Belief) -> None:
    for field in ("mean", "cov", "latent", "strain", "shift", "after"):
        assert np.array_equal(getattr(one, field), getattr(other, field)), field
    assert one.months == other.months


def with_one_more(records: Records, kind: str, months_ago: int) -> Records:
    day = date(2026, 6, 10) - timedelta(days=30 * months_ago)
    if kind == "sighting":
        return replace(records, sightings=(*records.sightings, Sighting(client=ACTIVE, on=day, sign="lies")))
    if kind == "payment":
        paid = [replace(i, paid_on=TODAY) if i.client == ACTIVE and i.paid_on is None else i for i in records.invoices]
        late = Invoice(client=ACTIVE, number="late", issued=day, due=day + timedelta(days=14), amount=Decimal(10),
                       currency="EUR", paid_on=TODAY)  # fmt: skip
        return replace(records, invoices=(*paid, late))
    month = day.replace(day=1)
    rest = tuple(c for c in records.checkins if (c.client, c.month) != (ACTIVE, month))
    return replace(records, checkins=(*rest, CheckIn(client=ACTIVE, month=month, energy=1)))


@given(kind=st.sampled_from(["sighting", "payment", "check-in"]), months_ago=st.integers(0, 13))
def test_a_record_taken_up_later_gives_the_same_belief_as_all_records_at_once(kind: str, months_ago: int):
    after = with_one_more(WORLD, kind, months_ago)
    assert_same(believed(after, earlier=believed(WORLD)), believed(after))


@given(kind=st.sampled_from(["sighting", "payment", "check-in"]), months_ago=st.integers(0, 13))
def test_a_record_taken_back_leaves_the_belief_of_before(kind: str, months_ago: int):
    before = believed(WORLD)
    assert_same(believed(WORLD, earlier=believed(with_one_more(WORLD, kind, months_ago), earlier=before)), before)


def test_a_month_that_did_not_change_is_not_filtered_again(monkeypatch: pytest.MonkeyPatch):
    begun: list[list[int]] = []
    real = beliefs.filter_draws

    def watched(theta, data, begin, *rest):
        begun.append(begin.tolist())
        return real(theta, data, begin, *rest)

    before = believed(WORLD)
    monkeypatch.setattr(beliefs, "filter_draws", watched)
    believed(with_one_more(WORLD, "sighting", 1), earlier=before)
    months = [len(recorded) for recorded in before.months]
    assert begun[0][0] == months[0] - 2, "of the client with a new record, from its month on"
    assert begun[0][1:] == months[1:], "of the others, nothing"


def test_months_before_those_that_are_kept_are_filtered_from_the_start(monkeypatch: pytest.MonkeyPatch):
    begun: list[list[int]] = []
    real = beliefs.filter_draws

    def watched(theta, data, begin, *rest):
        begun.append(begin.tolist())
        return real(theta, data, begin, *rest)

    before = believed(WORLD)
    monkeypatch.setattr(beliefs, "filter_draws", watched)
    believed(with_one_more(WORLD, "sighting", 12), earlier=before)
    assert begun[0][0] == 0


def test_looking_back_ends_where_the_belief_of_today_is():
    path = strain_path(DRAWS, WORLD, ACTIVE, CATALOGUE, today=TODAY)
    mean, sd = believed(WORLD).summary(ACTIVE)
    # The filter takes each month up once, the smoother in the light of all: a few hundredths of a deviation apart.
    assert np.abs(path.mean[-1] - mean).max() < 0.1 * sd.max()
    assert np.allclose(path.sd[-1], sd, rtol=0.1)
    assert len(path.month) == len(path.mean) == 14
