"""Entries put right: what of a record can be typed anew, and the record that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from app.entries import happened, money
from model.agreed import EarlierTerms
from model.choice import Choice
from model.language import Phrases, phrase
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting

if TYPE_CHECKING:
    from app.evidence_timeline import Noted

type Correctable = Noted | Client | Search | Prospect
Kind = Literal[
    "day",
    "amount",
    "number",
    "days",
    "energy",
    "flag",
    "outcome",
    "text",
    "code",
    "billing",
    "billed",
    "ended_by",
    "standing",
    "percent",
    "early",
]
# In the order they are asked. What a record is known by, such as an invoice's number, is not among them: an entry of
# another client or month is taken out, and entered where it belongs.
FIELDS: dict[type, tuple[tuple[str, Kind, bool], ...]] = {
    CheckIn: (("energy", "energy", True), ("note", "text", False)),
    Sighting: (("on", "day", False), ("angry", "flag", False), ("note", "text", False)),
    Invoice: (
        ("issued", "day", False), ("due", "day", False), ("amount", "amount", False), ("paid_on", "day", True),
        ("written_off", "amount", True), ("written_off_on", "day", True), ("disputed", "flag", False),
    ),
    Hours: (("on", "day", False), ("hours", "number", False), ("billable", "billed", False)),
    Event: (("on", "day", False), ("result", "outcome", True), ("note", "text", False)),
    Client: (
        ("billing", "billing", False), ("rate_per_hour", "amount", True), ("fee_per_month", "amount", True),
        ("agreed_hours_per_month", "number", True), ("payment_terms_days", "days", True),
        ("notice_days", "days", True), ("contract_end", "day", True), ("committed_hours", "number", True),
        ("prepaid_amount", "amount", True), ("since", "day", False), ("currency", "code", False),
        ("standing_signs", "standing", False), ("ended_on", "day", True), ("ended_by", "ended_by", False),
    ),
    # What was expected of a choice goes with it: another choice is entered anew.
    Choice: (("note", "text", False),),
    EarlierTerms: (
        ("until", "day", False), ("billing", "billing", False), ("rate_per_hour", "amount", True),
        ("fee_per_month", "amount", True), ("agreed_hours_per_month", "number", True),
    ),
    Search: (
        ("opened_on", "day", False), ("won_on", "day", True), ("fee_per_month", "amount", True),
        ("hours_per_month", "number", True), ("cost", "amount", True),
    ),
    Prospect: (
        ("fee_per_month", "amount", False), ("hours_per_month", "number", False), ("odds", "percent", True),
        ("start", "day", True), ("early_signs", "early", False),
    ),
}  # fmt: skip
AHEAD = ("due", "contract_end", "start")
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
        "written_off_on": "Given up on, if known",
        "disputed": "They dispute it",
        "hours": "Hours",
        "billable": "Are they billed?",
        "result": "How it ended",
        "until": "Held until the end of",
        "billing": "How do you bill?",
        "rate_per_hour": "Price an hour, if hourly",
        "fee_per_month": "Fee a month",
        "agreed_hours_per_month": "Hours a month agreed, if any",
        "payment_terms_days": "Payment due after, days",
        "notice_days": "Notice, days",
        "contract_end": "End of the contract, if it has one",
        "committed_hours": "Hours promised and not done, if any",
        "prepaid_amount": "Paid for work not yet done, if anything",
        "since": "Client since",
        "currency": "Currency",
        "standing_signs": "What is true of them?",
        "ended_on": "Left on; empty if they are still there",
        "ended_by": "Who ended it?",
        "opened_on": "Started on",
        "won_on": "Won on, if it was",
        "hours_per_month": "Hours a month",
        "cost": "Cost of the search",
        "odds": "Chance that they say yes, %",
        "start": "Would start on",
        "early_signs": "What have you seen already?",
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


def blanks_of(record: Correctable) -> tuple[Blank, ...]:
    """What of a record can be corrected, as it is now."""
    return tuple(
        Blank(name=name, label=LABELS[name], kind=kind, optional=optional, value=_known(record, name, kind))
        for name, kind, optional in FIELDS[type(record)]
        if _applies(record, name)
    )


def corrected[R: Correctable](record: R, typed: Mapping[str, object], today: date) -> R:
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
        elif isinstance(value, date) and blank.name not in AHEAD and value != blank.value:
            fields[blank.name] = happened(value, today)
        elif blank.kind == "number":
            fields[blank.name] = None if value is None else float(str(value))
        elif blank.kind == "percent":
            fields[blank.name] = None if value is None else float(str(value)) / 100
        elif blank.kind in ("text", "code"):
            text = str(value or "").strip()
            fields[blank.name] = text.upper() if blank.kind == "code" else text
        else:
            fields[blank.name] = value
    # An emptied amount takes its day along; a day that is new has no amount yet, and is refused with that reason.
    if (
        isinstance(record, Invoice)
        and fields["written_off"] is None
        and fields["written_off_on"] == record.written_off_on
    ):
        fields["written_off_on"] = None
    if "ended_on" in fields and fields["ended_on"] is None:
        fields["ended_by"] = None
    return replace(record, **fields)


def course_of(search: Search) -> str:
    """How a search went, in a few words."""
    if search.won_on is None:
        return phrase("started {opened_on}, open", opened_on=search.opened_on)
    return phrase("started {opened_on}, won {won_on}", opened_on=search.opened_on, won_on=search.won_on)


def _known(record: Correctable, name: str, kind: Kind) -> Any:
    value = getattr(record, name)
    # People say one in four as 25 %; more digits than these are the machine's.
    return round(100 * value, 6) if kind == "percent" and value is not None else value


def _applies(record: Correctable, name: str) -> bool:
    match record:
        case Event():
            return name != "result" or record.kind == "renegotiation"
        case Hours():
            # The hours of a whole month are dated on its first day.
            return name != "on" or not record.whole_month
        case Client():
            # A departure is recorded as one, with who ended it; here it can be put right.
            return name not in ("ended_on", "ended_by") or record.ended_on is not None
        case _:
            return True


def _amount(value: object, blank: Blank) -> Decimal | None:
    text = str(value or "").strip()
    return None if blank.optional and not text else money(text, blank.name)
