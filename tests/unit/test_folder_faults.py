"""A faulty folder is refused whole, with a sentence that names file, row and column."""

from datetime import date
from pathlib import Path

import pytest

from app.imports.folder import import_folder, read_folder
from app.store import Portfolio, open_portfolio
from model.errors import ImportRefused

CLIENTS = "name,currency,since,billing\nAcme,EUR,2024-01-01,hourly\nBeta,EUR,2024-01-01,fixed\n"
INVOICES = "client,number,issued,due,amount,currency,paid_on\n"


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    return open_portfolio(tmp_path / "portfolio.db")


def folder_of(tmp_path: Path, **files: str | bytes) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in {"clients": CLIENTS, **files}.items():
        path = folder / ("settings.toml" if name == "settings" else f"{name}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


GOOD_ROW = "Acme,1,2024-01-01,2024-02-01,10.00,EUR,\n"

FAULTS = {
    "unknown column": ({"invoices": INVOICES.replace("paid_on", "paid")}, ("invoices.csv", "row 1", "'paid'")),
    "unknown sign": (
        {"signs": "client,date,sign\nAcme,2024-01-05,late_paymant\n"},
        ("signs.csv", "row 2", "column sign", "late_paymant", "Did you mean 'late_payment'"),
    ),
    "unknown standing sign": (
        {"clients": "name,currency,since,billing,standing_signs\nAcme,EUR,2024-01-01,fixed,rich\n"},
        ("clients.csv", "row 2", "column standing_signs", "'rich'"),
    ),
    "a day that does not exist": (
        {"invoices": INVOICES + GOOD_ROW + "Acme,2,13/15/2024,2024-02-01,10,EUR,\n"},
        ("invoices.csv", "row 3", "column issued", "YYYY-MM-DD", "'13/15/2024'"),
    ),
    "amount abc": (
        {"invoices": INVOICES + "Acme,2,2024-01-01,2024-02-01,abc,EUR,\n"},
        ("invoices.csv", "row 2", "column amount", "'abc'"),
    ),
    "amount nan": ({"invoices": INVOICES + "Acme,2,2024-01-01,2024-02-01,nan,EUR,\n"}, ("column amount", "'nan'")),
    "amount infinite": ({"invoices": INVOICES + "Acme,2,2024-01-01,2024-02-01,inf,EUR,\n"}, ("column amount", "'inf'")),
    "thousands mark": (
        {"invoices": INVOICES + 'Acme,2,2024-01-01,2024-02-01,"1,000",EUR,\n'},
        ("invoices.csv", "row 2", "column amount", "'1,000'"),
    ),
    "negative hours": (
        {"hours": "client,date,hours\nAcme,2024-01-01,2\nAcme,2024-01,-3\n"},
        ("hours.csv", "row 3", "column hours", "-3"),
    ),
    "paid before issued": (
        {"invoices": INVOICES + "Acme,2,2024-01-10,2024-02-01,10,EUR,2024-01-09\n"},
        ("invoices.csv", "row 2", "column paid_on", "2024-01-09", "2024-01-10"),
    ),
    "unknown client": (
        {"hours": "client,date,hours\nAcmee,2024-01-01,2\n"},
        ("hours.csv", "row 2", "column client", "'Acmee'"),
    ),
    "mixed currencies without a rate": (
        {"settings": 'currency = "EUR"\n', "invoices": INVOICES + "Acme,2,2024-01-10,2024-02-01,10,USD,\n"},
        ("invoices.csv", "row 2", "column currency", "USD", "exchange rate"),
    ),
    "empty file": ({"invoices": ""}, ("invoices.csv", "is empty")),
    "file of nothing but a mark": ({"invoices": b"\xef\xbb\xbf\r\n"}, ("invoices.csv", "is empty")),
    "binary file": ({"invoices": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff"}, ("invoices.csv", "row 1", "not UTF-8")),
    "text with a zero byte": ({"invoices": b"client,number\nA\x00,2\n"}, ("invoices.csv", "row 2", "binary")),
    "missing required value": (
        {"invoices": INVOICES + "Acme,,2024-01-10,2024-02-01,10,EUR,\n"},
        ("invoices.csv", "row 2", "column number", "a value was expected"),
    ),
    "missing required column": ({"hours": "client,date\nAcme,2024-01-01\n"}, ("hours.csv", "row 1", "column hours")),
    "extra cells": ({"invoices": INVOICES + GOOD_ROW.replace(",\n", ",,oops\n")}, ("row 2", "7 cells", "8 came")),
    "a row cut off": ({"invoices": INVOICES + "Acme,1,2024-0"}, ("invoices.csv", "row 2", "7 cells", "3 came")),
    "duplicate header": (
        {"hours": "client,date,hours,hours\nAcme,2024-01-01,2,3\n"},
        ("hours.csv", "row 1", "column hours", "twice"),
    ),
    "two clients of a name": ({"clients": CLIENTS + "Acme,EUR,2024-01-01,fixed\n"}, ("clients.csv", "row 4", "row 2")),
    "an invoice number twice": (
        {"invoices": INVOICES + GOOD_ROW + GOOD_ROW},
        ("invoices.csv", "row 3", "column number"),
    ),
    "a quote left open": ({"invoices": INVOICES + 'Acme,"1'}, ("invoices.csv", "not a CSV file")),
    "unknown setting": ({"settings": "horizont_months = 3\n"}, ("settings.toml", "horizont_months", "horizon_months")),
    "setting of the wrong type": ({"settings": "horizon_months = 3.5\n"}, ("settings.toml", "horizon_months", "3.5")),
    "setting out of range": ({"settings": "horizon_months = 0\n"}, ("settings.toml", "horizon_months", "0 came")),
    "unknown deal-breaker": ({"settings": '[[deal_breakers]]\nsign = "rude"\n'}, ("settings.toml", "'rude'")),
    "settings not TOML": ({"settings": "horizon = = 3"}, ("settings.toml", "not a settings file")),
}


@pytest.mark.parametrize(("files", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_by_file_row_and_column_and_nothing_is_stored(
    files: dict[str, str | bytes], told: tuple[str, ...], tmp_path: Path, portfolio: Portfolio
) -> None:
    folder = folder_of(tmp_path, **files)
    with pytest.raises(ImportRefused) as refused:
        import_folder(portfolio, folder)
    for words in told:
        assert words in str(refused.value)
    assert portfolio.revision() == 0
    assert portfolio.records().clients == ()


def test_the_same_folder_without_a_fault_is_taken(tmp_path: Path, portfolio: Portfolio) -> None:
    import_folder(portfolio, folder_of(tmp_path, invoices=INVOICES + GOOD_ROW))
    assert len(portfolio.records().invoices) == 1


def test_a_folder_needs_its_clients(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"clients\.csv"):
        read_folder(tmp_path)


def test_many_faults_are_told_in_one_go(tmp_path: Path) -> None:
    rows = "".join(f"Acme,{n},2024-01-01,2024-02-01,abc,EUR,\n" for n in range(20))
    with pytest.raises(ImportRefused, match=r"row 2.*\n.*row 3[^$]*and 15 more"):
        read_folder(folder_of(tmp_path, invoices=INVOICES + rows))


def test_an_import_does_not_overwrite_a_client(tmp_path: Path, portfolio: Portfolio) -> None:
    folder = folder_of(tmp_path)
    import_folder(portfolio, folder)
    (folder / "clients.csv").write_text(CLIENTS.replace("hourly", "retainer"))
    with pytest.raises(ImportRefused, match=r"'Acme'.*overwritten"):
        import_folder(portfolio, folder)
    assert portfolio.revision() == 1


def test_an_import_brings_an_open_invoice_up_to_date_but_changes_no_amount(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    folder = folder_of(tmp_path, invoices=INVOICES + GOOD_ROW)
    import_folder(portfolio, folder)
    (folder / "invoices.csv").write_text(INVOICES + GOOD_ROW.replace("10.00", "11.00"))
    with pytest.raises(ImportRefused, match="invoice '1'"):
        import_folder(portfolio, folder)
    (folder / "invoices.csv").write_text(INVOICES + GOOD_ROW.replace(",\n", ",2024-02-09\n"))
    assert import_folder(portfolio, folder).corrected == 1
    assert str(portfolio.records().invoices[0].paid_on) == "2024-02-09"
    (folder / "invoices.csv").write_text(INVOICES + GOOD_ROW.replace(",\n", ",2024-02-10\n"))
    with pytest.raises(ImportRefused, match="invoice '1'"):
        import_folder(portfolio, folder)


def test_what_has_not_happened_yet_is_a_fault_of_its_row_in_a_folder_too(tmp_path: Path, portfolio: Portfolio) -> None:
    paid = GOOD_ROW.replace(",1,", ",2,").replace("EUR,", "EUR,2030-01-01")
    folder = folder_of(tmp_path, invoices=INVOICES + GOOD_ROW + paid)
    with pytest.raises(ImportRefused, match=r"invoices\.csv, row 3, column paid_on: .* lies ahead of 2026-11-01"):
        import_folder(portfolio, folder, today=date(2026, 11, 1))
    assert portfolio.revision() == 0
