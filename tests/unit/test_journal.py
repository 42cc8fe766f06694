"""The journal: ids of entries, and what is said of them by column."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.journal import entry_of, journal, put_right, values_of
from model import catalogue
from model.choice import Choice
from model.errors import InvalidRecord
from model.language import speak
from model.records import CheckIn, Client, Hours, Invoice, Prospect, Records, Search, Sighting
from model.settings import Settings

TODAY = date(2026, 10, 31)
INVOICE = Invoice(
    client="Acme", number="7", issued=date(2026, 9, 1), due=date(2026, 9, 15), amount=Decimal("900.50"), currency="EUR"
)
HOURS = Hours(client="Acme", on=date(2026, 9, 3), hours=4.0)
CHOICE = Choice(client="Acme", on=date(2026, 9, 9), action="keep", advised="drop", note="they pay")
RECORDS = Records(
    settings=Settings(),
    clients=tuple(
        Client(name=name, currency="EUR", since=date(2025, 1, 1), billing="fixed") for name in ("Acme", "Other")
    ),
    invoices=(INVOICE,),
    hours=(HOURS, HOURS, replace(HOURS, client="Other")),
    checkins=(CheckIn(client="Acme", month=date(2026, 9, 1), energy=3),),
    sightings=(Sighting(client="Acme", on=date(2026, 9, 3), sign="late_payment"),),
    choices=(CHOICE,),
    searches=(Search(opened_on=date(2026, 5, 1)),),
    prospects=(Prospect(name="Maybe", fee_per_month=Decimal(1500), hours_per_month=30.0, odds=0.29),),
)
SIGNS = catalogue.load()


def test_everything_is_in_the_journal_newest_first_and_of_one_client_nothing_else():
    everything = journal(RECORDS, SIGNS)
    assert {type(entry.record) for entry in everything} == {
        Invoice, Hours, CheckIn, Sighting, Choice, Search, Prospect,
    }  # fmt: skip
    days = [entry.on for entry in everything if entry.on]
    assert days == sorted(days, reverse=True)
    assert {entry.client for entry in journal(RECORDS, SIGNS, "Acme")} == {"Acme"}
    decided = next(entry for entry in everything if entry.record == CHOICE)
    assert decided.detail == "Keep; advised: Drop (they pay)"


def test_an_id_stays_what_it_is_when_others_come_and_the_first_digits_are_enough():
    before = {entry.id: entry.record for entry in journal(RECORDS, SIGNS)}
    more = replace(RECORDS, hours=(*RECORDS.hours, replace(HOURS, hours=5.0)))
    after = {entry.id: entry.record for entry in journal(more, SIGNS)}
    assert before.items() < after.items() and len(after) == len(before) + 1
    for entry in journal(RECORDS, SIGNS):
        assert entry_of(journal(RECORDS, SIGNS), entry.id[:6].upper()).record == entry.record


def test_a_few_digits_that_several_begin_with_name_none():
    entries = journal(RECORDS, SIGNS)
    twins = [replace(entries[0], id="abcd0000"), replace(entries[1], id="abcd1111")]
    with pytest.raises(InvalidRecord, match="2 ids begin with 'abcd'"):
        entry_of(twins, "abcd")
    with pytest.raises(InvalidRecord, match="at least 4 digits"):
        entry_of(entries, entries[0].id[:3])
    with pytest.raises(InvalidRecord, match="bush entries"):
        entry_of(entries, "0" * 8)


@pytest.mark.parametrize("record", [entry.record for entry in journal(RECORDS, SIGNS)], ids=lambda r: type(r).__name__)
def test_what_is_said_as_it_is_changes_nothing(record):
    assert put_right(record, [f"{name}={value}" for name, value in values_of(record).items()], TODAY) == record
    assert put_right(record, [], TODAY) == record


@pytest.mark.parametrize("language", ["en", "de"])
def test_values_are_spelt_as_in_a_folder_in_every_language(language):
    speak(language)
    try:
        right = put_right(INVOICE, ["amount=1000.25", "paid_on=2026-09-20", "disputed=1"], TODAY)
        maybe = put_right(RECORDS.prospects[0], ["odds=0.4", "early_signs=rushed_deadlines;special_requests"], TODAY)
    finally:
        speak("en")
    assert right == replace(INVOICE, amount=Decimal("1000.25"), paid_on=date(2026, 9, 20), disputed=True)
    assert maybe == replace(RECORDS.prospects[0], odds=0.4, early_signs=("rushed_deadlines", "special_requests"))


def test_an_emptied_column_is_not_known():
    paid = replace(INVOICE, paid_on=date(2026, 9, 20))
    assert put_right(paid, ["paid_on="], TODAY) == INVOICE
    assert put_right(CHOICE, ["note="], TODAY) == replace(CHOICE, note="")


def test_hours_of_a_day_do_not_become_those_of_a_month():
    assert put_right(HOURS, ["date=2026-09-04"], TODAY) == replace(HOURS, on=date(2026, 9, 4))
    with pytest.raises(InvalidRecord, match="a date YYYY-MM-DD"):
        put_right(HOURS, ["date=2026-02"], TODAY)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("amount=1.000,50", "amount: a number such as 1234.50 was expected; '1.000,50' came"),
        ("amount=", "amount cannot be empty"),
        ("number=8", "issued, due, amount"),
        ("amount", "COLUMN=VALUE was expected"),
        ("paid_on=2026-11-05", "lies ahead"),
        ("paid_on=2026-08-01", "lies before issued"),
        ("paid_on=2026-02-30", "a day that exists"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_column(said, sentence):
    with pytest.raises(InvalidRecord, match=sentence):
        put_right(INVOICE, [said], TODAY)
