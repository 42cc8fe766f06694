"""The import of a table or a folder: what it is, who is who, what it would store, and only then a button."""

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.entries import money
from app.imports.folder import import_folder, preview_folder
from app.imports.formats import formats
from app.imports.mapping import OPTIONAL, TARGETS, UnknownColumns
from app.imports.table import Preview, preview_table, store_preview
from app.presenting import escaped
from app.views import frame
from app.wording import plain
from model.errors import BushError, ImportRefused, InvalidRecord
from model.language import Phrases, phrase, phrase_of, translated
from model.settings import ExchangeRate

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

MOST_ASKED = 30  # names; a file of more strangers than that is of another portfolio
# What is chosen where no client and no heading is; neither can be the name of one.
NEW, ABSENT = "\0new", "\0absent"
_NOT_NAMES = Phrases({NEW: "a new client", ABSENT: "not in the file"})
_LISTS = Phrases({"clients": "clients", "invoices": "invoices", "hours": "hours worked"})
_ORDERS = Phrases({None: "as the file shows", "dmy": "day first", "mdy": "month first", "ymd": "year first"})


def show() -> None:
    """Show the tab."""
    desk = frame.desk()
    if desk.portfolio.read_only:
        st.info(desk.portfolio.why_read_only)
        return
    if frame.opened().is_example:
        st.info(
            phrase("The example takes no imports, so that your records never mix with invented ones. Leave it first.")
        )
        return
    st.markdown(
        phrase("**A table of clients, invoices or hours** from any tool. Nothing is stored before you have seen it.")
    )
    st.caption(
        phrase("Known by its header: {value}.", value=", ".join(sorted({one.title.split(",")[0] for one in formats()})))
    )
    sources = (phrase("A file"), phrase("Pasted from a spreadsheet"))
    source = st.segmented_control(phrase("Where is it?"), sources, default=sources[0], required=True)
    file: UploadedFile | None = None
    paid: UploadedFile | None = None
    text = ""
    if source == sources[0]:
        file = st.file_uploader(phrase("CSV, XLSX or JSON, up to 10 MB"), type=["csv", "txt", "tsv", "xlsx", "json"])
        paid = st.file_uploader(
            phrase("Payments, if the invoices do not say when they were paid"), type=["csv", "txt", "xlsx"]
        )
    else:
        text = st.text_area(
            phrase("Copy the cells, headings included, and paste them here"),
            placeholder=phrase("Name\tFee per month\tHours per month\nAnchor Bakery\t1500\t30"),
        )
    new = st.checkbox(phrase("Create the clients it names, if they are not recorded yet"), value=True)
    order = st.selectbox(phrase("Dates are written"), list(_ORDERS), format_func=_ORDERS.__getitem__)
    if file is not None or text.strip():
        with tempfile.TemporaryDirectory() as folder:
            path = _pasted(text, Path(folder)) if file is None else _written(file, Path(folder) / "file")
            payments = None if paid is None else _written(paid, Path(folder) / "payments")
            _read(partial(preview_table, path, desk.portfolio, create_clients=new, date_order=order,
                          payments=payments, today=desk.today))  # fmt: skip
    st.divider()
    st.markdown(phrase("**A portfolio folder**: the files this program exports, with a `clients.csv`."))
    with st.form("folder"):
        place = st.text_input(phrase("Folder on this computer"), placeholder="/home/me/portfolio")
        st.form_submit_button(phrase("Look at the folder"), icon=":material/folder_open:")
    if place.strip():
        _folder(Path(place.strip()).expanduser())


def _folder(folder: Path) -> None:
    """What a folder would store, and only then a button."""
    desk = frame.desk()
    try:
        found = preview_folder(desk.portfolio, folder, today=desk.today)
    except BushError as error:
        frame.refusal(error)
        return
    st.text(f"{folder.name}: {found.records}.")
    if found.settings:
        st.text(phrase("Settings that change:"))
        for told in found.settings:
            st.text(f"- {told}")
    if st.button(phrase("Import the folder"), type="primary", icon=":material/save:"):
        frame.store("folder", lambda: import_folder(desk.portfolio, folder, today=desk.today), None)


def _read(preview_of: "partial[Preview]") -> None:
    try:
        told: dict[str, Any] = {}
        try:
            preview = preview_of()
        except UnknownColumns as unknown:
            mapping = _mapped(unknown)
            if mapping is None:
                return
            told["mapping"] = mapping
            preview = preview_of(**told)
        # Asked of the file as it came: what was answered must not take its own question away.
        told |= {"same": _who_is_who(preview), "rates": _rates(preview)}
        if told["same"] or told["rates"]:
            preview = preview_of(**told)
    except BushError as error:
        frame.refusal(error)
        return
    _shown(preview)


