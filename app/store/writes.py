"""Rows in and out: what holds now, and the appending of one batch."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, insert, select

from app.store.schema import RECORD_TABLES, batches, settings, withdrawals
from app.wording import WRITES
from model.agreed import EarlierTerms
from model.choice import Choice
from model.errors import StoreError
from model.language import Plurals, listed, phrase, phrase_of
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting
from model.settings import Settings

Record = Client | EarlierTerms | CheckIn | Sighting | Invoice | Hours | Event | Choice | Search | Prospect

NOUNS = Plurals[type](
    {
        Client: ("{count:,} client", "{count:,} clients"),
        EarlierTerms: ("{count:,} entry of earlier terms", "{count:,} entries of earlier terms"),
        CheckIn: ("{count:,} check-in", "{count:,} check-ins"),
        Sighting: ("{count:,} sighting", "{count:,} sightings"),
        Invoice: ("{count:,} invoice", "{count:,} invoices"),
        Hours: ("{count:,} entry of hours", "{count:,} entries of hours"),
        Event: ("{count:,} event", "{count:,} events"),
        Choice: ("{count:,} decision", "{count:,} decisions"),
        Search: ("{count:,} search", "{count:,} searches"),
        Prospect: ("{count:,} prospect", "{count:,} prospects"),
        Settings: ("{count:,} change of settings", "{count:,} changes of settings"),
    }
)
# The day of a record of which several alike may stand side by side.
DAY_OF: dict[type, str] = {Sighting: "on", Hours: "on", Event: "on", Search: "opened_on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One write: a command, a form or an import, stored as a whole; `created_at` is in UTC.

    `author` is the login that made it, None where one person alone keeps the records.
    """

    id: int
    created_at: datetime
    kind: str
    summary: str
    records: int
    undone: bool = False
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a write came to: the batch, None if there was nothing new, and how many records were stored or known."""

    batch: Batch | None = None
    added: int = 0
    corrected: int = 0
    already_there: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A batch taken back."""

    batch: Batch

    @property
    def sentence(self) -> str:
        """What was taken back and how much of it, for a person."""
        count = phrase_of(self.batch.records, "{count:,} record", "{count:,} records")
        return phrase(
            "Taken back: {summary} ({kind}, {count}).",
            summary=self.batch.summary,
            kind=WRITES.get(self.batch.kind, self.batch.kind),
            count=count,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row to append: a new record, its successor (`replaces` is the row it supersedes), or a withdrawal."""

    record: Record | Settings | None
    replaces: tuple[type, int] | None = None


def live(connection: Connection, kind: type, days: tuple[date, date] | None = None) -> list[tuple[int, Any]]:
    """The records of one type that hold now, with their row ids; of `days` only, first and last, where given."""
    return _read(connection, kind, days, ~_is_replaced(RECORD_TABLES[kind]))


def replaced(connection: Connection, kind: type, days: tuple[date, date] | None = None) -> list[tuple[int, Any]]:
    """The records of one type that were corrected or taken out since, as they came in; arguments as for `live`."""
    table = RECORD_TABLES[kind]
    return _read(connection, kind, days, _is_replaced(table) & table.c.supersedes.is_(None))


def _is_replaced(table: Table) -> ColumnElement[bool]:
    later, undone = table.alias("later"), _undone()
    taken_out = select(withdrawals.c.record_id).where(
        withdrawals.c.record_table == table.name, withdrawals.c.batch_id.not_in(undone)
    )
    corrected = select(later.c.id).where(later.c.supersedes == table.c.id, later.c.batch_id.not_in(undone)).exists()
    return corrected | table.c.id.in_(taken_out)


def _read(
    connection: Connection, kind: type, days: tuple[date, date] | None, which: ColumnElement[bool]
) -> list[tuple[int, Any]]:
    table = RECORD_TABLES[kind]
    query = select(table).where(table.c.batch_id.not_in(_undone()), which).order_by(table.c.id)
    if days is not None:
        query = query.where(table.c[DAY_OF[kind]].between(*days))
    # Column order: id, batch_id, supersedes, then the record's fields as the dataclass has them.
    names = _names(kind)
    return [(row[0], kind(**dict(zip(names, row[3:], strict=True)))) for row in connection.execute(query)]


def settings_document(connection: Connection) -> str | None:
    """The settings saved last, as the text of a settings file; None if none were saved."""
    query = select(settings.c.document).where(settings.c.batch_id.not_in(_undone())).order_by(settings.c.id.desc())
    return connection.scalar(query.limit(1))


def append(
    connection: Connection,
    changes: Sequence[Change],
    *,
    kind: str,
    summary: str,
    key: str | None,
    already_there: int = 0,
) -> Stored:
    """Append one batch holding `changes`."""
    row = {"created_at": datetime.now(UTC), "kind": kind, "summary": summary, "records": len(changes), "key": key}
    batch_id = _new_id(connection, batches, row)
    rows: dict[type, list[dict[str, Any]]] = {}
    for change in changes:
        if isinstance(change.record, Settings):
            _append_settings(connection, batch_id, change.record)
        elif change.record is None:
            _withdraw(connection, batch_id, change)
        else:
            rows.setdefault(type(change.record), []).append(_row(batch_id, change.record, change.replaces))
    for record_type, new in rows.items():
        connection.execute(insert(RECORD_TABLES[record_type]), new)
    corrected = sum(change.replaces is not None for change in changes)
    return Stored(
        batch=_batch(connection.execute(select(batches).where(batches.c.id == batch_id)).one(), undone=False),
        added=len(changes) - corrected,
        corrected=corrected,
        already_there=already_there,
    )


def undo_last(connection: Connection) -> Undone | None:
    """Append the taking back of the last batch that still holds; None if there is none.

    Raises
    ------
    StoreError
        If that batch forgot somebody: to say that it was taken back would be untrue.
    """
    query = select(batches).where(batches.c.undoes.is_(None), batches.c.id.not_in(_undone()))
    row = connection.execute(query.order_by(batches.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    if row.kind == "forget":
        raise StoreError(
            phrase(
                "the last write forgot somebody; what was erased is erased for good and cannot be taken back. "
                "Only a backup made before holds it."
            )
        )
    taken_back = {
        "created_at": datetime.now(UTC),
        "kind": "undo",
        "summary": phrase("took back: {summary}", summary=row.summary),
        "records": row.records,
        "undoes": row.id,
    }
    connection.execute(insert(batches).values(taken_back))
    return Undone(batch=_batch(row, undone=True))


def latest(connection: Connection, limit: int) -> tuple[Batch, ...]:
    """The last `limit` batches, newest first, taken back or not."""
    undone = set(connection.scalars(_undone()))
    rows = connection.execute(select(batches).order_by(batches.c.id.desc()).limit(limit))
    return tuple(_batch(row, undone=row.id in undone) for row in rows)


def revision(connection: Connection) -> int:
    """The id of the last batch: every write, an undo included, appends one."""
    return connection.scalar(select(func.coalesce(func.max(batches.c.id), 0))) or 0


def seen(connection: Connection, key: str | None) -> bool:
    """Whether a write with this idempotency key was stored before."""
    return key is not None and connection.scalar(select(batches.c.id).where(batches.c.key == key)) is not None


def counted(records: Iterable[object]) -> str:
    """How many of what, in words: `2 sightings and 1 check-in`."""
    counts = Counter(type(record) for record in records)
    parts = [NOUNS.of(count, kind) for kind in NOUNS if (count := counts.get(kind, 0))]
    return listed(parts) if parts else phrase("nothing")


def described(record: object) -> str:
    """One record in a few words."""
    match record:
        case Client(name=name):
            return phrase("client {name!r}", name=name)
        case EarlierTerms(client=client, until=until):
            return phrase("terms of {client!r} until {until}", client=client, until=until)
        case CheckIn(client=client, month=month):
            return phrase("check-in of {client!r} for {month:%Y-%m}", client=client, month=month)
        case Sighting(client=client, sign=sign, on=on):
            return phrase("{sign} seen at {client!r} on {on}", sign=sign, client=client, on=on)
        case Invoice(client=client, number=number):
            return phrase("invoice {number!r} of {client!r}", number=number, client=client)
        case Hours(client=client, hours=hours, on=on):
            return phrase("{hours:g} hours for {client!r} on {on}", hours=hours, client=client, on=on)
        case Event(client=client, kind=kind, on=on):
            return phrase("{kind} with {client!r} on {on}", kind=kind, client=client, on=on)
        case Choice(client=client, action=action, on=on):
            return phrase("decision on {client!r} of {on}: {action}", client=client, on=on, action=action)
        case Search(opened_on=opened_on):
            return phrase("search opened on {opened_on}", opened_on=opened_on)
        case Prospect(name=name):
            return phrase("prospect {name!r}", name=name)
        case _:
            return phrase("settings")


def _undone() -> Any:
    return select(batches.c.undoes).where(batches.c.undoes.is_not(None))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _row(batch_id: int, record: Record, replaces: tuple[type, int] | None) -> dict[str, Any]:
    kind: type = type(record)
    row = {name: getattr(record, name) for name in _names(kind)}
    return {**row, "batch_id": batch_id, "supersedes": None if replaces is None else replaces[1]}


def _append_settings(connection: Connection, batch_id: int, new: Settings) -> None:
    from app.settings_file import write_settings

    connection.execute(insert(settings).values(batch_id=batch_id, document=write_settings(new)))


def _withdraw(connection: Connection, batch_id: int, change: Change) -> None:
    if change.replaces is None:
        raise ValueError("a change holds a record, a row it withdraws, or both")
    kind, row_id = change.replaces
    row = {"batch_id": batch_id, "record_table": RECORD_TABLES[kind].name, "record_id": row_id}
    connection.execute(insert(withdrawals).values(row))


def _new_id(connection: Connection, table: Table, row: dict[str, Any]) -> int:
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    if key is None:
        raise ValueError(f"{table.name} gave no key for a new row")
    return int(key[0])


def _batch(row: Row[Any], *, undone: bool) -> Batch:
    return Batch(
        id=row.id,
        created_at=row.created_at,
        kind=row.kind,
        summary=row.summary,
        records=row.records,
        undone=undone,
        author=row.author,
    )
