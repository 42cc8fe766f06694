"""How long from the start of `bush app --demo` until the server answers, and until a browser shows every verdict."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from playwright.sync_api import sync_playwright

PROGRAM = [sys.executable, "-m", "app", "app", "--demo", "--no-browser"]
ROOT = Path(__file__).parents[1]
CHROMIUM = "/usr/bin/chromium"


def measure(folder: Path, page: object) -> dict[str, float]:
    """Seconds from the start of the process to each mark."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"BUSH_DATABASE_URL": f"sqlite:///{folder / 'portfolio.db'}"}
    marks: dict[str, float] = {}
    start = time.perf_counter()
    with subprocess.Popen(
        [*PROGRAM, "--port", str(port)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _answers(port)
            marks["the server answers"] = time.perf_counter() - start
            page.goto(f"http://127.0.0.1:{port}", wait_until="commit")  # type: ignore[attr-defined]
            page.locator(".st-key-card-0 h2").wait_for()  # type: ignore[attr-defined]
            marks["the first verdict shows"] = time.perf_counter() - start
            page.locator(".st-key-card-11 [data-testid=stPageLink]").wait_for()  # type: ignore[attr-defined]
            marks["twelve verdicts show"] = time.perf_counter() - start
            page.locator(".st-key-card-11 img").wait_for()  # type: ignore[attr-defined]
            marks["the last dot plot shows"] = time.perf_counter() - start
        finally:
            server.send_signal(signal.SIGINT)
    return marks


def _answers(port: int) -> None:
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.01)


def main(runs: int = 3) -> None:
    """Print the figures of a few starts: the first fills the example, the others find it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as drives:
        browser = drives.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None)
        for run in range(runs):
            page = browser.new_page()
            marks = measure(Path(folder), page)
            page.close()
            print(f"run {run + 1}: " + ", ".join(f"{name} after {seconds:.2f} s" for name, seconds in marks.items()))
        browser.close()


if __name__ == "__main__":
    main()
