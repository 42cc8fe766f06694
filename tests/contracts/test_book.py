"""A book of many firms: the same numbers as everywhere, whatever the parts, whoever does them, and however often."""

import json
import re
from collections import Counter
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from app.book.run import plan, run
from app.book.scoring import Question, forget_others
from app.book.source import Book, Faulty, write_book
from app.cli import app
from app.commands import booking
from app.imports.folder import read_folder
from app.opened import EXAMPLE_FOLDER
from app.workers import cluster
from model import catalogue
from model.belief import seed_of
from model.choice import Choice
from model.errors import ImportRefused, StoreError
from model.settings import Settings
from model.simulate import simulate, typical_population

DAY = date(2026, 10, 31)
QUESTION = Question(as_of=DAY, draws=32)


class Here:
    """A worker in this process; dies over the parts it is told to, the first `deaths` times."""

    at_once = 2

    def __init__(self, deaths: int = 0) -> None:
        self.deaths, self.worked = deaths, 0

    def submit(self, function, part):
        future: Future = Future()
        if self.deaths:
            self.deaths -= 1
            future.set_exception(BrokenProcessPool("a worker died"))
        else:
            self.worked += 1
            future.set_result(function(part))
        return future


@pytest.fixture(scope="module")
def firms():
    signs = catalogue.load()
    theta = typical_population(signs)
    return [
        (f"firm {n}", simulate(theta, signs, clients=3, months=5, until=DAY, rng=seed_of(f"firm {n}", 1)).records)
        for n in range(4)
    ]


@pytest.fixture(scope="module")
def book(firms, tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    write_book(folder, iter(firms))
    return folder


def scored(book: Path, target: Path, question: Question = QUESTION, **how) -> list[dict[str, object]]:
    for _ in run(plan(book, target, question, **how), Here()):
        pass
    return rows(target)


def rows(target: Path) -> list[dict[str, object]]:
    from pyarrow.parquet import read_table

    return [row for path in sorted(target.glob("*.parquet")) for row in read_table(path).to_pylist()]


def test_records_come_out_of_a_book_as_they_went_in(book, firms):
    assert dict(Book(book).records("", "z")) == dict(firms)
    records = read_folder(EXAMPLE_FOLDER)
    told = Choice(client=records.clients[0].name, on=DAY, action="keep", expected=Decimal("-1.5"), note="'=so")
    before = records.clients[0].terms_until(DAY)
    all_kinds = replace(records, choices=(told,), earlier_terms=(before,))
    write_book(book.parent / "example", iter([("one", all_kinds)]))
    assert dict(Book(book.parent / "example").records("one", "one"))["one"] == all_kinds


@pytest.mark.parametrize("told", [True, False], ids=["with statistics", "without"])
def test_rows_in_any_order_are_found_by_the_group_they_are_in(firms, tmp_path, told: bool):
    from pyarrow import compute
    from pyarrow.parquet import read_table, write_table

    write_book(tmp_path, iter(firms))
    for path in tmp_path.glob("*.parquet"):
        table = read_table(path)
        order = compute.sort_indices(compute.random(len(table), initializer=1))
        write_table(table.take(order), path, row_group_size=3, write_statistics=told)
    found = dict(Book(tmp_path).records("firm 1", "firm 2"))
    assert sorted(found) == ["firm 1", "firm 2"]
    for name, records in found.items():
        for kind in ("clients", "checkins", "sightings", "invoices", "hours", "events"):
            assert Counter(getattr(records, kind)) == Counter(getattr(dict(firms)[name], kind)), kind


def test_a_client_has_the_numbers_it_has_everywhere_else(tmp_path):
    write_book(tmp_path / "book", iter([("ours", read_folder(EXAMPLE_FOLDER))]))
    command = ["--as-of", str(DAY), "score", "--in", str(tmp_path / "book"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*command, "--draws", "350", "--waiting", "--workers", "1"])
    assert result.exit_code == 0, result.output
    told = {row["client"]: row for row in rows(tmp_path / "out")}
    decided = json.loads(CliRunner().invoke(app, ["--db", str(EXAMPLE_FOLDER), "--json", "decide"]).stdout)
    assert {one["client"] for one in decided} == set(told)
    for one in decided:
        row = told[one["client"]]
        assert row["verdict"] == one["verdict"] and row["evpi"] == one["evpi"]
        for action, figures in one["actions"].items():
            for name in ("mean", "p10", "p90", "p_best", "expected_loss"):
                assert row[f"{action}_{name}"] == figures[name]


def test_how_the_book_is_cut_changes_nothing(book, tmp_path):
    assert scored(book, tmp_path / "one") == scored(book, tmp_path / "many", part_clients=1)
    assert len(list((tmp_path / "many").iterdir())) == 4 and len(list((tmp_path / "one").iterdir())) == 1


def test_a_book_cut_another_way_into_the_same_place_holds_every_client_once(book, tmp_path):
    target = tmp_path / "twice"
    scored(book, target, replace(QUESTION, as_of=date(2026, 9, 30)), part_clients=1)
    (target / "part-00002.parquet.4711.part").write_bytes(b"begun")
    (target / "mine.parquet").write_bytes(b"of somebody else")
    asked = ["score", "--in", book, "--out", target, "--as-of", DAY, "--draws", 32, "--workers", 1]
    told = CliRunner().invoke(app, [str(word) for word in asked])
    assert told.exit_code == 0, told.output
    assert [path.name for path in sorted(target.iterdir())] == ["mine.parquet", "part-00000.parquet"]
    (target / "mine.parquet").unlink()
    assert rows(target) == scored(book, tmp_path / "once")


def test_what_is_done_is_not_done_again_and_comes_out_the_same_to_the_byte(book, tmp_path):
    parts = plan(book, tmp_path, QUESTION, part_clients=1)
    list(run(parts, Here()))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "part-00002.parquet").write_bytes(before["part-00002.parquet"][:100])
    again = Here()
    *_, last = run(parts, again)
    assert again.worked == 1 and (last.parts, last.kept) == (4, 3)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    # Another question, or a book that was written to, is another matter.
    assert len([1 for _ in run(plan(book, tmp_path, replace(QUESTION, seed=2), part_clients=1), Here())]) == 5


