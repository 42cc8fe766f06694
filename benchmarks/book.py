"""A book of many firms: clients a second, fresh and month by month, on one worker and two, and memory as it grows.

    python benchmarks/book.py [clients ...]            sizes of the book; 400 1600 if none is given
    python benchmarks/book.py --keep FOLDER CLIENTS    only make a book of that size

Firms of twelve clients are drawn from the simulator, with 1 to 36 months of records; from the two hundredth firm on
their histories come again under other names, so that making a book takes no longer than scoring it.
"""

import argparse
import math
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from app.book import PART_CLIENTS
from app.book.run import plan, run
from app.book.scoring import Question, score
from app.book.source import write_book
from app.desk import draws_of
from app.workers import processes
from model import catalogue, priors
from model.belief import seed_of
from model.judgement import judge
from model.profile import ordinary_profiles
from model.records import Records
from model.settings import Settings
from model.simulate import simulate, typical_population

TODAY, BEFORE = date(2026, 10, 31), date(2026, 9, 30)
OF_A_FIRM, DISTINCT, MONTHS = 12, 200, 36
FIRST = "firm 00000000"
SETTINGS = Settings(deal_breakers=())
TURNS = 3
BAR_A_SECOND, BAR_TWICE, BAR_AGREE, BAR_ABOVE = 1000, 1.8, 0.97, 0.995
AGREE_FIRMS, AGREE_SEEDS = 60, (1, 2, 3, 4)


