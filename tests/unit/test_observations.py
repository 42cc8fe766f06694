"""What records tell: missing is not absent, open is not paid, and the order of records is nobody's business."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import catalogue as signs
from model.agreed import EarlierTerms
from model.days import log_days
from model.errors import UnknownSign
from model.observations import (
    LEFT,
    NOT_EXPOSED,
    OPEN,
    PAID,
    STAYED,
    WRITTEN_OFF,
    Observations,
    month_number,
    month_start,
    observe,
)
from model.records import CheckIn, Client, Event, Hours, Invoice, Records, Sighting
from model.simulate import simulate, typical_population

CATALOGUE = signs.load()
TICKED = [sign.id for sign in CATALOGUE.ticked]
TODAY = date(2026, 6, 20)
ANNA = Client(name="Anna", currency="EUR", since=date(2026, 1, 1), billing="hourly", agreed_hours_per_month=10.0)


def seen(today: date = TODAY, client: Client = ANNA, **records) -> Observations:
    return observe(Records(clients=(client,), **{k: tuple(v) for k, v in records.items()}), CATALOGUE, today)


def checkin(month: int, energy: int | None = 3) -> CheckIn:
    return CheckIn(client="Anna", month=date(2026, month, 1), energy=energy)


def sighting(month: int, sign: str, day: int = 9) -> Sighting:
    return Sighting(client="Anna", on=date(2026, month, day), sign=sign)


def invoice(issued: date, paid_on: date | None = None, *, terms: int = 30, number: str = "1", **more) -> Invoice:
    due = date.fromordinal(issued.toordinal() + terms)
    return Invoice(
        client="Anna", number=number, issued=issued, due=due, amount=Decimal(100), currency="EUR", paid_on=paid_on,
        **more,
    )  # fmt: skip


def hours(month: int, amount: float, day: int = 5) -> Hours:
    return Hours(client="Anna", on=date(2026, month, day), hours=amount)


def event(month: int, **more) -> Event:
    return Event(client="Anna", on=date(2026, month, 10), **more)


def sign_of(observations: Observations, month: int, sign: str) -> int:
    row = int(np.flatnonzero(observations.month == month_number(date(2026, month, 1)))[0])
    return int(observations.signs[row, TICKED.index(sign)])


def same(a: Observations, b: Observations) -> bool:
    return all(
        np.array_equal(x, y, equal_nan=True) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else np.all(x == y)
        for x, y in ((getattr(a, f.name), getattr(b, f.name)) for f in fields(Observations))
    )


def test_a_month_number_and_its_first_day_are_inverse():
    assert month_start(month_number(date(2026, 12, 31))) == date(2026, 12, 1)
    assert month_number(date(2027, 1, 1)) - month_number(date(2026, 12, 31)) == 1


def test_a_check_in_makes_unseen_monthly_signs_absent_and_no_check_in_leaves_them_unknown():
    found = seen(checkins=[checkin(1), checkin(3)])
    assert sign_of(found, 1, "disrespect") == 0
    assert sign_of(found, 2, "disrespect") == -1
    assert (found.signs[1] == -1).all()
    assert found.energy.tolist() == [3, 0, 3]
    assert found.referrals.tolist() == [0, -1, 0]


def test_a_sighting_without_a_check_in_says_nothing_of_the_other_signs():
    found = seen(sightings=[sighting(2, "lies")])
    assert sign_of(found, 2, "lies") == 1
    assert (found.signs == -1).sum() == len(TICKED) - 1


def test_a_sign_seen_in_a_checked_month_is_present_however_often():
    found = seen(checkins=[checkin(2)], sightings=[sighting(2, "lies"), sighting(2, "lies", day=20)])
    assert sign_of(found, 2, "lies") == 1
    assert found.signs.sum() == 1


def test_a_check_in_without_a_rating_leaves_energy_unknown():
    assert seen(checkins=[checkin(1, energy=None)]).energy.tolist() == [0]


def test_invoices_and_hours_replace_what_they_measure():
    records = {
        "checkins": [checkin(m) for m in (1, 2, 3, 4)],
        "invoices": [invoice(date(2026, 2, 10), date(2026, 3, 5))],
        "hours": [hours(3, 4.0), hours(4, 5.0)],
        "sightings": [sighting(2, "late_payment"), sighting(4, "late_payment"), sighting(3, "scope_creep")],
    }
    found = seen(**records)
    assert [sign_of(found, m, "late_payment") for m in (1, 2, 3, 4)] == [0, -1, -1, 1]
    assert [sign_of(found, m, "scope_creep") for m in (1, 2, 3, 4)] == [0, 0, -1, -1]
    # An hour's worth needs both.
    assert [sign_of(found, m, "underpays") for m in (1, 2, 3, 4)] == [0, 0, -1, 0]


def test_scope_creep_is_heard_where_hours_say_nothing_because_none_were_agreed():
    records = {
        "checkins": [checkin(m) for m in (1, 2)], "hours": [hours(1, 9.0), hours(2, 9.0)],
        "sightings": [sighting(2, "scope_creep")],
    }  # fmt: skip
    found = seen(client=replace(ANNA, agreed_hours_per_month=None), **records)
    assert [sign_of(found, m, "scope_creep") for m in (1, 2)] == [0, 1]


def test_half_an_hour_logged_in_the_running_month_does_not_take_back_a_tick():
    records = {"sightings": [sighting(6, "scope_creep")], "hours": [hours(6, 0.5, day=12)]}
    assert sign_of(seen(**records), 6, "scope_creep") == 1
    # Once the month is over its hours are known, and speak for themselves.
    assert sign_of(seen(date(2026, 7, 1), **records), 6, "scope_creep") == -1


def test_an_open_invoice_covers_every_month_until_today():
    found = seen(checkins=[checkin(m) for m in (1, 4, 5)], invoices=[invoice(date(2026, 2, 10))])
    assert [sign_of(found, m, "late_payment") for m in (1, 4, 5)] == [0, -1, -1]


def test_a_paid_invoice_tells_its_days_and_an_open_one_how_long_it_has_been_open_today():
    found = seen(
        invoices=[
            invoice(date(2026, 1, 1), date(2026, 1, 21), terms=14, number="a"),
            invoice(date(2026, 6, 10), number="b"),
            invoice(date(2025, 1, 1), number="c", written_off=Decimal(100)),
        ]
    )
    by_state = dict(zip(found.invoice_state.tolist(), found.invoice_log_days.tolist(), strict=True))
    assert by_state[PAID] == pytest.approx(log_days(20))
    assert by_state[OPEN] == pytest.approx(log_days(10))
    assert WRITTEN_OFF in by_state
    assert sorted(found.invoice_log_terms) == pytest.approx(sorted([log_days(14), log_days(30), log_days(30)]))


def test_a_write_off_has_no_date_and_tells_what_an_open_invoice_of_its_age_does_until_a_year_past_due():
    given_up = invoice(date(2026, 6, 1), written_off=Decimal(100))  # due on the first of July
    for today in (date(2026, 6, 30), date(2026, 7, 1), date(2027, 6, 30)):
        assert same(seen(today, invoices=[given_up]), seen(today, invoices=[replace(given_up, written_off=None)]))
    assert seen(date(2027, 7, 1), invoices=[given_up]).invoice_state.tolist() == [WRITTEN_OFF]


def test_a_write_off_with_a_day_tells_of_itself_from_that_day_on():
    given_up = invoice(date(2026, 4, 1), written_off=Decimal(100), written_off_on=date(2026, 6, 10))
    before = date(2026, 6, 9)
    assert same(seen(before, invoices=[given_up]), seen(before, invoices=[invoice(date(2026, 4, 1))]))
    assert seen(date(2026, 6, 10), invoices=[given_up]).invoice_state.tolist() == [WRITTEN_OFF]


def test_a_payment_that_came_after_today_is_not_known_yet():
    late = invoice(date(2026, 5, 1), date(2026, 7, 1))
    assert seen(invoices=[late]).invoice_state.tolist() == [OPEN]
    assert seen(invoices=[late]).invoice_log_days.tolist() == [log_days(50)]
    assert seen(date(2026, 7, 1), invoices=[late]).invoice_state.tolist() == [PAID]


def test_an_invoice_hangs_on_the_month_it_was_issued_in():
    found = seen(checkins=[checkin(1)], invoices=[invoice(date(2026, 3, 31), date(2026, 4, 9))])
    assert found.invoice_first.tolist() == [0, 0, 0, 1]


def test_hours_of_a_month_add_up_and_those_of_the_running_month_are_left_out():
    found = seen(hours=[hours(5, 12.0), hours(5, 3.0, day=20), hours(6, 1.0)])
    assert found.hours_log_ratio[0] == pytest.approx(log(1.5))
    assert np.isnan(found.hours_log_ratio[1])


def test_a_month_is_held_against_what_was_agreed_at_its_end():
    worked = [hours(month, 12.0) for month in (1, 2, 3, 4, 5)]
    until = [(date(2026, 1, 31), None), (date(2026, 3, 14), 6.0), (date(2026, 4, 30), 24.0)]
    earlier = [EarlierTerms(client="Anna", until=day, billing="hourly", agreed_hours_per_month=h) for day, h in until]
    found = seen(hours=worked, earlier_terms=earlier[::-1])
    agreed = np.array([np.nan, 6.0, 24.0, 24.0, 10.0])
    np.testing.assert_allclose(found.hours_log_ratio[:5], np.log(12.0 / agreed))


def test_terms_agreed_later_change_nothing_about_an_earlier_answer():
    worked = [hours(month, 12.0) for month in (1, 2, 3, 4)]
    later = replace(ANNA, agreed_hours_per_month=5.0)
    earlier = [EarlierTerms(client="Anna", until=date(2026, 4, 30), billing="hourly", agreed_hours_per_month=10.0)]
    then = date(2026, 4, 30)
    assert same(seen(then, later, hours=worked, earlier_terms=earlier), seen(then, ANNA, hours=worked))
    assert same(seen(client=later, hours=worked, earlier_terms=earlier), seen(client=ANNA, hours=worked))


def test_hours_say_nothing_where_none_were_agreed():
    free = replace(ANNA, agreed_hours_per_month=None)
    assert np.isnan(seen(client=free, hours=[hours(5, 12.0)]).hours_log_ratio).all()


def test_a_month_is_survived_once_it_is_over_and_the_one_still_running_is_undecided():
    checkins = [checkin(m) for m in (1, 2, 3)]
    assert seen(checkins=checkins).exposure.tolist() == [STAYED, STAYED, STAYED]
    running = seen(today=date(2026, 3, 31), checkins=checkins)
    assert running.exposure.tolist() == [STAYED, STAYED, NOT_EXPOSED]
    assert seen(today=date(2026, 4, 1), checkins=checkins).exposure.tolist() == [STAYED, STAYED, STAYED]


def test_a_client_who_left_stayed_every_month_before_and_one_you_dropped_says_nothing_by_its_end():
    gone = replace(ANNA, ended_on=date(2026, 4, 30), ended_by="client")
    checkins = [checkin(m) for m in (1, 2, 3)]
    assert seen(checkins=checkins, client=gone).exposure.tolist() == [STAYED, STAYED, STAYED, LEFT]
    dropped = replace(gone, ended_by="me")
    assert seen(checkins=checkins, client=dropped).exposure.tolist()[-1] == NOT_EXPOSED


def test_a_client_lost_over_a_refused_ask_is_told_once_by_the_ask_and_not_again_as_a_departure():
    gone = replace(ANNA, ended_on=date(2026, 3, 20), ended_by="client")
    refused = event(3, kind="renegotiation", ask_scope=True, result="refused_left")
    found = seen(checkins=[checkin(m) for m in (1, 2)], client=gone, events=[refused])
    assert found.exposure.tolist() == [STAYED, STAYED, NOT_EXPOSED] and found.ask_outcome.tolist() == [3]
    stayed = replace(refused, result="refused_stayed")
    assert seen(client=gone, events=[stayed]).exposure.tolist() == [LEFT]


def test_an_end_that_lies_ahead_is_not_known_yet():
    gone = replace(ANNA, ended_on=date(2026, 6, 30), ended_by="client")
    assert LEFT not in seen(client=gone, checkins=[checkin(5)]).exposure


def test_relief_starts_the_month_after_an_agreement_and_half_of_it_counts_half():
    ask = {"kind": "renegotiation", "ask_scope": True}
    found = seen(
        checkins=[checkin(m) for m in (1, 2, 3, 4, 5)],
        events=[
            event(2, **ask, result="accepted"),
            event(4, kind="renegotiation", ask_terms=True, result="partly", ask_price_pct=15.0),
            event(3, **ask, result="refused_stayed"),
            event(3, **ask),
        ],
    )
    assert found.relief_scope.tolist() == [0, 0, 1, 1, 1]
    assert found.relief_terms.tolist() == [0, 0, 0, 0, 0.5]
    assert found.relief_now.tolist() == [[1, 0.5]]
    # The one without a result is no observation.
    assert found.ask_outcome.tolist() == [0, 2, 1]
    assert found.ask_price.tolist() == [0, 0, 1.5]


def test_an_agreement_in_the_last_month_relieves_today():
    found = seen(checkins=[checkin(5)], events=[event(5, kind="renegotiation", ask_terms=True, result="accepted")])
    assert found.relief_terms.tolist() == [0]
    assert found.relief_now.tolist() == [[0, 1]]


def test_what_is_left_of_the_beginning_halves_every_year():
    found = seen(checkins=[checkin(2), checkin(4)])
    assert found.early == pytest.approx(0.5 ** (np.array([1, 2, 3]) / 12))
    assert found.early_now == pytest.approx([0.5 ** (5 / 12)])
    # Where nothing is recorded, the first day of the client is all there is; a record from before it moves it back.
    assert seen(client=replace(ANNA, since=TODAY)).early_now == pytest.approx([1.0])
    later = seen(client=replace(ANNA, since=date(2026, 3, 1)), checkins=[checkin(2), checkin(4)])
    assert later.early == pytest.approx(0.5 ** (np.array([0, 1, 2]) / 12))


def test_referrals_are_counted_in_their_month():
    found = seen(checkins=[checkin(1), checkin(2)], events=[event(2, kind="referral"), event(2, kind="referral")])
    assert found.referrals.tolist() == [0, 2]


def test_a_standing_fact_holds_whether_told_at_the_start_or_sighted_later():
    friend = replace(ANNA, standing_signs=("friends_or_family",))
    place = [sign.id for sign in CATALOGUE.standing].index("friends_or_family")
    assert seen(client=friend, checkins=[checkin(1)]).standing[0, place] == 1
    sighted = seen(checkins=[checkin(1)], sightings=[sighting(1, "friends_or_family")])
    assert sighted.standing[0, place] == 1
    assert (sighted.signs <= 0).all()


def test_a_change_of_mind_weighs_less_when_hours_are_billed():
    place = TICKED.index("changes_mind")
    retainer = replace(ANNA, billing="retainer")
    assert seen(checkins=[checkin(1)]).sign_weight[0, place] < 1
    assert seen(checkins=[checkin(1)], client=retainer).sign_weight[0, place] == 1


def test_a_client_nothing_is_recorded_of_has_no_month():
    found = seen()
    assert found.clients == ("Anna",) and found.n_rows == 0 and found.first_row.tolist() == [0, 0]


def test_no_client_at_all_can_be_observed():
    found = observe(Records(), CATALOGUE, TODAY)
    assert found.clients == () and found.n_rows == 0


def test_a_sign_that_nobody_knows_is_refused():
    with pytest.raises(UnknownSign, match="disrespect"):
        seen(sightings=[sighting(1, "disrespekt")])


def test_records_of_later_days_change_nothing_about_an_earlier_answer():
    world = simulate(
        typical_population(CATALOGUE), CATALOGUE, clients=4, months=10, until=date(2026, 6, 30),
        rng=np.random.default_rng(5),
    ).records  # fmt: skip
    early = date(2026, 3, 15)
    assert same(observe(world, CATALOGUE, early), observe(world.as_of(early), CATALOGUE, early))


@given(seed=st.integers(0, 10_000))
def test_the_order_of_records_changes_nothing(seed: int):
    rng = np.random.default_rng(seed)
    records = simulate(
        typical_population(CATALOGUE), CATALOGUE, clients=3, months=5, until=date(2026, 6, 30), rng=rng
    ).records
    kinds = ("clients", "checkins", "sightings", "invoices", "hours", "events")
    shuffled = {k: tuple(getattr(records, k)[i] for i in rng.permutation(len(getattr(records, k)))) for k in kinds}
    assert same(observe(records, CATALOGUE, TODAY), observe(replace(records, **shuffled), CATALOGUE, TODAY))
