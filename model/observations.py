"""Records turned into arrays: one row per client and month, with masks and censoring, as of a date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from model.catalogue import Catalogue, MeasuredBy
from model.days import log_days
from model.records import Invoice, Records
from model.told import Array, Events, Ints, Told, days_of, months_of, starts

PAID, OPEN, WRITTEN_OFF, AT_ONCE = 0, 1, 2, 3
NOT_EXPOSED, STAYED, LEFT = 0, 1, 2
OUTCOMES = ("accepted", "partly", "refused_stayed", "refused_left")
PARTLY_SHARE = 0.5  # a partly accepted ask brings half the relief
LEFT_AFTER_A_MONTH = 0.5 ** (1.0 / 12.0)  # of what beginnings are like: half of it is gone after a year
GIVEN_UP_DAYS = 365  # past due, from which on a write-off counts: it carries no date, and may be of long after
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
        Per invoice: state is paid, open, written off (from a year past due on), or paid on the day of issue, which
        censors it as well; days are from issue to payment, or to today when open, as `log_days` has them.
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
    like too few. A measured sign counts only in months that invoices or hours do not cover;
    hours cover those in which they are known against the hours agreed.

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
    told, signs = Told.of(known, today), _Signs.of(catalogue)
    hours = _hours(told)
    asks = [ask for ask in told.events if ask[1].kind == "renegotiation" and ask[1].result is not None]
    sighted = [signs.ticked.get(record.sign, -1) for record in told.sightings.records]
    return Observations(
        clients=tuple(client.name for client in told.clients),
        today=told.today,
        first_row=told.first_row,
        month=told.month,
        signs=_signs(told, signs, np.array(sighted, dtype=np.int64), np.isfinite(hours)),
        sign_weight=np.array(
            [signs.weights[client.billing == "hourly"] for client in told.clients], dtype=float
        ).reshape(len(known), len(signs.ticked)),
        standing=_standing(told, signs, sighted),
        **_payments(told),
        hours_log_ratio=hours,
        energy=_energy(told),
        exposure=_exposure(told, asks),
        referrals=_referrals(told),
        **_asks(told, asks),
        early=np.power(LEFT_AFTER_A_MONTH, told.month - np.repeat(told.began, np.diff(told.first_row))),
        early_now=np.power(LEFT_AFTER_A_MONTH, np.maximum(told.today - told.began, 0)),
    )


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


def _signs(told: Told, signs: _Signs, places: Ints, with_hours: NDArray[np.bool_]) -> NDArray[np.int8]:
    found = np.full((told.n_rows, len(signs.ticked)), -1, dtype=np.int8)
    found[told.checkins.row] = 0
    found[told.sightings.row[places >= 0], places[places >= 0]] = 1
    # An invoice speaks of the months until it is paid.
    billed = told.invoices
    ends = told.first_row[np.searchsorted(told.first_row, billed.row, side="right")]
    until = np.minimum(billed.row + months_of(told.paid) - months_of(billed.day) + 1, ends)
    begun, over = (np.bincount(rows, minlength=told.n_rows + 1) for rows in (billed.row, until))
    with_invoices = np.cumsum(begun - over)[:-1] > 0
    covered = np.array([with_invoices, with_hours, with_hours & with_invoices])  # by kind of `MeasuredBy`
    found[covered.T @ signs.measured] = -1
    return found


def _standing(told: Told, signs: _Signs, sighted: Sequence[int]) -> Array:
    # A standing fact may be told at the start or be sighted later; either way it describes the client as such.
    found = np.zeros((len(told.clients), len(signs.standing)))
    told_of = [(c, sign) for c, client in enumerate(told.clients) for sign in client.standing_signs]
    rest = [place for place, ticked in enumerate(sighted) if ticked < 0]
    owners = np.searchsorted(told.first_row, told.sightings.row[rest], side="right") - 1
    told_of += zip(owners.tolist(), [told.sightings.records[place].sign for place in rest], strict=True)
    for c, sign in told_of:
        place = signs.standing.get(sign)
        if place is not None:
            found[c, place] = 1.0
        else:
            signs.catalogue[sign]
    return found


def _payments(told: Told) -> dict[str, Any]:
    invoices = told.invoices
    billed: list[Invoice] = invoices.records
    days = told.paid - invoices.day
    unpaid = np.array([invoice.paid_on is None for invoice in billed], dtype=np.bool_)
    lost = np.array([invoice.written_off is not None and invoice.written_off > 0 for invoice in billed], dtype=np.bool_)
    due = days_of([invoice.due for invoice in billed])
    # Where no day is told, an open invoice of the same age says hardly less until then, and nothing that was not known.
    dated = np.array([invoice.written_off_on is not None for invoice in billed], dtype=np.bool_)
    lost &= dated | (told.paid - due >= GIVEN_UP_DAYS)
    state = np.where(unpaid, np.where(lost, WRITTEN_OFF, OPEN), np.where(days > 0, PAID, AT_ONCE))
    log_paid = _log_days(np.where(state == AT_ONCE, 0.5, days))
    return {
        "invoice_first": starts(np.bincount(invoices.row, minlength=told.n_rows)),
        "invoice_state": state,
        "invoice_log_days": np.where(state == WRITTEN_OFF, 0.0, log_paid),
        "invoice_log_terms": _log_days(due - invoices.day),
    }


def _log_days(days: NDArray[Any]) -> Array:
    return np.fromiter(map(log_days, days.tolist()), np.float64, len(days))


def _hours(told: Told) -> Array:
    # Sorted sums: the order in which hours were logged must not change the rounding.
    worked = np.array([entry.hours for entry in told.hours.records], dtype=float)
    order = np.lexsort((worked, told.hours.row))
    total = np.bincount(told.hours.row[order], weights=worked[order], minlength=told.n_rows)
    agreed = told.agreed_hours
    known = (total > 0.0) & (agreed > 0.0) & (told.month < told.today)
    ratio = np.full(told.n_rows, np.nan)
    ratio[known] = np.log(total[known] / agreed[known])
    return ratio


def _energy(told: Told) -> Ints:
    found = np.zeros(told.n_rows, dtype=np.int64)
    found[told.checkins.row] = [checkin.energy or 0 for checkin in told.checkins.records]
    return found


def _exposure(told: Told, asks: Events) -> Ints:
    found = np.full(told.n_rows, STAYED, dtype=np.int64)
    # A month still running is not survived yet, and one in which you left the client says nothing.
    for client, (first, stop) in zip(told.clients, pairwise(told.first_row.tolist()), strict=True):
        if first < stop and (client.ended_on is not None or told.month[stop - 1] >= told.today):
            found[stop - 1] = LEFT if client.ended_by == "client" else NOT_EXPOSED
    for row, event in asks:
        if event.result == "refused_left" and found[row] == LEFT:
            found[row] = NOT_EXPOSED  # the ask tells of this departure already
    return found


def _referrals(told: Told) -> Ints:
    found = np.full(told.n_rows, -1, dtype=np.int64)
    found[told.checkins.row] = 0
    for row, event in told.events:
        if event.kind == "referral":
            found[row] = max(found[row], 0) + 1
    return found


def _asks(told: Told, asks: Events) -> dict[str, Any]:
    rows = np.array([row for row, _ in asks], dtype=np.int64)
    owners = np.searchsorted(told.first_row, rows, side="right") - 1
    outcomes = np.array([OUTCOMES.index(event.result or "") for _, event in asks], dtype=np.int64)
    price = np.array([(event.ask_price_pct or 0.0) / 10.0 for _, event in asks], dtype=float)
    scope = np.array([event.ask_scope for _, event in asks], dtype=float)
    terms = np.array([event.ask_terms for _, event in asks], dtype=float)
    relief, relief_now = np.zeros((2, told.n_rows)), np.zeros((len(told.clients), 2))
    share = np.array(_SHARES)[outcomes]
    for row, owner, *eased in zip(rows, owners, share * scope, share * terms, strict=True):
        # The strain shifts from the month after the agreement on: in its own month the old terms still held.
        relief[:, row + 1 : told.first_row[owner + 1]] += np.array(eased)[:, None]
        relief_now[owner] += eased
    return {
        "ask_first": starts(np.bincount(rows, minlength=told.n_rows)),
        "ask_outcome": outcomes, "ask_price": price, "ask_scope": scope, "ask_terms": terms,
        "relief_scope": relief[0], "relief_terms": relief[1], "relief_now": relief_now,
    }  # fmt: skip


_SHARES = (1.0, PARTLY_SHARE, 0.0, 0.0)  # of the relief asked for, by outcome
