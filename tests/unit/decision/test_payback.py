"""How the worth of keeping and of leaving builds up month by month."""

import numpy as np
import pytest

from model import actions
from model.payback import build_up, pays_back


def followed(case, months=None):
    return build_up(case.outlook, case.terms, case.settings, months=months)


@pytest.mark.parametrize(
    "world",
    [
        {},
        {"capacity": 80.0},
        {"capacity": 200.0, "notice_months": 2.4, "open_invoices": 4000.0, "prepaid": 500.0},
        {"hazard": 0.12, "billing": "hourly", "rate_per_hour": 70.0},
        {"notice_months": 99.0},
    ],
    ids=str,
)
def test_at_the_horizon_it_is_what_the_actions_are_worth(firm, world):
    case = firm(**world)
    prepaid = np.array([term.prepaid for term in sorted(case.terms, key=lambda term: term.client)])
    built, worth = followed(case), actions.net_benefit(case.outlook, case.terms, case.settings).mean("sample")
    assert built.keep[:, -1] == pytest.approx(worth.sel(action="keep").values + prepaid, rel=1e-9)
    assert built.drop[:, -1] == pytest.approx(worth.sel(action="drop").values + prepaid, rel=1e-9)


def test_the_first_months_are_those_of_any_longer_look(firm):
    case = firm()
    long, short = followed(case), followed(case, 5)
    for name in ("keep", "drop", "freed"):
        assert getattr(short, name) == pytest.approx(getattr(long, name)[:, :5], rel=1e-12)


def test_until_the_notice_is_over_leaving_brings_what_keeping_does(firm):
    built = followed(firm(notice_months=3.0, open_invoices=0.0))
    assert built.drop[:, :3] == pytest.approx(built.keep[:, :3], rel=1e-9)
    assert (built.drop[:, 3] < built.keep[:, 3]).all()


def test_leaving_pays_back_once_it_is_ahead_for_good(firm):
    case = firm()
    built, client = followed(case), case.outlook.base.clients[0]
    ahead = built.drop[0] - built.keep[0]
    month = pays_back(built, client)
    if month is None:
        assert ahead[-1] < 0
    else:
        assert (ahead[month - 1 :] >= 0).all() and (month == 1 or ahead[month - 2] < 0)


def test_a_client_who_costs_money_every_month_pays_back_as_soon_as_the_notice_ends(firm):
    case = firm(fee_per_month=0.0, notice_months=1.0, open_invoices=0.0)
    built = followed(case)
    assert pays_back(built, case.outlook.base.clients[0]) == 1
