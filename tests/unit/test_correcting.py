"""Entries put right by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.correcting import FIELDS, blanks_of, corrected
from model.errors import InvalidRecord
from model.records import CheckIn, Event, Hours, Invoice, Sighting

TODAY = date(2026, 10, 31)
INVOICE = Invoice(
    client="Acme", number="7", issued=date(2026, 9, 1), due=date(2026, 9, 15), amount=Decimal(900), currency="EUR"
)
RECORDS = (
    INVOICE,
    CheckIn(client="Acme", month=date(2026, 9, 1), energy=3),
    Sighting(client="Acme", on=date(2026, 9, 3), sign="late_payment"),
    Hours(client="Acme", on=date(2026, 9, 3), hours=4.0),
    Event(client="Acme", on=date(2026, 9, 3), kind="renegotiation", ask_price_pct=10.0),
)


def as_it_is(record) -> dict:
    return {
        blank.name: str(blank.value or "") if blank.kind == "amount" else blank.value for blank in blanks_of(record)
    }


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_what_is_left_as_it_is_changes_nothing(record):
    assert corrected(record, as_it_is(record), TODAY) == record
    assert {blank.name for blank in blanks_of(record)} == {name for name, _, _ in FIELDS[type(record)]}


def test_an_invoice_gets_its_day_and_amount():
    typed = as_it_is(INVOICE) | {"paid_on": date(2026, 9, 20), "amount": "1000.50", "disputed": True}
    right = corrected(INVOICE, typed, TODAY)
    assert right == replace(INVOICE, paid_on=date(2026, 9, 20), amount=Decimal("1000.50"), disputed=True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"paid_on": date(2026, 8, 1)}, "lies before issued"),
        ({"paid_on": date(2026, 11, 5)}, "lies ahead"),
        ({"amount": "a lot"}, "an amount such as"),
        ({"written_off": "901"}, "exceeds"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(typed, sentence):
    with pytest.raises(InvalidRecord, match=sentence):
        corrected(INVOICE, as_it_is(INVOICE) | typed, TODAY)


def test_hours_of_a_whole_month_keep_their_day_and_only_renegotiations_have_an_end():
    month = Hours(client="Acme", on=date(2026, 9, 1), hours=40.0, whole_month=True)
    assert [blank.name for blank in blanks_of(month)] == ["hours"]
    note = Event(client="Acme", on=date(2026, 9, 3), kind="note", note=" fine ")
    assert [blank.name for blank in blanks_of(note)] == ["on", "note"]
    assert corrected(note, as_it_is(note), TODAY).note == "fine"
