"""What if: scenarios for the whole portfolio side by side, possible clients, and looking for one."""

from dataclasses import replace
from decimal import Decimal

import streamlit as st

from app import prospecting, scenarios
from app.charts import PAGE_WIDTH, Dots, dot_plot
from app.entries import new_prospect
from app.presenting import PAGE_DOTS, quantiles
from app.views import adjusted, advising, bush, correcting, frame
from app.wording import plain
from model import catalogue
from model.errors import BushError
from model.judged import Judgement
from model.language import Phrases, phrase, translated
from model.market import usual
from model.prospects import exchanges, valued
from model.scenarios import ADVISED, AS_TODAY, Played, compare
from model.screening import screening
from model.search_first import search_first
from model.settings import Scenario

PARTS = Phrases(
    {
        "scenarios": "Scenarios",
        "prospects": "Possible clients",
        "search-first": "Search first",
        "screening": "Screening",
    }
)
PREFIX = "sc-"


def show() -> None:
    """Show the page."""
    st.title(phrase("What if"))
    frame.last_change()
    if not frame.someone_is_active():
        return
    judged = frame.judgement()
    part = st.segmented_control(
        phrase("What to look at"), list(PARTS), default="scenarios", required=True,
        format_func=PARTS.__getitem__, key="part", bind="query-params",
    )  # fmt: skip
    {"prospects": _prospects, "search-first": _search_first, "screening": _screening}.get(str(part), _scenarios)(judged)
    frame.notes()


