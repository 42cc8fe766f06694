"""Care of the records: a copy of everything, and forgetting a client for good."""

import streamlit as st

from app.checkup import check_up
from app.store.backup import backups_of, make_backup
from app.store.forgetting import forget
from app.views import frame
from app.wording import plain
from model.errors import BushError
from model.language import phrase


def show() -> None:
    """Show the tab."""
    portfolio = frame.desk().portfolio
    if portfolio.read_only:
        st.info(portfolio.why_read_only)
        return
    st.markdown(phrase("**A copy of everything**"))
    st.text(
        phrase(
            "One file with all records, settings and reviews, beside the portfolio. bush restore FILE brings it back."
        )
    )
    st.button(phrase("Make a copy now"), icon=":material/backup:", on_click=_copy, key="make-copy")
    copies = backups_of(portfolio.path)
    if copies:
        st.text(phrase("Copies so far:"))
        for copy in copies:
            st.text(f"• {copy}")
    st.divider()
    _health()
    st.divider()
    st.markdown(phrase("**Forget a client for good**"))
    st.text(
        phrase(
            "Erases every record of one client or prospect, the name in notes and reviews, and "
            "the fit that was made of them. It cannot be taken back."
        )
    )
    records = portfolio.records()
    # Who was a prospect and is a client is one and the same.
    names = list(dict.fromkeys([c.name for c in records.clients] + [p.name for p in records.prospects]))
    if not names:
        return
    with st.form("forget"):
        name = st.selectbox(phrase("Client to forget"), names, index=None, placeholder=phrase("nobody"))
        sure = st.text_input(phrase("Type the name once more, letter by letter"))
        done = st.form_submit_button(phrase("Forget them for good"), icon=":material/delete_forever:")
    if not done:
        return
    if name is None or sure != name:
        st.error(
            phrase("Nothing was changed: choose a client and type the same name below it."), icon=":material/error:"
        )
        return
    try:
        found = forget(portfolio.database, name)
    except BushError as error:
        frame.refusal(error)
        return
    told = [phrase("Forgotten: {rows:,} rows are gone.", rows=found.rows)]
    if found.backups:
        told.append(phrase("These copies still hold the name: {backups}.", backups=", ".join(map(str, found.backups))))
    frame.tell(" ".join(told))
    # What was worked out of their records goes with them.
    frame.desk().let_go()
    st.session_state.pop("plan", None)
    st.session_state.pop("review-shown", None)
    st.rerun()


def _health() -> None:
    st.markdown(phrase("**Is all well?**"))
    st.text(phrase("Looks at the installation, the file and the fit, and says what to do about what is not well."))
    if not st.toggle(phrase("Check everything"), key="check-up"):
        return
    desk = frame.desk()
    with st.spinner(phrase("Looking at everything …")):
        found = tuple(check_up(str(desk.where or ""), desk.portfolio.path, desk.today))
    wanting = sum(not finding.ok for finding in found)
    if wanting:
        st.warning(
            phrase("{wanting} of {count} want looking at.", wanting=wanting, count=len(found)),
            icon=":material/build:",
        )
    else:
        st.success(phrase("All is well."), icon=":material/check:")
    frame.table(
        (phrase("What"), phrase("Found"), phrase("What to do")),
        [(finding.what, finding.found, finding.advice) for finding in sorted(found, key=lambda finding: finding.ok)],
        phrase("What was looked at"),
        (0, 1, 2),
    )


def _copy() -> None:
    try:
        made = make_backup(frame.desk().portfolio.database)
    except BushError as error:
        frame.tell(str(error), refused=True)
    else:
        frame.tell(phrase("Copied to {database}.", database=plain(str(made))))
