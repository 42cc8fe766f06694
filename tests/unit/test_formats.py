"""Exports of known tools: known by their header, read by the rules others broke. Every row here is invented."""

import csv
import io
import json
import os
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.imports.formats import detect, formats
from app.imports.table import Preview, preview_table, store_preview
from app.imports.text import read_lines
from app.store import Portfolio, open_portfolio
from model.errors import BushError, ImportRefused
from model.records import Client

FILES = int(os.environ.get("BUSH_EXAMPLES", "300"))  # broken ones to try
EXAMPLES = Path(__file__).parents[1] / "fixtures" / "formats"
TEXTS = {path.stem: path.read_bytes().decode() for path in sorted(EXAMPLES.glob("*.csv"))}
XERO_HEAD = (
    "ContactName,EmailAddress,POAddressLine1,InvoiceNumber,Reference,InvoiceDate,DueDate,PlannedDate,Total,TaxTotal,"
    "InvoiceAmountPaid,InvoiceAmountDue,InventoryItemCode,Description,Quantity,UnitAmount,Discount,LineAmount,AccountCode,"
    "TaxType,TaxAmount,Currency,Type,Sent,Status\n"
)


def xero(number: str, status: str, kind: str = "Sales invoice", day: str = "13/03/2026", line: str = "500.00") -> str:
    return (
        f'Acme,,,{number},,{day},12/04/2026,,"1,200.00",200.00,0.00,1200.00,,Work,1,{line},,{line},200,VAT,100.00,EUR,'
        f"{kind},Sent,{status}\n"
    )


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    for name in ("Acme", "Beta", "House"):
        portfolio.add(
            Client(name=name, currency="EUR", since=date(2020, 1, 1), billing="fixed", payment_terms_days=30)
        )  # fmt: skip
    return portfolio


def written(tmp_path: Path, text: str, name: str = "export.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def read(tmp_path: Path, portfolio: Portfolio, text: str, **options: object) -> Preview:
    encoding = str(options.pop("encoding", "utf-8"))
    preview = preview_table(written(tmp_path, text, encoding=encoding), portfolio, **options)  # type: ignore[arg-type]
    assert preview.faults == (), [str(fault) for fault in preview.faults]
    return preview


def test_every_format_is_known_by_its_header_and_by_no_other(tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        found = detect(read_lines(written(tmp_path, text)))
        assert found is not None and found.format.id == name, name
    assert {one.id for one in formats()} == {*TEXTS, "timewarrior"}
    assert detect(read_lines(written(tmp_path, "a,b\n1,2\n"))) is None


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "invoiceninja_payments"])
@pytest.mark.parametrize("change", ["bom", "semicolon", "crlf", "reordered", "extra", "utf-16", "titled"])
def test_a_file_saved_again_by_someone_else_reads_the_same(
    tmp_path: Path, portfolio: Portfolio, name: str, change: str
) -> None:
    import csv

    text = TEXTS[name]
    expected = read(tmp_path, portfolio, text)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    delimiter, encoding = ",", "utf-8"
    if change == "bom":
        encoding = "utf-8-sig"
    elif change == "semicolon":
        delimiter = ";"
    elif change == "reordered":
        # A grouped report says in its first column what the group is: that one stays.
        rows = [[row[0], *reversed(row[1:])] for row in rows]
    elif change == "extra":
        rows = [[*row, "more" if place else "Something Else"] for place, row in enumerate(rows)]
    elif change == "utf-16":
        encoding = "utf-16"
    elif change == "titled":
        rows = [["A title"] + [""] * (width - 1), [""] * width, *rows]
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator="\r\n" if change == "crlf" else "\n").writerows(rows)
    assert read(tmp_path, portfolio, target.getvalue(), encoding=encoding).records == expected.records


def hours(preview: Preview) -> list[tuple[str, date, float, bool | None]]:
    return [(h.client, h.on, round(h.hours, 4), h.billable) for h in preview.records]  # type: ignore[union-attr]


