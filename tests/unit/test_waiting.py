"""Waiting, knowing more, break-evens and swings of one client, through a whole judgement."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from app.break_even_words import in_words
from model import catalogue as signs
from model.alone import alone
from model.break_even import break_even, break_evens, inputs
from model.errors import CatalogueError, UnknownClient
from model.forecast import Ask
from model.foresight import foresee
from model.judged import Judgement, narrowed
from model.judgement import judge, rejudge
from model.market import usual
from model.population import from_prior
from model.records import CheckIn, Client, Hours, Invoice, Records, Search, Sighting
from model.reply import outcome_probabilities
from model.settings import Settings
from model.tornado import tornado
from model.unknowns import groups, knowledge, probe_values, probes
from model.voi import evppi
from model.waiting import considered, deliberated, waiting
from model.waiting import in_words as wait_in_words

CATALOGUE = signs.load()
TODAY = date(2026, 6, 20)
NAMES = ("Anchor", "Barge", "Canoe")


@cache
def judged(horizon: int = 12) -> Judgement:
    clients = tuple(
        Client(name=name, currency="EUR", since=date(2026, 1, 1), billing="retainer", fee_per_month=Decimal(fee),
               agreed_hours_per_month=30.0, payment_terms_days=14)
        for name, fee in zip(NAMES, (2400, 1100, 600), strict=True)
    )  # fmt: skip
    records = Records(
        clients=clients,
        checkins=tuple(CheckIn(client=n, month=date(2026, m, 1), energy=3) for n in NAMES[:2] for m in range(1, 6)),
        sightings=(Sighting(client="Barge", on=date(2026, 4, 9), sign="disrespect"),),
        invoices=tuple(
            Invoice(client="Barge", number=str(m), issued=date(2026, m, 1), due=date(2026, m, 15),
                    amount=Decimal(1100), currency="EUR", paid_on=date(2026, m + 1, 10))
            for m in range(1, 5)
        ),
        settings=Settings(horizon_months=horizon, capacity_hours_per_month=90.0),
    )  # fmt: skip
    population = from_prior(CATALOGUE, rng=np.random.default_rng(8), n_samples=300)
    return judge(records, population, today=TODAY)


def net_benefit(name: str) -> np.ndarray:
    return np.asarray(judged().net_benefit.sel(client=name).values)


@pytest.mark.parametrize("name", NAMES)
def test_one_client_alone_is_worth_what_it_is_in_the_portfolio(name: str):
    one = alone(judged(), name)
    assert one.values() == pytest.approx(net_benefit(name), rel=1e-6)
    assert one.exits(3)[:, 0] == pytest.approx(net_benefit(name)[:, 2], rel=1e-6)
    dearer = replace(one.settings, reserve_value_per_hour=Decimal(40))
    asks = {d.client: d.ask for d in judged().decisions}
    whole = rejudge(judged(), settings=dearer, ask=asks).net_benefit.sel(client=name).values
    assert one.values(settings=dearer) == pytest.approx(whole, rel=1e-6)
    slow = replace(one.settings, replacement=replace(one.settings.replacement, months_to_win=9.0))
    whole = rejudge(judged(), settings=slow, ask=asks).net_benefit.sel(client=name).values
    assert one.values(settings=slow) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_waiting_is_never_worth_less_than_waiting_with_closed_eyes(name: str):
    wait = waiting(judged(), name)
    assert wait is not None
    assert wait.value >= wait.blind - 1e-9
    assert 0 <= wait.evsi <= wait.evpi + 1e-9
    assert wait.value == pytest.approx(max(value for _, value in wait.by_months))
    assert wait.value >= net_benefit(name)[:, 0].mean() - 1e-6  # keeping on is among the choices
    assert wait.worth.mean() == pytest.approx(wait.value)


def test_after_months_one_may_still_leave_and_a_month_costs_what_it_costs():
    leaving = net_benefit("Canoe")[:, 2].mean()
    assert leaving > net_benefit("Canoe")[:, 0].mean()
    wait = waiting(judged(), "Canoe")
    assert wait is not None
    values = [value for _, value in wait.by_months]
    # A client worth less than the next is dearer the longer one waits.
    assert values == sorted(values, reverse=True) and values[-1] < leaving


def test_a_horizon_of_a_month_leaves_no_time_to_wait():
    short = judged(1)
    assert waiting(short, "Anchor") is None
    assert considered(short, short.of("Anchor"), None) is short.of("Anchor")


@pytest.mark.parametrize("name", NAMES)
def test_waiting_is_a_fourth_action_of_the_decision(name: str):
    wait = waiting(judged(), name)
    assert wait is not None
    decision = considered(judged(), judged().of(name), wait)
    assert [a.action for a in decision.actions] == ["keep", "renegotiate", "drop", "wait"]
    assert decision.actions[:3] == judged().of(name).actions
    assert sum(a.p_best for a in decision.actions[:3]) == pytest.approx(1)
    assert considered(judged(), decision, wait) is decision
    assert decision.action("wait").mean == wait.value
    assert min(a.expected_loss for a in decision.actions[:3]) == pytest.approx(decision.evpi)
    if decision.verdict == "wait":
        assert wait.gain > wait.resolution
    assert "deciding" in wait_in_words(wait, "EUR")


def test_a_clear_gain_makes_waiting_the_verdict_and_a_deal_breaker_stays_one():
    wait = waiting(judged(), "Barge")
    assert wait is not None
    clear = replace(wait, gain=50_000.0, resolution=1.0)
    decision = judged().of("Barge")
    told = considered(judged(), decision, clear)
    assert told.verdict == "wait" and "50,000 EUR more than deciding today" in told.reason
    assert considered(judged(), replace(decision, verdict="deal_breaker"), clear).verdict == "deal_breaker"
    assert considered(judged(), decision, replace(clear, resolution=60_000.0)).verdict == decision.verdict


def test_a_trip_wire_is_worth_no_more_than_all_that_is_seen():
    wait = waiting(judged(), "Canoe")
    assert wait is not None
    for name in NAMES:
        found = waiting(judged(), name)
        assert found is not None
        if found.trip_wire is not None:
            wire = found.trip_wire
            assert 0 < wire.value <= found.evsi + 1e-6 and 0 < wire.chance < 1
            assert wire.then != wire.otherwise and wire.sentence.endswith(".") and "otherwise" in wire.sentence
            return
    pytest.fail("no client of three has anything to watch")


def test_what_is_foreseen_follows_the_strain():
    calm, strained = (foresee(judged(), name, 3) for name in ("Anchor", "Barge"))
    assert np.median(strained.days_late) > np.median(calm.days_late)
    assert strained.signs[:, :, 2].mean() > calm.signs[:, :, 2].mean()
    assert set(np.unique(calm.energy)) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert calm.everything(3).shape == (300, 7) and np.isfinite(calm.everything(3)).all()
    assert (foresee(judged(), "Anchor", 1).days_late == calm.days_late[:, :1]).all()
    assert foresee(judged(), "Anchor", 1).hours(1) == pytest.approx(calm.hours(1))


def test_without_agreed_hours_no_month_of_hours_teaches_anything():
    canoe = next(c for c in judged().records.clients if c.name == "Canoe")
    logged = tuple(Hours(client="Canoe", on=date(2026, m, 20), hours=30.0 + m) for m in range(1, 6))
    known = Records(clients=(replace(canoe, agreed_hours_per_month=None),), hours=logged,
                    settings=judged().records.settings)  # fmt: skip
    none = judge(known, judged().population, today=TODAY)
    wires = []
    for judgement in (judged(), none):
        wait = waiting(judgement, "Canoe")
        assert wait is not None
        wires.append(wait.trip_wire.observable if wait.trip_wire else "nothing")
    assert wires[0] == "hours_ratio" != wires[1]
    assert "log_hours" in {value.probe.id for value in probe_values(judged(), "Canoe")}
    assert {value.probe.id for value in probe_values(none, "Canoe")} == {"reminder", "check_in", "deposit", "scope_cap"}
    ahead = foresee(none, "Canoe", 3)
    assert ahead.hours_ratio is None and ahead.everything(3).shape == (300, 6)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_worth_more_than_knowing_everything(name: str):
    found = knowledge(judged(), name)
    assert found.evpi == pytest.approx(judged().of(name).evpi)
    assert {g for g, _ in found.groups} == {"payment", "demand", "conduct", "fit", "answers", "market", "population"}
    assert all(0 <= worth <= found.evpi + 1e-9 for _, worth in found.groups)
    values = probe_values(judged(), name)
    assert all(0 <= value.evsi <= found.evpi + 1e-9 for value in values)
    assert [v.per_minute for v in values] == sorted((v.per_minute for v in values), reverse=True)
    assert {v.probe.id for v in values} == {"reminder", "check_in", "log_hours", "deposit", "scope_cap"}


def test_of_a_client_worth_asking_most_worth_knowing_is_how_they_would_answer():
    found = knowledge(judged(), "Anchor")
    assert judged().of("Anchor").best.action == "renegotiate"
    assert found.groups[0][0] == "answers" and found.groups[0][1] > 0.5 * found.evpi


def test_how_they_answer_is_more_than_the_chances_where_the_ask_eases_the_work_or_a_rise_wears():
    eased, dearer = (Ask(price_pct=price, scope=price == 0) for price in (0.0, 20.0))
    varied = {
        ask: groups(rejudge(judged(), ask={"Anchor": ask}), "Anchor")["answers"].std(axis=0) > 1e-9
        for ask in (eased, dearer)
    }
    assert varied[eased][:3].all() and varied[dearer][:3].all()
    assert varied[eased][3:].sum() == varied[dearer][3:].sum() == 1


def test_knowing_all_groups_is_worth_at_least_about_as_much_as_any_one():
    draws, known = net_benefit("Canoe"), groups(judged(), "Canoe")
    everything = evppi(draws, np.hstack([known[g] for g in ("payment", "demand", "conduct", "fit", "market")]))
    slack = 0.1 * judged().of("Canoe").evpi
    assert all(evppi(draws, part) <= everything + slack for name, part in known.items() if name != "population")


def test_to_ask_is_worth_what_the_answers_may_be_and_no_luck_of_a_single_one():
    asking = {p.id: p for p in probes() if p.shows in ("deposit", "scope")}
    for name in NAMES:
        belief, draws = judged().belief, net_benefit(name)
        strain = belief.strain[:, [belief.place(name)]]
        for value in probe_values(judged(), name):
            if value.probe.id in asking:
                ask = Ask(price_pct=0.0, scope=value.probe.shows == "scope", terms=value.probe.shows == "deposit")
                chances = outcome_probabilities(judged().population.theta, strain, [ask])[:, 0]
                told = sum((chances[:, [o]] * draws).mean(axis=0).max() for o in range(4)) - draws.mean(axis=0).max()
                assert value.evsi <= told + 1e-9 * abs(draws).max()


def test_no_evidence_is_worth_more_than_what_it_is_evidence_of(monkeypatch):
    # However much an unlucky regression sees in it.
    monkeypatch.setattr("model.unknowns.evsi", lambda *_: 1e9)
    monkeypatch.setattr("model.unknowns.evsi_of_answer", lambda *_: 1e9)
    for name in NAMES:
        draws, known = net_benefit(name), groups(judged(), name)
        worth = {value.probe.id: value.evsi for value in probe_values(judged(), name)}
        single = dict(knowledge(judged(), name).groups)
        for probe, tells_of in (("reminder", ("payment", "population")), ("log_hours", ("demand", "population"))):
            together = evppi(draws, np.hstack([known[group] for group in tells_of]))
            assert worth[probe] == pytest.approx(max(together, *(single[group] for group in tells_of)))
        assert max(single["demand"], worth["log_hours"]) <= worth["check_in"] <= judged().of(name).evpi + 1e-9
        assert single["answers"] <= worth["deposit"] == worth["scope_cap"] <= judged().of(name).evpi + 1e-9


def test_probes_are_read_from_their_file_and_a_bad_one_is_refused(tmp_path):
    assert len(probes()) == 5 and all(p.minutes > 0 for p in probes())
    bad = tmp_path / "probes.toml"
    bad.write_text('[[probe]]\nid = "x"\ntitle = "y"\nminutes = 0\nshows = "hours"\n')
    with pytest.raises(CatalogueError, match="'x'"):
        probes(bad)
    with pytest.raises(CatalogueError, match="cannot be read"):
        probes(tmp_path / "none.toml")


@pytest.mark.parametrize("name", NAMES)
def test_at_a_break_even_two_actions_draw_level(name: str):
    best = judged().of(name).best.action
    found = 0
    for one in inputs(judged(), name):
        answer = break_even(one)
        assert answer.best == best
        span = one.high - one.low
        for value in (answer.below, answer.above):
            if value is not None:
                found += 1
                means = np.sort(one.means(value))
                sides = min(value + 0.01 * span, one.high), max(value - 0.01 * span, one.low)
                near = [np.sort(one.means(side)) for side in sides]
                assert means[-1] - means[-2] <= max(n[-1] - n[-2] for n in near) + 1e-6
        assert name not in in_words(answer, "EUR")
    assert found >= 3


def test_only_a_high_enough_fee_keeps_a_client():
    fee = next(b for b in break_evens(judged(), "Anchor") if b.name == "fee")
    assert fee.best in ("keep", "renegotiate") and fee.below is not None and fee.best_below == "drop"
    assert 0 < fee.below < fee.now == 2400
    assert in_words(fee, "EUR").startswith(("Keeping is best only while", "Renegotiating is best only while"))
    assert "the fee a month is above" in in_words(fee, "EUR") and "dropping is" in in_words(fee, "EUR")


@pytest.mark.parametrize("expected", [Decimal(1500), None])
def test_what_a_new_client_must_pay_is_told_of_the_number_that_is_set_not_of_what_searches_make_of_it(
    expected: Decimal | None,
):
    # Two searches that ended cheaply: of each euro more that is expected, the market is believed to pay only a part.
    cheap = tuple(
        Search(opened_on=date(2026, m, 1), won_on=date(2026, m, 20), fee_per_month=Decimal(700), hours_per_month=30.0)
        for m in (1, 3)
    )
    held = judged().settings
    held = replace(held, replacement=replace(held.replacement, fee_per_month=expected))
    draws = from_prior(CATALOGUE, rng=np.random.default_rng(8), n_samples=200)
    made = judge(replace(judged().records, searches=cheap, settings=held), draws, today=TODAY)
    found = next(b for b in break_evens(made, "Barge") if b.name == "new_fee")
    assert found.now == (1500 if expected else usual(made.terms)[0])
    edge = found.above if found.above is not None else found.below
    assert edge is not None

    def lead(fee: float) -> float:
        other = replace(held, replacement=replace(held.replacement, fee_per_month=Decimal(repr(fee))))
        asks = {decision.client: decision.ask for decision in made.decisions}
        means = np.sort(rejudge(made, settings=other, ask=asks).net_benefit.sel(client="Barge").mean("sample").values)
        return float(means[-1] - means[-2])

    assert lead(edge) < 0.05 * lead(found.now)


def test_the_nearest_break_even_comes_first():
    room = [b.room for b in break_evens(judged(), "Barge")]
    assert room == sorted(room)


def test_the_widest_swing_comes_first_and_says_whether_the_choice_changes():
    swings = tornado(judged(), "Anchor")
    assert [s.width for s in swings] == sorted((s.width for s in swings), reverse=True)
    fee = next(s for s in swings if s.name == "fee")
    assert fee.low is not None and fee.high is not None and fee.low < 2400 < fee.high
    assert fee.value_low < judged().of("Anchor").best.mean < fee.value_high
    assert {s.name for s in swings} >= {"unknown_payment", "unknown_market", "hour_value"}
    assert all(s.changes == (min(s.lead_low, s.lead_high) < 0) for s in swings)


def test_a_client_who_is_not_there_is_refused_by_name():
    for ask in (waiting, knowledge, probe_values, break_evens, tornado):
        with pytest.raises(UnknownClient, match="Dinghy"):
            ask(judged(), "Dinghy")


@pytest.mark.parametrize("name", NAMES)
def test_waiting_is_worth_the_same_where_the_client_is_judged_apart(name: str):
    whole, apart = waiting(judged(), name), waiting(narrowed(judged(), name), name)
    assert whole is not None and apart is not None
    assert apart.value == pytest.approx(whole.value)
    assert deliberated(narrowed(judged(), name)).of(name) == deliberated(judged()).of(name)
