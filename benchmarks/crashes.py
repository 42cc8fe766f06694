"""A program killed at any moment, and many that write at once: nothing acknowledged is lost, nothing is stored by half.

    python benchmarks/crashes.py                    1,000 kills, and 16 writers of 500 writes on both kinds of store
    python benchmarks/crashes.py --kills 60 --writes 20   a short run of the same

A worker writes, imports or moves a database up to the present schema, and says each write it was told is stored; it is
killed with SIGKILL at a random moment. PostgreSQL is started for the run where it is installed.
"""

import argparse
import os
import platform
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

from app.store import Portfolio, open_portfolio
from benchmarks.servers.postgres import database, server
from model.records import Client, Hours

ROOT = Path(__file__).resolve().parents[1]
WRITERS = 16
PART = 50  # records in a write
OF_A_FILE = 25  # kills
WORKER = """
import sys
from datetime import date
from pathlib import Path
from app.imports.table import preview_table, store_preview
from app.store import open_portfolio
from model.records import Hours
where, kind, table, part = *sys.argv[1:4], int(sys.argv[4])
print("begun", flush=True)
portfolio = open_portfolio(where)
number = 0
while True:
    number += 1
    if kind == "import":
        rows = "".join(f"Acme,2024-01-{1 + i % 28:02},{number + i / 100}\\n" for i in range(part))
        Path(table).write_text("Client,Date,Hours\\n" + rows)
        stored = store_preview(portfolio, preview_table(Path(table), portfolio))
    else:
        stored = portfolio.add(*[Hours(client="Acme", on=date(2024, 1, 1), hours=1.0)] * part)
    if stored.batch:
        print("stored", flush=True)
"""
WRITER = """
import sys
from datetime import date
from app.store import open_portfolio
from model.records import Hours
portfolio = open_portfolio(sys.argv[1])
for number in range(int(sys.argv[2])):
    portfolio.add(Hours(client="Acme", on=date(2024, 1, 1), hours=1.0), key=f"{sys.argv[3]}-{number}")
"""


def main() -> None:
    """Kill, then look; write at once, then count."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kills", type=int, default=1000)
    asked.add_argument("--writes", type=int, default=500, help="by each of 16 writers")
    given = asked.parse_args()
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, share in (("write", 0.6), ("import", 0.2), ("migrate", 0.2)):
            _kills(Path(folder), kind, round(given.kills * share))
        _together(str(Path(folder) / "together.db"), "SQLite", given.writes)
    try:
        with server() as address:
            from app.store.team import found

            database(address, "bush", "anna")
            url = f"postgresql://anna@{address}/bush"
            found(url, "Studio")
            _together(url, "PostgreSQL", given.writes)
    except FileNotFoundError as missing:
        print(f"  not measured: {missing}")


def _kills(folder: Path, kind: str, times: int) -> None:
    rng = random.Random(f"{kind} 1")
    path = folder / f"{kind}.db"
    acknowledged = total = 0
    began = time.monotonic()
    for kill in range(times):
        if kill % OF_A_FILE == 0:
            # Looking at everything after every kill would take longer each time.
            acknowledged = 0
            for old in folder.glob(f"{kind}.db*"):
                old.unlink()
        if kind == "migrate":
            # An old database each time: the kill falls into the copy, the move, or just after.
            for old in folder.glob("migrate*"):
                old.unlink()
            shutil.copy(ROOT / "tests" / "fixtures" / "schema-0001.db", path)
        elif not path.exists():
            open_portfolio(path).add(Client(name="Acme", currency="EUR", since=date(2024, 1, 1), billing="fixed"))
        command = [sys.executable, "-c", WORKER, path, kind, folder / "table.csv", str(PART)]
        with Popen(command, stdout=PIPE, stderr=DEVNULL, cwd=ROOT) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            time.sleep(rng.uniform(0, 0.25 if kind != "migrate" else 0.6))
            os.kill(worker.pid, signal.SIGKILL)
            told = worker.stdout.read().count(b"stored")
        acknowledged = told + (0 if kind == "migrate" else acknowledged)
        total += told
        _look(path, kind, acknowledged)
    print(f"  {times:,} kills while it should {kind}: whole every time, {total:,} acknowledged writes there, "
          f"{time.monotonic() - began:.0f} s", flush=True)  # fmt: skip


def _look(path: Path, kind: str, acknowledged: int) -> None:
    portfolio = open_portfolio(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchone() is None
    if kind == "migrate":
        assert [client.name for client in portfolio.records().clients] == ["Anchor"]
        return
    whole = _whole_writes(portfolio)
    assert whole >= acknowledged, f"{acknowledged} writes were acknowledged, {whole} are there"


def _whole_writes(portfolio: Portfolio) -> int:
    held = len(portfolio.records().hours)
    batches = [batch for batch in portfolio.history(1_000_000) if batch.records == PART]
    assert held == PART * len(batches), f"{held} records of {len(batches)} writes"
    return len(batches)


def _together(where: str, name: str, writes: int) -> None:
    portfolio = open_portfolio(where)
    portfolio.add(Client(name="Acme", currency="EUR", since=date(2024, 1, 1), billing="fixed"))
    began = time.monotonic()
    writers = [Popen([sys.executable, "-c", WRITER, where, str(writes), str(n)], cwd=ROOT) for n in range(WRITERS)]
    failed = sum(writer.wait() != 0 for writer in writers)
    took = time.monotonic() - began
    held = portfolio.records().hours
    assert held.count(Hours(client="Acme", on=date(2024, 1, 1), hours=1.0)) == len(held)
    assert failed == 0, f"{failed} writers failed"
    assert len(held) == WRITERS * writes, f"{len(held)} records are there"
    print(f"  {name}: {WRITERS} writers of {writes:,} writes each, none refused and none lost, {took:.0f} s "
          f"({len(held) / took:.0f} writes a second)")  # fmt: skip


if __name__ == "__main__":
    main()
