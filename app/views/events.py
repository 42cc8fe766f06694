"""The event forms: a payment, an invoice, hours, a renegotiation, a referral, a departure, a search."""

from collections.abc import Callable

import streamlit as st

from app import entries
from app.views import correcting, frame, leaving
from app.views.correcting import OUTCOMES
from model.language import phrase
from model.records import Invoice, Records


def show(records: Records, name: str, *, left: bool = False) -> None:
    """Show the forms for one client.

    Parameters
    ----------
    records
        The portfolio.
    name
        The client the forms are about.
    left
        Whether they left: then what can still come is asked for, and what was learned.
    """
    st.header(phrase("Something happened"))
    forms: dict[str, Callable[[Records, str], None]] = {
        phrase("Paid"): _paid,
        phrase("New invoice"): _invoice,
        phrase("Hours"): _hours,
    }
    if left:
        forms[phrase("Lesson")] = leaving.lesson
    else:
        forms |= {
            phrase("Renegotiation"): _renegotiation,
            phrase("Referral"): _referral,
            phrase("They or I left"): _departure,
        }
    forms[phrase("Search")] = _search
    for tab, form in zip(st.tabs(list(forms)), forms.values(), strict=True):
        with tab:
            form(records, name)


def _paid(records: Records, name: str) -> None:
    desk = frame.desk()
    # One that is noted as paid on a day ahead is open today.
    known = records.of(name).as_of(desk.today).invoices
    unpaid = sorted((i for i in known if _is_open(i)), key=lambda i: (i.due, i.number))
    if not unpaid:
        st.info(phrase("No invoice of this client is open. Add one under New invoice."))
        return
    by_number = {invoice.number: invoice for invoice in unpaid}
    with frame.emptied_form("paid", name):
        number = st.selectbox(
            phrase("Which invoice?"),
            list(by_number),
            format_func=lambda n: phrase(
                "{n}: {amount:,.2f} {currency}, due {due}",
                n=n,
                amount=by_number[n].amount,
                currency=by_number[n].currency,
                due=by_number[n].due,
            ),
        )
        on = st.date_input(
            phrase("Paid on"), value=desk.today, max_value=desk.today, min_value=by_number[number].issued
        )
        done = st.form_submit_button(phrase("Mark as paid"), icon=":material/payments:")
    if done and number is not None:
        frame.store(
            "paid",
            lambda: desk.portfolio.pay(name, number, entries.happened(on, desk.today), key=frame.form_key("paid")),
            name,
        )


def _invoice(records: Records, name: str) -> None:
    desk, client = frame.desk(), records.client(name)
    with frame.emptied_form("invoice", name):
        number = st.text_input(phrase("Number"), max_chars=100, placeholder=phrase("as on the invoice"))
        left, right = st.columns(2)
        issued = left.date_input(phrase("Issued"), value=desk.today, max_value=desk.today)
        days = right.number_input(phrase("Due after, days"), 0, 365, client.payment_terms_days or 30)
        amount = left.text_input(phrase("Amount, {currency}", currency=client.currency), placeholder="1250.00")
        paid = right.date_input(phrase("Paid on, if it was"), value=None, max_value=desk.today)
        done = st.form_submit_button(phrase("Store the invoice"), icon=":material/receipt:")
    if done:
        frame.store(
            "invoice",
            lambda: desk.portfolio.add(
                entries.new_invoice(
                    client=name,
                    number=number,
                    issued=issued,
                    days=int(days),
                    amount=amount,
                    currency=client.currency,
                    paid=paid,
                    today=desk.today,
                ),
                key=frame.form_key("invoice"),
            ),
            name,
        )


def _hours(records: Records, name: str) -> None:
    del records
    desk = frame.desk()
    with frame.emptied_form("hours", name):
        left, right = st.columns(2)
        hours = left.number_input(phrase("Hours"), 0.0, 744.0, None, 0.5)
        on = right.date_input(phrase("Day"), value=desk.today, max_value=desk.today)
        whole = st.checkbox(phrase("These are the hours of the whole month the day lies in"))
        free = st.checkbox(phrase("They are not billed"))
        done = st.form_submit_button(phrase("Store the hours"), icon=":material/schedule:")
    if done:
        frame.store(
            "hours",
            lambda: desk.portfolio.add(
                entries.hours_worked(
                    client=name, on=on, hours=hours, whole_month=whole, billed=not free, today=desk.today
                ),
                key=frame.form_key("hours"),
            ),
            name,
        )


