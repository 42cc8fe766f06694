"""What a simulated future comes to is what its months add up to, told one draw and one client at a time."""

import numpy as np
import pytest

from model.lived import Path, Stakes, stayed, went
from model.parameters import Array

DRAWS, CLIENTS, MONTHS = 40, 3, 9
SHAPE = DRAWS, CLIENTS, MONTHS


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.fixture
def path(rng: np.random.Generator) -> Path:
    return Path(
        hours=rng.uniform(0.5, 2, SHAPE), paid=rng.integers(0, 2, SHAPE).astype(float), days=rng.uniform(0, 90, SHAPE),
        energy=rng.integers(1, 6, SHAPE).astype(float), referrals=rng.integers(0, 5, SHAPE).astype(float),
        left_in=rng.integers(0, MONTHS + 3, SHAPE[:2]),
    )  # fmt: skip


@pytest.fixture
def stakes(rng: np.random.Generator) -> Stakes:
    return Stakes(
        fixed_fee=np.array([2000.0, 0.0, 500.0]), fee_per_ratio=np.array([0.0, 900.0, 300.0]),
        cost_of_hours=np.array([500.0, 700.0, 0.0]), strain=300.0, most_leads=2.0, lead=rng.uniform(0, 900, MONTHS),
        per_day=1e-3, discount=0.99 ** np.arange(MONTHS + 1), slot=rng.normal(0, 1e4, (MONTHS + 1, DRAWS, CLIENTS)),
        queue=rng.integers(0, MONTHS + 1, SHAPE[:2]), relief=rng.uniform(0, 100, SHAPE[:2]),
        relief_months=np.arange(MONTHS, -1.0, -1.0), prepaid=np.array([0.0, 50.0, 900.0]),
    )  # fmt: skip


def months(path: Path, stakes: Stakes, s: int, c: int, factor: float) -> Array:
    fee = factor * (stakes.fixed_fee[c] + stakes.fee_per_ratio[c] * path.hours[s, c])
    return np.asarray(
        fee * path.paid[s, c] * (1 - path.days[s, c] * stakes.per_day) - path.hours[s, c] * stakes.cost_of_hours[c]
        + stakes.strain * (path.energy[s, c] - 3) + np.minimum(path.referrals[s, c], 2) * stakes.lead
    ) * stakes.discount[:-1]  # fmt: skip


def freed(stakes: Stakes, s: int, c: int, month: int) -> float:
    later = max(month, stakes.queue[s, c])
    return float(stakes.discount[later] * stakes.slot[later, s, c] + stakes.relief[s, c] * stakes.relief_months[month])


def test_staying_is_worth_the_months_there_are_and_the_hours_freed_after_them(rng, path, stakes):
    rise, wear, luck = np.array([0.0, 0.1, 0.5]), rng.uniform(0, 0.3, DRAWS), rng.random(SHAPE[:2])
    found, sooner = stayed(path, stakes, rise, wear, luck), 0
    for s in range(DRAWS):
        for c in range(CLIENTS):
            left = min(path.left_in[s, c], MONTHS)
            # The month is geometric: the chance to stay so long is luck.
            hazard = min(1 - 1e-12, 10 * wear[s] * rise[c])
            by_price = next((m for m in range(MONTHS) if (1 - hazard) ** (m + 1) <= luck[s, c]), MONTHS)
            sooner += by_price < left
            left = min(left, by_price)
            told = months(path, stakes, s, c, 1 + rise[c])[: left + 1].sum() - stakes.prepaid[c]
            told += freed(stakes, s, c, min(left + 1, MONTHS))
            np.testing.assert_allclose(found[s, c], told, rtol=1e-9)
    assert sooner > 5


def test_leaving_is_worth_the_notice_served_less_what_telling_costs(rng, path, stakes):
    # The last day of one who is told in a month is not always a month later.
    leaving, wait = np.array([[0.0, 1.0], [1.4, 1.4], [20.0, 21.0]]), np.array([0, 1])
    exit_luck, unpaid_luck = rng.random((2, *SHAPE[:2]))
    at_risk, more = rng.uniform(0, 4000, (*SHAPE[:2], 2)), rng.uniform(0, 1, (*SHAPE[:2], 2))
    found = went(path, stakes, leaving, wait, exit_luck, at_risk, more, unpaid_luck, 70.0)
    for s in range(DRAWS):
        for c in range(CLIENTS):
            left = min(path.left_in[s, c], MONTHS)
            for k, later in enumerate(wait):
                day = min(MONTHS, leaving[c, k])
                served = np.clip(day - np.arange(MONTHS), 0, 1) * (np.arange(MONTHS) <= left)
                told = (months(path, stakes, s, c, 1.0) * served).sum() - stakes.prepaid[c]
                gone = left + 1 if left < max(0, np.ceil(day) - 1) else min(MONTHS, int(day + exit_luck[s, c]))
                told += freed(stakes, s, c, gone)
                if left >= later:
                    unpaid = at_risk[s, c, k] * (unpaid_luck[s, c] < more[s, c, k])
                    told -= stakes.discount[later] * (unpaid + 70.0)
                np.testing.assert_allclose(found[k, s, c], told, rtol=1e-9)
            np.testing.assert_allclose(found[2, s, c], freed(stakes, s, c, 0) - stakes.prepaid[c], rtol=1e-9)
