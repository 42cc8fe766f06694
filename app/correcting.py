"""Entries put right: what of a record can be typed anew, and the record that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from app.entries import happened, money
from model.language import Phrases
from model.records import CheckIn, Event, Hours, Invoice, Sighting

if TYPE_CHECKING:
    from app.evidence_timeline import Noted

Kind = Literal["day", "amount", "number", "energy", "flag", "outcome", "text"]
# In the order they are asked. What a record is known by, such as an invoice's number, is not among them: an entry of
# another client or month is taken out, and entered where it belongs.
FIELDS: dict[type, tuple[tuple[str, Kind, bool], ...]] = {
    CheckIn: (("energy", "energy", True), ("note", "text", False)),
    Sighting: (("on", "day", False), ("angry", "flag", False), ("note", "text", False)),
    Invoice: (
        ("issued", "day", False), ("due", "day", False), ("amount", "amount", False), ("paid_on", "day", True),
        ("written_off", "amount", True), ("disputed", "flag", False),
    ),
    Hours: (("on", "day", False), ("hours", "number", False)),
    Event: (("on", "day", False), ("result", "outcome", True), ("note", "text", False)),
}  # fmt: skip
LABELS = Phrases(
    {
        "energy": "Energy, 1 drained to 5 energised",
        "note": "Note",
        "on": "Day",
        "angry": "Written in anger",
        "issued": "Issued",
        "due": "Due",
        "amount": "Amount",
        "paid_on": "Paid on, if it was",
        "written_off": "Written off, if anything",
        "disputed": "They dispute it",
        "hours": "Hours",
        "result": "How it ended",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A field of a record to be typed anew; `optional` where it may be left empty, which `value` None is."""

    name: str
    label: str
    kind: Kind
    optional: bool
    value: Any


def blanks_of(record: "Noted") -> tuple[Blank, ...]:
    """What of a record can be corrected, as it is now."""
    return tuple(
        Blank(name=name, label=LABELS[name], kind=kind, optional=optional, value=getattr(record, name))
        for name, kind, optional in FIELDS[type(record)]
        if _applies(record, name)
    )


def corrected(record: "Noted", typed: Mapping[str, object], today: date) -> "Noted":
    """The record with what was typed.

    Parameters
    ----------
    record
        As it is recorded.
    typed
        Of each blank by name what was typed: amounts as text, all else as its value; nothing is None or empty.
    today
        The day nothing may have happened after.

    Raises
    ------
    InvalidRecord
        If the record it would be is none.
    """
    fields: dict[str, Any] = {}
    for blank in blanks_of(record):
        value = typed[blank.name]
        if blank.kind == "amount":
            fields[blank.name] = _amount(value, blank)
        elif isinstance(value, date) and blank.name != "due":
            fields[blank.name] = happened(value, today)
        elif blank.kind == "number":
            fields[blank.name] = float(str(value))
        else:
            fields[blank.name] = value.strip() if isinstance(value, str) and blank.kind == "text" else value
    return replace(record, **fields)


def _applies(record: "Noted", name: str) -> bool:
    if isinstance(record, Event) and name == "result":
        return record.kind == "renegotiation"
    # The hours of a whole month are dated on its first day.
    return not (isinstance(record, Hours) and name == "on" and record.whole_month)


def _amount(value: object, blank: Blank) -> Decimal | None:
    text = str(value or "").strip()
    return None if blank.optional and not text else money(text, blank.name)
