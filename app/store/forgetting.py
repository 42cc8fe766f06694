"""Forgetting a client for good: every row, every name in a text, every file made from their records.

Records are append-only for all who write; this is the one way past that, for a person's right to be forgotten. What
remains is a line in the history that somebody was forgotten, without the name.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Text, delete, insert, select, update

from app.settings_file import read_settings, write_settings
from app.store.backup import backups_of
from app.store.database import Database
from app.store.schema import RECORD_TABLES, batches, reviews, settings, withdrawals
from model.errors import UnknownClient
from model.language import marked, phrase

FORGOTTEN = marked("a forgotten client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many rows went, which files made of them, and which backups still hold the name."""

    rows: int
    files: tuple[Path, ...]
    backups: tuple[str, ...]


def forget(database: Database, client: str) -> Forgotten:
    """Erase everything about one client from a portfolio.

    Parameters
    ----------
    database
        Of the portfolio.
    client
        The name, letter by letter.

    Raises
    ------
    UnknownClient
        If there is no such client, active or ended.
    StoreError
        If the database cannot be written, or the login may not erase.
    """
    with database.erasing() as connection:
        rows = _erase(connection, client)
        if rows == 0:
            raise UnknownClient(phrase("there is no client called {client!r}.", client=client))
        _rename(connection, client)
        connection.execute(
            insert(batches).values(created_at=datetime.now(UTC), kind="forget", summary=FORGOTTEN, records=rows)
        )
    left = database.compact()
    files = _made_of_records(database.path)
    copies = map(str, _still(backups_of(database.path), client))
    return Forgotten(rows=rows, files=files, backups=(*copies, *left))


def _erase(connection: Connection, client: str) -> int:
    gone = 0
    for table in RECORD_TABLES.values():
        if table.name in ("searches", "prospects"):
            continue
        whose = table.c.name if table.name == "clients" else table.c.client
        ids = list(connection.scalars(select(table.c.id).where(whose == client)))
        if ids:
            about = (withdrawals.c.record_table == table.name) & withdrawals.c.record_id.in_(ids)
            connection.execute(delete(withdrawals).where(about))
            gone += connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount
    return gone


def _rename(connection: Connection, client: str) -> None:
    """Take the name out of every text that others left behind: history, settings, notes, reviews."""
    for table in (batches, *RECORD_TABLES.values()):
        for column in table.columns:
            if isinstance(column.type, Text):
                named = select(table.c.id, column).where(column.contains(client, autoescape=True))
                for row, said in connection.execute(named).all():
                    values = {column.name: said.replace(client, FORGOTTEN)}
                    connection.execute(update(table).where(table.c.id == row).values(values))
    quoted = json.dumps(client, ensure_ascii=False)[1:-1]
    for row, document in connection.execute(select(settings.c.id, settings.c.document)).all():
        document = _unaliased(document, client)
        for written in (client, quoted):
            document = document.replace(written, FORGOTTEN)
        connection.execute(update(settings).where(settings.c.id == row).values(document=document))
    for row, document in connection.execute(select(reviews.c.id, reviews.c.document)).all():
        kept = _without(json.loads(document), client)
        changed = json.dumps(kept, ensure_ascii=False, indent=2) + "\n"
        connection.execute(update(reviews).where(reviews.c.id == row).values(document=changed))


def _unaliased(document: str, client: str) -> str:
    """Settings without what other tools call the client, which is a name of theirs too."""
    held = read_settings(document, phrase("the stored settings"))
    others = tuple(alias for alias in held.aliases if alias.client != client)
    return document if others == held.aliases else write_settings(replace(held, aliases=others))


def _without(value: Any, client: str) -> Any:
    """A document without the entries of one client, and without the name in what is left."""
    match value:
        case dict():
            return {key: _without(entry, client) for key, entry in value.items()}
        case list():
            return [
                _without(entry, client)
                for entry in value
                if not (isinstance(entry, dict) and entry.get("client") == client)
            ]
        case str():
            return value.replace(client, FORGOTTEN)
        case _:
            return value


def _made_of_records(path: Path) -> tuple[Path, ...]:
    # A fit was made of everybody's records, theirs among them: the next one is made without.
    files = tuple(sorted(file for file in path.parent.glob(f"{path.name}.fit*") if file.is_file()))
    for file in files:
        file.unlink()
    return files


def _still(copies: Iterable[Path], client: str) -> Iterable[Path]:
    name = client.encode("utf-8", errors="surrogatepass")
    return (copy for copy in copies if name in copy.read_bytes())
