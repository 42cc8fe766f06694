"""A table another tool wrote: read by one rule per file, previewed with every fault, stored in one batch or not."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.imports.mapping import load_map
from app.imports.table import preview_table, store_preview
from app.store import Portfolio, open_portfolio
from model.errors import ImportRefused
from model.records import Client
from model.settings import ExchangeRate, Settings

HEADER = "Customer,Invoice No,Invoice Date,Due Date,Amount,Paid Date,Disputed\n"
SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "ar_invoices.csv"


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    portfolio.add(Client(name="Acme", currency="EUR", since=date(2020, 1, 1), billing="fixed", payment_terms_days=14))
    return portfolio


def table(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def bill(
    paid: str = "", *, issued: str = "1/31/2024", due: str = "2/29/2024", amount: str = "10.00", no: str = "1"
) -> str:
    return f"Acme,{no},{issued},{due},{amount},{paid},No\n"


@pytest.mark.skipif(not SAMPLE.exists(), reason="the public accounts-receivable sample is not beside this checkout")
@pytest.mark.parametrize("mapping", [None, "ar_invoices"])
def test_a_real_list_of_receivables_is_read_whole(tmp_path: Path, mapping: str | None) -> None:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    chosen = None if mapping is None else load_map(Path(mapping))
    preview = preview_table(SAMPLE, portfolio, mapping=chosen, create_clients=True)
    assert preview.spelling.date_order == "mdy"
    store_preview(portfolio, preview)
    records = portfolio.records()
    assert (len(records.clients), len(records.invoices)) == (60, 1483)
    assert sum(invoice.amount for invoice in records.invoices) == Decimal("88533.33")
    assert sum(invoice.disputed for invoice in records.invoices) == 327
    # Numbers are text: their leading zeros are part of them.
    assert any(invoice.number == "0000611365" for invoice in records.invoices)
    assert {(invoice.due - invoice.issued).days for invoice in records.invoices} == {30}
    again = store_preview(portfolio, preview_table(SAMPLE, portfolio, mapping=chosen, create_clients=True))
    assert (again.batch, again.already_there) == (None, 1483)
    assert portfolio.undo() is not None
    assert portfolio.records().clients == ()


def test_one_value_settles_day_and_month_for_the_whole_file(tmp_path: Path, portfolio: Portfolio) -> None:
    path = table(
        tmp_path,
        HEADER + bill(issued="02/03/2024", due="02/03/2024") + bill(no="2", issued="31/01/2024", due="01/02/2024"),
    )
    preview = preview_table(path, portfolio)
    assert [record.issued for record in preview.records] == [date(2024, 3, 2), date(2024, 1, 31)]  # type: ignore[union-attr]


def test_where_no_value_settles_day_and_month_the_user_is_asked(tmp_path: Path, portfolio: Portfolio) -> None:
    path = table(tmp_path, HEADER + bill(issued="02/03/2024", due="04/05/2024"))
    with pytest.raises(ImportRefused, match=r"list\.csv, row 2, column Invoice Date.*--date-order"):
        preview_table(path, portfolio)
    assert preview_table(path, portfolio, date_order="dmy").records[0].issued == date(2024, 3, 2)  # type: ignore[union-attr]


def test_a_file_that_contradicts_itself_about_dates_is_refused(tmp_path: Path, portfolio: Portfolio) -> None:
    path = table(tmp_path, HEADER + bill() + bill(no="2", issued="31/1/2024", due="31/3/2024"))
    with pytest.raises(ImportRefused, match=r"row 2.*row 3.*contradict"):
        preview_table(path, portfolio)


@pytest.mark.parametrize(
    ("amount", "read"),
    [
        ("1234.50", "1234.50"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("5323,54", "5323.54"),
        ("1'000'000,00", "1000000.00"), ("€ 12,5", "12.5"), ("12.50 EUR", "12.50"), ("35", "35"),
        ("1 234,5", "1234.5"), ("1.234.567", "1234567"),
    ],
)  # fmt: skip
def test_amounts_are_read_by_the_files_own_decimal_mark(
    amount: str, read: str, tmp_path: Path, portfolio: Portfolio
) -> None:
    preview = preview_table(table(tmp_path, HEADER + bill(amount=f'"{amount}"')), portfolio)
    assert preview.faults == ()
    assert preview.records[0].amount == Decimal(read)  # type: ignore[union-attr]


def test_an_amount_that_reads_two_ways_is_asked_about(tmp_path: Path, portfolio: Portfolio) -> None:
    path = table(tmp_path, HEADER + bill(amount='"1,000"'))
    with pytest.raises(ImportRefused, match=r"row 2, column Amount.*--decimal"):
        preview_table(path, portfolio)
    assert preview_table(path, portfolio, decimal=".").records[0].amount == 1000  # type: ignore[union-attr]
    assert preview_table(path, portfolio, decimal=",").records[0].amount == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str, tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    text = (HEADER + bill()).replace("Acme", "Müller & Söhne").replace(",", delimiter).replace("\n", "\r\n")
    preview = preview_table(table(tmp_path, text, encoding=encoding), portfolio, create_clients=True)
    assert [client.name for client in preview.new_clients] == ["Müller & Söhne"]


FAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "impossible day": (bill() + bill(no="2", issued="13/15/2024"), ("row 3", "column Invoice Date", "'13/15/2024'")),
    "spreadsheet serial": (bill() + bill(no="2", issued="44562"), ("row 3", "column Invoice Date", "'44562'")),
    "amount abc": (bill(amount="abc"), ("row 2", "column Amount", "'abc'")),
    "amount nan": (bill(amount="NaN"), ("row 2", "column Amount", "'NaN'")),
    "amount negative": (bill(amount="-5"), ("row 2", "column Amount", "-5")),
    "amount of another currency": (bill(amount="£10"), ("row 2", "column Amount", "an amount in EUR", "'£10'")),
    "no amount": (bill(amount=""), ("row 2", "column Amount", "a value was expected")),
    "paid before issued": (bill("1/30/2024"), ("row 2", "column Paid Date", "2024-01-30")),
    "unknown client": (bill().replace("Acme", "Acmee"), ("row 2", "column Customer", "'Acmee'", "Did you mean 'Acme'")),
    "extra cells": (bill().replace("No\n", "No,what\n"), ("row 2", "7 cells")),
    "one number, two contents": (bill() + bill(amount="11.00"), ("row 3", "row 2", "other content")),
    "neither yes nor no": (bill().replace("No\n", "perhaps\n"), ("row 2", "column Disputed", "yes or no", "'perhaps'")),
}


@pytest.mark.parametrize(("rows", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_row_is_told_and_nothing_is_stored(
    rows: str, told: tuple[str, ...], tmp_path: Path, portfolio: Portfolio
) -> None:
    preview = preview_table(table(tmp_path, HEADER + rows), portfolio)
    before = portfolio.revision()
    with pytest.raises(ImportRefused) as refused:
        store_preview(portfolio, preview)
    for words in ("list.csv", *told):
        assert words in str(refused.value)
    assert (portfolio.revision(), portfolio.records().invoices) == (before, ())


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b"\xef\xbb\xbf\r\n ,\r\n", "is empty"),
    "header only": (HEADER.encode(), "no rows"),
    "binary": (b"\x00\x01\x02\x03" * 50, "binary"),
    "workbook": (b"PK\x03\x04 and so on", "workbook"),
    "header doubled": (b"Client,Number,Issued,Amount,Amount\nA,1,2026-03-13,2,3\n", "column Amount.*twice"),
    "unknown columns": (b"Foo,Bar\n1,2\n", "row 1.*'Foo', 'Bar'"),
    "open quote": (HEADER.encode() + b'"Acme', "not a table"),
}


@pytest.mark.parametrize(("content", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_no_table_is_refused(content: bytes, told: str, tmp_path: Path, portfolio: Portfolio) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=rf"list\.csv.*{told}"):
        preview_table(path, portfolio)


def test_a_file_of_a_hundred_megabytes_is_refused_before_it_is_read(tmp_path: Path, portfolio: Portfolio) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ImportRefused, match=r"larger than 50,000,000 bytes; split it"):
        preview_table(path, portfolio)


def test_a_map_that_names_a_column_the_file_lacks_is_refused(tmp_path: Path, portfolio: Portfolio) -> None:
    mapping = {"target": "invoices", "columns": {"client": "Costumer"}}
    with pytest.raises(ImportRefused, match=r"Costumer.*Did you mean 'Customer'"):
        preview_table(table(tmp_path, HEADER + bill()), portfolio, mapping=mapping)


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({"target": "bills"}, "'bills'"),
        ({"target": "invoices", "colums": {}}, "colums"),
        ({"target": "invoices", "columns": {"customer": "X"}}, "'customer'"),
        ({"target": "invoices", "columns": {"client": "Customer"}}, "number"),
        ({"target": "invoices", "columns": {"client": 3}}, "header"),
    ],
)
def test_a_faulty_map_is_refused(mapping: dict[str, Any], told: str, tmp_path: Path, portfolio: Portfolio) -> None:
    with pytest.raises(ImportRefused, match=told):
        preview_table(table(tmp_path, HEADER + bill()), portfolio, mapping=mapping)


def test_hours_come_as_numbers_or_as_durations(tmp_path: Path, portfolio: Portfolio) -> None:
    text = (
        "Client;Date;Duration;Billable\nAcme;2024-01-05;3:00;Yes\nAcme;2024-01-05;1,5;No\nAcme;2024-01-06;25:30:00;\n"
    )
    preview = preview_table(table(tmp_path, text), portfolio)
    assert [(hours.hours, hours.billable) for hours in preview.records] == [(3.0, True), (1.5, False), (25.5, None)]  # type: ignore[union-attr]


def test_no_paid_date_means_open(tmp_path: Path, portfolio: Portfolio) -> None:
    assert preview_table(table(tmp_path, HEADER + bill()), portfolio).records[0].paid_on is None  # type: ignore[union-attr]


def test_without_due_dates_the_terms_of_the_client_or_of_the_map_hold(tmp_path: Path, portfolio: Portfolio) -> None:
    path = table(tmp_path, "Customer,Invoice,Date,Total\nAcme,7,2024-01-01,10\n")
    assert preview_table(path, portfolio).records[0].due == date(2024, 1, 15)  # type: ignore[union-attr]
    columns = {"client": "Customer", "number": "Invoice", "issued": "Date", "amount": "Total"}
    mapping = {"target": "invoices", "columns": columns, "constants": {"terms_days": 30}}
    assert preview_table(path, portfolio, mapping=mapping).records[0].due == date(2024, 1, 31)  # type: ignore[union-attr]


def test_a_currency_without_a_rate_is_refused_and_with_one_taken(tmp_path: Path, portfolio: Portfolio) -> None:
    path = table(tmp_path, HEADER.replace("Disputed", "Currency") + bill().replace("No\n", "usd\n"))
    with pytest.raises(ImportRefused, match=r"row 2, column Currency.*exchange rate for USD"):
        store_preview(portfolio, preview_table(path, portfolio))
    rate = ExchangeRate(currency="USD", on=date(2024, 1, 1), rate=Decimal("0.9"))
    portfolio.save_settings(Settings(exchange_rates=(rate,)))
    assert store_preview(portfolio, preview_table(path, portfolio)).added == 1


def test_a_portfolio_nobody_has_set_up_takes_the_currency_of_its_first_file(tmp_path: Path) -> None:
    portfolio = open_portfolio(tmp_path / "new.db")
    path = table(tmp_path, HEADER.replace("Disputed", "Currency") + bill().replace("No\n", "USD\n"))
    store_preview(portfolio, preview_table(path, portfolio, create_clients=True))
    assert (portfolio.settings.currency, portfolio.records().clients[0].currency) == ("USD", "USD")


def test_a_later_export_of_the_same_bills_brings_payments_and_repeats_nothing(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    store_preview(portfolio, preview_table(table(tmp_path, HEADER + bill() + bill(no="2")), portfolio))
    later = preview_table(
        table(tmp_path, HEADER + bill("3/5/2024") + bill(no="2") + bill(no="2") + bill(no="3")), portfolio
    )
    assert (later.added, later.updated, later.already_there, later.repeated) == (1, 1, 1, 1)
    store_preview(portfolio, later)
    paid = {invoice.number: invoice.paid_on for invoice in portfolio.records().invoices}
    assert paid == {"1": date(2024, 3, 5), "2": None, "3": None}


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path, portfolio: Portfolio) -> None:
    path = table(tmp_path, "sep=,\n" + HEADER + bill() + "\n,,,,,,\n" + bill(no="2", amount="abc"))
    preview = preview_table(path, portfolio)
    assert (preview.blank_rows, [fault.row for fault in preview.faults]) == (2, [6])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (bill("01/01/2030"), "Paid Date"),
        (bill(issued="10/01/2027", due="10/31/2027"), "Invoice Date"),
    ],
)
def test_what_has_not_happened_yet_is_a_fault_of_its_row(
    tmp_path: Path, portfolio: Portfolio, row: str, column: str
) -> None:
    path = table(tmp_path, HEADER + row + bill(no="2"))
    preview = preview_table(path, portfolio, today=date(2026, 11, 1))
    (fault,) = preview.faults
    assert (fault.row, fault.column) == (2, column)
    assert "lies ahead of 2026-11-01; record it when it has happened." in fault.sentence
    # Money may be due later.
    ahead = bill(issued="10/20/2026", due="11/30/2026")
    assert not preview_table(table(tmp_path, HEADER + ahead), portfolio, today=date(2026, 11, 1)).faults
