"""Money in hindsight: what came of a client against what leaving was expected to bring."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import isnan

import numpy as np
import pytest

from model.realised import MonthWorth, Realised, advice_worth, realised
from model.records import CheckIn, Client, Event, Hours, Invoice, Records
from model.settings import Settings

CLIENT = Client(name="Anchor", currency="EUR", since=date(2025, 1, 1), billing="retainer", fee_per_month=Decimal(1000))
SAID, TODAY = date(2026, 3, 31), date(2026, 10, 31)
PLAIN = Settings(discount_rate=0.0, reserve_value_per_hour=Decimal(10), price_of_strain=Decimal(100))
TOLD = tuple(
    MonthWorth(month=date(2026, 3 + m, 1), keep=500.0 * m, drop=300.0 * m, freed=200.0 * m, lead=70.0, hours=20.0,
               energy=3.0)
    for m in (1, 2, 3)
)  # fmt: skip


def bill(month: int, paid_on: date | None, amount: int = 1000) -> Invoice:
    return Invoice(
        client="Anchor", number=str(month), issued=date(2026, month, 1), due=date(2026, month, 28),
        amount=Decimal(amount), currency="EUR", paid_on=paid_on,
    )  # fmt: skip


def since(client: Client = CLIENT, told=TOLD, today: date = TODAY, **records: object) -> Realised | None:
    known = replace(Records(clients=(client,), settings=PLAIN), **records)  # type: ignore[arg-type]
    return realised(client, SAID, "keep", told, known, today)


def test_a_month_is_its_fee_less_its_hours_and_its_strain_and_with_its_referrals() -> None:
    found = since(
        told=TOLD[:1],
        invoices=(bill(4, date(2026, 4, 20)),),
        hours=tuple(Hours(client="Anchor", on=date(2026, 4, day), hours=hours) for day, hours in ((3, 12.0), (9, 3.0))),
        checkins=(CheckIn(client="Anchor", month=date(2026, 4, 1), energy=2),),
        events=(Event(client="Anchor", on=date(2026, 4, 9), kind="referral"),),
    )  # fmt: skip
    assert found is not None and found.came == pytest.approx(1000 - 15 * 10 - 100 + 70)
    assert (found.months, found.kept, found.left) == (1, 500.0, 300.0)
    assert found.advantage == pytest.approx(820 - 300)


def test_hours_and_energy_nobody_recorded_count_as_expected() -> None:
    found = since(told=TOLD[:1])
    assert found is not None and found.came == pytest.approx(-20 * 10)


def test_only_months_that_are_over_count() -> None:
    halfway = since(today=date(2026, 6, 30))
    assert halfway is not None and halfway.months == 2 and halfway.kept == 1000.0
    assert since(today=date(2026, 4, 30)) is None


def test_an_open_invoice_is_money_to_come_until_it_is_a_year_past_due() -> None:
    open_bill = (bill(4, None),)
    soon, later = since(invoices=open_bill), since(invoices=open_bill, today=date(2028, 1, 1))
    assert soon is not None and later is not None
    assert soon.came - later.came == pytest.approx(1000)


def test_a_part_that_was_written_off_never_came() -> None:
    whole, part = (
        since(invoices=(bill(4, date(2026, 4, 20)),)),
        since(invoices=(replace(bill(4, date(2026, 4, 20)), written_off=Decimal(400)),)),
    )
    assert whole is not None and part is not None and whole.came - part.came == pytest.approx(400)


def test_of_a_client_one_left_oneself_only_the_months_before_are_seen() -> None:
    gone = replace(CLIENT, ended_on=date(2026, 6, 10), ended_by="me")
    found = since(gone)
    assert found is not None and found.months == 2
    assert since(replace(CLIENT, ended_on=date(2026, 4, 10), ended_by="me")) is None


def test_after_a_client_went_the_hours_are_worth_what_free_hours_were_expected_to_be() -> None:
    gone = replace(CLIENT, ended_on=date(2026, 4, 20), ended_by="client")
    found = since(gone)
    assert found is not None and found.months == 3
    assert found.came == pytest.approx(-20 * 10 + TOLD[1].freed)


def case(verdict: str, came: float, left: float = 100.0, months: int = 2) -> Realised:
    return Realised(client="A", said_on=SAID, verdict=verdict, months=months, came=came, kept=came, left=left)


def test_advice_is_scored_a_month_by_those_who_stayed() -> None:
    unsaid = case("too_close", 9.0)
    stay, leave = advice_worth([case("keep", 300.0), case("renegotiate", 500.0), case("drop", 60.0), unsaid])
    assert (stay.advice, stay.cases, stay.months, stay.a_month) == ("stay", 2, 4, 150.0)
    assert (leave.advice, leave.a_month) == ("leave", -20.0) and isnan(leave.resolution)
    assert advice_worth([unsaid]) == ()


def test_an_adviser_who_throws_a_coin_finds_no_difference() -> None:
    rng = np.random.default_rng(7)
    cases = [case("keep" if rng.random() < 0.5 else "drop", float(came)) for came in rng.normal(200, 400, 4000)]
    stay, leave = advice_worth(cases)
    assert abs(stay.a_month - leave.a_month) < stay.resolution + leave.resolution
    knows = [replace(one, verdict="keep" if one.advantage > 0 else "drop") for one in cases]
    stay, leave = advice_worth(knows)
    assert stay.a_month - leave.a_month > 5 * (stay.resolution + leave.resolution)
