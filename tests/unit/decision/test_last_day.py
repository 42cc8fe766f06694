"""When one who is told later is left: notice begins then, the end of a contract and committed work do not move."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from model import actions
from model.records import Client, Records
from model.streams import streams
from model.terms import terms_of

TODAY = date(2026, 11, 1)


def bound(case, **agreed):
    """The firm of one client, with what is agreed about leaving; all invoices are paid: telling costs nothing."""
    acme = Client(
        name="client 0", currency="EUR", since=date(2020, 1, 1), billing="retainer", fee_per_month=Decimal(2800),
        agreed_hours_per_month=40.0, payment_terms_days=30, **agreed,
    )  # fmt: skip
    paid = replace(case.outlook.base, never_paid=0 * case.outlook.base.never_paid)
    terms = (terms_of(Records(clients=(acme,)), acme.name, TODAY),)
    return replace(case, outlook=replace(case.outlook, base=paid), terms=terms)


def worth(case, last_month=8):
    return actions.exit_values(case.outlook, case.terms, case.settings, last_month)[:, 0].values


IN_SIX_MONTHS = TODAY + timedelta(days=183)


@pytest.mark.parametrize("agreed", [{"contract_end": IN_SIX_MONTHS}, {"committed_hours": 240.0}], ids=str)
def test_until_a_fixed_last_day_it_makes_no_difference_when_one_tells_the_client(firm, agreed):
    found = worth(bound(firm(1, 50, 12), **agreed))
    assert found[:, :6] == pytest.approx(np.broadcast_to(found[:, :1], (50, 6)))
    assert (np.abs(found[:, 8] - found[:, 0]) > 1).all()


def test_notice_begins_when_the_client_is_told_and_runs_beside_work_that_is_committed(firm):
    plain, working = (bound(firm(1, 50, 12), notice_days=61, committed_hours=hours) for hours in (None, 200.0))
    # Five months of work: who is told in three months or later leaves two months after that.
    assert worth(working)[:, 4:] == pytest.approx(worth(plain)[:, 4:])
    assert worth(working)[:, :3] == pytest.approx(np.broadcast_to(worth(plain)[:, [3]], (50, 3)), rel=0.01)


def test_a_contract_that_may_be_ended_with_notice_ends_at_its_end_at_the_latest(firm):
    case = bound(firm(1, 50, 12), notice_days=61, contract_end=TODAY + timedelta(days=91))
    found = worth(case)
    assert found[:, 2] == pytest.approx(found[:, 1], rel=0.01)
    assert (np.abs(found[:, 1] - found[:, 0]) > 1).all()


def test_hours_are_worked_until_the_end_of_the_contract_and_not_longer_after_a_refusal(firm):
    case = bound(firm(1, 50, 12, hazard=0.0, strain=3.0), contract_end=IN_SIX_MONTHS)
    refused = np.zeros_like(case.outlook.outcomes)
    refused[:, :, 2] = 1
    case = replace(case, outlook=replace(case.outlook, outcomes=refused)).with_settings(price_of_strain=Decimal(9000))
    hours = streams(case.outlook, case.terms, case.settings, exit_months=(0, 3, 7)).hours[:, 0]
    assert hours[:, 3] == pytest.approx(hours[:, 2])
    assert hours[:, 1, 1:] == pytest.approx(hours[:, 2, 1:])
    assert (hours[:, 4, 6] > 0).all() and (hours[:, 4, 7:] == 0).all()


def test_futures_of_a_client_who_refuses_average_to_the_expected_ones_where_the_contract_binds(firm):
    case = bound(firm(1, 4000, 12), contract_end=IN_SIX_MONTHS).with_settings(price_of_strain=Decimal(2000))
    gap = actions.futures(case.outlook, case.terms, case.settings, 3) - actions.net_benefit(
        case.outlook, case.terms, case.settings
    )
    errors = gap.std("sample") / np.sqrt(4000)
    assert (np.abs(gap.mean("sample")) <= 4 * errors).sel(action=["renegotiate", "drop"]).all()
