"""What the tools' own exports do that importers get wrong, one test each. Every row here is invented."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from app.imports.mapping import UnknownColumns
from app.imports.table import Preview, preview_table, store_preview
from app.store import Portfolio, open_portfolio
from model.errors import ImportRefused
from model.language import speak
from model.records import Client

EXAMPLES = Path(__file__).parents[1] / "fixtures" / "formats"


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    portfolio.add(Client(name="Acme", currency="EUR", since=date(2020, 1, 1), billing="fixed", payment_terms_days=30))
    return portfolio


def read(tmp_path: Path, portfolio: Portfolio, text: str, **told: object) -> Preview:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    preview = preview_table(path, portfolio, **told)  # type: ignore[arg-type]
    assert preview.faults == (), [str(fault) for fault in preview.faults]
    return preview


def example(name: str) -> str:
    return (EXAMPLES / f"{name}.csv").read_bytes().decode()


def hours(preview: Preview) -> list[float]:
    return [round(record.hours, 4) for record in preview.records]  # type: ignore[union-attr]


TOGGL = "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags"
ENTRY = "Me,m@x.test,Acme,Site,,Talk,Yes,2026-03-02,09:00:00,2026-03-02,10:30:00,01:30:00,a"


@pytest.mark.parametrize("amount", [None, "Amount ()", "Amount (USD)"])
@pytest.mark.parametrize("quoted", [False, True])
def test_toggl_with_any_amount_column_or_none_quoted_or_not(
    tmp_path: Path, portfolio: Portfolio, amount: str | None, quoted: bool
) -> None:
    rows = [TOGGL + (f",{amount}" if amount else ""), ENTRY + (",90.00" if amount else "")]
    if quoted:
        rows = [",".join(f'"{cell}"' for cell in row.split(",")) for row in rows]
    assert hours(read(tmp_path, portfolio, "\n".join(rows) + "\n")) == [1.5]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_time_span_is_read_the_same_in_every_language(tmp_path: Path, portfolio: Portfolio, language: str) -> None:
    text = (
        "Datum,Von,Bis,Dauer,Kunde,Tätigkeit,Abrechenbar\n2026-11-02,09:00,10:20,1.33,Acme,Dev,1\n"
        "2026-11-03,22:00,01:30,3.50,Acme,Dev,1\n"
    )
    speak(language)
    try:
        assert hours(read(tmp_path, portfolio, text)) == [1.3333, 3.5]
    finally:
        speak("en")


def test_a_client_may_be_called_total(tmp_path: Path, portfolio: Portfolio) -> None:
    rows = (
        "*ContactName,*InvoiceNumber,*InvoiceDate,*DueDate,Total,LineAmount,Status,Currency",
        "Acme,INV-1,2026-10-01,2026-10-31,500.00,500.00,AUTHORISED,EUR",
        "Total Design Ltd,INV-2,2026-10-02,2026-11-01,700.00,700.00,AUTHORISED,EUR",
        "Total,,,,1200.00,1200.00,,",
    )
    preview = read(tmp_path, portfolio, "\n".join(rows) + "\n", create_clients=True)
    assert [record.client for record in preview.records] == ["Acme", "Total Design Ltd"]  # type: ignore[union-attr]


def test_a_list_of_clients_changes_no_terms_and_says_whose_are_other_ones(tmp_path: Path, portfolio: Portfolio) -> None:
    text = "name,since,billing,fee_per_month\nAcme,2020-01-01,retainer,3000\nZeta,2026-01-01,retainer,500\n"
    preview = read(tmp_path, portfolio, text)
    assert [record.name for record in preview.records] == ["Zeta"]  # type: ignore[union-attr]
    assert (preview.already_there, preview.repeated) == (1, 0)
    assert any("Acme" in note and "bush edit client" in note for note in preview.notes)


def test_toggl_names_that_differ_in_case_are_two_names(tmp_path: Path, portfolio: Portfolio) -> None:
    text = f"{TOGGL}\n{ENTRY}\n{ENTRY.replace('Acme', 'acme')}\n"
    preview = read(tmp_path, portfolio, text, create_clients=True)
    assert [client.name for client in preview.new_clients] == ["acme"]
    assert preview.strangers[0].like == ("Acme",)


def test_a_duration_may_pass_a_day(tmp_path: Path, portfolio: Portfolio) -> None:
    text = "Client,Date,Hours\nAcme,2026-03-02,26:30:00\nAcme,2026-03-03,3:00\n"
    assert hours(read(tmp_path, portfolio, text)) == [26.5, 3.0]


def test_clockify_without_client_and_money_and_with_words_of_its_workspace(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    text = (
        '"Project","Description","Activity","User","Start Date","Start Time","End Date","End Time","Duration (h)",'
        '"Duration (decimal)"\n"Acme","Talk","","Me","2026-03-02","09:00","2026-03-02","10:15:00","1:15","1.25"\n'
    )
    preview = read(tmp_path, portfolio, text)
    assert hours(preview) == [1.25] and preview.records[0].client == "Acme"  # type: ignore[union-attr]


def test_harvest_thousands_with_points_and_its_currency_in_words(tmp_path: Path, portfolio: Portfolio) -> None:
    path = tmp_path / "export.csv"
    path.write_text(example("harvest").replace('"7,5"', '"1.200,5"').replace("Euro - EUR", "British Pound - GBP"))
    # Read as what it is, and then too much for one entry: never 1.2 hours.
    (fault,) = preview_table(path, portfolio).faults
    assert "1200.5 came" in fault.sentence
    text = example("harvest").replace("Euro - EUR", "British Pound - GBP")
    assert hours(read(tmp_path, portfolio, text)) == [7.5, 0.25]


def test_harvest_of_a_decade_ago_has_departments_and_no_money(tmp_path: Path, portfolio: Portfolio) -> None:
    text = (
        "Date,Client,Project,Task,Notes,Hours,Billable?,Invoiced?,First Name,Last Name,Department\n"
        "2026-03-02,Acme,Site,Talk,,1.5,Yes,No,Me,Self,Work\n"
    )
    assert hours(read(tmp_path, portfolio, text)) == [1.5]


def test_xero_overpayments_have_no_number_and_are_no_invoices(tmp_path: Path, portfolio: Portfolio) -> None:
    text = example("xero")
    head, first = text.splitlines()[:2]
    over = first.replace("INV-1", "").replace("Sales invoice", "Sales overpayment")
    preview = read(tmp_path, portfolio, f"{head}\n{first}\n{over}\n")
    assert [record.number for record in preview.records] == ["INV-1"]  # type: ignore[union-attr]


def test_the_template_xero_takes_in_has_stars_and_a_row_for_each_line(tmp_path: Path, portfolio: Portfolio) -> None:
    (bill,) = read(tmp_path, portfolio, example("xero_template")).records
    assert (bill.number, bill.amount, bill.issued) == ("T-1", 1000, date(2026, 3, 13))  # type: ignore[union-attr]


def test_quickbooks_calls_a_customer_customer_in_older_reports(tmp_path: Path, portfolio: Portfolio) -> None:
    text = (
        example("quickbooks_aging")
        .replace("Customer full name", "Customer")
        .replace("Transaction type", "Transaction Type")
    )
    (bill,) = read(tmp_path, portfolio, text).records
    assert (bill.client, bill.number) == ("Acme", "1001")  # type: ignore[union-attr]


def test_stripe_saved_again_by_a_spreadsheet_writes_days_first(tmp_path: Path, portfolio: Portfolio) -> None:
    text = example("stripe_invoices").replace("2026-01-05 23:10", "05/01/2026 23:10")
    text = text.replace("2026-02-04 23:10", "04/02/2026 23:10").replace("2026-02-20 08:00", "20/02/2026 08:00")
    head, first = text.splitlines()[:2]
    (bill,) = read(tmp_path, portfolio, f"{head}\n{first}\n").records
    assert (bill.issued, bill.paid_on) == (date(2026, 1, 5), date(2026, 2, 20))  # type: ignore[union-attr]
    assert bill.currency == "EUR"  # type: ignore[union-attr]


def test_ids_of_nineteen_digits_and_leading_zeros_stay_what_they_are(tmp_path: Path, portfolio: Portfolio) -> None:
    text = example("zoho").replace("INV-1", "1234567890123456789")
    assert read(tmp_path, portfolio, text).records[0].number == "1234567890123456789"  # type: ignore[union-attr]
    assert read(tmp_path, portfolio, example("freshbooks")).records[0].number == "0000001"  # type: ignore[union-attr]


def test_wave_has_a_column_whose_name_is_a_space(tmp_path: Path, portfolio: Portfolio) -> None:
    text = example("wave")
    assert ", ," in text.splitlines()[0]
    assert read(tmp_path, portfolio, text).records[0].amount == Decimal(100)  # type: ignore[union-attr]


def test_invoice_ninja_writes_money_with_its_sign(tmp_path: Path, portfolio: Portfolio) -> None:
    text = example("invoiceninja")
    assert "$" in text
    assert all(record.amount > 0 for record in read(tmp_path, portfolio, text).records)  # type: ignore[union-attr]


def test_akaunting_says_paid_and_not_when(tmp_path: Path, portfolio: Portfolio) -> None:
    preview = read(tmp_path, portfolio, example("akaunting"))
    (bill,) = preview.records
    assert (bill.number, bill.issued, bill.amount) == ("A-1", date(2026, 3, 13), 500)  # type: ignore[union-attr]
    assert any("a day the file does not tell (give the payments too): 1" in note for note in preview.notes)


def test_akaunting_in_a_workbook_has_dates_in_date_cells(tmp_path: Path, portfolio: Portfolio) -> None:
    head, first, *_ = example("akaunting").splitlines()
    with xlsxwriter.Workbook(tmp_path / "export.xlsx") as book:
        sheet, day = book.add_worksheet("invoices"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, head.split(","))
        sheet.write_row(1, 0, first.split(","))
        for column, on in ((3, date(2026, 3, 13)), (4, date(2026, 4, 12))):
            sheet.write_datetime(1, column, datetime(on.year, on.month, on.day), day)
        sheet.write_number(1, 5, 500.0)
        book.add_worksheet("invoice_transactions").write_row(0, 0, ["invoice_number", "paid_at", "amount"])
    preview = preview_table(tmp_path / "export.xlsx", portfolio)
    assert preview.faults == ()
    (bill,) = preview.records
    assert (bill.number, bill.issued, bill.due) == ("A-1", date(2026, 3, 13), date(2026, 4, 12))  # type: ignore[union-attr]


def test_odoo_leaves_the_cells_of_further_lines_empty_and_writes_refunds_below_zero(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    preview = read(tmp_path, portfolio, example("odoo"))
    (bill,) = preview.records
    # Untaxed, less the refund; the paid one says no day.
    assert (bill.number, bill.amount) == ("INV/2026/00001", Decimal(900))  # type: ignore[union-attr]
    notes = "; ".join(preview.notes)
    assert "credit notes taken off their invoices: 1" in notes and "further lines" in notes


def test_odoo_in_another_language_is_asked_about_once(tmp_path: Path, portfolio: Portfolio) -> None:
    text = "Nummer,Partner-Anzeigename,Rechnungsdatum,Fällig am,Gesamt\nR1,Acme,2026-03-13,2026-04-12,10.00\n"
    with pytest.raises(UnknownColumns, match="say which is which"):
        read(tmp_path, portfolio, text)
    told = {"client": "Partner-Anzeigename", "number": "Nummer", "issued": "Rechnungsdatum", "amount": "Gesamt"}
    mapping = {"target": "invoices", "columns": {**told, "due": "Fällig am"}}
    store_preview(portfolio, read(tmp_path, portfolio, text, mapping=mapping))
    (bill,) = read(tmp_path, portfolio, text.replace("R1", "R2")).records
    assert bill.number == "R2"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "day", ["Jan 28 2021", "January 28, 2021", "28 Jan 2021", "28-JAN-21", "28. Januar 2021", "28 jan. 2021"]
)
def test_invoicely_names_the_month(tmp_path: Path, portfolio: Portfolio, day: str) -> None:
    text = f'"Date","Due","Details","Client","Status","Total"\n"{day}","Feb 27 2021","7","Acme","Sent","1,020.00"\n'
    columns = {"client": "Client", "number": "Details", "issued": "Date", "due": "Due", "amount": "Total"}
    (bill,) = read(tmp_path, portfolio, text, mapping={"target": "invoices", "columns": columns}).records
    assert (bill.issued, bill.due) == (date(2021, 1, 28), date(2021, 2, 27))  # type: ignore[union-attr]
    assert bill.amount == Decimal(1020)  # type: ignore[union-attr]


@pytest.mark.parametrize("day", ["Feb 30 2021", "Foo 28 2021", "28 Foo 2021"])
def test_a_named_month_must_exist(tmp_path: Path, portfolio: Portfolio, day: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"Client,Number,Issued,Amount\nAcme,1,{day},10.00\n")
    (fault,) = preview_table(path, portfolio).faults
    assert fault.column == "Issued" and "a date" in fault.sentence


def test_hubspot_companies_become_clients_whatever_way_their_dates_are_written(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    for day, since in (("2024-03-12 09:14", date(2024, 3, 12)), ("3/15/2024 2:30 PM", date(2024, 3, 15))):
        text = f"Record ID,Company name,Website URL,Company owner,Create Date\n9001,Novel & Co,x.test,Me,{day}\n"
        (client,) = read(tmp_path, portfolio, text).records
        assert (client.name, client.since) == ("Novel & Co", since)  # type: ignore[union-attr]


def test_hubspot_deals_are_no_invoices(tmp_path: Path, portfolio: Portfolio) -> None:
    text = 'Record ID,Deal Name,Deal Stage,Amount,Deal owner,Associated Company IDs\n1,Site,Won,900,Me,"9002;9999"\n'
    with pytest.raises(UnknownColumns, match="not those of"):
        read(tmp_path, portfolio, text)


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        (
            "Deal - Title,Deal - Value,Organization - Name,Deal - Won time",
            "Site,900,Novel & Co,2024-03-12",
            "Novel & Co",
        ),
        ("Obchod - Název,Obchod - Hodnota,Organizace - Název,Čas", "Web,900,Žluťák,2024-03-12", "Žluťák"),
        ("Name,Given Name,E-mail 1 - Value,Date", "Novel,Me,a@x.test ::: b@x.test,2024-03-12", "Novel"),
    ],
)
def test_contacts_of_pipedrive_and_google_are_read_once_their_columns_are_said(
    tmp_path: Path, portfolio: Portfolio, header: str, row: str, name: str
) -> None:
    heads = header.split(",")
    place = row.split(",").index(name)
    columns = {"name": heads[place], "since": heads[-1]}
    preview = read(tmp_path, portfolio, f"{header}\n{row}\n", mapping={"target": "clients", "columns": columns})
    assert [client.name for client in preview.records] == [name]


def test_invoice_ninja_names_two_columns_alike_which_only_matters_where_one_is_needed(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    text = "Client,Phone,Phone,Since,Balance\nNovel & Co,1,2,2024-03-12,$-142.85\n"
    assert [client.name for client in read(tmp_path, portfolio, text).records] == ["Novel & Co"]
    with pytest.raises(ImportRefused, match="column Since: the header names this column twice"):
        read(tmp_path, portfolio, text.replace("Phone", "Since"))


def test_stripe_disputes_and_refunds(tmp_path: Path, portfolio: Portfolio) -> None:
    head, first, *_ = example("stripe_payments").splitlines()
    cells = first.replace('"0,25","0,00"', '"100,00","0,00"').removesuffix(",0,,")
    rows = [
        f"{cells},0,,",
        f"{cells.replace('ch_1', 'ch_2')},100,lost,fraudulent",
        f"{cells.replace('ch_1', 'ch_3')},100,won,general",
        f"{cells.replace('ch_1', 'ch_4').replace('0,00', '40,00', 2).replace('140,00', '100,00')},0,,",
    ]
    found = {b.number: b for b in read(tmp_path, portfolio, "\n".join([head, *rows]) + "\n").records}  # type: ignore[union-attr]
    assert [found[f"ch_{n}"].disputed for n in (1, 2, 3)] == [False, True, True]
    assert (found["ch_2"].written_off, found["ch_2"].paid_on) == (Decimal(100), None)
    assert found["ch_3"].paid_on == date(2026, 1, 5)


def test_invoice2go_and_others_with_a_byte_order_mark_lose_no_first_column(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("Client,Invoice No,Date,Amount\nAcme,7,2026-03-13,10.00\n".encode("utf-8-sig"))
    assert preview_table(path, portfolio).records[0].client == "Acme"  # type: ignore[union-attr]


def test_a_country_s_own_thousands_mark(tmp_path: Path, portfolio: Portfolio) -> None:
    text = "Client,Number,Issued,Amount\nAcme,1,2026-03-13,1'000'000.00\nAcme,2,2026-03-13,12'500.50\n"
    amounts = [bill.amount for bill in read(tmp_path, portfolio, text).records]  # type: ignore[union-attr]
    assert amounts == [Decimal(1_000_000), Decimal("12500.50")]