def _renegotiation(records: Records, name: str) -> None:
    del records
    desk = frame.desk()
    st.caption(
        phrase(
            "This says how they answered. What was agreed goes into the terms on the client's page, with the day from "
            "which it holds."
        )
    )
    with frame.emptied_form("renegotiation", name):
        left, right = st.columns(2)
        on = left.date_input(phrase("Day"), value=desk.today, max_value=desk.today)
        rise = right.number_input(phrase("Price rise asked for, %"), 0.0, 1000.0, None, 1.0)
        scope = left.checkbox(phrase("A cap on scope, fewer hours or office hours"))
        terms = right.checkbox(phrase("A deposit or shorter payment terms"))
        result = st.selectbox(phrase("How did it end?"), list(OUTCOMES), format_func=OUTCOMES.__getitem__)
        done = st.form_submit_button(phrase("Store the renegotiation"), icon=":material/handshake:")
    if done:
        frame.store(
            "renegotiation",
            lambda: desk.portfolio.add(
                entries.renegotiation(
                    client=name, on=on, price_pct=rise or 0.0, scope=scope, terms=terms, result=result, today=desk.today
                ),
                key=frame.form_key("renegotiation"),
            ),
            name,
        )


def _referral(records: Records, name: str) -> None:
    del records
    desk = frame.desk()
    with frame.emptied_form("referral", name):
        on = st.date_input(phrase("Day"), value=desk.today, max_value=desk.today)
        note = st.text_input(phrase("Whom did they send? Optional"), max_chars=200)
        done = st.form_submit_button(phrase("Store the referral"), icon=":material/group_add:")
    if done:
        frame.store(
            "referral",
            lambda: desk.portfolio.add(
                entries.referral(client=name, on=on, note=note, today=desk.today), key=frame.form_key("referral")
            ),
            name,
        )


def _departure(records: Records, name: str) -> None:
    desk = frame.desk()
    with frame.emptied_form("departure", name):
        on = st.date_input(
            phrase("Last day"), value=desk.today, min_value=records.client(name).since, max_value=desk.today
        )
        by = st.radio(
            phrase("Who ended it?"),
            ["client", "me"],
            format_func={"client": phrase("the client"), "me": phrase("I did")}.__getitem__,
        )
        st.caption(
            phrase("The client leaves the list; what was recorded stays, and goes on teaching what clients are like.")
        )
        done = st.form_submit_button(phrase("Store the departure"), icon=":material/logout:")
    if done:
        frame.store(
            "departure",
            lambda: desk.portfolio.end(
                name,
                entries.happened(on, desk.today),
                "me" if by == "me" else "client",
                key=frame.form_key("departure"),
            ),
            name,
        )


def _search(records: Records, name: str) -> None:
    del name
    desk, currency = frame.desk(), records.settings.currency
    st.caption(phrase("Looking for a new client, whoever it is to replace: each search teaches how long one takes."))
    with frame.emptied_form("search"):
        left, right = st.columns(2)
        opened = left.date_input(phrase("Started on"), value=desk.today, max_value=desk.today)
        won = right.date_input(phrase("Won on, if it was"), value=None, max_value=desk.today)
        fee = left.text_input(
            phrase("Fee a month of the new client, {currency}", currency=currency),
            placeholder=phrase("leave empty if not won"),
        )
        hours = right.number_input(phrase("Hours a month of the new client"), 0.0, 744.0, None, 1.0)
        cost = left.text_input(
            phrase("Cost of the search, {currency}", currency=currency), placeholder=phrase("leave empty if not known")
        )
        done = st.form_submit_button(phrase("Store the search"), icon=":material/travel_explore:")
    if done:
        frame.store(
            "search",
            lambda: desk.portfolio.add(
                entries.search(opened_on=opened, won_on=won, fee=fee, hours=hours, cost=cost, today=desk.today),
                key=frame.form_key("search"),
            ),
            None,
        )
    correcting.of_all(records.searches, phrase("What came of a search, or take one out"))


def _is_open(invoice: Invoice) -> bool:
    return invoice.paid_on is None and (invoice.written_off is None or invoice.written_off < invoice.amount)
