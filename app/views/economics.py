"""The settings as plain questions: what a month, an hour and a quiet evening are worth."""

from dataclasses import replace
from decimal import Decimal

import streamlit as st

from app.entries import deal_breakers, exchange_rates, money
from app.prospecting import cost_of_looking_words
from app.views import frame
from app.wording import LANGUAGES
from model import catalogue
from model.language import Phrases, phrase, written
from model.settings import Settings

type _Said = str | float | int | list[str] | None

_BREAKERS = Phrases(
    {
        "breakers": "Leave at once, whatever the money says, the first time you see:",
        "repeated": "Leave when it happens again, on a later day, after you told them:",
    }
)


def show() -> None:
    """Show the form; it is stored as a whole."""
    desk = frame.desk()
    held = desk.records().settings
    if desk.portfolio.read_only:
        st.info(desk.portfolio.why_read_only)
        return
    run = frame.form_key("settings")
    seen = _seen(held, sent=bool(st.session_state.get(f"save-settings-{run}")))
    with st.form(f"settings-{run}-{hash(seen)}"):
        chosen = _questions(seen)
        done = st.form_submit_button(
            phrase("Save the settings"), type="primary", icon=":material/save:", key=f"save-settings-{run}"
        )
    if done:
        frame.store("settings", lambda: desk.portfolio.save_settings(_made(seen, chosen), seen=seen, key=run), None)
        # Here only if it was refused.
        if desk.portfolio.settings != seen:
            st.button(phrase("Show the settings as they are now"), icon=":material/refresh:")


def _seen(held: Settings, *, sent: bool) -> Settings:
    """The settings the form was filled in from: what holds, unless it was just sent and others came in between."""
    if not sent or "settings-seen" not in st.session_state:
        st.session_state["settings-seen"] = held
    seen: Settings = st.session_state["settings-seen"]
    return seen


