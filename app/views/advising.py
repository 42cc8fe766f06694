"""Advice from the sources where it helps: before saying yes, for every client, and before asking for more."""

import streamlit as st

from app.prospecting import advised
from model.advice import Stage
from model.exit_plan import lessons
from model.language import phrase
from model.records import Records


def before_yes(records: Records) -> None:
    """Show what to look at before saying yes to a possible client, and what those who left have taught."""
    _shown("screening", phrase("Before you say yes"), "fact_check", lessons(records))


def rules() -> None:
    """Show what to settle once for every client."""
    _shown("policy", phrase("Rules for every client"), "gavel")


def asking() -> None:
    """Show what to know before asking a client for more."""
    _shown("renegotiation", phrase("Before you ask"), "handshake")


def _shown(stage: Stage, title: str, icon: str, learned: tuple[str, ...] = ()) -> None:
    with st.expander(title, icon=f":material/{icon}:"):
        for what in advised(stage):
            st.markdown(f"**{what.title}**")
            st.text(what.what)
        if learned:
            st.markdown(phrase("**What earlier clients taught you**"))
            for lesson in learned:
                st.text(lesson)
