"""What keeping, renegotiating and dropping each client is worth until the horizon.

Two arrays, never mixed up: `net_benefit` is the expectation over the future given each draw (expected values, chance of
being best, value of information); `futures` is one simulated future per draw (risk, pictures). Their means agree.

Value of a month = fee that comes in - hours x value of an hour + price of strain x (energy - 3) + referrals x value of
a lead. A client who leaves in month k is there for all of it; the slot for the hours opens at the start of k + 1.
Money already received for work not yet done is owed under every action, so every action is charged with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.calendar import Calendar, calendar_of
from model.forecast import Array, Forecast, Outlook, Paths
from model.settings import Settings
from model.slot import OpenSlot, SlotChances, discounts, lead_value, net_income, open_slot, slot_paths
from model.terms import Terms

if TYPE_CHECKING:
    from xarray import DataArray

After = Callable[[NDArray[np.int64]], Array]

ACTIONS = ("keep", "renegotiate", "drop")
RENEGOTIATION_HOURS = 3.0
# Nobody follows up more; it also keeps a draw with an absurd rate of referrals from deciding the mean.
MOST_LEADS_PER_MONTH = 2.0
# Once told, a client's odds of not paying what is open are taken to double.
ODDS_OF_NOT_PAYING_ONCE_TOLD = 2.0


def net_benefit(outlook: Outlook, terms: Sequence[Terms], settings: Settings) -> "DataArray":
    """Expected discounted value of each action given each draw (sample, client, action), in portfolio money.

    Parameters
    ----------
    outlook
        The months ahead given each draw.
    terms
        Terms of every client of the outlook, in any order.
    settings
        Economics and horizon; a forecast shorter than the horizon cuts it.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms.
    """
    case = _Case.of(outlook, terms, settings)
    after = case.after_leaving(case.slot.value)
    keep, renegotiate, drop, _ = _expected(case, after)
    return _labelled((keep, renegotiate, drop), outlook.base.clients)


def futures(outlook: Outlook, terms: Sequence[Terms], settings: Settings, seed: int) -> "DataArray":
    """Discounted value of each action along one simulated future per draw (sample, client, action).

    The same random numbers serve every action, and those of a client depend on its name and `seed` alone.

    Parameters
    ----------
    outlook, terms, settings
        As for `net_benefit`.
    seed
        Seed of what is drawn here: search times, newcomers' fees, outcomes of asking.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms.
    """
    case = _Case.of(outlook, terms, settings)
    *_, keeps_when_refused = _expected(case, case.after_leaving(case.slot.value))
    chance = _Chance.of(outlook, case.months, seed)
    worth = slot_paths(outlook.newcomer_paths, outlook.market, case.slot, chance.slot, settings)
    slot_only = np.moveaxis(case.discount[:, None, None] * worth, 0, -1)

    def after(month: NDArray[np.int64]) -> Array:
        return case.relief(month) + _take(slot_only, np.maximum(month, case.queue_month(chance.queue)))

    def kept(paths: Paths, worked: Array) -> Array:
        left = np.minimum(paths.left_in, case.months)
        return worked @ case.discount[:-1] + after(np.minimum(left + 1, case.months)) - case.prepaid

    def asked(paths: Paths, price_factor: float) -> Array:
        return kept(paths, case.months_worked(paths, price_factor))

    worked = case.months_worked(outlook.base_paths, 1.0)
    keep = kept(outlook.base_paths, worked)
    drop = _dropped_path(case, outlook.base_paths, worked, chance, after)
    rise = outlook.ask.price_pct / 100.0
    accepted = asked(outlook.accepted_paths, 1.0 + rise)
    if outlook.partly_paths is None:
        either = asked(outlook.base_paths, 1.0 + rise / 2), asked(outlook.accepted_paths, 1.0 + rise / 2)
        midway = np.where(chance.partly < 0.5, *either)
    else:
        midway = asked(outlook.partly_paths, 1.0 + rise / 2)
    stayed = np.where(keeps_when_refused, keep, drop)
    gone = after(np.zeros(keep.shape, dtype=np.int64)) - case.prepaid
    outcome = (chance.outcome[:, :, None] >= np.cumsum(outlook.outcomes, axis=2)[:, :, :3]).sum(axis=2)
    renegotiate = np.choose(outcome, [accepted, midway, stayed, gone]) - case.asking_cost
    return _labelled((keep, renegotiate, drop), outlook.base.clients)


def _expected(case: "_Case", after: Array) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Expected keep, renegotiate and drop (sample, client), and whether one keeps a client who refuses (client)."""
    outlook = case.outlook
    base = case.month_of(outlook.base, 1.0)
    keep = _kept(case, base, outlook.base.alive, after)
    drop = _dropped(case, base, outlook.base.alive, after)
    rise = outlook.ask.price_pct / 100.0
    accepted = _kept(case, case.month_of(outlook.accepted, 1.0 + rise), outlook.accepted.alive, after)
    partly = _kept(case, case.month_of(outlook.partly, 1.0 + rise / 2), outlook.partly.alive, after)
    share = outlook.outcomes
    # A refusal is seen, the draw is not: the choice is made on the mean of the draws as the refusal reweights them.
    keeps = (share[:, :, 2] * (keep - drop)).mean(axis=0) >= 0
    stayed = np.where(keeps, keep, drop)
    gone = after[:, :, 0] - case.prepaid
    renegotiate = share[:, :, 0] * accepted + share[:, :, 1] * partly + share[:, :, 2] * stayed + share[:, :, 3] * gone
    return keep, renegotiate - case.asking_cost, drop, keeps


