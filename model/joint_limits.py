"""What a joint plan chooses from, the limits it must keep, and by how much one option for each client breaks them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.errors import InvalidSettings
from model.forecast import Array
from model.language import phrase
from model.rules import MAX_AMOUNT

LimitName = Literal["hours", "cash", "searches", "largest_share", "low_paying"]
TOLERANCE = 1e-6
# The solver's own tolerance, as a share of the cash of a month: a cent in a thousand.
CENTS = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What every option of every client brings.

    Parameters
    ----------
    value
        Expected net benefit (client, option).
    allowed
        Whether the option may be chosen (client, option).
    hours
        Expected hours worked (client, option, month).
    cash
        Money that arrives, less what the option costs (sample, client, option, month).
    searching
        Searches under way (client, option, month).
    income
        Expected income until the horizon (client, option).
    low_paying
        Whether the client pays little for an hour under the option (client, option).
    relief
        What of `value` is credited for hours beyond capacity given up, by the month in which they are free
        (client, option, month); None where nothing is.
    most_relief
        All such hours of a month are worth no more than this (month): several who leave cannot each relieve the same
        hour.
    """

    value: Array
    allowed: NDArray[np.bool_]
    hours: Array
    cash: NDArray[np.floating[Any]]
    searching: Array
    income: Array
    low_paying: NDArray[np.bool_]
    relief: Array | None = None
    most_relief: Array | None = None

    def worth(self, chosen: NDArray[np.int64]) -> float:
        """Expected net benefit of one option for each client together, no hour relieved twice."""
        rows = np.arange(len(chosen))
        total = float(self.value[rows, chosen].sum())
        if self.relief is None or self.most_relief is None:
            return total
        return total - float(np.maximum(0.0, self.relief[rows, chosen].sum(axis=0) - self.most_relief).sum())

    def at(self, chosen: NDArray[np.int64]) -> Array:
        """Money that arrives under one option for each client (sample, month)."""
        return np.asarray(self.cash[:, np.arange(len(chosen)), chosen].sum(axis=1, dtype=np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits of a joint plan; None means no limit.

    Cash starts at `cash`, loses `costs_per_month`, and in every month at least `cash_probability` of the draws must end
    at or above `cash_floor`. Shares are of income, and of hours, until the horizon.
    """

    capacity_hours: float | None = None
    cash: float = 0.0
    cash_floor: float | None = None
    costs_per_month: float = 0.0
    cash_probability: float = 0.9
    searches_at_once: int | None = None
    largest_share: float | None = None
    low_paying_share: float | None = None

    def __post_init__(self) -> None:
        most = float(MAX_AMOUNT)
        for name in ("capacity_hours", "cash", "cash_floor", "costs_per_month"):
            _within(name, getattr(self, name), -most, most)
        for name in ("cash_probability", "largest_share", "low_paying_share"):
            _within(name, getattr(self, name), 0.0, 1.0)

    def balance(self, arrives: Array) -> Array:
        """Cash at the end of each month (sample, month), from what arrives in it."""
        spent = self.costs_per_month * np.arange(1, arrives.shape[1] + 1)
        return np.asarray(self.cash + np.cumsum(arrives, axis=1) - spent)

    def without(self, name: LimitName) -> "Bounds":
        """The same limits but one."""
        match name:
            case "hours":
                return replace(self, capacity_hours=None)
            case "cash":
                return replace(self, cash_floor=None)
            case "searches":
                return replace(self, searches_at_once=None)
            case "largest_share":
                return replace(self, largest_share=None)
            case "low_paying":
                return replace(self, low_paying_share=None)

    @property
    def names(self) -> tuple[LimitName, ...]:
        """The limits that are set."""
        every: tuple[LimitName, ...] = ("hours", "cash", "searches", "largest_share", "low_paying")
        return tuple(name for name in every if self.without(name) != self)


def _within(name: str, number: float | None, least: float, most: float) -> None:
    # A number that is none fails both comparisons.
    if number is not None and not least <= number <= most:
        raise InvalidSettings(
            phrase(
                "{name} must lie between {least:g} and {most:g}; {number} came.",
                name=name, least=least, most=most, number=number,
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """By how much a limit cannot be kept: hours, money, searches, or a share of all income or hours.

    `month` counts from 0, and `client` is a place; None where the limit has none.
    """

    limit: LimitName
    amount: float
    month: int | None = None
    client: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JointChoice:
    """One option for each client.

    Parameters
    ----------
    option
        Which one (client).
    value
        Their worth together.
    short_of_best
        The most that any other choice within the limits could be worth more; infinite where limits are broken.
    shortfalls
        The limits that are broken, and by how much.
    impossible
        Whether it is proven that nothing keeps every limit.
    """

    option: NDArray[np.int64]
    value: float
    short_of_best: float
    shortfalls: tuple[Shortfall, ...] = ()
    impossible: bool = False


def shortfalls(choices: Choices, bounds: Bounds, option: NDArray[np.int64]) -> tuple[Shortfall, ...]:
    """The limits that one option for each client breaks, and by how much.

    Parameters
    ----------
    choices, bounds
        Options and limits.
    option
        The chosen option of each client (client).
    """
    return tuple(_broken(choices, bounds, option))


def draws_to_spare(bounds: Bounds, samples: int) -> int:
    """How many draws of a month may end below the floor."""
    return int(np.floor((1.0 - bounds.cash_probability) * samples + 1e-9))


def _broken(choices: Choices, bounds: Bounds, option: NDArray[np.int64]) -> Iterator[Shortfall]:
    rows = np.arange(len(option))
    if bounds.capacity_hours is not None:
        over = choices.hours[rows, option].sum(axis=0) - bounds.capacity_hours
        yield from (Shortfall(limit="hours", amount=float(over[m]), month=int(m)) for m in _above(over))
    if bounds.cash_floor is not None:
        balance = np.sort(bounds.balance(choices.at(option)), axis=0)
        spare = draws_to_spare(bounds, len(balance))
        if spare < len(balance):
            short = bounds.cash_floor - balance[spare]
            yield from (
                Shortfall(limit="cash", amount=float(short[m]), month=int(m))
                for m in _above(short, CENTS * month_of_cash(choices))
            )
    if bounds.searches_at_once is not None:
        over = choices.searching[rows, option].sum(axis=0) - bounds.searches_at_once
        yield from (Shortfall(limit="searches", amount=float(over[m]), month=int(m)) for m in _above(over))
    income, hours = choices.income[rows, option], choices.hours[rows, option].sum(axis=1)
    if bounds.largest_share is not None and income.sum() > 0:
        over = income / income.sum() - bounds.largest_share
        yield from (Shortfall(limit="largest_share", amount=float(over[c]), client=int(c)) for c in _above(over))
    if bounds.low_paying_share is not None and hours.sum() > 0:
        share = hours[choices.low_paying[rows, option]].sum() / hours.sum() - bounds.low_paying_share
        if share > TOLERANCE:
            yield Shortfall(limit="low_paying", amount=float(share))


def _above(over: Array, tolerance: float = TOLERANCE) -> list[int]:
    return [int(place) for place in np.flatnonzero(over > tolerance)]


def month_of_cash(choices: Choices) -> float:
    """What a month brings at most, roughly: the size that money is measured against."""
    return max(1.0, float(np.abs(choices.cash).max(axis=2).sum(axis=1).mean()))
