"""How long the review of the example takes, and each kind of file it becomes."""

import platform
import time

import numpy as np

from app.desk import N_SAMPLES, Freshness
from app.recipe import TODAY, example_records
from app.review.content import review_of
from app.review.files import FORMATS, rendered
from model import catalogue, population
from model.judgement import judge
from model.waiting import deliberated

BUDGET = 8.0  # seconds


def main() -> None:
    """Measure once each, after a first round that compiles and reads caches."""
    draws = population.from_prior(catalogue.load(), rng=np.random.default_rng(1), n_samples=N_SAMPLES)
    judged = deliberated(judge(example_records(), draws, today=TODAY))
    fresh = Freshness(basis="prior", stale=False, problem="")
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}; ", end="")
    print(f"{len(judged.decisions)} clients, {N_SAMPLES} draws")
    review = review_of(judged, fresh)
    began = time.perf_counter()
    review = review_of(judged, fresh)
    took = {"what it says": time.perf_counter() - began}
    for name in FORMATS:
        began = time.perf_counter()
        rendered(review, name)
        took[name] = time.perf_counter() - began
    for what, seconds in took.items():
        print(f"  {what:14s} {seconds:6.2f} s")
    print(f"  {'all of it':14s} {sum(took.values()):6.2f} s (budget {BUDGET:.0f} s)")


main()
