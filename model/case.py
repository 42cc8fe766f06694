"""One portfolio as the actions see it: terms as arrays over the clients, the calendar, and the slots they leave."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calendar import Calendar, calendar_of
from model.forecast import Array, Forecast, Outlook, Paths
from model.kernel import packed
from model.owed import Owed
from model.seeds import purposes_of
from model.settings import Settings
from model.slot import OpenSlot, SlotChances, discounts, open_slot, slots_and_lead
from model.terms import Terms
from model.worth import month_values

# Nobody follows up more; it also keeps a draw with an absurd rate of referrals from deciding the mean.
MOST_LEADS_PER_MONTH = 2.0
RENEGOTIATION_HOURS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the actions share: terms as arrays over the clients, the calendar, and the open slots.

    `after` is the worth today of the hours freed at the start of a month (sample, client, month 0..H).
    """

    outlook: Outlook
    settings: Settings
    terms: tuple[Terms, ...]
    months: int
    discount: Array
    fixed_fee: Array
    fee_per_ratio: Array
    agreed_hours: Array
    owed: Owed
    prepaid: Array
    lead: Array
    slot: OpenSlot
    slot_hours: Array
    after: Array
    calendar: Calendar
    relief_per_month: Array
    relief_months: Array
    queue: Array
    rise: Array
    reputation: float

    @staticmethod
    def of(
        outlook: Outlook,
        terms: Sequence[Terms],
        settings: Settings,
        calendar: Calendar | None = None,
        like: "Case | None" = None,
    ) -> "Case":
        """The case of the clients of `outlook`, in their order.

        Without a calendar it is that of these clients alone; give one where they are part of a larger portfolio. What
        a slot is worth is taken from a case `like` this one where nothing it depends on differs.

        Raises
        ------
        ValueError
            If a client of the outlook has no terms.
        """
        by_name = {term.client: term for term in terms}
        if missing := [name for name in outlook.base.clients if name not in by_name]:
            raise ValueError(f"there are no terms for {missing[0]!r}.")
        ordered = [by_name[name] for name in outlook.base.clients]
        months = min(settings.horizon_months, outlook.base.hours_ratio.shape[2])
        agreed = np.array([term.agreed_hours for term in ordered])
        fee = np.array([term.fee_per_month for term in ordered])
        hourly = np.array([term.rate_per_hour is not None for term in ordered])
        discount = discounts(settings.discount_rate, months)
        market, newcomer = outlook.market, outlook.newcomer
        calendar = calendar or calendar_of(outlook, ordered, settings)
        freed = agreed * outlook.base.hours_ratio[:, :, :months].mean(axis=2)
        relieved = np.minimum(freed, calendar.overbooked_hours)
        hours = freed - relieved
        known = like if like is not None and like._same_market(outlook, settings, months, calendar) else None
        if known is None:
            slot, lead = slots_and_lead(newcomer, market, hours, calendar.free_share[:months], settings, months)
        elif np.array_equal(known.slot_hours, hours):
            slot, lead = known.slot, known.lead
        else:
            slot, lead = open_slot(newcomer, market, hours, settings, months), known.lead
        # An hour beyond capacity is worth what the market pays for one: what a stand-in for it would cost.
        hour = np.maximum(0.0, market.fee_per_month / market.hours_per_month - float(settings.reserve_value_per_hour))
        relief_per_month = relieved * hour[:, None]
        relief_months = np.append(np.cumsum(discount[:-1][::-1])[::-1], 0.0)
        queue = np.minimum(months, calendar.months_until_full)
        return Case(
            outlook=outlook,
            settings=settings,
            months=months,
            discount=discount,
            fixed_fee=np.where(hourly, 0.0, fee),
            fee_per_ratio=np.where(hourly, fee, 0.0),
            agreed_hours=agreed,
            terms=tuple(ordered),
            owed=Owed.of(ordered),
            prepaid=np.array([term.prepaid for term in ordered]),
            lead=lead,
            slot=slot,
            slot_hours=hours,
            after=after_leaving(discount, slot.value, queue, relief_per_month, relief_months),
            calendar=calendar,
            relief_per_month=relief_per_month,
            relief_months=relief_months,
            queue=queue,
            rise=_rise(outlook),
            reputation=float(settings.reputation_cost),
        )

    def asking(self, outlook: Outlook) -> "Case | None":
        """The same where clients are asked for what `outlook` says; None where that differs in more than the asks."""
        same = self.outlook.base is outlook.base and self.outlook.market is outlook.market
        if not same or self.outlook.newcomer is not outlook.newcomer:
            return None
        return replace(self, outlook=outlook, rise=_rise(outlook))

    def _same_market(self, outlook: Outlook, settings: Settings, months: int, calendar: Calendar) -> bool:
        same = self.outlook.market is outlook.market and self.outlook.newcomer is outlook.newcomer
        return same and self.calendar is calendar and self.months == months and self.settings == settings

    @property
    def answer_month(self) -> int:
        """Month at whose start an ask is answered, so that one who refused can be given notice; talks take weeks."""
        return min(1, self.months - 1)

    @property
    def asking_cost(self) -> float:
        """What the talk and its preparation cost, in money."""
        return RENEGOTIATION_HOURS * float(self.settings.reserve_value_per_hour)

    def leaving(self, wait: NDArray[np.int64]) -> Array:
        """Months until the last day of one who is told in some months, cut by the horizon (client, wait)."""
        each = [[term.leaving_in(months) for months in wait.tolist()] for term in self.terms]
        return np.minimum(float(self.months), np.array(each, dtype=np.float64).reshape(len(self.terms), len(wait)))

    def invoiced(self, ahead: Forecast | Paths, price_factor: Array | float = 1.0) -> Array:
        """What each month is invoiced for while the client is there (sample, client, month)."""
        ratio = ahead.hours_ratio[:, :, : self.months]
        return np.asarray(
            (price_factor * self.fixed_fee)[:, None] + (price_factor * self.fee_per_ratio)[:, None] * ratio
        )

    def steadiness(self, rise: Array) -> Array:
        """Chance that one who pays `rise` (client) more does not leave for it, each month (sample, client)."""
        return np.asarray(np.maximum(0.0, 1.0 - 10.0 * self.outlook.wear[:, None] * rise))

    def worn(self, alive: Array, rise: Array) -> Array:
        """Chance to be there still once a client has agreed to pay `rise` (client) more (sample, client, month)."""
        if not rise.any():
            return alive
        left = np.broadcast_to(self.steadiness(rise)[:, :, None], alive.shape).copy()
        left[:, :, 0] = 1.0
        # Multiplied up month by month: powers of every month would take three times as long.
        return np.asarray(np.multiply.accumulate(left, axis=2, out=left) * alive)

    def month_of(self, forecast: Forecast, price_factor: Array | float = 1.0) -> Array:
        """Expected value of each month while the client is there (sample, client, month)."""
        factor = price_factor * np.ones_like(self.fixed_fee)
        hour, strain = float(self.settings.reserve_value_per_hour), float(self.settings.price_of_strain)
        return month_values(
            packed(forecast.hours_ratio), packed(forecast.never_paid), packed(forecast.days_to_pay),
            packed(forecast.energy), packed(forecast.referrals), factor * self.fixed_fee, factor * self.fee_per_ratio,
            self.agreed_hours * hour, strain, MOST_LEADS_PER_MONTH, self.lead, self.settings.discount_rate / 365.0,
            self.months,
        )  # fmt: skip

    def queue_month(self, uniform: Array) -> NDArray[np.int64]:
        """Month before which free hours are filled first, rounded so that its mean is kept (sample, client)."""
        return np.minimum(self.months, np.floor(self.queue[:, None] + uniform).astype(np.int64))