@st.fragment
def _scenarios(judged: Judgement) -> None:
    st.caption(
        phrase(
            "The whole portfolio as you set it here, beside the portfolio as it is. Nothing "
            "is stored until you save it; the address of the page keeps what you set, so it "
            "can be kept or shared."
        )
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
        there, left_out = scenarios.playable(judged, saved)
        shown = (AS_TODAY, mine, ADVISED, *there)
        try:
            played = compare(judged, shown)
        except BushError as error:
            frame.refusal(error)
            return
        _picture(played[:3], judged.settings.currency)
        st.text(scenarios.in_words(mine, judged.settings.currency))
    frame.table(scenarios.COLUMNS, scenarios.rows(played), phrase("Scenarios side by side"))
    for sentence in left_out:
        st.text(sentence)
    st.caption(
        phrase(
            "In {currency}, all clients together, discounted. Better in: in how many of 20 "
            "plausible cases a scenario is worth more than the portfolio as it is today. "
            "Over another number of months it is another sum.",
            currency=judged.settings.currency,
        )
    )
    st.caption(scenarios.advice_in_words())
    _save(mine)
    for place, one in enumerate(saved):
        with st.container(horizontal=True, vertical_alignment="center", key=f"saved-{place}"):
            st.text(f"{one.name}: {scenarios.in_words(one, judged.settings.currency)}", width="stretch")
            st.button(
                phrase("Open"),
                key=f"open-{place}",
                on_click=_open,
                args=(one,),
                help=phrase("Set everything above to this."),
            )
            if st.button(phrase("Delete"), key=f"delete-{place}"):
                _delete(one.name)


def _mine(judged: Judgement) -> Scenario:
    held, market, money = judged.settings, judged.settings.replacement, judged.settings.currency
    names = [decision.client for decision in judged.decisions]
    prospects = [prospect.name for prospect in judged.records.prospects]
    adjusted.begins(f"{PREFIX}others", "keep")
    for several_names in ("drop", "take"):
        adjusted.begins(f"{PREFIX}{several_names}", [])
    others = st.selectbox(
        phrase("With everyone not named below"),
        list(scenarios.OTHERS),
        format_func=_DOING.__getitem__,
        key=f"{PREFIX}others",
        bind="query-params",
    )
    drop = st.multiselect(
        phrase("Drop"), names, format_func=plain, key=f"{PREFIX}drop", bind="query-params", placeholder=phrase("nobody")
    )  # fmt: skip
    take = st.multiselect(
        phrase("Take on"), prospects, format_func=plain, key=f"{PREFIX}take", bind="query-params",
        placeholder=phrase("nobody") if prospects else phrase("no prospect is written down yet"),
    )  # fmt: skip
    same = _toggle(phrase("The same odds for all taken on"), "same-odds", disabled=not take) and bool(take)
    odds = _slider(phrase("Chance that they say yes, %"), 0.0, 100.0, 50.0, 5.0, "odds", disabled=not same) / 100
    tip = phrase(
        "Whoever is asked for something is renegotiated with, not only kept. As advised, those are asked whom the "
        "advice is to renegotiate with."
    )
    ask = _toggle(phrase("Ask everyone for the same rise"), "ask", tip=tip)
    rise = _slider(phrase("How much more, %"), 0.0, 100.0, 15.0, 1.0, "raise", disabled=not ask)
    scope = _toggle(phrase("Ask everyone for a scope cap"), "scope", tip=tip)
    terms = _toggle(phrase("Ask everyone for better payment terms"), "terms", tip=tip)
    several = _slider(phrase("At most so many new clients in the place of one"), 1, 6, market.at_most or 6, 1, "n")
    win = _slider(phrase("Months to win a new client"), 0.5, 24.0, market.months_to_win, 0.5, "win")
    accepted = _slider(phrase("Take only the better of new clients, %"), 20.0, 100.0, 100.0, 5.0, "accepted")
    usual_fee, usual_hours = usual(judged.terms)
    fees = float(market.fee_per_month) if market.fee_per_month is not None else usual_fee
    fee = _slider(
        phrase("A new client's fee a month, {money}", money=money), 0.0, max(100.0, 4 * fees), fees, 10.0, "fee"
    )
    sizes = market.hours_per_month or usual_hours
    size = _slider(phrase("A new client's hours a month"), 1.0, max(160.0, 2 * sizes), sizes, 1.0, "hours")
    with st.expander(phrase("What your time and your quiet are worth")):
        hour = float(held.reserve_value_per_hour)
        of_hour = _slider(
            phrase("An hour off all clients, {money}", money=money), 0.0, max(100.0, 3 * hour), hour, 1.0, "hour"
        )
        strain = float(held.price_of_strain)
        of_strain = _slider(
            phrase("A point of energy for a month, {money}", money=money),
            0.0,
            max(1000.0, 3 * strain),
            strain,
            10.0,
            "energy",
        )
        capacity = held.capacity_hours_per_month
        of_capacity = _slider(
            phrase("Hours a month for clients"), 0.0, max(240.0, 2 * capacity), capacity, 5.0, "capacity"
        )
        horizon = _slider(phrase("Months ahead"), 1, 60, held.horizon_months, 1, "months")
    st.button(
        phrase("Reset"),
        on_click=adjusted.set_again,
        args=(PREFIX,),
        key="reset-scenario",
        icon=":material/restart_alt:",
    )
    return Scenario(
        name=phrase("As set here"),
        others=str(others),
        raise_pct=rise if ask else None,
        scope=scope or None,
        terms=terms or None,
        odds=odds if same else None,
        accepted=None if accepted == 100 else accepted / 100,
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


def _slider(
    label: str, low: float, high: float, start: float, step: float, key: str, *, disabled: bool = False
) -> float:  # fmt: skip
    return adjusted.slider(label, low, high, start, step, f"{PREFIX}{key}", disabled=disabled)


def _toggle(label: str, key: str, *, disabled: bool = False, tip: str | None = None) -> bool:
    return adjusted.toggle(label, False, f"{PREFIX}{key}", disabled=disabled, tip=tip)


def _moved(value: float, start: float) -> Decimal | None:
    return None if value == start else Decimal(str(value))


def _picture(played: tuple[Played, ...], currency: str) -> None:
    colours = ("keep", "renegotiate", "wait")
    rows = tuple(
        Dots(action=colour, label=translated(one.scenario.name), values=quantiles(one.futures, PAGE_DOTS))
        for one, colour in zip(played, colours, strict=True)
    )
    words = " ".join(
        phrase(
            "{name}: four in five of {page_dots} plausible futures lie between {low:,.0f} and {high:,.0f} {currency}.",
            name=translated(one.scenario.name),
            page_dots=PAGE_DOTS,
            low=one.low,
            high=one.high,
            currency=currency,
        )
        for one in played
    )
    frame.chart(dot_plot(rows, currency, PAGE_WIDTH), words, key="scenario-dots")
    st.caption(
        phrase("Each dot is one of {page_dots} equally likely futures of the whole portfolio.", page_dots=PAGE_DOTS)
    )


def _save(mine: Scenario) -> None:
    if frame.desk().portfolio.read_only:
        return
    with st.form("save-scenario", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(phrase("Save it as"), max_chars=80, placeholder=phrase("Raise by 15 %"))
        done = st.form_submit_button(phrase("Save"), icon=":material/bookmark:")
    if done:
        frame.store(
            "scenario",
            lambda: scenarios.save(
                frame.desk().portfolio, replace(mine, name=name.strip()), key=frame.form_key("scenario")
            ),
            None,
        )


def _open(one: Scenario) -> None:
    said = {
        "others": one.others, "drop": list(one.drop), "take": list(one.take), "ask": one.raise_pct is not None,
        "raise": one.raise_pct, "scope": one.scope, "terms": one.terms, "same-odds": one.odds is not None,
        "odds": None if one.odds is None else 100 * one.odds,
        "accepted": None if one.accepted is None else 100 * one.accepted, "n": one.replacements,
        "win": one.months_to_win, "fee": one.replacement_fee, "hours": one.replacement_hours,
        "hour": one.reserve_value_per_hour, "energy": one.price_of_strain, "capacity": one.capacity_hours_per_month,
        "months": one.horizon_months,
    }  # fmt: skip
    adjusted.set_again(PREFIX, said)


def _delete(name: str) -> None:
    try:
        batch = scenarios.delete(frame.desk().portfolio, name).batch
    except BushError as error:
        frame.tell(str(error), refused=True)
    else:
        frame.tell(phrase("Deleted: {name}.", name=name), batch.id if batch else None)
    # Of the whole page: this part of it alone would be drawn with the scenario still in it.
    st.rerun()


def _prospects(judged: Judgement) -> None:
    known, money = judged.records.prospects, judged.settings.currency
    if known:
        found = [valued(judged, prospect) for prospect in known]
        frame.table(
            prospecting.PROSPECT_COLUMNS,
            prospecting.prospect_rows(found),
            phrase("What each prospect is worth"),
            (0, 1),
        )
        for one in found:
            st.text(one.reason)
        st.header(phrase("Two in the bush: in whose place?"))
        swaps = exchanges(judged, known)
        st.text(prospecting.exchange_sentence(swaps))
        frame.table(
            prospecting.EXCHANGE_COLUMNS,
            prospecting.exchange_rows(swaps),
            phrase("Prospects in the place of a client"),
            texts=(0, 1),
        )
        st.caption(
            phrase(
                "In {money}. Who says no leaves their hours to the next newcomer; where no odds "
                "are said, they are taken to have said yes.",
                money=money,
            )
        )
        correcting.of_all(known, phrase("Correct a possible client, or take one out"))
    else:
        st.info(
            phrase("No prospect is written down yet. Add one below to see whether to take them on, and in whose place.")
        )
    advising.before_yes(judged.records)
    if not frame.desk().portfolio.read_only:
        _new_prospect(money)


def _new_prospect(money: str) -> None:
    desk = frame.desk()
    ticked = {sign.id: sign.question for sign in catalogue.spoken(desk.portfolio.settings.language).ticked}
    with frame.emptied_form("prospect"):
        st.markdown(phrase("**A possible client**"))
        first, second = st.columns(2), st.columns(3)
        name = first[0].text_input(phrase("Name"), max_chars=200)
        fee = first[1].text_input(phrase("Fee a month, {money}", money=money), placeholder="1000")
        hours = second[0].number_input(phrase("Hours a month"), 0.5, 744.0, 16.0, 1.0)
        odds = second[1].number_input(
            phrase("Chance that they say yes, %"), 0, 100, None, 5, placeholder=phrase("not said")
        )
        start = second[2].date_input(phrase("Would start on"), value=None, min_value=desk.today)
        early = st.multiselect(
            phrase("What have you seen already?"), list(ticked), format_func=ticked.__getitem__, select_all=False
        )  # fmt: skip
        done = st.form_submit_button(phrase("Write them down"), type="primary", icon=":material/person_add:")
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
        phrase(
            "Keep a client, look for a replacement meanwhile, and switch only to one that is "
            "worth it: is that better than keeping, and than dropping at once?"
        )
    )
    found = [search_first(judged, decision.client) for decision in judged.decisions]
    for one in found:
        if one.search:
            st.text(one.reason)
    if not any(one.search for one in found):
        st.text(phrase("With nobody is looking first worth more than the better of keeping and dropping."))
    frame.table(
        prospecting.SEARCH_COLUMNS, prospecting.search_rows(found), phrase("Keeping, dropping, and looking first")
    )
    st.caption(
        phrase(
            "Expected worth in {currency}. Switch in: in how many of 20 plausible cases a "
            "better client is found in time.",
            currency=judged.settings.currency,
        )
    )
    bush.show()


def _screening(judged: Judgement) -> None:
    found = screening(judged)
    for sentence in prospecting.screening_sentences(found, judged.settings.currency):
        st.text(sentence)
    frame.table(
        prospecting.RULE_COLUMNS, prospecting.rule_rows(found), phrase("What each strictness of screening comes to")
    )
    st.caption(
        phrase(
            "Strain of those taken on, in standard deviations, 0 is the usual client; worth "
            "in {currency} for an open slot of a new client's hours. A stricter rule means "
            "calmer clients and a longer search.",
            currency=judged.settings.currency,
        )
    )
    advising.before_yes(judged.records)
    advising.rules(judged.records, judged.as_of)


_DOING = Phrases({"keep": "keep them", "renegotiate": "renegotiate", "best": "do as advised"})


if __name__ == "__main__":
    show()