def test_the_command_says_how_fast_it_goes_and_how_long_it_takes(book, tmp_path, monkeypatch):
    monkeypatch.setattr("app.workers.processes", lambda count: nullcontext(Here()))
    command = ["score", "--in", str(book), "--out", str(tmp_path), "--as-of", str(DAY), "--draws", "32"]
    told = CliRunner().invoke(app, [*command, "--part-clients", "3"])
    assert told.exit_code == 0, told.output
    assert re.search(r"1 of 4 parts, \d clients, [\d,]+ a second, about \d+ seconds? left\.", told.output)


def test_how_long_the_workers_took_to_start_is_soon_left_out_of_what_is_said(book, tmp_path, monkeypatch):
    clock = iter([0.0, 0.0, 1000.0, 1002.0, 1004.0, 1006.0, 1006.0])
    monkeypatch.setattr(booking, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(booking, "RECENT_PARTS", 2)
    monkeypatch.setattr("app.workers.processes", lambda count: nullcontext(Here()))
    command = ["score", "--in", str(book), "--out", str(tmp_path), "--as-of", str(DAY), "--draws", "32"]
    told = CliRunner().invoke(app, [*command, "--part-clients", "3"])
    assert told.exit_code == 0, told.output
    assert "about 50 minutes left" in told.output and re.search(r"3 of 4 parts, .*about 2 seconds left", told.output)


def test_a_part_a_worker_dies_over_is_given_to_another_up_to_three_times(book, tmp_path):
    *_, last = run(plan(book, tmp_path, QUESTION, part_clients=1), Here(deaths=2))
    assert last.parts == 4
    with pytest.raises(StoreError, match="failed 3 times"):
        list(run(plan(book, tmp_path / "other", QUESTION), Here(deaths=3)))


def test_month_by_month_with_kept_beliefs_the_numbers_are_those_of_scoring_afresh(book, tmp_path):
    states = tmp_path / "states"
    for day in (date(2026, 8, 31), date(2026, 9, 30)):
        scored(book, tmp_path / str(day), replace(QUESTION, as_of=day), before=states, after=states, part_clients=5)
    carried = scored(book, tmp_path / "now", before=states, after=states)
    fresh = scored(book, tmp_path / "fresh")
    assert [row["client"] for row in carried] == [row["client"] for row in fresh]
    for one, other in zip(carried, fresh, strict=True):
        for name, value in one.items():
            assert value == pytest.approx(other[name], rel=1e-9) if isinstance(value, float) else value == other[name]


def test_a_firm_that_believes_otherwise_than_last_month_is_judged_afresh(firms, tmp_path):
    from model.settings import Belief

    states, book = tmp_path / "states", tmp_path / "book"
    write_book(book, iter(firms))
    scored(book, tmp_path / "before", replace(QUESTION, as_of=date(2026, 9, 30)), before=states, after=states)
    quick = Belief(name="invoice_shift", low=-1.5, high=-1.4)
    other = [(name, replace(r, settings=replace(r.settings, beliefs=(quick,)))) for name, r in firms]
    write_book(book, iter(other))
    carried, fresh = scored(book, tmp_path / "now", before=states, after=states), scored(book, tmp_path / "fresh")
    assert carried and carried == fresh


def test_a_firm_with_a_fault_is_left_out_and_named(firms, tmp_path):
    bad = firms[0][1]
    twice = replace(bad, invoices=(*bad.invoices, bad.invoices[0]))
    write_book(tmp_path / "book", iter([("bad", twice), ("good", firms[1][1])]))
    found = list(Book(tmp_path / "book").records("", "z"))
    assert isinstance(found[0], Faulty) and found[0].firm == "bad" and "2 times" in found[0].sentence
    *_, last = run(plan(tmp_path / "book", tmp_path / "out", QUESTION), Here())
    assert last.faulty == 1 and {row["firm"] for row in rows(tmp_path / "out")} == {"good"}


def test_cells_of_other_types_are_read_and_wrong_ones_named(tmp_path):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    clients = {"firm": ["f"], "name": ["A"], "currency": ["EUR"], "since": [date(2026, 1, 1)], "billing": ["retainer"]}
    write_table(pa.table(clients | {"fee_per_month": [900.5]}), tmp_path / "clients.parquet")
    ((_, records),) = Book(tmp_path).records("", "z")
    assert records.clients[0].fee_per_month == Decimal("900.5") and records.settings == Settings()
    write_table(pa.table(clients | {"fee_per_month": ["nine hundred"]}), tmp_path / "clients.parquet")
    (faulty,) = Book(tmp_path).records("", "z")
    assert isinstance(faulty, Faulty) and "fee_per_month" in faulty.sentence
    del clients["since"]
    write_table(pa.table(clients), tmp_path / "clients.parquet")
    with pytest.raises(ImportRefused, match="lacks the column 'since'"):
        Book(tmp_path)
    with pytest.raises(ImportRefused, match="no table of clients"):
        Book(tmp_path / "nowhere")


def test_a_scheduler_that_is_gone_is_a_sentence(book, tmp_path):
    class Gone:
        at_once = 2

        def submit(self, function, part):
            future: Future[object] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(StoreError, match=r"scheduler .* is gone; what is done stays done"):
        list(run(plan(book, tmp_path / "scores", QUESTION, part_clients=1), Gone()))


def test_a_cluster_gives_the_same_bytes(book, tmp_path):
    from distributed import LocalCluster

    list(run(plan(book, tmp_path / "here", QUESTION, part_clients=1), Here()))
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as local,
        cluster(local.scheduler_address) as workers,
    ):
        *_, last = run(plan(book, tmp_path / "there", QUESTION, part_clients=1), workers)
    assert last.parts == 4
    for path in (tmp_path / "here").iterdir():
        assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes()