def after_leaving(discount: Array, slot_value: Array, queue: Array, relief: Array, relief_months: Array) -> Array:
    """Worth today of the hours freed at the start of a month (sample, client, month 0..H); arguments as in `Case`."""
    worth, months = np.ascontiguousarray(np.moveaxis(discount[:, None, None] * slot_value, 0, -1)), len(discount) - 1
    if queue.any():
        floor, row = np.floor(queue).astype(np.int64), np.arange(len(queue))
        fraction = (queue - floor)[:, None]
        queued = (1 - fraction) * worth[row, :, floor] + fraction * worth[row, :, np.minimum(floor + 1, months)]
        waits = np.arange(months + 1) < queue[:, None]
        worth = np.where(waits[:, None, :], queued[:, :, None], worth)
    return np.asarray(worth + relief[:, :, None] * relief_months)


def _rise(outlook: Outlook) -> Array:
    return np.array([ask.price_pct / 100.0 for ask in outlook.asks])


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Uniforms (sample, client) of one simulated future, and those of its slots."""

    queue: Array
    exit: Array
    unpaid: Array
    outcome: Array
    partly: Array
    wear: Array
    slot: SlotChances

    @staticmethod
    def of(outlook: Outlook, months: int, seed: int) -> "Chance":
        """The random numbers of every client of `outlook`; they depend on its name and `seed` alone."""
        samples, paths = outlook.newcomer_paths.left_in.shape
        *drawn, newest = purposes_of([*(f"client {name}" for name in outlook.base.clients), "newcomers"], seed)
        uniforms = _beside([rng.random((samples, 6)) for rng in drawn], (samples, 0, 6))
        return Chance(
            queue=uniforms[:, :, 0],
            exit=uniforms[:, :, 1],
            unpaid=uniforms[:, :, 2],
            outcome=uniforms[:, :, 3],
            partly=uniforms[:, :, 4],
            wear=uniforms[:, :, 5],
            slot=SlotChances(
                first=_beside([rng.integers(0, paths, samples) for rng in drawn], (samples, 0)),
                # Drawn last and month by month, so that another horizon keeps the numbers of the months before it.
                win=_beside([rng.random((months, samples)).T for rng in drawn], (samples, 0, months)),
                fee=newest.standard_normal((samples, paths)),
            ),
        )

    def worn(self, paths: Paths, rise: Array, wear: Array) -> Paths:
        """The same futures of clients who pay `rise` (client) more and leave sooner by `wear` (sample) for it."""
        if not rise.any():
            return paths
        hazard = np.minimum(1.0 - 1e-12, 10.0 * wear[:, None] * rise)
        with np.errstate(divide="ignore"):
            months = np.where(hazard > 0, np.log(self.wear) / np.log1p(-hazard), np.inf)
        return replace(
            paths, left_in=np.minimum(paths.left_in, np.minimum(months, paths.left_in.max(initial=0))).astype(np.int64)
        )

    def outcome_of(self, outcomes: Array) -> NDArray[np.int64]:
        """Which outcome of the ask comes about (sample, client), from their probabilities."""
        return np.asarray((self.outcome[:, :, None] >= np.cumsum(outcomes, axis=2)[:, :, :3]).sum(axis=2))


def _beside(drawn: list[Any], nobody: tuple[int, ...]) -> NDArray[Any]:
    # A portfolio without clients is judged too: it has no decision to make.
    return np.stack(drawn, axis=1) if drawn else np.zeros(nobody, dtype=np.int64)
