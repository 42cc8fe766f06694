"""The app in use: what pages and sliders take in the browser, what the server holds, five users at once, 200 clients.

python benchmarks/app_use.py                          all of it, against the budgets; ten minutes
python benchmarks/app_use.py --interactions 60        a shorter run of the same
"""

import argparse
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import TimeoutError, sync_playwright

from app.imports.folder import import_folder
from app.opened import EXAMPLE_FOLDER
from app.store import open_portfolio
from model import catalogue
from model.simulate import simulate, typical_population

ROOT = Path(__file__).parents[1]
CHROMIUM = "/usr/bin/chromium"
TODAY = date(2026, 11, 30)
USERS, MANY = 5, 200
BUSY = "[data-testid=stStatusWidget], [data-testid=stSpinner]"
PAGE_MS, SLIDER_MS, MANY_SECONDS, MEMORY_MB = 400, 300, 2.0, 800


def main() -> None:
    """Measure one thing after the other, each on a server of its own."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--interactions", type=int, default=1000)
    given = asked.parse_args()
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as drives:
        browser = drives.chromium.launch(
            executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=["--no-sandbox"]
        )
        one = Path(folder) / "one.db"
        import_folder(open_portfolio(one), EXAMPLE_FOLDER)
        with _served(one) as (address, pid):
            _use(browser.new_page(), address, pid, given.interactions)
            _five(browser, address, one)
        many = Path(folder) / "many.db"
        active = _fill(many)
        with _served(many) as (address, pid):
            _look_at_many(browser.new_page(), address, pid, active)
        browser.close()


def _use(page: Any, address: str, pid: int, interactions: int) -> None:
    page.goto(address)
    page.locator(".st-key-card-11 img").wait_for(timeout=120_000)
    _settled(page)
    links = page.locator("[data-testid=stSidebarNavLink]")
    for place in (*range(links.count()), 0):
        _open(page, place)
    changes = [_open(page, place) for _ in range(10) for place in range(links.count())]
    _told("page change", changes, PAGE_MS)
    _open(page, 1)
    slides = [seconds for step in range(48) if (seconds := _slide(page, step)) is not None]
    _told("slider to the new numbers", slides, SLIDER_MS)
    for done in range(interactions):
        if done in (min(200, interactions // 2), interactions - 1):
            print(f"  memory of the server after {done:,} interactions  {_memory(pid):.0f} MB (budget {MEMORY_MB})")
        if done % 4:
            page.get_by_role("slider").first.press("ArrowLeft" if done % 12 < 6 else "ArrowRight")
            page.wait_for_timeout(50)
            _settled(page)
        else:
            _open(page, (done // 4) % links.count())
            _open(page, 1)


def _five(browser: Any, address: str, path: Path) -> None:
    before = len(open_portfolio(path).history(10_000))
    pages = [browser.new_context().new_page() for _ in range(USERS)]
    for page in pages:
        page.goto(f"{address}/data")
    _settled(pages[0])
    pages[0].get_by_role("tab", name="Fit").click()
    pages[0].get_by_role("button", name="Start a fit").click()
    began = time.monotonic()
    for number, page in enumerate(pages):
        page.goto(f"{address}/client?if-months={12 + number}")
    for page in pages:
        page.locator(".st-key-what-if-answer table").first.wait_for(timeout=120_000)
        _settled(page)
    opened, waits = time.monotonic() - began, []
    for _ in range(4):
        # All of them move a slider, then each waits for its own answer.
        moved = []
        for page in pages:
            moved.append(time.monotonic())
            page.get_by_role("slider").first.press("ArrowRight")
            page.wait_for_timeout(20)
        for page, since in zip(pages, moved, strict=True):
            _settled(page)
            waits.append(time.monotonic() - since)
    months = [page.evaluate("new URL(location).searchParams.get('if-months')") for page in pages]
    assert len(set(months)) == USERS, f"scenarios were crossed: {months}"
    for page in pages:
        page.goto(f"{address}/check-in?part=One+client")
    for page in pages:
        page.get_by_role("button", name="Store the check-in").wait_for(timeout=60_000)
        _settled(page)
    for number, page in enumerate(pages):
        # Another note each: the same check-in twice is one.
        page.get_by_label("Note, if any").fill(f"user {number}")
    began = time.monotonic()
    for page in pages:
        page.get_by_role("button", name="Store the check-in").click()
    for page in pages:
        page.locator(".st-key-last-change").get_by_text("What that changes for").wait_for(timeout=180_000)
    took = time.monotonic() - began
    stored = len(open_portfolio(path).history(10_000)) - before
    assert stored == USERS, f"{USERS} check-ins were stored by hand, {stored} are there"
    pages[0].goto(f"{address}/data")
    _settled(pages[0])
    pages[0].get_by_role("tab", name="Fit").click()
    pages[0].get_by_role("button", name="Stop the fit").click()
    print(f"  {USERS} users while one fits: all pages open after {opened:.1f} s; {USERS} sliders at once done within "
          f"{np.median(waits):.2f} s in the middle, {max(waits):.2f} at most; {stored} check-ins stored at once and "
          f"answered within {took:.1f} s, none lost, every scenario its own")  # fmt: skip


def _look_at_many(page: Any, address: str, pid: int, active: int) -> None:
    began = time.monotonic()
    page.goto(address)
    page.locator(f".st-key-card-{active - 1}").wait_for(timeout=600_000)
    first = time.monotonic() - began
    _settled(page)
    _open(page, 1)
    waits = [_open(page, place) for _ in range(5) for place in (0, 1)][::2]
    print(f"  page of {active} clients: judged and shown {first:.1f} s after the start, shown again within "
          f"{max(waits):.2f} s (budget {MANY_SECONDS:.0f} s), memory {_memory(pid):.0f} MB")  # fmt: skip


def _open(page: Any, place: int) -> float:
    """Seconds from the click on a page's name to the page at rest."""
    link = page.locator("[data-testid=stSidebarNavLink]").nth(place)
    title = link.inner_text().strip().split("\n")[-1]  # an icon stands before it, as a word
    _idle(page)
    began = time.monotonic()
    link.click()
    page.wait_for_function(
        "([title, busy]) => document.querySelector('h1')?.innerText.trim() === title && !document.querySelector(busy)",
        arg=[title, BUSY],
        polling=5,
        timeout=120_000,
    )
    return time.monotonic() - began


