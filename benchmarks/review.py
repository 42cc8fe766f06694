"""How long a review takes, with every kind of file it becomes, and how much memory.

    python benchmarks/review.py [clients]              the example of twelve clients if none are given

More clients are those of the example over and over, under other names.
"""

import platform
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from answers import many

from app.desk import MANY_CLIENTS, N_SAMPLES, N_SAMPLES_OF_MANY, Freshness
from app.recipe import TODAY, example_records
from app.review.content import review_of
from app.review.files import FORMATS, write_review
from model import catalogue, population
from model.judgement import judge
from model.waiting import deliberated


def main(clients: int | None) -> None:
    """Measure once each, after a first round that compiles and reads caches."""
    records = example_records() if clients is None else many(example_records(), clients)
    n_samples = N_SAMPLES if len(records.active(TODAY)) <= MANY_CLIENTS else N_SAMPLES_OF_MANY
    draws = population.from_prior(catalogue.load(), rng=np.random.default_rng(1), n_samples=n_samples)
    fresh = Freshness(basis="prior", stale=False, problem="")
    review_of(deliberated(judge(example_records(), draws, today=TODAY)), fresh)
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}; ", end="")
    print(f"{len(records.active(TODAY))} clients, {n_samples} draws")
    began = time.perf_counter()
    judged = deliberated(judge(records, draws, today=TODAY))
    took = {"the answers": time.perf_counter() - began}
    began = time.perf_counter()
    review = review_of(judged, fresh)
    took["what it says"] = time.perf_counter() - began
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        write_review(review, Path(folder), FORMATS)
        took["the files"] = time.perf_counter() - began
    for what, seconds in took.items():
        print(f"  {what:14s} {seconds:6.2f} s")
    budget = 8 if clients is None else 60
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {'all of it':14s} {sum(took.values()):6.2f} s (budget {budget} s), {peak:.0f} MB at most")
    if clients is not None:
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"  the largest of its helping processes took {most:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
