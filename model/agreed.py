"""What was agreed with a client before the terms that hold now, and which of them held on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from model.language import Later
from model.rules import amount_within, dated, one_of, quantity_within

Billing = Literal["hourly", "retainer", "fixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTerms:
    """How a client was billed, at what price and for how many hours, up to and including the day `until`.

    From the next day on the following ones hold: those with the next later `until`, in the end the client's own. Rates
    and fees are per hour and per calendar month, in the client's currency.
    """

    client: str
    until: date
    billing: Billing
    rate_per_hour: Decimal | None = None
    fee_per_month: Decimal | None = None
    agreed_hours_per_month: float | None = None

    def __post_init__(self) -> None:
        where = Later("earlier terms of {client!r}", client=self.client)
        dated(self.until, where, "until")
        one_of(self.billing, Billing, where, "billing")
        for column in ("rate_per_hour", "fee_per_month"):
            amount_within(getattr(self, column), where, column)
        quantity_within(self.agreed_hours_per_month, where, "agreed_hours_per_month")


PRICED = ("billing", "rate_per_hour", "fee_per_month", "agreed_hours_per_month")  # what is known of each time


def in_force(earlier: Sequence[EarlierTerms], on: date) -> EarlierTerms | None:
    """Which of the earlier terms of one client held on a day; None where those of today did."""
    return min((terms for terms in earlier if terms.until >= on), key=lambda terms: terms.until, default=None)


def mean_hours(earlier: Sequence[EarlierTerms], now: float, first: date, last: date) -> float:
    """Hours a month agreed with one client on average over the days from `first` to `last`.

    Parameters
    ----------
    earlier
        The client's earlier terms.
    now
        Hours agreed today, which also stand for times in which none were agreed.
    first, last
        Days, of which `first` is not the later one.
    """
    held, day = 0.0, first
    while day <= last:
        terms = in_force(earlier, day)
        until = last if terms is None else min(terms.until, last)
        hours = now if terms is None or terms.agreed_hours_per_month is None else terms.agreed_hours_per_month
        held += hours * ((until - day).days + 1)
        day = until + timedelta(days=1)
    return held / ((last - first).days + 1)
