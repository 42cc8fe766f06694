"""Whether a client of a large book takes longer than one of a small one, or more memory: parts of each, in turns.

    python benchmarks/book_growth.py [BOOK ...]      as `benchmarks/book.py --keep` makes them, smallest first

Without a book, two of 10,000 and 100,000 clients are made, which takes some minutes.

A shared machine is half as fast in one hour as in another, and a million clients take one. So no book is scored whole:
as many parts of each, spread over all of it, are scored one book after the other, several times.
"""

import argparse
import resource
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
    books: list[Path] = asked.parse_args(arguments).books
    with tempfile.TemporaryDirectory() as folder:
        compare(books or [made(Path(folder), clients) for clients in SIZES])


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
