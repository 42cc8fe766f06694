"""Who may see and write what in a team's PostgreSQL database: workspaces, their members and roles.

Each workspace is a schema of its own with the same tables as the SQLite file. The first wall is here and in
`workspace`: every transaction asks for the role of the login before anything else. The second is PostgreSQL's
row-level security on every table, so that a login that comes another way finds nothing it may not see.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, get_args

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.store.database import Role
from app.store.places import team_url
from model.errors import StoreError
from model.language import Phrases, phrase

CONNECT_SECONDS = 10
LOCK_WAIT = "10s"

INSTALL = """
CREATE SCHEMA bush;
GRANT USAGE ON SCHEMA bush TO PUBLIC;
CREATE TABLE bush.workspaces (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schema text NOT NULL UNIQUE GENERATED ALWAYS AS ('bush_' || number::text) STORED,
    name text NOT NULL UNIQUE
);
CREATE TABLE bush.members (
    schema text NOT NULL REFERENCES bush.workspaces (schema),
    login text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    added_by text NOT NULL DEFAULT session_user,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schema, login)
);
-- Runs with the rights of its owner, else the rule of who may read the members would have to read the members.
CREATE FUNCTION bush.role_in(asked text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = bush, pg_temp AS
    'SELECT role FROM bush.members WHERE schema = asked AND login = session_user';
CREATE FUNCTION bush.found(called text) RETURNS text LANGUAGE sql SECURITY DEFINER
    SET search_path = bush, pg_temp AS
    'WITH made AS (INSERT INTO bush.workspaces (name) VALUES (called) RETURNING schema)
     INSERT INTO bush.members (schema, login, role) SELECT schema, session_user, ''owner'' FROM made
     RETURNING schema';
ALTER TABLE bush.workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE bush.members ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON bush.workspaces FOR SELECT USING (bush.role_in(schema) IS NOT NULL);
CREATE POLICY seen ON bush.members FOR SELECT USING (bush.role_in(schema) IS NOT NULL);
CREATE POLICY chosen ON bush.members FOR ALL
    USING (bush.role_in(schema) = 'owner') WITH CHECK (bush.role_in(schema) = 'owner');
GRANT SELECT ON bush.workspaces TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON bush.members TO PUBLIC;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A login that may use a workspace, and who let it in."""

    login: str
    role: Role
    added_by: str
    added_at: datetime


def engine_of(url: URL) -> Engine:
    """A way into the database; each transaction has a connection of its own, closed when it ends."""
    return create_engine(
        url,
        poolclass=NullPool,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "two-in-the-bush"},
    )


def found(where: str, name: str) -> None:
    """Make a workspace; who makes it is its first owner.

    Parameters
    ----------
    where
        URL of the database.
    name
        Of the workspace, new in this database.

    Raises
    ------
    StoreError
        If there is one of that name, or the login may not make schemas in this database.
    """
    from app.store.workspace import furnish

    if not name.strip():
        raise StoreError(phrase("a workspace needs a name."))
    url, _ = team_url(where)
    with spoken(url), engine_of(url).begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('bush'))"))
        if not installed(connection):
            connection.exec_driver_sql(INSTALL)
        try:
            with connection.begin_nested():
                schema = str(connection.scalar(text("SELECT bush.found(:name)"), {"name": name}))
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.errors.UniqueViolation):
                raise StoreError(
                    phrase("there is a workspace called {name!r} already; give another name.", name=name)
                ) from error
            raise
        connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
        furnish(connection, schema)


def workspaces(where: str) -> tuple[tuple[str, Role], ...]:
    """The workspaces the login of `where` belongs to, by name, each with its role there."""
    url, _ = team_url(where)
    with spoken(url), engine_of(url).connect() as connection:
        return tuple((name, role) for name, _, role in belonging(connection))


def members(where: str) -> tuple[Member, ...]:
    """The members of the workspace that `where` means, by login."""
    with _inside(where, owner=False) as (connection, schema):
        query = text("SELECT login, role, added_by, added_at FROM bush.members WHERE schema = :schema ORDER BY login")
        return tuple(Member(**row._mapping) for row in connection.execute(query, {"schema": schema}))


def admit(where: str, login: str, role: str) -> None:
    """Let a login into the workspace, or give it another role there.

    Raises
    ------
    StoreError
        If the server has no such login, the role is unknown, the asking login is no owner, or the last owner would
        be one no more.
    """
    if role not in get_args(Role):
        raise StoreError(phrase("a role is owner, editor or viewer; {role!r} came.", role=role))
    with _inside(where, owner=True) as (connection, schema):
        if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :login"), {"login": login}) is None:
            raise StoreError(
                phrase(
                    "the database server has no login {login!r}; its administrator makes one with "
                    "`createuser --pwprompt NAME`.",
                    login=login,
                )
            )
        if role != "owner":
            _check_another_owner(connection, schema, login)
        connection.execute(
            text(
                "INSERT INTO bush.members (schema, login, role) VALUES (:schema, :login, :role) "
                "ON CONFLICT (schema, login) DO UPDATE SET role = EXCLUDED.role, added_by = session_user"
            ),
            {"schema": schema, "login": login, "role": role},
        )


def dismiss(where: str, login: str) -> None:
    """Take a login out of the workspace; what it wrote stays.

    Raises
    ------
    StoreError
        If it is no member, the last owner, or the asking login is no owner.
    """
    with _inside(where, owner=True) as (connection, schema):
        _check_another_owner(connection, schema, login)
        gone = connection.execute(
            text("DELETE FROM bush.members WHERE schema = :schema AND login = :login"),
            {"schema": schema, "login": login},
        )
        if gone.rowcount == 0:
            raise StoreError(phrase("{login!r} is not a member of this workspace.", login=login))


def belonging(connection: Connection) -> list[tuple[str, str, Role]]:
    """Name, schema and role of every workspace the login belongs to."""
    if not installed(connection):
        return []
    rows = connection.execute(
        text(
            "SELECT name, w.schema, role FROM bush.workspaces w JOIN bush.members m ON m.schema = w.schema "
            "WHERE login = session_user ORDER BY name"
        )
    )
    return [(row[0], row[1], cast("Role", row[2])) for row in rows]


def chosen(connection: Connection, wanted: str | None, login: str) -> tuple[str, str]:
    """Name and schema of the workspace that is meant: the one named, or the only one.

    Raises
    ------
    StoreError
        If the login belongs to none, not to that one, or to several and none is named.
    """
    found = belonging(connection)
    names = ", ".join(repr(name) for name, _, _ in found)
    if wanted is not None:
        for name, schema, _ in found:
            if name == wanted:
                return name, schema
        # Whether there is one of that name is nobody's business but its members'.
        raise StoreError(
            phrase("{login} is not a member of a workspace {wanted!r} here. ", login=login, wanted=wanted)
            + (
                phrase("There is {names}; or ask an owner to let you in.", names=names)
                if found
                else phrase("Ask one of its owners to let you in.")
            )
        )
    if not found:
        raise StoreError(
            phrase(
                "{login} belongs to no workspace in this database yet: `bush team create NAME` "
                "makes one, or ask an owner to let you in.",
                login=login,
            )
        )
    if len(found) > 1:
        raise StoreError(
            phrase(
                "{login} belongs to several workspaces: {names}. Add ?workspace=NAME to the database URL.",
                login=login,
                names=names,
            )
        )
    return found[0][0], found[0][1]


def installed(connection: Connection) -> bool:
    """Whether any workspace was ever made in this database."""
    return connection.scalar(text("SELECT to_regclass('bush.members')")) is not None


@contextmanager
def spoken(url: URL) -> Iterator[None]:
    """Turn what PostgreSQL refuses into a sentence."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_sentence(error.orig, url)) from error
    except psycopg.Error as error:
        raise StoreError(_sentence(error, url)) from error
    except UnicodeEncodeError as error:
        raise StoreError(phrase("a text holds characters that cannot be stored. Nothing was stored.")) from error


@contextmanager
def _inside(where: str, *, owner: bool) -> Iterator[tuple[Connection, str]]:
    url, wanted = team_url(where)
    with spoken(url), engine_of(url).begin() as connection:
        login = str(connection.scalar(text("SELECT session_user")))
        name, schema = chosen(connection, wanted, login)
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:schema))"), {"schema": schema})
        role = connection.scalar(text("SELECT bush.role_in(:schema)"), {"schema": schema})
        if owner and role != "owner":
            raise StoreError(
                phrase(
                    "only an owner of {name!r} chooses its members; {login} is its {role}.",
                    name=name,
                    login=login,
                    role=role,
                )
            )
        yield connection, schema


