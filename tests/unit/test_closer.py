"""A closer look at many clients: whoever takes it, it is the same."""

import numpy as np
import pytest

from app.explaining import break_even_sentences
from app.recipe import TODAY, example_records
from app.review import closer
from app.review.closer import look_closer
from model import catalogue
from model.changes import only
from model.judgement import judge
from model.population import from_prior
from model.understanding import understand


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


def test_a_deal_breaker_is_told_no_figure_that_would_have_to_change() -> None:
    records = example_records()
    draws = from_prior(catalogue.load(), rng=np.random.default_rng(2), n_samples=32)
    judged = judge(only(records, ["Thunder and Grumble Freight", "Harbour Lights Bakery"]), draws, today=TODAY)
    looked = look_closer(judged)
    assert judged.of("Thunder and Grumble Freight").verdict == "deal_breaker"
    assert looked["Thunder and Grumble Freight"].break_evens == ()
    assert looked["Harbour Lights Bakery"].break_evens
    broken = break_even_sentences(understand(judged, "Thunder and Grumble Freight"))
    assert broken == ("A deal-breaker of your own was met: no figure changes that.",)
