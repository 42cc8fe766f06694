"""What if: sliders that answer at once, with the same random numbers, so that every difference is a real one."""

from dataclasses import replace
from decimal import Decimal

import streamlit as st

from app.charts import Dots, dot_plot
from app.presenting import CARD_DOTS, COLOURS, ICONS, changes, comparison, dots_in_words
from app.views import adjusted, frame
from app.wording import ACTIONS, VERDICTS
from model.decision import Decision
from model.forecast import Ask
from model.judged import Judgement, narrowed
from model.judgement import rejudge
from model.language import phrase
from model.market import usual
from model.settings import Settings
from model.waiting import deliberated

PREFIX = "if-"


@st.fragment
def show(judged: Judgement, name: str) -> None:
    """Show the sliders, and the answer before and after.

    Parameters
    ----------
    judged
        The answer under the saved settings.
    name
        The client.
    """
    st.header(phrase("What if"))
    st.caption(
        phrase("Nothing here is stored. The address of the page keeps what you set, so it can be kept or shared.")
    )
    left, right = st.columns([1, 1], gap="large")
    with left:
        settings, ask = _sliders(judged, name)
    changed = settings != judged.settings or ask != judged.of(name).ask
    # One client's answer is wanted, so that one client is judged again.
    after = deliberated(rejudge(narrowed(judged, name), settings=settings, ask={name: ask})) if changed else judged
    with right:
        _answer(judged.of(name), after, name, changed)


def begin_with_their_ask() -> None:
    """Let the next client begin with the ask that is best for them."""
    ask = frame.desk().judgement().of(st.session_state["client"]).ask
    said = {"rise": ask.price_pct, "scope": ask.scope, "terms": ask.terms, "office": ask.office_hours}
    adjusted.set_again(PREFIX, said, only=said)


def _sliders(judged: Judgement, name: str) -> tuple[Settings, Ask]:
    held, asked, market = judged.settings, judged.of(name).ask, judged.settings.replacement
    money = held.currency
    hour, strain = float(held.reserve_value_per_hour), float(held.price_of_strain)
    usual_fee, usual_hours = usual(judged.terms)
    fee = float(market.fee_per_month) if market.fee_per_month is not None else usual_fee
    hours = market.hours_per_month or usual_hours
    horizon = _slider(phrase("Months ahead"), 1, 60, held.horizon_months, 1, "months")
    value = _slider(
        phrase("An hour off all clients is worth, {money}", money=money), 0.0, max(100.0, 3 * hour), hour, 1.0, "hour"
    )
    price = _slider(
        phrase("One point of energy for a month is worth, {money}", money=money),
        0.0,
        max(1000.0, 3 * strain),
        strain,
        10.0,
        "strain",
    )
    rise = _slider(phrase("Price rise asked for, %"), 0.0, 60.0, asked.price_pct, 1.0, "rise")
    cap = _toggle(phrase("Ask for a scope cap"), asked.scope, "scope")
    sooner = _toggle(phrase("Ask for better payment terms"), asked.terms, "terms")
    hours_only = _toggle(phrase("Ask for office hours"), asked.office_hours, "office")
    win = _slider(phrase("Months to win a replacement"), 0.5, 24.0, market.months_to_win, 0.5, "win")
    new_fee = _slider(
        phrase("A replacement's fee a month, {money}", money=money), 0.0, _nice(4 * fee), fee, _nice(fee) / 100, "fee"
    )
    new_hours = _slider(phrase("A replacement's hours a month"), 1.0, max(160.0, 2 * hours), hours, 1.0, "hours")
    settings = replace(
        held,
        horizon_months=int(horizon),
        reserve_value_per_hour=_decimal(value, hour, held.reserve_value_per_hour),
        price_of_strain=_decimal(price, strain, held.price_of_strain),
        replacement=replace(
            market,
            months_to_win=win,
            fee_per_month=market.fee_per_month if new_fee == fee else Decimal(str(new_fee)),
            hours_per_month=market.hours_per_month if new_hours == hours else new_hours,
        ),
    )
    return settings, replace(asked, price_pct=rise, scope=cap, terms=sooner, office_hours=hours_only)


def _slider(label: str, low: float, high: float, start: float, step: float, key: str) -> float:
    return adjusted.slider(label, low, high, start, step, f"{PREFIX}{key}")


def _toggle(label: str, start: bool, key: str) -> bool:
    return adjusted.toggle(label, start, f"{PREFIX}{key}")


def _answer(before: Decision, judged: Judgement, name: str, changed: bool) -> None:
    after = judged.of(name)
    with st.container(border=True, key="what-if-answer"):
        st.badge(
            VERDICTS[after.verdict],
            icon=f":material/{ICONS[after.verdict]}:",
            color=COLOURS[after.verdict],  # type: ignore[arg-type]
        )
        if not changed:
            st.caption(phrase("This is the answer under your saved settings. Move a slider to see it change."))
        told = [change for change in changes(before, after) if not change.what.startswith("Strain")]
        frame.table(
            (phrase("What"), phrase("saved"), phrase("what if")),
            [(c.what, c.before, c.after) for c in told],
            phrase("Answer as saved and what if"),
        )
        st.text(after.reason)
        compared = comparison(judged, after, CARD_DOTS)
        other, money = compared.other_action, after.currency
        rows = (
            Dots(action="keep", label=phrase("Keep"), values=compared.keep),
            Dots(action=other, label=ACTIONS[other], values=compared.other),
        )
        words = f"{dots_in_words(compared.keep, 'keep', money)} {dots_in_words(compared.other, other, money)}"
        frame.chart(dot_plot(rows, money), words, key="what-if-dots")
        st.text(compared.sentence)
        if changed:
            st.button(phrase("Back to the saved settings"), on_click=adjusted.set_again, args=(PREFIX,), key="if-reset")


def _nice(amount: float) -> float:
    """The next round number: 1, 2 or 5 and zeros."""
    scale = 10 ** max(0, len(str(int(amount))) - 1)
    return float(next(step * scale for step in (1, 2, 5, 10) if step * scale >= amount))


def _decimal(moved: float, start: float, kept: Decimal) -> Decimal:
    # Untouched, a slider must not turn 15.00 into 15: the saved settings would look changed.
    return kept if moved == start else Decimal(str(moved))
