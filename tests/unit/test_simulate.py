"""Simulated worlds are repeatable, valid, and say what their truth says."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from app.recipe import TODAY, example_records, example_world, write
from model import catalogue as signs
from model import parameters as at
from model.days import log_days
from model.errors import InvalidRecord, UnknownSign
from model.observations import LEFT, month_number, observe
from model.parameters import Layout
from model.profile import Profile
from model.records import Event, Records
from model.simulate import World, simulate, typical_population

UNTIL = date(2026, 10, 31)
CATALOGUE = signs.load()
THETA = typical_population(CATALOGUE)
CALM = {"payment": (0.0,), "demand": (0.0,), "conduct": (0.0,), "fit": (0.0,)}
EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"


def world(clients: int | list[Profile] = 6, *, months: int = 12, seed: int = 1, theta=THETA, until=UNTIL) -> World:
    return simulate(theta, CATALOGUE, clients=clients, months=months, until=until, rng=np.random.default_rng(seed))


def many(n: int = 60, **changes) -> list[Profile]:
    return [
        Profile(name=f"client {i:03d}", rate_per_hour=Decimal(60), **{"leaves": False, **changes}) for i in range(n)
    ]


def share(count: int, n: int, expected: float) -> bool:
    """Whether a share lies within four Monte Carlo errors of what is expected."""
    return abs(count / n - expected) < 4 * np.sqrt(expected * (1 - expected) / n)


def sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def test_the_same_seed_tells_the_same_world_and_another_seed_another():
    assert world().records == world().records
    assert world().records != world(seed=2).records


def test_the_order_of_profiles_changes_nothing():
    profiles = many(4)
    assert world(profiles).records == world(profiles[::-1]).records


def test_a_change_to_one_profile_leaves_the_records_of_the_others_alone():
    profiles = many(3)
    changed = [replace(profiles[0], payment_terms_days=60), *profiles[1:]]
    assert world(profiles).records.of("client 002") == world(changed).records.of("client 002")


def test_no_record_lies_after_the_last_day_or_before_the_client():
    records = world(12, until=date(2026, 10, 12)).records
    since = {client.name: client.since for client in records.clients}
    days = [(s.client, s.on) for s in (*records.sightings, *records.events, *records.hours)]
    days += [(i.client, i.issued) for i in records.invoices] + [(c.client, c.month) for c in records.checkins]
    assert all(since[client] <= day < date(2026, 10, 1) for client, day in days)
    assert all(i.paid_on is None or i.paid_on <= date(2026, 10, 12) for i in records.invoices)


def test_the_records_can_be_observed_client_by_client_in_the_order_of_the_truth():
    made = world(8)
    seen = observe(made.records, CATALOGUE, UNTIL)
    assert seen.clients == made.clients
    assert made.strain_today.shape == (8, 4)
    assert all(strain.shape == (12, 4) for strain in made.strain)


def test_what_measured_signs_mean_is_not_ticked_where_invoices_and_hours_say_it():
    covered = world(many(20)).records
    ticked = {s.sign for s in covered.sightings if s.on < date(2026, 10, 1)}
    assert ticked.isdisjoint({"scope_creep", "takes_most_of_time", "late_payment"})
    # Hours of the month under way are not read yet, so that the tick is what there is.
    running = {s.sign for s in covered.sightings if s.on >= date(2026, 10, 1)}
    assert "scope_creep" in running and "late_payment" not in running
    bare = world(many(20, hours=False, invoices=False)).records
    assert {"scope_creep", "late_payment"} <= {s.sign for s in bare.sightings}


def test_nothing_is_ticked_in_a_month_without_a_check_in():
    records = world(many(20, checkin_odds=0.5)).records
    checked = {(c.client, c.month) for c in records.checkins}
    assert 0.4 < len(checked) / 240 < 0.6
    assert all((s.client, s.on.replace(day=1)) in checked for s in records.sightings)


def test_the_share_of_late_invoices_is_what_the_population_and_the_strain_say():
    made = world(many(150, strain={"payment": (1.0,)}), until=date(2026, 10, 31), months=24).records
    due = [i for i in made.invoices if i.due < date(2026, 1, 1)]
    late = sum(i.paid_on is None or (i.paid_on - i.issued).days > 30 for i in due)
    never = sigmoid(THETA[at.NEVER_BASE] + THETA[at.NEVER_SLOPE])
    # Days are whole, so an invoice counts as late from half a day past its terms.
    z = (log_days(30.5) - log_days(30) - THETA[at.INVOICE_SHIFT] - THETA[at.INVOICE_SLOPE]) / THETA[at.INVOICE_SCALE]
    assert share(late, len(due), never + (1 - never) * sigmoid(-z))


def test_some_invoices_are_never_paid_and_are_written_off_only_where_the_profile_says_so():
    theta = THETA.copy()
    theta[at.NEVER_BASE] = -1.0
    kept = world(many(40, strain=CALM), theta=theta, months=24).records.invoices
    old = [i for i in kept if i.issued < date(2025, 6, 1)]
    assert share(sum(i.paid_on is None for i in old), len(old), sigmoid(-1.0))
    assert all(i.written_off is None for i in kept)
    given_up = world(many(40, strain=CALM, write_off_after_days=120), theta=theta, months=24).records.invoices
    assert all(i.written_off == i.amount for i in given_up if i.paid_on is None and i.issued < date(2025, 6, 1))


def test_signs_are_seen_as_often_as_their_base_rate_at_the_strain_that_was_pinned():
    layout = Layout.of(CATALOGUE)
    records = world(many(100, strain={**CALM, "conduct": (1.5,)}), months=24).records
    seen = Counter(s.sign for s in records.sightings)
    for place, sign in enumerate(CATALOGUE.ticked):
        if sign.kind == "monthly" and not sign.weaker_when_hourly:
            x = 1.5 if sign.trait == "conduct" else 0.0
            expected = sigmoid(THETA[layout.sign_base + place] + THETA[layout.sign_strength + place] * x)
            assert share(seen[sign.id], len(records.checkins), expected), sign.id


def test_a_client_begins_with_what_beginnings_add_and_half_of_it_is_left_after_a_year():
    theta = THETA.copy()
    theta[at.EARLY : at.EARLY + 4] = [0.8, 0.4, -0.4, 0.2]
    told, plain = world(many(2), months=13, theta=theta), world(many(2), months=13)
    for here, there in zip(told.strain, plain.strain, strict=True):
        assert here[0] - there[0] == pytest.approx(theta[at.EARLY : at.EARLY + 4])
        assert here[12] - there[12] == pytest.approx(theta[at.EARLY : at.EARLY + 4] / 2)


def test_hours_and_energy_follow_the_strain():
    def mean_log_hours_and_energy(demand: float) -> tuple[float, float]:
        records = world(many(60, strain={**CALM, "demand": (demand,)})).records
        energy = [c.energy for c in records.checkins if c.energy is not None]
        return float(np.mean([np.log(h.hours / 16.0) for h in records.hours])), float(np.mean(energy))

    calm, strained = mean_log_hours_and_energy(0.0), mean_log_hours_and_energy(2.0)
    error = 4 * THETA[at.HOURS_SCALE] / np.sqrt(720)
    assert abs(calm[0] - THETA[at.HOURS_SHIFT]) < error
    assert abs(strained[0] - THETA[at.HOURS_SHIFT] - 2 * THETA[at.HOURS_SLOPE]) < error
    assert strained[1] < calm[1] - 0.3


def test_clients_leave_at_the_hazard_of_the_population():
    made = world(many(300, strain=CALM, leaves=True)).records
    gone = [client for client in made.clients if client.ended_on is not None]
    hazard = sigmoid(THETA[at.LEAVE_BASE])
    assert share(len(gone), 300, 1 - (1 - hazard) ** 11)
    assert {client.ended_by for client in gone} == {"client"}
    exposure = observe(made, CATALOGUE, UNTIL).exposure
    assert (exposure == LEFT).sum() == len(gone)
    last = {i.client: i.issued for i in made.invoices}
    assert all(last[client.name] <= client.ended_on for client in gone if client.ended_on is not None)


def test_an_accepted_ask_relieves_from_the_month_after_and_raises_the_price():
    ask = Event(
        client="", on=date(2026, 4, 10), kind="renegotiation", ask_price_pct=10.0, ask_scope=True, result="accepted"
    )
    with_ask, without = many(1, events=(ask,)), many(1)
    asked, plain = world(with_ask), world(without)
    relief = plain.strain[0] - asked.strain[0]
    month = month_number(date(2026, 4, 1)) - month_number(asked.records.clients[0].since)
    assert np.allclose(relief[: month + 1], 0.0)
    assert np.allclose(relief[month + 1 :, at.DEMAND], THETA[at.RELIEF_SCOPE])
    assert asked.records.clients[0].rate_per_hour == Decimal("66.00")


def test_an_ask_without_a_result_gets_one_and_a_client_lost_over_it_is_gone():
    ask = Event(client="", on=date(2026, 4, 10), kind="renegotiation", ask_price_pct=60.0)
    records = world(many(40, events=(ask,))).records
    results = Counter(event.result for event in records.events if event.kind == "renegotiation")
    assert len(results) >= 2 and None not in results
    assert results["refused_left"] == sum(client.ended_on is not None for client in records.clients)


def test_a_pause_leaves_no_record_at_all():
    paused = (date(2026, 9, 1), date(2026, 10, 1))
    records = world(many(5, pauses=paused)).records
    assert max(i.issued for i in records.invoices) == date(2026, 8, 31)
    assert max(c.month for c in records.checkins) <= date(2026, 8, 1)


def test_a_profile_that_cannot_be_told_is_refused():
    with pytest.raises(InvalidRecord, match="charm"):
        Profile(name="a", strain={"charm": 1.0})  # type: ignore[dict-item]
    with pytest.raises(InvalidRecord, match="same name"):
        world([*many(1), *many(1)])
    with pytest.raises(UnknownSign):
        world(many(1, standing_signs=("second_cousin",)))


def test_the_shipped_example_is_what_its_recipe_makes(tmp_path: Path):
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in EXAMPLE.iterdir()}
    # Line ends are the checkout's affair.
    for path in tmp_path.iterdir():
        assert path.read_text(encoding="utf-8") == (EXAMPLE / path.name).read_text(encoding="utf-8"), path.name


def test_the_example_holds_twelve_active_clients_and_the_stories_they_tell():
    records = example_records()
    assert len(records.active(TODAY)) == 12
    assert {client.billing for client in records.clients} == {"hourly", "retainer", "fixed"}

    def count(name: str) -> int:
        mine: Records = records.of(name)
        return len(mine.checkins) + len(mine.sightings) + len(mine.invoices) + len(mine.hours) + len(mine.events)

    assert count("Fresh Paint Observatory") == 1
    assert max(i.issued for i in records.of("Paused Pendulum Museum").invoices) < date(2026, 5, 1)
    breakers = {breaker.sign for breaker in records.settings.deal_breakers}
    broken = {s.client for s in records.sightings if s.sign in breakers}
    assert broken == {"Thunder and Grumble Freight"}


def test_the_truth_behind_the_example_can_be_told_again():
    again = example_world()
    late = again.clients.index("Gigantic Umbrella Group")
    assert again.strain_today[late, at.PAYMENT] == again.strain_today[:, at.PAYMENT].max()
    assert np.array_equal(again.strain_today, example_world().strain_today)
