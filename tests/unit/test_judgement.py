"""Judging again is judging: what is reused, reordered or added changes only what it must."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from model import catalogue as signs
from model import judgement as judging
from model import parameters as at
from model.asks import WISHES
from model.break_even import break_evens
from model.errors import UnknownClient
from model.evidence import weights
from model.forecast import Ask
from model.judged import Judgement, excerpt, narrowed
from model.judgement import judge, rejudge
from model.population import from_prior
from model.records import CheckIn, Client, Hours, Invoice, Records, Sighting
from model.settings import Belief, Replacement, Settings
from model.waiting import waiting

CATALOGUE = signs.load()
TODAY = date(2026, 6, 20)
POPULATION = from_prior(CATALOGUE, rng=np.random.default_rng(8), n_samples=60)
MONTHS = range(1, 6)
WARNINGS = [s for s in CATALOGUE.ticked if s.kind == "monthly" and not s.is_good]


def client(name: str, fee: int = 2400, **more) -> Client:
    terms = {"billing": "retainer", "fee_per_month": Decimal(fee), "agreed_hours_per_month": 30.0, **more}
    return Client(name=name, currency="EUR", since=date(2026, 1, 1), payment_terms_days=30, **terms)


def invoice(name: str, month: int, days: int | None) -> Invoice:
    issued = date(2026, month, 1)
    paid_on = None if days is None else date.fromordinal(issued.toordinal() + days)
    return Invoice(
        client=name, number=f"{name}-{month}", issued=issued, due=date.fromordinal(issued.toordinal() + 30),
        amount=Decimal(2400), currency="EUR", paid_on=paid_on,
    )  # fmt: skip


def portfolio(*names: str) -> Records:
    names = names or ("Anchor", "Barge", "Canoe")
    return Records(
        clients=tuple(client(name) for name in names),
        checkins=tuple(CheckIn(client=n, month=date(2026, m, 1), energy=3) for n in names for m in MONTHS),
        sightings=tuple(Sighting(client=n, on=date(2026, 2, 9), sign="disrespect") for n in names[1:2]),
        invoices=tuple(invoice(n, m, None if m == 5 else 28) for n in names for m in MONTHS),
        hours=tuple(Hours(client=n, on=date(2026, m, 28), hours=33.0) for n in names for m in MONTHS),
        settings=Settings(horizon_months=12, capacity_hours_per_month=100.0),
    )


def judged(records: Records, **options) -> Judgement:
    return judge(records, POPULATION, today=TODAY, **options)


def keeping(judgement: Judgement, name: str = "Anchor") -> float:
    return float(judgement.net_benefit.sel(client=name, action="keep").mean())


def seen(records: Records, sign: str, month: int = 4) -> Records:
    return replace(
        records, sightings=(*records.sightings, Sighting(client="Anchor", on=date(2026, month, 9), sign=sign))
    )


def paid(records: Records, on: date) -> Records:
    open_one = next(i for i in records.invoices if i.client == "Anchor" and i.paid_on is None)
    return replace(records, invoices=(*(i for i in records.invoices if i != open_one), replace(open_one, paid_on=on)))


def without(records: Records, name: str) -> Records:
    kinds = ("checkins", "sightings", "invoices", "hours")
    kept = {kind: tuple(r for r in getattr(records, kind) if r.client != name) for kind in kinds}
    return replace(records, clients=tuple(c for c in records.clients if c.name != name), **kept)


def same(one: Judgement, other: Judgement) -> bool:
    arrays = [
        (one.net_benefit.values, other.net_benefit.values), (one.futures.values, other.futures.values),
        (one.belief.strain, other.belief.strain), (one.belief.mean, other.belief.mean),
    ]  # fmt: skip
    return one.decisions == other.decisions and all(np.array_equal(a, b) for a, b in arrays)


OWN = (Belief(name="relief_office_hours", low=0.9, high=1.1), Belief(name="price_wear", low=0.02, high=0.03))

CHANGES: dict[str, Callable[[Records], Records]] = {
    "a sighting": lambda r: seen(r, "disrespect"),
    "a payment": lambda r: paid(r, TODAY),
    "a new client": lambda r: replace(r, clients=(*r.clients, client("Bilge", 900))),
    "a client dropped from the books": lambda r: without(r, "Barge"),
    "a client that left": lambda r: replace(
        r, clients=(r.clients[0], replace(r.clients[1], ended_on=date(2026, 6, 1), ended_by="client"), r.clients[2])
    ),
    "other terms": lambda r: replace(r, clients=(replace(r.clients[0], payment_terms_days=60), *r.clients[1:])),
    "terms that held before": lambda r: replace(
        r, earlier_terms=(client("Anchor", agreed_hours_per_month=20.0).terms_until(date(2026, 3, 31)),)
    ),
    "a belief about office hours": lambda r: replace(r, settings=replace(r.settings, beliefs=OWN)),
    "a settings change": lambda r: replace(r, settings=replace(r.settings, price_of_strain=Decimal(400))),
    "nothing": lambda r: r,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_kept_of_the_last_judgement_changes_no_number(change: str):
    before = portfolio()
    after = CHANGES[change](before)
    assert same(judged(after, previous=judged(before)), judged(after))


def test_a_judgement_of_another_day_ask_or_seed_is_not_built_upon():
    before = portfolio()
    other = judge(before, POPULATION, today=date(2026, 6, 21))
    assert same(judged(before, previous=other), judged(before))
    assert same(judged(before, previous=judged(before, ask=Ask(terms=True))), judged(before))
    assert same(judged(before, previous=judged(before, seed=2)), judged(before))
    assert not same(judged(before), judged(before, seed=2))


def test_the_order_of_clients_and_records_changes_nothing():
    plain = portfolio()
    kinds = ("clients", "checkins", "sightings", "invoices", "hours")
    backwards = replace(plain, **{kind: getattr(plain, kind)[::-1] for kind in kinds})
    assert same(judged(plain), judged(backwards))


def test_a_record_of_one_client_leaves_the_strain_of_the_others_as_it_was():
    before, after = judged(portfolio()), judged(seen(portfolio(), "disrespect"))
    assert np.array_equal(before.belief.strain[:, 1:], after.belief.strain[:, 1:])
    assert not np.array_equal(before.belief.strain[:, 0], after.belief.strain[:, 0])


@hypothesis_settings(max_examples=25)
@given(
    sign=st.sampled_from(WARNINGS), month=st.sampled_from(MONTHS), fee=st.sampled_from([1800, 2400, 4000]),
    seed=st.integers(1, 1000),
)  # fmt: skip
def test_a_warning_sign_never_raises_the_value_of_keeping(sign: signs.Sign, month: int, fee: int, seed: int):
    plain = portfolio("Anchor")
    plain = replace(plain, clients=(client("Anchor", fee),))
    value = [keeping(judged(records, seed=seed)) for records in (plain, seen(plain, sign.id, month))]
    assert value[1] < value[0]


@pytest.mark.parametrize("late", [10, 19])
def test_a_late_payment_raises_payment_strain_and_lowers_the_value_of_keeping(late: int):
    # May's invoice is due on the last of May: paid on that day, or days after it.
    on_time = judged(paid(portfolio(), date(2026, 5, 31)))
    after = judged(paid(portfolio(), date(2026, 6, late)))
    strain = [j.belief.summary("Anchor")[0][at.PAYMENT] for j in (on_time, after)]
    assert strain[1] > strain[0] + 0.05
    assert keeping(after) < keeping(on_time)


def test_judging_again_under_the_same_settings_gives_the_same_answer():
    judgement = judged(portfolio())
    assert same(rejudge(judgement), judgement)
    held = {decision.client: decision.ask for decision in judgement.decisions}
    assert same(rejudge(judgement, settings=judgement.settings, ask=held), judgement)


@pytest.mark.parametrize("changes", [{"horizon_months": 6}, {"horizon_months": 18}, {"discount_rate": 0.2}])
def test_judging_again_under_other_settings_is_judging_under_them(changes: dict[str, float]):
    judgement = judged(portfolio())
    other = replace(judgement.settings, **changes)
    assert same(rejudge(judgement, settings=other), judged(portfolio(), settings=other))


def test_what_one_believes_of_office_hours_and_of_wear_moves_what_asking_is_worth():
    judgement = judged(portfolio())
    other = replace(judgement.settings, beliefs=OWN)
    again = rejudge(judgement, settings=other)
    assert same(again, judged(portfolio(), settings=other))
    gain, shipped = again.asks.of("Anchor"), judgement.asks.of("Anchor")
    office = WISHES.index(Ask(price_pct=0.0, office_hours=True))
    assert gain[office, 0] > shipped[office, 0] and gain[0, -1] < shipped[0, -1]


def test_the_best_ask_is_found_again_under_other_settings_and_without_a_given_one():
    judgement = judged(portfolio())
    other = replace(judgement.settings, price_of_strain=Decimal(2000), capacity_hours_per_month=40.0)
    again, anew = rejudge(judgement, settings=other), judged(portfolio(), settings=other)
    assert [d.ask for d in again.decisions] == [d.ask for d in anew.decisions]
    assert [d.ask for d in again.decisions] != [d.ask for d in judgement.decisions]
    fixed = rejudge(judgement, ask=Ask(price_pct=35.0))
    assert {d.ask.price_pct for d in fixed.decisions} == {35.0} and fixed.asks is None
    named = rejudge(judgement, ask={"Barge": Ask(price_pct=35.0)})
    assert [d.ask.price_pct == 35.0 for d in named.decisions] == [False, True, False]
    assert same(named, judged(portfolio(), ask={"Barge": Ask(price_pct=35.0)}))


@pytest.mark.parametrize("ask", [Ask(price_pct=25.0), Ask(price_pct=0.0, scope=False, terms=True, office_hours=True)])
def test_judging_again_with_another_ask_is_judging_with_it(ask: Ask):
    again, anew = rejudge(judged(portfolio()), ask=ask), judged(portfolio(), ask=ask)
    assert same(again, anew)


def moved(**changes) -> tuple[float, float]:
    """By how much keeping, and keeping over dropping, gain."""
    base = judged(portfolio())
    if "months_to_win" in changes:
        changes = {"replacement": replace(base.settings.replacement, **changes)}
    new = rejudge(base, settings=replace(base.settings, **changes))
    drop = [float(j.net_benefit.sel(client="Anchor", action="drop").mean()) for j in (base, new)]
    keep = keeping(new) - keeping(base)
    return keep, keep - (drop[1] - drop[0])


def test_a_longer_search_speaks_for_the_client_one_has():
    keep, lead = moved(months_to_win=9.0)
    assert lead > 0 and keep < lead


def test_a_dearer_hour_speaks_against_a_client_who_takes_hours():
    keep, lead = moved(reserve_value_per_hour=Decimal(45))
    assert keep < 0 and lead < 0


def test_a_dearer_bad_mood_speaks_against_a_draining_client():
    draining = portfolio()
    draining = replace(draining, checkins=tuple(replace(c, energy=1) for c in draining.checkins))
    base = judged(draining)
    dearer = rejudge(base, settings=replace(base.settings, price_of_strain=Decimal(600)))
    assert keeping(dearer) < keeping(base)


def test_an_empty_portfolio_is_judged_without_a_decision():
    empty = judged(Records())
    assert empty.decisions == () and empty.net_benefit.sizes["client"] == 0
    assert same(judged(portfolio(), previous=empty), judged(portfolio()))
    assert same(judged(Records(), previous=judged(portfolio())), empty)


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"reserve_value_per_hour": Decimal(40)}, {"capacity_hours_per_month": 20.0}, {"horizon_months": 6},
        {"horizon_months": 18}, {"replacement": Replacement(months_to_win=9.0)}, {"beliefs": OWN},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("ask", [None, Ask(price_pct=25.0, scope=True)], ids=["best ask", "given ask"])
def test_one_client_judged_again_alone_is_judged_as_among_the_others(changes: dict[str, Any], ask: Ask | None):
    judgement = judged(portfolio())
    other = replace(judgement.settings, **changes)
    whole, alone = (rejudge(start, settings=other, ask=ask) for start in (judgement, narrowed(judgement, "Barge")))
    told = [(d.verdict, d.ask, d.reason, d.caveats) for d in (alone.of("Barge"), whole.of("Barge"))]
    assert told[0] == told[1] and alone.calendar.fullness == whole.calendar.fullness
    for of_one, of_all in ((alone.net_benefit, whole.net_benefit), (alone.futures, whole.futures)):
        np.testing.assert_allclose(of_one.sel(client="Barge"), of_all.sel(client="Barge"), rtol=1e-9)


@pytest.mark.parametrize("changes", [{}, {"reserve_value_per_hour": Decimal(40)}, {"horizon_months": 18}], ids=str)
def test_many_clients_looked_at_some_at_a_time_are_judged_as_all_at_once(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    names = ("Anchor", "Barge", "Canoe", "Dory", "Eight")
    at_once = rejudge(judged(portfolio(*names)), settings=replace(portfolio().settings, **changes))
    monkeypatch.setattr(judging, "MOST_KEPT", 3)
    monkeypatch.setattr(judging, "AT_ONCE", 2)
    first = judged(portfolio(*names))
    assert first.eased is None
    again = rejudge(first, settings=replace(first.settings, **changes))
    assert same(again, at_once)
    alone = rejudge(narrowed(first, "Barge"), settings=again.settings)
    assert (alone.of("Barge").verdict, alone.of("Barge").ask) == (again.of("Barge").verdict, again.of("Barge").ask)
    np.testing.assert_allclose(alone.net_benefit.sel(client="Barge"), again.net_benefit.sel(client="Barge"), rtol=1e-9)


def test_asking_for_a_client_who_is_not_there_is_refused_by_name():
    with pytest.raises(UnknownClient, match="Dinghy"):
        judged(portfolio()).of("Dinghy")


def test_an_excerpt_says_of_its_clients_what_the_whole_says_and_cannot_be_judged_anew() -> None:
    whole = judged(portfolio())
    some = excerpt(whole, ("Canoe", "Anchor"))
    for name in ("Anchor", "Canoe"):
        assert some.of(name) == whole.of(name)
        assert weights(some, name) == weights(whole, name)
        assert break_evens(some, name) == break_evens(whole, name)
        assert waiting(some, name).value == waiting(whole, name).value
    with pytest.raises(UnknownClient):
        some.of("Barge")
    with pytest.raises(ValueError, match="excerpt"):
        rejudge(some, settings=replace(whole.settings, price_of_strain=Decimal(1)))
