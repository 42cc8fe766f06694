"""Records turned into arrays: one row per client and month, with masks and censoring, as of a date."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import log
from operator import attrgetter
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from model.catalogue import Catalogue, MeasuredBy
from model.days import log_days
from model.records import Client, Event, Hours, Invoice, Records

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

PAID, OPEN, WRITTEN_OFF, AT_ONCE = 0, 1, 2, 3
NOT_EXPOSED, STAYED, LEFT = 0, 1, 2
OUTCOMES = ("accepted", "partly", "refused_stayed", "refused_left")
PARTLY_SHARE = 0.5  # a partly accepted ask brings half the relief
LEFT_AFTER_A_MONTH = 0.5 ** (1.0 / 12.0)  # of what beginnings are like: half of it is gone after a year
HOURLY_WEAKENING = 0.5  # a change of mind costs less when the hours are billed


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What was observed, client by client and month by month.

    Rows are the months of each client from the first to the last recorded one; rows of client `c` are
    `first_row[c]:first_row[c + 1]`. Flat record arrays hang on rows in the same way.

    Parameters
    ----------
    month
        Month number of each row, counted from year 0 (`12 * year + month - 1`).
    today
        Month number of the month the observations end with.
    signs
        Shape (row, sign), int8: 1 present, 0 absent at a check-in, -1 not observed.
    sign_weight
        Shape (client, sign): factor on the strength of a sign for this client.
    standing
        Shape (client, standing sign): 1 where the standing fact holds.
    invoice_row, invoice_state, invoice_log_days, invoice_log_terms
        Per invoice: state is paid, open, written off, or paid on the day of issue, which censors it as well;
        days are from issue to payment, or to today when open, as `log_days` has them.
    hours_log_ratio
        Per row: log of hours worked over hours agreed; NaN where not observed.
    energy
        Per row: 1..5, 0 where not observed.
    exposure
        Per row: whether the client could leave, stayed, or left by itself.
    referrals
        Per row: number received, -1 where not observed.
    ask_row, ask_outcome, ask_price, ask_scope, ask_terms
        Per renegotiation with a result; price in tens of percent.
    relief_scope, relief_terms
        Per row: how many accepted asks of this kind lie behind (partly accepted ones count half).
    relief_now
        Shape (client, 2): the same as of today, scope and terms.
    early
        Per row: how much is left of what the beginning of a relationship is like, 1 in its first month, halving every
        year. It begins with the client, or with the first record where that is earlier.
    early_now
        Per client: the same as of today.
    """

    clients: tuple[str, ...]
    today: int
    first_row: Ints
    month: Ints
    signs: NDArray[np.int8]
    sign_weight: Array
    standing: Array
    invoice_first: Ints
    invoice_state: Ints
    invoice_log_days: Array
    invoice_log_terms: Array
    hours_log_ratio: Array
    energy: Ints
    exposure: Ints
    referrals: Ints
    ask_first: Ints
    ask_outcome: Ints
    ask_price: Array
    ask_scope: Array
    ask_terms: Array
    relief_scope: Array
    relief_terms: Array
    relief_now: Array
    early: Array
    early_now: Array

    @property
    def n_rows(self) -> int:
        """Number of client-months."""
        return len(self.month)


def observe(records: Records, catalogue: Catalogue, today: date) -> Observations:
    """What `records` tell as of `today`.

    Cells without a record are missing, never zero. Hours of a month still running are left out: they would look
    like too few. A measured sign counts only in months that invoices or hours do not cover.

    Raises
    ------
    UnknownSign
        If a sighting or a standing sign names a sign the catalogue does not hold.
    """
    mine = records.as_of(today).by_client()
    return observed([mine[name] for name in sorted(mine)], catalogue, today)


def observed(known: Sequence[Records], catalogue: Catalogue, today: date) -> Observations:
    """The same of what was known on `today` of each client, every one of its own records, sorted by name.

    Raises
    ------
    UnknownSign
        If a sighting or a standing sign names a sign the catalogue does not hold.
    """
    signs = _Signs.of(catalogue)
    parts = [_of_client(one, signs, today) for one in known]
    return _join(tuple(one.clients[0].name for one in known), parts, catalogue, month_number(today))


@lru_cache(maxsize=1 << 16)
def month_number(day: date) -> int:
    """Months since year 0."""
    return 12 * day.year + day.month - 1


