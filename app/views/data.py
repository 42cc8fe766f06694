"""Data and settings: where records live, files in, the fit, the questions that set values, history and undo."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app import entries
from app.store.places import is_team
from app.views import believing, care, correcting, economics, fit, frame, importing, team
from app.wording import BILLING, plain
from model import catalogue
from model.language import phrase

if TYPE_CHECKING:
    from app.desk import Desk


def show() -> None:
    """Show the page."""
    st.title(phrase("Data and settings"))
    frame.last_change()
    with st.container(key="where"):
        st.text(_where_it_is(frame.desk()))
    pages: dict[str, Callable[[], None]] = {
        phrase("Clients"): _clients,
        phrase("Import"): importing.show,
        phrase("Settings"): economics.show,
        phrase("What you believe"): believing.show,
        phrase("Fit"): fit.show,
        phrase("History"): _history,
        phrase("Care"): care.show,
    }
    if is_team(frame.desk().where or ""):
        pages[phrase("Team")] = team.show
    # With a key of its own the tab stays open when something above it comes and goes, and a link can open it.
    tabs = st.tabs(list(pages), key="tab", on_change="rerun", bind="query-params")
    for tab, page in zip(tabs, pages.values(), strict=True):
        with tab:
            page()


def _clients() -> None:
    desk = frame.desk()
    records = desk.records()
    if records.clients:
        columns: dict[str, list[object]] = {
            phrase("Client"): [c.name for c in records.clients],
            phrase("Billing"): [BILLING[c.billing] for c in records.clients],
            phrase("Since"): [c.since for c in records.clients],
            phrase("Ended"): [str(c.ended_on or "") for c in records.clients],
        }
        frame.records_table(columns, phrase("All clients, with billing, start and end"))
    else:
        st.info(phrase("No client is recorded yet. Type in the first one here, or import a file."))
    if desk.portfolio.read_only:
        return
    if records.clients:
        _terms([client.name for client in records.clients])
    facts = {sign.id: sign.question for sign in catalogue.spoken(frame.desk().portfolio.settings.language).standing}
    with frame.emptied_form("client"):
        st.markdown(phrase("**A new client**"))
        first, second, third, fourth = (st.columns(2) for _ in range(4))
        name = first[0].text_input(phrase("Name"), max_chars=200)
        since = first[1].date_input(phrase("Client since"), value=desk.today, max_value=desk.today)
        billing = second[0].selectbox(phrase("How do you bill?"), list(BILLING), format_func=BILLING.__getitem__)
        price = second[1].text_input(
            phrase("Price, {currency}: a month, or an hour if hourly", currency=records.settings.currency),
            placeholder="1500",
        )
        hours = third[0].number_input(phrase("Hours a month agreed, if any"), 0.0, 744.0, None, 1.0)
        terms = third[1].number_input(phrase("Payment due after, days"), 0, 365, 30)
        notice = fourth[0].number_input(phrase("Notice, days"), 0, 365, 30)
        standing = fourth[1].multiselect(
            phrase("What is true of them?"), list(facts), format_func=facts.__getitem__, select_all=False
        )
        done = st.form_submit_button(phrase("Add the client"), type="primary", icon=":material/person_add:")
    if done:
        frame.store(
            "client",
            lambda: desk.portfolio.add(
                entries.new_client(
                    name=name,
                    currency=records.settings.currency,
                    since=since,
                    billing=str(billing),
                    price=price,
                    hours=hours,
                    payment_terms_days=int(terms),
                    notice_days=int(notice),
                    standing=standing,
                ),
                key=frame.form_key("client"),
            ),
            name.strip(),
        )


def _terms(names: list[str]) -> None:
    name = st.selectbox(
        phrase("Whose terms have changed?"), names, index=None, placeholder=phrase("type to search"), key="terms-of"
    )
    if name is not None:
        correcting.terms(name)


def _where_it_is(desk: "Desk") -> str:
    portfolio = desk.portfolio
    if desk.where is not None and is_team(desk.where):
        return phrase(
            "Everything recorded is in {place}; you are its {role}.",
            place=portfolio.place,
            role=portfolio.database.role,
        )
    return phrase("Everything recorded is in this file, on this computer only: {path}", path=portfolio.path)


def _history() -> None:
    portfolio = frame.desk().portfolio
    batches = portfolio.history(limit=50)
    if not batches:
        st.info(phrase("Nothing was written yet. What you record shows here, and the last write can be taken back."))
        return
    latest = next((batch for batch in batches if not batch.undone), None)
    if latest is not None and not portfolio.read_only:
        st.text(phrase("The last write: {summary}", summary=plain(latest.summary)))
        st.button(phrase("Undo it"), icon=":material/undo:", on_click=frame.undo, args=(latest.id,), key="undo-history")
    columns: dict[str, list[object]] = {
        phrase("When (UTC)"): [f"{batch.created_at:%Y-%m-%d %H:%M}" for batch in batches],
        phrase("Records"): [batch.records for batch in batches],
        **(
            {phrase("Who"): [batch.author or "" for batch in batches]} if any(batch.author for batch in batches) else {}
        ),
        phrase("State"): [phrase("undone") if batch.undone else "" for batch in batches],
        phrase("What"): [batch.summary for batch in batches],
    }
    frame.records_table(columns, phrase("The last fifty writes, newest first"))


if __name__ == "__main__":
    show()
