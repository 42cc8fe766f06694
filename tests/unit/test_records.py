from dataclasses import FrozenInstanceError
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.agreed import EarlierTerms
from model.errors import InvalidRecord, UnknownClient
from model.records import (
    CheckIn,
    Client,
    Event,
    Hours,
    Invoice,
    Prospect,
    Records,
    Search,
    Sighting,
    first_of_month,
)

SPRING = date(2026, 3, 1)


def client(name: str = "Nordlicht", **facts) -> Client:
    return Client(**{"name": name, "currency": "EUR", "since": date(2025, 1, 1), "billing": "hourly"} | facts)


def invoice(number: str = "1", **facts) -> Invoice:
    issued = facts.pop("issued", SPRING)
    terms = {"client": "Nordlicht", "due": issued + timedelta(30), "amount": Decimal(900), "currency": "EUR"}
    return Invoice(**terms | {"number": number, "issued": issued} | facts)


def sighting(**facts) -> Sighting:
    return Sighting(**{"client": "Nordlicht", "on": SPRING, "sign": "late_payment"} | facts)


@pytest.mark.parametrize(
    ("make", "wrong", "told"),
    [
        (client, {"name": "  "}, "the client name must not be empty"),
        (client, {"name": "x" * 201}, "at most 200 characters"),
        (client, {"name": "a\x00b"}, "no NUL"),
        (client, {"currency": "euro"}, "currency must be a three-letter code such as EUR; 'euro' came"),
        (client, {"billing": "barter"}, "billing must be one of hourly, retainer, fixed; 'barter' came"),
        (client, {"rate_per_hour": Decimal(-1)}, "rate_per_hour must be an amount from 0"),
        (client, {"fee_per_month": Decimal("NaN")}, "fee_per_month"),
        (client, {"agreed_hours_per_month": float("inf")}, "agreed_hours_per_month"),
        (client, {"payment_terms_days": -1}, "payment_terms_days"),
        (client, {"since": date(1900, 1, 1)}, "since must lie between 1970-01-01"),
        (client, {"ended_on": date(2026, 1, 1)}, "ended_on and ended_by go together"),
        (client, {"ended_by": "me"}, "ended_on and ended_by go together"),
        (client, {"ended_on": date(2024, 1, 1), "ended_by": "me"}, "lies before since"),
        (client, {"ended_on": date(2026, 1, 1), "ended_by": "both"}, "ended_by must be one of client, me"),
        (invoice, {"due": date(2026, 2, 1)}, "due 2026-02-01 lies before issued 2026-03-01"),
        (invoice, {"paid_on": date(2026, 2, 28)}, "paid_on 2026-02-28 lies before issued"),
        (invoice, {"written_off": Decimal(901)}, "written_off 901 exceeds the amount 900"),
        (invoice, {"amount": Decimal(-5)}, "amount must be an amount from 0"),
        (invoice, {"number": ""}, "the invoice number must not be empty"),
        (sighting, {"sign": ""}, "the sign must not be empty"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused_with_a_sentence(make, wrong, told):
    with pytest.raises(InvalidRecord, match=told):
        make(**wrong)


@pytest.mark.parametrize(
    ("make", "facts", "told"),
    [
        (CheckIn, {"client": "A", "month": date(2026, 3, 2)}, "first day of a month"),
        (CheckIn, {"client": "A", "month": SPRING, "energy": 6}, "from 1 to 5; 6 came"),
        (CheckIn, {"client": "A", "month": SPRING, "energy": 0}, "from 1 to 5; 0 came"),
        (Hours, {"client": "A", "on": SPRING, "hours": -1.0}, "hours must lie between 0 and 744; -1.0 came"),
        (Hours, {"client": "A", "on": SPRING, "hours": float("nan")}, "hours must lie"),
        (Hours, {"client": "A", "on": date(2026, 3, 5), "hours": 9.0, "whole_month": True}, "first day"),
        (Event, {"client": "A", "on": SPRING, "kind": "lunch"}, "kind must be one of"),
        (Event, {"client": "A", "on": SPRING, "kind": "note", "ask_price_pct": 10.0}, "belongs to a renegotiation"),
        (Event, {"client": "A", "on": SPRING, "kind": "referral", "result": "accepted"}, "belongs to a renegotiation"),
        (Event, {"client": "A", "on": SPRING, "kind": "renegotiation", "ask_price_pct": -100.0}, "between -100"),
        (Event, {"client": "A", "on": SPRING, "kind": "renegotiation", "result": "maybe"}, "result must be one of"),
        (Search, {"opened_on": SPRING, "won_on": date(2026, 2, 1)}, "won_on 2026-02-01 lies before it"),
        (Prospect, {"name": "B", "fee_per_month": Decimal(1), "hours_per_month": 1.0, "odds": 1.1}, "from 0 to 1"),
        (
            Prospect,
            {"name": "", "fee_per_month": Decimal(1), "hours_per_month": 1.0},
            "the prospect name must not be empty",
        ),
    ],
)
def test_an_entry_that_cannot_be_true_is_refused_with_a_sentence(make, facts, told):
    with pytest.raises(InvalidRecord, match=told):
        make(**facts)


def test_a_record_once_made_is_never_changed():
    with pytest.raises(FrozenInstanceError):
        client().name = "Someone else"


def test_an_open_invoice_is_not_a_paid_one():
    assert invoice().paid_on is None


def test_asking_for_an_unknown_client_says_so():
    with pytest.raises(UnknownClient, match="no client called 'Morgenrot'; 1 clients are recorded"):
        Records(clients=(client(),)).client("Morgenrot")


def test_active_clients_have_started_and_not_ended_by_today(today):
    records = Records(
        clients=(
            client("Zeta"),
            client("Ended today", ended_on=today, ended_by="me"),
            client("Ends tomorrow", ended_on=today + timedelta(1), ended_by="client"),
            client("Starts tomorrow", since=today + timedelta(1)),
            client("Alpha", since=today),
        )
    )
    assert [known.name for known in records.active(today)] == ["Alpha", "Ends tomorrow", "Zeta"]


def test_looking_back_a_payment_that_came_later_was_still_open():
    records = Records(clients=(client(),), invoices=(invoice(paid_on=date(2026, 5, 20)),))
    assert records.as_of(date(2026, 5, 19)).invoices[0].paid_on is None
    assert records.as_of(date(2026, 5, 20)).invoices[0].paid_on == date(2026, 5, 20)


def test_looking_back_nobody_writes_off_an_invoice_that_is_not_due():
    records = Records(clients=(client(),), invoices=(invoice(written_off=Decimal(900)),))
    assert records.as_of(date(2026, 3, 30)).invoices[0].written_off is None
    assert records.as_of(date(2026, 3, 31)).invoices[0].written_off == 900


def test_looking_back_a_client_who_left_later_was_still_there():
    left = client(ended_on=date(2026, 6, 1), ended_by="client")
    seen = Records(clients=(left,)).as_of(date(2026, 5, 31)).clients[0]
    assert (seen.ended_on, seen.ended_by) == (None, None)


def test_looking_back_a_search_won_later_was_still_going_on():
    won = Search(opened_on=SPRING, won_on=date(2026, 6, 1), fee_per_month=Decimal(1000), hours_per_month=10.0)
    seen = Records(searches=(won,)).as_of(date(2026, 5, 1)).searches[0]
    assert (seen.won_on, seen.fee_per_month, seen.hours_per_month) == (None, None, None)


def test_the_records_of_one_client_hold_nobody_elses():
    records = Records(
        clients=(client("A"), client("B")),
        sightings=(sighting(client="A"), sighting(client="B")),
        invoices=(invoice(client="B"),),
        searches=(Search(opened_on=SPRING),),
    )
    mine = records.of("A")
    assert [known.name for known in mine.clients] == ["A"]
    assert mine.sightings == (sighting(client="A"),)
    assert mine.invoices == ()
    assert mine.searches == records.searches


DAYS = st.dates(date(2026, 1, 1), date(2026, 6, 30))
LATER = st.integers(0, 90).map(timedelta)


@st.composite
def histories(draw) -> Records:
    def many(record):
        return tuple(draw(st.lists(record, max_size=3)))

    ended = [
        client(f"C{n}", since=since, ended_on=since + lasted if lasted else None, ended_by="me" if lasted else None)
        for n, (since, lasted) in enumerate(draw(st.lists(st.tuples(DAYS, st.none() | LATER), max_size=3)))
    ]
    dated = st.tuples(DAYS, st.none() | LATER)
    return Records(
        clients=tuple(ended),
        checkins=many(DAYS.map(lambda day: CheckIn(client="C0", month=first_of_month(day)))),
        sightings=many(DAYS.map(lambda day: sighting(on=day))),
        hours=many(DAYS.map(lambda day: Hours(client="C0", on=day, hours=2.0))),
        events=many(DAYS.map(lambda day: Event(client="C0", on=day, kind="note"))),
        invoices=many(dated.map(lambda d: invoice(issued=d[0], paid_on=d[0] + d[1] if d[1] is not None else None)))
        + many(DAYS.map(lambda day: invoice("2", issued=day, written_off=Decimal(10))))
        + many(
            st.tuples(DAYS, LATER).map(
                lambda d: invoice("3", issued=d[0], written_off=Decimal(10), written_off_on=d[0] + d[1])
            )
        ),
        earlier_terms=tuple(
            EarlierTerms(client="C0", until=day, billing="fixed", fee_per_month=Decimal(fee))
            for fee, day in enumerate(draw(st.sets(DAYS, max_size=3)))
        ),
        searches=many(dated.map(lambda d: Search(opened_on=d[0], won_on=d[0] + d[1] if d[1] is not None else None))),
    )


@given(history=histories(), first=DAYS, second=DAYS)
def test_looking_back_twice_shows_what_the_earlier_day_knew(history, first, second):
    assert history.as_of(first).as_of(second) == history.as_of(min(first, second))


@given(history=histories(), day=DAYS)
def test_looking_back_shows_nothing_that_happened_later(history, day):
    seen = history.as_of(day)
    happened = [
        *(known.since for known in seen.clients),
        *(known.ended_on for known in seen.clients),
        *(known.month for known in seen.checkins),
        *(known.on for known in (*seen.sightings, *seen.hours, *seen.events)),
        *(known.issued for known in seen.invoices),
        *(known.paid_on for known in seen.invoices),
        *(known.written_off_on for known in seen.invoices),
        *(known.until for known in seen.earlier_terms),
        *(known.opened_on for known in seen.searches),
        *(known.won_on for known in seen.searches),
    ]
    assert all(when <= day for when in happened if when is not None)