def month_start(number: int) -> date:
    """First day of the month with that number."""
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class _Signs:
    """The signs by id, looked up once for all clients: places, weights, and which records speak of which.

    The last has a row for each kind of `MeasuredBy`.
    """

    catalogue: Catalogue
    ticked: dict[str, int]
    standing: dict[str, int]
    weights: dict[bool, Array]
    measured: NDArray[np.bool_]

    @staticmethod
    def of(catalogue: Catalogue) -> "_Signs":
        ticked = catalogue.ticked
        return _Signs(
            catalogue=catalogue,
            ticked={sign.id: place for place, sign in enumerate(ticked)},
            standing={sign.id: place for place, sign in enumerate(catalogue.standing)},
            weights={
                hourly: np.array([HOURLY_WEAKENING if sign.weaker_when_hourly and hourly else 1.0 for sign in ticked])
                for hourly in (False, True)
            },
            measured=np.array([[sign.measured_by == by for sign in ticked] for by in get_args(MeasuredBy)]),
        )


@dataclass(slots=True)
class _Part:
    """The rows of one client, before they are joined."""

    month: Ints
    signs: NDArray[np.int8]
    weight: Array
    standing: Array
    invoices: list[tuple[int, float, float]]
    invoices_in: Ints
    hours: Array
    energy: Ints
    exposure: Ints
    referrals: Ints
    asks: list[list[tuple[int, float, float, float]]]
    relief_scope: Array
    relief_terms: Array
    relief_now: Array
    early: Array
    early_now: float


def _of_client(mine: Records, signs: _Signs, today: date) -> _Part:
    client = mine.clients[0]
    # Sorted, so that the order of records changes nothing, not even the rounding.
    invoices = sorted(mine.invoices, key=_ISSUED)
    events = sorted(mine.events, key=lambda e: (e.on, e.result or "", e.ask_price_pct or 0.0))
    energy = {month_number(checkin.month): checkin.energy for checkin in mine.checkins}
    sighted, issued, worked, happened = (
        [month_number(record.on) for record in mine.sightings], [month_number(i.issued) for i in invoices],
        [month_number(entry.on) for entry in mine.hours], [month_number(event.on) for event in events],
    )  # fmt: skip
    seen = [*energy, *sighted, *issued, *worked, *happened]
    if client.ended_on is not None:
        seen.append(month_number(client.ended_on))
    start, n = (min(seen), max(seen) - min(seen) + 1) if seen else (0, 0)
    began = min([month_number(client.since), *seen])
    told = [(month - start, record.sign) for month, record in zip(sighted, mine.sightings, strict=True)]
    for sign in client.standing_signs:
        signs.catalogue[sign]
    part = _Part(
        month=np.arange(start, start + n),
        signs=_signs(energy, told, (invoices, issued), worked, signs, start, n, today),
        weight=signs.weights[client.billing == "hourly"],
        standing=np.zeros(len(signs.standing)),
        invoices=[_payment(invoice, today) for invoice in invoices],
        invoices_in=np.bincount(np.array(issued, dtype=np.int64) - start, minlength=n),
        hours=_hours(client, mine.hours, worked, start, n, today),
        energy=np.array([energy.get(month) or 0 for month in range(start, start + n)], dtype=np.int64),
        exposure=np.full(n, STAYED, dtype=np.int64),
        referrals=np.array([0 if month in energy else -1 for month in range(start, start + n)], dtype=np.int64),
        asks=[[] for _ in range(n)],
        relief_scope=np.zeros(n),
        relief_terms=np.zeros(n),
        relief_now=np.zeros(2),
        early=np.power(LEFT_AFTER_A_MONTH, np.arange(start - began, start - began + n)),
        early_now=LEFT_AFTER_A_MONTH ** max(month_number(today) - began, 0),
    )
    # A standing fact may be told at the start or be sighted later; either way it describes the client as such.
    for sign in {*client.standing_signs, *(sign for _, sign in told)} & signs.standing.keys():
        part.standing[signs.standing[sign]] = 1.0
    # A month still running is not survived yet, and one in which you left the client says nothing.
    if n and (client.ended_on is not None or start + n - 1 >= month_number(today)):
        part.exposure[-1] = LEFT if client.ended_by == "client" else NOT_EXPOSED
    for event, month in zip(events, happened, strict=True):
        _note_event(part, event, month - start)
    return part


_ISSUED = attrgetter("issued", "number")


def _signs(
    energy: Iterable[int], told: list[tuple[int, str]], billed: tuple[list[Invoice], list[int]], worked: list[int],
    signs: _Signs, start: int, n: int, today: date,
) -> NDArray[np.int8]:  # fmt: skip
    found = np.full((n, len(signs.ticked)), -1, dtype=np.int8)
    for month in energy:
        found[month - start] = 0
    for row, sign in told:
        place = signs.ticked.get(sign)
        if place is not None:
            found[row, place] = 1
        elif sign not in signs.standing:
            signs.catalogue[sign]
    with_hours, with_invoices = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    with_hours[[month - start for month in set(worked)]] = True
    for invoice, month in zip(*billed, strict=True):
        with_invoices[month - start : month_number(invoice.paid_on or today) + 1 - start] = True
    covered = np.array([with_invoices, with_hours, with_hours & with_invoices])  # by kind of `MeasuredBy`
    found[covered.T @ signs.measured] = -1
    return found


