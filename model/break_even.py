"""Break-evens: how far each input, or what is seen of a client, must move until another action is the best.

Found by root finding on the same random numbers, over some of the draws; what these few draws miss of the means is
added back, so that the answer at today's value is that of the judgement.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import numpy as np

from model.actions import ACTIONS
from model.alone import Alone, alone
from model.forecast import Array, Forecast, Outlook
from model.judged import Judgement
from model.language import phrase
from model.market import usual
from model.settings import Replacement
from model.terms import Terms

N_DRAWS = 200
RELATIVE_TOLERANCE = 2e-3
NOTHING = 1e-6  # of the way the lead goes

Means = Callable[[Alone, float], Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something a break-even can be found for.

    Parameters
    ----------
    name, label, unit
        Its id, its name in a sentence, and what it is counted in; `money` for the portfolio's currency.
    now
        Today's value.
    low, high
        How far it is moved.
    observable
        Whether it is something seen of the client, rather than agreed or set.
    here
        Mean value of keep, renegotiate and drop today (action).
    means
        The same at another value of it.
    """

    name: str
    label: str
    unit: str
    now: float
    low: float
    high: float
    observable: bool
    here: Array
    means: Callable[[float], Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """Where the best action changes.

    `below` and `above` are the nearest values under and over today's at which another action draws level, with the
    action that is best beyond; None where that does not happen between `low` and `high`.
    """

    name: str
    label: str
    unit: str
    observable: bool
    now: float
    low: float
    high: float
    best: str
    below: float | None
    best_below: str | None
    above: float | None
    best_above: str | None

    @property
    def room(self) -> float:
        """Distance to the nearest break-even as a share of the way to `low` or `high`; infinite without one."""
        down = (self.now - self.below) / max(self.now - self.low, 1e-12) if self.below is not None else np.inf
        up = (self.above - self.now) / max(self.high - self.now, 1e-12) if self.above is not None else np.inf
        return float(min(down, up))


def break_evens(judgement: Judgement, client: str) -> tuple[BreakEven, ...]:
    """Break-even of every input and observable of one client, the nearest first.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    found = [break_even(one) for one in inputs(judgement, client)]
    return tuple(sorted(found, key=lambda b: (b.room, b.name)))


def break_even(one: Input) -> BreakEven:
    """Where the best action changes as one input moves."""
    best = int(np.argmax(one.here))
    below, best_below = _change(one, best, one.low)
    above, best_above = _change(one, best, one.high)
    return BreakEven(
        name=one.name, label=one.label, unit=one.unit, observable=one.observable, now=one.now, low=one.low,
        high=one.high, best=ACTIONS[best], below=below, best_below=best_below, above=above, best_above=best_above,
    )  # fmt: skip


def inputs(judgement: Judgement, client: str) -> tuple[Input, ...]:
    """Everything about a client, the economics and the market that can be moved, with how far."""
    one = alone(judgement, client, N_DRAWS)
    place = list(judgement.net_benefit["client"].values).index(client)
    whole = np.asarray(judgement.net_benefit.values[:, place]).mean(axis=0)
    missed = whole - one.values().mean(axis=0)
    settings, terms, base = one.settings, one.terms, one.outlook.base
    # What is expected of new clients is moved, as in the settings: what searches brought is weighed with it there too.
    expected = settings.replacement.fee_per_month
    fee = float(expected) if expected is not None else usual(one.everyones_terms)[0]
    hour, strain = float(settings.reserve_value_per_hour), float(settings.price_of_strain)
    months = min(settings.horizon_months, base.energy.shape[2])

    def made(
        name: str, label: str, unit: str, now: float, low: float, high: float, means: Means, observable: bool = False
    ) -> Input:
        return Input(
            name=name, label=label, unit=unit, now=now, low=min(low, now), high=max(high, now), observable=observable,
            here=whole, means=lambda value: means(one, value) + missed,
        )  # fmt: skip

    found = [
        made(
            "hour_value",
            phrase("the value of an hour off all clients"),
            "money",
            hour,
            0.0,
            max(100.0, 3 * hour),
            lambda a, v: _with_settings(a, reserve_value_per_hour=_decimal(v)),
        ),
        made(
            "price_of_strain",
            phrase("the worth of a point of energy for a month"),
            "money",
            strain,
            0.0,
            max(1000.0, 3 * strain),
            lambda a, v: _with_settings(a, price_of_strain=_decimal(v)),
        ),
        made(
            "discount_rate",
            phrase("the yearly discount rate"),
            "%",
            100 * settings.discount_rate,
            0.0,
            50.0,
            lambda a, v: _with_settings(a, discount_rate=v / 100),
        ),
        made(
            "capacity",
            phrase("the time a month you want to work"),
            "hours",
            settings.capacity_hours_per_month,
            0.5 * settings.capacity_hours_per_month,
            2 * settings.capacity_hours_per_month,
            lambda a, v: _with_settings(a, capacity_hours_per_month=v),
        ),
        made(
            "months_to_win",
            phrase("the time to win a new client"),
            "months",
            settings.replacement.months_to_win,
            0.25,
            24.0,
            lambda a, v: _with_market(a, months_to_win=v),
        ),
        made(
            "search_cost",
            phrase("what a month of search costs"),
            "money",
            float(settings.replacement.search_cost_per_month),
            0.0,
            max(1000.0, 4 * float(settings.replacement.search_cost_per_month)),
            lambda a, v: _with_market(a, search_cost_per_month=_decimal(v)),
        ),
        made(
            "new_fee",
            phrase("the fee a month that you expect of a new client"),
            "money",
            fee,
            0.0,
            4 * fee,
            lambda a, v: _with_market(a, fee_per_month=_decimal(v)),
        ),
        made(
            "odds_of_agreeing",
            phrase("the chance that they agree to the ask"),
            "%",
            100 * float(one.outlook.outcomes[:, 0, :2].sum(axis=1).mean()),
            0.0,
            99.0,
            _odds,
        ),
    ]
    if months > 1:
        until = cache(lambda month: _with_settings(one, horizon_months=month))
        found.append(
            made(
                "horizon",
                phrase("the number of months looked ahead"),
                "months",
                float(months),
                1.0,
                float(months),
                lambda _, v: _between(until, v),
            )
        )
    if terms.fee_per_month > 0:
        found.append(
            made("fee", phrase("the fee a month"), "money", terms.fee_per_month, 0.0, 3 * terms.fee_per_month,
                 lambda a, v: a.values(terms=_fee(a, v)).mean(axis=0))
        )  # fmt: skip
    # Who is billed by the hour pays for more hours as well.
    beyond = 1.0 if terms.rate_per_hour is not None else float(base.hours_ratio[:, :, :months].mean())
    worked = terms.agreed_hours * beyond
    if terms.fee_per_month > 0 and worked > 0:
        rate = terms.fee_per_month / worked
        found.append(
            made("hourly_rate", phrase("what an hour worked for them brings"), "money", rate, 0.0, 3 * rate,
                 lambda a, v: a.values(terms=_fee(a, v * worked)).mean(axis=0), True)
        )  # fmt: skip
    ratio = 100 * (float(base.hours_ratio[:, :, :months].mean()) - 1)
    days = float(base.days_to_pay[:, :, :months].mean())
    never = 100 * float(base.never_paid[:, :, :months].mean())
    energy = float(base.energy[:, :, :months].mean())
    found += [
        made("days_to_pay", phrase("the time they take to pay"), "days", days, 0.0, max(365.0, 2 * days),
             lambda a, v: _seen(a, "days_to_pay", lambda x: x * v / max(days, 1e-9)), True),
        made("never_paid", phrase("the share of invoices never paid"), "%", never, 0.0, 100.0,
             lambda a, v: _seen(a, "never_paid", lambda x: _share(x, never / 100, v / 100)), True),
        made("energy", phrase("the energy they leave you with"), "of 5", energy, 1.0, 5.0,
             lambda a, v: _seen(a, "energy", lambda x: np.clip(x + v - energy, 1.0, 5.0)), True),
    ]  # fmt: skip
    if terms.agreed_hours > 0 and one.judgement.records_of(one.client).clients[0].agreed_hours_per_month:
        found.append(
            made(
                "hours_above",
                phrase("the time worked beyond what is agreed"),
                "%",
                ratio,
                -80.0,
                max(200.0, 2 * ratio),
                lambda a, v: _seen(a, "hours_ratio", lambda x: x * (100 + v) / (100 + ratio)),
                True,
            )
        )
    return tuple(found)


def _change(one: Input, best: int, end: float) -> tuple[float | None, str | None]:
    from scipy.optimize import brentq

    # The search begins at both ends, which are known by then.
    known = {one.now: one.here}

    def lead(value: float) -> float:
        if value not in known:
            known[value] = one.means(value)
        return _lead(known[value], best)

    if abs(end - one.now) < 1e-9 or lead(one.now) <= 0 or lead(end) >= 0:
        return None, None
    # Most means are lines, on which the first guess is right but for rounding: what is nothing is taken for it.
    nothing = NOTHING * (lead(one.now) - lead(end))

    def level(value: float) -> float:
        ahead = lead(value)
        return 0.0 if abs(ahead) < nothing else ahead

    root = float(brentq(level, one.now, end, xtol=RELATIVE_TOLERANCE * abs(end - one.now), rtol=1e-6))
    # The other action that draws level there is the best one beyond.
    lead(root)
    rivals = known[root].copy()
    rivals[best] = -np.inf
    return root, ACTIONS[int(np.argmax(rivals))]


def _lead(means: Array, best: int) -> float:
    return float(means[best] - np.delete(means, best).max())


def _with_settings(one: Alone, **changes: object) -> Array:
    return np.asarray(one.values(settings=replace(one.settings, **changes)).mean(axis=0))  # type: ignore[arg-type]


def _with_market(one: Alone, **changes: object) -> Array:
    market: Replacement = replace(one.settings.replacement, **changes)  # type: ignore[arg-type]
    return _with_settings(one, replacement=market)


def _odds(one: Alone, value: float) -> Array:
    outcomes = one.outlook.outcomes
    agrees = outcomes[:, :, :2].sum(axis=2, keepdims=True)
    wanted = _share(agrees, float(agrees.mean()), value / 100)
    share = np.concatenate([
        outcomes[:, :, :2] * wanted / np.maximum(agrees, 1e-12),
        outcomes[:, :, 2:] * (1 - wanted) / np.maximum(1 - agrees, 1e-12),
    ], axis=2)  # fmt: skip
    return np.asarray(one.values(outlook=replace(one.outlook, outcomes=share)).mean(axis=0))


def _between(until: Callable[[int], Array], value: float) -> Array:
    # Between two whole numbers of months the values are joined by a line, so that a root can be found.
    low = int(np.floor(value))
    first = until(low)
    return first if value <= low else np.asarray(first + (value - low) * (until(low + 1) - first))


def _fee(one: Alone, fee: float) -> Terms:
    factor = fee / one.terms.fee_per_month
    rate = one.terms.rate_per_hour
    return replace(one.terms, fee_per_month=fee, rate_per_hour=None if rate is None else rate * factor)


def _seen(one: Alone, channel: str, move: Callable[[Array], Array]) -> Array:
    def moved(forecast: Forecast) -> Forecast:
        return replace(forecast, **{channel: move(getattr(forecast, channel))})  # type: ignore[arg-type]

    ahead: Outlook = one.outlook
    changed = replace(ahead, base=moved(ahead.base), accepted=moved(ahead.accepted), partly=moved(ahead.partly))
    return np.asarray(one.values(outlook=changed).mean(axis=0))


def _share(share: Array, mean: float, wanted: float) -> Array:
    """Shares moved so that their mean is `wanted`, none leaving 0 to 1."""
    if wanted <= mean:
        return np.asarray(share * (wanted / max(mean, 1e-12)))
    return np.asarray(1 - (1 - share) * ((1 - wanted) / max(1 - mean, 1e-12)))


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))
