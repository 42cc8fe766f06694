"""A book in a PostgreSQL database: its tables read a part at a time, and scores written into it, part by part."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from app.book.tables import FIRM, ROWS_AT_ONCE, TABLES, Tables
from app.store.places import team_url
from app.store.team import spoken

if TYPE_CHECKING:
    from psycopg import Connection

PART = "#"  # stands between the URL of a database and the name of a part
_TYPES = {"string": "text", "date32[day]": "date", "double": "double precision", "bool": "boolean", "int32": "integer"}


class PostgresTables(Tables):
    """Tables in a database, found along the search path of the login."""

    def __init__(self, url: str) -> None:
        self._url = url
        address, _ = team_url(url)
        self.place = f"the database {address.database!r} at {address.host or 'this machine'}"
        with connected(url) as connection:
            rows = connection.execute(
                "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                "WHERE pg_table_is_visible(c.oid) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 "
                "AND NOT a.attisdropped AND c.relname = ANY(%s) ORDER BY c.relname, a.attnum",
                [[*TABLES, "firms"]],
            ).fetchall()
        self._columns: dict[str, list[str]] = {}
        for table, column in rows:
            self._columns.setdefault(table, []).append(column)

    def columns(self, table: str) -> tuple[str, ...] | None:
        """The columns of a table; None where there is no such table."""
        return tuple(self._columns[table]) if table in self._columns else None

    def rows(self, table: str, columns: Sequence[str], first: str, last: str) -> Iterator[tuple[Any, ...]]:
        """The rows of the firms from `first` to `last`, the firm in front."""
        # A part begins right after the last name of the one before, which is said with a letter no text here can hold.
        after = first.endswith("\x00")
        within = sql.SQL('{firm} COLLATE "C" {least} %s AND {firm} COLLATE "C" <= %s').format(
            firm=sql.Identifier(FIRM), least=sql.SQL(">" if after else ">=")
        )
        query = sql.SQL('SELECT {columns} FROM {table} WHERE {within} ORDER BY {firm} COLLATE "C", ctid').format(
            columns=sql.SQL(", ").join(map(sql.Identifier, (FIRM, *columns))),
            table=sql.Identifier(table), within=within, firm=sql.Identifier(FIRM),
        )  # fmt: skip
        with connected(self._url) as connection, connection.cursor(name="rows") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            yield from cursor.execute(query, [first.removesuffix("\x00"), last])

    def firms(self) -> dict[str | None, int]:
        """Every firm with its number of clients; None stands for clients of no firm."""
        query = sql.SQL("SELECT {firm}, count(*) FROM {table} GROUP BY 1").format(
            firm=sql.Identifier(FIRM), table=sql.Identifier(TABLES[0])
        )
        with connected(self._url) as connection:
            return dict(connection.execute(query).fetchall())

    def beyond(self, table: str, last: str) -> int:
        """How many rows of a table name no firm, or one after `last`."""
        query = sql.SQL('SELECT count(*) FROM {table} WHERE {firm} IS NULL OR {firm} COLLATE "C" > %s').format(
            firm=sql.Identifier(FIRM), table=sql.Identifier(table)
        )
        with connected(self._url) as connection:
            (count,) = connection.execute(query, [last]).fetchone() or (0,)
        return int(count)

    def fingerprint(self) -> str:
        """A digest of every row."""
        told = []
        with connected(self._url) as connection:
            for table in sorted(self._columns):
                query = sql.SQL("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {table} t").format(
                    table=sql.Identifier(table)
                )
                told.append(f"{table} {connection.execute(query).fetchone()}")
        return sha256("\n".join(told).encode()).hexdigest()[:16]


def stored(target: str) -> dict[str, Any] | None:
    """What is known of a part that was written: fingerprint, clients and faulty firms; None where it was not."""
    url, _, part = target.partition(PART)
    with connected(url) as connection:
        if connection.execute("SELECT to_regclass('score_parts')").fetchone() == (None,):
            return None
        found = connection.execute("SELECT about FROM score_parts WHERE part = %s", [part]).fetchone()
    about: dict[str, Any] | None = None if found is None else found[0]
    return about


def store(target: str, rows: Sequence[dict[str, Any]], about: dict[str, Any]) -> None:
    """Write one part of the scores in one transaction, in the place of what an earlier run wrote of it."""
    from app.book.scoring import schema

    url, _, part = target.partition(PART)
    columns = schema()
    names = [sql.Identifier(name) for name in columns.names]
    with connected(url) as connection:
        # Two workers must not make the tables at once.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('bush scores'))")
        kinds = [sql.SQL(_TYPES[str(column.type)]) for column in columns]
        made = sql.SQL(", ").join(sql.SQL(" ").join(pair) for pair in zip(names, kinds, strict=True))
        connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS scores (part text NOT NULL, {made})").format(made=made))
        connection.execute("CREATE INDEX IF NOT EXISTS scores_part ON scores (part)")
        connection.execute("CREATE TABLE IF NOT EXISTS score_parts (part text PRIMARY KEY, about jsonb NOT NULL)")
        connection.execute("DELETE FROM scores WHERE part = %s", [part])
        copy = sql.SQL("COPY scores (part, {names}) FROM STDIN").format(names=sql.SQL(", ").join(names))
        with connection.cursor() as cursor, cursor.copy(copy) as into:
            for row in rows:
                into.write_row([part, *(row.get(name) for name in columns.names)])
        connection.execute(
            "INSERT INTO score_parts VALUES (%s, %s) ON CONFLICT (part) DO UPDATE SET about = EXCLUDED.about",
            [part, json.dumps(about)],
        )


def keep_only(url: str, targets: Collection[str]) -> None:
    """Remove the scores of every part that is none of these."""
    parts = [target.partition(PART)[2] for target in targets]
    with connected(url) as connection:
        for table in ("scores", "score_parts"):
            query = sql.SQL("DELETE FROM {table} WHERE part <> ALL(%s)").format(table=sql.Identifier(table))
            connection.execute(query, [parts])


@contextmanager
def connected(url: str) -> "Iterator[Connection[Any]]":
    """A connection in a transaction, which ends with the block; what PostgreSQL refuses becomes a sentence."""
    address, _ = team_url(url)
    text = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with spoken(address), psycopg.connect(text, connect_timeout=10) as connection:
        yield connection
