"""The best day to leave: now, after the next payment, after the deliverable or later, and what waiting costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from model.decision import about
from model.forecast import Array
from model.language import capital, listed, phrase, phrase_of
from model.records import Invoice
from model.terms import DAYS_PER_MONTH, Terms

Occasion = Literal["now", "payment", "deliverable", "later"]
# An invoice that should have been paid by now is given a fortnight more.
OVERDUE_GRACE_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitDate:
    """One day to leave on.

    Parameters
    ----------
    occasion
        What the day waits for.
    months_later
        In how many months the client is told, by the sums; where nothing fixed binds, the last day is as much later.
    tell_on, last_day
        The day of the talk, and the day notice and committed work end.
    value
        Expected worth until the horizon, in the portfolio's currency.
    cost
        What this day is worth less than leaving now; negative where it is worth more.
    """

    occasion: Occasion
    months_later: float
    tell_on: date
    last_day: date
    value: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitTiming:
    """Every day considered, in the order of the days, and the one that is worth most.

    `stays` says that the last month considered is worth most: by the numbers there is no reason to leave at all.
    `at_once` says that they are left at the first day whatever a later one is worth, over a deal-breaker.
    """

    currency: str
    dates: tuple[ExitDate, ...]
    best: ExitDate
    stays: bool
    at_once: bool = False

    @property
    def now(self) -> ExitDate:
        """Leaving at the earliest day."""
        return next(day for day in self.dates if day.occasion == "now")

    @property
    def reason(self) -> str:
        """Why the best day is the best one, as a sentence."""
        gain = about(-self.best.cost)
        match self.best.occasion:
            case _ if self.at_once:
                return phrase(
                    "A deal-breaker of your own was met: leave on the first day, whatever a later one is worth."
                )
            case _ if self.stays:
                return phrase(
                    "By the numbers every month you stay is worth more than leaving, so there is no good day to leave."
                )
            case "now":
                return phrase("Leaving now is worth most; no later day makes up for what it costs.")
            case "payment":
                return phrase(
                    "Wait for the next payment: worth about {gain} {currency} more than leaving now.",
                    gain=gain,
                    currency=self.currency,
                )
            case "deliverable":
                return phrase(
                    "Deliver what is promised first: worth about {gain} {currency} more than leaving now.",
                    gain=gain,
                    currency=self.currency,
                )
            case _:
                return phrase(
                    "Tell them on {tell_on}: worth about {gain} {currency} more than leaving now.",
                    tell_on=self.best.tell_on,
                    gain=gain,
                    currency=self.currency,
                )

    @property
    def waiting(self) -> str:
        """The cost of each further month, in words."""
        later = [day for day in self.dates if day.occasion == "later"]
        told = [day for day in later if round(day.months_later) in (1, 3, 6, 12)]
        if not told:
            return phrase("There is no later month to compare with.")
        each = listed([self._later(day) for day in told])
        return phrase("{each}, compared with leaving now.", each=capital(each))

    def _later(self, day: ExitDate) -> str:
        said = {"months": _months(round(day.months_later)), "amount": about(abs(day.cost)), "money": self.currency}
        if day.cost >= 0:
            return phrase("{months} later costs about {amount} {money}", **said)
        return phrase("{months} later brings about {amount} {money}", **said)


def exit_timing(
    values: Array,
    terms: Terms,
    *,
    notice_days: int | None,
    open_invoices: Sequence[Invoice],
    days_to_pay: float,
    currency: str,
    today: date,
    at_once: bool = False,
) -> ExitTiming:
    """Compare the days to leave one client.

    A day within a month is valued between the two months it lies between.

    Parameters
    ----------
    values
        Expected worth of leaving in each month (sample, exit_month), from `model.actions.exit_values`.
    terms
        What is agreed and owed with the client.
    notice_days
        Notice as agreed, None where nothing is.
    open_invoices
        The client's invoices that are not paid.
    days_to_pay
        Days from issue to payment to expect.
    currency
        Of the values.
    today
        The day of the comparison.
    at_once
        Leave at the first day, whatever a later one is worth.

    Raises
    ------
    ValueError
        If `values` holds no month.
    """
    worth = np.asarray(values).mean(axis=0)
    if worth.size == 0:
        raise ValueError("there is no month to leave in; exit_values holds at least the first.")
    notice = timedelta(days=notice_days or 0)

    def on(occasion: Occasion, months: float, tell_on: date | None = None) -> ExitDate:
        later = terms.leaving_in(months) - terms.leaving_in()
        last_day = terms.exit_date + timedelta(days=round(later * DAYS_PER_MONTH))
        value = float(np.interp(months, np.arange(len(worth)), worth))
        told = tell_on or max(today, last_day - notice)
        return ExitDate(
            occasion=occasion,
            months_later=months,
            tell_on=told,
            last_day=last_day,
            value=value,
            cost=float(worth[0]) - value,
        )

    days = [on("now", 0.0, today)]
    for month in range(1, len(worth)):
        # Until the end of a contract, or with work that is committed, being told later changes no last day.
        if terms.leaving_in(month) > terms.leaving_in(month - 1):
            days.append(on("later", float(month)))
    within = len(worth) - 1
    if open_invoices:
        paid_on = min(expected_payment(invoice, days_to_pay, today) for invoice in open_invoices)
        if (months := (paid_on - today).days / DAYS_PER_MONTH) <= within:
            days.append(on("payment", months, paid_on))
    if terms.committed_hours > 0 and terms.agreed_hours > 0:
        work = terms.committed_hours / terms.agreed_hours
        done = today + timedelta(days=round(work * DAYS_PER_MONTH))
        # Notice given when the work is done runs from then on, instead of beside it.
        if work <= within and terms.leaving_in(work) > terms.leaving_in():
            days.append(on("deliverable", work, done))
    order = ("now", "payment", "deliverable", "later")
    ordered = sorted(days, key=lambda day: (day.months_later, order.index(day.occasion)))
    best = max(days, key=lambda day: (day.value, -day.months_later))
    stays = within > 0 and best.occasion == "later" and round(best.months_later) == within
    return ExitTiming(currency=currency, dates=tuple(ordered), best=best, stays=stays, at_once=at_once)


def expected_payment(invoice: Invoice, days_to_pay: float, today: date) -> date:
    """The day an open invoice may be expected to be paid on."""
    usual = invoice.issued + timedelta(days=round(min(days_to_pay, 3650.0)))
    return usual if usual > today else today + timedelta(days=OVERDUE_GRACE_DAYS)


def _months(count: int) -> str:
    return phrase_of(count, "one month", "{count} months")
