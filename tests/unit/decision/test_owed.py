"""What becomes of the invoices that are open today, by their age."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from model import actions
from model.records import Client, Invoice, Records
from model.streams import streams
from model.terms import terms_of

TODAY = date(2026, 11, 1)


def owing(*ages, agreed=30, due=30):
    """A firm's client who agreed on so many days, with invoices of 10,000 open for these days, due after as many."""
    acme = Client(
        name="client 0", currency="EUR", since=date(2020, 1, 1), billing="retainer", fee_per_month=Decimal(1000),
        agreed_hours_per_month=20.0, payment_terms_days=agreed, notice_days=0,
    )  # fmt: skip
    issued = [TODAY - timedelta(days=age) for age in ages]
    bills = tuple(
        Invoice(
            client=acme.name, number=str(n), issued=on, due=on + timedelta(days=due), amount=Decimal(10_000),
            currency="EUR",
        )
        for n, on in enumerate(issued)
    )  # fmt: skip
    return (terms_of(Records(clients=(acme,), invoices=bills), acme.name, TODAY),)


def arriving(case, terms, **options):
    """Cash from the open invoices alone, month by month (sample, month)."""
    with_them, without = (streams(case.outlook, t, case.settings, **options).cash[:, 0, 0] for t in (terms, owing()))
    return with_them - without


def lost(case, terms, exit_month=0):
    """What telling the client puts at risk of them (sample)."""
    owed, free = (
        actions.exit_values(case.outlook, t, case.settings, exit_month)[:, 0, exit_month].values
        for t in (terms, owing())
    )
    return free - owed


def test_the_longer_an_invoice_is_open_the_less_is_counted_on(firm):
    case = firm(1, 300, 24)
    expected = [float(arriving(case, owing(age)).sum(axis=1).mean()) for age in (0, 30, 60, 120, 200, 549)]
    assert all(older < younger for younger, older in pairwise(expected))
    assert expected[0] > 9000 and expected[-1] < 3000


def test_an_old_invoice_is_paid_as_often_as_the_model_says_of_one_still_open(firm):
    case = firm(1, 200, 24)
    pi, days = (getattr(case.outlook.base, name)[:, 0, 0] for name in ("never_paid", "days_to_pay"))
    scale = case.outlook.payment_spread
    shape = 1 / scale
    median = (days + 30) / (np.pi * scale / np.sin(np.pi * scale))

    def still(days_open, due):
        past = ((days_open + 30) / (median * (due + 30) / 60)) ** shape
        return pi + (1 - pi) / (1 + past)

    for age, due in ((200, 30), (45, 30), (200, 90)):
        ends = age + 365.25 / 12 * np.arange(25)
        left = np.stack([still(end, due) / still(age, due) for end in ends], axis=1)
        assert arriving(case, owing(age, due=due)) == pytest.approx(-10_000 * np.diff(left, axis=1), abs=0.01)
        # Twice the odds of never paying, of what is open when they are told.
        for wait in (0, 2):
            never = pi / still(ends[wait], due)
            more = 2 * never / (1 + never) - never
            there = case.outlook.base.alive[:, 0, wait] * (1 + case.settings.discount_rate) ** (-wait / 12)
            assert lost(case, owing(age, due=due), wait) == pytest.approx(
                there * 10_000 * left[:, wait] * more, abs=1e-6
            )


def test_a_client_who_would_have_paid_long_ago_has_little_left_to_lose_by_being_told(firm):
    case = firm(1, 300)
    at_risk = [float(lost(case, owing(age)).mean()) for age in (0, 75, 549)]
    assert at_risk[1] > 2 * at_risk[0] and at_risk[2] < at_risk[1]


def test_simulated_payments_of_open_invoices_average_to_the_expected_ones_in_every_month(firm):
    case, terms = firm(1, 20_000, 12), owing(20, 100, 300)
    expected, simulated = arriving(case, terms), arriving(case, terms, seed=3)
    assert np.abs(simulated.mean(axis=0) - expected.mean(axis=0)).max() < 4 * 30_000 * 0.5 / np.sqrt(20_000)
    paid = simulated.round(0)
    assert set(np.unique(paid)) <= {0.0, 10_000.0, 20_000.0, 30_000.0} and (paid.sum(axis=1) <= 30_000).all()


def test_without_open_invoices_nothing_is_at_stake(firm):
    case = firm(1, 50)
    assert arriving(case, owing()) == pytest.approx(0) and lost(case, owing()) == pytest.approx(0)
