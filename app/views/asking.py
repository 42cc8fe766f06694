"""What to ask for: the best ask, and what every other one would be worth."""

import streamlit as st

from app.presenting import ask_rows
from app.views import frame
from model.asks import PRICES
from model.decision import asked
from model.judged import Judgement
from model.language import phrase


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
    st.header(phrase("What to ask for"))
    with st.expander(phrase("The best ask: {ask}", ask=asked(decision.ask)), icon=":material/handshake:"):
        frame.table(
            (
                phrase("Gains over keeping, {currency}", currency=decision.currency),
                *(phrase("{price:+.0f} %", price=price) if price else "0 %" for price in PRICES),
            ),
            ask_rows(judged.asks, name),
            phrase("What each ask gains, by the rise of the price"),
        )
        st.caption(
            phrase(
                "Every row is a wish, every column a rise of the price. The time it takes to ask "
                "and the odds that they refuse or leave are in the figures. A smaller ask is "
                "preferred where it gains nearly as much as the best; what they have agreed to "
                "before is not asked for again."
            )
        )
