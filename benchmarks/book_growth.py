"""Whether a client of a large book takes longer than one of a small one, or more memory: parts of each, in turns.

    python benchmarks/book_growth.py [BOOK ...]      as `benchmarks/book.py --keep` makes them, smallest first
    python benchmarks/book_growth.py --whole [BOOK ...]

Without a book, two of 10,000 and 100,000 clients are made, which takes some minutes.

A shared machine is half as fast in one hour as in another, and a million clients take half of one. So no book is scored
whole, unless that is asked for: as many parts of each, spread over all of it, are scored one book after the other,
several times. Whole books are scored by `bush score`, from Parquet to Parquet, the beliefs of every client kept.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.book.run import plan, run
from app.book.scoring import Part, Question, score
from app.book.source import write_book
from app.workers import processes
from benchmarks.book import BEFORE, OF_A_FIRM, SETTINGS, firms

TURNS, PARTS, WORKERS = 4, 24, 2
SIZES = (10_000, 100_000)
BAR_LONGER, BAR_MB = 1.10, 2000


def main(arguments: Sequence[str]) -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("books", type=Path, nargs="*")
    asked.add_argument("--whole", action="store_true", help="score each book once, whole")
    chosen = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        books = chosen.books or [made(Path(folder), clients) for clients in SIZES]
        (whole if chosen.whole else compare)(books)


def made(folder: Path, clients: int) -> Path:
    """A book of that many clients."""
    book = folder / str(clients)
    write_book(book, firms(clients // OF_A_FIRM), settings=SETTINGS)
    return book


def compare(books: Sequence[Path]) -> None:
    """Score parts of each book in turns, and print what a client takes."""
    took: dict[Path, list[float]] = {book: [] for book in books}
    peak, planned, parts = dict.fromkeys(books, 0.0), dict.fromkeys(books, 0.0), dict.fromkeys(books, 0)
    for _ in range(TURNS):
        for book in books:
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                all_of_it = plan(book, folder, Question(as_of=BEFORE, draws=128))
                planned[book], parts[book] = time.perf_counter() - began, len(all_of_it)
                chosen = np.linspace(0, len(all_of_it) - 1, min(PARTS, len(all_of_it))).round().astype(int)
                ms, mb = timed([all_of_it[place] for place in chosen])
            took[book].append(ms)
            peak[book] = max(peak[book], mb)
    print(f"{'book':24}{'parts':>8}{'planned, s':>12}{'ms a client':>13}{'to the first':>14}{'MB a worker':>13}")
    for book in books:
        # Each turn against the first book's turn beside it.
        longer = np.median(np.array(took[book]) / np.array(took[books[0]]))
        told = f"{np.median(took[book]):>13.2f}{longer:>14.3f}{peak[book]:>13.0f}"
        print(f"{book.name:24}{parts[book]:>8,}{planned[book]:>12.1f}{told}")
    print(f"{'aimed for':24}{'':>33}{BAR_LONGER:>14}{BAR_MB:>13,}")


def whole(books: Sequence[Path]) -> None:
    """Score each book from end to end as a user does, and print what it took."""
    print(f"{'book':24}{'scored':>9}{'s':>9}{'ms a client':>13}{'to the first':>14}{'MB a process':>14}{'GB kept':>9}")
    first = None
    for book in books:
        with tempfile.TemporaryDirectory(dir=book.parent) as name:
            folder = Path(name)
            command = ["--in", book, "--out", folder / "scores", "--states", folder / "beliefs", "--as-of", BEFORE]
            began = time.perf_counter()
            told = subprocess.run(
                [sys.executable, "-m", "app", "score", *map(str, command), "--workers", str(WORKERS), "--json"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True,
            )  # fmt: skip
            took, clients = time.perf_counter() - began, json.loads(told.stdout)["clients"]
            kept = sum(file.stat().st_size for file in (folder / "beliefs").rglob("*")) / 1e9
        each = 1e3 * took / clients
        first = first or each
        # Of the largest process so far, which none of a later book exceeds where it says the same.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        figures = f"{clients:>9,}{took:>9.1f}{each:>13.2f}{each / first:>14.3f}{peak:>14.0f}{kept:>9.1f}"
        print(f"{book.name:24}{figures}", flush=True)
    print(f"{'aimed for':24}{'':>31}{BAR_LONGER:>14}{BAR_MB:>14,}")


def timed(parts: list[Part]) -> tuple[float, float]:
    """Milliseconds a client, of workers that are ready, and the most megabytes one of them took."""
    with processes(WORKERS) as crew:
        firsts = [replace(parts[k], target=f"{parts[k].target}.warm") for k in range(WORKERS)]
        for future in [crew.submit(score, part) for part in firsts]:
            future.result()
        began = time.perf_counter()
        *_, last = run(parts, crew)
        took = time.perf_counter() - began
        of_each = [crew.submit(_megabytes, k) for k in range(4 * WORKERS)]
        wait(of_each)
    return 1e3 * took / last.clients, max(future.result() for future in of_each)


def _megabytes(_: int) -> float:
    time.sleep(0.05)  # so that every worker is asked
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
