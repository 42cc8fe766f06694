"""What the store promises: evidence stays, corrections supersede, the last write can be taken back."""

import sqlite3
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from subprocess import run

import pytest

from app.exports.folder import export_folder
from app.store import Portfolio, Record, open_portfolio
from app.store.schema import metadata
from model.choice import Choice
from model.errors import BushError, InvalidRecord, MissingRate, StoreError, UnknownClient, UnknownSign
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting
from model.settings import DealBreaker, ExchangeRate, Settings

ACME = Client(name="Acme", currency="EUR", since=date(2024, 1, 1), billing="hourly", rate_per_hour=Decimal("95.00"))
BILL = Invoice(
    client="Acme",
    number="007",
    issued=date(2024, 3, 1),
    due=date(2024, 3, 31),
    amount=Decimal("100.10"),
    currency="EUR",
)
SEEN = Sighting(client="Acme", on=date(2024, 3, 2), sign="late_payment", note="again")


@pytest.fixture
def portfolio(where: str) -> Portfolio:
    portfolio = open_portfolio(where)
    portfolio.add(ACME)
    return portfolio


def test_every_kind_of_record_comes_back_as_it_went_in(portfolio: Portfolio) -> None:
    new: tuple[Record, ...] = (
        CheckIn(client="Acme", month=date(2024, 2, 1), energy=2, note="tired"),
        SEEN,
        replace(BILL, written_off=Decimal("0.10"), disputed=True),
        Hours(client="Acme", on=date(2024, 2, 1), hours=0.1, billable=False, whole_month=True),
        Event(client="Acme", on=date(2024, 2, 3), kind="renegotiation", ask_price_pct=12.5, result="partly"),
        Choice(
            client="Acme", on=date(2024, 2, 4), action="keep", advised="drop", expected=Decimal("-12.50"), note="loyal"
        ),
        Search(opened_on=date(2024, 2, 1), cost=Decimal("1e-3")),
        Prospect(
            name="New", fee_per_month=Decimal(10), hours_per_month=3.0, early_signs=("late_payment", "disrespect")
        ),
    )
    stored = portfolio.add(*new)
    held = portfolio.records()
    kinds = (held.checkins, held.sightings, held.invoices, held.hours, held.events, held.choices, held.searches,
             held.prospects)  # fmt: skip
    assert tuple(record for kind in kinds for record in kind) == new
    assert held.clients == (ACME,)
    assert stored.added == 8
    assert stored.batch is not None
    assert abs(datetime.now(UTC) - stored.batch.created_at) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "![](http://x/p.png)", "'; DROP TABLE clients; --", "  ü\n"]
)
def test_a_hostile_name_is_kept_to_the_letter(name: str, portfolio: Portfolio) -> None:
    portfolio.add(replace(ACME, name=name), replace(BILL, client=name))
    assert portfolio.records().client(name).name == name
    portfolio.pay(name, "007", date(2024, 4, 1))
    assert portfolio.records().of(name).invoices[0].paid_on == date(2024, 4, 1)


REFUSED: dict[str, tuple[Record, type[BushError], str]] = {
    "a client of a known name": (replace(ACME, billing="fixed"), InvalidRecord, "'Acme'"),
    "a record of an unknown client": (replace(BILL, client="Nobody"), UnknownClient, "'Nobody'"),
    "an unknown sign": (replace(SEEN, sign="late_paymant"), UnknownSign, "late_payment"),
    "an unknown standing sign": (replace(ACME, name="B", standing_signs=("x",)), UnknownSign, "'x'"),
    "a monthly sign as a standing one": (
        replace(ACME, name="B", standing_signs=("disrespect",)),
        InvalidRecord,
        "standing",
    ),
    "a bill in a currency without a rate": (replace(BILL, number="8", currency="USD"), MissingRate, "USD"),
    "a client in a currency without a rate": (replace(ACME, name="B", currency="USD"), MissingRate, "USD"),
    "other content under a known number": (replace(BILL, amount=Decimal(1)), InvalidRecord, "'007'"),
}


