"""Check-in and log: what happened, written to the records, and what it changes."""

import streamlit as st

from app.checking_in import due_months, recently_left
from app.entries import check_in, month_due
from app.evidence_timeline import entries_of
from app.views import all_clients, correcting, events, frame
from model import catalogue
from model.catalogue import TRAITS
from model.language import Phrases, phrase, written
from model.months_due import months_back
from model.records import Records, Sighting

PARTS = Phrases({"all": "All clients", "one": "One client"})
_GROUPS = Phrases(
    {
        "payment": "Payment: will I be paid what we agreed?",
        "demand": "Demand: how much work does it really take?",
        "conduct": "Conduct: how do they treat me and mine?",
        "fit": "Fit: do I want this work?",
    }
)


def show() -> None:
    """Show the page."""
    st.title(phrase("Check-in"))
    desk = frame.desk()
    frame.last_change()
    anyone = bool(desk.records().active(desk.today))
    if not (anyone or recently_left(desk.records(), desk.today)):
        frame.someone_is_active()
        return
    if desk.portfolio.read_only:
        st.warning(desk.portfolio.why_read_only)
        return
    if not anyone:
        st.info(phrase("No client is active today. With those who left, something may still be open."))
        _one_client(desk.records())
        return
    part = st.segmented_control(
        phrase("Whom is it about?"), list(PARTS), default="all", required=True,
        format_func=PARTS.__getitem__, key="part", bind="query-params",
    )  # fmt: skip
    if part == "one":
        _one_client(desk.records())
    else:
        all_clients.show(desk.records())


def _one_client(records: Records) -> None:
    today = frame.desk().today
    left = {client.name: client.ended_on for client in recently_left(records, today)}
    names = [*(client.name for client in records.active(today)), *left]
    due = [one.client for one in due_months(records, today)]
    first = names.index(due[0]) if due else 0
    name = st.selectbox(
        phrase("Client"), names, index=first, key="check-in-client", bind="query-params",
        format_func=lambda name: phrase("{name} (left {day})", name=name, day=left[name]) if name in left else name,
    )  # fmt: skip
    if name not in left:
        _form(records, name)
        events.show(records, name)
        return
    events.show(records, name, left=True)
    signs = catalogue.spoken(records.settings.language)
    correcting.terms(name)
    correcting.show(entries_of(records, name, signs, today), name)


def _form(records: Records, name: str) -> None:
    desk = frame.desk()
    today = desk.today
    months = months_back(today)
    # The key lives until the form is stored: what another window writes meanwhile must not empty this one.
    choice = f"{name}-{frame.form_key('check-in')}"
    with st.form(f"check-in-{choice}"):
        st.header(phrase("How was the month?"))
        month = st.selectbox(
            phrase("Month"),
            months,
            index=months.index(month_due(records, name, today)),
            format_func=lambda first: written(first, "%B %Y") + (phrase(" (running)") if first == months[0] else ""),
            key=f"month-{choice}",
        )
        energy = st.pills(
            phrase("After a month with them, how is your energy? 1 is drained, 5 is energised."),
            [1, 2, 3, 4, 5],
            key=f"energy-{choice}",
        )
        st.markdown(phrase("**What did you see?** Type to search; leave empty what you did not see."))
        seen: list[str] = []
        signs = catalogue.spoken(records.settings.language)
        for column, trait in zip([*st.columns(2), *st.columns(2)], TRAITS, strict=True):
            of_trait = [sign for sign in signs.ticked if sign.trait == trait]
            questions = {sign.id: sign.question for sign in of_trait}
            seen += column.multiselect(
                _GROUPS[trait],
                list(questions),
                format_func=questions.__getitem__,
                key=f"signs-{trait}-{choice}",
                placeholder=phrase("nothing seen"),
                select_all=False,
            )
        st.caption(
            phrase(
                "Late payment, pay by the hour, work beyond the agreement and time taken up are read from invoices and "
                "hours where these are recorded; a tick counts where they are not."
            )
        )
        angry = st.checkbox(
            phrase("I am angry right now"),
            help=phrase("Nothing irreversible is advised for some days, so that anger can cool off."),
            key=f"angry-{choice}",
        )
        note = st.text_input(phrase("Note, if any"), max_chars=500, key=f"note-{choice}")
        with st.container(horizontal=True):
            stored = st.form_submit_button(phrase("Store the check-in"), type="primary", icon=":material/save:")
            nothing = st.form_submit_button(
                phrase("Nothing new"),
                icon=":material/check:",
                help=phrase("A month in which none of the signs was seen."),
            )
    if (stored or nothing) and month is not None:
        made_of = () if nothing else tuple(seen)
        frame.store(
            "check-in",
            lambda: desk.portfolio.add(
                *check_in(
                    records,
                    client=name,
                    month=month,
                    today=today,
                    energy=energy,
                    signs=made_of,
                    angry=angry and not nothing,
                    note=note,
                ),
                key=frame.form_key("check-in"),
                kind="check-in",
            ),
            name,
        )
    _already(records, name)


def _already(records: Records, name: str) -> None:
    last: list[Sighting] = sorted(records.of(name).sightings, key=lambda s: s.on, reverse=True)[:8]
    if last:
        with st.expander(phrase("Seen before")):
            rows = [
                (written(s.on, "%d %B %Y"), catalogue.spoken(records.settings.language)[s.sign].label) for s in last
            ]
            frame.table((phrase("Day"), phrase("Sign")), rows, phrase("The last signs seen at this client"), (0, 1))


if __name__ == "__main__":
    show()
