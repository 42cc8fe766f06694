"""What a team is promised: each role may do what it may, nobody sees another workspace, every write has a name."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.commands.call import Call
from app.desk import Desk
from app.exports.folder import export_folder
from app.store import Portfolio, open_portfolio
from app.store.backup import make_backup, restore_team
from app.store.forgetting import forget
from app.store.schema import metadata
from app.store.team import admit, dismiss, found, members, workspaces
from benchmarks.servers.postgres import database
from model.choice import Choice
from model.errors import InvalidRecord, StoreError, UnknownClient
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting
from model.settings import Settings

ACME = Client(name="Acme", currency="EUR", since=date(2024, 1, 1), billing="hourly", rate_per_hour=Decimal(95))
WORK = Hours(client="Acme", on=date(2024, 2, 1), hours=1.5)
TABLES = sorted(table.name for table in metadata.tables.values())
EVERYTHING = (
    ACME,
    ACME.terms_until(date(2024, 1, 31)),
    CheckIn(client="Acme", month=date(2024, 2, 1), energy=2),
    Sighting(client="Acme", on=date(2024, 3, 2), sign="late_payment", note="Acme again"),
    Invoice(client="Acme", number="1", issued=date(2024, 3, 1), due=date(2024, 3, 31), amount=Decimal("100.10"),
            currency="EUR"),
    WORK,
    Event(client="Acme", on=date(2024, 2, 3), kind="note"),
    Choice(client="Acme", on=date(2024, 2, 3), action="keep"),
    Search(opened_on=date(2024, 2, 1)),
    Prospect(name="New", fee_per_month=Decimal(10), hours_per_month=3.0),
)  # fmt: skip


_NUMBERS = count()


@pytest.fixture(scope="session")
def furnished(postgres: str) -> str:
    """Name of a database to copy, with a workspace of three and one of zoe's."""
    database(postgres, "furnished", "anna", "ben", "carl", "zoe")
    team = f"postgresql://{{}}@{postgres}/furnished"
    found(team.format("anna"), "Studio")
    found(team.format("zoe"), "Elsewhere")
    admit(team.format("anna"), "ben", "editor")
    admit(team.format("anna"), "carl", "viewer")
    portfolio = open_portfolio(team.format("anna"))
    portfolio.add(*EVERYTHING)
    portfolio.correct(WORK, None)
    portfolio.save_settings(Settings(horizon_months=9))
    portfolio.keep_review("{}", as_of=date(2024, 3, 1), first_day=date(2024, 2, 1), fingerprint="x")
    return "furnished"


@pytest.fixture
def studio(furnished: str, postgres: str) -> Callable[[str], str]:
    """URL of a workspace of anna, its owner, ben, its editor, and carl, its viewer; zoe has one of her own."""
    name = f"studio{next(_NUMBERS)}"
    database(postgres, name, "anna", "ben", "carl", "zoe", like=furnished)
    return f"postgresql://{{}}@{postgres}/{name}".format


def _another(portfolio: Portfolio) -> None:
    portfolio.add(replace(WORK, hours=2.0))


def _reviewed(portfolio: Portfolio) -> None:
    portfolio.keep_review("{}", as_of=date(2024, 4, 1), first_day=date(2024, 3, 1), fingerprint="y")


WRITES: dict[str, Callable[[Portfolio], Any]] = {
    "add": _another,
    "take in": lambda portfolio: portfolio.take_in((replace(WORK, hours=3.0),)),
    "correct": lambda portfolio: portfolio.correct(ACME, replace(ACME, notice_days=30)),
    "pay": lambda portfolio: portfolio.pay("Acme", "1", date(2024, 4, 1)),
    "write off": lambda portfolio: portfolio.write_off("Acme", "1"),
    "end": lambda portfolio: portfolio.end("Acme", date(2024, 6, 1), "me"),
    "settings": lambda portfolio: portfolio.save_settings(Settings(horizon_months=6)),
    "review": _reviewed,
    "undo": lambda portfolio: portfolio.undo(),
}


@pytest.mark.parametrize("write", WRITES)
def test_owners_and_editors_write_and_a_viewer_is_refused_with_a_reason(
    studio: Callable[[str], str], write: str
) -> None:
    carl = open_portfolio(studio("carl"))
    assert carl.read_only and "editor" in carl.why_read_only
    before = carl.records(), carl.revision(), carl.reviews()
    with pytest.raises(StoreError, match=r"carl may look at 'Studio', not change it\. Nothing was stored"):
        WRITES[write](carl)
    assert (carl.records(), carl.revision(), carl.reviews()) == before
    WRITES[write](open_portfolio(studio("ben")))
    assert (carl.records(), carl.revision(), carl.reviews()) != before


