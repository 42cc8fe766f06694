"""One client apart from the rest: what each action is worth when something about them or the economics is otherwise.

All else is held: the strain, the ask, the other clients, and every random number. So differences are real, and an
answer takes milliseconds.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from model import actions
from model.calendar import Bookings, Calendar
from model.case import Case
from model.forecast import Array, Forecast, Market, Outlook, Paths
from model.judged import Judgement
from model.market import market_of, numbers_of
from model.settings import Settings
from model.terms import Terms

MARKETS_KEPT = 64  # of what is worked out once for all; most markets are asked for once


@dataclass(frozen=True, kw_only=True)
class Alone:
    """One client of a judgement.

    Parameters
    ----------
    judgement
        Where the client comes from.
    client
        The name.
    chosen
        Which draws are used (sample).
    market
        What these draws say of new clients.
    everyones_terms
        Terms of all clients.
    outlook
        Outlook of the client over these draws.
    terms
        Terms of the client.
    calendar
        How full the portfolio's calendar is, over these draws.
    """

    judgement: Judgement
    client: str
    chosen: "np.ndarray[Any, np.dtype[np.int64]]"
    market: Market
    everyones_terms: tuple[Terms, ...]
    outlook: Outlook
    terms: Terms
    calendar: Calendar

    @property
    def settings(self) -> Settings:
        """The settings of the judgement."""
        return self.judgement.settings

    def values(
        self, *, settings: Settings | None = None, terms: Terms | None = None, outlook: Outlook | None = None
    ) -> Array:
        """Net benefit of keep, renegotiate and drop (sample, action), in portfolio money.

        Parameters
        ----------
        settings
            Other economics; a horizon beyond the forecast is cut to it.
        terms
            Other terms of this client; what a new client brings stays as it was.
        outlook
            Another outlook of this client.
        """
        chosen, ahead = settings or self.settings, outlook or self.outlook
        if chosen.replacement != self.settings.replacement:
            ahead = replace(ahead, market=self._market_under(chosen))
        same = chosen == self.settings or _capacity(chosen) == _capacity(self.settings)
        calendar = self.calendar
        if not same:
            market = ahead.market if chosen.replacement != self.settings.replacement else self.market
            calendar = _bookings(self.judgement, self.chosen, chosen.horizon_months).calendar(market, chosen)
        return actions.expected(Case.of(ahead, (terms or self.terms,), chosen, calendar, self._now))[:, 0]

    def _market_under(self, settings: Settings) -> Market:
        # The ends of a range are the same for everybody who is looked at.
        kept, key = self.judgement.kept, ("market", len(self.chosen), settings.replacement)
        found: Market | None = kept.get(key)
        if found is None:
            known = replace(self.judgement.records, settings=settings)
            other = market_of(
                known, self.everyones_terms, today=self.judgement.as_of,
                numbers=numbers_of(self.judgement.population.theta, self.judgement.seed),
                learned=self.judgement.population.market,
            )  # fmt: skip
            found = _of_draws(other, self.chosen)
            if len(kept) < MARKETS_KEPT:
                kept[key] = found
        return found

    @cached_property
    def _now(self) -> Case:
        return Case.of(self.outlook, (self.terms,), self.settings, self.calendar)

    def exits(self, last_month: int) -> Array:
        """Net benefit of leaving in each of the next months (sample, exit month), in portfolio money."""
        return actions.exits(self._now, last_month)[:, 0]


def alone(judgement: Judgement, client: str, n_samples: int | None = None) -> Alone:
    """One client of `judgement`, with all draws or evenly spaced ones.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.
    n_samples
        How many draws to use; all where there are no more.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    judgement.of(client)
    every = judgement.population.n_samples
    chosen = np.linspace(0, every - 1, min(every, n_samples or every)).round().astype(np.int64)
    # Of a client judged apart, calendar and market are still those of the whole portfolio.
    market, newcomer = _market(judgement, chosen)
    own = _of_client(judgement.outlook, judgement.belief.place(client))
    own = own if len(chosen) == every else _of_draws(own, chosen)
    return Alone(
        judgement=judgement,
        client=client,
        chosen=chosen,
        market=market,
        everyones_terms=judgement.workload.terms,
        outlook=replace(own, market=market, newcomer=newcomer),
        terms=next(terms for terms in judgement.terms if terms.client == client),
        calendar=_bookings(judgement, chosen, judgement.settings.horizon_months).calendar(market, judgement.settings),
    )


def _market(judgement: Judgement, chosen: "np.ndarray[Any, np.dtype[np.int64]]") -> tuple[Market, Forecast]:
    """What some draws say of new clients, and of the months with one; worked out once for all who are looked at."""
    key = ("market", len(chosen))
    if key not in judgement.kept:
        ahead = judgement.outlook
        judgement.kept[key] = _of_draws(ahead.market, chosen), _of_draws(ahead.newcomer, chosen)
    found: tuple[Market, Forecast] = judgement.kept[key]
    return found


def _bookings(judgement: Judgement, chosen: "np.ndarray[Any, np.dtype[np.int64]]", horizon: int) -> Bookings:
    """The hours that all clients take in some draws; worked out once for all who are looked at."""
    months = min(horizon, judgement.workload.hours_ratio.shape[2])
    key = ("bookings", len(chosen), months)
    if key not in judgement.kept:
        judgement.kept[key] = judgement.workload.bookings(months, chosen)
    found: Bookings = judgement.kept[key]
    return found


def _capacity(settings: Settings) -> tuple[object, ...]:
    # All that the calendar reads of them; the market enters it as well.
    return settings.capacity_hours_per_month, settings.horizon_months, settings.replacement


def _of_client(outlook: Outlook, place: int) -> Outlook:
    def one[T: (Forecast, Paths)](part: T) -> T:
        arrays: dict[str, Any] = {f.name: getattr(part, f.name)[:, [place]] for f in fields(part)[1:]}
        return replace(part, clients=(part.clients[place],), **arrays)

    return replace(
        outlook,
        asks=(outlook.asks[place],),
        base=one(outlook.base),
        accepted=one(outlook.accepted),
        partly=one(outlook.partly),
        outcomes=outlook.outcomes[:, [place]],
        base_paths=one(outlook.base_paths),
        accepted_paths=one(outlook.accepted_paths),
        partly_paths=None if outlook.partly_paths is None else one(outlook.partly_paths),
    )


def _of_draws[T: (Outlook, Forecast, Market)](whole: T, chosen: "np.ndarray[Any, np.dtype[np.int64]]") -> T:
    def part(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value[chosen]
        if isinstance(value, Forecast | Paths | Market):
            return replace(value, **{f.name: part(getattr(value, f.name)) for f in fields(value)})
        return value

    return replace(whole, **{f.name: part(getattr(whole, f.name)) for f in fields(whole)})
