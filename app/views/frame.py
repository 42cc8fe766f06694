"""What every page has around it: the open portfolio, notes on what the answers rest on, and safe text."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import fitting
from app.checking_in import CHANGED, answers_changed
from app.desk import Desk
from app.login import allowed
from app.opened import Opened, Which, desk_of, last_turned_to, newest_day, turn_to
from app.presenting import Change, changes, escaped
from app.store import Batch, Stored
from app.summing_up import out_of_date
from app.wording import plain
from model.decision import Decision
from model.errors import BushError
from model.judged import Judgement
from model.language import ENGLISH, capital, phrase, speak, speak_otherwise

if TYPE_CHECKING:
    from app.charts import Spec

_TABLE_STYLE = """<style>
.bush-table {border-collapse: collapse; width: 100%; font-size: 0.875rem; margin: 0.1rem 0 0.3rem 0}
.bush-table th, .bush-table td {text-align: left; vertical-align: top; padding: 0.15rem 0.6rem 0.15rem 0;
  border-bottom: 1px solid #80889040}
.bush-table .n {text-align: right; font-variant-numeric: tabular-nums; padding: 0.15rem 0.3rem}
.bush-table td.n {white-space: nowrap}
.bush-table .n + :not(.n) {padding-left: 0.8rem}
.bush-table th {font-weight: 600}
.bush-wide {overflow-x: auto}
@media (max-width: 640px) {.bush-table td.n {white-space: normal}}
[data-testid=stMain] h2 {font-size: 1.45rem; padding-top: 0.8rem}
[data-testid=stMain] h2.bush-name {font-size: 1.3rem}
[data-testid=stCaptionContainer], [data-testid=stCaptionContainer] *, [data-testid=stSpinner] * {color: inherit;
  opacity: 1}
.st-key-part button, .st-key-part button *, [data-testid=stWidgetLabel], [data-testid=stWidgetLabel] p
  {color: inherit !important}
[data-testid=stCaptionContainer] p {color: color-mix(in srgb, currentColor 82%, transparent)}
.bush-name {overflow-wrap: anywhere; margin: 0; padding: 0.1rem 0}
@media (prefers-reduced-motion: reduce) {*, *::before, *::after {animation-duration: 1ms !important;
  animation-iteration-count: 1 !important; transition-duration: 1ms !important; scroll-behavior: auto !important}}
</style>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _LastChange:
    """What `last_change` shows: a sentence, the batch to take back, and a table of answers before and after.

    `refused` is whether nothing was done, and the sentence says why.
    """

    sentence: str
    refused: bool = False
    batch: int | None = None
    title: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    texts: tuple[int, ...] = (0,)


def opened() -> Opened:
    """The portfolio this visitor looks at: the one of the start, or the example where they asked for it."""
    # Once it is on show it stays, whatever another window turns to meanwhile.
    if "opened" not in st.session_state:
        st.session_state["opened"] = last_turned_to()
    chosen: Opened = st.session_state["opened"]
    return chosen


def desk() -> Desk:
    """The desk of the open portfolio."""
    return desk_of(opened())


def judgement() -> Judgement:
    """Today's judgement, with a word of patience where it is not ready yet."""
    with st.spinner(phrase("Weighing what is recorded …"), show_time=True):
        return desk().judgement()


def listen() -> None:
    """Speak the language of the open portfolio, also in what runs of a page without the page around it."""
    try:
        st.session_state["language"] = desk().portfolio.settings.language
    except BushError:
        st.session_state.setdefault("language", ENGLISH)  # the page says what is wrong with the portfolio
    speak(st.session_state["language"])
    speak_otherwise(_heard)


def _heard() -> str:
    # A thread of the server shows nothing to anybody.
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    return str(st.session_state.get("language", ENGLISH))


def styles() -> None:
    """Put the style of tables and names on the page, once for each run."""
    st.html(_TABLE_STYLE)


def heading(text: str, level: int = 3) -> None:
    """A heading that shows a client's name letter by letter, whatever markup is in it."""
    st.html(f'<h{level} class="bush-name">{escape(plain(text))}</h{level}>')


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str, texts: Collection[int] = (0,)) -> None:
    """A small table of text and figures, readable by a screen reader; nothing in it is markup.

    Columns at the places in `texts` hold words and begin at the left; all others hold figures.
    """
    sides = ["" if place in texts else ' class="n"' for place in range(len(columns))]
    head = "".join(f'<th scope="col"{side}>{escape(name)}</th>' for name, side in zip(columns, sides, strict=True))
    body = "".join(
        "<tr>"
        + "".join(f"<td{side}>{escape(plain(cell))}</td>" for cell, side in zip(row, sides, strict=True))
        + "</tr>"
        for row in rows
    )
    label = escape(caption, quote=True)
    # What is wider than the page scrolls by itself, with the keyboard too.
    st.html(
        f'<div class="bush-wide" role="group" tabindex="0" aria-label="{label}">'
        f'<table class="bush-table" aria-label="{label}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def records_table(columns: Mapping[str, Sequence[object]], alt: str) -> None:
    """A long table that scrolls and sorts; cells show as text."""
    cells = {
        name: [plain(cell) if isinstance(cell, str) else cell for cell in column] for name, column in columns.items()
    }
    st.dataframe(cells, hide_index=True, alt=alt)


def chart(spec: "Spec", alt: str, *, key: str) -> None:
    """A chart with the words that stand for it."""
    st.vega_lite_chart(spec=spec, width="stretch", alt=alt, key=key)


def refusal(error: BushError) -> None:
    """The sentence of an error, shown as it is."""
    st.error(escaped(plain(capital(str(error)))), icon=":material/error:")


def band() -> None:
    """A visible band while invented records are on show, with the way out."""
    if opened().is_example:
        with st.container(horizontal=True, vertical_alignment="center", key="example-band"):
            st.info(
                phrase("This is the example: twelve invented clients. Try anything; it can be undone."),
                icon=":material/science:",
            )
            st.button(phrase("Leave the example"), on_click=_turn_to, args=("own",), key="leave-example")


def someone_is_active() -> bool:
    """Whether there is anyone to judge; if not, say so and what to do."""
    records, today = desk().records(), desk().today
    if records.active(today):
        return True
    if records.clients:
        st.info(
            phrase(
                "No client is active today. Record a new one under Data and settings; payments, corrections and "
                "lessons of those who left have their place under Check-in."
            ),
            icon=":material/person_off:",
        )
        with st.container(horizontal=True):
            st.page_link("views/data.py", label=phrase("Data and settings"), icon=":material/tune:")
            st.page_link("views/check_in.py", label=phrase("Check-in"), icon=":material/fact_check:")
    else:
        _empty_portfolio()
    return False


def nobody_yet() -> bool:
    """Whether a first client can be typed in: none was ever recorded, and this may be written to."""
    return not desk().records().clients and not desk().portfolio.read_only


def _empty_portfolio() -> None:
    st.info(phrase("No client is recorded here yet. Three ways to begin:"), icon=":material/waving_hand:")
    with st.container(horizontal=True):
        st.button(
            phrase("Look at the example"), on_click=_turn_to, args=("example",), type="primary", key="enter-example"
        )
        st.page_link("views/this_month.py", label=phrase("Type in my clients"), icon=":material/edit_note:")
        st.page_link(
            "views/data.py",
            label=phrase("Import a file"),
            icon=":material/upload:",
            query_params={"tab": phrase("Import")},
        )


def notes(*, of_prior: bool = True) -> None:
    """What the answers rest on, where that is worth a warning; `of_prior` where nothing else says so."""
    freshness = desk().freshness()
    if freshness.problem:
        st.warning(escaped(plain(f"{capital(freshness.problem)}.")), icon=":material/warning:")
    if aged := out_of_date(newest_day(desk().records()), desk().today):
        with st.container(horizontal=True, vertical_alignment="center", key="aged"):
            st.warning(aged, icon=":material/history:")
            if not desk().portfolio.read_only:
                st.page_link("views/check_in.py", label=phrase("Check in"), icon=":material/fact_check:")
    if freshness.basis == "prior":
        if not of_prior:
            return
        st.caption(
            phrase(
                ":material/info: Prior only: what clients are like in general comes from "
                "judgement and a few published figures. A fit of your own records, under *Data and settings*, "
                "replaces them."
            )
        )
    elif freshness.basis == "quick" and of_prior and not _fit_is_running():
        st.caption(
            phrase(
                ":material/bolt: A quick fit of your records stands behind the answers. A whole one, under "
                "*Data and settings*, takes minutes and makes surer of them."
            )
        )
    elif freshness.sentences:
        told = escaped(plain(" ".join(freshness.sentences)))
        where = phrase("Start it under *Data and settings*.") if freshness.due else ""
        st.caption(f":material/update: {told} {where}".rstrip())
    if _fit_is_running():
        st.caption(phrase(":material/progress_activity: A fit is running; the answers change when it is done."))


def form_key(name: str) -> str:
    """The idempotency key of a form: the same until the form was stored, so that a second click stores nothing."""
    key: str = st.session_state.setdefault(f"form-key-{name}", uuid.uuid4().hex)
    return key


def emptied_form(name: str, of: str = "") -> DeltaGenerator:
    """A form, `of` a client if any, that keeps what is typed until it is stored and is empty then."""
    return st.form(f"{name}-{of}-{form_key(name)}")


def store(name: str, write: Callable[[], Stored], client: str | None) -> None:
    """Store a form and remember what it changed, or show why it was refused.

    Parameters
    ----------
    name
        Of the form, for its key.
    write
        Writes, in one transaction.
    client
        Whose answer to compare, if any.
    """
    before = _decision(client)
    batch = _written(name, write)
    if batch is None:
        return
    if client is not None and (after := _decision(client)):
        _remember(
            batch,
            title=phrase("What that changes for {client}", client=client),
            columns=(phrase("What"), phrase("before"), phrase("after")),
            rows=tuple(_marked(change) for change in changes(before, after)),
        )
    st.rerun()


def store_for_all(name: str, write: Callable[[], Stored], clients: Collection[str]) -> None:
    """Store a form that is about many clients, and remember how the answer changed for each of them."""
    before = judgement()
    batch = _written(name, write)
    if batch is None:
        return
    after = judgement()
    currency = after.settings.currency
    columns = (CHANGED[0], *CHANGED[1:3], *(f"{column}, {currency}" for column in CHANGED[3:5]), CHANGED[5])
    rows = answers_changed(before, after, clients)
    _remember(batch, title=phrase("What that changes"), columns=columns, rows=rows, texts=(0, 1, 2, 5))
    st.rerun()


def tell(sentence: str, batch: int | None = None, *, refused: bool = False) -> None:
    """Leave a sentence for `last_change`, and the batch that its button takes back, or why nothing was done."""
    st.session_state["stored"] = _LastChange(sentence=sentence, batch=batch, refused=refused)
    if not refused:
        st.session_state["toast"] = sentence


def last_change() -> None:
    """What the last write changed, before and after, with the button that takes it back."""
    # The box may be above what is in the window; this is seen wherever one is on the page.
    if sentence := st.session_state.pop("toast", ""):
        st.toast(escaped(plain(sentence)), icon=":material/check:")
    told: _LastChange | None = st.session_state.get("stored")
    if told is None:
        return
    with st.container(border=True, key="last-change"):
        if told.refused:
            st.error(escaped(plain(told.sentence)), icon=":material/error:")
        else:
            st.success(escaped(plain(told.sentence)), icon=":material/check:")
        if told.rows:
            heading(told.title, 4)
            table(told.columns, told.rows, phrase("Answer before and after"), told.texts)
        with st.container(horizontal=True):
            if told.batch is not None:
                st.button(phrase("Undo"), icon=":material/undo:", on_click=undo, args=(told.batch,), key="undo-last")
            st.button(phrase("Close"), on_click=_close, key="close-last")


def _written(name: str, write: Callable[[], Stored]) -> Batch | None:
    """The batch a form came to; None if it was refused, which is shown. A form stored before starts the page again."""
    try:
        stored = write()
    except BushError as error:
        refusal(error)
        return None
    st.session_state.pop(f"form-key-{name}", None)
    if stored.batch is None:
        tell(phrase("That was recorded already; nothing changed."))
        st.rerun()
    tell(phrase("Stored: {summary}.", summary=stored.batch.summary), stored.batch.id)
    return stored.batch


def _remember(
    batch: Batch,
    *,
    title: str,
    columns: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    texts: tuple[int, ...] = (0,),
) -> None:
    st.session_state["stored"] = _LastChange(
        sentence=phrase("Stored: {summary}.", summary=batch.summary),
        batch=batch.id,
        title=title,
        columns=columns,
        rows=rows,
        texts=texts,
    )


def _marked(change: Change) -> tuple[str, str, str]:
    return change.what, change.before, change.after + (" ●" if change.after != change.before else "")


def _decision(client: str | None) -> Decision | None:
    if client is None or not desk().records().active(desk().today):
        return None
    return next((d for d in desk().judgement().decisions if d.client == client), None)


def undo(batch: int) -> None:
    """Take a write back if it is still the last one, and remember the sentence for `last_change`."""
    portfolio = desk().portfolio
    try:
        latest = next((b for b in portfolio.history(limit=20) if not b.undone), None)
        if latest is None or latest.id != batch:
            sentence = phrase("Something else was recorded since; undo it from the history under Data and settings.")
            undone = None
        else:
            undone = portfolio.undo()
            sentence = undone.sentence if undone else phrase("There is nothing left to undo.")
    except BushError as error:
        sentence, undone = capital(str(error)), None
    tell(sentence, refused=undone is None)


def _close() -> None:
    st.session_state.pop("stored", None)


def _turn_to(which: Which) -> None:
    try:
        # Whoever logs in is not alone here.
        found = turn_to(which, for_good=not allowed())
    except BushError as error:
        tell(capital(str(error)), refused=True)
        return
    # A review, a plan or a half-filled form of the one portfolio is none of the other.
    for key in list(st.session_state):
        del st.session_state[key]
    st.session_state["opened"] = found


def _fit_is_running() -> bool:
    return fitting.status(desk().portfolio.path).state == "running"
