"""What if: scenarios for the whole portfolio side by side, possible clients, and looking for one."""

from dataclasses import replace
from decimal import Decimal

import streamlit as st

from app import prospecting, scenarios
from app.charts import PAGE_WIDTH, Dots, dot_plot
from app.entries import new_prospect
from app.presenting import PAGE_DOTS, quantiles
from app.views import bush, frame
from app.wording import plain
from model import catalogue
from model.errors import BushError
from model.judged import Judgement
from model.prospects import exchanges, valued
from model.scenarios import ADVISED, AS_TODAY, Played, compare
from model.screening import screening
from model.search_first import search_first
from model.settings import Scenario

PARTS = ("Scenarios", "Possible clients", "Search first", "Screening")
PREFIX = "sc-"


def show() -> None:
    """Show the page."""
    st.title("What if")
    frame.last_change()
    if not frame.someone_is_active():
        return
    judged = frame.judgement()
    part = st.segmented_control(
        "What to look at", PARTS, default=PARTS[0], required=True, key="part", bind="query-params"
    )  # fmt: skip
    {PARTS[1]: _prospects, PARTS[2]: _search_first, PARTS[3]: _screening}.get(str(part), _scenarios)(judged)
    frame.notes()


@st.fragment
def _scenarios(judged: Judgement) -> None:
    st.caption(
        "The whole portfolio as you set it here, beside the portfolio as it is. Nothing is stored until you save it; "
        "the address of the page keeps what you set, so it can be kept or shared."
    )
    left, right = st.columns([1, 1], gap="large")
    with left:
        try:
            mine = _mine(judged)
        except BushError as error:
            frame.refusal(error)
            return
    saved = judged.settings.scenarios
    with right:
        shown = (AS_TODAY, mine, ADVISED, *saved)
        try:
            played = compare(judged, shown)
        except BushError as error:
            frame.refusal(error)
            return
        _picture(played[:3], judged.settings.currency)
        st.text(scenarios.in_words(mine, judged.settings.currency))
    frame.table(scenarios.COLUMNS, scenarios.rows(played), "Scenarios side by side")
    st.caption(
        f"In {judged.settings.currency}, all clients together, discounted. Better in: in how many of 20 plausible "
        "cases a scenario is worth more than the portfolio as it is today. Over another number of months it is "
        "another sum."
    )
    _save(judged, mine)
    for place, one in enumerate(saved):
        with st.container(horizontal=True, vertical_alignment="center", key=f"saved-{place}"):
            st.text(f"{one.name}: {scenarios.in_words(one, judged.settings.currency)}", width="stretch")
            st.button("Open", key=f"open-{place}", on_click=_open, args=(one,), help="Set everything above to this.")
            st.button("Delete", key=f"delete-{place}", on_click=_delete, args=(one.name,))


