"""How long it takes to import 10,000 entries of time and 2,000 invoices, from reading the files to the stored rows."""

import csv
import platform
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from app.imports.table import preview_table, store_preview
from app.store import open_portfolio

ENTRIES, INVOICES, CLIENTS = 10_000, 2_000, 40
BUDGET = 5.0  # seconds
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
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    print(f"  {ENTRIES:,} entries of time, {INVOICES:,} invoices  {took[0]:6.2f} s (budget {BUDGET:.0f} s)")
    print(f"  the same once more, which adds nothing  {took[1]:6.2f} s")


def _write(path: Path, header: list[str], rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)  # type: ignore[arg-type]


def _entry(i: int) -> list[str]:
    day, minutes = date(2024, 1, 1) + timedelta(days=i // 15), 15 + i % 90
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


main()
