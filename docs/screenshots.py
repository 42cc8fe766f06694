"""Pictures of the app for the README, taken from the example portfolio in a headless browser, light and dark."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
PAGES = {
    "this-month": "/",
    "client": "/client?client=Slow+Fade+Furniture",
    "what-if": "/what-if?sc-others=renegotiate&sc-drop=Cousin+Kite+Repairs",
    "plan": "/plan",
    "review": "/review",
}
SIZE = {"width": 1280, "height": 860}


def main() -> None:
    """Start the app on the example, and take a picture of every page."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = subprocess.Popen(
            [sys.executable, "-m", "app", "app", "--demo", "--no-browser", "--port", str(port)],
            env=os.environ | {"BUSH_DATABASE_URL": f"sqlite:///{home}/portfolio.db"},
            stdout=subprocess.DEVNULL,
        )
        try:
            _taken(f"http://127.0.0.1:{port}")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)


def _taken(address: str) -> None:
    for _ in range(120):
        try:
            urlopen(f"{address}/_stcore/health", timeout=1).close()
            break
        except OSError:
            time.sleep(0.5)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()  # type: ignore[arg-type]
            for name, path in PAGES.items():
                page.goto(address + path)
                _settled(page)
                if name == "review":
                    page.get_by_role("button", name="Make the review").click()
                    page.get_by_text("What is known of each client").first.wait_for(timeout=120_000)
                    _settled(page)
                page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        browser.close()


def _settled(page: Page) -> None:
    page.wait_for_selector("h1", timeout=60_000)
    # The script of the page has ended, and nothing it is about to replace is left.
    ended = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    busy = "[data-testid=stStatusWidget], [data-testid=stSpinner], [data-stale=true]"
    page.wait_for_function(f"busy => {ended} && !document.querySelector(busy)", arg=busy, timeout=120_000)
    page.wait_for_timeout(2500)


if __name__ == "__main__":
    main()