def _kept(case: "_Case", month: Array, alive: Array, after: Array) -> Array:
    there = alive[:, :, : case.months + 1]
    leaves = there[:, :, :-1] - there[:, :, 1:]
    months = np.einsum("scm,scm->sc", there[:, :, :-1] * case.discount[:-1], month)
    return np.asarray(months + np.einsum("scm,scm->sc", leaves, after[:, :, 1:]) - case.prepaid)


def _dropped(case: "_Case", month: Array, alive: Array, after: Array) -> Array:
    there = alive[:, :, : case.months + 1]
    leaves = (there[:, :, :-1] - there[:, :, 1:]) * (np.arange(case.months) < case.last_month[:, None])
    months = np.einsum("scm,scm->sc", there[:, :, :-1] * (case.served * case.discount[:-1]), month)
    floor = np.floor(case.leaving).astype(np.int64)
    fraction = case.leaving - floor
    column = np.arange(len(floor))
    at_exit = (1 - fraction) * after[:, column, floor] + fraction * after[:, column, np.minimum(floor + 1, case.months)]
    outlasts = there[:, column, case.last_month]
    gone_before = np.einsum("scm,scm->sc", leaves, after[:, :, 1:])
    unpaid = case.open_invoices * _more_unpaid(case.outlook.base.never_paid[:, :, 0])
    return np.asarray(months + gone_before + outlasts * at_exit - unpaid - case.prepaid)


