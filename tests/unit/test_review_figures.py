"""A client in a bookkeeper's figures, of what is recorded and nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.review.content import figures
from model.records import Client, Hours, Invoice, Records
from model.settings import Settings

TODAY = date(2026, 10, 31)
CLIENT = Client(
    name="Acme", currency="EUR", since=date(2025, 1, 1), billing="hourly", rate_per_hour=Decimal(80),
    agreed_hours_per_month=20.0,
)  # fmt: skip


def bill(month: int) -> Invoice:
    issued = date(2026, month, 28)
    return Invoice(
        client="Acme", number=str(month), issued=issued, due=issued + timedelta(days=14), amount=Decimal(1600),
        currency="EUR", paid_on=issued,
    )  # fmt: skip


def portfolio(months: range, client: Client = CLIENT) -> Records:
    return Records(
        settings=Settings(), clients=(client,), invoices=tuple(bill(month) for month in range(1, 11)),
        hours=tuple(Hours(client="Acme", on=date(2026, m, 1), hours=20.0, whole_month=True) for m in months),
    )  # fmt: skip


@pytest.mark.parametrize("months", [range(1, 11), range(9, 11), range(3, 6)], ids=str)
def test_months_without_hours_are_not_known_and_no_months_of_rest(months):
    found = figures(portfolio(months), "Acme", TODAY, 20.0, 0.5)
    assert found.hours_a_month == pytest.approx(20.0)
    assert found.earned_an_hour == pytest.approx(80.0)
    assert found.over_servicing == pytest.approx(0.0)


def test_without_hours_nothing_is_said_of_them():
    found = figures(portfolio(range(0)), "Acme", TODAY, 0.0, 0.5)
    assert (found.hours_a_month, found.earned_an_hour, found.over_servicing) == (None, None, None)


def test_where_nothing_is_agreed_nothing_is_beyond_it():
    free = replace(CLIENT, agreed_hours_per_month=None)
    found = figures(portfolio(range(1, 11), free), "Acme", TODAY, 20.0, 0.5)
    assert found.over_servicing is None and found.hours_a_month == pytest.approx(20.0)
