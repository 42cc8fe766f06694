"""The joint plan of a real portfolio: one net benefit for verdicts and plan, and policies above the sums."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app import planning, scenarios
from app.desk import Desk
from app.imports.folder import import_folder
from app.opened import EXAMPLE_FOLDER, newest_day
from app.store import open_portfolio
from model.joint_limits import Bounds
from model.judged import Judgement
from model.plan import Plan, Step, binding, bounds_of, choices_of, make_plan
from model.settings import Scenario


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    path = tmp_path_factory.mktemp("plan") / "example.db"
    import_folder(open_portfolio(path), EXAMPLE_FOLDER)
    return Desk(path, today=newest_day(open_portfolio(path).records())).judgement()


def test_without_limits_the_plan_says_of_every_client_what_is_worth_most_by_the_verdicts_own_figures(
    judged: Judgement,
) -> None:
    plan = make_plan(judged, Bounds())
    for step, decision in zip(plan.steps, judged.decisions, strict=True):
        assert step.client == decision.client
        if decision.verdict == "deal_breaker" or step.option.exit_month:
            continue
        assert step.value == pytest.approx(decision.action(step.option.action).mean, rel=1e-5)
        assert step.value >= max(a.mean for a in decision.actions if a.action in ("keep", "renegotiate")) - 0.01
    assert plan.value == pytest.approx(plan.value_alone)


def test_a_deal_breaker_is_left_at_the_earliest_day_and_the_plan_says_so(judged: Judgement) -> None:
    broken = [d.client for d in judged.decisions if d.verdict == "deal_breaker"]
    assert broken
    for bounds in (Bounds(), bounds_of(judged), Bounds(searches_at_once=0)):
        plan = make_plan(judged, bounds)
        fixed = {step.client: step for step in plan.steps if step.fixed.startswith("a deal-breaker")}
        assert set(fixed) == set(broken)
        assert all(step.option.exit_month == 0 for step in fixed.values())
        assert not any(s.limit == "searches" for s in plan.shortfalls)


def test_searches_are_never_more_at_once_than_the_limit(judged: Judgement) -> None:
    plan = make_plan(judged, Bounds(searches_at_once=1))
    chosen = [_place(plan, step) for step in plan.steps]
    assert plan.choices.searching[np.arange(len(chosen)), chosen].sum(axis=0).max() <= 1


def test_the_fan_starts_from_todays_cash_and_doing_nothing_is_keeping_everyone(judged: Judgement) -> None:
    plan = make_plan(judged, Bounds(cash=7000.0, costs_per_month=1000.0))
    first = 7000.0 - 1000.0 + plan.choices.cash[:, :, 0, 0].sum(axis=1, dtype=np.float64)
    assert plan.fan_of_nothing[2, 0] == pytest.approx(np.median(first))
    assert (np.diff(plan.fan, axis=0) >= 0).all()
    richer = make_plan(judged, Bounds(cash=8000.0, costs_per_month=1000.0))
    assert richer.fan == pytest.approx(plan.fan + 1000.0)


def test_a_limit_in_the_way_is_named_with_what_lifting_it_is_worth(judged: Judgement) -> None:
    plan = make_plan(judged, replace(bounds_of(judged), capacity_hours=150.0))
    limits = {limit.limit: limit for limit in binding(plan)}
    assert set(limits) == set(plan.bounds.names)
    assert limits["hours"].gain > 0
    assert all(limit.gain >= 0 for limit in limits.values())
    assert all(not limit.unit_gain > limit.gain + 1.0 for limit in limits.values())
    said = " ".join(planning.binding_sentences(plan, tuple(limits.values())))
    assert "one more hour a month is worth" in said


def test_what_a_limit_costs_a_client_is_told_apart_from_hours_that_others_free(judged: Judgement) -> None:
    free, tight = make_plan(judged, Bounds()), make_plan(judged, replace(bounds_of(judged), capacity_hours=145.0))
    assert not any(step.limited for step in free.steps)
    given_up = [step for step in free.steps if step.costs > 0.5]
    assert given_up
    reasons = {row[0]: row[-1] for row in planning.step_rows(free)}
    assert {reasons[step.client] for step in given_up} == {"worth most: the hours it would free are freed already"}
    limited = [row for row in planning.step_rows(tight) if row[-1] == "a limit is in the way of the best"]
    assert len(limited) == sum(step.limited and step.costs > 0.5 and not step.fixed for step in tight.steps) > 0


def test_an_impossible_plan_says_which_limit_is_in_the_way_and_by_how_much(judged: Judgement) -> None:
    plan = make_plan(judged, Bounds(capacity_hours=10.0))
    assert plan.impossible
    assert {s.limit for s in plan.shortfalls} == {"hours"}
    said = planning.plan_sentences(plan, date(2026, 10, 31))
    assert said[0].startswith("No plan keeps every limit.")
    worst = max(s.amount for s in plan.shortfalls)
    assert f"In the way: hours a month, by {worst:.1f} hours in 20" in said[1]
    assert binding(plan) == ()
    short = planning.plan_in_short(plan, date(2026, 10, 31))
    assert short == f"{said[0]} {said[1]}" and short.endswith(".")


def test_shares_add_up_to_all_and_the_words_hold_every_client(judged: Judgement) -> None:
    plan = make_plan(judged)
    for share in ("income_share", "hours_share", "strain_share"):
        assert sum(getattr(step, share) for step in plan.steps) == pytest.approx(1.0)
    names = [d.client for d in judged.decisions]
    assert [row[0] for row in planning.step_rows(plan)] == names
    assert sorted(row[0] for row in planning.share_rows(plan)) == sorted(names)
    assert [row[0] for row in planning.fan_rows(plan, date(2026, 10, 31))][:3] == ["2026-11", "2026-12", "2027-01"]


def _place(plan: Plan, step: Step) -> int:
    values = plan.choices.value[[s.client for s in plan.steps].index(step.client)]
    return int(np.abs(values - step.value).argmin())


def test_hours_beyond_capacity_are_relieved_once_however_many_leave(judged: Judgement) -> None:
    assert judged.calendar.overbooked_hours > 0
    choices, options = choices_of(judged)
    assert choices.relief is not None and choices.most_relief is not None and (choices.most_relief > 0).all()
    leave = next(place for place, option in enumerate(options) if option.exit_month == 0)
    everyone = np.full(len(choices.value), leave)
    alone = sum(
        choices.worth(np.where(np.arange(len(everyone)) == client, leave, 0)) - choices.worth(np.zeros_like(everyone))
        for client in range(len(everyone))
    )
    together = choices.worth(everyone) - choices.worth(np.zeros_like(everyone))
    twice = np.maximum(0.0, choices.relief[:, leave].sum(axis=0) - choices.most_relief)
    assert together == pytest.approx(alone - twice.sum())
    assert together < alone


def test_a_scenario_of_one_month_is_told_in_the_singular() -> None:
    told = scenarios.in_words(Scenario(name="Soon", horizon_months=1, replacements=1), "EUR")
    assert "1 month ahead" in told and "1 new client in" in told
    assert "2 months ahead" in scenarios.in_words(Scenario(name="Later", horizon_months=2), "EUR")
