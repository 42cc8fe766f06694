"""Under what was recorded: put an entry right, or take it out; and the terms of a client, to be changed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import streamlit as st

from app.correcting import Blank, Correctable, blanks_of, corrected, course_of
from app.evidence_timeline import Entry
from app.store import Stored
from app.views import frame
from app.wording import BILLING, plain
from model import catalogue
from model.agreed import EarlierTerms
from model.language import Phrases, phrase, written
from model.records import Client, Invoice, Outcome, Prospect, Search
from model.rules import FIRST_DATE, LAST_DATE

OUTCOMES: Final = Phrases[Outcome | None](
    {
        None: "no answer yet",
        "accepted": "accepted",
        "partly": "accepted in part",
        "refused_stayed": "refused, and stayed",
        "refused_left": "refused, and left",
    }
)
BILLED: Final = Phrases[bool | None]({None: "not said", True: "yes", False: "no"})
ENDED_BY: Final = Phrases({"client": "the client", "me": "I did"})


def show(entries: Sequence[Entry], client: str) -> None:
    """Show the form for one entry of a client; what it changes can be undone like any other write."""
    if not entries or frame.desk().portfolio.read_only:
        return
    with st.expander(phrase("Correct an entry, or take it out"), icon=":material/edit:"):
        place = st.selectbox(
            phrase("Which entry?"),
            range(len(entries)),
            index=None,
            format_func=lambda i: plain(f"{written(entries[i].on)} · {entries[i].what} · {entries[i].detail}"),
            placeholder=phrase("type to search"),
            key=f"correct-{client}",
        )
        if place is not None:
            form(entries[place].record, client)


def terms(client: str) -> None:
    """Show the form for what is agreed with a client, filled with what is known."""
    portfolio = frame.desk().portfolio
    if portfolio.read_only:
        return
    with st.expander(phrase("Change the terms"), icon=":material/contract_edit:"):
        st.caption(
            phrase(
                "Where something new was agreed, say from which day on it holds: months before are still held against "
                "what was agreed then. Without a day it is a correction, and holds for as long as the terms of today "
                "have held. An emptied field is not known, or not agreed."
            )
        )
        # Read as it is stored: of a departure that lies ahead nothing is known today.
        form(portfolio.records(only={Client}).client(client), client, may_go=False)


def of_all(records: Sequence[Search | Prospect], title: str) -> None:
    """Show the form for one search or one prospect, which no client has."""
    if not records or frame.desk().portfolio.read_only:
        return
    with st.expander(title, icon=":material/edit:"):
        # Open ones first: of those there is most to say.
        listed = sorted(records, key=_is_done)
        place = st.selectbox(
            phrase("Which one?"), range(len(listed)), index=None,
            format_func=lambda i: plain(_in_words(listed[i])), placeholder=phrase("type to search"),
        )  # fmt: skip
        if place is not None:
            form(listed[place], None)


def form(record: Correctable, client: str | None, *, may_go: bool = True) -> None:
    """Show the form for one record, which `may_go` altogether; `client` is whose answer to compare, if any."""
    desk, since = frame.desk(), None
    with st.form(f"correct-entry-{hash(record)}"):
        blanks = blanks_of(record)
        # Two beside each other in rows, so that what is read in order is asked in order.
        columns = [column for _ in range((len(blanks) + 1) // 2) for column in st.columns(2)]
        typed = {}
        for blank, column in zip(blanks, columns, strict=False):
            with column:
                typed[blank.name] = _typed(blank, record)
        if not may_go:
            asked = phrase("Agreed anew, from which day on?")
            since = st.date_input(asked, None, min_value=FIRST_DATE, max_value=desk.today)
        with st.container(horizontal=True):
            said = phrase("Store the correction") if may_go else phrase("Store the terms")
            right = st.form_submit_button(said, type="primary", icon=":material/save:")
            out = may_go and st.form_submit_button(phrase("Take it out"), icon=":material/delete:")
    key = frame.form_key("correct")
    if right:
        frame.store("correct", lambda: _stored(record, corrected(record, typed, desk.today), since, key), client)
    elif out:
        frame.store("correct", lambda: desk.portfolio.correct(record, None, key=key), client)


def _stored(record: Correctable, new: Correctable, since: date | None, key: str) -> Stored:
    portfolio = frame.desk().portfolio
    if since is None or not (isinstance(record, Client) and isinstance(new, Client)):
        return portfolio.correct(record, new, key=key)
    return portfolio.agree(record, new, since, key=key)


def _typed(blank: Blank, record: Correctable) -> Any:
    key = f"blank-{blank.name}-{hash(record)}"
    if blank.optional and blank.kind in ("day", "number", "days", "percent"):
        # Only what begins empty can be emptied again in the browser, so what is known comes by the key.
        if blank.value is not None:
            st.session_state.setdefault(key, float(blank.value) if blank.kind in ("number", "percent") else blank.value)
        match blank.kind:
            case "day":
                return st.date_input(blank.label, None, min_value=FIRST_DATE, max_value=LAST_DATE, key=key)
            case "number":
                return st.number_input(blank.label, 0.0, 1e6, None, 0.25, key=key)
            case "percent":
                return st.number_input(blank.label, 0.0, 100.0, None, 5.0, key=key)
            case _:
                return st.number_input(blank.label, 0, 3650, None, key=key)
    match blank.kind:
        case "day":
            return st.date_input(blank.label, blank.value)
        case "amount":
            return st.text_input(
                f"{blank.label}, {_money_of(record)}", "" if blank.value is None else written(blank.value, "f")
            )
        case "number":
            return st.number_input(blank.label, 0.0, 744.0, float(blank.value), 0.25)
        case "energy":
            return st.pills(blank.label, range(1, 6), default=blank.value)
        case "flag":
            return st.checkbox(blank.label, blank.value)
        case "outcome":
            return _one_of(OUTCOMES, blank)
        case "billing":
            return _one_of(BILLING, blank)
        case "billed":
            return _one_of(BILLED, blank)
        case "ended_by":
            return _one_of(ENDED_BY, blank)
        case "standing":
            signs = catalogue.spoken(frame.desk().records().settings.language)
            facts = {sign.id: sign.question for sign in signs.standing}
            return tuple(
                st.multiselect(
                    blank.label, list(facts), list(blank.value), format_func=facts.__getitem__, select_all=False
                )
            )
        case "early":
            signs = catalogue.spoken(frame.desk().records().settings.language)
            seen = {sign.id: sign.question for sign in signs.ticked} | {s: signs[s].question for s in blank.value}
            return tuple(
                st.multiselect(
                    blank.label, list(seen), list(blank.value), format_func=seen.__getitem__, select_all=False
                )
            )
        case _:
            return st.text_input(blank.label, blank.value)


def _money_of(record: Correctable) -> str:
    match record:
        case Invoice() | Client():
            return record.currency
        case EarlierTerms():
            return frame.desk().records().client(record.client).currency
        case _:
            return frame.desk().records().settings.currency


def _is_done(record: Search | Prospect) -> bool:
    return isinstance(record, Search) and record.won_on is not None


def _in_words(record: Search | Prospect) -> str:
    if isinstance(record, Prospect):
        return record.name
    return course_of(record)


def _one_of(words: Mapping[Any, str], blank: Blank) -> Any:
    return st.selectbox(blank.label, list(words), list(words).index(blank.value), format_func=words.__getitem__)
