"""What was told of all clients, one kind of record after the other, each in the row of its client and month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, pairwise
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.records import Client, Event, Records

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Events = list[tuple[int, Event]]  # each with its row


@dataclass(frozen=True, slots=True)
class Kind:
    """Records of one kind, client after client, with the day of each (since year 1) and the row it falls into."""

    records: list[Any]
    day: Ints
    row: Ints

    def sorted(self, order: Ints) -> "Kind":
        """The same in another order."""
        return Kind([self.records[place] for place in order], self.day[order], self.row[order])


@dataclass(frozen=True, slots=True)
class Told:
    """All that was told of the clients, one kind of record after the other.

    Parameters
    ----------
    today, month
        Month numbers, of today and of each row: the months of each client from the first to the last recorded one.
    first_row
        Rows of client `c` are `first_row[c]:first_row[c + 1]`.
    began
        Month number each relationship begins with: that of the client, or of the first record where that is earlier.
    agreed_hours
        Hours agreed for the month of each row, 0 where none are; a month goes by the terms it ended with.
    paid
        Day each invoice was paid on, today where it is open.
    """

    clients: list[Client]
    today: int
    first_row: Ints
    month: Ints
    began: Ints
    agreed_hours: Array
    checkins: Kind
    sightings: Kind
    invoices: Kind
    hours: Kind
    events: Events
    paid: Ints

    @property
    def n_rows(self) -> int:
        """Number of client-months."""
        return len(self.month)

    @staticmethod
    def of(known: Sequence[Records], today: date) -> "Told":
        """What was known on `today` of each client, every one of its own records."""
        clients = [one.clients[0] for one in known]
        ends = [(c, client.ended_on) for c, client in enumerate(clients) if client.ended_on is not None]
        kinds = [_flat(known, *kind) for kind in _DATED]
        owners = np.concatenate([owner for _, owner, _ in kinds] + [np.array([c for c, _ in ends], dtype=np.int64)])
        seen = months_of(np.concatenate([days for *_, days in kinds] + [days_of([day for _, day in ends])]))
        none = np.iinfo(np.int64).max
        first, last = np.full(len(known), none), np.full(len(known), -1)
        np.minimum.at(first, owners, seen)
        np.maximum.at(last, owners, seen)
        count = np.where(last < 0, 0, last - first + 1)
        first_row = starts(count)
        before = first_row[:-1] - np.where(last < 0, 0, first)  # what takes a month to its row
        checkins, sightings, invoices, hours, events = (
            Kind(records, days, before[owner] + months_of(days)) for records, owner, days in kinds
        )
        # Sorted, so that the order of records changes nothing, not even the rounding.
        bills = list(map(attrgetter("number"), invoices.records))
        invoices = invoices.sorted(np.lexsort((bills, invoices.day, invoices.row)))
        month = np.arange(first_row[-1]) - np.repeat(before, count)
        return Told(
            clients=clients,
            today=int(months_of(days_of([today]))[0]),
            first_row=first_row,
            month=month,
            agreed_hours=_agreed_hours(known, first_row, month),
            began=np.minimum(months_of(days_of([client.since for client in clients])), first),
            checkins=checkins,
            sightings=sightings,
            invoices=invoices,
            hours=hours,
            events=sorted(zip(events.row.tolist(), events.records, strict=True), key=_in_order),
            paid=days_of([invoice.paid_on or today for invoice in invoices.records]),
        )


_DATED = (("checkins", "month"), ("sightings", "on"), ("invoices", "issued"), ("hours", "on"), ("events", "on"))


def _flat(known: Sequence[Records], kind: str, day: str) -> tuple[list[Any], Ints, Ints]:
    """The records of one kind, whose each is, and its day."""
    of_each = [getattr(one, kind) for one in known]
    records = list(chain.from_iterable(of_each))
    owner = np.repeat(np.arange(len(known)), np.array([len(some) for some in of_each], dtype=np.int64))
    return records, owner, days_of(list(map(attrgetter(day), records)))


def _agreed_hours(known: Sequence[Records], first_row: Ints, month: Ints) -> Array:
    now = np.array([one.clients[0].agreed_hours_per_month or 0.0 for one in known])
    hours = np.repeat(now, np.diff(first_row))
    for one, (first, stop) in zip(known, pairwise(first_row.tolist()), strict=True):
        # The latest first, so that the terms before them have the last word on the months before.
        for terms in sorted(one.earlier_terms, key=lambda terms: terms.until, reverse=True):
            over = months_of(days_of([terms.until]) + 1)[0]
            hours[first : first + np.searchsorted(month[first:stop], over)] = terms.agreed_hours_per_month or 0.0
    return hours


def days_of(days: Sequence[date]) -> Ints:
    """Days since year 1."""
    return np.fromiter(map(date.toordinal, days), np.int64, len(days))


def months_of(days: Ints) -> Ints:
    """The month number of each day since year 1: months since year 0."""
    counted = (days - _FIRST_DAY).astype("datetime64[D]").astype("datetime64[M]")
    return counted.astype(np.int64) + _FIRST_MONTH


_FIRST_DAY, _FIRST_MONTH = date(1970, 1, 1).toordinal(), 12 * 1970  # of what NumPy counts from


def _in_order(event: tuple[int, Event]) -> tuple[int, date, str, float]:
    row, what = event
    return row, what.on, what.result or "", what.ask_price_pct or 0.0


def starts(lengths: NDArray[np.integer[Any]]) -> Ints:
    """Where each of several runs of these lengths begins, one after the other, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
