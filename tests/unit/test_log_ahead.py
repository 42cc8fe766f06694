"""What is logged has happened: a day that lies ahead is refused from the command line as it is on the pages."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app


@pytest.fixture
def said(tmp_path: Path):
    def run(*words: str):
        return CliRunner().invoke(app, ["--db", str(tmp_path / "own.db"), "--as-of", "2026-10-31", *words])

    run("init", "--yes")
    run("add", "client", "Anchor", "--fee", "2000", "--hours", "40", "--since", "2026-01-01")
    run("log", "invoice", "Anchor", "A-1", "2000", "--issued", "2026-09-30")
    return run


@pytest.mark.parametrize(
    "words",
    [
        ("sign", "Anchor", "late_payment", "--on", "2026-11-01"),
        ("checkin", "Anchor", "--month", "2026-11", "--energy", "4"),
        ("paid", "Anchor", "A-1", "--on", "2026-11-01"),
        ("hours", "Anchor", "3", "--on", "2026-11-01"),
        ("event", "Anchor", "note", "--on", "2026-11-01"),
        ("decision", "Anchor", "keep", "--on", "2026-11-01"),
        ("end", "Anchor", "--by", "me", "--on", "2026-11-01"),
    ],
    ids=lambda words: words[0],
)
def test_what_lies_ahead_is_not_logged(said, words: tuple[str, ...]):
    told = said("log", *words)
    assert told.exit_code == 1, told.output
    assert "2026-11-01 lies ahead of 2026-10-31" in told.output
    assert "lies ahead" not in said("log", "paid", "Anchor", "A-1", "--on", "2026-10-31").output
