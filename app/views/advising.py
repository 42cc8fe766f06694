"""Advice from the sources where it helps: before saying yes, for every client, and before asking for more."""

from datetime import date

import streamlit as st

from app.prospecting import advised, exceptions_sentence
from model.advice import Stage
from model.exit_plan import lessons
from model.language import phrase
from model.records import Records


def before_yes(records: Records) -> None:
    """Show what to look at before saying yes to a possible client, and what those who left have taught."""
    _shown(
        "screening", phrase("Before you say yes"), "fact_check", phrase("**What earlier clients taught you**"),
        lessons(records),
    )  # fmt: skip


def rules(records: Records, today: date) -> None:
    """Show what to settle once for every client, and how often each asked for an exception."""
    _shown("policy", phrase("Rules for every client"), "gavel", told=(exceptions_sentence(records, today),))


def asking() -> None:
    """Show what to know before asking a client for more."""
    _shown("renegotiation", phrase("Before you ask"), "handshake")


def _shown(stage: Stage, title: str, icon: str, heading: str = "", told: tuple[str, ...] = ()) -> None:
    with st.expander(title, icon=f":material/{icon}:"):
        for what in advised(stage):
            st.markdown(f"**{what.title}**")
            st.text(what.what)
        if heading and told:
            st.markdown(heading)
        for line in told:
            st.text(line)
