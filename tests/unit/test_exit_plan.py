"""Leaving one client well: the day, the steps and the words."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from app.leaving import calendar_file, file_name, payback_words, plan_document
from model import advice
from model.errors import UnknownClient
from model.exit_date import exit_timing, expected_payment
from model.exit_lines import Blanks, filled, lines_for, situation_of
from model.exit_plan import exit_plan, lessons
from model.payback import PayBack
from model.records import Client, Event, Invoice, Records, Sighting
from model.settings import ExchangeRate, ExitLine, Settings
from model.terms import terms_of

TODAY = date(2026, 11, 2)  # a Monday
NAME = "Acme"
FALLING = 5000.0 - 100.0 * np.arange(13)
LATER_IS_BETTER = 5000.0 - 40.0 * (np.arange(13) - 3) ** 2


def client(name=NAME, **changes):
    terms = {
        "currency": "EUR", "since": date(2025, 1, 1), "billing": "retainer", "fee_per_month": Decimal(2000),
        "agreed_hours_per_month": 30.0, "notice_days": 30,
    }  # fmt: skip
    return Client(name=name, **(terms | changes))


def invoice(issued, paid_on=None, amount="1000", number=None):
    return Invoice(
        client=NAME, number=number or str(issued), issued=issued, due=issued + timedelta(days=30),
        amount=Decimal(amount), currency="EUR", paid_on=paid_on,
    )  # fmt: skip


def seen(*signs, on=TODAY - timedelta(days=20), **more):
    return tuple(Sighting(client=NAME, on=on, sign=sign, **more) for sign in signs)


def portfolio(*, sightings=(), invoices=(), settings=None, others=(), **changes):
    return Records(
        clients=(client(**changes), *others), sightings=tuple(sightings), invoices=tuple(invoices),
        settings=settings or Settings(),
    )  # fmt: skip


def planned(records, worth=FALLING, **options):
    terms = [terms_of(records, c.name, TODAY) for c in records.clients]
    return exit_plan(
        records, NAME, np.tile(worth, (4, 1)), terms, days_to_pay=35.0, settings=records.settings, today=TODAY,
        **options,
    )  # fmt: skip


def step(plan, name):
    return next(step for step in plan.steps if step.id == name)


def test_every_step_of_the_sources_is_in_the_plan_dated_and_in_order():
    plan = planned(portfolio())
    assert {step.id for step in plan.steps} == {step.id for step in advice.exit_steps()}
    days = [step.on for step in plan.steps]
    assert days == sorted(days) and days[0] == TODAY
    assert all(step.here and step.sources for step in plan.steps)


def test_the_day_worth_most_is_the_day_of_the_plan():
    plan = planned(portfolio(), LATER_IS_BETTER)
    assert plan.timing.best.months_later == 3 and not plan.timing.stays
    assert plan.day.last_day == TODAY + timedelta(days=30 + 91)
    assert "more than leaving now" in plan.timing.reason
    assert planned(portfolio()).day.occasion == "now"


def test_a_deal_breaker_is_left_at_once_whatever_a_later_day_is_worth():
    assert planned(portfolio(), LATER_IS_BETTER, at_once=True).day.occasion == "now"


def test_where_every_month_is_worth_more_than_leaving_the_plan_says_so_and_begins_now():
    plan = planned(portfolio(), 1000.0 + 100.0 * np.arange(13))
    assert plan.timing.stays and "no good day" in plan.timing.reason
    assert plan.day.occasion == "now"


def test_what_each_further_month_costs_is_said_in_words():
    assert "One month later costs about 100 EUR" in planned(portfolio()).timing.waiting
    assert "3 months later brings about 360 EUR" in planned(portfolio(), LATER_IS_BETTER).timing.waiting
    short = exit_timing(
        np.ones((3, 1)), terms_of(portfolio(), NAME, TODAY), notice_days=0, open_invoices=(), days_to_pay=30.0,
        currency="EUR", today=TODAY,
    )  # fmt: skip
    assert "no later month" in short.waiting and not short.stays


def test_a_last_day_that_the_contract_sets_does_not_move_with_the_talk():
    ends = TODAY + timedelta(days=20)
    angry = portfolio(
        sightings=seen("disrespect", on=TODAY, angry=True), settings=Settings(cooling_off_days=7), contract_end=ends
    )
    plan = planned(angry)
    assert plan.day.tell_on == TODAY + timedelta(days=7) and plan.day.last_day == ends


def test_what_is_open_is_told_to_the_cent_in_its_own_currency():
    bills = [invoice(date(2026, 8, 1), amount="8550.40"), invoice(date(2026, 9, 1), amount="100", number="2")]
    dollars = replace(invoice(date(2026, 9, 1), amount="2950", number="3"), currency="USD")
    rate = ExchangeRate(currency="USD", on=date(2026, 1, 1), rate=Decimal("0.9"))
    plan = planned(portfolio(invoices=[*bills, dollars], settings=Settings(exchange_rates=(rate,))))
    assert any("8,650.40 EUR and 2,950.00 USD" in line.text for line in plan.lines)


def test_the_next_payment_and_the_deliverable_are_days_of_their_own():
    owed = portfolio(invoices=[invoice(date(2026, 10, 20)), invoice(date(2026, 8, 1))], committed_hours=15.0)
    found = {day.occasion: day for day in planned(owed).timing.dates}
    # The overdue one is given a fortnight, the other comes after the usual 35 days.
    assert found["payment"].tell_on == TODAY + timedelta(days=14)
    assert found["deliverable"].tell_on == TODAY + timedelta(days=15)
    assert found["deliverable"].last_day == TODAY + timedelta(days=45)
    assert found["payment"].value == pytest.approx(5000 - 100 * 14 / (365.25 / 12))
    assert {day.occasion for day in planned(portfolio()).timing.dates} == {"now", "later"}
    assert expected_payment(invoice(date(2026, 10, 20)), 35.0, TODAY) == date(2026, 11, 24)


def test_the_talk_waits_until_anger_has_cooled_and_falls_on_a_working_day():
    angry = portfolio(sightings=seen("disrespect", on=TODAY, angry=True))
    plan = planned(angry)
    # Three days after Monday.
    assert plan.day.tell_on == date(2026, 11, 5) and plan.day.last_day == date(2026, 12, 5)
    assert "anger" in step(plan, "cool_off").here
    longer = replace(angry, settings=Settings(cooling_off_days=5))
    assert planned(longer).day.tell_on == date(2026, 11, 9)


def test_open_invoices_are_collected_the_longest_due_first_and_work_stops_for_old_ones():
    bills = [invoice(date(2026, 9, 30), amount="50"), invoice(date(2026, 8, 1), amount="700")]
    here = step(planned(portfolio(invoices=bills)), "get_paid").here
    assert here.index("700.00") < here.index("50.00") and "no more work until it is paid" in here
    assert "Nothing is open" in step(planned(portfolio()), "get_paid").here
    ahead = step(planned(portfolio(prepaid_amount=Decimal(400))), "get_paid").here
    assert "400 EUR paid ahead" in ahead


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "cash and fixed costs"),
        ({"cash": Decimal(9000), "fixed_costs_per_month": Decimal(2500)}, "lasts 6.0 months"),
        ({"cash": Decimal(9000), "fixed_costs_per_month": Decimal(900)}, "covers your fixed costs"),
        ({"cash": Decimal(9), "cash_floor": Decimal(90), "fixed_costs_per_month": Decimal(2500)}, "no cash"),
    ],
)
def test_the_numbers_say_how_long_the_cash_lasts(settings, told):
    other = client("Other", fee_per_month=Decimal(1000))
    assert told in step(planned(portfolio(settings=Settings(**settings), others=[other])), "check_numbers").here


def test_after_disrespect_nobody_is_recommended_and_after_abuse_nobody_is_thanked_or_met():
    assert step(planned(portfolio(), alternative="Jo"), "offer_alternative").here == "Name Jo."
    rude = planned(portfolio(sightings=seen("disrespect")), alternative="Jo")
    assert not any(s.id == "offer_alternative" for s in rude.steps)
    assert not any(line.moment == "alternative" for line in rude.lines)
    abused = planned(portfolio(sightings=seen("mental_abuse")))
    assert not any(s.id == "thank_them" for s in abused.steps)
    assert "nobody a meeting" in step(abused, "say_it_in_person").here
    assert [line.moment for line in abused.lines] == ["the talk"]


def test_the_situation_is_read_off_the_records():
    late = [invoice(date(2026, m, 1), date(2026, m, 1) + timedelta(days=45)) for m in (5, 6, 7)]
    assert situation_of(portfolio(), TODAY) == "ordinary"
    assert situation_of(portfolio(invoices=late), TODAY) == "late_payer"
    friend = portfolio(invoices=late, standing_signs=("friends_or_family",))
    assert situation_of(friend, TODAY) == "friend_or_family"
    assert situation_of(replace(friend, sightings=seen("physical_abuse")), TODAY) == "abuse"


def test_own_words_stand_in_for_the_shipped_ones_and_are_marked():
    own = (
        ExitLine(situation="ordinary", moment="thanks", text="Thanks, {client}! Until {last_day}."),
        ExitLine(situation="ordinary", moment="at the door", text="{unknown} stays"),
        ExitLine(situation="abuse", moment="thanks", text="never"),
    )
    lines = planned(portfolio(settings=Settings(exit_lines=own))).lines
    texts = {line.moment: line.text for line in lines}
    assert texts["thanks"] == "Thanks, Acme! Until 2 December 2026." and texts["at the door"] == "{unknown} stays"
    assert [line.moment for line in lines if line.own] == ["thanks", "at the door"]
    assert len(lines_for("ordinary", Settings())) == 4
    assert {line.moment for line in lines_for("late_payer", Settings())} == {
        "opening", "the talk", "alternative", "thanks",
    }  # fmt: skip


def test_a_name_that_looks_like_a_blank_stays_a_name():
    blanks = Blanks(client="{last_day}", last_day=TODAY, alternative="{client}", open_amount="")
    assert filled("{client} / {alternative} / {open_amount}", blanks) == "{last_day} / {client} / what is open"


def test_the_lesson_names_what_was_seen_most_and_comes_back_for_the_next_client():
    plan = planned(portfolio(sightings=seen("scope_creep", "scope_creep", "lies", "gladly_extra_time")))
    assert "scope creep (2)" in step(plan, "do_not_look_back").here
    assert "gladly" not in step(plan, "do_not_look_back").here
    notes = [Event(client=NAME, on=date(2026, m, 1), kind="note", note=f"Lesson: of {m}") for m in (3, 5)]
    other = Event(client=NAME, on=TODAY, kind="note", note="lunch")
    assert lessons(replace(portfolio(), events=(*notes, other))) == ("of 5", "of 3")


def test_a_client_nobody_knows_is_refused_by_name():
    with pytest.raises(UnknownClient, match="Nobody"):
        exit_plan(portfolio(), "Nobody", FALLING[None], [], days_to_pay=30.0, settings=Settings(), today=TODAY)


def test_the_calendar_file_holds_every_step_on_its_day_and_repeats():
    plan = planned(portfolio())
    events = list(Calendar.from_ical(calendar_file(plan)).walk("VEVENT"))
    assert [(e.decoded("dtstart"), str(e["summary"])) for e in events] == [
        (step.on, f"{step.title}: Acme") for step in plan.steps
    ]
    assert len({str(e["uid"]) for e in events}) == len(events)
    assert calendar_file(plan) == calendar_file(planned(portfolio()))


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60).filter(str.strip)
    | st.sampled_from(
        [
            "x\r\nEND:VEVENT\r\nBEGIN:VALARM",
            "a;ATTENDEE=mailto:x@y",
            "../../etc/passwd",
            "\u202egnp.exe",
            "a,b\\n\x1b[2J",
        ]
    )
)
def test_no_name_can_add_a_line_to_the_calendar_or_leave_its_folder(name):
    plan = replace(planned(portfolio()), client=name)
    events = list(Calendar.from_ical(calendar_file(plan)).walk())
    assert len(events) == len(plan.steps) + 1
    for line in calendar_file(plan).replace(b"\r\n ", b"").split(b"\r\n"):
        assert line == b"" or line.split(b":")[0].split(b";")[0] in {
            b"BEGIN", b"END", b"PRODID", b"VERSION", b"UID", b"DTSTAMP", b"DTSTART", b"DTEND", b"SUMMARY",
            b"DESCRIPTION", b"TRANSP",
        }  # fmt: skip
        assert not any(byte < 32 or byte == 127 for byte in line)
    written = file_name(plan)
    assert written.isascii() and "/" not in written and "\\" not in written and not written.startswith(".")
    assert plan_document(plan, PayBack(month=None, behind=1.0, lowest=1, months=2))["client"] == name


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        ((1, 0.0, None), ["at no time behind"]),
        ((9, 0.2, 3), ["at no time behind"]),
        ((9, 1234.0, 3), ["at most by 1,200 EUR at the end of February 2027", "By the end of August 2027 it has"]),
        ((None, 1234.0, 3), ["at the end of February 2027", "Within 24 months, the horizon, it does not catch up"]),
        ((None, 1234.0, 24), ["ends behind keeping: by 1,200 EUR at the end of November 2028, the horizon"]),
    ],
)  # fmt: skip
def test_when_leaving_has_paid_for_itself_is_said_in_months_of_the_calendar(paid, said):
    month, behind, lowest = paid
    words = payback_words(PayBack(month=month, behind=behind, lowest=lowest, months=24), "EUR", TODAY)
    assert all(part in words for part in said), words
    assert ("caught up" in words) == (month is not None and behind > 1)


def test_the_plan_does_not_argue_with_itself_over_a_deal_breaker_or_a_client_worth_keeping():
    rising = 1000.0 + 100.0 * np.arange(13)
    broken = planned(portfolio(), rising, at_once=True)
    assert "deal-breaker" in broken.timing.reason and "no good day" not in broken.timing.reason
    hurry = step(broken, "do_not_put_off")
    assert "brings" not in hurry.here and "into your calendar" in hurry.here
    kept = step(planned(portfolio(), rising), "do_not_put_off")
    assert kept.here.startswith("By the numbers there is no hurry")
    assert all("has a price" not in said.what for said in (hurry, kept))
    assert "costs about 100 EUR" in step(planned(portfolio()), "do_not_put_off").here


def test_nobody_is_told_to_write_the_day_before_a_talk_of_today():
    assert "day before" not in step(planned(portfolio()), "say_it_in_person").here
    assert "today" in step(planned(portfolio()), "say_it_in_person").here
    assert "day before" in step(planned(portfolio(), LATER_IS_BETTER), "say_it_in_person").here