def test_a_book_in_a_database_has_the_same_scores_and_is_resumed_part_by_part(book, firms, tmp_path, team):
    import psycopg

    url = team.format("anna")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA anna")
        for path in sorted(book.glob("*.parquet")):
            _copied(connection, path)
    assert Book(url).firms() == Book(book).firms()
    assert list(Book(url).records("firm 1", "firm 2")) == list(Book(book).records("firm 1", "firm 2"))
    for _ in run(plan(book, tmp_path / "out", QUESTION, part_clients=4), Here()):
        pass
    first = Here()
    list(run(plan(url, url, QUESTION, part_clients=4), first))
    again = Here()
    *_, last = run(plan(url, url, QUESTION, part_clients=4), again)
    assert first.worked == last.of
    assert again.worked == 0 and last.kept == last.of
    from pyarrow.dataset import dataset

    rows = dataset(tmp_path / "out", format="parquet").to_table().to_pylist()
    names = list(rows[0])
    with psycopg.connect(url) as connection:
        told = connection.execute(f"SELECT {', '.join(names)} FROM scores ORDER BY firm, client").fetchall()
        assert [dict(zip(names, row, strict=True)) for row in told] == sorted(
            rows, key=lambda row: (row["firm"], row["client"])
        )
        # A record more, and the parts are due again.
        connection.execute("UPDATE clients SET notice_days = 90 WHERE firm = 'firm 0'")
    changed = Here()
    list(run(plan(url, url, QUESTION, part_clients=4), changed))
    assert changed.worked == last.of
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM scores").fetchone() == (len(rows),)
    whole = plan(url, url, QUESTION)
    list(run(whole, Here()))
    forget_others(whole)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM scores").fetchone() == (len(rows),)
        assert connection.execute("SELECT part FROM score_parts").fetchall() == [("part-00000",)]


def _copied(connection, path):
    from pyarrow.parquet import read_table

    table = read_table(path)
    kinds = {
        "string": "text",
        "date32[day]": "date",
        "double": "double precision",
        "bool": "boolean",
        "int64": "bigint",
    }
    columns = ", ".join(f'"{field.name}" {kinds[str(field.type)]}' for field in table.schema)
    connection.execute(f'CREATE TABLE "{path.stem}" ({columns})')
    with connection.cursor() as cursor, cursor.copy(f'COPY "{path.stem}" FROM STDIN') as into:
        for row in table.to_pylist():
            into.write_row(list(row.values()))


def test_an_address_nobody_answers_at_is_a_sentence():
    with pytest.raises(StoreError, match="no scheduler answers"), cluster("tcp://127.0.0.1:9", timeout="1s"):
        pass


def test_the_draws_are_those_asked_for(book, tmp_path):
    few, many = (scored(book, tmp_path / str(n), replace(QUESTION, draws=n)) for n in (16, 64))
    assert not np.allclose([row["keep_mean"] for row in few], [row["keep_mean"] for row in many])
