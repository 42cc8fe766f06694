"""What you decided: written down with the advice of the day and your reason, to look back on."""

from typing import get_args

import streamlit as st

from app.choosing import COLUMNS, choice_of, choice_rows, first_choice
from app.views import frame
from app.wording import ACTIONS
from model.choice import Way
from model.judged import Judgement
from model.language import phrase


def show(judged: Judgement, name: str) -> None:
    """Show the section.

    Parameters
    ----------
    judged
        The judgement.
    name
        The client.
    """
    desk, decision = frame.desk(), judged.of(name)
    st.header(phrase("What you decided"))
    if desk.portfolio.read_only:
        st.caption(
            phrase(
                "These records are only read here; import them into a portfolio of your own to write decisions down."
            )
        )
    else:
        ways = list(get_args(Way))
        first = ways.index(first_choice(decision))
        # A form of its own for each client: what is chosen for one is not chosen for the next.
        with st.form(f"decision-{name}"):
            action = st.radio(
                phrase("What will you do?"), ways, index=first, format_func=ACTIONS.__getitem__, horizontal=True
            )
            why = st.text_input(
                phrase("Why?"), max_chars=500, placeholder=phrase("in a sentence you will understand in a year")
            )
            done = st.form_submit_button(phrase("Write it down"), icon=":material/edit_note:")
        st.caption(
            phrase(
                "Kept with what was advised and expected today; a review sets beside it what "
                "came. A second one of the same day takes the place of the first. Nothing else "
                "changes: log a departure when it happens."
            )
        )
        if done and action is not None:
            frame.store(
                "decision",
                lambda: desk.portfolio.add(
                    choice_of(decision, action, on=desk.today, note=why.strip()), key=frame.form_key("decision")
                ),
                name,
            )
    if rows := choice_rows(judged.records, client=name):
        titles = [column for column in COLUMNS if column != "Client"]
        place = COLUMNS.index("Client")
        frame.table(
            titles,
            [tuple(map(str, row[:place] + row[place + 1 :])) for row in rows],
            phrase("What you decided, newest first"),
        )
