"""Compile the kernels ahead, so that the first answer does not wait for it."""

from datetime import date
from decimal import Decimal

import numpy as np

from model import catalogue, population
from model.judgement import judge
from model.kernel import forget_old
from model.path import strain_path
from model.records import CheckIn, Client, Records


def warm_up(today: date = date(2026, 1, 31)) -> None:
    """Judge one small invented client: every kernel on the way to an answer is compiled and kept on disk."""
    client = Client(
        name="warm-up", currency="EUR", since=date(2025, 12, 1), billing="retainer", fee_per_month=Decimal(1),
        agreed_hours_per_month=1.0,
    )  # fmt: skip
    records = Records(clients=(client,), checkins=(CheckIn(client="warm-up", month=date(2025, 12, 1), energy=3),))
    draws = population.from_prior(catalogue.load(), rng=np.random.default_rng(1), n_samples=2)
    judge(records, draws, today=today)
    strain_path(draws, records, "warm-up", catalogue.load(), today=today)
    forget_old()