def _slide(page: Any, step: int) -> float | None:
    """Seconds from the key to other numbers in the table; None where the rounded numbers stay what they are."""
    answer = page.locator(".st-key-what-if-answer table").first
    before = answer.inner_text()
    handle = page.get_by_role("slider").first
    _idle(page)
    began = time.monotonic()
    handle.press("ArrowLeft" if step % 12 < 6 else "ArrowRight")
    try:
        page.wait_for_function(
            "before => (document.querySelector('.st-key-what-if-answer table')?.innerText ?? before) !== before",
            arg=before,
            polling=5,
            timeout=5000,
        )
    except TimeoutError:
        return None
    return time.monotonic() - began


def _idle(page: Any) -> None:
    """Let the browser finish what it draws of the page before: that is no part of the next answer."""
    page.evaluate("() => new Promise(done => requestIdleCallback(done, {timeout: 3000}))")


def _settled(page: Any) -> None:
    page.wait_for_selector("h1", timeout=120_000)
    page.wait_for_function("busy => !document.querySelector(busy)", arg=BUSY, timeout=120_000, polling=5)


def _told(what: str, seconds: Sequence[float], budget: float) -> None:
    middle, late = (1000 * float(np.quantile(seconds, q)) for q in (0.5, 0.95))
    print(f"  {what}: median {middle:.0f} ms, 95 % within {late:.0f} ms (budget {budget:.0f} ms), {len(seconds)} times")


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _fill(path: Path) -> int:
    """Fill a portfolio; gives the number of clients who are still there."""
    signs = catalogue.load()
    rng = np.random.default_rng(1)
    world = simulate(typical_population(signs), signs, clients=round(1.45 * MANY), months=12, until=TODAY, rng=rng)
    records = world.records
    portfolio = open_portfolio(path)
    every = (records.clients, records.checkins, records.sightings, records.invoices, records.hours, records.events)
    portfolio.take_in(tuple(record for kind in every for record in kind))
    return len(records.active(TODAY))


@contextmanager
def _served(path: Path) -> Iterator[tuple[str, int]]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    call = (
        "from datetime import date; from app.server import serve; "
        f"serve({str(path)!r}, port={port}, open_browser=False, today=date({TODAY.year}, {TODAY.month}, {TODAY.day}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", call], cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}", server.pid
        finally:
            server.send_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
