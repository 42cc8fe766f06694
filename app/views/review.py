"""Review: make one, read it, keep it, take it along, and look back on what earlier ones said."""

from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from app.desk import Desk
from app.dot_plot import PAGE, Colours, dot_plot
from app.presenting import escaped
from app.pseudonyms import pseudonymous, pseudonyms
from app.review.document import Block, Document, Dots, Paragraphs, Table, said
from app.review.files import FORMATS, rendered
from app.review.making import Made, make_review
from app.review.past import listed
from app.review.period import period_of
from app.review.sections import document_of
from app.views import frame
from app.wording import plain
from model.errors import BushError
from model.language import Phrases, phrase

PERIODS = Phrases(
    {"": "Until today", "month": "The last month that is over", "quarter": "The last quarter that is over"}
)
OWN = "own"
KINDS = Phrases(
    {"html": "Web page", "pdf": "PDF", "xlsx": "Spreadsheet", "csv": "CSV tables", "json": "JSON", "md": "Markdown"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The review on show, and what it is shown as."""

    made: Made
    document: Document
    names: dict[str, str]


def show() -> None:
    """Show the page."""
    st.title(phrase("Review"))
    frame.last_change()
    if not frame.someone_is_active():
        return
    st.text(
        phrase(
            "A document for the end of a month or a quarter: where every client stands, what "
            "changed and why, what was forecast and what came, and what to do. Each one is "
            "kept, so that later ones can look back on it."
        )
    )
    _form()
    shown: Shown | None = st.session_state.get("review-shown")
    if shown is not None:
        _downloads(shown)
        _read(shown.document)
    _kept()


def _form() -> None:
    desk = frame.desk()
    with st.form("make-review", border=True):
        left, right = st.columns(2)
        chosen = left.selectbox(
            phrase("Which days?"), [*PERIODS, OWN], format_func=lambda p: PERIODS.get(p, phrase("Months I name"))
        )
        months = right.text_input(phrase("The months, if you name them"), placeholder="2026-07..2026-09")
        hidden = st.checkbox(phrase("Client A, Client B ... in place of the names, to show it to others"))
        made = st.form_submit_button(phrase("Make the review"), type="primary", icon=":material/description:")
    if not made:
        return
    try:
        first_day, day = None, desk.today
        if text := months.strip() or ("" if chosen == OWN else str(chosen)):
            days = period_of(text, desk.today)
            first_day, day = days.first_day, days.last_day
        then = desk if day == desk.today else _desk_of(desk, day)
        with st.spinner(phrase("Writing the review; a dozen clients take about ten seconds …"), show_time=True):
            review = make_review(then, first_day=first_day)
    except BushError as error:
        frame.refusal(error)
        return
    records = desk.records()
    names = pseudonyms([c.name for c in records.clients], [p.name for p in records.prospects]) if hidden else {}
    document = document_of(pseudonymous(review.review, names))
    st.session_state["review-shown"] = Shown(made=review, document=document, names=names)


def _desk_of(desk: Desk, day: date) -> Desk:
    return Desk(desk.where, today=day, seed=desk.seed)


def _downloads(shown: Shown) -> None:
    review = shown.made.review
    with st.container(horizontal=True, key="downloads"):
        for name in FORMATS:
            if name == "csv":
                continue
            st.download_button(
                KINDS[name],
                # Made when it is asked for: six kinds of file would keep the page waiting.
                data=partial(_file, shown, name),
                file_name=f"review-{review.as_of}.{name}",
                icon=":material/download:",
                on_click="ignore",
                key=f"download-{name}",
            )
    st.caption(phrase("CSV tables: `bush review --format csv` writes one file for each table."))


def _file(shown: Shown, name: str) -> bytes:
    (content,) = rendered(shown.made.review, name, shown.names).values()
    return content


def _read(document: Document) -> None:
    st.caption(plain(document.subtitle))
    for section in document.sections:
        if section.level == 2:
            st.header(section.title)
            for block in section.blocks:
                _block(block)
        else:
            with st.expander(escaped(plain(section.title))):
                for block in section.blocks:
                    _block(block)


def _block(block: Block) -> None:
    match block:
        case Paragraphs():
            for sentence in block.sentences:
                st.text(f"• {sentence}" if block.points else sentence)
        case Table():
            st.caption(plain(block.caption))
            rows = [
                [said(cell, column.kind) for cell, column in zip(row, block.columns, strict=True)] for row in block.rows
            ]
            texts = [place for place, column in enumerate(block.columns) if column.kind == "text"]
            frame.table([column.title for column in block.columns], rows, block.caption, texts)
        case Dots():
            ink, line = ("#fafafa", "#5c6370") if st.context.theme.type == "dark" else ("#31333f", "#a3a8b4")
            colours = Colours(ink=ink, line=line, dots=(ink,) * len(block.rows))
            alt = plain(block.alt)
            st.image(dot_plot(block.rows, unit=block.unit, alt=alt, size=PAGE, colours=colours), width=640, alt=alt)
        case _:
            with st.expander(phrase("The settings, as they were")):
                st.code(block.text, language=None)


def _kept() -> None:
    st.header(phrase("Reviews made so far"))
    rows = listed(frame.desk().portfolio.reviews())
    if not rows:
        st.info(phrase("None yet. The second one says what changed since the first, and how its forecasts did."))
        return
    frame.table(
        (phrase("As of"), phrase("From"), phrase("Made"), phrase("Verdicts")),
        rows,
        phrase("Reviews made so far"),
        range(4),
    )


if __name__ == "__main__":
    show()
