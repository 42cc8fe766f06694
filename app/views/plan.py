"""The joint plan: what to do with every client at once, and when, within the limits of the whole portfolio."""

from dataclasses import replace
from datetime import date

import streamlit as st

from app.charts import Bar, StrainPoint
from app.planning import (
    FAN_COLUMNS,
    SHARE_COLUMNS,
    STEP_COLUMNS,
    binding_sentences,
    fan_rows,
    plan_sentences,
    share_rows,
    step_rows,
    waiting_for_money,
)
from app.presenting import escaped
from app.range_charts import cash_fan, share_bars
from app.views import frame
from app.wording import plain
from model.forecast import Array
from model.joint_limits import Bounds
from model.language import phrase
from model.observations import month_number, month_start
from model.plan import Binding, Plan, binding, bounds_of, make_plan

MOST_SEARCHES = 20


def show() -> None:
    """Show the page."""
    st.title(phrase("Plan"))
    frame.last_change()
    if not frame.someone_is_active():
        return
    judged = frame.judgement()
    st.text(
        phrase(
            "One choice for every client, in which month, so that all limits hold together. "
            "Each limit is that of your settings until you try another one here; nothing on "
            "this page is stored."
        )
    )
    bounds = _limits(bounds_of(judged), judged.settings.currency)
    key = (id(judged), bounds)
    kept: tuple[object, Plan, tuple[Binding, ...]] | None = st.session_state.get("plan")
    if kept is None or kept[0] != key:
        # Kept with the judgement itself, so that its id stays its own.
        with st.spinner(phrase("Comparing every plan …"), show_time=True):
            made = make_plan(judged, bounds)
            kept = st.session_state["plan"] = (key, made, binding(made))
            st.session_state["plan-of"] = judged
    _, made, limits = kept
    today = judged.as_of
    for sentence in plan_sentences(made, today):
        st.markdown(f"- {escaped(plain(sentence))}")
    for sentence in (*binding_sentences(made, limits), *waiting_for_money(judged)):
        st.markdown(f"- {escaped(plain(sentence))}")
    st.header(phrase("What to do, client by client"))
    frame.table(STEP_COLUMNS, step_rows(made), phrase("What the plan says of every client"), texts=(0, 1, 4))
    frame.notes(of_prior=True)
    _cash(made, today)
    _shares(made)


def _limits(held: Bounds, currency: str) -> Bounds:
    with st.expander(phrase("The limits"), icon=":material/tune:", expanded=False), st.form("limits"):
        left, right = st.columns(2)
        hours = left.number_input(phrase("Hours a month for clients"), 0.0, 2000.0, held.capacity_hours, 5.0)
        cash = left.number_input(
            phrase("Cash today, {currency}", currency=currency), value=float(held.cash), step=500.0
        )
        floor = left.number_input(
            phrase("Least cash at the end of any month, {currency}", currency=currency),
            value=held.cash_floor,
            step=500.0,
        )
        costs = left.number_input(
            phrase("Fixed costs a month, {currency}", currency=currency), 0.0, None, float(held.costs_per_month), 100.0
        )
        chance = right.number_input(
            phrase("In how many of 20 plausible futures must the floor hold?"), 1, 20, round(20 * held.cash_probability)
        )  # fmt: skip
        searches = right.number_input(phrase("Most searches at once"), 0, MOST_SEARCHES, held.searches_at_once, 1)
        largest = right.number_input(
            phrase("Most of the income from one client, %"), 0.0, 100.0, _percent(held.largest_share), 5.0
        )  # fmt: skip
        low = right.number_input(
            phrase("Most of the hours for low-paying clients, %"), 0.0, 100.0, _percent(held.low_paying_share), 5.0
        )  # fmt: skip
        st.caption(phrase("An empty field is no limit."))
        st.form_submit_button(phrase("Plan within these limits"), type="primary", icon=":material/route:")
    return replace(
        held,
        capacity_hours=hours,
        cash=cash,
        cash_floor=floor,
        costs_per_month=costs,
        # Untouched, the chance stays what the settings say, to the last digit.
        cash_probability=held.cash_probability if chance == round(20 * held.cash_probability) else chance / 20,
        searches_at_once=None if searches is None else int(searches),
        largest_share=None if largest is None else largest / 100,
        low_paying_share=None if low is None else low / 100,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 6)


def _cash(made: Plan, today: date) -> None:
    st.header(phrase("Cash, month by month"))
    with_plan, nothing = (_points(fan, today) for fan in (made.fan, made.fan_of_nothing))
    last, last_nothing, money = with_plan[-1], nothing[-1], made.currency
    words = phrase(
        "Cash in {count} months: with the plan {mean:,.0f} {money}, between {low:,.0f} "
        "and {high:,.0f} in 8 of 10 futures; if you do nothing {last_nothing_mean:,.0f}, "
        "between {last_nothing_low:,.0f} and {last_nothing_high:,.0f}.",
        count=len(with_plan),
        mean=last.mean,
        money=money,
        low=last.low,
        high=last.high,
        last_nothing_mean=last_nothing.mean,
        last_nothing_low=last_nothing.low,
        last_nothing_high=last_nothing.high,
    )
    frame.chart(cash_fan(with_plan, nothing, made.bounds.cash_floor, money), words, key="cash-fan")
    st.caption(
        phrase("Bands hold 8 of 10 futures; dotted: the floor. What new clients bring is not counted, their search is.")
    )
    with st.expander(phrase("Cash as a table"), icon=":material/table:"):
        rows = zip(*fan_rows(made, today), strict=True)
        frame.records_table(
            {name: list(column) for name, column in zip(FAN_COLUMNS, rows, strict=True)},
            phrase("Cash at the end of each month, with the plan and if nothing is done"),
        )


def _points(fan: Array, today: date) -> tuple[StrainPoint, ...]:
    first = month_number(today) + 1
    return tuple(
        StrainPoint(
            month=month_start(first + month), low=float(column[0]), mean=float(column[len(column) // 2]),
            high=float(column[-1]),
        )
        for month, column in enumerate(fan.T)
    )  # fmt: skip


def _shares(made: Plan) -> None:
    st.header(phrase("Who brings what, and who takes what"))
    ordered = sorted(made.steps, key=lambda step: -step.income_share if step.income_share == step.income_share else 0.0)
    bars = tuple(
        Bar(label=plain(step.client), amount=share, kind=kind)
        for step in ordered
        for kind, share in (("income", step.income_share), ("hours", step.hours_share), ("strain", step.strain_share))
        if share == share
    )
    if bars:
        most = ordered[0]
        words = phrase(
            "Shares of income, hours and strain of {count} clients; the largest brings {income_share:.0%}.",
            count=len(ordered),
            income_share=most.income_share,
        )
        frame.chart(share_bars(bars), words, key="shares")
    frame.table(SHARE_COLUMNS, share_rows(made), phrase("Shares of income, hours and strain, if nothing is done"))


if __name__ == "__main__":
    show()
