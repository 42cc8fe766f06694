"""A book with faults in it: what cannot be read is named, and the rest is scored as ever."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.book.scoring import Question
from app.book.source import Book, Faulty, write_book
from app.cli import app
from model import catalogue
from model.belief import seed_of
from model.errors import ImportRefused
from model.records import Records, Search
from model.simulate import simulate, typical_population

DAY = date(2026, 10, 31)


class Here:
    """A worker in this process."""

    at_once = 1

    def submit(self, function, part):
        future: Future = Future()
        future.set_result(function(part))
        return future


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    signs, folder = catalogue.load(), tmp_path_factory.mktemp("whole")
    theta, told = typical_population(signs), Search(opened_on=date(2026, 8, 1))
    firms = [
        (name, simulate(theta, signs, clients=1, months=4, until=DAY, rng=seed_of(name, 1)).records)
        for name in ("first", "other")
    ]
    write_book(folder, ((name, replace(records, searches=(told,))) for name, records in firms))
    return folder


@pytest.fixture
def book(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "book"))


def rewritten(book: Path, table: str, column: str, change: Callable[[list[Any]], list[Any]], kind: Any = None) -> None:
    """The table with other values in a column, or values of another type."""
    import pyarrow as pa
    from pyarrow.parquet import read_table, write_table

    held = read_table(book / f"{table}.parquet")
    place = held.schema.get_field_index(column)
    values = pa.array(change(held[column].to_pylist()), type=kind or held.schema.field(column).type)
    write_table(held.set_column(place, column, values), book / f"{table}.parquet")


def first_is(value: Any) -> Callable[[list[Any]], list[Any]]:
    return lambda values: [value, *values[1:]]


def last_is(value: Any) -> Callable[[list[Any]], list[Any]]:
    return lambda values: [*values[:-1], value]


def unjudged(firm: str, records: Records, question: Question, before: object) -> tuple[list[dict[str, Any]], None]:
    return [{"firm": firm, "client": client.name} for client in records.clients], None


def told(book: Path, out: Path, *more: object) -> Result:
    """What the command says of a book, with the work done in this process and nothing judged."""
    words = ("--as-of", DAY, "score", "--in", book, "--out", out, "--draws", 16, *more)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.workers.processes", lambda count: nullcontext(Here()))
        patched.setattr("app.book.scoring._scored", unjudged)
        return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("clients", "name"), ("clients", "currency"), ("clients", "since"), ("clients", "billing"),
        ("invoices", "number"), ("invoices", "issued"), ("invoices", "currency"), ("invoices", "amount"),
        ("checkins", "month"), ("signs", "sign"), ("hours", "hours"), ("hours", "date"), ("searches", "opened_on"),
    ],
)  # fmt: skip
def test_a_firm_with_nothing_where_something_must_be_is_left_out_and_named(book, table: str, column: str):
    rewritten(book, table, column, first_is(None))
    bad, good = Book(book).records("", "z")
    assert bad == Faulty(firm="first", sentence=f"{table}: the column {column} is empty")
    assert not isinstance(good, Faulty) and good[0] == "other"


def test_an_empty_text_where_a_day_must_be_is_nothing_too(book):
    import pyarrow as pa

    rewritten(book, "invoices", "issued", lambda days: ["", *map(str, days[1:])], pa.string())
    bad, good = Book(book).records("", "z")
    assert bad == Faulty(firm="first", sentence="invoices: the column issued is empty")
    assert not isinstance(good, Faulty)


def test_rows_of_no_firm_or_one_after_the_last_are_counted_and_named(book):
    assert Book(book).strays() == []
    rewritten(book, "invoices", "firm", first_is(None))
    rewritten(book, "hours", "firm", last_is("zzz"))
    told = [stray.sentence for stray in Book(book).strays()]
    assert told == ["invoices: 1 row is of no firm with a client", "hours: 1 row is of no firm with a client"]


def test_what_is_left_out_is_said_and_the_others_are_scored(book, tmp_path):
    rewritten(book, "clients", "name", first_is(None))
    rewritten(book, "invoices", "firm", last_is(None))
    said = told(book, tmp_path / "out")
    assert said.exit_code == 0, said.output
    assert "1 clients scored" in said.output
    assert "Left out: firm 'first': clients: the column name is empty\n" in said.output
    assert "Left out: invoices: 1 row is of no firm with a client\n" in said.output
    faulty = json.loads(told(book, tmp_path / "out", "--json").stdout)["faulty"]
    assert [fault["firm"] for fault in faulty] == ["first", ""]


@pytest.mark.parametrize("kind", ["text", "folder"])
def test_what_is_no_fit_is_refused_before_any_firm_is_read(book, tmp_path, kind: str):
    fit = tmp_path / "fit.npz"
    if kind == "folder":
        fit.mkdir()
    else:
        fit.write_text("nothing of ours")
    said = told(book, tmp_path / "out", "--fit", fit)
    assert said.exit_code == 1 and isinstance(said.exception, SystemExit)
    assert "fit.npz cannot be read as fitted draws" in said.output
    assert not (tmp_path / "out").exists()


def test_a_book_of_which_no_firm_could_be_read_ends_in_failure(book, tmp_path):
    rewritten(book, "clients", "name", lambda names: [None for _ in names])
    for more in ((), ("--json",)):
        said = told(book, tmp_path / "out", *more)
        assert said.exit_code == 1 and isinstance(said.exception, SystemExit)
        assert "the column name is empty" in said.output


def test_scores_kept_inside_the_folder_of_the_book_are_not_made_again(book):
    told(book, book / "scores")
    said = told(book, book / "scores", "--json")
    assert json.loads(said.stdout)["done_before"] == 1
    (book / "settings.toml").write_text('currency = "EUR"')
    assert json.loads(told(book, book / "scores", "--json").stdout)["done_before"] == 0


@pytest.mark.parametrize("content", [b"", b"PAR1junkPAR1", None], ids=["empty", "junk", "cut"])
def test_a_table_that_is_no_parquet_is_a_sentence(book, content: bytes | None):
    path = book / "clients.parquet"
    path.write_bytes(path.read_bytes()[:2000] if content is None else content)
    with pytest.raises(ImportRefused, match=r"clients\.parquet cannot be read as Parquet"):
        Book(book)


def test_a_table_damaged_in_its_middle_is_a_sentence(book):
    path = book / "invoices.parquet"
    held = path.read_bytes()
    path.write_bytes(held[:4] + b"\xff" * 600 + held[604:])
    with pytest.raises(ImportRefused, match="the table invoices cannot be read"):
        list(Book(book).records("", "z"))


def test_firms_that_are_numbers_are_refused(book):
    import pyarrow as pa

    rewritten(book, "hours", "firm", lambda firms: list(range(len(firms))), pa.int64())
    with pytest.raises(ImportRefused, match="the table hours: the column firm must hold texts; int64 came"):
        Book(book)


def test_settings_of_firms_without_the_settings_are_refused(book):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.table({"firm": ["first"]}), book / "firms.parquet")
    with pytest.raises(ImportRefused, match="the table firms lacks the column 'settings'"):
        Book(book)


def test_settings_that_are_no_text_are_refused(book):
    (book / "settings.toml").write_bytes(b"# \xff")
    with pytest.raises(ImportRefused, match=r"settings\.toml cannot be read as text in UTF-8"):
        Book(book)


def test_a_place_for_scores_that_is_a_file_is_refused(book, tmp_path):
    (tmp_path / "out").write_text("")
    said = told(book, tmp_path / "out")
    assert said.exit_code == 1 and isinstance(said.exception, SystemExit)
    assert "out cannot be written" in said.output


def test_whole_numbers_stored_with_a_point_are_read_and_others_named(book):
    import pyarrow as pa

    before = list(Book(book).records("", "z"))
    rewritten(
        book,
        "clients",
        "payment_terms_days",
        lambda days: [None if d is None else float(d) for d in days],
        pa.float64(),
    )
    assert list(Book(book).records("", "z")) == before
    rewritten(book, "clients", "payment_terms_days", first_is(30.5))
    bad, _ = Book(book).records("", "z")
    assert isinstance(bad, Faulty) and "payment_terms_days: a whole number was expected; 30.5 came" in bad.sentence