def _questions(held: Settings) -> dict[str, _Said]:
    market, currency = held.replacement, held.currency
    signs = catalogue.spoken(held.language)
    chosen: dict[str, _Said] = {}
    left, right = st.columns(2)
    with left:
        st.markdown(phrase("**Your time and money**"))
        chosen["currency"] = st.text_input(phrase("Which currency do you count in?"), currency, max_chars=3)
        languages = list(LANGUAGES)
        chosen["language"] = languages[
            st.selectbox(
                phrase("Which language do you read?"), range(len(languages)), languages.index(held.language),
                format_func=lambda place: LANGUAGES[languages[place]],
                help=phrase("Signs, numbers and days; what is not translated yet is said in English."),
            )
        ]  # fmt: skip
        chosen["capacity"] = st.number_input(
            phrase("How many hours a month do you want to work for clients?"),
            min(1.0, held.capacity_hours_per_month),
            1000.0,
            held.capacity_hours_per_month,
            5.0,
        )
        chosen["hour"] = st.text_input(
            phrase("What is an hour off all clients worth to you, {currency}?", currency=currency),
            written(held.reserve_value_per_hour, "f"),
        )
        chosen["strain"] = st.text_input(
            phrase(
                "What would you pay a month to feel one point better about a client, of five, {currency}?",
                currency=currency,
            ),
            written(held.price_of_strain, "f"),
        )
        chosen["cash"] = st.number_input(
            phrase("How much cash do you have today, {currency}?", currency=currency),
            value=float(held.cash),
            step=500.0,
        )
        chosen["floor"] = st.number_input(
            phrase("Below what may your cash not fall at the end of a month, {currency}?", currency=currency),
            value=float(held.cash_floor),
            step=500.0,
        )
        chosen["surely"] = st.number_input(
            phrase("How surely must cash stay above that, %?"),
            0.0,
            100.0,
            round(100 * held.limits.cash_probability, 6),
            5.0,
        )
        chosen["tolerance"] = st.text_input(
            phrase(
                "A coin toss wins you a sum or loses you half of it: up to which sum, {currency}? Empty: any",
                currency=currency,
            ),
            "" if held.risk_tolerance is None else written(held.risk_tolerance, "f"),
            help=phrase(
                "Your risk tolerance: with it, each action is also told as the sure amount that is worth as much to "
                "someone as cautious as you."
            ),
        )
        chosen["costs"] = st.text_input(
            phrase("What are your fixed costs a month, {currency}?", currency=currency),
            written(held.fixed_costs_per_month, "f"),
        )
        chosen["rates"] = st.text_area(
            phrase("What is one unit of another currency worth, {currency}? One a line", currency=currency),
            "\n".join(f"{rate.currency} {rate.rate:f} {rate.on}" for rate in held.exchange_rates),
            placeholder="USD 0.92",
            height="content",
        )
        chosen["horizon"] = st.number_input(phrase("How many months ahead count?"), 1, 120, held.horizon_months)
        chosen["discount"] = st.number_input(
            phrase("A year's interest: what is a later payment worth less, %?"),
            0.0,
            100.0,
            100 * held.discount_rate,
            0.5,
        )
    with right:
        st.markdown(phrase("**If a client went: the next one**"))
        chosen["win"] = st.number_input(
            phrase("How many months does it take to win a new client?"), 0.1, 240.0, market.months_to_win, 0.5
        )
        chosen["fee"] = st.text_input(
            phrase("What would a new client pay a month, {currency}? Empty: like the present ones", currency=currency),
            "" if market.fee_per_month is None else written(market.fee_per_month, "f"),
        )
        chosen["hours"] = st.number_input(
            phrase("How many hours a month would they take? Empty: like the present ones"),
            0.1,
            744.0,
            market.hours_per_month,
            1.0,
            help=phrase(
                "Left empty, it is the middle one of the present clients, and the fee above is taken to be for so many "
                "hours."
            ),
        )
        chosen["ramp"] = st.number_input(
            phrase("How many months until they pay in full?"), 0.0, 24.0, market.ramp_up_months, 0.5
        )
        chosen["at_most"] = st.number_input(
            phrase("How many may take the place of one client? Empty: as many as the hours hold"),
            1,
            100,
            market.at_most,
        )
        chosen["search_cost"] = st.text_input(
            phrase("What does a month of looking cost, {currency}?", currency=currency),
            written(market.search_cost_per_month, "f"),
        )
        if said := cost_of_looking_words(frame.desk().records(), frame.desk().today):
            st.caption(said)
        chosen["search_hours"] = st.number_input(
            phrase("How many hours a month does looking take?"), 0.0, 744.0, market.search_hours_per_month, 1.0
        )
        chosen["searches"] = st.number_input(
            phrase("For how many clients can you look at once?"), 0, 100, held.limits.searches_at_once
        )
        share = held.limits.largest_client_share
        chosen["largest"] = st.number_input(
            phrase("What share of your income may come from one client, %? Empty: any"),
            0.0,
            100.0,
            None if share is None else round(100 * share, 6),
            5.0,
        )
        low = held.limits.low_paying_hours_share
        chosen["low"] = st.number_input(
            phrase("What share of your hours may clients take who pay less than usual, %? Empty: any"),
            0.0,
            100.0,
            None if low is None else round(100 * low, 6),
            5.0,
        )
        st.markdown(phrase("**What you will not take**"))
        st.caption(phrase("What counts here is what you log: invoices and hours do not break a rule by themselves."))
        ids = [sign.id for sign in signs.signs if not sign.is_good]
        for key, question in _BREAKERS.items():
            chosen[key] = st.multiselect(
                question,
                ids,
                [b.sign for b in held.deal_breakers if b.sign in ids and (b.sightings > 1) == (key == "repeated")],
                format_func=lambda sign: signs[sign].label,
                select_all=False,
            )
        st.markdown(phrase("**When not to decide**"))
        chosen["cooling"] = st.number_input(
            phrase("Days to cool off after an entry in anger"), 0, 365, held.cooling_off_days
        )
        chosen["lead"] = st.number_input(
            phrase("How small a lead is none, in % of what may come anyway?"),
            0.0,
            100.0,
            100 * held.least_lead,
            1.0,
        )
        chosen["least_best"] = st.number_input(
            phrase("In how many of 20 plausible cases must an action be best?"), 0, 20, round(20 * held.least_p_best)
        )
        chosen["reputation"] = st.text_input(
            phrase(
                "What may word of having left a client cost you, once, {currency}? Left well, usually nothing",
                currency=currency,
            ),
            written(held.reputation_cost, "f"),
        )
    return chosen


