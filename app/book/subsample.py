"""Clients of a large book to fit its population to, and others, in none of their company, to check the fit by.

Firms are drawn by size, then clients within those firms, kind by kind: each client of the book is as likely to be taken
as any other, and no more than a few firms are read. A client's kind is how long it is on record, what is recorded of
it, and whether it is still there. What is drawn depends on the seed and on names alone, not on the order of rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from math import ceil, log
from typing import NamedTuple

import numpy as np

from app.book.source import Book, Faulty
from model.catalogue import Catalogue
from model.changes import only
from model.errors import FitError
from model.firms import Firms, side_by_side
from model.language import phrase
from model.market import Searched
from model.observations import Observations, observe
from model.platform_fit import FEWEST_CLIENTS, FEWEST_FIRMS
from model.platform_market import searches_of
from model.records import Records

# Enough to tell how far firms differ, few enough that each says something of its own levels.
OF_A_FIRM, FIRMS_AT_LEAST = 6, 12
# Of a kind there is, at least so many are taken: the rare ones say what the common ones do not.
OF_A_KIND = 2
LEAST = 3 * FEWEST_CLIENTS  # half of two thirds is fitted too
MONTHS = (6, 18)  # up to half a year, up to a year and a half, longer
FITTED = 2 / 3  # of the clients there are, where there are not enough for two subsamples of the size asked for


class Kind(NamedTuple):
    """What a client is like, as far as the fit cares."""

    months: int
    invoices: bool
    hours: bool
    checkins: bool
    there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsample:
    """Clients to fit, half of those, and clients to score, firm by firm.

    Parameters
    ----------
    half, whole
        The subsample, and every second client of it.
    held_out
        The second one; no client is in both.
    chances
        By kind, how many clients the firms drawn have, and how many of them were taken for `whole`.
    searches
        What the searches of each of these firms came to.
    faulty
        Firms that could not be read.
    """

    half: Firms
    whole: Firms
    held_out: Firms
    chances: dict[Kind, tuple[int, int]]
    searches: tuple[Searched, ...]
    faulty: tuple[Faulty, ...]


class _Known(NamedTuple):
    firm: str
    client: str
    kind: Kind


def subsample(book: Book, catalogue: Catalogue, *, as_of: date, clients: int, seed: int) -> Subsample:
    """Draw two subsamples of a book.

    Parameters
    ----------
    book
        Read firm by firm; only those drawn, and of them one at a time.
    catalogue
        The signs.
    as_of
        Later records are not used.
    clients
        In each of the two; fewer where the firms drawn have not so many.
    seed
        Of the draw.

    Raises
    ------
    FitError
        If the book has no client, or too few with records.
    """
    firms = drawn_firms(book.firms(), clients, seed)
    faulty: list[Faulty] = []
    known: list[_Known] = []
    searches: list[Searched] = []
    for firm, records, seen in _observed(book, firms, catalogue, as_of, faulty):
        known += [_Known(firm, name, kind) for name, kind in _kinds(records, seen)]
        searches.append(searches_of(records, as_of))
    among = Counter(one.firm for one in known)
    if len(among) < FEWEST_FIRMS or len(known) < LEAST:
        raise FitError(
            phrase(
                "{place} has too few clients for a fit of its own: {clients} with records by {day}, of {firms} firms; "
                "at least {least} of {least_firms} are needed.",
                place=book.place, clients=len(known), day=as_of, firms=len(among), least=LEAST,
                least_firms=FEWEST_FIRMS,
            )
        )  # fmt: skip
    whole = min(clients, ceil(len(known) * FITTED))
    held_out = min(clients, len(known) - whole)
    taken = _taken(known, whole + held_out, seed)
    fitted, scored = _dealt(taken, whole)
    chosen = {"half": fitted[::2], "whole": fitted, "held_out": scored}
    parts = _parts(book, chosen, catalogue, as_of)
    there, counted = Counter(one.kind for one in known), Counter(one.kind for one in fitted)
    return Subsample(
        **{name: side_by_side(seen, catalogue) for name, seen in parts.items()},
        chances={kind: (count, counted[kind]) for kind, count in sorted(there.items())},
        searches=tuple(searches),
        faulty=tuple(faulty),
    )


def drawn_firms(firms: list[tuple[str, int]], clients: int, seed: int) -> list[str]:
    """Names of the firms to draw clients from, sorted: with chances as their numbers of clients are.

    Raises
    ------
    FitError
        If there is none.
    """
    if not firms:
        raise FitError(phrase("there is nothing to fit yet: the book has no client."))
    wanted = max(FIRMS_AT_LEAST, ceil(clients / OF_A_FIRM))
    # The first of a race in which each runs as fast as it is large (Efraimidis and Spirakis 2006).
    finish = {name: -log(_uniform(seed, name)) / count for name, count in firms}
    # Twice as many clients as asked for are needed, so more firms where these are small.
    found: list[str] = []
    held = 0
    sizes = dict(firms)
    for name in sorted(finish, key=lambda name: (finish[name], name)):
        if len(found) >= wanted and held >= 2 * clients:
            break
        found.append(name)
        held += sizes[name]
    return sorted(found)


def _observed(
    book: Book, firms: list[str], catalogue: Catalogue, as_of: date, faulty: list[Faulty]
) -> Iterator[tuple[str, Records, Observations]]:
    for firm in firms:
        for found in book.records(firm, firm):
            if isinstance(found, Faulty):
                faulty.append(found)
                continue
            records = found[1].as_of(as_of)
            yield firm, records, observe(records, catalogue, as_of)


def _kinds(records: Records, seen: Observations) -> Iterator[tuple[str, Kind]]:
    ended = {client.name for client in records.clients if client.ended_on is not None}
    for c, name in enumerate(seen.clients):
        rows = slice(seen.first_row[c], seen.first_row[c + 1])
        months = rows.stop - rows.start
        if months:
            yield (
                name,
                Kind(
                    months=int(np.searchsorted(MONTHS, months)),
                    invoices=bool(seen.invoice_first[rows.stop] > seen.invoice_first[rows.start]),
                    hours=bool((~np.isnan(seen.hours_log_ratio[rows])).any()),
                    checkins=bool((seen.energy[rows] > 0).any()),
                    there=name not in ended,
                ),
            )


def _taken(known: list[_Known], count: int, seed: int) -> list[_Known]:
    """So many clients, of each kind as its share is, and from each firm in turn."""
    by_kind: dict[Kind, list[_Known]] = defaultdict(list)
    for one in known:
        by_kind[one.kind].append(one)
    sizes = {kind: len(members) for kind, members in by_kind.items()}
    quota = shares(sizes, count)
    of_firm: Counter[str] = Counter()
    taken: list[_Known] = []
    # The rare kinds choose first; the common ones then even out how many each firm has.
    for kind in sorted(by_kind, key=lambda kind: (sizes[kind], kind)):
        left = sorted(by_kind[kind], key=lambda one: (_uniform(seed, one.firm, one.client), one))
        for _ in range(quota[kind]):
            place = min(range(len(left)), key=lambda i: (of_firm[left[i].firm], i))
            one = left.pop(place)
            of_firm[one.firm] += 1
            taken.append(one)
    return taken


def shares[K](sizes: dict[K, int], count: int) -> dict[K, int]:
    """How many of each kind: in proportion, by the largest remainders, but some of each as long as there is room."""
    total = sum(sizes.values())
    least = {kind: min(OF_A_KIND, size) for kind, size in sizes.items()}
    if sum(least.values()) > count:
        least = dict.fromkeys(sizes, 0)
    exact = {kind: min(count, total) * size / total for kind, size in sizes.items()}
    found = {kind: min(sizes[kind], max(least[kind], int(exact[kind]))) for kind in sizes}
    order = sorted(sizes, key=lambda kind: (-(exact[kind] - int(exact[kind])), repr(kind)))
    # What the least of the rare kinds takes is given back by the commonest.
    while (over := sum(found.values()) - min(count, total)) != 0:
        if over > 0:
            kind = max(sizes, key=lambda kind: (found[kind] - max(least[kind], 0), found[kind], repr(kind)))
            found[kind] -= 1
            continue
        open_to_more = [kind for kind in order if found[kind] < sizes[kind]]
        kind = max(open_to_more, key=lambda kind: (exact[kind] - found[kind], -order.index(kind)))
        found[kind] += 1
    return found


def _dealt(taken: list[_Known], whole: int) -> tuple[list[_Known], list[_Known]]:
    """Those to fit and those to score: dealt out firm by firm and kind by kind, so that both have their share."""
    fitted: list[_Known] = []
    scored: list[_Known] = []
    for i, one in enumerate(sorted(taken, key=lambda one: (one.firm, one.kind, one.client))):
        more = (i + 1) * whole // len(taken) > i * whole // len(taken)
        (fitted if more else scored).append(one)
    return fitted, scored


def _parts(
    book: Book, chosen: dict[str, list[_Known]], catalogue: Catalogue, as_of: date
) -> dict[str, dict[str, Observations]]:
    names: dict[str, dict[str, list[str]]] = {group: defaultdict(list) for group in chosen}
    for group, members in chosen.items():
        for one in members:
            names[group][one.firm].append(one.client)
    parts: dict[str, dict[str, Observations]] = {group: {} for group in chosen}
    firms = sorted({one.firm for members in chosen.values() for one in members})
    for firm in firms:
        for found in book.records(firm, firm):
            if isinstance(found, Faulty):
                continue
            for group, of in names.items():
                if firm in of:
                    parts[group][firm] = observe(only(found[1], of[firm]), catalogue, as_of)
    return parts


def _uniform(seed: int, *names: str) -> float:
    """A number between 0 and 1 that depends on the seed and the names, and on nothing else."""
    told = "\x1f".join((str(seed), *names)).encode("utf-8", errors="surrogatepass")
    return (int.from_bytes(sha256(told).digest()[:8]) + 0.5) / 2.0**64
