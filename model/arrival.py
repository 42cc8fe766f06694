"""A prospect who arrives: month by month, in the hours that are free or become so, and what that adds.

An hour that is open is not left idle until a prospect starts who comes later: either the search goes on, and they find
it open still with some chance only, or it is held free for them and nobody else is looked for. With P what they bring
from month k on, V(k) the open slot and o its month of opening, both discounted to today, these add

    chance that the slot is open in k  x  (P - V(k))      and      P - V(o)

and the better of the two is done, in the mean over draws.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from model.belief import Belief, update
from model.case import Case
from model.days import log_days
from model.forecast import Array, Ask
from model.judged import Judgement
from model.outlook import outlook
from model.records import Client, Prospect, Records, Sighting
from model.slot import OpenSlot, net_income, open_slot, ramp_up, still_open
from model.terms import DAYS_PER_MONTH, terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Hours a month that are open from the start of a month on."""

    opens: int
    hours: float


def rooms(judgement: Judgement, leaving: Collection[str] = ()) -> tuple[Room, ...]:
    """The hours that are free today and those of `leaving` at the end of their notice, in the order they open.

    Hours beyond capacity are relieved first: they make no room.
    """
    agreed = sorted(
        (term for term in judgement.terms if term.client in leaving), key=lambda term: (term.leaving_in(), term.client)
    )
    found, over = [Room(opens=0, hours=judgement.calendar.idle_hours)], judgement.calendar.overbooked_hours
    for term in agreed:
        c = judgement.belief.place(term.client)
        ratio = judgement.outlook.base.hours_ratio[:, c, : judgement.settings.horizon_months].mean(axis=1)
        freed = term.agreed_hours * float(ratio.mean())
        relieved = min(freed, over)
        over -= relieved
        found.append(Room(opens=int(np.ceil(term.leaving_in())), hours=freed - relieved))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What taking a prospect on adds if they say yes, in money of today (sample).

    Parameters
    ----------
    gain
        Beyond the worth of their hours left to whoever comes next.
    otherwise
        What those hours are worth so.
    comes
        Chance that the hours are open when they start (sample); 1 where they are held for them.
    held
        Whether the hours are held free until then and nobody else is looked for.
    least_fee
        Fee a month from which on `gain` is above 0, None where no fee makes it so.
    """

    gain: Array
    otherwise: Array
    comes: Array
    held: bool
    least_fee: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A prospect month by month, over every draw; money of the month they start in unless said otherwise."""

    prospect: Prospect
    judgement: Judgement
    belief: Belief
    case: Case
    start: int
    hours: Array
    month: Array
    alive: Array
    per_fee_month: Array

    @staticmethod
    def of(judgement: Judgement, prospect: Prospect) -> "Arrival":
        """The prospect with the calendar of `judgement`, believed by their early signs alone."""
        settings, today, market = judgement.settings, judgement.as_of, judgement.outlook.market
        client = Client(
            name=prospect.name, currency=settings.currency, since=today, billing="retainer",
            fee_per_month=prospect.fee_per_month, agreed_hours_per_month=prospect.hours_per_month,
        )  # fmt: skip
        seen = tuple(Sighting(client=prospect.name, on=today, sign=sign) for sign in prospect.early_signs)
        records = Records(settings=settings, clients=(client,), sightings=seen)
        terms = terms_of(records, prospect.name, today)
        belief = update(judgement.population, records, judgement.catalogue, today=today, seed=judgement.seed)
        ahead = outlook(
            judgement.population, belief, log_terms=np.array([log_days(terms.payment_terms_days)]),
            newcomers=judgement.newcomers, market=market, horizon_months=settings.horizon_months, asks=(_NO_ASK,),
            seed=judgement.seed,
        )  # fmt: skip
        case = Case.of(ahead, (terms,), settings, judgement.calendar)
        base, fee = ahead.base, float(prospect.fee_per_month)
        cut = slice(None, case.months)
        ramp = ramp_up(case.months, settings.replacement.ramp_up_months)
        paid = net_income(
            1.0, 1.0 - base.never_paid[:, 0, cut], base.days_to_pay[:, 0, cut], settings.discount_rate
        )  # fmt: skip
        start = 0
        if prospect.start is not None and prospect.start > today:
            start = min(case.months, round((prospect.start - today).days / DAYS_PER_MONTH))
        return Arrival(
            prospect=prospect, judgement=judgement, belief=belief, case=case, start=start,
            hours=prospect.hours_per_month * base.hours_ratio[:, 0, cut].mean(axis=1),
            month=case.month_of(base)[:, 0] - (1.0 - ramp) * fee * paid,
            alive=base.alive[:, 0, : case.months + 1], per_fee_month=ramp * paid,
        )  # fmt: skip

    def taken(self, there: Sequence[Room]) -> tuple[Taken, tuple[Room, ...]]:
        """Taking them on in the hours of `there`, and the hours that are left; what they need beyond is paid for.

        They start on their own day, or when hours enough are open if that is later. Hours that open late are taken
        first, for those are the likelier to be open still.
        """
        start, mine, rest = self._placed(there)
        needed = sum(room.hours for room in mine)
        inside = np.minimum(self.hours, sum(room.hours for room in there if self._month(room.opens) <= start))
        outlook_, settings, months = self.judgement.outlook, self.judgement.settings, self.case.months
        slot = open_slot(outlook_.newcomer, outlook_.market, inside[:, None], settings, months)
        then = self._opened(slot, start)
        otherwise, comes = np.zeros_like(then), np.zeros_like(then)
        for room in mine:
            share = room.hours / needed if needed > 0 else 1.0 / len(mine)
            otherwise += share * self._opened(slot, room.opens)
            comes += share * still_open(slot, outlook_.newcomer, outlook_.market, room.opens, start)[:, 0]
        beyond = np.maximum(0.0, self.hours - inside) * self._hour
        leaves = (self.alive[:, :-1] - self.alive[:, 1:])[:, : months - start]
        again = self.case.discount[start + 1 :] * slot.value[start + 1 :, :, 0].T
        bring = self._served(self.month - beyond[:, None], start) + (leaves * again).sum(axis=1)
        filled, kept = comes * (bring - then), bring - otherwise
        held = bool(kept.mean() > filled.mean())
        per_fee = self._served(self.per_fee_month, start)
        least = [self._least_fee(filled, comes * per_fee), self._least_fee(kept, per_fee)]
        return Taken(
            gain=kept if held else filled, otherwise=otherwise, comes=np.ones_like(comes) if held else comes,
            held=held, least_fee=min((fee for fee in least if fee is not None), default=None),
        ), rest  # fmt: skip

    def _placed(self, there: Sequence[Room]) -> tuple[int, tuple[Room, ...], tuple[Room, ...]]:
        # The month they start in, which hours they take, and what is left of each room.
        needed, enough, total = float(self.hours.mean()), 0, 0.0
        for room in there:
            enough, total = room.opens, total + room.hours
            if total >= needed:
                break
        start = self._month(max(self.start, enough))
        mine, rest = [], []
        for room in reversed(there):
            opens = self._month(room.opens)
            hours = min(room.hours, needed) if opens <= start else 0.0
            needed -= hours
            mine += [Room(opens=opens, hours=hours)] if opens <= start else []
            rest.append(Room(opens=room.opens, hours=room.hours - hours))
        return start, tuple(mine), tuple(reversed(rest))

    def _month(self, month: int) -> int:
        return min(self.case.months, month)

    def _least_fee(self, gain: Array, per_fee: Array) -> float | None:
        slope = float(per_fee.mean())
        if slope <= 1e-9:
            return None
        return max(0.0, float(self.prospect.fee_per_month) - float(gain.mean()) / slope)

    @property
    def _hour(self) -> Array:
        market = self.judgement.outlook.market
        reserve = float(self.judgement.settings.reserve_value_per_hour)
        return np.maximum(0.0, market.fee_per_month / market.hours_per_month - reserve)

    def _served(self, month: Array, k: int) -> Array:
        left = self.case.months - k
        return np.asarray((month[:, :left] * self.alive[:, :left]) @ self.case.discount[k:-1])

    def _opened(self, slot: OpenSlot, k: int) -> Array:
        return np.asarray(self.case.discount[k] * slot.value[k, :, 0])


_NO_ASK = Ask(price_pct=0.0, scope=False)
