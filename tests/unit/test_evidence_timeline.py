"""What was recorded of one client, line by line."""

from datetime import date

from app.evidence_timeline import entries_of
from model import catalogue
from model.records import Client, Event, Records

TODAY = date(2026, 10, 31)
GONE = Client(
    name="Acme", currency="EUR", since=date(2025, 1, 1), billing="fixed", ended_on=date(2026, 9, 30), ended_by="me"
)


def test_renegotiations_are_told_apart_by_what_was_asked_and_what_came_of_it():
    asks = (
        Event(client="Acme", on=date(2026, 3, 1), kind="renegotiation", ask_price_pct=10.0, result="refused_stayed"),
        Event(client="Acme", on=date(2026, 2, 1), kind="renegotiation", ask_scope=True, ask_terms=True, note="by mail"),
        Event(client="Acme", on=date(2026, 1, 1), kind="renegotiation", result="accepted"),
    )
    told = entries_of(Records(clients=(GONE,), events=asks), "Acme", catalogue.load(), TODAY)
    assert [entry.detail for entry in told] == [
        "10 % more: refused, stayed", "a cap on scope and better payment terms: open (by mail)", "accepted",
    ]  # fmt: skip
