"""The app's own web server: Streamlit started from this process, on this computer only."""

import gc
import logging
import socket
import sys
import threading
import time
import uuid
import webbrowser
from datetime import date
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from app.desk import Desk
from app.headers import Headers
from app.login import hand_over as login_handed_over
from app.login import read_login
from app.opened import Opened, desk_of, example, hand_over
from app.store import default_url
from model.errors import BushError, InvalidSettings
from model.language import phrase

MAIN = Path(__file__).with_name("main.py")
PORTS_TRIED = 20
UPLOAD_MB = 10
SECONDS_BETWEEN_COLLECTIONS = 5.0
_LOG = logging.getLogger("bush.app")


def serve(
    where: str | Path | None = None,
    *,
    port: int = 8501,
    open_browser: bool = True,
    today: date | None = None,
    demo: bool = False,
    address: str = "127.0.0.1",
    login: Path | None = None,
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    where
        Database URL, file or portfolio folder; None for the user's own portfolio.
    port
        Where to listen; the next free port is taken if it is in use.
    open_browser
        Whether to open the first page in the user's browser.
    today
        Date of every answer; None for the real one.
    demo
        Open the example portfolio instead.
    address
        Where to listen. An address others can reach is refused without a login.
    login
        A file that says how people log in and who may come in.

    Raises
    ------
    InvalidSettings
        If the address is not one of this computer alone and there is no login, the file of the login is faulty, or no
        port is free.
    StoreError, ImportRefused
        If the portfolio cannot be opened.
    """
    door = None if login is None else read_login(login)
    if door is not None and find_spec("authlib") is None:
        raise InvalidSettings(phrase("logging in needs one more package: pip install 'two-in-the-bush[login]'."))
    if door is None:
        _check_loopback(address)
    free = _free_port(address, port)
    if free != port:
        _tell(phrase("Port {port} is taken; using {free}.", port=port, free=free))
    opened = example() if demo else Opened(where=str(where) if where else default_url())
    if today is not None:
        opened = Opened(where=opened.where, today=today, is_example=opened.is_example)
    hand_over(opened)
    login_handed_over(door)
    desk = desk_of(opened)
    url = f"http://{address if ':' not in address else f'[{address}]'}:{free}"
    # The first judgement compiles and reads caches; by the time a browser asks for the page it is under way or done.
    first = threading.Thread(target=_first_judgement, args=(desk,), daemon=True)
    first.start()
    threading.Thread(target=_tidy, args=(first,), daemon=True).start()
    _tell(phrase("Two in the Bush is at {url} (Ctrl+C stops it).", url=url))
    if open_browser:
        threading.Thread(target=_open_when_up, args=(url, address, free), daemon=True).start()

    _share_arenas()
    import streamlit as st
    from starlette.middleware import Middleware

    secrets: dict[str, Any] = {} if door is None else {"auth": dict(door.provider)}
    app = st.App(MAIN, on_script_error=_on_error, middleware=[Middleware(Headers)], secrets=secrets)
    app.run(config=config(address, free, "" if door is None else door.host))


def _share_arenas() -> None:
    """Let all threads allocate from two arenas: with one for each, the C library seldom gives back what a page took."""
    import ctypes

    most_arenas = -8  # M_ARENA_MAX of glibc's mallopt
    try:
        ctypes.CDLL(None).mallopt(most_arenas, 2)
    except (OSError, AttributeError, TypeError):
        _LOG.debug("another C library: its arenas are left as they are")


def config(address: str, port: int, host: str = "") -> dict[str, object]:
    """Streamlit's options: nothing leaves this computer, and nothing strange gets in.

    `host` is the name browsers reach the app under where that is not its address.
    """
    return {
        "server.address": address,
        "server.port": port,
        "server.headless": True,
        "server.showEmailPrompt": False,
        "server.allowedHosts": sorted({address, "127.0.0.1", "localhost"} | ({host} if host else set())),
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.maxUploadSize": UPLOAD_MB,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        # Done between answers instead, by `_tidy`.
        "runner.postScriptGC": False,
        "browser.gatherUsageStats": False,
        "browser.serverAddress": address,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "logger.hideWelcomeMessage": True,
        "theme.light.primaryColor": "#1f6f8b",
        "theme.dark.primaryColor": "#27809c",
    }


def _check_loopback(address: str) -> None:
    try:
        safe = address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        safe = False
    if not safe:
        raise InvalidSettings(
            phrase(
                "the app listens on this computer only, at an address such as 127.0.0.1; "
                "{address!r} came. Without a login anyone on the network could read your "
                "records; --login FILE says how people log in.",
                address=address,
            )
        )


def _free_port(address: str, port: int) -> int:
    if not 1 <= port <= 65535:
        raise InvalidSettings(phrase("a port lies between 1 and 65535; {port} came.", port=port))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    last = min(port + PORTS_TRIED, 65535)
    for candidate in range(port, last + 1):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, candidate))
            except OSError:
                continue
            return candidate
    raise InvalidSettings(
        phrase("no port from {port} to {last} is free; name another one with --port.", port=port, last=last)
    )


def _first_judgement(desk: Desk) -> None:
    try:
        if desk.records().active(desk.today):
            desk.judgement()
    except BushError as error:
        # The page asks again and shows the sentence.
        _LOG.info("the first judgement was not made: %s", error)


def _tidy(first: threading.Thread) -> None:
    """Collect garbage from time to time, never while somebody waits for a page to end, as Streamlit would.

    What is loaded once `first` is done stays: to look through all of it each time would take longer than a page.
    """
    first.join()
    gc.collect()
    gc.freeze()
    while True:
        time.sleep(SECONDS_BETWEEN_COLLECTIONS)
        gc.collect()


def _open_when_up(url: str, address: str, port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            if not webbrowser.open(url):
                _tell(phrase("No browser could be opened here; open {url} yourself.", url=url))
            return


def _on_error(error: Exception) -> bool:
    import streamlit as st

    from app.presenting import escaped

    if isinstance(error, BushError):
        st.error(escaped(str(error)))
        return True
    number = uuid.uuid4().hex[:8]
    _LOG.error("error %s", number, exc_info=error)
    st.error(
        phrase(
            "Something went wrong in the program; your records are as they were. The log of "
            "the server holds the details under number {number}.",
            number=number,
        )
    )
    return True


def _tell(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()
