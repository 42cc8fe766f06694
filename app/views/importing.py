"""The import of a table or a folder: what it is, who is who, what it would store, and only then a button."""

import tempfile
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.imports.folder import import_folder
from app.imports.formats import formats
from app.imports.mapping import OPTIONAL, TARGETS, UnknownColumns
from app.imports.table import Preview, preview_table, store_preview
from app.presenting import escaped
from app.views import frame
from app.wording import plain
from model.errors import BushError, ImportRefused
from model.settings import ExchangeRate

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

MOST_ASKED = 30  # names; a file of more strangers than that is of another portfolio
NEW, ABSENT = "a new client", "not in the file"
_LISTS = {"clients": "clients", "invoices": "invoices", "hours": "hours worked"}
_ORDERS = {None: "as the file shows", "dmy": "day first", "mdy": "month first", "ymd": "year first"}


def show() -> None:
    """Show the tab."""
    desk = frame.desk()
    if desk.portfolio.read_only:
        st.info(desk.portfolio.why_read_only)
        return
    if frame.opened().is_example:
        st.info("The example takes no imports, so that your records never mix with invented ones. Leave it first.")
        return
    st.markdown("**A table of clients, invoices or hours** from any tool. Nothing is stored before you have seen it.")
    st.caption(f"Known by its header: {', '.join(sorted({one.title.split(',')[0] for one in formats()}))}.")
    sources = ("A file", "Pasted from a spreadsheet")
    source = st.segmented_control("Where is it?", sources, default=sources[0], required=True)
    file: UploadedFile | None = None
    paid: UploadedFile | None = None
    text = ""
    if source == sources[0]:
        file = st.file_uploader("CSV, XLSX or JSON, up to 10 MB", type=["csv", "txt", "tsv", "xlsx", "json"])
        paid = st.file_uploader("Payments, if the invoices do not say when they were paid", type=["csv", "txt", "xlsx"])
    else:
        text = st.text_area(
            "Copy the cells, headings included, and paste them here",
            placeholder="Name\tFee per month\tHours per month\nAnchor Bakery\t1500\t30",
        )
    new = st.checkbox("Create the clients it names, if they are not recorded yet", value=True)
    order = st.selectbox("Dates are written", list(_ORDERS), format_func=_ORDERS.__getitem__)
    if file is not None or text.strip():
        with tempfile.TemporaryDirectory() as folder:
            path = _pasted(text, Path(folder)) if file is None else _written(file, Path(folder) / "file")
            payments = None if paid is None else _written(paid, Path(folder) / "payments")
            _read(partial(preview_table, path, desk.portfolio, create_clients=new, date_order=order,
                          payments=payments, today=desk.today))  # fmt: skip
    st.divider()
    st.markdown("**A portfolio folder**: the files this program exports, with a `clients.csv`.")
    with st.form("folder"):
        place = st.text_input("Folder on this computer", placeholder="/home/me/portfolio")
        done = st.form_submit_button("Import the folder", icon=":material/folder_open:")
    if done and place.strip():
        frame.store("folder", lambda: import_folder(desk.portfolio, Path(place.strip()).expanduser()), None)


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
    st.warning("The headings do not say what this table is. Say it once; the next one like it is known.")
    target = st.selectbox("What is it a list of?", list(_LISTS), format_func=_LISTS.__getitem__, key="map-target")
    chosen: dict[str, str] = {}
    left, right = st.columns(2)
    columns = sorted(TARGETS[target].columns, key=lambda column: not _needed(target, column.name, column.required))
    for place, column in enumerate(columns):
        needed = _needed(target, column.name, column.required)
        label = column.name.replace("_", " ").capitalize() + (" (needed)" if needed else "")
        headers = [ABSENT, *filter(None, unknown.header)]
        said = (left, right)[place % 2].selectbox(
            label, headers, format_func=escaped, key=f"map-{target}-{column.name}"
        )
        if said != ABSENT:
            chosen[column.name] = said
    missing = [c.name for c in columns if _needed(target, c.name, c.required) and c.name not in chosen]
    if missing:
        st.caption(f"Still to say: {', '.join(name.replace('_', ' ') for name in missing)}.")
        return None
    constants = {}
    if target == "invoices" and "due" not in chosen:
        constants["terms_days"] = str(int(st.number_input("Days until an invoice is due", 0, 365, 30, key="map-terms")))
    return {"target": target, "columns": chosen, "constants": constants}


def _needed(target: str, name: str, required: bool) -> bool:
    return required and name not in OPTIONAL.get(target, ())


def _who_is_who(preview: Preview) -> dict[str, str]:
    asked = [stranger for stranger in preview.strangers if stranger.like][:MOST_ASKED]
    if not asked:
        return {}
    st.markdown("**Are these the same?** Nobody is taken for somebody else without your word; it is remembered.")
    known = [client.name for client in frame.desk().records().clients]
    same: dict[str, str] = {}
    for stranger in asked:
        choices = [NEW, *stranger.like, *(name for name in known if name not in stranger.like)]
        rows = f"{stranger.rows:,} row{'' if stranger.rows == 1 else 's'}"
        said = st.selectbox(
            f"{escaped(plain(stranger.name))}, {rows}, is", choices, format_func=plain, key=f"same-{stranger.name}"
        )
        if said != NEW:
            same[stranger.name] = said
    return same


def _rates(preview: Preview) -> Sequence[ExchangeRate]:
    given = []
    currency = frame.desk().portfolio.settings.currency
    for code, first in preview.unrated.items():
        worth = st.text_input(f"What was one {code} worth on {first}, in {currency}?", key=f"rate-{code}")
        if worth.strip():
            given.append(ExchangeRate(currency=code, on=first, rate=_amount(worth)))
    return given


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise ImportRefused(f"a rate such as 0.92 was expected; {text!r} came.") from error


def _shown(preview: Preview) -> None:
    st.text(preview.sentence)
    if preview.notes:
        st.text(f"{'; '.join(preview.notes)}.")
    read = ", ".join(f"{ours} from “{theirs}”" for ours, theirs in preview.columns.items())
    st.text(f"Read as {preview.target}: {read}.")
    if preview.faults:
        count = f"{len(preview.faults)} fault{'' if len(preview.faults) == 1 else 's'}"
        st.error(f"{count}; nothing is stored until the file has none.", icon=":material/error:")
        faults: dict[str, list[object]] = {
            "Row": [str(fault.row or "") for fault in preview.faults[:200]],
            "Column": [fault.column or "" for fault in preview.faults[:200]],
            "Fault": [fault.sentence for fault in preview.faults[:200]],
        }
        frame.records_table(faults, "Faults by row and column")
    elif st.button("Store it", type="primary", icon=":material/save:", key="store-import"):
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
