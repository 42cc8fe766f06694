"""A book scored while its program, a worker or the scheduler of a cluster is killed at random: always the same bytes.

    python benchmarks/book_kills.py [kills]            50 if none is given

Two runs in three are on worker processes: now the program is killed, now a worker of it. The third is on a
Dask cluster: now its scheduler, now a worker. Whatever stops is started again with the same command until the book is
whole; then every file is held against that of a run nobody disturbed.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

from app.book.source import write_book
from benchmarks.book import OF_A_FIRM, SETTINGS, firms

ROOT = Path(__file__).parents[1]
CLIENTS, PART_CLIENTS, WORKERS = 480, 24, 2
START = 2.5  # seconds in which nothing is done yet
BUSH = [sys.executable, "-m", "app"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}


def main(kills: int) -> None:
    """Kill so many times, and compare."""
    rng, told, began = random.Random(1), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        write_book(book, firms(CLIENTS // OF_A_FIRM), settings=SETTINGS)
        whole = Path(folder) / "whole"
        took = time.monotonic()
        subprocess.run(_score(book, whole), check=True, **QUIET)  # type: ignore[call-overload]
        took = time.monotonic() - took
        expected = _digests(whole)
        runs = hit = 0
        while hit < kills:
            runs += 1
            target = Path(folder) / f"run {runs}"
            # Several kills fall into one run, so that it is resumed more than once.
            hit += _disturbed(book, target, rng, took, told, ("local", "cluster")[runs % 3 == 0])
            found = _digests(target)
            assert found == expected, f"run {runs}: {set(found.items()) ^ set(expected.items())}"
    print(f"{hit} kills in {runs} runs of {CLIENTS} clients, {time.monotonic() - began:.0f} s: {dict(told)}")
    print(f"every one of {len(expected)} files the same to the byte")


def _disturbed(
    book: Path, target: Path, rng: random.Random, took: float, told: Counter[str], where: str
) -> int:  # fmt: skip
    """Score a book, killing now and then until it is whole; returns how often something was killed."""
    kills = 0
    while True:
        cluster, command = _Cluster() if where == "cluster" else None, _score(book, target)
        if cluster is not None:
            command += ["--scheduler", cluster.address]
        run = subprocess.Popen(command, start_new_session=True, **QUIET)  # type: ignore[call-overload]
        victim = rng.choice(("scheduler", "worker") if cluster is not None else ("program", "worker"))
        # Three in a run are enough; after that it is left to end.
        moment = rng.uniform(START, max(START + 1.0, 0.8 * took)) if kills < 4 else None
        try:
            run.wait(moment)
        except subprocess.TimeoutExpired:
            if cluster is not None:
                hit = cluster.kill(victim)
            else:
                hit = _kill(run.pid if victim == "program" else rng.choice([*_children(run.pid), 0]))
            if hit:
                kills += 1
                told[f"{where} {victim}"] += 1
            run.wait(300)
        finally:
            if cluster is not None:
                cluster.close()
        if run.returncode == 0:
            return kills


def _score(book: Path, target: Path) -> list[str]:
    return [*BUSH, "score", "--in", str(book), "--out", str(target), "--workers", str(WORKERS), "--draws", "64",
            "--as-of", "2026-10-31", "--part-clients", str(PART_CLIENTS)]  # fmt: skip


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.parquet")}


def _children(pid: int) -> list[int]:
    """Processes begun by `pid` that do its work."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name = stat.read_text()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(name.rpartition(")")[2].split()[1]) == pid and b"spawn_main" in command:
            found.append(int(stat.parent.name))
    return found


def _kill(pid: int) -> bool:
    try:
        if pid:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return bool(pid)


class _Cluster:
    """A scheduler and two workers, each a process that can be killed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        where = Path(self._folder.name) / "scheduler.json"
        dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker"]
        options = {"env": os.environ | {"PYTHON_CPU_COUNT": "1"}, **QUIET}
        self.scheduler = subprocess.Popen(  # type: ignore[call-overload]
            [*dask, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where)], **options
        )
        while not where.exists() or not where.read_text():
            time.sleep(0.1)
        self.address = json.loads(where.read_text())["address"]
        self.workers = [
            subprocess.Popen([*worker, self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny"], **options)  # type: ignore[call-overload]
            for _ in range(WORKERS)
        ]

    def kill(self, victim: str) -> bool:
        """Kill the scheduler, or one worker."""
        return _kill(self.scheduler.pid if victim == "scheduler" else self.workers[0].pid)

    def close(self) -> None:
        """End what is left."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self._folder.cleanup()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