def _mine(judged: Judgement) -> Scenario:
    held, market, money = judged.settings, judged.settings.replacement, judged.settings.currency
    names = [decision.client for decision in judged.decisions]
    prospects = [prospect.name for prospect in judged.records.prospects]
    others = st.selectbox(
        "With everyone not named below", list(scenarios.OTHERS), format_func=_DOING.__getitem__, key=f"{PREFIX}others",
        bind="query-params",
    )  # fmt: skip
    drop = st.multiselect(
        "Drop", names, format_func=plain, key=f"{PREFIX}drop", bind="query-params", placeholder="nobody"
    )  # fmt: skip
    take = st.multiselect(
        "Take on", prospects, format_func=plain, key=f"{PREFIX}take", bind="query-params",
        placeholder="nobody" if prospects else "no prospect is written down yet",
    )  # fmt: skip
    ask = st.toggle("Ask everyone for the same rise", key=f"{PREFIX}ask", bind="query-params")
    rise = _slider("How much more, %", 0.0, 60.0, 15.0, 1.0, "raise") if ask else None
    several = _slider("At most so many new clients in the place of one", 1, 6, market.at_most or 6, 1, "n")
    win = _slider("Months to win a new client", 0.5, 24.0, market.months_to_win, 0.5, "win")
    fees = float(market.fee_per_month or _usual(judged, "fee_per_month"))
    fee = _slider(f"A new client's fee a month, {money}", 0.0, max(100.0, 4 * fees), fees, 10.0, "fee")
    sizes = market.hours_per_month or _usual(judged, "agreed_hours")
    size = _slider("A new client's hours a month", 1.0, max(160.0, 2 * sizes), sizes, 1.0, "hours")
    with st.expander("What your time and your quiet are worth"):
        hour = float(held.reserve_value_per_hour)
        of_hour = _slider(f"An hour off all clients, {money}", 0.0, max(100.0, 3 * hour), hour, 1.0, "hour")
        strain = float(held.price_of_strain)
        of_strain = _slider(
            f"A point of energy for a month, {money}", 0.0, max(1000.0, 3 * strain), strain, 10.0, "energy"
        )  # fmt: skip
        capacity = held.capacity_hours_per_month
        of_capacity = _slider("Hours a month for clients", 0.0, max(240.0, 2 * capacity), capacity, 5.0, "capacity")
        horizon = _slider("Months ahead", 1, 60, held.horizon_months, 1, "months")
    st.button("Reset", on_click=_reset, key="reset-scenario", icon=":material/restart_alt:")
    return Scenario(
        name="As set here",
        others=str(others),
        raise_pct=rise,
        drop=tuple(drop),
        take=tuple(take),
        horizon_months=None if horizon == held.horizon_months else int(horizon),
        reserve_value_per_hour=_moved(of_hour, hour),
        price_of_strain=_moved(of_strain, strain),
        capacity_hours_per_month=None if of_capacity == capacity else of_capacity,
        months_to_win=None if win == market.months_to_win else win,
        replacement_fee=_moved(fee, fees),
        replacement_hours=None if size == sizes else size,
        replacements=None if several == (market.at_most or 6) else int(several),
    )


def _slider(label: str, low: float, high: float, value: float, step: float, key: str) -> float:
    kind = int if isinstance(step, int) else float
    return kind(
        st.slider(
            label, kind(low), kind(high), kind(min(max(value, low), high)), kind(step),
            "%.1f" if step == 0.5 else "%d", f"{PREFIX}{key}", bind="query-params",
        )
    )  # fmt: skip


def _moved(value: float, start: float) -> Decimal | None:
    return None if value == start else Decimal(str(value))


