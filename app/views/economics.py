"""The settings as plain questions: what a month, an hour and a quiet evening are worth."""

from dataclasses import replace
from decimal import Decimal

import streamlit as st

from app.entries import money
from app.views import frame
from model import catalogue
from model.settings import DealBreaker, Settings


def show() -> None:
    """Show the form; it is stored as a whole."""
    desk = frame.desk()
    held = desk.records().settings
    if desk.portfolio.read_only:
        st.info("This portfolio is a folder, which is only read here.")
        return
    choice = desk.portfolio.revision()
    with st.form(f"settings-{choice}"):
        chosen = _questions(held)
        done = st.form_submit_button("Save the settings", type="primary", icon=":material/save:")
    if done:
        frame.store(
            "settings",
            lambda: desk.portfolio.save_settings(_made(held, chosen), key=frame.form_key("settings")),
            None,
        )


def _questions(held: Settings) -> dict[str, str | float | int | list[str]]:
    market, currency = held.replacement, held.currency
    signs = catalogue.load()
    chosen: dict[str, str | float | int | list[str]] = {}
    left, right = st.columns(2)
    with left:
        st.markdown("**Your time and money**")
        chosen["currency"] = st.text_input("Which currency do you count in?", currency, max_chars=3)
        chosen["capacity"] = st.number_input(
            "How many hours a month do you want to work for clients?", 0.0, 1000.0, held.capacity_hours_per_month, 5.0
        )
        chosen["hour"] = st.text_input(
            f"What is an hour off all clients worth to you, {currency}?", f"{held.reserve_value_per_hour:f}"
        )
        chosen["strain"] = st.text_input(
            f"What would you pay a month to feel one point better about a client, of five, {currency}?",
            f"{held.price_of_strain:f}",
        )
        chosen["horizon"] = st.number_input("How many months ahead count?", 1, 120, held.horizon_months)
        chosen["discount"] = st.number_input(
            "A year's interest: what is a later payment worth less, %?", 0.0, 100.0, 100 * held.discount_rate, 0.5
        )
    with right:
        st.markdown("**If a client went: the next one**")
        chosen["win"] = st.number_input(
            "How many months does it take to win a new client?", 0.1, 240.0, market.months_to_win, 0.5
        )
        chosen["fee"] = st.text_input(
            f"What would a new client pay a month, {currency}? Empty: like the present ones",
            "" if market.fee_per_month is None else f"{market.fee_per_month:f}",
        )
        chosen["search_cost"] = st.text_input(
            f"What does a month of looking cost, {currency}?", f"{market.search_cost_per_month:f}"
        )
        chosen["search_hours"] = st.number_input(
            "How many hours a month does looking take?", 0.0, 744.0, market.search_hours_per_month, 1.0
        )
        st.markdown("**What you will not take**")
        ids = [sign.id for sign in signs.signs if not sign.is_good]
        chosen["breakers"] = st.multiselect(
            "Leave at once, whatever the money says, after:",
            ids,
            [breaker.sign for breaker in held.deal_breakers if breaker.sign in ids],
            format_func=lambda sign: signs[sign].label,
            select_all=False,
        )
        chosen["cooling"] = st.number_input("Days to cool off after an entry in anger", 0, 365, held.cooling_off_days)
    return chosen


def _made(held: Settings, chosen: dict[str, str | float | int | list[str]]) -> Settings:
    fee = str(chosen["fee"]).strip()
    limits = {breaker.sign: breaker.sightings for breaker in held.deal_breakers}
    breakers = chosen["breakers"] if isinstance(chosen["breakers"], list) else []
    return replace(
        held,
        currency=str(chosen["currency"]).strip().upper(),
        capacity_hours_per_month=_number(chosen["capacity"]),
        reserve_value_per_hour=_amount(chosen["hour"], "reserve_value_per_hour"),
        price_of_strain=_amount(chosen["strain"], "price_of_strain"),
        horizon_months=int(_number(chosen["horizon"])),
        discount_rate=round(_number(chosen["discount"]) / 100, 6),
        cooling_off_days=int(_number(chosen["cooling"])),
        deal_breakers=tuple(DealBreaker(sign=sign, sightings=limits.get(sign, 1)) for sign in breakers),
        replacement=replace(
            held.replacement,
            months_to_win=_number(chosen["win"]),
            fee_per_month=_amount(fee, "replacement.fee_per_month") if fee else None,
            search_cost_per_month=_amount(chosen["search_cost"], "replacement.search_cost_per_month"),
            search_hours_per_month=_number(chosen["search_hours"]),
        ),
    )


def _number(value: str | float | int | list[str]) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _amount(value: str | float | int | list[str], column: str) -> Decimal:
    return money(str(value), column)