def _check_another_owner(connection: Connection, schema: str, login: str) -> None:
    owners = set(
        connection.scalars(
            text("SELECT login FROM bush.members WHERE schema = :schema AND role = 'owner'"), {"schema": schema}
        )
    )
    if owners == {login}:
        raise StoreError(phrase("{login!r} is the only owner; make somebody else an owner first.", login=login))


_SENTENCES = Phrases(
    {
        "08": "cannot be reached; check that the server runs and that the address is right.",
        "28": "refuses this login; check its name and password.",
        "3D": "is not there; check its name, or have it made with `createdb NAME`.",
        "42501": "does not allow this login to do that. Nothing was stored; ask an owner of the workspace.",
        "53100": "cannot grow: the disk of the server is full. Nothing was stored.",
        "53300": "has too many users at this moment; try again.",
        "55P03": "is in use by somebody else. Nothing was stored; try again in a moment.",
        "25006": "is read-only. Nothing was stored.",
        "57P": "is being shut down. Nothing was stored; try again when it runs.",
        "22": "cannot hold a value that was given. Nothing was stored.",
    }
)


def _sentence(error: Any, url: URL) -> str:
    place = phrase(
        "the database {database!r} at {host}", database=url.database, host=url.host or phrase("this machine")
    )
    state = str(getattr(error, "sqlstate", None) or "")
    said = re.sub(r"\s+", " ", str(error)).strip().rstrip(".")
    if not state:
        # Before there is a connection there is no state, only the words of the server.
        state = next((s for words, s in _WORDS if words in said), "08")
    for start, what in _SENTENCES.items():
        if state.startswith(start):
            return f"{place} {what}"
    return phrase("{place} refused the request: {said}.", place=place, said=said)


_WORDS = (("authentication failed", "28"), ("no password supplied", "28"), ("does not exist", "3D"), ("NUL", "22"))
