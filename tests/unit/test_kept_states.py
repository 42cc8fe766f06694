"""Beliefs kept from month to month only save time: what is damaged of them is left, and everything scored afresh."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from app.book.run import PARTS_FILE, plan
from app.book.scoring import Question
from app.book.source import write_book
from app.book.states import Carried, earlier_belief, keep_beliefs
from model.belief import KEPT_MONTHS, KEPT_NUMBERS, Belief
from model.records import Client, Records

DAY = date(2026, 10, 31)
QUESTION = Question(as_of=DAY, draws=3)


@pytest.fixture
def kept(tmp_path) -> Path:
    none = np.zeros((0, 0))
    beliefs = {
        firm: Carried(
            Belief(
                clients=("A", "B"), today=9, latent=none, shift=none, early=none, strain=none, mean=none, cov=none,
                months=(((1, "x"), (2, "y")), ()), after=np.full((3, 2, KEPT_MONTHS, KEPT_NUMBERS), number),
            ),
            "digest",
        )
        for firm, number in (("one", 0.5), ("two", 1.5))
    }  # fmt: skip
    keep_beliefs(str(tmp_path / "part.beliefs"), QUESTION, beliefs)
    return tmp_path / "part.beliefs"


def book(folder: Path, *firms: str) -> Path:
    client = Client(name="A", currency="EUR", since=date(2026, 1, 1), billing="retainer", fee_per_month=Decimal(100))
    write_book(folder, ((firm, Records(clients=(client,))) for firm in firms))
    return folder


def test_what_was_kept_is_carried_on(kept):
    found = earlier_belief(str(kept), QUESTION)
    assert list(found) == ["one", "two"] and found["two"].draws == "digest"
    assert (found["two"].belief.after == 1.5).all() and found["two"].belief.months[0] == ((1, "x"), (2, "y"))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: b"", id="empty"),
        pytest.param(lambda whole: b"nothing of ours\n", id="text"),
        pytest.param(lambda whole: b"\x00" * len(whole), id="zeroed"),
        pytest.param(lambda whole: b"PK\x03\x04" + whole, id="archive"),
        pytest.param(lambda whole: whole[:100], id="cut in the header"),
        pytest.param(lambda whole: whole[:400], id="cut in what is told"),
        pytest.param(lambda whole: whole[:-8], id="cut by one number"),
        pytest.param(lambda whole: whole + b"\x00" * 8, id="one number more"),
        pytest.param(lambda whole: whole[:-8] + b"\xff" * 8, id="no number"),
        pytest.param(lambda whole: whole.replace("firms".encode("utf-32-le"), "firmx".encode("utf-32-le")), id="key"),
    ],
)
def test_what_is_damaged_is_not_carried_on(kept, damage: Callable[[bytes], bytes]):
    kept.write_bytes(damage(kept.read_bytes()))
    assert earlier_belief(str(kept), QUESTION) == {}


def test_an_empty_book_is_no_plan_for_the_next_month(tmp_path):
    states = tmp_path / "states"
    nobody = plan(book(tmp_path / "none"), tmp_path / "out", QUESTION, before=states, after=states)
    some = plan(book(tmp_path / "some", "one", "two"), tmp_path / "out", QUESTION, before=states, after=states)
    assert nobody == [] and [part.last for part in some] == ["two"]


@pytest.mark.parametrize("held", ["", "{", "{}", "null", "[1, 2]", '["b", "a"]', '["a", "a"]', "[[]]", "\xff"])
def test_parts_that_are_no_list_of_firms_are_cut_afresh(tmp_path, held: str):
    states = tmp_path / "states"
    states.mkdir()
    (states / PARTS_FILE).write_bytes(held.encode("latin-1"))
    parts = plan(book(tmp_path / "book", "one", "two"), tmp_path / "out", QUESTION, before=states, after=states)
    assert [part.last for part in parts] == ["two"]
    assert json.loads((states / PARTS_FILE).read_text(encoding="utf-8")) == ["two"]
