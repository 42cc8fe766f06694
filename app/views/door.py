"""The door of an app that others can reach: a login, and a word for those who may not come in."""

import streamlit as st

from app.login import allowed, refusal


def closed() -> bool:
    """Show the door where somebody has yet to log in or may not come in; whether it was shown."""
    may = allowed()
    if not may:
        return False
    if not st.user.is_logged_in:
        st.title("Two in the Bush")
        st.text("This portfolio is for those it belongs to.")
        st.button("Log in", on_click=st.login, type="primary", icon=":material/login:")
        return True
    if sentence := refusal(st.user.to_dict(), may):
        st.title("Two in the Bush")
        st.text(sentence)
        st.button("Log out", on_click=st.logout, icon=":material/logout:")
        return True
    with st.sidebar:
        st.text(f"Logged in as {st.user.email}")
        st.button("Log out", on_click=st.logout, icon=":material/logout:")
    return False
