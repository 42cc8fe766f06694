"""What the tools' own exports do that importers get wrong, one test each. Every row here is invented."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.imports.table import Preview, preview_table
from app.store import Portfolio, open_portfolio
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
