"""Numbers and days nobody can mean are refused with a sentence, wherever they are said."""

from datetime import date
from math import inf, nan

import pytest
import typer

from app.commands.call import read_as_of
from model.errors import InvalidSettings
from model.joint_limits import Bounds
from model.two_in_the_bush import two_in_the_bush


@pytest.mark.parametrize("number", [nan, inf, -inf, 1e300, 1.1e12])
@pytest.mark.parametrize("limit", ["capacity_hours", "cash", "cash_floor", "costs_per_month"])
def test_a_limit_of_a_plan_is_a_sensible_number(limit: str, number: float):
    with pytest.raises(InvalidSettings, match=f"{limit} must lie between"):
        Bounds(**{limit: number})


@pytest.mark.parametrize("share", [nan, -0.1, 1.1])
@pytest.mark.parametrize("limit", ["cash_probability", "largest_share", "low_paying_share"])
def test_a_share_in_a_plan_lies_between_none_and_all(limit: str, share: float):
    with pytest.raises(InvalidSettings, match=f"{limit} must lie between 0 and 1"):
        Bounds(**{limit: share})


@pytest.mark.parametrize("name", ["in_hand", "mean", "sd", "cost"])
@pytest.mark.parametrize("number", [nan, inf, 1e308])
def test_two_in_the_bush_are_of_sensible_worth(name: str, number: float):
    worth = {"in_hand": 1000.0, "mean": 1200.0, "sd": 500.0, "cost": 100.0}
    with pytest.raises(InvalidSettings, match="all four must be numbers between"):
        two_in_the_bush(**(worth | {name: number}))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2201-01-01"])
def test_a_day_no_record_can_have_is_no_day_to_answer_on(day: str):
    with pytest.raises(typer.BadParameter, match="between 1970-01-01 and 2200-12-31"):
        read_as_of(day)
    assert read_as_of("2026-10-31") == date(2026, 10, 31)
