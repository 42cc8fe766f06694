"""The first minute: a few clients typed in, one line each, and their answers right after."""

from datetime import timedelta
from typing import Literal

import streamlit as st

from app import entries
from app.store import Stored
from app.views import frame
from model.errors import InvalidRecord
from model.language import phrase

ROWS = 4
YEAR = timedelta(days=365)


def show() -> None:
    """Show the form; what is stored is judged at once, from what is known of clients in general."""
    desk = frame.desk()
    st.markdown(phrase("**Type in your clients**, a line each. What you leave out can be added later."))
    rows = st.session_state.setdefault("first-rows", ROWS)
    run = frame.form_key("first")
    with st.form("first", border=False):
        currency = st.text_input(
            phrase("Which currency do you count in?"), desk.portfolio.settings.currency, max_chars=3
        )
        lines = [_line(place, run) for place in range(rows)]
        with st.container(horizontal=True):
            done = st.form_submit_button(phrase("Show the answers"), type="primary", icon=":material/balance:")
            more = st.form_submit_button(phrase("More lines"), icon=":material/add:")
    if more:
        st.session_state["first-rows"] = rows + ROWS
        st.rerun()
    if done:
        frame.store("first", lambda: _stored(lines, currency, run), None)


def _line(place: int, run: str) -> entries.Line:
    number = place + 1
    seen: Literal["visible", "collapsed"] = "visible" if place == 0 else "collapsed"
    name, fee, hours, since = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    of_line = "" if place == 0 else phrase(", line {number}", number=number)
    day = frame.desk().today - YEAR
    return entries.Line(
        number=number,
        name=name.text_input(
            f"Client{of_line}",
            key=f"first-name-{place}-{run}",
            label_visibility=seen,
            max_chars=200,
            placeholder=phrase("Name"),
        ),
        fee=fee.text_input(
            phrase("Fee a month{of_line}", of_line=of_line),
            key=f"first-fee-{place}-{run}",
            label_visibility=seen,
            placeholder="1500",
        ),
        hours=hours.text_input(
            phrase("Hours a month{of_line}", of_line=of_line),
            key=f"first-hours-{place}-{run}",
            label_visibility=seen,
            placeholder="20",
        ),
        since=since.date_input(
            phrase("Client since{of_line}", of_line=of_line),
            day.replace(day=1),
            key=f"first-since-{place}-{run}",
            label_visibility=seen,
            max_value=frame.desk().today,
        ),
    )


def _stored(lines: list[entries.Line], currency: str, key: str) -> Stored:
    portfolio = frame.desk().portfolio
    clients, settings = entries.first_clients(lines, currency, portfolio.settings)
    if not clients:
        raise InvalidRecord(phrase("nothing is filled in yet: give at least one client a name."), column="name")
    return portfolio.take_in(clients, settings=settings, source=phrase("typed in"), key=key)
