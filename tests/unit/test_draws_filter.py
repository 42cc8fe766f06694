"""Many draws filtered side by side are believed to be what each is believed to be alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from model import catalogue as signs
from model.belief import TOLERANCE
from model.draws_filter import absences, filter_draws
from model.filter import filter_client
from model.lanes import LANES
from model.likelihood import kernel_data
from model.observations import AT_ONCE, OPEN, PAID, WRITTEN_OFF, Observations, observe
from model.population import from_prior
from model.profile import ordinary_profiles
from model.records import Event, Invoice, Records
from model.sign_likelihood import absence_tables
from model.simulate import simulate, typical_population

CATALOGUE = signs.load()
TODAY = date(2026, 6, 30)
# As many draws as are worked on at once, and some more.
THETA = from_prior(CATALOGUE, rng=np.random.default_rng(2), n_samples=LANES + 5).theta


@pytest.fixture(scope="module")
def seen() -> Observations:
    rng = np.random.default_rng(8)
    world = simulate(
        typical_population(CATALOGUE), CATALOGUE,
        clients=ordinary_profiles(8, months=20, until=TODAY, rng=rng), months=20, until=TODAY, rng=rng,
    ).records  # fmt: skip
    observations = observe(with_every_kind_of_record(world), CATALOGUE, TODAY)
    assert {PAID, OPEN, WRITTEN_OFF, AT_ONCE} <= set(observations.invoice_state)
    assert len(observations.ask_outcome) > 3 and (observations.referrals > 0).any()
    return observations


def with_every_kind_of_record(world: Records) -> Records:
    name, events = world.clients[0].name, []
    invoices = [
        Invoice(client=name, number=f"n{day}", issued=date(year, 3, day), due=date(year, 4, 1), amount=Decimal(10),
                currency="EUR", **how)
        # A write-off counts as one from a year past due on.
        for year, day, how in (
            (2025, 1, {"written_off": Decimal(10)}), (2026, 2, {"paid_on": date(2026, 3, 2)}), (2026, 3, {})
        )
    ]  # fmt: skip
    for month, (result, price) in enumerate(
        [("accepted", 10.0), ("partly", 20.0), ("refused_stayed", 50.0), ("refused_left", 30.0)], start=1
    ):
        events.append(
            Event(client=name, on=date(2026, month, 5), kind="renegotiation", result=result, ask_price_pct=price,
                  ask_scope=month % 2 == 0, ask_terms=month > 2)
        )  # fmt: skip
    events.append(Event(client=name, on=date(2026, 2, 9), kind="referral"))
    return replace(world, invoices=(*world.invoices, *invoices), events=(*world.events, *events))


def one_by_one(observations: Observations) -> tuple[np.ndarray, np.ndarray]:
    data = kernel_data(observations, CATALOGUE)
    mean = np.zeros((len(THETA), observations.n_rows, 4))
    cov = np.zeros((len(THETA), observations.n_rows, 4, 4))
    for s, theta in enumerate(THETA):
        tables = absence_tables(theta, data)
        for c in range(len(observations.clients)):
            rows = slice(data.first_row[c], data.first_row[c + 1])
            filter_client(theta, data, tables, c, 0, TOLERANCE, mean[s, rows], cov[s, rows])
    return mean, cov


def side_by_side(observations: Observations, draws: int = len(THETA)) -> tuple[np.ndarray, np.ndarray]:
    mean, cov = np.zeros((draws, observations.n_rows, 4)), np.zeros((draws, observations.n_rows, 4, 4))
    begin = np.zeros(len(observations.clients), dtype=np.int64)
    data = kernel_data(observations, CATALOGUE)
    filter_draws(THETA[:draws], data, begin, absences(THETA[:draws], data), TOLERANCE, mean, cov)
    return mean, cov


def test_every_draw_is_believed_to_be_what_it_is_alone(seen: Observations):
    for found, alone in zip(side_by_side(seen), one_by_one(seen), strict=True):
        np.testing.assert_allclose(found, alone, rtol=1e-9, atol=1e-9)


def test_no_draw_depends_on_its_neighbours(seen: Observations):
    for few, all_of_them in zip(side_by_side(seen, 3), side_by_side(seen), strict=True):
        assert np.array_equal(few, all_of_them[:3])
