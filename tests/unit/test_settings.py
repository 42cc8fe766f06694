from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InvalidSettings, MissingRate
from model.settings import DealBreaker, ExchangeRate, ExitLine, Limits, Replacement, Settings

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_a_newcomer_gets_settings_that_work():
    assert Settings().currency == "EUR"


def test_verbal_abuse_breaks_the_deal_only_when_it_comes_again():
    needed = {breaker.sign: breaker.sightings for breaker in Settings().deal_breakers}
    assert needed == {"physical_abuse": 1, "mental_abuse": 2, "unethical_requests": 1, "legal_exposure": 1}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"currency": "euro"}, "three-letter code"),
        ({"currency": "ÄÖÜ"}, "three-letter code"),
        ({"horizon_months": 0}, "horizon_months must lie between 1 and 120; 0 came"),
        ({"horizon_months": 121}, "horizon_months"),
        (
            {"reserve_value_per_hour": Decimal("1E+9")},
            "must lie between 0 and 10,000; 1000000000 came",
        ),
        ({"discount_rate": -0.01}, "discount_rate"),
        ({"discount_rate": float("nan")}, "discount_rate"),
        ({"price_of_strain": Decimal("sNaN")}, "price_of_strain"),
        ({"price_of_strain": Decimal("Infinity")}, "price_of_strain"),
        ({"reserve_value_per_hour": Decimal(-1)}, "reserve_value_per_hour"),
        ({"risk_tolerance": Decimal(0)}, "risk_tolerance"),
        ({"cooling_off_days": -1}, "cooling_off_days"),
        ({"least_lead": 1.5}, "least_lead"),
        ({"least_p_best": -0.1}, "least_p_best"),
        ({"reputation_cost": Decimal(-5)}, "reputation_cost"),
        ({"exit_lines": (ExitLine(situation="angry", moment="thanks", text="Bye."),)}, "situation must be one of"),
        ({"exit_lines": (ExitLine(situation="abuse", moment="thanks", text=" "),)}, "needs a moment and a text"),
        ({"exit_lines": (ExitLine(situation="abuse", moment="thanks", text="x" * 2001),)}, "at most 2000"),
        ({"exit_lines": (ExitLine(situation="abuse", moment="thanks", text="Bye."),) * 2}, "two texts"),
        ({"deal_breakers": (DealBreaker(sign="lies", sightings=0),)}, "deal_breakers.lies"),
        ({"replacement": Replacement(months_to_win=0)}, "replacement.months_to_win"),
        ({"replacement": Replacement(hours_per_month=Decimal(0))}, "replacement.hours_per_month"),
        ({"limits": Limits(largest_client_share=1.2)}, "limits.largest_client_share"),
        ({"limits": Limits(cash_probability=90)}, "limits.cash_probability"),
        (
            {"exchange_rates": (ExchangeRate(currency="USD", on=date(2026, 1, 1), rate=Decimal(0)),)},
            "exchange_rates.USD",
        ),
    ],
)
def test_a_setting_the_model_cannot_work_with_is_refused_by_name(wrong, told):
    with pytest.raises(InvalidSettings, match=told):
        Settings(**wrong)


def test_debt_is_allowed_where_cash_is_meant():
    assert Settings(cash=Decimal(-2000), cash_floor=Decimal(-5000)).cash == -2000


RATES = Settings(
    exchange_rates=(
        ExchangeRate(currency="USD", on=date(2026, 6, 1), rate=Decimal("0.90")),
        ExchangeRate(currency="USD", on=date(2026, 1, 1), rate=Decimal("0.80")),
        ExchangeRate(currency="DKK", on=date(2026, 1, 1), rate=Decimal("0.134")),
    )
)


@pytest.mark.parametrize(
    ("on", "worth"),
    [
        (date(2026, 3, 1), 80),
        (date(2026, 5, 31), 80),
        (date(2026, 6, 1), 90),
        (date(2027, 1, 1), 90),
        (date(2025, 1, 1), 80),  # before any rate: the nearest one
    ],
)
def test_money_is_converted_at_the_latest_rate_of_its_day(on, worth):
    assert RATES.in_portfolio_currency(Decimal(100), "USD", on) == worth


def test_currencies_never_meet_without_a_rate():
    with pytest.raises(MissingRate, match="CHF meets a portfolio in EUR"):
        RATES.in_portfolio_currency(Decimal(100), "CHF", date(2026, 3, 1))


@given(amount=st.decimals(0, 10**9, places=2), on=DAYS)
def test_the_portfolio_currency_needs_no_rate_and_loses_no_cent(amount, on):
    assert Settings().in_portfolio_currency(amount, "EUR", on) == amount
