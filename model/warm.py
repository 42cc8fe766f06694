"""Compile the kernels ahead, so that the first answer does not wait for it."""

from datetime import date
from decimal import Decimal
from multiprocessing import get_context

import numpy as np

from model import catalogue, population
from model.bound import slopes
from model.judgement import judge
from model.kernel import forget_old
from model.lanes import LANES
from model.likelihood import kernel_data
from model.observations import observe
from model.path import strain_path
from model.records import CheckIn, Client, Records

TODAY = date(2026, 1, 31)


def warm_up() -> None:
    """Judge one small invented client: every kernel on the way to an answer is compiled and kept on disk."""
    # Half of the kernels only look back; a second process compiles them meanwhile.
    beside = get_context("spawn").Process(target=_look_back)
    beside.start()
    judge(_records(), _draws(), today=TODAY)
    beside.join()
    if beside.exitcode != 0:
        _look_back()
    forget_old()


def _look_back() -> None:
    signs = catalogue.load()
    strain_path(_draws(), _records(), "warm-up", signs, today=TODAY)
    # The first part of a fit, in use within seconds where its kernels are there.
    slopes(_draws().theta, kernel_data(observe(_records(), signs, TODAY), signs))


def _draws() -> population.Population:
    # So many that cores share them: what is compiled for a part of an array is another kernel than for a whole one.
    return population.from_prior(catalogue.load(), rng=np.random.default_rng(1), n_samples=2 * LANES)


def _records() -> Records:
    client = Client(
        name="warm-up", currency="EUR", since=date(2025, 12, 1), billing="retainer", fee_per_month=Decimal(1),
        agreed_hours_per_month=1.0,
    )  # fmt: skip
    return Records(clients=(client,), checkins=(CheckIn(client="warm-up", month=date(2025, 12, 1), energy=3),))
