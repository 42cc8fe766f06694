"""How long the joint plan of fifty clients takes with a cash limit that binds, and how close to proven best it is."""

import time
from dataclasses import replace

import numpy as np

from model.joint_choice import choose
from model.joint_limits import Bounds, Choices

CLIENTS, EXITS, SAMPLES, MONTHS, FIRMS = 50, 6, 1000, 24, 6
OVERBOOKED, HOUR = 30.0, 15.0  # hours a month beyond capacity, and what one of them is worth beyond the hour itself


def firm(seed: int) -> tuple[Choices, Bounds]:
    """Fifty clients with four ways on: keep, renegotiate, a cheaper ask, and leaving in one of six months."""
    rng = np.random.default_rng(seed)
    options = 3 + EXITS
    fee = rng.uniform(500, 4000, (CLIENTS, 1))
    paid = rng.lognormal(0, 0.5, (SAMPLES, CLIENTS, 1, 1)) * (rng.random((SAMPLES, CLIENTS, 1, MONTHS)) < 0.85)
    cash = np.repeat(fee[None, :, :, None] * paid, options, axis=2)
    cash[:, :, 1] *= 1.05
    hours = np.repeat(rng.uniform(5, 40, (CLIENTS, 1, 1)), options, axis=1) * np.ones(MONTHS)
    searching = np.zeros((CLIENTS, options, MONTHS))
    relief = np.zeros_like(searching)
    value = np.repeat(12 * fee, options, axis=1)
    value[:, 1:3] *= rng.normal(1, 0.1, (CLIENTS, 2))
    value[:, 3:] *= rng.normal(0.95, 0.3, (CLIENTS, 1))
    value[:, 3:] -= rng.uniform(0, 300, (CLIENTS, EXITS)).cumsum(axis=1) * rng.choice([-1, 1], (CLIENTS, 1))
    for leaves in range(EXITS):
        hours[:, 3 + leaves, leaves + 1 :] = 0
        cash[:, :, 3 + leaves, leaves + 2 :] = 0
        searching[:, 3 + leaves, leaves + 1 : leaves + 4] = 1
        relief[:, 3 + leaves, leaves + 1 :] = HOUR * np.minimum(hours[:, 0, leaves + 1 :], OVERBOOKED)
    choices = Choices(
        value=value,
        allowed=np.ones((CLIENTS, options), dtype=bool),
        hours=hours,
        cash=cash.astype(np.float32),
        searching=searching,
        income=cash.mean(axis=0).sum(axis=2),
        relief=relief,
        most_relief=np.full(MONTHS, HOUR * OVERBOOKED),
        low_paying=np.repeat(rng.random((CLIENTS, 1)) < 0.4, options, axis=1),
    )
    month = float(cash[:, :, 0].sum(axis=1).mean())
    bounds = Bounds(
        capacity_hours=float(hours[:, 0, 0].sum()),
        cash_floor=0.0,
        costs_per_month=0.8 * month,
        searches_at_once=3,
        largest_share=0.2,
        low_paying_share=0.5,
    )
    # A floor half way between what the plan without one holds and what keeping everyone holds, and a little above it.
    free = choose(choices, bounds.without("cash")).option
    low, high = (
        float(np.quantile(bounds.balance(choices.at(option)), 0.1, axis=0).min())
        for option in (free, np.zeros(CLIENTS, dtype=np.int64))
    )
    return choices, replace(bounds, cash_floor=low + 0.5 * max(0.0, high - low) + 0.02 * month)


def main() -> None:
    """Print a line for each firm."""
    for seed in range(FIRMS):
        choices, bounds = firm(seed)
        start = time.perf_counter()
        found = choose(choices, bounds)
        seconds = time.perf_counter() - start
        print(
            f"firm {seed}: {seconds:5.2f} s, within {found.short_of_best / found.value:.3%} of the best, "
            f"{len(found.shortfalls)} limits broken"
        )


if __name__ == "__main__":
    main()