def _payment(invoice: Invoice, today: date) -> tuple[int, float, float]:
    log_terms = log_days((invoice.due - invoice.issued).days)
    if invoice.paid_on is not None:
        days = (invoice.paid_on - invoice.issued).days
        return (PAID, log_days(days), log_terms) if days > 0 else (AT_ONCE, log_days(0.5), log_terms)
    if invoice.written_off is not None and invoice.written_off > 0:
        return WRITTEN_OFF, 0.0, log_terms
    return OPEN, log_days((today - invoice.issued).days), log_terms


def _hours(client: Client, hours: Sequence[Hours], months: list[int], start: int, n: int, today: date) -> Array:
    # Sorted sums: the order in which hours were logged must not change the rounding.
    ratio = np.full(n, np.nan)
    agreed = client.agreed_hours_per_month
    if not agreed:
        return ratio
    worked: dict[int, list[float]] = defaultdict(list)
    for month, entry in zip(months, hours, strict=True):
        worked[month].append(entry.hours)
    last = month_number(today)
    for month, entries in worked.items():
        total = sum(sorted(entries))
        if month < last and total > 0:
            ratio[month - start] = log(total / agreed)
    return ratio


def _note_event(part: _Part, event: Event, row: int) -> None:
    if event.kind == "referral":
        part.referrals[row] = max(part.referrals[row], 0) + 1
    if event.kind != "renegotiation" or event.result is None:
        return
    outcome = OUTCOMES.index(event.result)
    price = (event.ask_price_pct or 0.0) / 10.0
    if event.result == "refused_left" and part.exposure[row] == LEFT:
        part.exposure[row] = NOT_EXPOSED  # the ask tells of this departure already
    part.asks[row].append((outcome, price, float(event.ask_scope), float(event.ask_terms)))
    share = {0: 1.0, 1: PARTLY_SHARE}.get(outcome, 0.0)
    # The strain shifts from the month after the agreement on: in its own month the old terms still held.
    part.relief_scope[row + 1 :] += share * event.ask_scope
    part.relief_terms[row + 1 :] += share * event.ask_terms
    part.relief_now += share * np.array([event.ask_scope, event.ask_terms])


def _join(names: tuple[str, ...], parts: list[_Part], catalogue: Catalogue, today: int) -> Observations:
    def rows(name: str, dtype: type, shape: tuple[int, ...] = (0,)) -> NDArray[Any]:
        return np.concatenate([getattr(p, name) for p in parts] or [np.zeros(shape)]).astype(dtype)

    asks = [row for part in parts for row in part.asks]
    flat_invoices = np.array([i for part in parts for i in part.invoices], dtype=float).reshape(-1, 3)
    flat_asks = np.array([a for row in asks for a in row], dtype=float).reshape(-1, 4)
    return Observations(
        clients=names,
        today=today,
        first_row=_starts(len(p.month) for p in parts),
        month=rows("month", np.int64),
        signs=rows("signs", np.int8, (0, len(catalogue.ticked))),
        sign_weight=np.array([p.weight for p in parts], dtype=float).reshape(len(parts), len(catalogue.ticked)),
        standing=np.array([p.standing for p in parts], dtype=float).reshape(len(parts), len(catalogue.standing)),
        invoice_first=_starts(rows("invoices_in", np.int64)),
        invoice_state=flat_invoices[:, 0].astype(np.int64),
        invoice_log_days=flat_invoices[:, 1].copy(),
        invoice_log_terms=flat_invoices[:, 2].copy(),
        hours_log_ratio=rows("hours", np.float64),
        energy=rows("energy", np.int64),
        exposure=rows("exposure", np.int64),
        referrals=rows("referrals", np.int64),
        ask_first=_starts(len(row) for row in asks),
        ask_outcome=flat_asks[:, 0].astype(np.int64),
        ask_price=flat_asks[:, 1].copy(),
        ask_scope=flat_asks[:, 2].copy(),
        ask_terms=flat_asks[:, 3].copy(),
        relief_scope=rows("relief_scope", np.float64),
        relief_terms=rows("relief_terms", np.float64),
        relief_now=np.array([p.relief_now for p in parts], dtype=float).reshape(len(parts), 2),
        early=rows("early", np.float64),
        early_now=np.array([p.early_now for p in parts], dtype=float),
    )


def _starts(lengths: Iterable[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(list(lengths), dtype=np.int64)]).astype(np.int64)