def test_toggl_keeps_entries_that_are_alike_but_distinct_and_counts_over_midnight(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    preview = read(tmp_path, portfolio, TEXTS["toggl"], encoding="utf-8-sig")
    talk = ("Acme", date(2026, 3, 2), 1.5, True)
    assert hours(preview) == [talk, talk, ("House", date(2026, 3, 3), 1.0, False)]
    assert store_preview(portfolio, preview).added == 3
    assert (
        store_preview(portfolio, read(tmp_path, portfolio, TEXTS["toggl"])).batch is None
    )  # a second time adds nothing


def test_clockify_three_hours_are_three_hours_and_its_rounding_is_not_taken(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    found = hours(read(tmp_path, portfolio, TEXTS["clockify"]))
    assert found == [("Acme", date(2026, 3, 13), 3.0, True), ("Acme", date(2026, 3, 2), round(13 / 60, 4), False)]


def test_harvest_with_decimal_commas_and_days_with_points(tmp_path: Path, portfolio: Portfolio) -> None:
    found = hours(read(tmp_path, portfolio, TEXTS["harvest"]))
    assert found == [("Acme", date(2026, 3, 13), 7.5, True), ("Acme", date(2026, 3, 2), 0.25, False)]


def test_kimai_in_german_and_watson(tmp_path: Path, portfolio: Portfolio) -> None:
    assert hours(read(tmp_path, portfolio, TEXTS["kimai"])) == [("Acme", date(2026, 3, 2), 0.3333, True)]
    assert hours(read(tmp_path, portfolio, TEXTS["watson"])) == [("Acme", date(2026, 3, 2), 2.25, None)]


def test_timewarrior_is_utc_and_its_running_entry_is_left_out(
    tmp_path: Path, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    spans = [
        {"id": 2, "start": "20260302T233000Z", "end": "20260303T003000Z", "tags": ["x", "client:Acme"]},
        {"id": 1, "start": "20260304T103000Z", "tags": ["Acme"]},
    ]
    preview = read(tmp_path, portfolio, json.dumps(spans))
    monkeypatch.undo()
    time.tzset()
    assert hours(preview) == [("Acme", date(2026, 3, 3), 1.0, None)]  # past midnight in Berlin
    assert any("without an end" in note for note in preview.notes)


def bills(preview: Preview) -> list[tuple[object, ...]]:
    return [(i.number, i.issued, i.due, i.amount, i.paid_on) for i in preview.records]  # type: ignore[union-attr]


def test_xero_has_a_row_for_each_line_and_says_nothing_of_the_day_of_payment(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    preview = read(tmp_path, portfolio, TEXTS["xero"])
    # Net of tax, once, less the credit note; the voided one and the one paid on an unknown day are left out, and told.
    assert bills(preview) == [("INV-1", date(2026, 3, 13), date(2026, 4, 12), Decimal(900), None)]
    notes = "; ".join(preview.notes)
    assert (
        "lines joined to their invoice: 1" in notes
        and "paid on a day the file does not tell" in notes
        and "credit note" in notes
    )


def test_quickbooks_reports_come_with_titles_groups_and_totals(tmp_path: Path, portfolio: Portfolio) -> None:
    preview = read(tmp_path, portfolio, TEXTS["quickbooks_aging"])
    assert bills(preview) == [("1001", date(2026, 2, 13), date(2026, 3, 15), Decimal(950), None)]
    assert any("credit notes taken off their invoices: 1" in note for note in preview.notes)
    assert any("titles, groups and totals" in note for note in preview.notes)
    opened = read(tmp_path, portfolio, TEXTS["quickbooks_open"])
    assert [(i.client, i.number, i.amount) for i in opened.records] == [  # type: ignore[union-attr]
        ("Acme", "1001", Decimal(1000)), ("Beta", "1002", Decimal(20)),
    ]  # fmt: skip


def test_quickbooks_payments_name_no_invoice_and_are_tied_only_where_one_can_be_meant(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    preview = read(tmp_path, portfolio, TEXTS["quickbooks_payments"])
    paid = {i.number: i.paid_on for i in preview.records}  # type: ignore[union-attr]
    assert paid == {
        # The next of the same amount; the last one is open, for no payment of theirs is left over.
        "2001": date(2026, 2, 13), "2002": date(2026, 3, 20), "2003": None,
        # The only invoice, paid in two parts: paid on the day of the last.
        "2004": date(2026, 2, 2),
        # 170 may have paid 80 and 90: whether and which, the file does not say.
        "2007": date(2026, 2, 3),
    }  # fmt: skip
    notes = "; ".join(preview.notes)
    assert "invoices left out" in notes and "payments tied" in notes and "no due dates" in notes


def test_a_credit_note_is_taken_off_the_invoice_it_names_or_the_last_one_as_large(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    def note(number: str, reference: str, total: str, tax: str) -> str:
        return (
            f"Acme,,,{number},{reference},20/03/2026,20/03/2026,,{total},{tax},0.00,{total},,Back,1,1.00,,1.00,200,VAT,"
            "1.00,EUR,Sales credit note,Sent,Awaiting Payment\n"
        )

    two = XERO_HEAD + xero("INV-1", "Awaiting Payment") + xero("INV-2", "Awaiting Payment")
    amounts = {}
    for name, notes in {
        "named": note("CN-1", "INV-1", "120.00", "20.00"),
        "unnamed": note("CN-1", "", "120.00", "20.00"),
        "of two lines": note("CN-1", "INV-1", "120.00", "20.00") * 2,
        "whole": note("CN-1", "INV-1", "1200.00", "200.00"),
        "too large": note("CN-1", "", "9999.00", "0.00"),
    }.items():
        preview = read(tmp_path, portfolio, two + notes)
        amounts[name] = {i.number: i.amount for i in preview.records}  # type: ignore[union-attr]
        assert any("credit note" in told for told in preview.notes)
    assert amounts == {
        "named": {"INV-1": 900, "INV-2": 1000},
        "unnamed": {"INV-1": 1000, "INV-2": 900},
        "of two lines": {"INV-1": 900, "INV-2": 1000},
        "whole": {"INV-2": 1000},
        "too large": {"INV-1": 1000, "INV-2": 1000},
    }
    with pytest.raises(ImportRefused, match="credit note 'CN-1' says"):
        read(tmp_path, portfolio, two + note("CN-1", "", "much", "0.00"))


def test_freshbooks_numbers_are_text_and_its_lines_are_summed_before_tax(tmp_path: Path, portfolio: Portfolio) -> None:
    assert bills(read(tmp_path, portfolio, TEXTS["freshbooks"])) == [
        ("0000001", date(2026, 1, 5), date(2026, 2, 4), Decimal(600), date(2026, 2, 9)),
        ("0000002", date(2026, 2, 5), date(2026, 3, 7), Decimal(100), None),
    ]


def test_a_file_without_due_dates_is_read_for_new_clients_too_and_says_what_it_took(tmp_path: Path) -> None:
    empty = open_portfolio(tmp_path / "empty.db")
    preview = preview_table(written(tmp_path, TEXTS["freshbooks"]), empty, create_clients=True)
    assert preview.faults == () and bills(preview)[0][2] == date(2026, 2, 4)
    assert any("no due dates: 30 days after issue" in note for note in preview.notes)


def test_stripe_invoices_voided_are_none_and_uncollectible_ones_are_lost(tmp_path: Path, portfolio: Portfolio) -> None:
    preview = read(tmp_path, portfolio, TEXTS["stripe_invoices"])
    assert bills(preview) == [
        ("A-1", date(2026, 1, 5), date(2026, 2, 4), Decimal(100), date(2026, 2, 20)),
        ("A-3", date(2026, 1, 8), date(2026, 1, 8), Decimal(100), None),
    ]
    assert [i.written_off for i in preview.records] == [None, Decimal(100)]  # type: ignore[union-attr]
    charges = read(tmp_path, portfolio, TEXTS["stripe_payments"])
    assert bills(charges) == [("ch_1", *(date(2026, 1, 5),) * 2, Decimal("0.25"), date(2026, 1, 5))]


def test_zoho_counts_a_payment_only_once_nothing_is_owed(tmp_path: Path, portfolio: Portfolio) -> None:
    preview = read(tmp_path, portfolio, TEXTS["zoho"])
    assert bills(preview) == [
        ("INV-1", date(2026, 1, 5), date(2026, 2, 4), Decimal(100), date(2026, 2, 10)),
        ("INV-2", date(2026, 1, 6), date(2026, 2, 5), Decimal(100), None),
    ]
    assert any("paid in part" in note for note in preview.notes)


def test_wave_is_a_journal_from_which_invoices_are_rebuilt(tmp_path: Path, portfolio: Portfolio) -> None:
    assert bills(read(tmp_path, portfolio, TEXTS["wave"])) == [
        ("7", date(2026, 1, 5), date(2026, 2, 4), Decimal(100), date(2026, 2, 20)),
        ("8", date(2026, 3, 1), date(2026, 3, 31), Decimal(55), None),
    ]


def test_a_file_of_payments_completes_the_invoices(tmp_path: Path, portfolio: Portfolio) -> None:
    alone = read(tmp_path, portfolio, TEXTS["invoiceninja"])
    assert [row[0] for row in bills(alone)] == ["0002"]
    paid = written(tmp_path, TEXTS["invoiceninja_payments"], "payments.csv")
    assert bills(read(tmp_path, portfolio, TEXTS["invoiceninja"], payments=paid)) == [
        ("0001", date(2026, 1, 5), date(2026, 2, 4), Decimal("13.50"), date(2026, 2, 13)),
        ("0002", date(2026, 1, 6), date(2026, 2, 5), Decimal(20), None),
    ]
    with pytest.raises(ImportRefused, match="completes a file of invoices"):
        preview_table(paid, portfolio)
    with pytest.raises(ImportRefused, match="is not a list of payments"):
        read(tmp_path, portfolio, TEXTS["invoiceninja"], payments=written(tmp_path, TEXTS["toggl"], "other.csv"))


def test_a_day_that_reads_two_ways_is_asked_about_in_every_format(tmp_path: Path, portfolio: Portfolio) -> None:
    text = XERO_HEAD + xero("INV-1", "Awaiting Payment", day="03/02/2026").replace("12/04/2026", "04/03/2026")
    with pytest.raises(ImportRefused, match="can be read two ways"):
        preview_table(written(tmp_path, text), portfolio)
    assert bills(read(tmp_path, portfolio, text, date_order="dmy"))[0][1] == date(2026, 2, 3)


def test_a_bad_amount_is_a_fault_with_its_row_and_column_and_never_nothing(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    preview = preview_table(
        written(tmp_path, TEXTS["freshbooks"].replace("100.00,VAT,20,,,120.00,EUR\n", "n/a,VAT,,,,,EUR\n")), portfolio
    )
    assert any(fault.row == 4 and fault.column == "Line Subtotal" for fault in preview.faults)


def test_a_workbook_is_read_as_its_first_sheet(tmp_path: Path, portfolio: Portfolio) -> None:
    import csv

    path = tmp_path / "zoho.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(csv.reader(io.StringIO(TEXTS["zoho"]))):
            for column, cell in enumerate(cells):
                if row and column in (0, 5):
                    sheet.write_datetime(row, column, date.fromisoformat(cell))
                elif row and column in (7, 8, 9, 10):
                    sheet.write_number(row, column, float(cell))
                else:
                    sheet.write_string(row, column, cell)
    assert preview_table(path, portfolio).records == read(tmp_path, portfolio, TEXTS["zoho"]).records


def test_a_workbook_that_would_unpack_without_end_is_refused(tmp_path: Path, portfolio: Portfolio) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for part in range(4):
            parts.writestr(f"xl/worksheets/sheet{part}.xml", b"0" * 100_000_000)
    with pytest.raises(ImportRefused, match="unpacks to more than"):
        preview_table(path, portfolio)
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(ImportRefused, match="no workbook that can be read"):
        preview_table(path, portfolio)


def test_a_format_may_be_named_and_must_then_fit(tmp_path: Path, portfolio: Portfolio) -> None:
    assert read(tmp_path, portfolio, TEXTS["xero"], format="xero").target == "invoices"
    with pytest.raises(ImportRefused, match="no header of Zoho"):
        preview_table(written(tmp_path, TEXTS["xero"]), portfolio, format="zoho")
    with pytest.raises(ImportRefused, match="there is no format called 'sage'"):
        preview_table(written(tmp_path, TEXTS["xero"]), portfolio, format="sage")


@settings(max_examples=FILES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(TEXTS)),
    cuts=st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=6),
    workbook=st.sampled_from((False, False, False, True)),
)
def test_a_broken_file_is_refused_or_told_by_row_and_stores_nothing_by_itself(
    tmp_path: Path, portfolio: Portfolio, name: str, cuts: list[tuple[int, int, bytes]], workbook: bool
) -> None:
    content = workbook_of(TEXTS[name]) if workbook else TEXTS[name].encode()
    for place, length, instead in cuts:
        place %= len(content) + 1
        content = content[:place] + instead + content[place + length :]
    path = tmp_path / ("broken.xlsx" if workbook else "broken.csv")
    path.write_bytes(content)
    try:
        preview = preview_table(path, portfolio, create_clients=True)
    except BushError:
        return
    assert all(fault.sentence for fault in preview.faults)
    assert portfolio.records().invoices == () and portfolio.records().hours == ()
    if preview.faults:
        with pytest.raises(ImportRefused):
            store_preview(portfolio, preview)
        return
    # What reads without a fault is stored whole, and taken back whole.
    stored = store_preview(portfolio, preview)
    assert stored.added == preview.added
    if stored.batch is not None:
        portfolio.undo()
    assert portfolio.records().invoices == () and portfolio.records().hours == ()


def workbook_of(text: str) -> bytes:
    """The same cells as a workbook, every one as text."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate(csv.reader(io.StringIO(text))):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell)
    return made.getvalue()


@pytest.mark.parametrize("cell", ["1e308", "NaN", "inf", "9" * 5000, "=1+1", "-", "0x1F", "1,2,3.4.5", "\u0661\u0662"])
@pytest.mark.parametrize("name", ["freshbooks", "wave", "zoho", "xero"])
def test_a_cell_that_is_no_amount_is_told(tmp_path: Path, portfolio: Portfolio, name: str, cell: str) -> None:
    amounts = {"freshbooks": "500.00", "wave": "100.00", "zoho": "100.00", "xero": '"1,200.00"'}
    text = TEXTS[name].replace(amounts[name], f'"{cell}"', 1)
    try:
        preview = preview_table(written(tmp_path, text), portfolio)
    except BushError:
        return
    assert preview.faults
