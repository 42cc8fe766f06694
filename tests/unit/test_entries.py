"""Forms to records."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entries import (
    Line,
    check_in,
    deal_breakers,
    exchange_rates,
    first_clients,
    happened,
    lesson,
    money,
    month_due,
    new_client,
    new_invoice,
    own_lines,
    renegotiation,
)
from model.errors import BushError, InvalidRecord
from model.exit_lines import lines_for
from model.months_due import months_back
from model.records import CheckIn, Client, Records, Sighting
from model.settings import DealBreaker, ExitLine, Settings

TODAY = date(2026, 11, 12)


def portfolio(*more: object) -> Records:
    client = Client(name="Acme", currency="EUR", since=date(2026, 1, 15), billing="fixed")
    return Records(
        clients=(client,),
        checkins=tuple(record for record in more if isinstance(record, CheckIn)),
        sightings=tuple(record for record in more if isinstance(record, Sighting)),
    )


def test_the_policy_form_tells_the_first_time_from_the_repetition() -> None:
    held = (DealBreaker(sign="lies", sightings=3), DealBreaker(sign="sabotage"), DealBreaker(sign="disrespect"))
    assert deal_breakers(held, ["sabotage", "disrespect"], ["lies"]) == held
    changed = deal_breakers(held, ["disrespect", "legal_exposure"], ["sabotage", "disrespect"])
    assert changed == (
        DealBreaker(sign="sabotage", sightings=2), DealBreaker(sign="disrespect"), DealBreaker(sign="legal_exposure"),
    )  # fmt: skip
    assert deal_breakers(held, [], []) == ()


def test_the_newest_month_that_is_due_is_asked_first_and_the_running_one_where_none_is() -> None:
    assert month_due(portfolio(), "Acme", TODAY) == date(2026, 10, 1)
    done = [CheckIn(client="Acme", month=date(2026, month, 1)) for month in (8, 9, 10)]
    assert month_due(portfolio(*done[1:]), "Acme", TODAY) == date(2026, 8, 1)
    assert month_due(portfolio(*done), "Acme", TODAY) == date(2026, 11, 1)
    assert month_due(portfolio(*done), "Acme", date(2026, 11, 28)) == date(2026, 11, 1)


def test_no_month_before_the_client_is_due() -> None:
    young = Records(clients=(Client(name="New", currency="EUR", since=TODAY, billing="fixed"),))
    assert month_due(young, "New", TODAY) == date(2026, 11, 1)


def test_months_to_check_run_back_over_the_new_year() -> None:
    months = months_back(date(2026, 2, 28))
    assert months[:3] == (date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1))


def test_a_sign_of_a_past_month_is_dated_in_that_month_and_anger_today() -> None:
    calm = check_in(portfolio(), client="Acme", month=date(2026, 9, 1), today=TODAY, signs=["lies"])
    assert calm[1] == Sighting(client="Acme", on=date(2026, 9, 30), sign="lies")
    angry = check_in(portfolio(), client="Acme", month=date(2026, 9, 1), today=TODAY, signs=["lies"], angry=True)
    assert angry[1] == Sighting(client="Acme", on=TODAY, sign="lies", angry=True)


def test_the_same_month_looked_at_again_keeps_energy_and_does_not_repeat_signs() -> None:
    held = portfolio(
        CheckIn(client="Acme", month=date(2026, 10, 1), energy=2, note="long talk"),
        Sighting(client="Acme", on=date(2026, 10, 9), sign="lies"),
    )
    made = check_in(held, client="Acme", month=date(2026, 10, 1), today=TODAY, signs=["lies", "disrespect"])
    assert made[0] == CheckIn(client="Acme", month=date(2026, 10, 1), energy=2, note="long talk")
    assert [sighting.sign for sighting in made[1:] if isinstance(sighting, Sighting)] == ["disrespect"]


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"month": date(2026, 12, 1)}, "lies before the client or after"),
        ({"month": date(2025, 12, 1)}, "lies before the client or after"),
        ({"month": date(2026, 10, 1), "signs": ["friends_or_family"]}, "not a sign of the monthly check-in"),
        ({"month": date(2026, 10, 1), "signs": ["nonsense"]}, "not a sign of the monthly check-in"),
        ({"month": date(2026, 10, 1), "angry": True}, "choose at least one sign"),
        ({"month": date(2026, 10, 1), "energy": 6}, "whole number from 1 to 5"),
    ],
)
def test_a_bad_check_in_is_refused_with_a_sentence(given_: dict[str, object], expected: str) -> None:
    with pytest.raises(InvalidRecord, match=expected):
        check_in(portfolio(), client="Acme", today=TODAY, **given_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1250", "1250"), ("1250.50", "1250.50"), ("1250,50", "1250.50"), ("1 250,50", "1250.50"),
        ("1,250.50", "1250.50"), ("1'250.50", "1250.50"), ("1,250", "1250"), ("0", "0"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, amount: str) -> None:
    assert money(text, "amount") == Decimal(amount)


@given(text=st.text(max_size=20))
def test_any_text_is_an_amount_or_refused_with_a_sentence(text: str) -> None:
    try:
        amount = money(text, "amount")
    except BushError:
        return
    assert amount >= 0


@given(amount=st.decimals(0, 10**9, places=2))
def test_an_amount_written_plainly_reads_back(amount: Decimal) -> None:
    assert money(str(amount), "amount") == amount


@pytest.mark.parametrize("text", ["abc", "", "NaN", "inf", "-3", "1.2.3", "1.250,50"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord, match="amount"):
        money(text, "amount")


def test_nothing_is_recorded_before_it_happened() -> None:
    with pytest.raises(InvalidRecord, match="lies ahead"):
        happened(date(2026, 11, 13), TODAY)
    with pytest.raises(InvalidRecord, match="lies ahead"):
        new_invoice(
            client="Acme", number="1", issued=TODAY, days=30, amount="5", currency="EUR", paid=date(2027, 1, 1),
            today=TODAY,
        )  # fmt: skip


def test_a_renegotiation_asks_for_something() -> None:
    with pytest.raises(InvalidRecord, match="say what was asked for"):
        renegotiation(client="Acme", on=TODAY, price_pct=0, scope=False, terms=False, result=None, today=TODAY)


def test_the_price_of_a_client_goes_where_the_billing_says() -> None:
    def priced(billing: str) -> Client:
        return new_client(
            name=" Acme ", currency="EUR", since=TODAY, billing=billing, price="80", hours=None,
            payment_terms_days=14, notice_days=30,
        )  # fmt: skip

    assert priced("hourly").rate_per_hour == 80 and priced("hourly").fee_per_month is None
    assert priced("retainer").fee_per_month == 80 and priced("retainer").name == "Acme"
    assert priced("fixed").rate_per_hour is None and priced("fixed").fee_per_month is None


def test_own_words_for_leaving_are_kept_by_situation_and_emptied_ones_are_the_usual_again() -> None:
    usual = {line.moment: line.text for line in lines_for("ordinary", Settings())}
    other = ExitLine(situation="abuse", moment="the talk", text="Enough.")
    held = Settings(exit_lines=(other,))
    changed = own_lines(held, "ordinary", usual | {"thanks": "  Take care. "})
    assert changed.exit_lines == (other, ExitLine(situation="ordinary", moment="thanks", text="Take care."))
    assert own_lines(changed, "ordinary", usual | {"thanks": " "}) == held
    assert own_lines(held, "ordinary", usual) == held


def test_a_lesson_is_a_note_that_says_so_and_an_empty_one_is_refused() -> None:
    made = lesson(client="Acme", on=TODAY, text=" ask about weekends ")
    assert (made.kind, made.note) == ("note", "Lesson: ask about weekends")
    with pytest.raises(InvalidRecord, match="needs a sentence"):
        lesson(client="Acme", on=TODAY, text=" ")


def test_exchange_rates_are_typed_one_a_line() -> None:
    typed = exchange_rates("usd 0.92 2026-01-31\n\nDKK 0.134", TODAY)
    assert [(rate.currency, rate.rate, rate.on) for rate in typed] == [
        ("USD", Decimal("0.92"), date(2026, 1, 31)), ("DKK", Decimal("0.134"), TODAY),
    ]  # fmt: skip
    for wrong in ("USD", "USD x", "USD 1 yesterday", "USD 1 2026-01-01 more"):
        with pytest.raises(BushError, match="line 1"):
            exchange_rates(wrong, TODAY)


def test_a_client_with_more_hours_than_a_month_has_is_refused_in_the_first_form() -> None:
    line = Line(number=1, name="Acme", fee="1500", hours="900", since=date(2026, 1, 1))
    with pytest.raises(BushError, match="line 1: a month has at most 744 hours; 900 came"):
        first_clients([line], "EUR", Settings())
