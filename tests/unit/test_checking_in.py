"""The check-in of all clients at once."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checking_in import (
    CHANGED,
    Due,
    Said,
    answers_changed,
    due_months,
    fill,
    in_words,
    long_ago,
    recently_left,
    signs_offered,
)
from model import catalogue
from model.judgement import judge
from model.months_due import REMEMBERED
from model.population import from_prior
from model.records import CheckIn, Client, Records, Sighting, first_of_month
from model.settings import DealBreaker, Settings

TODAY = date(2026, 11, 12)
SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (9, 10, 11))
SIGNS = catalogue.load()


def portfolio(*more: CheckIn | Sighting, names: tuple[str, ...] = ("Acme", "Bolt"), since: date = SEPTEMBER) -> Records:
    return Records(
        clients=tuple(Client(name=name, currency="EUR", since=since, billing="fixed") for name in names),
        checkins=tuple(record for record in more if isinstance(record, CheckIn)),
        sightings=tuple(record for record in more if isinstance(record, Sighting)),
    )


def due(client: str, *months: date) -> tuple[Due, ...]:
    return tuple(Due(client=client, month=month) for month in months)


def rows(records: Records, today: date = TODAY) -> list[Said]:
    return [Said(client=one.client, month=one.month) for one in due_months(records, today)]


def test_every_month_that_is_over_and_has_no_check_in_is_due_the_newest_first() -> None:
    held = portfolio(CheckIn(client="Bolt", month=OCTOBER))
    assert due_months(held, TODAY) == (*due("Acme", OCTOBER, SEPTEMBER), *due("Bolt", SEPTEMBER))
    assert in_words(due_months(held, TODAY)) == "Due: October 2026 for 1 client; September 2026 for 2 clients."


@pytest.mark.parametrize(("day", "asked"), [(27, False), (28, True), (30, True)])
def test_the_running_month_is_due_in_its_last_three_days(day: int, asked: bool) -> None:
    months = {one.month for one in due_months(portfolio(), date(2026, 11, day))}
    assert (NOVEMBER in months) is asked


def test_months_too_long_ago_to_remember_are_counted_and_not_asked() -> None:
    old = portfolio(names=("Acme",), since=date(2026, 3, 15))
    assert due_months(old, TODAY) == due("Acme", OCTOBER, SEPTEMBER, date(2026, 8, 1))
    assert long_ago(old, TODAY) == 5
    assert long_ago(portfolio(), TODAY) == 0


def test_clients_that_left_are_not_asked() -> None:
    gone = Client(
        name="Gone", currency="EUR", since=SEPTEMBER, billing="fixed", ended_on=date(2026, 11, 3), ended_by="me"
    )  # fmt: skip
    assert due_months(Records(clients=(gone,)), TODAY) == ()
    assert in_words(()) == "Every month is checked in."


def test_who_left_within_two_years_can_still_pay_and_the_last_one_is_first() -> None:
    def left(name: str, on: date) -> Client:
        return Client(name=name, currency="EUR", since=date(2020, 1, 1), billing="fixed", ended_on=on, ended_by="me")

    there = portfolio().clients
    gone = (left("Old", TODAY - timedelta(days=731)), left("Then", TODAY - timedelta(days=730)), left("Now", TODAY))
    ahead = left("Soon", TODAY + timedelta(days=1))
    found = recently_left(Records(clients=(*there, *gone, ahead)), TODAY)
    assert [client.name for client in found] == ["Now", "Then"]


@given(
    since=st.dates(date(2024, 1, 1), TODAY),
    done=st.sets(st.sampled_from([OCTOBER, SEPTEMBER, date(2026, 8, 1), date(2026, 7, 1)])),
    today=st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=40)),
)
def test_storing_what_is_due_leaves_nothing_due(since: date, done: set[date], today: date) -> None:
    held = portfolio(*(CheckIn(client="Acme", month=month) for month in done), names=("Acme",), since=since)
    waiting = due_months(held, today)
    assert len(waiting) <= REMEMBERED
    assert all(first_of_month(since) <= one.month <= today and one.month not in done for one in waiting)
    if waiting:
        filled = fill(rows(held, today), held, today, others=True)
        made = tuple(record for record in filled.records if isinstance(record, CheckIn))
        after = portfolio(*held.checkins, *made, names=("Acme",), since=since)
        assert due_months(after, today) == ()


def test_what_is_said_is_stored_and_clients_of_whom_nothing_is_said_are_left_out() -> None:
    records = portfolio(since=OCTOBER)
    filled = fill([Said(client="Acme", month=OCTOBER, energy=2, signs=("lies",))], records, TODAY)
    assert filled.faults == ()
    assert filled.clients == ("Acme",)
    assert filled.records == (
        CheckIn(client="Acme", month=OCTOBER, energy=2),
        Sighting(client="Acme", on=date(2026, 10, 31), sign="lies"),
    )


def test_nothing_new_at_all_others_adds_a_quiet_month_where_nothing_was_said() -> None:
    records = portfolio(since=OCTOBER)
    said = [Said(client="Acme", month=OCTOBER, energy=5), Said(client="Bolt", month=OCTOBER)]
    assert len(fill(said, records, TODAY).records) == 1
    assert fill(said, records, TODAY, others=True).records == (
        CheckIn(client="Acme", month=OCTOBER, energy=5),
        CheckIn(client="Bolt", month=OCTOBER),
    )


def test_nothing_new_is_said_in_one_tick() -> None:
    filled = fill([Said(client="Acme", month=OCTOBER, nothing_new=True)], portfolio(), TODAY)
    assert filled.records == (CheckIn(client="Acme", month=OCTOBER),)


def test_anger_is_about_the_newest_month_that_has_a_sign_and_dated_today() -> None:
    said = [
        Said(client="Acme", month=OCTOBER, energy=1),
        Said(client="Acme", month=SEPTEMBER, signs=("lies",)),
        Said(client="Bolt", month=OCTOBER, signs=("disrespect",)),
        Said(client="Bolt", month=SEPTEMBER, signs=("lies",)),
    ]
    made = fill(said, portfolio(), TODAY, angry=["Acme", "Bolt"]).records
    sightings = [record for record in made if isinstance(record, Sighting)]
    assert sightings == [
        Sighting(client="Acme", on=TODAY, sign="lies", angry=True),
        Sighting(client="Bolt", on=date(2026, 9, 30), sign="lies"),
        Sighting(client="Bolt", on=TODAY, sign="disrespect", angry=True),
    ]


def test_every_fault_is_told_by_row_and_then_nothing_is_stored() -> None:
    said = [
        Said(client="Acme", month=OCTOBER, signs=("lies",), nothing_new=True),
        Said(client="Acme", month=NOVEMBER, energy=3),
        Said(client="Bolt", month=OCTOBER, signs=("no_such_sign",)),
        Said(client="Bolt", month=SEPTEMBER, energy=4),
    ]
    filled = fill(said, portfolio(names=("Acme", "Bolt", "Cask")), TODAY, angry=["Cask"])
    assert filled.records == ()
    told = {fault.where: fault.sentence for fault in filled.faults}
    assert list(told) == ["Acme, November 2026", "Acme, October 2026", "Bolt, October 2026", "Cask"]
    assert "take one of them back" in told["Acme, October 2026"]
    assert "is not due" in told["Acme, November 2026"]
    assert "not a sign" in told["Bolt, October 2026"]
    assert "what made you angry" in told["Cask"]


def test_an_empty_form_is_answered_with_what_to_do() -> None:
    records = portfolio()
    (fault,) = fill(rows(records), records, TODAY).faults
    assert fault.where == "" and "nothing is filled in" in fault.sentence


def test_a_bad_month_shows_in_the_table_of_changes_and_others_show_none() -> None:
    records = portfolio(since=date(2026, 1, 1))
    population = from_prior(SIGNS, rng=np.random.default_rng(8), n_samples=60)
    before = judge(records, population, today=TODAY)
    said = [Said(client="Acme", month=OCTOBER, energy=1, signs=("lies", "disrespect", "sabotage"))]
    made = fill(said, records, TODAY).records
    after = judge(portfolio(*made, since=date(2026, 1, 1)), population, today=TODAY)
    (row,) = answers_changed(before, after, ["Acme"])
    assert len(row) == len(CHANGED) and row[0] == "Acme"
    assert row[5] != "none"
    assert answers_changed(before, before, ["Bolt"])[0][5] == "none"
    assert answers_changed(None, after, ["Acme"])[0][5] == "first answer"


def test_signs_are_searched_by_their_short_label_and_those_to_leave_over_come_last() -> None:
    settings = Settings(deal_breakers=(DealBreaker(sign="lies"), DealBreaker(sign="late_payment")))
    offered = signs_offered(SIGNS, settings)
    assert list(offered)[-2:] == ["late_payment", "lies"] and len(offered) == len(SIGNS.ticked)
    usual = signs_offered(SIGNS, Settings())
    assert [sign for sign, label in usual.items() if "late" in label.lower()] == ["late_payment"]
    assert set(list(usual)[-len(Settings().deal_breakers) :]) == {one.sign for one in Settings().deal_breakers}
