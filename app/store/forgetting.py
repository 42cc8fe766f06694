"""Forgetting a client or prospect for good: every row, every name in a text, every file made from their records.

Records are append-only for all who write; this is the one way past that, for a person's right to be forgotten. What
remains is a line in the history that somebody was forgotten, without the name.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from glob import escape
from itertools import chain, count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, Text, delete, insert, or_, select, update

from app.naming import renamed, reworded
from app.settings_file import read_settings, write_settings
from app.store.backup import backups_of, set_aside
from app.store.database import Database
from app.store.schema import RECORD_TABLES, batches, reviews, settings, withdrawals
from model.errors import ImportRefused, UnknownClient
from model.language import marked, phrase
from model.remembered import TableMap
from model.settings import LONGEST_LINE, ExitLine, Scenario

FORGOTTEN = marked("a forgotten client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many rows went, which files made of them, and which backups still hold the name."""

    rows: int
    files: tuple[Path, ...]
    backups: tuple[str, ...]


def forget(database: Database, client: str) -> Forgotten:
    """Erase everything about one client from a portfolio, and about a prospect of the same name.

    Parameters
    ----------
    database
        Of the portfolio.
    client
        The name, letter by letter.

    Raises
    ------
    UnknownClient
        If there is no such client, active or ended, and no such prospect.
    StoreError
        If the database cannot be written, or the login may not erase.
    """
    with database.erasing() as connection:
        rows = _erase(connection, client)
        if rows == 0:
            raise _nobody(client)
        _rename(connection, client)
        connection.execute(
            insert(batches).values(created_at=datetime.now(UTC), kind="forget", summary=FORGOTTEN, records=rows)
        )
    left = database.compact()
    files = _made_of_records(database.path)
    copies = map(str, _still((*backups_of(database.path), *set_aside(database.path)), client))
    return Forgotten(rows=rows, files=files, backups=(*copies, *left))


def check_known(database: Database, client: str) -> None:
    """Check that a portfolio holds anything about a client or prospect, be it withdrawn or superseded.

    Raises
    ------
    UnknownClient
        If it holds nothing.
    """
    with database.reading() as connection:
        if not any(ids for _, ids in _rows(connection, client)):
            raise _nobody(client)


def _nobody(client: str) -> UnknownClient:
    return UnknownClient(phrase("there is no client or prospect called {client!r}.", client=client))


def _rows(connection: Connection, client: str) -> Iterator[tuple[Table, list[int]]]:
    for table in RECORD_TABLES.values():
        if (whose := table.c.get("client", table.c.get("name"))) is not None:
            yield table, list(connection.scalars(select(table.c.id).where(whose == client)))


def _erase(connection: Connection, client: str) -> int:
    gone = 0
    for table, ids in _rows(connection, client):
        if ids:
            about = (withdrawals.c.record_table == table.name) & withdrawals.c.record_id.in_(ids)
            connection.execute(delete(withdrawals).where(about))
            gone += connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount
    return gone


def _rename(connection: Connection, client: str) -> None:
    """Take the name out of every text that others left behind: history, settings, notes, reviews."""
    # The history quotes names, and a quoted one may be written with escapes.
    ways = {client, repr(client)[1:-1], json.dumps(client, ensure_ascii=False)[1:-1]}
    names = dict.fromkeys(ways, FORGOTTEN)
    for table in (batches, *RECORD_TABLES.values()):
        for column in table.columns:
            if isinstance(column.type, Text):
                named = or_(*(column.contains(way, autoescape=True) for way in sorted(ways)))
                for row, said in connection.execute(select(table.c.id, column).where(named)).all():
                    values = {column.name: reworded(said, names)}
                    connection.execute(update(table).where(table.c.id == row).values(values))
    for row, document in connection.execute(select(settings.c.id, settings.c.document)).all():
        changed = _settings_without(document, client, names)
        connection.execute(update(settings).where(settings.c.id == row).values(document=changed))
    for row, document in connection.execute(select(reviews.c.id, reviews.c.document)).all():
        kept = _review_without(json.loads(document), client, names)
        changed = json.dumps(kept, ensure_ascii=False, indent=2) + "\n"
        connection.execute(update(reviews).where(reviews.c.id == row).values(document=changed))


def _settings_without(document: str, client: str, names: Mapping[str, str]) -> str:
    try:
        held = read_settings(document, phrase("the stored settings"))
    except ImportRefused:
        # Those of a review may be of an earlier version: what cannot be read cannot be spoilt either.
        return reworded(document, names)
    kept = replace(
        held,
        exit_lines=tuple(_said_without(line, names) for line in held.exit_lines),
        scenarios=_scenarios_without(held.scenarios, client, names),
        # What other tools call the client is a name of theirs too; a map that holds one is asked for anew.
        aliases=tuple(a for a in held.aliases if a.client != client and reworded(a.written, names) == a.written),
        table_maps=tuple(known for known in held.table_maps if not _tells(known, names)),
    )
    return document if kept == held else write_settings(kept)


def _said_without(line: ExitLine, names: Mapping[str, str]) -> ExitLine:
    # A blank is ours, whoever is called like it.
    parts = (part if part.startswith("{") else reworded(part, names) for part in re.split(r"(\{\w+\})", line.text))
    # Not longer than a line may be.
    return replace(line, text="".join(parts)[: LONGEST_LINE - len(line.moment)])


def _scenarios_without(
    scenarios: tuple[Scenario, ...], client: str, names: Mapping[str, str]
) -> tuple[Scenario, ...]:  # fmt: skip
    """Scenarios in which nobody of that name is dropped or taken on; one that asks nothing else goes altogether."""
    left = []
    taken = {one.name for one in scenarios}
    for one in scenarios:
        drop, take = (tuple(who for who in whom if who != client) for whom in (one.drop, one.take))
        kept = replace(one, drop=drop, take=take, odds=one.odds if take or take == one.take else None)
        if kept != one and replace(kept, name="") in (Scenario(name=""), Scenario(name="", others="best")):
            continue
        name = reworded(one.name, names)
        if name != one.name:
            numbered = (f"{name} {number}" for number in count(2))
            name = next(free for free in chain([name], numbered) if free not in taken)
            taken.add(name)
        left.append(replace(kept, name=name))
    return tuple(left)


def _tells(known: TableMap, names: Mapping[str, str]) -> bool:
    said = (*known.header, *(pair.partition("=")[2] for pair in (*known.columns, *known.constants)))
    return any(reworded(text, names) != text for text in said)


def _review_without(document: Any, client: str, names: Mapping[str, str]) -> Any:
    """A review as it is kept, without the entries of one client, and without the name in what is left."""
    left = renamed(_others(document, client), names)
    if isinstance(held := left.get("settings"), str):
        left["settings"] = _settings_without(held, client, names)
    return left


def _others(value: Any, client: str) -> Any:
    match value:
        case dict():
            return {key: _others(entry, client) for key, entry in value.items()}
        case list():
            return [
                _others(entry, client)
                for entry in value
                if not (isinstance(entry, dict) and entry.get("client") == client)
            ]
        case _:
            return value


def _made_of_records(path: Path) -> tuple[Path, ...]:
    # A fit was made of everybody's records, theirs among them: the next one is made without.
    files = tuple(sorted(file for file in path.parent.glob(f"{escape(path.name)}.fit*") if file.is_file()))
    for file in files:
        file.unlink()
    return files


def _still(copies: Iterable[Path], client: str) -> Iterable[Path]:
    name = client.encode("utf-8", errors="surrogatepass")
    return (copy for copy in copies if name in copy.read_bytes())