CARES: dict[str, Callable[[str, Path], Any]] = {
    "forget": lambda url, _: forget(open_portfolio(url).database, "Acme"),
    "restore": lambda url, folder: restore_team(
        open_portfolio(url).database, make_backup(open_portfolio(url).database, folder / "copy.db")
    ),
    "admit": lambda url, _: admit(url, "zoe", "owner"),
    "promote oneself": lambda url, _: admit(url, url.split("//")[1].split("@")[0], "owner"),
    "dismiss": lambda url, _: dismiss(url, "anna"),
}


@pytest.mark.parametrize("care", CARES)
@pytest.mark.parametrize("login", ["ben", "carl"])
def test_only_an_owner_erases_restores_and_chooses_members(
    studio: Callable[[str], str], care: str, login: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=r"only an owner|may look at"):
        CARES[care](studio(login), tmp_path)
    assert [(one.login, one.role) for one in members(studio("anna"))] == [
        ("anna", "owner"), ("ben", "editor"), ("carl", "viewer")
    ]  # fmt: skip
    assert open_portfolio(studio("anna")).records().client("Acme") == ACME


def test_another_workspace_is_not_seen_by_any_way(studio: Callable[[str], str], tmp_path: Path) -> None:
    assert workspaces(studio("zoe")) == (("Elsewhere", "owner"),)
    with pytest.raises(StoreError, match="zoe is not a member of a workspace 'Studio' here"):
        open_portfolio(studio("zoe") + "?workspace=Studio")
    # Whether it exists is not told either.
    with pytest.raises(StoreError, match="zoe is not a member of a workspace 'Nowhere' here"):
        open_portfolio(studio("zoe") + "?workspace=Nowhere")
    mine = open_portfolio(studio("zoe"))
    assert mine.records().clients == () and mine.reviews() == () and mine.history() == ()
    with pytest.raises(StoreError):
        members(studio("zoe") + "?workspace=Studio")


def test_whoever_is_dismissed_is_out_at_once_from_open_portfolios_desks_and_exports(
    studio: Callable[[str], str], tmp_path: Path
) -> None:
    desk = Desk(studio("ben"), today=date(2024, 6, 1))
    desk.judgement()
    dismiss(studio("anna"), "ben")
    for ask in (desk.records, desk.judgement, desk.portfolio.revision, desk.portfolio.reviews,
                lambda: export_folder(desk.portfolio.records(), tmp_path / "out")):  # fmt: skip
        with pytest.raises(StoreError, match=r"ben is not a member .* any more"):
            ask()
    assert not (tmp_path / "out").exists()
    admit(studio("anna"), "ben", "viewer")
    assert desk.portfolio.records().client("Acme") == ACME and desk.portfolio.read_only


def test_the_second_wall_holds_for_who_comes_with_another_program(studio: Callable[[str], str]) -> None:
    ways = ('SELECT 1 FROM bush_1."{}"', 'UPDATE bush_1."{}" SET id = id + 1000', 'DELETE FROM bush_1."{}"')
    read, change, erase = ways
    for login in ("anna", "ben", "carl", "zoe"):
        with psycopg.connect(studio(login)) as connection:
            for table in TABLES:
                # Even with the mark of care set, which is an owner's.
                connection.execute(f"SET bush.caring = '{'off' if login == 'anna' else 'on'}'")
                count = {way: connection.execute(way.format(table)).rowcount for way in ways}
                connection.rollback()
                assert (count[read] > 0) is (login != "zoe"), (login, table)
                assert (count[change], count[erase]) == (0, 0), (login, table)
    with psycopg.connect(studio("postgres")) as connection:
        for table in TABLES:
            for way in (change, erase):
                with pytest.raises(psycopg.errors.RaiseException, match="append-only"), connection.transaction():
                    connection.execute(way.format(table))


ROW = "INSERT INTO bush_1.batches (created_at, kind, summary, records, author) VALUES ('x', 'x', 'x', 1, {})"


