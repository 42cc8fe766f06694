"""What a plan says beside its steps."""

from datetime import date
from decimal import Decimal

import numpy as np

from app.planning import waiting_for_money
from model import catalogue
from model.judgement import judge
from model.population import from_prior
from model.records import Client, Invoice, Records

TODAY = date(2026, 10, 31)
DRAWS = from_prior(catalogue.load(), rng=np.random.default_rng(2), n_samples=32)


def client(name: str, ended_on: date | None = None) -> Client:
    by = None if ended_on is None else "client"
    return Client(
        name=name, currency="EUR", since=date(2025, 1, 1), billing="retainer", ended_on=ended_on, ended_by=by
    )  # fmt: skip


def invoice(name: str, amount: int) -> Invoice:
    return Invoice(
        client=name, number=f"{name} 1", issued=date(2026, 9, 1), due=date(2026, 10, 1), amount=Decimal(amount),
        currency="EUR",
    )  # fmt: skip


def test_what_those_who_left_still_owe_is_waited_for_as_their_sales_are():
    known = Records(
        clients=(client("Here"), client("Gone", date(2026, 9, 30))),
        invoices=(invoice("Here", 2000), invoice("Gone", 18000)),
    )
    (told,) = waiting_for_money(judge(known, DRAWS, today=TODAY))
    assert "20,000 EUR, the sales of 91 days" in told
