"""What an import is told once it knows the next time: who is who, which column is what, what a currency is worth."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.exports.folder import export_folder
from app.imports.folder import read_folder
from app.imports.mapping import UnknownColumns
from app.imports.table import Preview, preview_table, store_preview
from app.pseudonyms import nameless
from app.store import Portfolio, open_portfolio
from app.store.writes import live
from model.errors import ImportRefused, InvalidSettings
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Sighting
from model.remembered import Alias
from model.settings import ExchangeRate, ExitLine, Settings

BILLS = "Customer,Invoice No,Invoice Date,Due Date,Amount,Currency\n"
ODD = "Wer,Beleg,Tag,Summe\nAcme,1,2024-01-31,10.00\n"
ODD_MAP = {
    "target": "invoices",
    "columns": {"client": "Wer", "number": "Beleg", "issued": "Tag", "amount": "Summe"},
    "constants": {"terms_days": "14"},
}


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    for name in ("Acme", "Harbour Lights Bakery"):
        portfolio.add(Client(name=name, currency="EUR", since=date(2020, 1, 1), billing="fixed"))
    return portfolio


def preview(tmp_path: Path, portfolio: Portfolio, text: str, **told: object) -> Preview:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return preview_table(path, portfolio, **told)  # type: ignore[arg-type]


def bill(client: str, number: int = 1, currency: str = "EUR") -> str:
    return f"{client},{number},2024-01-31,2024-02-29,10.00,{currency}\n"


@pytest.mark.parametrize(
    ("written", "like"),
    [
        ("ACME Inc.", "Acme"),
        ("acme", "Acme"),
        ("Harbor Lights Bakery", "Harbour Lights Bakery"),
        ("Bakery Harbour Lights, Ltd", "Harbour Lights Bakery"),
        ("Zebra Crossing", None),
    ],
)
def test_a_name_like_a_recorded_one_is_suggested_and_never_taken_for_it(
    tmp_path: Path, portfolio: Portfolio, written: str, like: str | None
) -> None:
    text = BILLS + bill(f'"{written}"')
    found = preview(tmp_path, portfolio, text, create_clients=True)
    (stranger,) = found.strangers
    assert (stranger.name, stranger.rows) == (written, 1)
    assert stranger.like[:1] == (() if like is None else (like,))
    assert [client.name for client in found.new_clients] == [written]
    assert preview(tmp_path, portfolio, text).faults


def test_who_is_who_is_said_once_and_remembered_and_taken_back_with_the_import(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    text = BILLS + bill("ACME Inc.")
    told = preview(tmp_path, portfolio, text, same={"ACME Inc.": "Acme"})
    assert not told.faults and not told.strangers
    store_preview(portfolio, told)
    assert [invoice.client for invoice in portfolio.records().invoices] == ["Acme"]
    again = preview(tmp_path, portfolio, text + bill("ACME Inc.", 2))
    assert (again.already_there, again.added, again.faults) == (1, 1, ())
    portfolio.undo()
    assert portfolio.records().invoices == () and portfolio.settings.aliases == ()
    assert preview(tmp_path, portfolio, text).faults


def test_what_was_said_of_a_client_who_is_gone_stands_in_nobodys_way(tmp_path: Path, portfolio: Portfolio) -> None:
    gone = Alias(written="Old Name", client="No Longer There")
    portfolio.save_settings(Settings(aliases=(gone,)))
    found = preview(tmp_path, portfolio, BILLS + bill("Acme") + bill("Old Name", 2))
    assert [stranger.name for stranger in found.strangers] == ["Old Name"]
    assert [record.client for record in found.records] == ["Acme"]  # type: ignore[union-attr]


def test_nobody_is_said_to_be_a_client_who_is_not_recorded(tmp_path: Path, portfolio: Portfolio) -> None:
    with pytest.raises(ImportRefused, match="no client called 'Nobody'"):
        preview(tmp_path, portfolio, BILLS + bill("X"), same={"X": "Nobody"})
    with pytest.raises(InvalidSettings, match="two entries for 'X'"):
        Settings(aliases=(Alias(written="X", client="Acme"), Alias(written="X", client="Other")))


def test_a_map_is_remembered_by_the_header_and_only_for_it(tmp_path: Path, portfolio: Portfolio) -> None:
    with pytest.raises(UnknownColumns) as unknown:
        preview(tmp_path, portfolio, ODD)
    assert unknown.value.header == ("Wer", "Beleg", "Tag", "Summe")
    store_preview(portfolio, preview(tmp_path, portfolio, ODD, mapping=ODD_MAP))
    later = preview(tmp_path, portfolio, ODD + "Acme,2,2024-02-28,20.00\n")
    assert (later.already_there, later.added) == (1, 1)
    assert later.records[1].due == date(2024, 3, 13)  # type: ignore[union-attr]
    assert "earlier table with this header" in later.notes[0]
    assert later.settings is None
    with pytest.raises(UnknownColumns):
        preview(tmp_path, portfolio, ODD.replace("Wer", "Whom"))


def test_a_currency_without_a_rate_is_asked_for_with_its_first_day_and_remembered(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    text = BILLS + bill("Acme", 1, "USD")
    asked = preview(tmp_path, portfolio, text)
    assert asked.faults and asked.unrated == {"USD": date(2024, 1, 31)}
    rate = ExchangeRate(currency="USD", on=date(2024, 1, 31), rate=Decimal("0.92"))
    told = preview(tmp_path, portfolio, text, rates=[rate])
    assert not told.faults and not told.unrated
    store_preview(portfolio, told)
    assert portfolio.settings.exchange_rates == (rate,)
    assert not preview(tmp_path, portfolio, BILLS + bill("Acme", 2, "USD")).faults


def test_a_pasted_list_of_clients_is_read_with_what_it_does_not_say(tmp_path: Path, portfolio: Portfolio) -> None:
    text = (
        "Name\tFee per month\tHours per month\tHourly rate\tSince\n"
        "Anchor\t1500\t30\t\t2024-05-17\nBy the hour\t\t\t95.50\t\nOnce\t\t\t\t\nAcme\t9\t\t\t\n"
    )
    found = preview(tmp_path, portfolio, text, today=date(2026, 11, 25))
    assert found.target == "clients" and found.already_there == 1  # Acme is recorded, and stays as recorded
    store_preview(portfolio, found)
    anchor, hourly, once = portfolio.records().clients[2:]
    assert (anchor.billing, anchor.fee_per_month, anchor.agreed_hours_per_month) == ("retainer", 1500, 30.0)
    assert (anchor.since, anchor.currency) == (date(2024, 5, 17), "EUR")
    assert (hourly.billing, hourly.rate_per_hour, hourly.since) == ("hourly", Decimal("95.50"), date(2026, 11, 1))
    assert once.billing == "fixed"
    assert portfolio.records().client("Acme").fee_per_month is None
    assert preview(tmp_path, portfolio, text).faults[0].column == "Since"  # nobody said which month it is
    with pytest.raises(UnknownColumns):
        preview(tmp_path, portfolio, "Name,Phone\nAnchor,1\n")


def test_an_export_without_names_holds_none_and_reads_back(tmp_path: Path, portfolio: Portfolio) -> None:
    portfolio.add(
        CheckIn(client="Acme", month=date(2024, 1, 1), energy=3, note="about Acme"),
        Event(client="Acme", on=date(2024, 1, 2), kind="note", note="Mr. Smith called"),
        Invoice(client="Acme", number="ACME-1", issued=date(2024, 1, 3), due=date(2024, 2, 3), amount=Decimal(7),
                currency="EUR"),
        Prospect(name="Globex", fee_per_month=Decimal(10), hours_per_month=3.0),
    )  # fmt: skip
    portfolio.save_settings(
        Settings(
            aliases=(Alias(written="ACME Inc.", client="Acme"),),
            exit_lines=(ExitLine(situation="ordinary", moment="say it", text="Dear Mr. Smith"),),
        )
    )
    portfolio.add(
        *[Client(name=name, currency="EUR", since=date(2020, 1, 1), billing="fixed") for name in ("EUR", "late", "a")],
        Sighting(client="late", on=date(2024, 1, 2), sign="late_payment"),
    )  # whose names stand inside what is no name
    records = nameless(portfolio.records())
    assert records.sightings[0].sign == "late_payment"
    export_folder(records, tmp_path / "out")
    for file in (tmp_path / "out").iterdir():
        content = file.read_bytes().lower()
        assert not any(word in content for word in (b"acme", b"harbour", b"globex", b"smith")), file
    assert read_folder(tmp_path / "out") == records
    assert [client.name for client in records.clients] == [f"Client {letter}" for letter in "ABCDE"]
    assert records.invoices[0].client == "Client A" and records.invoices[0].amount == 7


def test_years_of_hours_are_not_read_to_add_a_month_and_the_month_is_not_added_twice(
    tmp_path: Path, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    years = [Hours(client="Acme", on=date(2024, 1 + i % 12, 1 + i % 28), hours=1.5) for i in range(300)]
    portfolio.add(*years)
    month = "Client,Date,Hours\n" + "Acme,2025-02-03,1.5\nAcme,2025-02-03,1.5\nAcme,2025-02-04,2\n"
    read: list[Hours] = []

    def counting(connection: Connection, kind: type, days: tuple[date, date] | None = None) -> list[tuple[int, object]]:
        found = live(connection, kind, days)
        read.extend(record for _, record in found if isinstance(record, Hours))
        return found

    for module in ("app.store.writes", "app.store.merge"):
        monkeypatch.setattr(f"{module}.live", counting)
    stored = store_preview(portfolio, preview(tmp_path, portfolio, month))
    assert (stored.added, stored.already_there, read) == (3, 0, [])
    again = store_preview(portfolio, preview(tmp_path, portfolio, month))
    assert (again.added, again.already_there) == (0, 3)
    assert {record.on for record in read} == {date(2025, 2, 3), date(2025, 2, 4)}
