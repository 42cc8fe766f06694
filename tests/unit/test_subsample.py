"""A subsample of a book: in proportion, the same for the same seed, disjoint, and read a firm at a time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.book.source import Book, Faulty, write_book
from app.book.subsample import FIRMS_AT_LEAST, Subsample, drawn_firms, shares, subsample
from model import catalogue as signs
from model.belief import seed_of
from model.errors import FitError
from model.profile import ordinary_profiles
from model.records import Records
from model.simulate import simulate, typical_population

CATALOGUE = signs.load()
DAY = date(2026, 10, 31)


def firm(name: str, clients: int) -> Records:
    """Clients of all kinds: long and short on record, with and without invoices, hours and check-ins."""
    rng = seed_of(name, 1)
    profiles = [
        replace(p, months=int(rng.integers(1, 25)), invoices=rng.random() < 0.8, checkin_odds=0.9 * (i % 4 > 0))
        for i, p in enumerate(ordinary_profiles(clients, months=24, until=DAY, rng=rng))
    ]
    theta = typical_population(CATALOGUE)
    return simulate(theta, CATALOGUE, clients=profiles, months=24, until=DAY, rng=rng).records


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    write_book(folder, ((f"firm {f:02d}", firm(f"firm {f:02d}", 4 + f)) for f in range(16)))
    return folder


def members(drawn: Subsample, group: str) -> set[tuple[str, str]]:
    firms = getattr(drawn, group)
    return {(name, client) for name, part in zip(firms.names, firms.parts, strict=True) for client in part.clients}


def taken(place: Path, clients: int = 40, seed: int = 1) -> Subsample:
    return subsample(Book(place), CATALOGUE, as_of=DAY, clients=clients, seed=seed)


def test_no_client_is_in_both_subsamples_and_the_half_lies_in_the_whole(place):
    drawn = taken(place)
    half, whole, held_out = (members(drawn, group) for group in ("half", "whole", "held_out"))
    assert (len(half), len(whole), len(held_out)) == (20, 40, 40)
    assert not whole & held_out and half < whole
    assert drawn.whole.n_clients == 40 and drawn.whole.first_client[-1] == 40


def test_the_same_seed_draws_the_same_and_another_seed_others(place):
    assert members(taken(place), "whole") == members(taken(place), "whole")
    assert members(taken(place), "whole") != members(taken(place, seed=2), "whole")


def test_the_order_of_rows_changes_nothing(place, tmp_path):
    firms = [(name, found) for name, found in Book(place).records("", "z")]
    turned = ((name, replace(found, clients=found.clients[::-1], hours=found.hours[::-1])) for name, found in firms)
    write_book(tmp_path / "turned", turned)
    assert members(taken(tmp_path / "turned"), "held_out") == members(taken(place), "held_out")


def test_kinds_and_firms_have_their_share(place):
    drawn = taken(place)
    there = sum(count for count, _ in drawn.chances.values())
    both = Counter[str](firm for group in ("whole", "held_out") for firm, _ in members(drawn, group))
    for count, fitted in drawn.chances.values():
        # Half of what is taken is fitted; the rare kinds have two at least, dealt to either side.
        assert abs(fitted - 40 * count / there) <= 2.5
    assert sum(fitted for _, fitted in drawn.chances.values()) == 40
    assert max(both.values()) - min(both.values()) <= 4
    for name, count in Counter(firm for firm, _ in members(drawn, "whole")).items():
        assert abs(count - both[name] / 2) <= 1


def test_shares_are_in_proportion_with_some_of_what_is_rare():
    assert shares({"a": 60, "b": 30, "c": 10}, 10) == {"a": 5, "b": 3, "c": 2}
    assert shares({"a": 96, "b": 3, "c": 1}, 10) == {"a": 7, "b": 2, "c": 1}
    assert shares({"a": 2, "b": 1}, 10) == {"a": 2, "b": 1}
    assert sum(shares({n: n for n in range(1, 30)}, 17).values()) == 17


def test_large_firms_are_drawn_as_often_as_they_have_clients():
    firms = [(f"firm {n:04d}", 30 if n % 2 else 10) for n in range(400)]
    found = Counter(int(name[-1]) % 2 for seed in range(60) for name in drawn_firms(firms, 60, seed))
    total = sum(found.values())
    assert total == 60 * FIRMS_AT_LEAST
    assert abs(found[1] / total - 0.75) < 4 * np.sqrt(0.75 * 0.25 / total)


def test_no_more_than_one_firm_is_in_memory_and_firms_that_were_not_drawn_are_not_read(place, monkeypatch):
    asked: list[tuple[str, str]] = []
    real = Book.records

    def watched(self: Book, first: str, last: str) -> Iterator[tuple[str, Records] | Faulty]:
        asked.append((first, last))
        return real(self, first, last)

    monkeypatch.setattr(Book, "records", watched)
    drawn = taken(place, clients=12)
    assert all(first == last for first, last in asked)
    assert FIRMS_AT_LEAST <= len(set(asked)) < 16 and len(asked) <= 2 * len(set(asked))
    assert set(drawn.whole.names) <= {first for first, _ in asked}


def test_a_small_book_gives_two_thirds_to_the_fit(place):
    drawn = taken(place, clients=1000)
    there = sum(count for count, _ in drawn.chances.values())
    assert drawn.whole.n_clients == -(-2 * there // 3) and drawn.held_out.n_clients == there - drawn.whole.n_clients


def test_a_book_with_nobody_in_it_or_too_few_is_refused_in_a_sentence(place, tmp_path):
    write_book(tmp_path / "empty", iter([]))
    with pytest.raises(FitError, match="the book has no client"):
        taken(tmp_path / "empty")
    write_book(tmp_path / "few", iter([("one", firm("one", 8)), ("two", firm("two", 8))]))
    with pytest.raises(FitError, match="16 with records by 2026-10-31, of 2 firms; at least 36 of 3 are needed"):
        taken(tmp_path / "few")
    # Before anything was recorded there is nobody to learn from.
    with pytest.raises(FitError, match="0 with records"):
        subsample(Book(place), CATALOGUE, as_of=date(2001, 1, 1), clients=40, seed=1)


def test_a_firm_that_cannot_be_read_is_left_out_and_named(place, tmp_path):
    firms = [(name, found) for name, found in Book(place).records("", "z")]
    name, bad = firms[3]
    firms[3] = name, replace(bad, invoices=(*bad.invoices, bad.invoices[0]))
    write_book(tmp_path / "faulty", iter(firms))
    drawn = taken(tmp_path / "faulty", clients=1000)
    assert [fault.firm for fault in drawn.faulty] == [name] and name not in drawn.whole.names