def main(arguments: Sequence[str]) -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("clients", type=int, nargs="*", default=[400, 1600])
    asked.add_argument("--keep", type=Path, help="make a book here and end")
    chosen = asked.parse_args(arguments)
    if chosen.keep is not None:
        write_book(chosen.keep, firms(chosen.clients[0] // OF_A_FIRM), settings=SETTINGS)
        return
    print(f"{'clients':>9}{'made, s':>9}{'fresh/s':>9}{'month/s':>9}{'two/one':>9}{'MB a worker':>13}")
    for clients in chosen.clients:
        with tempfile.TemporaryDirectory() as folder:
            size(Path(folder), clients)
    print(f"{'aimed for':>9}{'':>18}{BAR_A_SECOND:>9,}{BAR_TWICE:>9}")
    with tempfile.TemporaryDirectory() as folder:
        agreement(Path(folder))


def size(folder: Path, clients: int) -> None:
    """Score a book of one size, fresh on one worker and on two, then its next month from kept beliefs.

    In turns, the least time of each: other programs slow some of the rounds down.
    """
    began = time.perf_counter()
    write_book(folder / "book", firms(clients // OF_A_FIRM), settings=SETTINGS)
    made = time.perf_counter() - began
    fresh, question = Question(as_of=BEFORE, draws=128), Question(as_of=TODAY, draws=128)
    # As large as a book is cut of itself, but for a small one, of which each worker is to have two.
    of_a_part = min(PART_CLIENTS, clients // 4)
    timed(folder, "warm", fresh, 1, part_clients=10**9)
    one = two = month = math.inf
    for turn in range(TURNS):
        now, scored = timed(folder, f"one {turn}", fresh, 1, part_clients=of_a_part)
        one = min(one, now)
        now, _ = timed(folder, f"two {turn}", fresh, 2, part_clients=of_a_part, after=folder / "states")
        two = min(two, now)
        now, _ = timed(folder, f"month {turn}", question, 2, before=folder / "states", after=folder / "later")
        month = min(month, now)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{scored:>9,}{made:>9.1f}{scored / two:>9.0f}{scored / month:>9.0f}{one / two:>9.2f}{peak:>13.0f}", flush=True
    )


def timed(folder: Path, target: str, question: Question, workers: int, **how: object) -> tuple[float, int]:
    """Seconds to score the book, without the start of the workers, and how many clients were scored."""
    parts = plan(folder / "book", folder / target, question, **how)  # type: ignore[arg-type]
    with processes(workers) as crew:
        # A worker has loaded the engine and its kernels before the clock starts: each scores the first firm.
        firsts = [
            replace(parts[0], target=f"{parts[0].target}.{k}.warm", last=FIRST, after=None) for k in range(workers)
        ]
        for future in [crew.submit(score, part) for part in firsts]:
            future.result()
        began = time.perf_counter()
        *_, last = run(parts, crew)
        return time.perf_counter() - began, last.clients


def agreement(folder: Path) -> None:
    """How often 128 draws say what 2,000 of other seeds say, on average over several sets of 128."""
    from pyarrow.dataset import dataset

    write_book(folder / "book", firms(AGREE_FIRMS), settings=SETTINGS)

    def told(draws: int, seed: int) -> dict[tuple[str, str], dict[str, Any]]:
        target = f"{draws} of {seed}"
        timed(folder, target, Question(as_of=TODAY, draws=draws, seed=seed), 2, part_clients=100)
        rows = dataset(folder / target, format="parquet").to_table().to_pylist()
        return {(row["firm"], row["client"]): row for row in rows if row["verdict"]}

    many = told(2000, AGREE_SEEDS[-1] + 1)
    same, sure, best, clear, above = [], [], [], [], []
    for seed in AGREE_SEEDS:
        few = told(128, seed)
        pairs = [(few[key], many[key]) for key in many]
        same.append([a["verdict"] == b["verdict"] for a, b in pairs])
        sure += [a["verdict"] == b["verdict"] for a, b in pairs if "too_close" not in (a["verdict"], b["verdict"])]
        best.append([_best(a) == _best(b) for a, b in pairs])
        clear.append(len(sure) - sum(clear))
        errors = leads(seed)
        above += [(few[key], many[key]) for key in many if errors[key] > 1.0]
    print(f"\n{len(many)} clients, {len(AGREE_SEEDS)} times 128 draws against 2,000, each with draws of their own")
    each = ", ".join(f"{np.mean(one):.1%}" for one in same)
    print(f"  the same verdict                          {np.mean(same):.1%} ({each}; {BAR_AGREE:.0%} aimed for)")
    print(f"  the same where neither is too close       {np.mean(sure):.2%} of {' + '.join(map(str, clear))}")
    print(f"  the same best action                      {np.mean(best):.1%}")
    # Chosen by the lead alone, not by what either calls it.
    alike = np.mean([a["verdict"] == b["verdict"] for a, b in above])
    told_so = all("too_close" in (a["verdict"], b["verdict"]) for a, b in above if a["verdict"] != b["verdict"])
    print(f"  the same where the lead is above its error {alike:.2%} of {len(above)} ({BAR_ABOVE:.1%} aimed for)")
    print(f"    the same best action there              {np.mean([_best(a) == _best(b) for a, b in above]):.2%}")
    print(f"    one calls too close what differs        {'always' if told_so else 'not always'}")


def leads(seed: int) -> dict[tuple[str, str], float]:
    """By how many Monte Carlo errors the best action leads the next with 128 draws, of every client scored."""
    draws, found = draws_of(priors.of(SETTINGS), n_samples=128, seed=seed), {}
    for firm, known in firms(AGREE_FIRMS):
        judged = judge(replace(known, settings=SETTINGS), draws, today=TODAY, seed=seed, every_ask=False)
        for place, decision in enumerate(judged.decisions):
            worth = judged.worth[:, place]
            second, first = np.argsort(worth.mean(axis=0))[-2:]
            gap = worth[:, first] - worth[:, second]
            found[firm, decision.client] = float(gap.mean() * np.sqrt(len(gap)) / max(gap.std(), 1e-9))
    return found


def _best(row: dict[str, Any]) -> str:
    return max(("keep", "renegotiate", "drop"), key=lambda action: row[f"{action}_mean"])


def firms(count: int) -> Iterator[tuple[str, Records]]:
    """Firms by name, from the two hundredth on with histories that came before."""
    signs = catalogue.load()
    theta, known = typical_population(signs), []
    for number in range(count):
        if number < DISTINCT:
            rng = seed_of(f"firm {number}", 1)
            profiles = ordinary_profiles(OF_A_FIRM, months=MONTHS, until=TODAY, rng=rng)
            since = [replace(p, months=int(rng.integers(1, MONTHS + 1))) for p in profiles]
            known.append(simulate(theta, signs, clients=since, months=MONTHS, until=TODAY, rng=rng).records)
        yield f"firm {number:08d}", known[number % DISTINCT]


if __name__ == "__main__":
    main(sys.argv[1:])
