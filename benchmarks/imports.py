"""How long it takes to import 10,000 entries of time and 2,000 invoices, from reading the files to the stored rows.

python benchmarks/imports.py                      and the same once more
python benchmarks/imports.py --entries 1000000    entries of time alone, in files of 250,000, with the memory taken

Every entry is written as Toggl does and every invoice, of two lines, as FreshBooks does.
"""

import argparse
import csv
import platform
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from app.imports.table import preview_table, store_preview
from app.store import open_portfolio

ENTRIES, INVOICES, CLIENTS = 10_000, 2_000, 40
BUDGET = 5.0  # seconds
PART = 250_000  # entries in a file
MANY_BUDGET, MANY_MEMORY = 180.0, 1000.0  # seconds and MB for a million
HOURS = [
    "User",
    "Client",
    "Project",
    "Description",
    "Billable",
    "Start date",
    "Start time",
    "End date",
    "End time",
    "Duration",
]
LINES = [
    "Client Name",
    "Invoice #",
    "Date Issued",
    "Invoice Status",
    "Date Paid",
    "Item Name",
    "Line Subtotal",
    "Line Total",
    "Currency",
]


def main() -> None:
    """Measure what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--entries", type=int, help="entries of time alone, and no invoices")
    given = asked.parse_args()
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    if given.entries:
        _many(given.entries)
    else:
        _few()


def _few() -> None:
    """Write both files, import them into an empty portfolio, and import them again."""
    with tempfile.TemporaryDirectory() as folder:
        hours, invoices = Path(folder) / "toggl.csv", Path(folder) / "freshbooks.csv"
        _write(hours, HOURS, (_entry(i) for i in range(ENTRIES)))
        _write(invoices, LINES, (_line(i) for i in range(2 * INVOICES)))
        portfolio = open_portfolio(Path(folder) / "portfolio.db")
        took = []
        for _ in range(2):
            began = time.perf_counter()
            for path in (invoices, hours):
                store_preview(portfolio, preview_table(path, portfolio, create_clients=True))
            took.append(time.perf_counter() - began)
        records = portfolio.records()
        assert (len(records.hours), len(records.invoices)) == (ENTRIES, INVOICES)
    print(f"  {ENTRIES:,} entries of time, {INVOICES:,} invoices  {took[0]:6.2f} s (budget {BUDGET:.0f} s)")
    print(f"  the same once more, which adds nothing  {took[1]:6.2f} s")


def _many(entries: int) -> None:
    """Import file after file into one portfolio, as a user with years of records would."""
    with tempfile.TemporaryDirectory() as folder:
        portfolio = open_portfolio(Path(folder) / "portfolio.db")
        took = 0.0
        for part, first in enumerate(range(0, entries, PART), 1):
            path = Path(folder) / f"toggl-{part}.csv"
            _write(path, HOURS, (_entry(i) for i in range(first, min(first + PART, entries))))
            began = time.perf_counter()
            store_preview(portfolio, preview_table(path, portfolio, create_clients=True))
            took += time.perf_counter() - began
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"  {min(first + PART, entries):,} entries after {took:.0f} s, at most {memory:.0f} MB", flush=True)
    print(f"  budget for a million: {MANY_BUDGET:.0f} s and {MANY_MEMORY:.0f} MB")


def _write(path: Path, header: list[str], rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)  # type: ignore[arg-type]


def _entry(i: int) -> list[str]:
    day, minutes = date(2024, 1, 1) + timedelta(days=i // 60), 15 + i % 90
    end = f"{10 + minutes // 60}:{minutes % 60:02d}:00"
    return ["Me", f"Client {i % CLIENTS}", "Site", f"Work {i}", "Yes", str(day), "10:00:00", str(day), end, "01:00:00"]


def _line(i: int) -> list[str]:
    number = i // 2
    day = date(2024, 1, 1) + timedelta(days=number // 3)
    paid = day + timedelta(days=20 + number % 30)
    return [
        f"Client {number % CLIENTS}",
        f"{number:07d}",
        str(day),
        "paid",
        str(paid),
        "Work",
        "100.00",
        "119.00",
        "EUR",
    ]


if __name__ == "__main__":
    main()