@pytest.mark.parametrize(("record", "error", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused_with_everything_that_came_along(
    record: Record, error: type[BushError], told: str, portfolio: Portfolio
) -> None:
    portfolio.add(BILL)
    before = portfolio.records(), portfolio.revision()
    with pytest.raises(error, match=told):
        portfolio.add(SEEN, record)
    assert (portfolio.records(), portfolio.revision()) == before


def test_the_same_invoice_again_changes_nothing(portfolio: Portfolio) -> None:
    portfolio.add(BILL)
    assert portfolio.add(replace(BILL, amount=Decimal("100.1"))).batch is None
    assert portfolio.records().invoices == (BILL,)


def test_a_write_with_a_key_already_seen_does_nothing(portfolio: Portfolio) -> None:
    portfolio.add(SEEN, key="form-1")
    revision = portfolio.revision()
    assert portfolio.add(SEEN, key="form-1").batch is None
    assert (portfolio.revision(), len(portfolio.records().sightings)) == (revision, 1)
    portfolio.add(SEEN, key="form-2")
    assert len(portfolio.records().sightings) == 2


def test_a_payment_supersedes_the_open_invoice_and_undo_opens_it_again(portfolio: Portfolio) -> None:
    portfolio.add(BILL)
    portfolio.pay("Acme", "007", date(2024, 4, 9))
    assert portfolio.records().invoices == (replace(BILL, paid_on=date(2024, 4, 9)),)
    undone = portfolio.undo()
    assert undone is not None
    assert undone.sentence == "Taken back: invoice '007' of 'Acme' paid on 2024-04-09 (pay, 1 record)."
    assert portfolio.records().invoices == (BILL,)
    portfolio.pay("Acme", "007", date(2024, 4, 10))
    assert portfolio.records().invoices[0].paid_on == date(2024, 4, 10)


def test_a_payment_before_the_invoice_is_refused(portfolio: Portfolio) -> None:
    portfolio.add(BILL)
    with pytest.raises(InvalidRecord, match="paid_on"):
        portfolio.pay("Acme", "007", date(2024, 2, 1))
    with pytest.raises(InvalidRecord, match="'008'"):
        portfolio.pay("Acme", "008", date(2024, 4, 1))
    with pytest.raises(UnknownClient, match="'Nobody'"):
        portfolio.pay("Nobody", "007", date(2024, 4, 1))


def test_a_write_off_and_an_end_are_appended_too(portfolio: Portfolio) -> None:
    portfolio.add(BILL)
    portfolio.write_off("Acme", "007", on=date(2024, 6, 1))
    portfolio.end("Acme", date(2024, 6, 30), "me")
    held = portfolio.records()
    assert held.invoices == (replace(BILL, written_off=BILL.amount, written_off_on=date(2024, 6, 1)),)
    assert held.as_of(date(2024, 5, 31)).invoices == (BILL,)
    assert held.clients == (replace(ACME, ended_on=date(2024, 6, 30), ended_by="me"),)
    assert held.active(date(2024, 7, 1)) == ()


@pytest.mark.parametrize(
    "known",
    [
        replace(BILL, paid_on=date(2024, 4, 20)),
        replace(BILL, written_off=BILL.amount),
        replace(BILL, written_off=Decimal("0.04"), written_off_on=date(2024, 6, 1), paid_on=date(2024, 4, 20)),
        replace(BILL, disputed=True),
    ],
    ids=["paid", "given up", "paid in part", "disputed"],
)
def test_what_is_known_of_a_bill_stays_though_another_tool_lists_it_as_open(
    known: Invoice, portfolio: Portfolio
) -> None:
    portfolio.add(known)
    assert portfolio.take_in((BILL,)).already_there == 1
    assert portfolio.records().invoices == (known,)


def test_a_bill_that_was_given_up_may_be_paid_after_all(portfolio: Portfolio) -> None:
    portfolio.add(replace(BILL, written_off=BILL.amount, written_off_on=date(2024, 6, 1), disputed=True))
    paid = replace(BILL, paid_on=date(2024, 7, 1))
    assert portfolio.take_in((paid,)).corrected == 1
    assert portfolio.records().invoices == (replace(paid, disputed=True),)


def test_a_part_given_up_stays_given_up_once_the_rest_is_paid(portfolio: Portfolio) -> None:
    portfolio.add(replace(BILL, written_off=Decimal("0.04")))
    portfolio.take_in((replace(BILL, paid_on=date(2024, 7, 1)),))
    assert portfolio.records().invoices == (replace(BILL, written_off=Decimal("0.04"), paid_on=date(2024, 7, 1)),)
    with pytest.raises(InvalidRecord, match="other content"):
        portfolio.take_in((replace(BILL, paid_on=date(2024, 7, 2)),))


def test_an_import_without_the_day_of_a_write_off_takes_no_day_away(portfolio: Portfolio) -> None:
    lost = replace(BILL, written_off=BILL.amount, written_off_on=date(2024, 6, 1))
    portfolio.add(lost)
    undated = replace(lost, written_off_on=None)
    assert portfolio.take_in((undated,)).already_there == 1
    portfolio.take_in((replace(undated, disputed=True),))
    assert portfolio.records().invoices == (replace(lost, disputed=True),)
    with pytest.raises(InvalidRecord, match="recorded already"):
        portfolio.take_in((replace(lost, written_off_on=date(2024, 7, 1)),))
    portfolio.correct(replace(lost, disputed=True), undated)
    assert portfolio.take_in((lost,)).corrected == 1


def test_a_check_in_filled_in_again_replaces_the_first(portfolio: Portfolio) -> None:
    first = CheckIn(client="Acme", month=date(2024, 2, 1), energy=2)
    portfolio.add(first)
    portfolio.add(replace(first, energy=4))
    assert portfolio.records().checkins == (replace(first, energy=4),)
    portfolio.undo()
    assert portfolio.records().checkins == (first,)


def test_a_record_can_be_corrected_or_withdrawn_by_appending(portfolio: Portfolio) -> None:
    portfolio.add(SEEN)
    better = replace(SEEN, sign="disrespect")
    portfolio.correct(SEEN, better)
    assert portfolio.records().sightings == (better,)
    portfolio.correct(better, None)
    assert portfolio.records().sightings == ()
    portfolio.undo()
    assert portfolio.records().sightings == (better,)
    with pytest.raises(InvalidRecord, match="not recorded like this"):
        portfolio.correct(SEEN, better)
    with pytest.raises(InvalidRecord, match="has records"):
        portfolio.correct(ACME, None)
    with pytest.raises(InvalidRecord, match="not turned into"):
        portfolio.correct(ACME, replace(ACME, name="Renamed"))


def test_new_terms_keep_the_ones_before_with_their_last_day(portfolio: Portfolio) -> None:
    cheaper = replace(ACME, fee_per_month=Decimal(900), agreed_hours_per_month=12.0, notice_days=14)
    portfolio.agree(ACME, cheaper, date(2024, 5, 1))
    before = ACME.terms_until(date(2024, 4, 30))
    assert portfolio.records().clients == (cheaper,) and portfolio.records().earlier_terms == (before,)
    # What is changed on the day it began never held, and a notice has no past.
    on_the_day = replace(cheaper, fee_per_month=Decimal(950))
    portfolio.agree(cheaper, on_the_day, date(2024, 5, 1))
    portfolio.agree(on_the_day, replace(on_the_day, notice_days=60), date(2024, 6, 1))
    assert portfolio.history(1)[0].summary == "changed the terms of client 'Acme'"
    assert portfolio.records().earlier_terms == (before,)
    now = portfolio.records().client("Acme")
    with pytest.raises(InvalidRecord, match="held until 2024-04-30; give a later day"):
        portfolio.agree(now, replace(now, fee_per_month=Decimal(1)), date(2024, 4, 1))
    with pytest.raises(InvalidRecord, match="began on 2024-01-01: give a later"):
        portfolio.agree(now, replace(now, fee_per_month=Decimal(1)), ACME.since)
    with pytest.raises(InvalidRecord, match="not turned into"):
        portfolio.agree(now, replace(now, name="Renamed"), date(2024, 7, 1))
    for _ in range(3):
        portfolio.undo()
    assert portfolio.records().clients == (ACME,) and portfolio.records().earlier_terms == ()


def test_a_currency_does_not_change_from_a_day_on(portfolio: Portfolio) -> None:
    portfolio.save_settings(
        Settings(exchange_rates=(ExchangeRate(currency="CHF", on=date(2023, 12, 1), rate=Decimal("1.05")),))
    )
    francs = replace(ACME, currency="CHF", rate_per_hour=Decimal(100))
    with pytest.raises(InvalidRecord, match="before would be in CHF too"):
        portfolio.agree(ACME, francs, date(2024, 5, 1))
    portfolio.correct(ACME, francs)
    assert portfolio.records().clients == (francs,) and portfolio.records().earlier_terms == ()


def test_what_was_put_right_or_taken_out_does_not_come_back_with_the_next_import(portfolio: Portfolio) -> None:
    five, four = (Hours(client="Acme", on=date(2024, 3, day), hours=hours) for day, hours in ((4, 5.0), (5, 4.0)))
    file = (five, five, four, SEEN, BILL)
    portfolio.take_in(file)
    portfolio.correct(five, replace(five, hours=3.0))
    portfolio.correct(SEEN, None)
    portfolio.correct(BILL, None)
    again = portfolio.take_in(file)
    assert (again.added, again.corrected, again.already_there) == (0, 0, 5)
    assert portfolio.take_in((replace(BILL, paid_on=date(2024, 4, 2)),)).added == 0
    held = portfolio.records()
    assert sorted(h.hours for h in held.hours) == [3.0, 4.0, 5.0] and not held.sightings and not held.invoices
    # What there is more of than there ever was is new, and what is entered by hand always is.
    assert portfolio.take_in((five, five, five)).added == 1
    assert portfolio.add(BILL).added == 1


def test_what_was_taken_back_whole_comes_in_again(portfolio: Portfolio) -> None:
    portfolio.take_in((SEEN, BILL))
    portfolio.undo()
    assert portfolio.take_in((SEEN, BILL)).added == 2
    portfolio.correct(SEEN, None)
    portfolio.undo()
    assert portfolio.take_in((SEEN, BILL)).already_there == 2


def test_earlier_terms_are_dated_anew_taken_out_and_kept_apart(portfolio: Portfolio) -> None:
    first, second = ACME.terms_until(date(2024, 3, 31)), ACME.terms_until(date(2024, 6, 30))
    portfolio.add(first, second)
    with pytest.raises(InvalidRecord, match="recorded already"):
        portfolio.correct(first, replace(first, until=second.until))
    with pytest.raises(InvalidRecord, match="held until 2024-06-30"):
        portfolio.correct(first, replace(first, until=date(2024, 7, 31)))
    with pytest.raises(InvalidRecord, match="began on"):
        portfolio.correct(first, replace(first, until=ACME.since - timedelta(days=1)))
    portfolio.correct(first, replace(first, until=date(2024, 4, 30)))
    assert {terms.until for terms in portfolio.records().earlier_terms} == {date(2024, 4, 30), second.until}
    portfolio.correct(second, None)
    assert [terms.until for terms in portfolio.records().earlier_terms] == [date(2024, 4, 30)]
    with pytest.raises(InvalidRecord, match="has records"):
        portfolio.correct(ACME, None)


def test_undo_takes_back_one_write_at_a_time_down_to_nothing(portfolio: Portfolio) -> None:
    portfolio.add(SEEN, BILL, kind="import", summary="a file")
    portfolio.add(Hours(client="Acme", on=date(2024, 3, 3), hours=2.0))
    taken_back = [undone.batch.records for _ in range(3) if (undone := portfolio.undo())]
    assert taken_back == [1, 2, 1]
    assert portfolio.undo() is None
    assert portfolio.records().clients == ()
    assert [batch.kind for batch in portfolio.history()] == ["undo"] * 3 + ["add", "import", "add"]
    assert [batch.undone for batch in portfolio.history()] == [False] * 3 + [True] * 3


def test_the_revision_grows_with_every_write_and_only_then(portfolio: Portfolio) -> None:
    seen = [portfolio.revision()]
    for write in (lambda: portfolio.add(BILL), lambda: portfolio.pay("Acme", "007", date(2024, 4, 1)), portfolio.undo):
        write()
        seen.append(portfolio.revision())
    assert seen == sorted(set(seen))
    portfolio.records()
    assert portfolio.revision() == seen[-1]


def test_what_was_known_on_a_day(portfolio: Portfolio) -> None:
    portfolio.add(BILL, SEEN)
    portfolio.pay("Acme", "007", date(2024, 4, 9))
    assert portfolio.records(as_of=date(2024, 3, 1)).invoices == (BILL,)
    assert portfolio.records(as_of=date(2024, 3, 1)).sightings == ()
    assert portfolio.records(as_of=date(2024, 4, 9)).invoices[0].paid_on == date(2024, 4, 9)
    assert portfolio.records(as_of=date(2023, 12, 31)).clients == ()


def test_settings_are_saved_and_taken_back(portfolio: Portfolio) -> None:
    rate = ExchangeRate(currency="USD", on=date(2024, 1, 1), rate=Decimal("0.9"))
    portfolio.save_settings(Settings(horizon_months=12, exchange_rates=(rate,)))
    portfolio.add(replace(BILL, currency="USD"))
    with pytest.raises(MissingRate):
        portfolio.save_settings(Settings())
    with pytest.raises(UnknownSign):
        portfolio.save_settings(Settings(exchange_rates=(rate,), deal_breakers=(DealBreaker(sign="rude"),)))
    assert portfolio.records().settings.horizon_months == 12
    portfolio.undo()
    portfolio.undo()
    assert portfolio.settings == Settings()


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_no_row_of_any_table_can_be_changed_or_deleted(table: str, tmp_path: Path) -> None:
    path = tmp_path / "portfolio.db"
    portfolio = open_portfolio(path)
    portfolio.save_settings(Settings(horizon_months=6))
    portfolio.add(
        ACME, BILL, SEEN,
        CheckIn(client="Acme", month=date(2024, 2, 1)),
        Hours(client="Acme", on=date(2024, 2, 1), hours=1.0),
        Event(client="Acme", on=date(2024, 2, 3), kind="note"),
        Choice(client="Acme", on=date(2024, 2, 3), action="keep"),
        ACME.terms_until(date(2024, 1, 31)),
        Search(opened_on=date(2024, 2, 1)),
        Prospect(name="New", fee_per_month=Decimal(10), hours_per_month=3.0),
    )  # fmt: skip
    portfolio.correct(SEEN, None)
    portfolio.keep_review("{}", as_of=date(2024, 3, 1), first_day=date(2024, 2, 1), fingerprint="x")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] > 0
        for statement in (f'DELETE FROM "{table}"', f'UPDATE "{table}" SET id = id + 1000'):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_a_folder_can_be_opened_to_read_and_refuses_writes(tmp_path: Path, portfolio: Portfolio) -> None:
    portfolio.add(BILL)
    export_folder(portfolio.records(), tmp_path / "folder")
    folder = open_portfolio(tmp_path / "folder")
    assert folder.records() == portfolio.records()
    assert folder.records(as_of=date(2024, 2, 1)).invoices == ()
    for write in (lambda: folder.add(SEEN), folder.undo, lambda: folder.save_settings(Settings())):
        with pytest.raises(StoreError, match="only read here"):
            write()
    revision = folder.revision()
    export_folder(replace(portfolio.records(), invoices=()), tmp_path / "folder", overwrite=True)
    assert open_portfolio(tmp_path / "folder").revision() != revision


def test_writers_at_the_same_time_wait_for_each_other(where: str, portfolio: Portfolio) -> None:
    def write(writer: int) -> None:
        own = open_portfolio(where)
        for number in range(10):
            own.add(replace(BILL, number=f"{writer}-{number}"))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(portfolio.records().invoices) == 40
    assert portfolio.revision() == 41


def test_opening_the_store_loads_neither_pandas_nor_alembic(where: str, portfolio: Portfolio) -> None:
    code = (
        "import sys, app.store\n"
        "app.store.open_portfolio(sys.argv[1]).records()\n"
        "print([name for name in ('pandas', 'alembic', 'pymc', 'matplotlib') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = run([sys.executable, "-c", code, where], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
