"""The door of an app that others can reach: a login, and a word for those who may not come in."""

import streamlit as st

from app.login import allowed, refusal
from model.language import phrase


def closed() -> bool:
    """Show the door where somebody has yet to log in or may not come in; whether it was shown."""
    may = allowed()
    if not may:
        return False
    if not st.user.is_logged_in:
        st.title(phrase("Two in the Bush"))
        st.text(phrase("This portfolio is for those it belongs to."))
        st.button(phrase("Log in"), on_click=st.login, type="primary", icon=":material/login:")
        return True
    if sentence := refusal(st.user.to_dict(), may):
        st.title(phrase("Two in the Bush"))
        st.text(sentence)
        st.button(phrase("Log out"), on_click=st.logout, icon=":material/logout:")
        return True
    with st.sidebar:
        st.text(phrase("Logged in as {email}", email=st.user.email))
        st.button(phrase("Log out"), on_click=st.logout, icon=":material/logout:")
    return False
