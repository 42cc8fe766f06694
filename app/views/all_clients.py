"""The check-in of all clients on one screen: every month that is due, one batch, and how the answers changed."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from app.checking_in import Due, Filled, Said, due_months, fill, in_words, long_ago, signs_offered
from app.presenting import labelled
from app.views import frame
from app.wording import plain
from model import catalogue
from model.language import Phrases, phrase, written
from model.records import Records

FORM = "check-in-all"
_ENERGY = Phrases({1: "1 drained", 2: "2", 3: "3", 4: "4", 5: "5 energised"})


def show(records: Records) -> None:
    """Show the form for every client who has a month due.

    Parameters
    ----------
    records
        The portfolio.
    """
    today = frame.desk().today
    due = due_months(records, today)
    st.text(in_words(due))
    if earlier := long_ago(records, today):
        st.caption(
            phrase(
                "{earlier} months further back have no check-in. They count as not observed, "
                "which does no harm; what you wrote down at the time can be entered under *One "
                "client*.",
                earlier=earlier,
            )
        )
    if not due:
        st.page_link("views/this_month.py", label=phrase("See the answers"), icon=":material/calendar_month:")
        return
    st.caption(
        phrase(
            "Energy after a month with them: 1 is drained, 5 is energised; leave it out "
            "where you would not say. A client of whom you say nothing is not stored, unless "
            "you tick *Nothing new at all others*. Anger needs a sign to go by; nothing "
            "irreversible is advised until it has cooled off."
        )
    )
    signs = catalogue.spoken(records.settings.language)
    labels = signs_offered(signs, records.settings)
    with st.expander(phrase("What each sign means"), icon=":material/help:"):
        rows = [(label, signs[sign].question) for sign, label in labels.items()]
        frame.table((phrase("Sign"), phrase("Question")), rows, phrase("What each sign means"), (0, 1))
    # The key lives until the form is stored: what another window writes meanwhile must not empty this one.
    run = frame.form_key(FORM)
    said: list[Said] = []
    angry: list[str] = []
    with st.form(FORM, border=False):
        for place, (name, months) in enumerate(groupby(due, key=lambda one: one.client)):
            with st.container(border=True, gap="small", key=f"due-{place}"):
                with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                    frame.heading(name, 2)
                    furious = st.checkbox(
                        _labelled(phrase("I am angry at {{}} right now"), name), key=f"angry-{name}-{run}"
                    )
                said += [_month(one, labels, run) for one in months]
                if furious:
                    angry.append(name)
        others = st.checkbox(phrase("Nothing new at all others"), key=f"others-{run}")
        stored = st.form_submit_button(phrase("Store all check-ins"), type="primary", icon=":material/save:")
    if stored:
        _store(fill(said, records, today, angry=angry, others=others))


def _month(due: Due, labels: dict[str, str], run: str) -> Said:
    of_row = f"{due.client}-{due.month}-{run}"
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    row.text(written(due.month, "%b %Y"), width=72)
    # Labels are for those who do not see the rows; to the others name, month and choices tell the same.
    felt = row.pills(
        _labelled(phrase("Energy with {{}}"), due.client, due),
        list(_ENERGY),
        format_func=_ENERGY.__getitem__,
        key=f"energy-{of_row}",
        label_visibility="collapsed",
    )
    seen = row.multiselect(
        _labelled(phrase("Seen at {{}}"), due.client, due),
        list(labels),
        format_func=labels.__getitem__,
        key=f"signs-{of_row}",
        placeholder=phrase("What did you see? Type to search"),
        select_all=False,
        label_visibility="collapsed",
    )
    none = row.checkbox(phrase("Nothing new"), key=f"nothing-{of_row}", width="content")
    return Said(client=due.client, month=due.month, energy=felt, signs=tuple(seen), nothing_new=none)


def _labelled(words: str, name: str, due: Due | None = None) -> str:
    month = phrase(" in {month:%B %Y}", month=due.month) if due else ""
    return words.format(labelled(plain(name))) + month


def _store(filled: Filled) -> None:
    if filled.faults:
        st.error(phrase("Nothing is stored yet; what you filled in is still there."), icon=":material/error:")
        rows: Sequence[tuple[str, str]] = [(fault.where, fault.sentence) for fault in filled.faults]
        frame.table((phrase("Where"), phrase("What to do")), rows, phrase("What is to be put right"), (0, 1))
        return
    portfolio = frame.desk().portfolio
    frame.store_for_all(
        FORM,
        lambda: portfolio.add(*filled.records, key=frame.form_key(FORM), kind="check-in"),
        filled.clients,
    )
