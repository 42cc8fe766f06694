"""Under what was recorded: put an entry right, or take it out."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.correcting import Blank, blanks_of, corrected
from app.evidence_timeline import Entry, Noted
from app.views import frame
from app.views.events import OUTCOMES
from app.wording import plain
from model.language import phrase, written
from model.records import Invoice


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
            _form(entries[place].record, client)


def _form(record: Noted, client: str) -> None:
    desk = frame.desk()
    with st.form(f"correct-entry-{hash(record)}"):
        typed = {blank.name: _typed(blank, record) for blank in blanks_of(record)}
        with st.container(horizontal=True):
            right = st.form_submit_button(phrase("Store the correction"), type="primary", icon=":material/save:")
            out = st.form_submit_button(phrase("Take it out"), icon=":material/delete:")
    key = frame.form_key("correct")
    if right:
        frame.store(
            "correct", lambda: desk.portfolio.correct(record, corrected(record, typed, desk.today), key=key), client
        )
    elif out:
        frame.store("correct", lambda: desk.portfolio.correct(record, None, key=key), client)


def _typed(blank: Blank, record: Noted) -> Any:
    match blank.kind:
        case "day":
            return st.date_input(blank.label, blank.value)
        case "amount":
            money = record.currency if isinstance(record, Invoice) else ""
            return st.text_input(f"{blank.label}, {money}", "" if blank.value is None else written(blank.value, "f"))
        case "number":
            return st.number_input(blank.label, 0.0, 744.0, float(blank.value), 0.25)
        case "energy":
            return st.pills(blank.label, range(1, 6), default=blank.value)
        case "flag":
            return st.checkbox(blank.label, blank.value)
        case "outcome":
            return st.selectbox(blank.label, list(OUTCOMES), list(OUTCOMES).index(blank.value),
                                format_func=OUTCOMES.__getitem__)  # fmt: skip
        case _:
            return st.text_input(blank.label, blank.value)
