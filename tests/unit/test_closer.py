"""A closer look at many clients: whoever takes it, it is the same."""

import numpy as np
import pytest

from app.recipe import TODAY, example_records
from app.review import closer
from app.review.closer import look_closer
from model import catalogue
from model.changes import only
from model.judgement import judge
from model.population import from_prior


def test_processes_say_of_each_client_what_one_alone_says(monkeypatch: pytest.MonkeyPatch) -> None:
    records = example_records()
    names = [client.name for client in records.active(TODAY)][:5]
    draws = from_prior(catalogue.load(), rng=np.random.default_rng(2), n_samples=32)
    judged = judge(only(records, names), draws, today=TODAY)
    told: list[None] = []
    here = look_closer(judged)
    monkeypatch.setattr(closer, "FEW", 2)
    monkeypatch.setattr(closer, "AT_ONCE", 2)
    assert look_closer(judged, lambda: told.append(None)) == here
    assert len(told) == len(names) and set(here) == set(names)
