"""A small portfolio, a way to ask it things from the command line, and stores of both kinds."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.store.team import found
from benchmarks.servers.postgres import database

DAY = "2026-10-31"
LOGINS = ("anna", "ben", "carl", "zoe")
_NUMBERS = count()
CLIENTS = """name,currency,since,billing,fee_per_month,agreed_hours_per_month,payment_terms_days,notice_days
Anchor Bakery,EUR,2026-01-01,retainer,2000,40,14,30
Moody Museum,EUR,2026-01-01,retainer,1500,40,14,30
"""
CHECKINS = """client,month,energy
Anchor Bakery,2026-08,5
Anchor Bakery,2026-09,4
Moody Museum,2026-08,1
Moody Museum,2026-09,2
"""
SIGNS = """client,date,sign,angry
Moody Museum,2026-09-14,disrespect,0
Moody Museum,2026-08-10,drained_after_contact,0
"""
INVOICES = """client,number,issued,due,amount,currency,paid_on
Anchor Bakery,A-1,2026-08-31,2026-09-14,2000,EUR,2026-09-10
Anchor Bakery,A-2,2026-09-30,2026-10-14,2000,EUR,
Moody Museum,M-1,2026-08-31,2026-09-14,1500,EUR,2026-10-20
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A portfolio folder with two clients."""
    made = tmp_path / "folder"
    made.mkdir()
    for name, text in {
        "clients.csv": CLIENTS,
        "checkins.csv": CHECKINS,
        "signs.csv": SIGNS,
        "invoices.csv": INVOICES,
    }.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


class Bush:
    """The command line on one database."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.exit_code = 0
        self.stderr = ""

    def __call__(self, *arguments: str, code: int = 0, stdin: str | None = None) -> str:
        """What a command prints; it must end with `code`."""
        every = ["--db", str(self.database), "--as-of", DAY, *arguments]
        result = CliRunner().invoke(app, every, input=stdin)
        self.stderr = result.stderr
        assert result.exit_code == code, f"{arguments}: {result.stdout}{result.stderr}{result.exception!r}"
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """The document a command prints with --json."""
        return json.loads(self("--json", *arguments), parse_constant=_refused)


def _refused(constant: str) -> None:
    raise AssertionError(f"JSON has no {constant}")


@pytest.fixture
def bush(tmp_path: Path) -> Bush:
    """The command line on a database that is not there yet."""
    return Bush(tmp_path / "portfolio.db")


@pytest.fixture
def filled(bush: Bush, folder: Path) -> Bush:
    """The command line on the small portfolio."""
    bush("import", str(folder), "--yes")
    return bush


@pytest.fixture(scope="session")
def one_workspace(postgres: str) -> str:
    """Name of a database with a workspace of anna, to copy: that is faster than making one."""
    database(postgres, "one_workspace", *LOGINS)
    found(f"postgresql://anna@{postgres}/one_workspace", "Studio")
    return "one_workspace"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of each kind, with nothing in it."""
    if request.param == "sqlite":
        return str(tmp_path / "portfolio.db")
    like, address = request.getfixturevalue("one_workspace"), request.getfixturevalue("postgres")
    name = f"store{next(_NUMBERS)}"
    database(address, name, *LOGINS, like=like)
    return f"postgresql://anna@{address}/{name}"
