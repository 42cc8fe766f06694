"""What is typed in must be plausible; what older files hold stays as it is."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.exports.folder import export_folder
from app.imports.folder import import_folder, read_folder
from app.imports.table import preview_table
from app.store import open_portfolio
from app.store.portfolio import Portfolio
from model.errors import InvalidRecord
from model.records import Client, Hours, Invoice

DAY = date(2026, 9, 3)
ACME = Client(name="Acme", currency="EUR", since=date(2026, 1, 1), billing="hourly")


def worked(hours: float, *, on: date = DAY, month: bool = False) -> Hours:
    return Hours(client="Acme", on=on, hours=hours, whole_month=month)


def billed(amount: int) -> Invoice:
    return Invoice(client="Acme", number="7", issued=DAY, due=DAY, amount=Decimal(amount), currency="EUR")


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    made = open_portfolio(tmp_path / "p.db")
    made.add(ACME)
    return made


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (worked(744.0), "a day has 24 hours; 744 came. Hours of a whole month are entered as such"),
        (worked(0.0), "say how many hours were worked, or leave the entry out"),
        (worked(0.0, on=date(2026, 9, 1), month=True), "say how many hours were worked, or leave the entry out"),
        (billed(0), "an invoice over nothing says nothing of how they pay; give its amount, or leave it out"),
    ],
)
def test_what_cannot_have_been_is_refused_with_what_to_do(
    portfolio: Portfolio, record: Hours | Invoice, sentence: str
) -> None:
    with pytest.raises(InvalidRecord, match=sentence):
        portfolio.add(record)
    assert portfolio.records().hours == portfolio.records().invoices == ()


def test_a_long_day_and_a_whole_month_are_taken(portfolio: Portfolio) -> None:
    portfolio.add(worked(24.0), worked(300.0, on=date(2026, 9, 1), month=True), billed(1))
    assert len(portfolio.records().hours) == 2


def test_nothing_plausible_is_corrected_into_what_is_not(portfolio: Portfolio) -> None:
    portfolio.add(worked(4.0))
    with pytest.raises(InvalidRecord, match="a day has 24 hours"):
        portfolio.correct(worked(4.0), worked(40.0))


def test_what_older_records_hold_still_opens_is_paid_and_comes_back_from_its_own_folder(
    portfolio: Portfolio, tmp_path: Path
) -> None:
    portfolio.take_in((billed(0), worked(40.0)))
    portfolio.pay("Acme", "7", date(2026, 9, 20))
    export_folder(portfolio.records(), tmp_path / "out")
    assert read_folder(tmp_path / "out").hours == (worked(40.0),)
    again = open_portfolio(tmp_path / "again.db")
    import_folder(again, tmp_path / "out")
    assert again.records().invoices[0].paid_on == date(2026, 9, 20)


def test_rows_over_nothing_in_a_table_are_left_out_and_a_row_may_sum_up_a_week(
    portfolio: Portfolio, tmp_path: Path
) -> None:
    table = tmp_path / "hours.csv"
    table.write_text("client,date,hours\nAcme,2026-09-03,0\nAcme,2026-09-04,5\n", encoding="utf-8")
    found = preview_table(table, portfolio)
    assert [record.hours for record in found.records] == [5.0] and found.blank_rows == 1 and not found.faults
    table.write_text("client,date,hours\nAcme,2026-09-03,40\n", encoding="utf-8")
    assert [record.hours for record in preview_table(table, portfolio).records] == [40.0]
