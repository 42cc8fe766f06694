"""Who shares this portfolio: the members of the workspace, and letting somebody in or out."""

from collections.abc import Callable

import streamlit as st

from app.presenting import escaped
from app.store.team import admit, dismiss, members
from app.views import frame
from app.wording import plain
from model.errors import BushError
from model.language import Phrases, phrase

_ROLES = Phrases(
    {"viewer": "looks", "editor": "looks and writes", "owner": "also erases, restores and chooses the members"}
)


def show() -> None:
    """Show the tab; only an owner is asked to change anything."""
    desk = frame.desk()
    where = str(desk.where)
    try:
        people = members(where)
    except BushError as error:
        frame.refusal(error)
        return
    frame.table(
        (phrase("Login"), phrase("Role"), phrase("Let in by"), phrase("On")),
        [(one.login, one.role, one.added_by, f"{one.added_at:%Y-%m-%d}") for one in people],
        phrase("Members of this workspace"),
        (0, 1, 2, 3),
    )
    if desk.portfolio.database.role != "owner":
        st.caption(phrase("An owner of the workspace lets people in and out."))
        return
    with st.form("admit"):
        login = st.text_input(phrase("Login to let in, or to give another role"))
        role = st.radio(phrase("What may they do?"), list(_ROLES), 1, format_func=lambda one: f"{one}: {_ROLES[one]}")
        done = st.form_submit_button(phrase("Let them in"), icon=":material/person_add:")
    if done and login.strip():
        _done(
            lambda: admit(where, login.strip(), role), phrase("{login} is now {role}.", login=login.strip(), role=role)
        )
    others = [one.login for one in people]
    with st.form("dismiss"):
        gone = st.selectbox(
            phrase("Login to take out"), others, index=None, placeholder=phrase("nobody"), format_func=escaped
        )
        done = st.form_submit_button(phrase("Take them out"), icon=":material/person_remove:")
    if done and gone is not None:
        _done(lambda: dismiss(where, gone), phrase("{gone} is no member any more; what they wrote stays.", gone=gone))


def _done(change: Callable[[], None], sentence: str) -> None:
    try:
        change()
    except BushError as error:
        frame.refusal(error)
        return
    frame.tell(plain(sentence))
    st.rerun()