def _usual(judged: Judgement, field: str) -> float:
    known = sorted(value for terms in judged.terms if (value := float(getattr(terms, field))) > 0)
    return known[len(known) // 2] if known else {"fee_per_month": 2000.0, "agreed_hours": 40.0}[field]


def _picture(played: tuple[Played, ...], currency: str) -> None:
    colours = ("keep", "renegotiate", "wait")
    rows = tuple(
        Dots(action=colour, label=one.scenario.name, values=quantiles(one.futures, PAGE_DOTS))
        for one, colour in zip(played, colours, strict=True)
    )
    words = " ".join(
        f"{one.scenario.name}: four in five of {PAGE_DOTS} plausible futures lie between {one.low:,.0f} and "
        f"{one.high:,.0f} {currency}."
        for one in played
    )
    frame.chart(dot_plot(rows, currency, PAGE_WIDTH), words, key="scenario-dots")
    st.caption(f"Each dot is one of {PAGE_DOTS} equally likely futures of the whole portfolio.")


def _save(judged: Judgement, mine: Scenario) -> None:
    if frame.desk().portfolio.read_only:
        return
    with st.form("save-scenario", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Save it as", max_chars=80, placeholder="Raise by 15 %")
        done = st.form_submit_button("Save", icon=":material/bookmark:")
    if done:
        frame.store(
            "scenario",
            lambda: frame.desk().portfolio.save_settings(
                scenarios.saved(judged.settings, replace(mine, name=name.strip())), key=frame.form_key("scenario")
            ),
            None,
        )


def _open(one: Scenario) -> None:
    _reset()
    said = {
        "others": one.others, "drop": list(one.drop), "take": list(one.take), "ask": one.raise_pct is not None,
        "raise": one.raise_pct, "n": one.replacements, "win": one.months_to_win, "fee": one.replacement_fee,
        "hours": one.replacement_hours, "hour": one.reserve_value_per_hour, "energy": one.price_of_strain,
        "capacity": one.capacity_hours_per_month, "months": one.horizon_months,
    }  # fmt: skip
    for key, value in said.items():
        if value not in (None, [], False):
            st.session_state[f"{PREFIX}{key}"] = float(value) if isinstance(value, Decimal) else value


def _delete(name: str) -> None:
    portfolio = frame.desk().portfolio
    try:
        stored = portfolio.save_settings(scenarios.deleted(portfolio.settings, name))
    except BushError as error:
        frame.tell(str(error))
        return
    batch = stored.batch
    frame.tell(f"Deleted: {name}.", batch.id if batch else None)


def _reset() -> None:
    for key in [key for key in st.session_state if str(key).startswith(PREFIX)]:
        del st.session_state[key]


def _prospects(judged: Judgement) -> None:
    known, money = judged.records.prospects, judged.settings.currency
    if known:
        found = [valued(judged, prospect) for prospect in known]
        frame.table(
            prospecting.PROSPECT_COLUMNS, prospecting.prospect_rows(found), "What each prospect is worth", (0, 1)
        )
        for one in found:
            st.text(one.reason)
        st.header("Two in the bush: in whose place?")
        swaps = exchanges(judged, known)
        st.text(prospecting.exchange_sentence(swaps))
        frame.table(
            prospecting.EXCHANGE_COLUMNS,
            prospecting.exchange_rows(swaps),
            "Prospects in the place of a client",
            texts=(0, 1),
        )
        st.caption(
            f"In {money}. Who says no leaves their hours to the next newcomer; where no odds are said, they are taken "
            "to have said yes."
        )
    else:
        st.info("No prospect is written down yet. Add one below to see whether to take them on, and in whose place.")
    if not frame.desk().portfolio.read_only:
        _new_prospect(money)


def _new_prospect(money: str) -> None:
    desk = frame.desk()
    ticked = {sign.id: sign.question for sign in catalogue.spoken(desk.portfolio.settings.language).ticked}
    with st.form("prospect"):
        st.markdown("**A possible client**")
        first, second = st.columns(2), st.columns(3)
        name = first[0].text_input("Name", max_chars=200)
        fee = first[1].text_input(f"Fee a month, {money}", placeholder="1000")
        hours = second[0].number_input("Hours a month", 0.5, 744.0, 16.0, 1.0)
        odds = second[1].number_input("Chance that they say yes, %", 0, 100, None, 5, placeholder="not said")
        start = second[2].date_input("Would start on", value=None, min_value=desk.today)
        early = st.multiselect(
            "What have you seen already?", list(ticked), format_func=ticked.__getitem__, select_all=False
        )  # fmt: skip
        done = st.form_submit_button("Write them down", type="primary", icon=":material/person_add:")
    if done:
        frame.store(
            "prospect",
            lambda: desk.portfolio.add(
                new_prospect(name=name, fee=fee, hours=hours, odds=odds, start=start, early_signs=tuple(early)),
                key=frame.form_key("prospect"),
            ),
            None,
        )


def _search_first(judged: Judgement) -> None:
    st.text(
        "Keep a client, look for a replacement meanwhile, and switch only to one that is worth it: is that better than "
        "keeping, and than dropping at once?"
    )
    found = [search_first(judged, decision.client) for decision in judged.decisions]
    for one in found:
        if one.search:
            st.text(one.reason)
    if not any(one.search for one in found):
        st.text("With nobody is looking first worth more than the better of keeping and dropping.")
    frame.table(prospecting.SEARCH_COLUMNS, prospecting.search_rows(found), "Keeping, dropping, and looking first")
    st.caption(
        f"Expected worth in {judged.settings.currency}. Switch in: in how many of 20 plausible cases a better client "
        "is found in time."
    )
    bush.show()


def _screening(judged: Judgement) -> None:
    found = screening(judged)
    for sentence in prospecting.screening_sentences(found, judged.settings.currency):
        st.text(sentence)
    frame.table(prospecting.RULE_COLUMNS, prospecting.rule_rows(found), "What each strictness of screening comes to")
    st.caption(
        f"Strain of those taken on, in standard deviations, 0 is the usual client; worth in {judged.settings.currency} "
        "for an open slot of a new client's hours. A stricter rule means calmer clients and a longer search."
    )


_DOING = {"keep": "keep them", "renegotiate": "renegotiate", "best": "do as advised"}


if __name__ == "__main__":
    show()
