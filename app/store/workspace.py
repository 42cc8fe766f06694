"""A team's records: one workspace in a PostgreSQL database, written in one transaction at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, text

from app.store.database import Database, Role
from app.store.places import home_of, team_url
from app.store.schema import REVISIONS, metadata
from app.store.team import LOCK_WAIT, chosen, engine_of, spoken
from model.errors import StoreError
from model.language import phrase

CAN_WRITE = ("owner", "editor")


class Workspace(Database):
    """The workspace a database URL means, for the login in that URL.

    Parameters
    ----------
    where
        `postgresql://LOGIN:PASSWORD@HOST/DATABASE?workspace=NAME`; the password may also come from where PostgreSQL's
        own tools find it, the workspace may be left out where the login belongs to one only.

    Raises
    ------
    StoreError
        If the server cannot be reached, refuses the login, or the login is not a member.
    """

    def __init__(self, where: str) -> None:
        self._url, wanted = team_url(where)
        self.path = home_of(where)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(
                phrase(
                    "the folder {parent} cannot be made: {strerror}.", parent=self.path.parent, strerror=error.strerror
                )
            ) from error
        engine = engine_of(self._url)
        # A reader sees one moment; a writer, alone by its lock, sees everything stored before it got the lock.
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = engine.execution_options(isolation_level="READ COMMITTED")
        with spoken(self._url), self._reader.begin() as connection:
            self._login = str(connection.scalar(text("SELECT session_user")))
            self._name, self._schema = chosen(connection, wanted, self._login)
        self.place = phrase(
            "the workspace {name!r} in {database!r} at {host}",
            name=self._name,
            database=self._url.database,
            host=self._url.host or phrase("this machine"),
        )
        with self.reading() as connection:
            version = self._version(connection)
        if version != REVISIONS[-1]:
            self._migrate()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the workspace."""
        with spoken(self._url), self._reader.begin() as connection:
            self._enter(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection nobody else writes beside; all of it is stored when the block ends, or nothing."""
        with spoken(self._url), self._writer.begin() as connection:
            self._enter(connection)
            if self.role not in CAN_WRITE:
                raise StoreError(
                    phrase(
                        "{login} may look at {name!r}, not change it. Nothing was stored; an owner of "
                        "the workspace can make you an editor.",
                        login=self._login,
                        name=self._name,
                    )
                )
            self._lock(connection)
            yield connection

    @contextmanager
    def erasing(self) -> Iterator[Connection]:
        """A connection like that of `writing`, in which rows may also be changed and deleted; for owners alone."""
        with self.writing() as connection:
            if self.role != "owner":
                raise StoreError(
                    phrase(
                        "only an owner of {name!r} may do that; {login} is an editor.",
                        name=self._name,
                        login=self._login,
                    )
                )
            connection.exec_driver_sql("SET LOCAL bush.caring = 'on'")
            yield connection

    def compact(self) -> tuple[str, ...]:
        """Write the tables anew and drop what was set aside before migrations, as far as the login may.

        What it may not is for the login that made the workspace; the tables the server writes anew in its own time.
        """
        aside = text("SELECT nspname, pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname LIKE :like")
        with spoken(self._url), self._writer.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in metadata.sorted_tables:
                alone.exec_driver_sql(f'VACUUM (FULL) "{self._schema}"."{table.name}"')
            left = []
            for schema, mine in alone.execute(aside, {"like": f"{self._schema}\\_before\\_%"}).all():
                if mine:
                    alone.exec_driver_sql(f'DROP SCHEMA "{schema}" CASCADE')
                else:
                    left.append(phrase("{schema} in {database!r}", schema=schema, database=self._url.database))
        return tuple(left)

    def copy_to(self, copy: Path) -> Path:
        """Copy everything to an SQLite file of its own, as it stands at this moment."""
        from app.store.sqlite import SqliteFile

        target = SqliteFile(copy)
        with self.reading() as source, target.writing() as connection:
            copy_rows(source, connection)
        return copy

    def take_back(self, copy: Database) -> None:
        """Put everything of a copy into this workspace, which must be empty.

        Raises
        ------
        StoreError
            If anything was ever written here, or the login is no owner.
        """
        with copy.reading() as source, self.erasing() as connection:
            if any(connection.execute(table.select().limit(1)).first() for table in metadata.sorted_tables):
                raise StoreError(
                    phrase(
                        "{place} is not empty, and a copy does not overwrite what a team wrote. Make a "
                        "new one with `bush team create NAME` and restore there.",
                        place=self.place,
                    )
                )
            copy_rows(source, connection)
            for table in metadata.sorted_tables:
                # Only who made the tables may set their counters; anybody who writes may count up.
                newest = f'(SELECT max(id) FROM "{table.name}")'
                count = f"SELECT count(nextval('{table.name}_id_seq')) FROM generate_series(1, {newest})"
                connection.exec_driver_sql(count)

    def _enter(self, connection: Connection) -> None:
        role = connection.scalar(text("SELECT bush.role_in(:schema)"), {"schema": self._schema})
        if role is None:
            raise StoreError(
                phrase(
                    "{login} is not a member of the workspace {name!r} any more; ask one of its owners.",
                    login=self._login,
                    name=self._name,
                )
            )
        self.role = cast("Role", role)
        connection.exec_driver_sql(f'SET LOCAL search_path TO "{self._schema}"')

    def _lock(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:schema))"), {"schema": self._schema})

    def _version(self, connection: Connection) -> str:
        version = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        if version not in REVISIONS:
            raise StoreError(
                phrase(
                    "{place} was written by a newer version of this program (schema {version}; this "
                    "one knows up to {revision}). Update the program.",
                    place=self.place,
                    version=version,
                    revision=REVISIONS[-1],
                )
            )
        return version

    def _migrate(self) -> None:
        with self.writing() as connection:
            version = self._version(connection)
            if version == REVISIONS[-1]:
                return
            made_it = text("SELECT pg_has_role(session_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = :s")
            if not connection.scalar(made_it, {"s": self._schema}):
                raise StoreError(
                    phrase(
                        "{place} is still at schema {version}; the login that made the workspace must "
                        "open it first with this version of the program.",
                        place=self.place,
                        version=version,
                    )
                )
            _set_aside(connection, self._schema, version)
            furnish(connection, self._schema)


def furnish(connection: Connection, schema: str) -> None:
    """Bring the tables of a workspace to the present schema and put the second wall around them."""
    from app.store.migrate import upgrade

    connection.exec_driver_sql(f'SET LOCAL search_path TO "{schema}"')
    upgrade(connection)
    connection.exec_driver_sql(f'GRANT USAGE ON SCHEMA "{schema}" TO PUBLIC')
    connection.exec_driver_sql("GRANT SELECT ON alembic_version TO PUBLIC")
    for table in metadata.sorted_tables:
        _wall(connection, schema, table.name)


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of every table, ids included, from one database to another that is empty."""
    for table in metadata.sorted_tables:
        rows = source.execute(table.select().order_by(table.c.id)).mappings()
        for part in rows.partitions(1000):
            target.execute(table.insert(), [dict(row) for row in part])


def _wall(connection: Connection, schema: str, table: str) -> None:
    role = f"(SELECT bush.role_in('{schema}'))"
    caring = f"{role} = 'owner' AND current_setting('bush.caring', true) = 'on'"
    # Who wrote a batch is the login itself, save where an owner brings a copy back.
    by_itself = f"AND (author = session_user OR {caring})" if table == "batches" else ""
    for statement in (
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO PUBLIC',
        f'GRANT USAGE ON SEQUENCE "{table}_id_seq" TO PUBLIC',
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        *(f'DROP POLICY IF EXISTS {policy} ON "{table}"' for policy in ("seen", "added", "changed", "erased")),
        f'CREATE POLICY seen ON "{table}" FOR SELECT USING ({role} IS NOT NULL)',
        f"CREATE POLICY added ON \"{table}\" FOR INSERT WITH CHECK ({role} IN ('owner', 'editor') {by_itself})",
        f'CREATE POLICY changed ON "{table}" FOR UPDATE USING ({caring})',
        f'CREATE POLICY erased ON "{table}" FOR DELETE USING ({caring})',
    ):
        connection.exec_driver_sql(statement)


def _set_aside(connection: Connection, schema: str, version: str) -> None:
    """Copy the tables as they are, for the login that made them alone to see."""
    aside = f"{schema}_before_{version}"
    connection.exec_driver_sql(f'CREATE SCHEMA "{aside}"')
    tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = :s"), {"s": schema}).all()
    for table in tables:
        connection.exec_driver_sql(f'CREATE TABLE "{aside}"."{table}" AS TABLE "{schema}"."{table}"')
