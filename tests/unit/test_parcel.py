"""What is packed for the sampler is what is unpacked inside it."""

from datetime import date

import numpy as np
import pytest

from model import catalogue as signs
from model.likelihood import kernel_data
from model.observations import observe
from model.parcel import pack, unpack
from model.simulate import simulate, typical_population

CATALOGUE = signs.load()
UNTIL = date(2026, 10, 31)


@pytest.mark.parametrize(("clients", "months"), [(3, 7), (1, 1), (0, 3)])
def test_every_field_comes_out_of_the_parcel_as_it_went_in(clients: int, months: int) -> None:
    theta = typical_population(CATALOGUE)
    world = simulate(theta, CATALOGUE, clients=clients, months=months, until=UNTIL, rng=np.random.default_rng(1))
    data = kernel_data(observe(world.records, CATALOGUE, UNTIL), CATALOGUE)
    out = unpack(*pack(data))
    for name, before, after in zip(data._fields, data, out, strict=True):
        assert np.array_equal(before, after, equal_nan=name == "hours_log_ratio"), name
        assert np.shape(before) == np.shape(after), name
