"""What to ask for: the best ask, and what every other one would be worth."""

import streamlit as st

from app.presenting import ask_rows
from app.views import frame
from model.asks import PRICES
from model.decision import asked
from model.judged import Judgement


def show(judged: Judgement, name: str) -> None:
    """Show the section; nothing where the ask was given instead of found.

    Parameters
    ----------
    judged
        The judgement.
    name
        The client.
    """
    if judged.asks is None:
        return
    decision = judged.of(name)
    st.header("What to ask for")
    with st.expander(f"The best ask: {asked(decision.ask)}", icon=":material/handshake:"):
        frame.table(
            (f"Gains over keeping, {decision.currency}", *(f"{price:+.0f} %" if price else "0 %" for price in PRICES)),
            ask_rows(judged.asks, name),
            "What each ask gains, by the rise of the price",
        )
        st.caption(
            "Every row is a wish, every column a rise of the price. The time it takes to ask and the odds that they "
            "refuse or leave are in the figures. A smaller ask is preferred where it gains nearly as much as the best; "
            "what they have agreed to before is not asked for again."
        )
