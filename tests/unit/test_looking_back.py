"""Looking back: scores of forecasts whose outcome is known, and what was done with what was advised."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.looking_back import Expected, MonthTold, brier_parts, brier_score, coverage, followed, scores
from model.records import CheckIn, Client, Event, Hours, Invoice, Records

TODAY = date(2026, 10, 31)
CLIENT = Client(name="Anchor", currency="EUR", since=date(2025, 1, 1), billing="retainer", fee_per_month=Decimal(900))


def told(**changes: object) -> MonthTold:
    usual = Expected(expected=20.0, low=10.0, high=30.0)
    month = MonthTold(
        client="Anchor", said_on=date(2026, 6, 30), month=date(2026, 7, 1), still_there=0.9, share_late=0.2,
        days_to_pay=usual, hours=usual, energy=Expected(expected=3.0, low=2.0, high=4.0),
    )  # fmt: skip
    return replace(month, **changes)  # type: ignore[arg-type]


def invoice(paid_on: date | None) -> Invoice:
    return Invoice(
        client="Anchor", number="1", issued=date(2026, 7, 5), due=date(2026, 8, 4), amount=Decimal(900), currency="EUR",
        paid_on=paid_on,
    )  # fmt: skip


def records(**changes: object) -> Records:
    return replace(Records(clients=(CLIENT,)), **changes)  # type: ignore[arg-type]


def by_name(*arguments: object) -> dict[str, object]:
    return {score.what: score for score in scores(*arguments)}  # type: ignore[arg-type]


@given(st.lists(st.booleans(), min_size=1))
def test_who_knows_the_future_scores_nothing_and_a_coin_a_quarter(happened: list[bool]) -> None:
    assert brier_score([float(h) for h in happened], happened) == 0
    assert brier_score([0.5] * len(happened), happened) == 0.25
    assert brier_score([1.0 - h for h in happened], happened) == 1


def test_intervals_are_scored_by_how_often_they_held_what_came() -> None:
    rng = np.random.default_rng(1)
    came = rng.standard_normal(20_000)
    assert coverage(np.full(20_000, -1.2816), np.full(20_000, 1.2816), came) == pytest.approx(0.8, abs=0.01)


def test_a_month_is_scored_by_what_was_recorded_in_it() -> None:
    known = records(
        invoices=(invoice(date(2026, 8, 10)),),
        hours=tuple(Hours(client="Anchor", on=date(2026, 7, day), hours=hours) for day, hours in ((9, 8.0), (20, 7.0))),
        checkins=(CheckIn(client="Anchor", month=date(2026, 7, 1), energy=5),),
    )  # fmt: skip
    found = by_name([told()], known, TODAY)
    there = found["still a client at the end of the month"]
    assert (there.cases, there.came) == (1, 1) and there.brier == pytest.approx(0.01)
    assert found["invoice paid late"].came == 1 and found["invoice paid late"].brier == pytest.approx(0.64)
    assert found["days to pay"].came == 36 and found["days to pay"].covered == 0
    assert found["hours in a month"].came == 15 and found["hours in a month"].covered == 1
    assert found["energy in a month"].covered == 0


def test_an_invoice_still_open_is_late_and_took_longer_than_it_has_been_open() -> None:
    found = by_name([told()], records(invoices=(invoice(None),)), TODAY)
    assert found["invoice paid late"].came == 1 and found["days to pay"].covered == 0
    # Not yet due, it says nothing.
    assert "days to pay" not in by_name([told()], records(invoices=(invoice(None),)), date(2026, 8, 2))


def test_only_months_that_are_over_and_were_ahead_count() -> None:
    assert scores([told(month=date(2026, 10, 1))], records(), TODAY) == ()
    assert scores([told(said_on=date(2026, 8, 1))], records(), TODAY) == ()


@pytest.mark.parametrize("today", [date(2026, 2, 1), date(2026, 2, 20), date(2026, 3, 15), date(2026, 7, 1)])
def test_who_forecasts_payments_rightly_scores_so_however_soon_it_is_looked_at(today: date) -> None:
    rng = np.random.default_rng(2)
    clients, forecasts, invoices = [], [], []
    for slowest in (20, 40, 60):  # every day before it is as likely
        name = f"pays within {slowest} days"
        clients.append(replace(CLIENT, name=name))
        middle = Expected(expected=(slowest - 1) / 2, low=0.1 * slowest, high=0.9 * slowest - 1)
        for month in (date(2026, m, 1) for m in range(1, 6)):
            forecasts.append(
                told(client=name, said_on=date(2025, 12, 31), month=month, days_to_pay=middle,
                     share_late=(slowest - 15) / slowest)
            )  # fmt: skip
            for n in range(200):
                issued = month + timedelta(days=n % 28)
                paid_on = issued + timedelta(days=int(rng.integers(slowest)))
                invoices.append(
                    replace(invoice(None), client=name, number=f"{name}, {month}, {n}", issued=issued,
                            due=issued + timedelta(days=14), paid_on=paid_on)
                )  # fmt: skip
    found = by_name(forecasts, Records(clients=tuple(clients), invoices=tuple(invoices)).as_of(today), today)
    late, days = found["invoice paid late"], found["days to pay"]
    assert late.cases > 100 and days.cases > 100
    assert late.came == pytest.approx(late.forecast, abs=2.5 * np.sqrt(0.25 / late.cases))
    assert days.covered == pytest.approx(0.8, abs=2.5 * np.sqrt(0.16 / days.cases))


def test_of_a_client_who_was_dropped_nothing_is_scored() -> None:
    for by, expected in (("me", 0), ("client", 1)):
        gone = replace(CLIENT, ended_on=date(2026, 7, 15), ended_by=by)
        found = scores([told(), told(month=date(2026, 8, 1))], replace(records(), clients=(gone,)), TODAY)
        if expected:
            assert found[0].came == 0  # they left, both months
        else:
            assert found == ()


@pytest.mark.parametrize(
    ("verdict", "ended_by", "asked", "expected"),
    [
        ("keep", None, False, "yes"),
        ("keep", "me", False, "no"),
        ("drop", "me", False, "yes"),
        ("drop", None, False, "no"),
        ("deal_breaker", "client", False, "no"),
        ("renegotiate", None, True, "yes"),
        ("renegotiate", None, False, "no"),
        ("too_close", None, False, "no advice"),
        ("wait", "me", False, "no advice"),
    ],
)
def test_whether_a_verdict_was_followed(verdict: str, ended_by: str | None, asked: bool, expected: str) -> None:
    client = CLIENT if ended_by is None else replace(CLIENT, ended_on=date(2026, 9, 1), ended_by=ended_by)
    event = Event(client="Anchor", on=date(2026, 8, 1), kind="renegotiation", ask_price_pct=10.0, result="accepted")
    known = Records(clients=(client,), events=(event,) if asked else ())
    assert followed(verdict, "Anchor", date(2026, 6, 30), known, TODAY).followed == expected
    # What was done before the verdict is no answer to it.
    assert followed("renegotiate", "Anchor", date(2026, 9, 30), known, TODAY).followed == "no"


SAID = (0.1, 0.1, 0.3, 0.3, 0.3, 0.7, 0.7, 0.9, 0.9, 0.9)
CAME = (0, 0, 0, 1, 0, 1, 0, 1, 1, 1)


def test_the_brier_score_comes_apart_into_reliability_resolution_and_uncertainty() -> None:
    parts = brier_parts(SAID, CAME)
    assert brier_score(SAID, CAME) == pytest.approx(0.13)
    assert parts.reliability == pytest.approx(0.0133333, abs=1e-7)
    assert parts.resolution == pytest.approx(0.1333333, abs=1e-7)
    assert parts.uncertainty == pytest.approx(0.25)
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(brier_score(SAID, CAME))
