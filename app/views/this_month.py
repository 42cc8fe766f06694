"""The first page: the portfolio in three sentences, then a card for every client."""

import streamlit as st

from app.checking_in import due_months, in_words
from app.dot_plot import CARD, Colours, dot_plot
from app.presenting import Card, cards, dots_in_words
from app.summing_up import most_worth, summary
from app.views import beginning, frame
from app.wording import ACTION_COLOURS, ACTIONS
from model.judged import Judgement
from model.language import phrase


def show() -> None:
    """Show the page."""
    st.title(phrase("This month"))
    frame.last_change()
    if not frame.someone_is_active():
        if frame.nobody_yet():
            beginning.show()
        return
    judged = frame.judgement()
    for sentence in summary(judged, frame.desk().freshness()):
        st.text(sentence)
    if worth := most_worth(judged):
        st.text(worth)
    _due()
    frame.notes()
    shown = cards(judged)
    if len(shown) == 1:
        st.caption(
            phrase("With one client there is nothing to compare it with but an open slot; a second one sharpens both.")
        )
    below = st.container()
    currency = judged.settings.currency
    st.caption(
        phrase(
            "Values in {currency}, over {horizon_months} months. Expected: the average "
            "future. Likely: four in five plausible futures lie between. Each dot is one of "
            "20 equally likely futures.",
            currency=currency,
            horizon_months=judged.settings.horizon_months,
        )
    )
    with st.container(horizontal=True, key="cards"):
        for place, card in enumerate(shown):
            _card(card, place, currency)
    # Filled last: a table of this kind takes a while to load, and the cards say the same.
    with below:
        _table(shown, judged)


def _due() -> None:
    desk = frame.desk()
    due = due_months(desk.records(), desk.today)
    if due and not desk.portfolio.read_only:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(
                phrase("Check-ins. {due}", due=in_words(due)),
                width="content",
            )
            st.page_link("views/check_in.py", label=phrase("Check in"), icon=":material/fact_check:")


def _card(card: Card, place: int, currency: str) -> None:
    other = card.comparison.other_action
    with st.container(border=True, width=312, key=f"card-{place}"):
        frame.heading(card.client, 2)
        st.badge(card.label, icon=f":material/{card.icon}:", color=card.colour)  # type: ignore[arg-type]
        frame.table(
            (phrase("Action"), phrase("expected"), phrase("likely")),
            [(row.label, row.value, row.likely) for row in card.rows],
            phrase("Value of each action in {currency}", currency=currency),
        )
        keep, against = card.comparison.keep, card.comparison.other
        rows = ((ACTIONS["keep"], keep), (ACTIONS[other], against))
        words = f"{dots_in_words(keep, 'keep', currency)} {dots_in_words(against, other, currency)}"
        # A picture: twelve live charts would keep the verdicts waiting.
        colours = _colours("keep", other)
        st.image(dot_plot(rows, unit="", alt=words, size=CARD, colours=colours), width="stretch", alt=words)
        st.text(card.comparison.sentence)
        st.text(card.trend)
        with st.expander(phrase("Why, and what is left out")):
            st.text(card.reason)
            for caveat in card.caveats:
                st.text(caveat)
        st.text(phrase("Record next: {next_record}", next_record=card.next_record))
        st.page_link(
            "views/client.py",
            label=phrase("Look closer"),
            icon=":material/search:",
            query_params={"client": card.client},
        )


def _colours(*actions: str) -> Colours:
    ink, line = ("#fafafa", "#5c6370") if st.context.theme.type == "dark" else ("#31333f", "#a3a8b4")
    return Colours(ink=ink, line=line, dots=tuple(ACTION_COLOURS[action] for action in actions))


def _table(shown: tuple[Card, ...], judged: Judgement) -> None:
    columns: dict[str, list[object]] = {
        phrase("Client"): [card.client for card in shown],
        phrase("Verdict"): [card.label for card in shown],
    }
    for row, first in enumerate(shown[0].rows):
        columns[f"{first.label} ({judged.settings.currency})"] = [card.rows[row].value for card in shown]
        columns[phrase("{action}, likely", action=first.label)] = [card.rows[row].likely for card in shown]
    columns[phrase("Record next")] = [card.next_record for card in shown]
    with st.expander(phrase("The same as a table"), icon=":material/table:"):
        frame.records_table(columns, phrase("Verdict, values and what to record next for every client"))


if __name__ == "__main__":
    show()