@pytest.mark.parametrize(
    ("login", "author"), [("carl", "'carl'"), ("zoe", "'zoe'"), ("ben", "'anna'"), ("anna", "'ben'")]
)
def test_no_write_goes_round_the_role_or_under_another_name(
    studio: Callable[[str], str], login: str, author: str
) -> None:
    with psycopg.connect(studio(login)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(ROW.format(author))


TO_BE_OWNER = (
    "UPDATE bush.members SET role = 'owner' WHERE login = session_user AND schema = 'bush_1'",
    "INSERT INTO bush.members (schema, login, role) VALUES ('bush_1', 'zoe', 'owner')",
    "DELETE FROM bush.members WHERE login = 'anna'",
    "UPDATE bush.workspaces SET name = 'Mine'",
    "DROP TABLE bush_1.clients",
    "TRUNCATE bush_1.clients CASCADE",
    "ALTER TABLE bush_1.clients DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE bush_1.clients DISABLE TRIGGER USER",
    "CREATE OR REPLACE FUNCTION bush.role_in(asked text) RETURNS text LANGUAGE sql AS 'SELECT ''owner'''",
    "SET SESSION AUTHORIZATION anna",
)


@pytest.mark.parametrize("login", ["ben", "carl", "zoe"])
def test_nobody_makes_themselves_an_owner(studio: Callable[[str], str], login: str) -> None:
    for statement in TO_BE_OWNER:
        with psycopg.connect(studio(login)) as connection:
            try:
                done = connection.execute(statement).rowcount
            except psycopg.errors.InsufficientPrivilege:
                connection.rollback()
                done = 0
        assert max(done, 0) == 0, statement
        roles = {one.login: one.role for one in members(studio("anna"))}
        assert roles == {"anna": "owner", "ben": "editor", "carl": "viewer"}, statement


def test_the_history_says_who_wrote_what(studio: Callable[[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    _another(open_portfolio(studio("ben")))
    assert [batch.author for batch in open_portfolio(studio("carl")).history(2)] == ["ben", "anna"]
    from app.commands.past import history

    history(Call(db=studio("carl")), limit=1)
    assert "ben" in capsys.readouterr().out


def test_the_second_editor_is_told_and_overwrites_nothing(studio: Callable[[str], str]) -> None:
    anna, ben = open_portfolio(studio("anna")), open_portfolio(studio("ben"))
    seen = ben.settings
    anna.save_settings(replace(seen, horizon_months=18), seen=seen)
    with pytest.raises(StoreError, match=r"changed meanwhile.*Nothing was stored.*make your change again"):
        ben.save_settings(replace(seen, cooling_off_days=3), seen=seen)
    assert anna.settings == replace(seen, horizon_months=18)
    anna.correct(ACME, replace(ACME, notice_days=30))
    with pytest.raises(InvalidRecord, match="not recorded like this any more; look at it again"):
        ben.correct(ACME, replace(ACME, notice_days=60))
    assert ben.records().client("Acme").notice_days == 30


def test_a_copy_brings_everything_back_into_an_empty_workspace_and_only_there(
    studio: Callable[[str], str], tmp_path: Path
) -> None:
    anna = open_portfolio(studio("anna"))
    _another(open_portfolio(studio("ben")))
    copy = make_backup(anna.database, tmp_path / "copy.db")
    assert open_portfolio(copy).records() == anna.records()
    with pytest.raises(StoreError, match="is not empty"):
        restore_team(anna.database, copy)
    found(studio("anna"), "Second")
    second = open_portfolio(studio("anna") + "?workspace=Second")
    restore_team(second.database, copy)
    assert second.records() == anna.records() and second.history() == anna.history()
    assert second.reviews() == anna.reviews()
    _another(second)
    assert second.undo() is not None and second.records() == anna.records()
    # A file of one person goes into a team the same way.
    found(studio("anna"), "Third")
    alone = open_portfolio(tmp_path / "alone.db")
    alone.add(*EVERYTHING)
    third = open_portfolio(studio("anna") + "?workspace=Third")
    restore_team(third.database, tmp_path / "alone.db")
    assert third.records() == alone.records()


def test_a_forgotten_client_is_gone_from_every_table_and_the_rest_stays(studio: Callable[[str], str]) -> None:
    anna = open_portfolio(studio("anna"))
    anna.add(replace(ACME, name="Other"), replace(WORK, client="Other"))
    found_rows = forget(anna.database, "Acme")
    assert found_rows.rows > 5
    assert [client.name for client in anna.records().clients] == ["Other"]
    assert len(anna.records().hours) == 1
    with psycopg.connect(studio("postgres")) as connection:
        for table in TABLES:
            rows = connection.execute(f'SELECT t::text FROM bush_1."{table}" t').fetchall()
            assert not any("Acme" in text for (text,) in rows)
    with pytest.raises(UnknownClient):
        forget(anna.database, "Acme")


def test_a_workspace_of_an_earlier_schema_is_copied_and_moved_up_by_who_made_it(
    team: str,
) -> None:
    found(team.format("anna"), "Studio")
    with psycopg.connect(team.format("anna")) as connection:
        # As the program was two versions ago.
        connection.execute("DROP TABLE bush_1.earlier_terms")
        connection.execute("ALTER TABLE bush_1.invoices DROP COLUMN written_off_on")
        connection.execute("ALTER TABLE bush_1.batches DROP COLUMN author CASCADE")
        connection.execute("UPDATE bush_1.alembic_version SET version_num = '0003'")
    with psycopg.connect(team.format("postgres")) as connection:
        connection.execute(
            "INSERT INTO bush_1.batches (created_at, kind, summary, records) VALUES "
            "('2026-01-01T00:00:00+00:00', 'add', 'before', 0)"
        )
    admit(team.format("anna"), "ben", "owner")
    with pytest.raises(StoreError, match=r"still at schema 0003; the login that made the workspace must open it first"):
        open_portfolio(team.format("ben"))
    (batch,) = open_portfolio(team.format("anna")).history()
    assert (batch.summary, batch.author) == ("before", None)
    open_portfolio(team.format("ben")).add(ACME, ACME.terms_until(date(2024, 1, 31)))
    with psycopg.connect(team.format("postgres")) as connection:
        assert connection.execute("SELECT summary FROM bush_1_before_0003.batches").fetchall() == [("before",)]
        # What a step adds has the same walls as all the rest.
        walls = "SELECT tablename, count(*) FROM pg_policies WHERE schemaname = 'bush_1' GROUP BY tablename ORDER BY 1"
        assert connection.execute(walls).fetchall() == [(table, 4) for table in TABLES]
    # Who made the copy clears it when somebody is forgotten; who did not is told of it.
    ben, anna = (open_portfolio(team.format(login)).database for login in ("ben", "anna"))
    assert forget(ben, "Acme").backups[0].startswith("bush_1_before_0003")
    open_portfolio(team.format("ben")).add(ACME)
    assert forget(anna, "Acme").backups == ()
    with psycopg.connect(team.format("postgres")) as connection:
        assert connection.execute("SELECT to_regnamespace('bush_1_before_0003')").fetchone() == (None,)
        connection.execute("UPDATE bush_1.alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer version.*9999"):
        open_portfolio(team.format("anna"))


def test_the_last_owner_stays_and_unknown_logins_and_roles_are_refused(studio: Callable[[str], str]) -> None:
    for refused, told in (
        (lambda: dismiss(studio("anna"), "anna"), "only owner"),
        (lambda: admit(studio("anna"), "anna", "viewer"), "only owner"),
        (lambda: admit(studio("anna"), "nobody", "viewer"), "no login 'nobody'"),
        (lambda: admit(studio("anna"), "zoe", "boss"), "owner, editor or viewer"),
        (lambda: dismiss(studio("anna"), "zoe"), "not a member"),
        (lambda: found(studio("anna"), "Studio"), "already"),
        (lambda: found(studio("anna"), " "), "needs a name"),
    ):
        with pytest.raises(StoreError, match=told):
            refused()


def test_what_keeps_one_out_is_said_without_the_password(team: str, postgres: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"anna belongs to no workspace.*bush team create"):
        open_portfolio(team.format("anna"))
    with pytest.raises(StoreError, match="cannot be reached"):
        open_portfolio("postgresql://anna:secret@127.0.0.1:1/x")
    with pytest.raises(StoreError, match=r"refuses this login|is not there") as refused:
        open_portfolio(f"postgresql://nobody:secret@{postgres}/x")
    assert "secret" not in str(refused.value)
    found(team.format("anna"), "One")
    found(team.format("anna"), "Two")
    with pytest.raises(StoreError, match=r"several workspaces: 'One', 'Two'\. Add \?workspace=NAME"):
        open_portfolio(team.format("anna"))
    assert open_portfolio(team.format("anna") + "?workspace=Two").records().clients == ()


def test_readers_see_one_moment_while_others_write(studio: Callable[[str], str]) -> None:
    ben, carl = open_portfolio(studio("ben")), open_portfolio(studio("carl"))
    with carl.database.reading() as connection:
        held = metadata.tables["hours"].select()
        before = connection.execute(held).all()
        thread = threading.Thread(target=_another, args=(ben,))
        thread.start()
        thread.join()
        assert connection.execute(held).all() == before
    assert len(carl.records().hours) == 1


def test_the_command_line_of_a_team(team: str, capsys: pytest.CaptureFixture[str]) -> None:
    from typer.testing import CliRunner

    from app.cli import app

    def bush(login: str, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["--db", team.format(login), "--as-of", "2024-06-01", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    assert "no workspace yet" in bush("anna", "team", "list")
    assert "'Studio' is ready" in bush("anna", "team", "create", "Studio")
    assert "ready at the workspace 'Studio'" in bush("anna", "init", "--yes")
    assert "ben has the role viewer" in bush("anna", "team", "add", "ben", "--role", "viewer")
    bush("anna", "add", "client", "Acme", "--since", "2024-01-01", "--billing", "hourly", "--rate", "95")
    assert "Acme" in bush("ben", "decide")
    assert "may look at" in bush("ben", "log", "hours", "Acme", "3", "--on", "2024-05-01", code=1)
    assert "anna" in bush("ben", "team", "list") and "viewer" in bush("ben", "team", "list")
    assert "no member" in bush("anna", "team", "remove", "ben", "--yes")
    assert "Acme" not in bush("ben", "decide", code=1)
