"""What the server refuses before it listens, and what it tells Streamlit."""

import socket
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from app import server
from app.login import allowed, read_login, refusal
from app.opened import Opened, example, hand_over, handed_over, newest_day
from model.errors import InvalidSettings
from model.records import CheckIn, Records


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7", "example.com", "", "127.0.0.1.evil.com"])
def test_an_address_others_could_reach_is_refused(address: str) -> None:
    with pytest.raises(InvalidSettings, match="this computer only"):
        server.serve(address=address, open_browser=False)


GOOD = {
    "redirect_uri": "https://bush.example.org/oauth2callback",
    "cookie_secret": "s" * 32,
    "client_id": "bush",
    "client_secret": "x",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
    "allowed": ["Anna@Example.org "],
}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"cookie_secret": "short"}, "at least 32"),
        ({"client_secret": ""}, "client_secret must be given"),
        ({"allowed": []}, "allowed must list"),
        ({"allowed": ["everybody"]}, "allowed must list"),
        ({"redirect_uri": "http://bush.example.org/oauth2callback"}, "https"),
        ({"server_metadata_url": "http://login.example.org"}, "https"),
        ({"extra": "x"}, "no entry 'extra'"),
    ],
)
def test_a_login_that_would_let_strangers_in_is_refused(changed: dict[str, object], told: str, tmp_path: Path) -> None:
    path = tmp_path / "login.toml"
    path.write_text("\n".join(f"{name} = {value!r}" for name, value in {**GOOD, **changed}.items()), encoding="utf-8")
    with pytest.raises(InvalidSettings, match=told):
        server.serve(address="0.0.0.0", open_browser=False, login=path)
    with pytest.raises(InvalidSettings, match="cannot be read"):
        read_login(tmp_path / "none.toml")


def test_a_login_is_read_and_its_host_is_answered_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "login.toml"
    path.write_text("\n".join(f"{name} = {value!r}" for name, value in GOOD.items()), encoding="utf-8")
    login = read_login(path)
    assert (login.allowed, login.host) == (("anna@example.org",), "bush.example.org")
    assert "bush.example.org" in server.config("0.0.0.0", 8501, login.host)["server.allowedHosts"]  # type: ignore[operator]
    monkeypatch.setenv("BUSH_APP_ALLOWED", "")
    assert allowed() == ()
    server.login_handed_over(login)
    assert allowed() == login.allowed
    server.login_handed_over(None)
    assert allowed() == ()


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"email": "ANNA@example.org", "email_verified": True}, ""),
        ({"email": "anna@example.org"}, "verified"),
        ({"email": "anna@example.org", "email_verified": "false"}, "verified"),
        ({"email": "eve@example.org", "email_verified": True}, "not among"),
        ({"name": "Anna", "email_verified": True}, "no e-mail"),
    ],
)
def test_who_logged_in_comes_in_only_by_a_verified_address_on_the_list(user: dict[str, object], told: str) -> None:
    sentence = refusal(user, ("anna@example.org",))
    assert told in sentence and bool(sentence) == bool(told)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(InvalidSettings, match="between 1 and 65535"):
        server.serve(port=port, open_browser=False)


def test_the_next_free_port_is_taken() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < server._free_port("127.0.0.1", port) <= port + server.PORTS_TRIED


def test_streamlit_is_told_to_keep_to_itself() -> None:
    from streamlit.config import _config_options_template

    options = server.config("127.0.0.1", 8501)
    assert set(options) <= set(_config_options_template), "every option exists in this version"
    assert options["server.address"] == "127.0.0.1"
    assert options["browser.gatherUsageStats"] is False
    assert options["server.enableXsrfProtection"] is True and options["server.enableCORS"] is True
    assert options["server.maxUploadSize"] == 10
    assert options["client.showErrorDetails"] == "none"
    assert options["runner.postScriptGC"] is False, "a collection after every page takes longer than the page"
    assert "*" not in options["server.allowedHosts"]  # type: ignore[operator]


def test_what_is_handed_over_is_what_the_pages_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("BUSH_APP_PORTFOLIO", "BUSH_APP_TODAY", "BUSH_APP_EXAMPLE"):
        monkeypatch.setenv(variable, "")
    for opened in (Opened(where="a.db", today=date(2026, 1, 2), is_example=True), Opened(where="b.db")):
        hand_over(opened)
        assert handed_over() == opened


def test_the_example_is_stored_once_and_lives_on_its_last_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUSH_DATABASE_URL", f"sqlite:///{tmp_path / 'portfolio.db'}")
    first = example()
    assert first == example()
    assert first.is_example and first.where.endswith("example.db") and first.today is not None


def test_a_month_counts_to_its_end() -> None:
    assert newest_day(Records()) is None
    assert newest_day(Records(checkins=(CheckIn(client="A", month=date(2026, 2, 1)),))) == date(2026, 2, 28)
