"""Terms read from the records, and what to record next."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.checking_in import due_months
from model.agreed import EarlierTerms, mean_hours
from model.errors import MissingRate, UnknownClient
from model.next_record import next_record
from model.records import CheckIn, Client, Hours, Invoice, Records
from model.settings import ExchangeRate, Settings
from model.terms import terms_of

TODAY = date(2026, 11, 1)


def client(**changes):
    plain = {
        "name": "Acme",
        "currency": "EUR",
        "since": date(2024, 1, 1),
        "billing": "retainer",
        "fee_per_month": Decimal(2000),
        "agreed_hours_per_month": 30.0,
    }
    return Client(**(plain | changes))


def invoice(issued, amount=1000, number="1", **changes):
    plain = {"client": "Acme", "number": number, "issued": issued, "due": issued, "amount": Decimal(amount)}
    return Invoice(**(plain | {"currency": "EUR"} | changes))


def terms(records):
    return terms_of(records, "Acme", TODAY)


def monthly(amount=1000, **changes):
    return tuple(invoice(date(2026, m, 1), amount, str(m), **changes) for m in range(1, 11))


def test_a_retainer_brings_its_agreed_fee():
    found = terms(Records(clients=(client(notice_days=30, payment_terms_days=14),)))
    assert (found.fee_per_month, found.agreed_hours, found.rate_per_hour) == (2000.0, 30.0, None)
    assert found.exit_date == date(2026, 12, 1) and found.payment_terms_days == 14
    assert found.caveats == ()


def test_an_answer_of_an_earlier_day_knows_the_terms_of_that_day():
    before = EarlierTerms(
        client="Acme",
        until=date(2026, 10, 31),
        billing="hourly",
        rate_per_hour=Decimal(50),
        agreed_hours_per_month=20.0,
    )
    records = Records(clients=(client(),), earlier_terms=(before,))
    assert terms(records).fee_per_month == 2000
    assert terms_of(records, "Acme", date(2026, 10, 31)).fee_per_month == 1000
    assert records.as_of(date(2026, 10, 31)).earlier_terms == ()


def test_hours_agreed_on_average_weigh_every_day_alike():
    until = ((date(2026, 10, 9), 20.0), (date(2026, 9, 30), None), (date(2026, 10, 19), 40.0))
    earlier = [EarlierTerms(client="A", until=day, billing="retainer", agreed_hours_per_month=h) for day, h in until]
    assert mean_hours(earlier, 60.0, date(2026, 10, 5), date(2026, 10, 29)) == pytest.approx(
        (5 * 20 + 10 * 40 + 10 * 60) / 25
    )
    assert mean_hours(earlier, 60.0, date(2026, 9, 30), date(2026, 9, 30)) == 60
    assert mean_hours((), 60.0, TODAY, TODAY) == 60


def test_hours_logged_while_hours_were_agreed_tell_nothing_of_a_month_now_that_none_are():
    before = EarlierTerms(client="Acme", until=date(2026, 8, 31), billing="retainer", agreed_hours_per_month=40.0)
    worked = tuple(Hours(client="Acme", on=date(2026, m, 1), hours=h) for m, h in ((7, 40.0), (8, 40.0), (9, 12.0)))
    free = client(agreed_hours_per_month=None)
    found = terms(Records(clients=(free,), hours=worked, earlier_terms=(before,)))
    assert found.agreed_hours == 12 and found.monthly_hours == (12.0,)


@pytest.mark.parametrize(("until", "months"), [(31, (16.0, 40.0)), (15, (62.0, 16.0, 40.0))])
def test_a_month_within_which_hours_were_agreed_no_more_is_whole_or_left_out(until, months):
    before = EarlierTerms(client="Acme", until=date(2026, 8, until), billing="retainer", agreed_hours_per_month=40.0)
    daily = tuple(Hours(client="Acme", on=date(2026, 8, day), hours=2.0) for day in range(1, 32))
    later = tuple(
        Hours(client="Acme", on=date(2026, m, 1), hours=h, whole_month=True) for m, h in ((9, 16.0), (10, 40.0))
    )
    free = client(agreed_hours_per_month=None)
    assert terms(Records(clients=(free,), hours=daily + later, earlier_terms=(before,))).monthly_hours == months


def test_hours_agreed_until_this_month_are_used_until_a_month_is_over():
    before = EarlierTerms(client="Acme", until=date(2026, 10, 31), billing="retainer", agreed_hours_per_month=40.0)
    worked = tuple(Hours(client="Acme", on=date(2026, m, 1), hours=h) for m, h in ((10, 45.0), (11, 3.0)))
    records = Records(clients=(client(agreed_hours_per_month=None),), hours=worked, earlier_terms=(before,))
    found = terms(records)
    assert (found.agreed_hours, found.monthly_hours) == (40.0, ()) and "until a month is over" in found.caveats[0]
    assert terms_of(records, "Acme", date(2026, 12, 1)).monthly_hours == (3.0,)


def test_an_hourly_client_brings_rate_times_billed_hours():
    hourly = client(billing="hourly", fee_per_month=None, rate_per_hour=Decimal(80))
    assert terms(Records(clients=(hourly,))).fee_per_month == 2400
    worked = (
        Hours(client="Acme", on=date(2026, 9, 1), hours=30.0),
        Hours(client="Acme", on=date(2026, 10, 1), hours=10.0, billable=False),
    )
    assert terms(Records(clients=(hourly,), hours=worked)).fee_per_month == pytest.approx(1800)


def test_a_rise_of_the_rate_is_no_fall_of_the_hours_that_were_invoiced():
    hourly = client(billing="hourly", fee_per_month=None, rate_per_hour=Decimal(50), agreed_hours_per_month=None)
    before = terms(Records(clients=(hourly,), invoices=monthly()))
    now = replace(hourly, rate_per_hour=Decimal(100))
    known = Records(clients=(now,), invoices=monthly(), earlier_terms=(hourly.terms_until(date(2026, 10, 31)),))
    assert terms(known).agreed_hours == pytest.approx(before.agreed_hours)
    assert terms(known).fee_per_month == pytest.approx(2 * before.fee_per_month)


def test_hours_not_billed_under_a_fee_do_not_lower_what_an_hourly_client_brings():
    hourly = client(billing="hourly", fee_per_month=None, rate_per_hour=Decimal(80))
    before = client().terms_until(date(2026, 9, 30))
    worked = (
        Hours(client="Acme", on=date(2026, 9, 1), hours=30.0, billable=False),
        Hours(client="Acme", on=date(2026, 10, 1), hours=30.0, billable=True),
        Hours(client="Acme", on=date(2026, 10, 2), hours=10.0, billable=False),
    )
    assert terms(Records(clients=(hourly,), hours=worked, earlier_terms=(before,))).fee_per_month == pytest.approx(1800)


def test_hours_nobody_agreed_are_taken_from_what_was_logged_or_invoiced():
    hourly = client(billing="hourly", fee_per_month=None, rate_per_hour=Decimal(80), agreed_hours_per_month=None)
    worked = tuple(Hours(client="Acme", on=date(2026, m, 5), hours=h) for m, h in ((8, 10), (8, 10), (9, 40)))
    assert terms(Records(clients=(hourly,), hours=worked)).agreed_hours == pytest.approx(30)
    billed = terms(Records(clients=(hourly,), invoices=monthly()))
    assert billed.fee_per_month == pytest.approx(1000, rel=0.1)
    assert billed.agreed_hours == pytest.approx(12.5, rel=0.1)
    nothing = terms(Records(clients=(hourly,)))
    assert nothing.agreed_hours == 0 and any("No hours" in caveat for caveat in nothing.caveats)


def test_a_month_of_which_only_the_last_days_lie_within_a_year_is_a_whole_month_of_work():
    hourly = client(billing="hourly", rate_per_hour=Decimal(80), agreed_hours_per_month=None)
    days = (date(2024, 1, 1) + timedelta(days=n) for n in range(1000))
    worked = tuple(Hours(client="Acme", on=day, hours=2.0) for day in days)
    found = terms_of(Records(clients=(hourly,), hours=worked), "Acme", date(2026, 8, 28))
    assert len(found.monthly_hours) == 12 and min(found.monthly_hours) == 56.0


@pytest.mark.parametrize("billing", ["hourly", "retainer", "fixed"])
def test_a_month_that_has_begun_is_no_month_of_work(billing):
    agreed = client(billing=billing, rate_per_hour=Decimal(80), agreed_hours_per_month=None)
    worked = tuple(Hours(client="Acme", on=date(2026, m, 1), hours=h) for m, h in ((9, 40), (10, 40), (11, 1)))
    assert terms(Records(clients=(agreed,), hours=worked)).agreed_hours == pytest.approx(40)
    # Nothing else is known of who began this month.
    assert terms(Records(clients=(agreed,), hours=worked[2:])).agreed_hours == pytest.approx(1)


def test_a_fixed_price_brings_what_was_invoiced_a_month():
    fixed = client(billing="fixed", fee_per_month=None)
    whole_year = tuple(invoice(date(2025 + (10 + m) // 12, (10 + m) % 12 + 1, 1), 1000, str(m)) for m in range(12))
    found = terms(Records(clients=(fixed,), invoices=whole_year))
    assert found.fee_per_month == pytest.approx(1000, rel=0.02)
    old = (*whole_year, invoice(date(2024, 2, 1), 99_000, "old"))
    assert terms(Records(clients=(fixed,), invoices=old)).fee_per_month == pytest.approx(found.fee_per_month)


def test_a_year_between_two_days_of_invoicing_holds_twelve():
    fixed = client(billing="fixed", fee_per_month=None)
    monthly = tuple(invoice(date(2025 + (10 + m) // 12, (10 + m) % 12 + 1, 1), 1000, str(m)) for m in range(13))
    assert monthly[-1].issued == date(2026, 11, 1)
    assert terms(Records(clients=(fixed,), invoices=monthly)).fee_per_month == pytest.approx(1000, rel=0.02)


def test_a_young_client_is_not_spread_over_a_year_it_did_not_have():
    fixed = client(billing="fixed", fee_per_month=None, since=date(2026, 9, 1))
    found = terms(Records(clients=(fixed,), invoices=(invoice(date(2026, 10, 1)), invoice(date(2026, 11, 1)))))
    assert found.fee_per_month == pytest.approx(1000, rel=0.02)


def test_invoices_long_past_still_say_what_a_month_brings_and_say_so():
    fixed = client(billing="fixed", fee_per_month=None, since=date(2012, 1, 1))
    past = tuple(invoice(date(2013, m, 1), 1000, str(m)) for m in range(1, 13))
    found = terms(Records(clients=(fixed,), invoices=past))
    assert found.fee_per_month == pytest.approx(1000, rel=0.1)
    assert any("2013-12-01" in caveat for caveat in found.caveats)


def test_nothing_recorded_is_nothing_earned_and_a_caveat():
    found = terms(Records(clients=(client(billing="fixed", fee_per_month=None),)))
    assert found.fee_per_month == 0 and any("income" in caveat for caveat in found.caveats)


def test_open_amounts_leave_out_what_is_paid_or_written_off():
    bills = (
        invoice(date(2026, 9, 1), number="paid", paid_on=date(2026, 10, 1)),
        invoice(date(2026, 9, 1), number="paid later", paid_on=date(2026, 12, 1)),
        invoice(date(2026, 9, 1), number="part", written_off=Decimal(400)),
        invoice(date(2026, 12, 1), number="not yet"),
    )
    assert terms(Records(clients=(client(),), invoices=bills)).open_invoices == 1600


def test_leaving_takes_notice_or_committed_work_or_the_end_of_a_contract():
    def months(**changes):
        return terms(Records(clients=(client(**changes),))).leaving_in()

    assert months() == 0
    assert months(notice_days=61) == pytest.approx(2, rel=0.01)
    assert months(notice_days=30, committed_hours=90.0) == pytest.approx(3)
    assert months(contract_end=date(2027, 5, 1)) == pytest.approx(6, rel=0.02)
    assert months(contract_end=date(2027, 5, 1), notice_days=30) == pytest.approx(1, rel=0.02)
    assert months(contract_end=date(2026, 11, 11), notice_days=60) == pytest.approx(1 / 3, rel=0.02)
    assert months(contract_end=date(2020, 1, 1)) == 0
    assert months(contract_end=date(2026, 11, 1), notice_days=61) == 0
    # One that has ended went on without an end, and with the notice that is recorded.
    assert months(contract_end=date(2026, 6, 30), notice_days=61) == pytest.approx(2, rel=0.01)
    ended = terms(Records(clients=(client(contract_end=date(2026, 6, 30), notice_days=61),)))
    assert any("ended on 2026-06-30" in caveat for caveat in ended.caveats)
    ends = terms(Records(clients=(client(contract_end=date(2027, 1, 1), notice_days=92),)))
    assert [ends.leaving_in(wait) for wait in (0, 1, 3)] == pytest.approx([2, 2, 6], rel=0.03)


def test_money_is_in_the_currency_of_the_portfolio_or_refused():
    abroad = client(currency="USD", prepaid_amount=Decimal(100))
    with pytest.raises(MissingRate):
        terms(Records(clients=(abroad,)))
    rate = ExchangeRate(currency="USD", on=date(2026, 1, 1), rate=Decimal("0.9"))
    found = terms(Records(clients=(abroad,), settings=Settings(exchange_rates=(rate,))))
    assert (found.fee_per_month, found.prepaid) == (1800, 90)


def test_an_unknown_client_is_refused():
    with pytest.raises(UnknownClient):
        terms(Records())


def test_what_to_record_next_goes_from_the_most_to_the_least_missing():
    done = Records(
        clients=(client(),),
        checkins=tuple(CheckIn(client="Acme", month=date(2026, month, 1)) for month in (8, 9, 10)),
        hours=(Hours(client="Acme", on=date(2026, 10, 7), hours=3.0),),
    )
    asked = {
        "Nothing is missing": done,
        "Log the hours of October: none are recorded.": replace(done, hours=()),
        "Do the check-in for October.": replace(done, checkins=done.checkins[:2], hours=()),
        "Do the check-ins for October and August.": replace(done, checkins=done.checkins[1:2]),
        "Invoice 1007 is 12 days past due": replace(done, invoices=(invoice(date(2026, 10, 20), number="1007"),)),
        "Invoice 1007 is 62 days past due": replace(
            done, checkins=(), invoices=(invoice(date(2026, 8, 31), number="1007"),)
        ),
        "The invoice due on 2026-08-31 is 62 days": replace(
            done, invoices=(invoice(date(2026, 8, 31), number="<b>![](http://x/p.png)"),)
        ),
    }
    for sentence, records in asked.items():
        assert next_record(records, TODAY).startswith(sentence)
    newcomer = Records(clients=(client(since=date(2026, 11, 1)),))
    assert next_record(newcomer, TODAY).startswith("Nothing is missing")


@pytest.mark.parametrize("day", [1, 27, 28, 29, 30])
def test_the_record_asked_for_next_is_the_check_in_that_is_due(day):
    today = date(2026, 11, day)
    months = [date(2026, month, 1) for month in (8, 9, 10, 11)]
    for left_out in (set(), {8}, {10}, {11}, {9, 11}):
        done = Records(
            clients=(client(),),
            checkins=tuple(CheckIn(client="Acme", month=month) for month in months if month.month not in left_out),
            hours=(Hours(client="Acme", on=date(2026, 10, 7), hours=3.0),),
        )
        due = due_months(done, today)
        said = next_record(done, today)
        assert said.startswith("Do the check-in") is bool(due)
        assert all(f"{one.month:%B}" in said for one in due)
        if not due:
            assert f"the check-in for {'November' if 11 in left_out else 'December'}" in said
