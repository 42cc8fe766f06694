"""How the worth of keeping and of leaving builds up month by month."""

import numpy as np
import pytest

from model import actions
from model.payback import BuildUp, PayBack, build_up, pay_back


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


@pytest.mark.parametrize("world", [{}, {"fee_per_month": 900.0}, {"capacity": 60.0}, {"fee_per_month": 400.0}], ids=str)
def test_leaving_has_paid_for_itself_once_it_is_ahead_for_good(firm, world):
    case = firm(**world)
    built, client = followed(case), case.outlook.base.clients[0]
    ahead, found = built.drop[0] - built.keep[0], pay_back(built, client)
    assert found.behind == pytest.approx(max(-ahead.min(), 0.0), abs=1e-6)
    assert found.lowest is None or ahead[found.lowest - 1] == ahead.min() < 0
    if found.month is None:
        assert ahead[-1] < 0
    else:
        assert (ahead[found.month - 1 :] >= -1e-6).all() and (found.month == 1 or ahead[found.month - 2] < 0)


def test_a_month_counts_when_it_is_ahead_for_good():
    built = BuildUp(
        clients=("A", "B"), keep=np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0]]),
        drop=np.array([[1.0, 1.0, 3.5, 3.0, 6.0], [1.0, 0.0, 0.0, 1.0, 4.0]]), freed=np.zeros((2, 5)), lead=np.zeros(5),
    )  # fmt: skip
    assert pay_back(built, "A") == PayBack(month=5, behind=1.0, lowest=2, months=5)
    assert pay_back(built, "B") == PayBack(month=None, behind=3.0, lowest=3, months=5)


def test_a_client_who_costs_money_every_month_pays_back_as_soon_as_the_notice_ends(firm):
    case = firm(fee_per_month=0.0, notice_months=1.0, open_invoices=0.0)
    assert pay_back(followed(case), case.outlook.base.clients[0]) == PayBack(
        month=1, behind=0.0, lowest=None, months=case.settings.horizon_months
    )
