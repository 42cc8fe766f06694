"""Two in the bush: one client in hand against a search, in four numbers."""

import streamlit as st

from app.presenting import bush_rows
from app.views import frame
from model.errors import InvalidSettings
from model.language import phrase
from model.two_in_the_bush import two_in_the_bush


@st.fragment
def show() -> None:
    """Show four fields, and whether to look for a replacement before dropping anyone."""
    with st.expander(phrase("Two in the bush: search before dropping?")):
        st.caption(
            phrase("Four amounts in the same money, over the same months. The address keeps them; nothing is stored.")
        )
        fields = st.columns(4)
        in_hand = fields[0].number_input(
            phrase("Worth of the client in hand"), value=6.92, key="bush-in-hand", bind="query-params"
        )
        mean = fields[1].number_input(
            phrase("Expected worth of a replacement"), value=8.0, key="bush-mean", bind="query-params"
        )
        sd = fields[2].number_input(
            phrase("How far that scatters"), value=6.0, min_value=0.0, key="bush-sd", bind="query-params"
        )
        cost = fields[3].number_input(
            phrase("Price of finding one"), value=2.0, min_value=0.01, key="bush-cost", bind="query-params"
        )
        try:
            bush = two_in_the_bush(in_hand=in_hand, mean=mean, sd=sd, cost=cost)
        except InvalidSettings as error:
            st.text(str(error))
            return
        st.text(bush.reason)
        frame.table((phrase("What"), phrase("Figure")), bush_rows(bush), phrase("Searching before dropping"))
