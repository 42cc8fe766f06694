"""Possible clients, looking for one, screening and scenarios: what must hold of their worth."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from app.scenarios import delete, in_words, playable, save, saved
from app.store import open_portfolio
from model import scenarios
from model.catalogue import load
from model.errors import InvalidSettings, UnknownClient
from model.judged import Judgement
from model.judgement import judge, rejudge
from model.population import from_prior
from model.prospects import exchanges, valued
from model.records import Client, Invoice, Prospect, Records
from model.scenarios import ADVISED, AS_TODAY, compare
from model.screening import screened, screening
from model.search_first import reason_of, search_first
from model.settings import Replacement, Scenario, Settings

TODAY = date(2026, 10, 31)
SETTINGS = Settings(
    capacity_hours_per_month=60.0,
    replacement=Replacement(fee_per_month=Decimal(1500), hours_per_month=20.0, search_cost_per_month=Decimal(50)),
)
PROSPECT = Prospect(name="Lamp", fee_per_month=Decimal(1500), hours_per_month=20.0)


def client(name: str, fee: int) -> Client:
    return Client(
        name=name, currency="EUR", since=date(2025, 1, 1), billing="retainer", fee_per_month=Decimal(fee),
        agreed_hours_per_month=20.0, notice_days=30,
    )  # fmt: skip


@cache
def judged(capacity: float = 60.0) -> Judgement:
    records = Records(
        settings=replace(SETTINGS, capacity_hours_per_month=capacity),
        clients=(client("Anchor", 2500), client("Barge", 700), client("Canoe", 1500)),
        invoices=tuple(
            Invoice(
                client="Anchor", number=str(month), issued=date(2026, month, 1), due=date(2026, month, 28),
                amount=Decimal(2500), currency="EUR", paid_on=date(2026, month, 25),
            )
            for month in range(1, 10)
        ),
        prospects=(PROSPECT,),
    )  # fmt: skip
    population = from_prior(load(), rng=np.random.default_rng(3), n_samples=400)
    return judge(records, population, today=TODAY)


def test_a_higher_fee_is_worth_more_by_what_a_unit_of_fee_is_worth():
    low, high = (valued(judged(), replace(PROSPECT, fee_per_month=Decimal(fee))) for fee in (1500, 1600))
    assert high.gain > low.gain
    # The least fee is where the gain is nothing.
    assert low.least_fee == pytest.approx(high.least_fee)
    assert low.least_fee is not None
    at_least = valued(judged(), replace(PROSPECT, fee_per_month=Decimal(repr(low.least_fee))))
    assert at_least.gain == pytest.approx(0.0, abs=1.0)
    assert at_least.answer == "too_close" and high.p_better >= low.p_better


def test_early_signs_speak_against_a_prospect_and_good_ones_for_them():
    plain = valued(judged(), PROSPECT)
    rude = valued(judged(), replace(PROSPECT, early_signs=("disrespect", "mental_abuse")))
    keen = valued(judged(), replace(PROSPECT, early_signs=("same_direction",)))
    assert rude.gain < plain.gain < keen.gain
    assert rude.strain[0][2] > plain.strain[0][2]  # conduct
    assert "how they behave" in rude.reason


def test_hours_that_are_not_free_cost_what_the_market_pays_for_them():
    roomy, full = valued(judged(160.0), PROSPECT), valued(judged(60.0), PROSPECT)
    assert roomy.beyond == 0 and full.beyond > 5
    assert roomy.worth.mean() > full.worth.mean()
    assert "more than are free" in full.reason and "more than are free" not in roomy.reason


def test_a_prospect_who_starts_later_earns_less():
    soon, late = (valued(judged(160.0), replace(PROSPECT, start=day)) for day in (None, date(2027, 10, 1)))
    assert late.starts_in == 11 and soon.starts_in == 0
    assert late.worth.mean() < soon.worth.mean()


@cache
def roomy() -> Judgement:
    market = replace(SETTINGS.replacement, months_to_win=2.0, search_hours_per_month=0.0, ramp_up_months=0.0)
    records = Records(
        settings=replace(SETTINGS, capacity_hours_per_month=40.0, replacement=market),
        clients=(replace(client("Anchor", 1500), notice_days=0),),
    )
    return judge(records, from_prior(load(), rng=np.random.default_rng(3), n_samples=400), today=TODAY)


def test_the_usual_newcomer_who_starts_in_a_year_finds_the_hours_taken_by_then():
    soon, late = (valued(roomy(), replace(PROSPECT, start=day)) for day in (None, date(2027, 10, 31)))
    assert soon.gain > 1000 and late.starts_in == 12
    assert 0 <= late.gain < soon.gain / 4
    assert late.still_free < 0.4 and not late.held and soon.still_free == 1.0


def test_hours_are_held_free_for_a_prospect_who_brings_far_more_than_those_who_come_meanwhile():
    rich = replace(PROSPECT, fee_per_month=Decimal(4500), start=date(2027, 4, 30))
    found = valued(roomy(), rich)
    assert found.held and found.gain > 0 and "held free for them" in found.reason
    # Nothing comes in before, so that a month later costs a month of the prospect, in case they are there that long.
    sooner = valued(roomy(), replace(rich, start=date(2027, 3, 31)))
    assert 2000 < sooner.gain - found.gain < 4500
    # The least fee is that of the way that needs less.
    modest = replace(rich, fee_per_month=Decimal(1500))
    least = valued(roomy(), modest).least_fee
    assert found.least_fee == pytest.approx(least)


def test_a_scenario_and_an_exchange_say_the_same_of_a_client_who_leaves_with_notice():
    known = roomy().records
    for days in (0, 90, 365):
        noticed = replace(known, clients=(replace(known.clients[0], notice_days=days),), prospects=(PROSPECT,))
        full = replace(noticed, settings=replace(noticed.settings, capacity_hours_per_month=23.0))
        judged_ = judge(full, roomy().population, today=TODAY)
        swapped = compare(judged_, (Scenario(name="swap", drop=("Anchor",), take=("Lamp",)),))[0]
        assert swapped.value == pytest.approx(exchanges(judged_, (PROSPECT,))[0].value)


def test_a_prospect_who_fits_into_the_free_hours_waits_for_nobody_to_leave():
    def worth(days: int, take: tuple[str, ...]) -> float:
        known = replace(roomy().records, prospects=(replace(PROSPECT, hours_per_month=12.0),))
        known = replace(known, clients=(replace(known.clients[0], notice_days=days),))
        judged_ = judge(known, roomy().population, today=TODAY)
        return compare(judged_, (Scenario(name="x", drop=("Anchor",), take=take),))[0].value

    # The little there is between them is of draws in which they need more than is free.
    assert worth(365, ("Lamp",)) - worth(365, ()) == pytest.approx(worth(0, ("Lamp",)) - worth(0, ()), rel=0.05)


def test_a_poor_client_makes_way_for_a_good_prospect_and_a_good_one_does_not():
    rich = replace(PROSPECT, fee_per_month=Decimal(2000))
    found = exchanges(judged(), (rich,))
    assert (found[0].client, found[-1].client) == ("Barge", "Anchor")
    assert found[0].gain > 0 > found[-1].gain
    # Half the odds, and the rest of the time the hours go to the next newcomer: the gain over plain dropping halves.
    unsure = exchanges(judged(), (replace(rich, odds=0.5),))
    by_name = {one.client: one for one in unsure}
    dropped = float(judged().net_benefit.sel(client="Anchor", action="drop").mean())
    sure = next(one for one in found if one.client == "Anchor")
    assert by_name["Anchor"].value - dropped == pytest.approx((sure.value - dropped) / 2)


def test_nobody_makes_way_while_hours_are_free():
    # With room for both, the prospect comes beside the client, whose leaving gains nothing.
    found = exchanges(judged(200.0), (replace(PROSPECT, fee_per_month=Decimal(2000)),))
    assert all(one.gain < 0 for one in found if one.client != "Barge")


def test_looking_first_is_never_worth_less_than_keeping_and_ends_at_a_dear_search():
    for name in ("Anchor", "Barge", "Canoe"):
        found = search_first(judged(), name)
        keep = float(judged().net_benefit.sel(client=name, action="keep").mean())
        assert found.keep == pytest.approx(keep)
        assert found.value >= keep - 1e-6
    dear = replace(SETTINGS, replacement=replace(SETTINGS.replacement, search_cost_per_month=Decimal(5000)))
    found = search_first(rejudge(judged(), settings=dear), "Canoe")
    assert found.value == pytest.approx(found.keep) and found.switches == 0 and not found.search
    assert "costs more" in found.reason


def test_searching_first_is_right_although_the_average_replacement_is_worth_less():
    market = replace(SETTINGS.replacement, search_cost_per_month=Decimal(0), search_hours_per_month=0.0)
    wide = rejudge(judged(), settings=replace(SETTINGS, replacement=replace(market, fee_per_month=Decimal(1400))))
    found = search_first(wide, "Canoe")
    assert found.mean_replacement < found.keep
    assert found.search and found.gain > 0
    assert "average replacement is worth less than they are" in found.reason
    # Only offers above some fee are taken, and the bar falls as the horizon nears or looking ends.
    assert found.least_fee[0] > 0 and 0 < found.switches < 1


def test_with_room_in_the_calendar_a_new_client_comes_beside_the_old_one():
    found = search_first(judged(200.0), "Barge")
    assert found.room and not found.search and "nobody has to leave" in found.reason


@pytest.mark.parametrize(("gain", "switches"), [(1e-12, 0.0), (0.3, 0.4), (40.0, 0.0)])
def test_a_search_that_finds_nobody_or_is_worth_nothing_is_not_recommended(gain: float, switches: float):
    found = replace(search_first(judged(), "Canoe"), gain=gain, resolution=gain / 2, switches=switches, room=False)
    assert not found.search


def test_looking_where_no_offer_is_worth_a_switch_is_told_without_a_number_there_is_not():
    # They pay far more than any newcomer would: looking ends in keeping, and the two sums differ by rounding alone.
    settings = Settings(capacity_hours_per_month=45.0)
    records = Records(settings=settings, clients=(client("Anchor", 3000), client("Barge", 600)))
    two = judge(records, from_prior(load(), rng=np.random.default_rng(3), n_samples=400), today=TODAY)
    found = search_first(two, "Anchor")
    assert found.switches == 0 and not found.search
    assert "nan" not in found.reason and "worth no more than keeping" in found.reason


def test_a_switch_that_hardly_ever_comes_about_is_not_told_as_none():
    found = replace(search_first(judged(), "Canoe"), room=False, gain=400.0, resolution=9.0, switches=0.01, months=7.0)
    assert "in fewer than one of 20 plausible cases, after 7 months" in reason_of(found, judged())


def test_screening_trades_calm_for_time_and_the_best_rule_is_the_best_of_those_tried():
    found = screening(judged())
    assert found.rules[0].accepted == 1 and found.rules[0].gain == 0
    accepted = [rule.accepted for rule in found.rules]
    assert accepted == sorted(accepted, reverse=True)
    months = [rule.months_to_win for rule in found.rules]
    assert months == sorted(months)
    assert found.rules[-1].strain[1] < found.rules[0].strain[1] - 0.1  # demand
    assert found.best.slot == max(rule.slot for rule in found.rules)
    assert found.rules[-1].slot < found.best.slot  # turning nearly everyone away is too strict


def test_scenarios_compare_on_the_same_draws():
    today, advised, raised, same = compare(
        judged(),
        (AS_TODAY, ADVISED, Scenario(name="raise", others="renegotiate", raise_pct=10.0), Scenario(name="copy")),
    )
    assert today.gain == 0 and same.gain == 0 and same.value == today.value
    assert today.value == pytest.approx(float(judged().net_benefit.sel(action="keep").sum("client").mean()))
    assert advised.value >= today.value
    assert raised.fees > today.fees and raised.hours == today.hours
    assert raised.gain == pytest.approx(raised.value - today.value)


@pytest.mark.parametrize(
    ("verdict", "done"),
    [("deal_breaker", "drop"), ("wait", "keep"), ("too_close", "keep"), ("keep", "keep"), ("drop", "drop")],
)
def test_as_advised_does_with_everyone_what_the_verdict_says(verdict: str, done: str):
    # Whatever the means are: a deal-breaker is left although the money says otherwise, and what is too close is let be.
    told = tuple(replace(decision, verdict=verdict) for decision in judged().decisions)
    (advised,) = compare(replace(judged(), decisions=told), (ADVISED,))
    assert set(advised.actions.values()) == {done}


def test_advice_under_other_settings_weighs_waiting_as_the_advice_of_today_does(monkeypatch: pytest.MonkeyPatch):
    def waits(judgement: Judgement) -> Judgement:
        told = tuple(replace(decision, verdict="wait", wait_months=1) for decision in judgement.decisions)
        return replace(judgement, decisions=told)

    monkeypatch.setattr(scenarios, "deliberated", waits)
    (shorter,) = compare(judged(), (Scenario(name="shorter", others="best", horizon_months=12),))
    assert set(shorter.actions.values()) == {"keep"}


@pytest.mark.parametrize("asked", [{"raise_pct": 50.0}, {"scope": True}, {"terms": True}])
def test_who_is_asked_for_something_is_renegotiated_with_though_the_scenario_keeps_them(asked: dict[str, float | bool]):
    kept, meant, named = compare(
        judged(),
        (
            Scenario(name="keep and ask", **asked), Scenario(name="renegotiate", others="renegotiate", **asked),
            Scenario(name="but one", drop=("Barge",), **asked),
        ),
    )  # fmt: skip
    assert set(kept.actions.values()) == {"renegotiate"} and kept.value == meant.value
    assert named.actions == {"Anchor": "renegotiate", "Barge": "drop", "Canoe": "renegotiate"}
    assert in_words(kept.scenario, "EUR") == in_words(meant.scenario, "EUR")
    assert "Keep everyone" not in in_words(kept.scenario, "EUR")


def test_fewer_replacements_never_make_dropping_look_better():
    values = [
        compare(judged(), (Scenario(name="drop", drop=("Anchor",), replacements=most, replacement_hours=5.0),))[0].value
        for most in (1, 2, 4)
    ]
    assert values == sorted(values) and values[0] < values[-1]


def test_relief_from_overbooking_is_counted_once_for_all_who_leave():
    tight = judged(52.0)
    both = compare(tight, (Scenario(name="both", drop=("Barge", "Canoe")),))[0]
    separate = sum(
        float(tight.net_benefit.sel(client=name, action=action).mean())
        for name, action in (("Anchor", "keep"), ("Barge", "drop"), ("Canoe", "drop"))
    )
    assert both.value < separate - 100


def test_a_scenario_about_someone_unknown_is_refused():
    with pytest.raises(UnknownClient, match="drops 'Nobody'"):
        compare(judged(), (Scenario(name="x", drop=("Nobody",)),))
    with pytest.raises(UnknownClient, match="no prospect of that name"):
        compare(judged(), (Scenario(name="x", take=("Nobody",)),))
    with pytest.raises(InvalidSettings, match=r"scenario 'x': horizon_months"):
        Settings(scenarios=(Scenario(name="x", horizon_months=900),))
    with pytest.raises(InvalidSettings, match="two of the same name"):
        Settings(scenarios=(Scenario(name="x"), Scenario(name="x")))
    with pytest.raises(InvalidSettings, match="others must be one of"):
        Settings(scenarios=(Scenario(name="x", others="burn"),))


@pytest.mark.parametrize("name", ["As today", "as advised", " AS SET HERE "])
def test_a_scenario_is_not_called_what_the_page_calls_its_own_rows(name: str):
    with pytest.raises(InvalidSettings, match="stands in the table already"):
        saved(Settings(), Scenario(name=name))


def test_a_saved_scenario_is_stored_and_taken_back_by_its_name(tmp_path: Path):
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    batch = save(portfolio, Scenario(name="Patient", months_to_win=6.0)).batch
    assert batch is not None and batch.summary == "scenario Patient"
    gone = delete(portfolio, "Patient").batch
    assert gone is not None and gone.summary == "scenario Patient deleted"
    undone = portfolio.undo()
    assert undone is not None and undone.sentence.startswith("Taken back: scenario Patient deleted (")
    assert [one.name for one in portfolio.settings.scenarios] == ["Patient"]


def test_a_scenario_about_someone_who_has_ended_is_left_out_and_the_others_are_compared():
    ended, taken = Scenario(name="old", drop=("Gone",)), Scenario(name="new", take=("Now a client",))
    there, left_out = playable(judged(), (ended, Scenario(name="less", drop=("Barge",)), taken))
    assert [one.name for one in there] == ["less"]
    assert left_out == (
        "Left out: scenario 'old' drops 'Gone', who is not an active client.",
        "Left out: scenario 'new' takes on 'Now a client'; no prospect of that name is known.",
    )
    assert len(compare(judged(), (AS_TODAY, *there))) == 2


def test_screening_brings_calmer_clients_who_take_longer_to_find():
    free, strict = judged(), screened(judged(), 0.4)
    share = strict.outlook.market.win_rate / free.outlook.market.win_rate
    assert np.allclose(share, share[0]) and share[0] == pytest.approx(0.4, abs=0.02)
    assert strict.newcomers.forecast.energy.mean() > free.newcomers.forecast.energy.mean() + 0.05
    assert strict.newcomers.paths.energy.mean() > free.newcomers.paths.energy.mean() + 0.05
    assert strict.belief is free.belief and strict.settings == free.settings
    # The worth of an open slot goes the way the table of rules says.
    rules = {round(rule.accepted, 1): rule for rule in screening(judged(), (1.0, 0.4)).rules}
    moved = strict.net_benefit.sel(client="Barge", action="drop") - free.net_benefit.sel(client="Barge", action="drop")
    assert np.sign(float(moved.mean())) == np.sign(rules[0.4].gain)


def test_a_scenario_screens_new_clients_asks_for_more_than_money_and_sets_the_odds():
    base = Scenario(name="drop", drop=("Barge",))
    told = compare(
        judged(),
        (
            base, replace(base, name="anyone", accepted=1.0), replace(base, name="strict", accepted=0.4),
            Scenario(name="sure", take=("Lamp",), odds=1.0), Scenario(name="never", take=("Lamp",), odds=0.0),
            Scenario(name="ten", others="renegotiate", raise_pct=10.0),
            Scenario(name="more", others="renegotiate", raise_pct=10.0, scope=True, terms=True),
        ),
    )  # fmt: skip
    dropped, anyone, strict, sure, never, ten, more = told
    assert anyone.value == dropped.value and strict.value != dropped.value
    assert sure.fees - never.fees == pytest.approx(1500.0) and sure.hours > never.hours
    assert ten.value != more.value


@pytest.mark.parametrize(("field", "value"), [("odds", 1.5), ("accepted", 0.1)])
def test_a_scenario_beyond_what_can_be_told_is_refused(field: str, value: float):
    with pytest.raises(InvalidSettings, match=f"{field} of scenario"):
        Settings(scenarios=(Scenario(name="odd", **{field: value}),))
