"""Workers do what they are given, and are gone once the program that started them is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.workers import processes

PROGRAM = """
import multiprocessing, time
from app.workers import processes

if __name__ == "__main__":
    with processes(2) as workers:
        workers.submit(abs, -1).result()
        for _ in range(2):
            workers.submit(time.sleep, 600)
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        time.sleep(600)
"""


def test_a_worker_gives_back_what_it_worked_out():
    with processes(2) as workers:
        assert [workers.submit(abs, number).result() for number in (-1, 2)] == [1, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed like that on Windows")
def test_workers_end_with_a_program_that_is_killed(tmp_path: Path):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    program = subprocess.Popen([sys.executable, tmp_path / "program.py"], stdout=subprocess.PIPE, text=True)
    with program:
        assert program.stdout is not None
        workers = [int(pid) for pid in program.stdout.readline().split()]
        assert len(workers) == 2 and all(map(_runs, workers))
        program.send_signal(signal.SIGKILL)
    end = time.monotonic() + 60
    while any(map(_runs, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(_runs, workers))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and whom nobody has asked for is still there by name.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