def _dropped_path(case: "_Case", paths: Paths, worked: Array, chance: "_Chance", after: After) -> Array:
    left = np.minimum(paths.left_in, case.months)
    months = np.einsum("scm,cm->sc", worked, case.served * case.discount[:-1])
    exit_month = np.minimum(case.months, np.floor(case.leaving + chance.exit).astype(np.int64))
    opens = np.where(left < case.last_month, left + 1, exit_month)
    unpaid = case.open_invoices * (chance.unpaid < _more_unpaid(case.outlook.base.never_paid[:, :, 0]))
    return np.asarray(months + after(opens) - unpaid - case.prepaid)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What the actions share: terms as arrays over the clients, the calendar, and the open slots."""

    outlook: Outlook
    settings: Settings
    months: int
    discount: Array
    fixed_fee: Array
    fee_per_ratio: Array
    agreed_hours: Array
    leaving: Array
    last_month: NDArray[np.int64]
    served: Array
    open_invoices: Array
    prepaid: Array
    lead: Array
    slot: OpenSlot
    calendar: Calendar
    relief_per_month: Array
    relief_months: Array
    queue: Array

    @staticmethod
    def of(outlook: Outlook, terms: Sequence[Terms], settings: Settings) -> "_Case":
        by_name = {term.client: term for term in terms}
        if missing := [name for name in outlook.base.clients if name not in by_name]:
            raise ValueError(f"there are no terms for {missing[0]!r}.")
        ordered = [by_name[name] for name in outlook.base.clients]
        months = min(settings.horizon_months, outlook.base.hours_ratio.shape[2])
        agreed = np.array([term.agreed_hours for term in ordered])
        fee = np.array([term.fee_per_month for term in ordered])
        hourly = np.array([term.rate_per_hour is not None for term in ordered])
        leaving = np.minimum(months, np.array([term.notice_months for term in ordered]))
        discount = discounts(settings.discount_rate, months)
        market, newcomer = outlook.market, outlook.newcomer
        calendar = calendar_of(outlook, ordered, settings)
        freed = agreed * outlook.base.hours_ratio[:, :, :months].mean(axis=2)
        relieved = np.minimum(freed, calendar.overbooked_hours)
        # An hour beyond capacity is worth what the market pays for one: what a stand-in for it would cost.
        hour = np.maximum(0.0, market.fee_per_month / market.hours_per_month - float(settings.reserve_value_per_hour))
        return _Case(
            outlook=outlook,
            settings=settings,
            months=months,
            discount=discount,
            fixed_fee=np.where(hourly, 0.0, fee),
            fee_per_ratio=np.where(hourly, fee, 0.0),
            agreed_hours=agreed,
            leaving=leaving,
            last_month=np.maximum(0, np.ceil(leaving).astype(np.int64) - 1),
            served=np.clip(leaving[:, None] - np.arange(months), 0.0, 1.0),
            open_invoices=np.array([term.open_invoices for term in ordered]),
            prepaid=np.array([term.prepaid for term in ordered]),
            lead=lead_value(newcomer, market, calendar.free_share[:months], settings, months),
            slot=open_slot(newcomer, market, freed - relieved, settings, months),
            calendar=calendar,
            relief_per_month=relieved * hour[:, None],
            relief_months=np.append(np.cumsum(discount[:-1][::-1])[::-1], 0.0),
            queue=np.minimum(months, calendar.months_until_full),
        )

    @property
    def asking_cost(self) -> float:
        return RENEGOTIATION_HOURS * float(self.settings.reserve_value_per_hour)

    def month_of(self, forecast: Forecast, price_factor: float) -> Array:
        """Expected value of each month while the client is there (sample, client, month)."""
        cut = slice(None, self.months)
        return self._month(
            forecast.hours_ratio[:, :, cut],
            1.0 - forecast.never_paid[:, :, cut],
            forecast.days_to_pay[:, :, cut],
            forecast.energy[:, :, cut],
            forecast.referrals[:, :, cut],
            price_factor,
        )

    def months_worked(self, paths: Paths, price_factor: float) -> Array:
        """Value of each month of the simulated futures, 0 once the client has left (sample, client, month)."""
        cut = slice(None, self.months)
        value = self._month(
            paths.hours_ratio[:, :, cut],
            paths.paid[:, :, cut],
            paths.days_to_pay[:, :, cut],
            paths.energy[:, :, cut],
            paths.referrals[:, :, cut],
            price_factor,
        )
        value *= np.arange(self.months) <= paths.left_in[:, :, None]
        return value

    def _month(
        self, ratio: Array, paid: Array, days: Array, energy: Array, referrals: Array, price_factor: float
    ) -> Array:
        hour, strain = float(self.settings.reserve_value_per_hour), float(self.settings.price_of_strain)
        fee: Array = price_factor * self.fixed_fee[:, None]
        if self.fee_per_ratio.any():
            fee = fee + price_factor * self.fee_per_ratio[:, None] * ratio
        value = net_income(fee, paid, days, self.settings.discount_rate)
        # In place: these arrays are large, and making new ones would take most of the time.
        value -= ratio * (self.agreed_hours * hour)[:, None]
        value += strain * energy
        value -= 3.0 * strain
        value += np.minimum(referrals, MOST_LEADS_PER_MONTH) * self.lead
        return value

    def after_leaving(self, slot_value: Array) -> Array:
        """Worth today of the hours freed at the start of a month (sample, client, month 0..H)."""
        worth = np.ascontiguousarray(np.moveaxis(self.discount[:, None, None] * slot_value, 0, -1))
        if not self.queue.any():
            return worth + self.relief_per_month[:, :, None] * self.relief_months
        floor = np.floor(self.queue).astype(np.int64)
        row = np.arange(len(floor))
        fraction = (self.queue - floor)[:, None]
        queued = (1 - fraction) * worth[row, :, floor] + fraction * worth[row, :, np.minimum(floor + 1, self.months)]
        waits = np.arange(self.months + 1) < self.queue[:, None]
        opened = np.where(waits[:, None, :], queued[:, :, None], worth)
        return np.asarray(opened + self.relief_per_month[:, :, None] * self.relief_months)

    def relief(self, month: NDArray[np.int64]) -> Array:
        """Worth today of hours beyond capacity given up at the start of `month` (sample, client)."""
        return np.asarray(self.relief_per_month * self.relief_months[month])

    def queue_month(self, uniform: Array) -> NDArray[np.int64]:
        """Month before which free hours are filled first, rounded so that its mean is kept (sample, client)."""
        return np.minimum(self.months, np.floor(self.queue[:, None] + uniform).astype(np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chance:
    """Uniforms (sample, client) of one simulated future, and those of its slots."""

    queue: Array
    exit: Array
    unpaid: Array
    outcome: Array
    partly: Array
    slot: SlotChances

    @staticmethod
    def of(outlook: Outlook, months: int, seed: int) -> "_Chance":
        samples, paths = outlook.newcomer_paths.left_in.shape
        drawn = [_generator(seed, f"client {name}") for name in outlook.base.clients]
        uniforms = _beside([rng.random((samples, 5)) for rng in drawn], (samples, 0, 5))
        return _Chance(
            queue=uniforms[:, :, 0],
            exit=uniforms[:, :, 1],
            unpaid=uniforms[:, :, 2],
            outcome=uniforms[:, :, 3],
            partly=uniforms[:, :, 4],
            slot=SlotChances(
                first=_beside([rng.integers(0, paths, samples) for rng in drawn], (samples, 0)),
                # Drawn last and month by month, so that another horizon keeps the numbers of the months before it.
                win=_beside([rng.random((months, samples)).T for rng in drawn], (samples, 0, months)),
                fee=_generator(seed, "newcomers").standard_normal((samples, paths)),
            ),
        )


def _beside(drawn: list[Any], nobody: tuple[int, ...]) -> NDArray[Any]:
    # A portfolio without clients is judged too: it has no decision to make.
    return np.stack(drawn, axis=1) if drawn else np.zeros(nobody, dtype=np.int64)


def _generator(seed: int, purpose: str) -> np.random.Generator:
    return np.random.default_rng([seed, int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest())])


def _more_unpaid(never_paid: Array) -> Array:
    odds = ODDS_OF_NOT_PAYING_ONCE_TOLD
    return np.asarray(odds * never_paid / (1.0 + (odds - 1.0) * never_paid) - never_paid)


def _take(worth: Array, month: NDArray[np.int64]) -> Array:
    return np.take_along_axis(worth, month[:, :, None], axis=2)[:, :, 0]


def _labelled(values: tuple[Array, Array, Array], clients: tuple[str, ...]) -> "DataArray":
    from xarray import DataArray

    return DataArray(
        np.stack(values, axis=2),
        dims=("sample", "client", "action"),
        coords={"client": list(clients), "action": list(ACTIONS)},
    )