def _mapped(unknown: UnknownColumns) -> dict[str, Any] | None:
    """Which column is what, as the user says it; None until they have."""
    st.warning(phrase("The headings do not say what this table is. Say it once; the next one like it is known."))
    target = st.selectbox(
        phrase("What is it a list of?"), list(_LISTS), format_func=_LISTS.__getitem__, key="map-target"
    )
    chosen: dict[str, str] = {}
    left, right = st.columns(2)
    columns = sorted(TARGETS[target].columns, key=lambda column: not _needed(target, column.name, column.required))
    for place, column in enumerate(columns):
        needed = _needed(target, column.name, column.required)
        label = translated(column.title) + (phrase(" (needed)") if needed else "")
        headers = [ABSENT, *filter(None, unknown.header)]
        said = (left, right)[place % 2].selectbox(
            label,
            headers,
            format_func=lambda name: _NOT_NAMES.get(name) or escaped(name),
            key=f"map-{target}-{column.name}",
        )
        if said != ABSENT:
            chosen[column.name] = said
    missing = [c for c in columns if _needed(target, c.name, c.required) and c.name not in chosen]
    if missing:
        st.caption(phrase("Still to say: {missing}.", missing=", ".join(translated(c.title) for c in missing)))
        return None
    constants = {}
    if target == "invoices" and "due" not in chosen:
        constants["terms_days"] = str(
            int(st.number_input(phrase("Days until an invoice is due"), 0, 365, 30, key="map-terms"))
        )
    return {"target": target, "columns": chosen, "constants": constants}


def _needed(target: str, name: str, required: bool) -> bool:
    return required and name not in OPTIONAL.get(target, ())


def _who_is_who(preview: Preview) -> dict[str, str]:
    asked = [stranger for stranger in preview.strangers if stranger.like][:MOST_ASKED]
    if not asked:
        return {}
    st.markdown(
        phrase("**Are these the same?** Nobody is taken for somebody else without your word; it is remembered.")
    )
    known = [client.name for client in frame.desk().records().clients]
    same: dict[str, str] = {}
    for stranger in asked:
        choices = [NEW, *stranger.like, *(name for name in known if name not in stranger.like)]
        rows = phrase_of(stranger.rows, "{count:,} row", "{count:,} rows")
        said = st.selectbox(
            phrase("{name}, {rows}, is", name=escaped(plain(stranger.name)), rows=rows),
            choices,
            format_func=lambda name: _NOT_NAMES.get(name) or plain(name),
            key=f"same-{stranger.name}",
        )
        if said != NEW:
            same[stranger.name] = said
    return same


def _rates(preview: Preview) -> Sequence[ExchangeRate]:
    given = []
    currency = frame.desk().portfolio.settings.currency
    for code, first in preview.unrated.items():
        worth = st.text_input(
            phrase("What was one {code} worth on {first}, in {currency}?", code=code, first=first, currency=currency),
            key=f"rate-{code}",
        )
        if worth.strip():
            given.append(ExchangeRate(currency=code, on=first, rate=_rate(worth)))
    return given


def _rate(text: str) -> Decimal:
    try:
        return money(text, "rate")
    except InvalidRecord as error:
        raise ImportRefused(phrase("a rate such as 0.92 was expected; {text!r} came.", text=text)) from error


def _shown(preview: Preview) -> None:
    st.text(preview.sentence)
    if preview.notes:
        st.text(f"{'; '.join(preview.notes)}.")
    read = ", ".join(
        phrase("{ours} from “{theirs}”", ours=ours, theirs=theirs) for ours, theirs in preview.columns.items()
    )
    st.text(phrase("Read as {target}: {read}.", target=preview.target, read=read))
    if preview.faults:
        count = phrase_of(len(preview.faults), "{count:,} fault", "{count:,} faults")
        st.error(phrase("{count}; nothing is stored until the file has none.", count=count), icon=":material/error:")
        faults: dict[str, list[object]] = {
            "Row": [str(fault.row or "") for fault in preview.faults[:200]],
            "Column": [fault.column or "" for fault in preview.faults[:200]],
            "Fault": [fault.sentence for fault in preview.faults[:200]],
        }
        frame.records_table(faults, phrase("Faults by row and column"))
    elif st.button(phrase("Store it"), type="primary", icon=":material/save:", key="store-import"):
        frame.store("import", lambda: store_preview(frame.desk().portfolio, preview), None)


def _pasted(text: str, folder: Path) -> Path:
    path = folder / "pasted.txt"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return path


def _written(file: "UploadedFile", folder: Path) -> Path:
    folder.mkdir()
    # The browser names the file: only its last part may name one here.
    path = folder / (Path(file.name).name or "upload.csv")
    path.write_bytes(file.getvalue())
    return path
