"""What came of a client in money, held against what leaving was expected to bring over the same months.

Of a client who stayed both are known: one from the records, the other from what was forecast when the advice was
given. So advice can be scored by those who stayed, whatever was advised: an adviser who knows nothing finds no
difference between those it said to stay with and those it said to leave. Of a client who was left nothing comes any
more, so that such cases are not seen.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from model.observations import month_number
from model.records import Client, Records
from model.slot import discounts, net_income

STAY, LEAVE = ("keep", "renegotiate", "wait"), ("drop", "deal_breaker")
GIVEN_UP_AFTER_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthWorth:
    """What was expected of one month ahead, in money discounted to the day it was said.

    `keep`, `drop` and `freed` add up from that day to the end of the month, as in `model.payback.BuildUp`; `lead` is
    the worth of a referral, `hours` and `energy` what was expected of a client still there.
    """

    month: date
    keep: float
    drop: float
    freed: float
    lead: float
    hours: float
    energy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """What became of one client in the months since something was said, all money discounted to that day.

    `came` is what the records say the client brought, `kept` and `left` what keeping and leaving were expected to
    bring over the same `months`.
    """

    client: str
    said_on: date
    verdict: str
    months: int
    came: float
    kept: float
    left: float

    @property
    def advantage(self) -> float:
        """How much more came than leaving was expected to bring."""
        return self.came - self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceWorth:
    """How those who stayed turned out, by what was advised: money a month more than leaving was expected to bring.

    `resolution` is twice the standard error of a month, from the spread between cases; NaN for a single case.
    """

    advice: str
    cases: int
    months: int
    a_month: float
    resolution: float


def realised(
    client: Client, said_on: date, verdict: str, told: Sequence[MonthWorth], records: Records, today: date
) -> Realised | None:
    """What came of one client; None where no month is over yet, or where it was left before one was.

    Parameters
    ----------
    client
        As known today.
    said_on, verdict, told
        When what was said of which months, in their order.
    records
        Of this client, as known today; hours and energy of a month nothing is recorded of count as expected.
    today
        Only months that ended before it count. An open invoice counts as money still to come, one more than a year
        past due as lost.
    """
    settings = records.settings
    left = client.ended_on
    over = 0
    for one in told:
        end = one.month.replace(day=monthrange(one.month.year, one.month.month)[1])
        if end >= today or (left is not None and client.ended_by == "me" and left <= end):
            break
        over += 1
    if over == 0:
        return None
    discount = discounts(settings.discount_rate, over)
    hour, strain = float(settings.reserve_value_per_hour), float(settings.price_of_strain)
    first = month_number(told[0].month)
    gone = over if left is None or client.ended_by == "me" else max(0, month_number(left) - first + 1)
    came = 0.0
    for invoice in records.invoices:
        place = month_number(invoice.issued) - first
        if 0 <= place < min(over, gone) or (0 <= place < over and invoice.paid_on is not None):
            lost = invoice.written_off or 0
            if invoice.paid_on is None and (today - invoice.due).days > GIVEN_UP_AFTER_DAYS:
                lost = invoice.amount
            days = np.array([float(((invoice.paid_on or today) - invoice.issued).days)])
            amount = float(settings.in_portfolio_currency(invoice.amount - lost, invoice.currency, invoice.issued))
            came += discount[place] * float(net_income(amount, np.ones(1), days, settings.discount_rate)[0])
    worked: dict[int, float] = {}
    for entry in records.hours:
        place = month_number(entry.on) - first
        worked[place] = worked.get(place, 0.0) + entry.hours
    rated = {month_number(c.month) - first: c.energy for c in records.checkins if c.energy is not None}
    for place, one in enumerate(told[: min(over, gone)]):
        came -= discount[place] * hour * worked.get(place, one.hours)
        came += discount[place] * strain * (rated.get(place, one.energy) - 3.0)
    for event in records.events:
        place = month_number(event.on) - first
        if event.kind == "referral" and 0 <= place < over:
            came += discount[place] * told[place].lead
    if gone < over:
        # The hours were free from then on; what is done with them is known of the portfolio, not of this client.
        came += discount[gone] * told[over - gone - 1].freed
    last = told[over - 1]
    return Realised(
        client=client.name, said_on=said_on, verdict=verdict, months=over, came=came, kept=last.keep, left=last.drop
    )


def advice_worth(cases: Sequence[Realised]) -> tuple[AdviceWorth, ...]:
    """Score advice by those who stayed: first where it was to stay, then where it was to leave; none where no case is.

    Cases where the answer was too close to call are left out.
    """
    found = []
    for advice, verdicts in (("stay", STAY), ("leave", LEAVE)):
        mine = [case for case in cases if case.verdict in verdicts]
        if not mine:
            continue
        months = sum(case.months for case in mine)
        mean = sum(case.advantage for case in mine) / months
        off = sum((case.advantage - mean * case.months) ** 2 for case in mine)
        error = (off * len(mine) / (len(mine) - 1)) ** 0.5 / months if len(mine) > 1 else float("nan")
        found.append(AdviceWorth(advice=advice, cases=len(mine), months=months, a_month=mean, resolution=2.0 * error))
    return tuple(found)
