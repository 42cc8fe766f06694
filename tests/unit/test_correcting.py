"""Entries put right by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.correcting import FIELDS, blanks_of, corrected
from model.errors import InvalidRecord
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting

TODAY = date(2026, 10, 31)
INVOICE = Invoice(
    client="Acme", number="7", issued=date(2026, 9, 1), due=date(2026, 9, 15), amount=Decimal(900), currency="EUR"
)
GONE = Client(
    name="Acme", currency="EUR", since=date(2025, 1, 1), billing="retainer", fee_per_month=Decimal(1500),
    agreed_hours_per_month=20.0, payment_terms_days=30, ended_on=date(2026, 9, 30), ended_by="client",
)  # fmt: skip
RECORDS = (
    INVOICE,
    GONE,
    Search(opened_on=date(2026, 5, 1)),
    Prospect(name="Maybe", fee_per_month=Decimal(1500), hours_per_month=30.0, odds=0.29),
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


def test_a_write_off_that_was_none_is_taken_back_with_its_day():
    lost = replace(INVOICE, written_off=Decimal(900), written_off_on=date(2026, 10, 1))
    assert corrected(lost, as_it_is(lost) | {"written_off": ""}, TODAY) == INVOICE


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"paid_on": date(2026, 8, 1)}, "lies before issued"),
        ({"paid_on": date(2026, 11, 5)}, "lies ahead"),
        ({"amount": "a lot"}, "an amount such as"),
        ({"written_off": "901"}, "exceeds"),
        ({"written_off_on": date(2026, 10, 1)}, "says when, and written_off not how much"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(typed, sentence):
    with pytest.raises(InvalidRecord, match=sentence):
        corrected(INVOICE, as_it_is(INVOICE) | typed, TODAY)


def test_hours_of_a_whole_month_keep_their_day_and_only_renegotiations_have_an_end():
    month = Hours(client="Acme", on=date(2026, 9, 1), hours=40.0, whole_month=True)
    assert [blank.name for blank in blanks_of(month)] == ["hours", "billable"]
    note = Event(client="Acme", on=date(2026, 9, 3), kind="note", note=" fine ")
    assert [blank.name for blank in blanks_of(note)] == ["on", "note"]
    assert corrected(note, as_it_is(note), TODAY).note == "fine"


def test_terms_are_changed_and_emptied_and_the_name_stays():
    acme = replace(GONE, ended_on=None, ended_by=None)
    assert not {"name", "ended_on", "ended_by"} & {blank.name for blank in blanks_of(acme)}
    typed = as_it_is(acme) | {
        "billing": "hourly", "rate_per_hour": "95,50", "fee_per_month": "", "agreed_hours_per_month": None,
        "payment_terms_days": 14, "contract_end": date(2027, 3, 31), "currency": "chf ",
        "standing_signs": ("friends_or_family",),
    }  # fmt: skip
    right = corrected(acme, typed, TODAY)
    assert right == replace(
        acme, billing="hourly", rate_per_hour=Decimal("95.50"), fee_per_month=None, agreed_hours_per_month=None,
        payment_terms_days=14, contract_end=date(2027, 3, 31), currency="CHF", standing_signs=("friends_or_family",),
    )  # fmt: skip


def test_a_departure_that_was_none_is_taken_back_with_who_ended_it():
    assert corrected(GONE, as_it_is(GONE) | {"ended_on": None}, TODAY) == replace(GONE, ended_on=None, ended_by=None)
    assert corrected(GONE, as_it_is(GONE) | {"ended_by": "me"}, TODAY) == replace(GONE, ended_by="me")


def test_an_open_search_is_won_and_a_prospect_gets_other_odds():
    found = Search(opened_on=date(2026, 5, 1), cost=Decimal(200))
    typed = as_it_is(found) | {"won_on": date(2026, 7, 1), "fee_per_month": "1800", "hours_per_month": 30}
    assert corrected(found, typed, TODAY) == replace(
        found, won_on=date(2026, 7, 1), fee_per_month=Decimal(1800), hours_per_month=30.0
    )
    maybe = Prospect(name="Maybe", fee_per_month=Decimal(1500), hours_per_month=30.0, odds=0.29)
    typed = as_it_is(maybe) | {"odds": 40.0, "start": date(2027, 1, 1), "early_signs": ("disrespect",)}
    assert corrected(maybe, typed, TODAY) == replace(
        maybe, odds=0.4, start=date(2027, 1, 1), early_signs=("disrespect",)
    )
