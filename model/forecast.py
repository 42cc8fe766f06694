"""The months ahead, given each draw: who is still there, how they pay, how much work they make, how it feels."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Expectations over the future, given each draw of the population and of the strain today.

    Every array has axes (sample, client, month), month 0 being the first one after today; all but `alive` are
    conditional on the client still being there in that month.

    Parameters
    ----------
    alive
        Probability that the client is still there at the *start* of the month; one column more than the others,
        the last being the probability of outlasting the horizon. `alive[..., 0]` is 1.
    hours_ratio
        Hours worked per hour agreed.
    never_paid
        Probability that an invoice of this month is never paid.
    days_to_pay
        Days from issue to payment, of an invoice that is paid.
    energy
        Expected rating at the check-in, 1 (drained) to 5 (energised).
    referrals
        Expected number of referrals.
    """

    clients: tuple[str, ...]
    alive: Array
    hours_ratio: Array
    never_paid: Array
    days_to_pay: Array
    energy: Array
    referrals: Array

    def within(self, months: int) -> "Forecast":
        """The first months of it."""
        return replace(
            self,
            alive=self.alive[..., : months + 1],
            hours_ratio=self.hours_ratio[..., :months],
            never_paid=self.never_paid[..., :months],
            days_to_pay=self.days_to_pay[..., :months],
            energy=self.energy[..., :months],
            referrals=self.referrals[..., :months],
        )

    def beside(self, clients: slice | Places) -> "Forecast":
        """Some of its clients, by their places."""
        arrays: dict[str, Any] = {field.name: getattr(self, field.name)[:, clients] for field in fields(self)[1:]}
        chosen = np.arange(len(self.clients))[clients].tolist()
        return Forecast(clients=tuple(self.clients[c] for c in chosen), **arrays)

    def with_changed(self, changed: "Forecast", clients: tuple[str, ...]) -> "Forecast":
        """The forecast of `clients` over the same draws, with those in `changed` taken from there."""
        here, there = self.clients, changed.clients
        places = [(changed, there.index(c)) if c in there else (self, here.index(c)) for c in clients]
        arrays: dict[str, Any] = {
            f.name: np.stack([getattr(part, f.name)[:, place] for part, place in places], axis=1)
            if places
            else getattr(self, f.name)[:, :0]
            for f in fields(self)[1:]
        }
        return replace(self, clients=clients, **arrays)

    def joined(self, mine: Places, other: "Forecast", theirs: Places) -> "Forecast":
        """One forecast of the same clients, of what this one says of the draws `mine` and another of `theirs`."""
        arrays: dict[str, Any] = {}
        for field in fields(self)[1:]:
            some = getattr(self, field.name)
            arrays[field.name] = np.empty((len(mine) + len(theirs), *some.shape[1:]), dtype=some.dtype)
            arrays[field.name][mine], arrays[field.name][theirs] = some, getattr(other, field.name)
        return Forecast(clients=self.clients, **arrays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """One simulated future per draw, with the same axes as `Forecast` (sample, client, month).

    `left_in` (sample, client) is the month index in which the client leaves by itself, or the number of months of
    the horizon for one that stays, so that P(left_in >= m) = `alive[..., m]`; the month of leaving is worked and paid
    like any other; `paid` is 1 where the month's invoice is paid in the end, else 0.
    """

    clients: tuple[str, ...]
    left_in: NDArray[np.int64]
    hours_ratio: Array
    paid: Array
    days_to_pay: Array
    energy: Array
    referrals: Array

    def within(self, months: int) -> "Paths":
        """The first months of it."""
        return replace(
            self,
            left_in=np.minimum(self.left_in, months),
            hours_ratio=self.hours_ratio[..., :months],
            paid=self.paid[..., :months],
            days_to_pay=self.days_to_pay[..., :months],
            energy=self.energy[..., :months],
            referrals=self.referrals[..., :months],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What the draws say of new clients; every array has the axis (sample).

    `win_rate` is the chance per month of search that a new client is won, `fee_per_month` and `hours_per_month`
    the expected terms of one, `fee_log_sd` the spread of log fee from one new client to the next.
    """

    win_rate: Array
    fee_per_month: Array
    hours_per_month: Array
    fee_log_sd: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a renegotiation asks for: a price rise in percent, a scope cap, better payment terms, office hours."""

    price_pct: float = 10.0
    scope: bool = True
    terms: bool = False
    office_hours: bool = False

    @property
    def wish(self) -> "Ask":
        """What is asked for without the price, which changes no strain: one forecast serves every price."""
        return replace(self, price_pct=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Everything the decision needs to know about the future.

    `asks` holds what each client is asked for. `outcomes` (sample, client, outcome) are the probabilities that it
    is accepted, partly accepted, refused with the client staying, refused with the client leaving. `wear` (sample)
    is the extra chance a month that a client leaves after a rise of ten percent. `payment_spread` (sample) is the
    scale of the logistic `model.days.log_days` of one client's payments, which says what to expect of an invoice
    that has been open for long. `accepted` and `partly` are the forecasts after the strain shift such an outcome
    brings; without `partly_paths`, a simulated future after a partly accepted ask is one of `base_paths` or
    `accepted_paths` at even odds. `newcomer` and `newcomer_paths` describe clients drawn from the population: the
    client axis of `newcomer` has length one, that of `newcomer_paths` one entry per successive newcomer.
    """

    asks: tuple[Ask, ...]
    base: Forecast
    accepted: Forecast
    partly: Forecast
    newcomer: Forecast
    outcomes: Array
    base_paths: Paths
    accepted_paths: Paths
    newcomer_paths: Paths
    market: Market
    wear: Array
    payment_spread: Array
    partly_paths: Paths | None = None

    def within(self, months: int) -> "Outlook":
        """The first months of it; itself, where they are all."""
        if months >= self.base.hours_ratio.shape[2]:
            return self
        return replace(
            self,
            base=self.base.within(months),
            accepted=self.accepted.within(months),
            partly=self.partly.within(months),
            newcomer=self.newcomer.within(months),
            base_paths=self.base_paths.within(months),
            accepted_paths=self.accepted_paths.within(months),
            partly_paths=None if self.partly_paths is None else self.partly_paths.within(months),
            newcomer_paths=self.newcomer_paths.within(months),
        )

    def with_changed(self, changed: "Outlook", clients: tuple[str, ...]) -> "Outlook":
        """The outlook on `clients`, with those in `changed`, their newcomers and market taken from there."""
        here, there = self.base.clients, changed.base.clients
        picked = [(True, there.index(n)) if n in there else (False, here.index(n)) for n in clients]

        from_old = np.array([c for is_new, c in picked if not is_new], dtype=int)
        from_new = np.array([c for is_new, c in picked if is_new], dtype=int)
        is_new = np.array([new for new, _ in picked], dtype=bool)
        same_places = clients == here

        def joined(old: Array, new: Array) -> Array:
            if same_places:
                merged = old.copy()
            else:
                merged = np.empty((len(old), len(clients), *old.shape[2:]), dtype=old.dtype)
                merged[:, ~is_new] = old[:, from_old]
            merged[:, is_new] = new[:, from_new]
            return merged

        def ahead[T: (Forecast, Paths)](old: T, new: T) -> T:
            arrays: dict[str, Any] = {
                f.name: joined(getattr(old, f.name), getattr(new, f.name)) for f in fields(old)[1:]
            }
            return replace(old, clients=clients, **arrays)

        midway = None
        if self.partly_paths is not None and changed.partly_paths is not None:
            midway = ahead(self.partly_paths, changed.partly_paths)
        return replace(
            changed,
            asks=tuple((changed if new else self).asks[c] for new, c in picked),
            base=ahead(self.base, changed.base),
            accepted=ahead(self.accepted, changed.accepted),
            partly=ahead(self.partly, changed.partly),
            outcomes=joined(self.outcomes, changed.outcomes),
            base_paths=ahead(self.base_paths, changed.base_paths),
            accepted_paths=ahead(self.accepted_paths, changed.accepted_paths),
            partly_paths=midway,
        )
