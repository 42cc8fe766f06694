"""Names in a file that the portfolio does not know: who they may be, as a suggestion and never more."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.store.writes import Record
from model.errors import ImportRefused
from model.language import phrase

LEAST_LIKENESS = 80.0  # of 100; below it two names have little in common but letters
SUGGESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A client's name in a file that is not recorded: in how many rows, and who it may be, the likeliest first."""

    name: str
    rows: int
    like: tuple[str, ...] = ()


def known_as(
    found: list[tuple[int, Record]], same: Mapping[str, str], known: Iterable[str], *, remembered: Mapping[str, str]
) -> list[tuple[int, Record]]:
    """The rows with every client called as in the portfolio, where the user has said who is who.

    Parameters
    ----------
    found
        Records, each with its row.
    same
        What was said now: a name in the file to a client.
    known
        The recorded clients.
    remembered
        What was said of earlier files; of clients who are not recorded any more it says nothing.

    Raises
    ------
    ImportRefused
        If somebody was said to be a client who is not recorded.
    """
    there = frozenset(known)
    missing = next((client for client in same.values() if client not in there), None)
    if missing is not None:
        raise ImportRefused(
            phrase("there is no client called {missing!r} for anybody in the file to be.", missing=missing)
        )
    meant = {name: client for name, client in {**remembered, **same}.items() if client in there}
    return [(row, _called(record, meant)) for row, record in found] if meant else found


def strangers(found: Iterable[tuple[int, Record]], known: Iterable[str]) -> tuple[Stranger, ...]:
    """The names the portfolio does not know, those in most rows first, each with the recorded names it is like."""
    known = tuple(known)
    counts = Counter(name for _, record in found if (name := getattr(record, "client", "")) and name not in known)
    return tuple(Stranger(name=name, rows=rows, like=_like(name, known)) for name, rows in counts.most_common())


def _like(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    from rapidfuzz import fuzz, process, utils

    near = process.extract(
        name, known, scorer=fuzz.WRatio, processor=utils.default_process, limit=SUGGESTIONS,
        score_cutoff=LEAST_LIKENESS,
    )  # fmt: skip
    return tuple(client for client, _, _ in near)


def _called(record: Record, same: Mapping[str, str]) -> Record:
    name = getattr(record, "client", "")
    if name not in same:
        return record
    said: Record = replace(record, client=same[name])  # type: ignore[arg-type]  # every record but a client has one
    return said