def _made(held: Settings, chosen: dict[str, _Said]) -> Settings:
    fee = str(chosen["fee"]).strip()
    least_best = _number(chosen["least_best"])
    tolerance = str(chosen["tolerance"]).strip()
    return replace(
        held,
        currency=str(chosen["currency"]).strip().upper(),
        language=str(chosen["language"]),
        capacity_hours_per_month=_number(chosen["capacity"]),
        reserve_value_per_hour=_amount(chosen["hour"], "reserve_value_per_hour"),
        price_of_strain=_amount(chosen["strain"], "price_of_strain"),
        cash=_exact(chosen["cash"], held.cash),
        risk_tolerance=_amount(tolerance, "risk_tolerance") if tolerance else None,
        cash_floor=_exact(chosen["floor"], held.cash_floor),
        fixed_costs_per_month=_amount(chosen["costs"], "fixed_costs_per_month"),
        exchange_rates=exchange_rates(str(chosen["rates"]), frame.desk().today),
        limits=replace(
            held.limits,
            searches_at_once=int(_number(chosen["searches"])),
            largest_client_share=_share(chosen["largest"], held.limits.largest_client_share),
            low_paying_hours_share=_share(chosen["low"], held.limits.low_paying_hours_share),
            cash_probability=_share(chosen["surely"], held.limits.cash_probability) or 0.0,
        ),
        horizon_months=int(_number(chosen["horizon"])),
        discount_rate=round(_number(chosen["discount"]) / 100, 6),
        cooling_off_days=int(_number(chosen["cooling"])),
        # Untouched, the answer in twentieths must not move what was set more finely elsewhere.
        least_p_best=held.least_p_best if least_best == round(20 * held.least_p_best) else least_best / 20,
        least_lead=round(_number(chosen["lead"]) / 100, 6),
        reputation_cost=_amount(chosen["reputation"], "reputation_cost"),
        deal_breakers=deal_breakers(held.deal_breakers, _signs(chosen["breakers"]), _signs(chosen["repeated"])),
        replacement=replace(
            held.replacement,
            months_to_win=_number(chosen["win"]),
            fee_per_month=_amount(fee, "replacement.fee_per_month") if fee else None,
            hours_per_month=None if chosen["hours"] is None else _number(chosen["hours"]),
            ramp_up_months=_number(chosen["ramp"]),
            at_most=None if chosen["at_most"] is None else int(_number(chosen["at_most"])),
            search_cost_per_month=_amount(chosen["search_cost"], "replacement.search_cost_per_month"),
            search_hours_per_month=_number(chosen["search_hours"]),
        ),
    )


def _share(percent: _Said, held: float | None) -> float | None:
    if percent is None:
        return None
    # Untouched, a share stays what it is to the last digit.
    share = _number(percent) / 100
    return held if held is not None and _number(percent) == round(100 * held, 6) else round(share, 8)


def _exact(value: _Said, held: Decimal) -> Decimal:
    # Untouched, an amount stays what it is to the last digit.
    return held if value == float(held) else Decimal(str(value))


def _signs(value: _Said) -> list[str]:
    return value if isinstance(value, list) else []


def _number(value: _Said) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _amount(value: _Said, column: str) -> Decimal:
    return money(str(value), column)
