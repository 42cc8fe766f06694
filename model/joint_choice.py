"""One option for every client at once, under limits: a mixed-integer program over joint draws, on plain arrays."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from model.forecast import Array
from model.joint_limits import CENTS, Bounds, Choices, JointChoice, draws_to_spare, month_of_cash, shortfalls

# One solve of the portfolio; a plan that is not proven best by then is given with the distance that is left.
SECONDS = 6.0
# Share of that time for a first sound plan, and how close to the best a solve comes, as a share of the value.
SOUND = 0.4
ROUGH, EXACT = 1e-3, 1e-6
# Months whose draws below the floor are added in one round: a month in need drags the ones after it along.
MONTHS_A_ROUND = 3


def choose(choices: Choices, bounds: Bounds, *, seconds: float = SECONDS) -> JointChoice:
    """The options of highest total value within the limits; where there are none, those that break them least.

    Limits are measured against their own size before they are weighed against each other: capacity, the cash a month
    brings, one search, all income, all hours.

    Parameters
    ----------
    choices, bounds
        Options and limits.
    seconds
        Time for each of the two searches, within the limits and beyond them.

    Raises
    ------
    ValueError
        If a client has no allowed option, or an array holds what is not finite.
    """
    if not choices.allowed.any(axis=1).all():
        raise ValueError("every client needs an option that is allowed.")
    for name in ("value", "hours", "cash", "searching", "income"):
        if not np.isfinite(getattr(choices, name)).all():
            raise ValueError(f"{name} holds numbers that are not finite.")
    if choices.value.size == 0:
        return JointChoice(option=np.zeros(0, dtype=np.int64), value=0.0, short_of_best=0.0)
    program = _Program(choices, bounds)
    found = program.within(seconds)
    return found or replace(program.beyond(seconds), impossible=program.impossible)


class _Program:
    """The program without most of its draws: those that end below the floor are added until none is missing."""

    def __init__(self, choices: Choices, bounds: Bounds) -> None:
        self.choices, self.bounds = choices, bounds
        self.clients, self.options = choices.value.shape
        self.months = choices.hours.shape[2]
        self.scale = max(1.0, float(np.abs(choices.value).max()))
        self.rows: dict[int, set[int]] = {}
        self.impossible = False
        self.money = month_of_cash(choices)
        self.total = self.clients * self.options
        self.size = max(1.0, float(np.abs(choices.income).max(axis=1).sum()))
        self.linear = list(self._linear())
        self.spare = draws_to_spare(bounds, len(choices.cash))
        if bounds.cash_floor is not None:
            above = np.cumsum(choices.cash, axis=3, dtype=np.float64)
            # What the worst option brings is there in any case; only what lies above it is for the plan to choose.
            worst = above.min(axis=2, where=choices.allowed[None, :, :, None], initial=np.inf)
            above -= worst[:, :, None]
            self.above = np.maximum(0.0, above, out=above)
            spent = bounds.costs_per_month * np.arange(1, self.months + 1)
            self.need = bounds.cash_floor - bounds.cash + spent - worst.sum(axis=1)

    def within(self, seconds: float) -> JointChoice | None:
        """The best options within the limits; None where it is proven, or not known in time, that there are none."""
        from time import monotonic

        end, bound = monotonic() + seconds, np.inf
        best = None if self.bounds.cash_floor is None else self._sound(monotonic() + SOUND * seconds)
        # Rough answers find the draws that matter; only the program that holds them all is worth proving.
        gaps = [EXACT] if self.bounds.cash_floor is None else [ROUGH, EXACT]
        while gaps and (best is None or monotonic() < end):
            least = -np.inf if best is None else best.value
            answer = self._answer(end - monotonic(), gap=gaps[0], least=least)
            if answer.option is None:
                self.impossible = answer.impossible and best is None
                # Nothing is worth more than what was found before.
                bound = min(bound, least) if answer.impossible and best is not None else bound
                break
            bound = min(bound, answer.bound)
            if self._grow(answer.option, np.zeros(self.months)):
                if monotonic() > end:
                    break
                continue
            found = self._made(answer.option)
            best = found if best is None or found.value > best.value else best
            gaps = gaps[1:]
        return best and replace(best, short_of_best=max(0.0, bound - best.value))

    def _sound(self, end: float) -> JointChoice | None:
        """Good options that keep the floor: expected cash must exceed it by as much as the draws were seen to scatter.

        What is found is checked on every draw; it serves as the mark that an exact search must beat.
        """
        from time import monotonic

        margin: dict[int, float] = {}
        while monotonic() < end:
            answer = self._answer(end - monotonic(), gap=ROUGH, margin=margin)
            if answer.option is None:
                return None
            found = self._made(answer.option)
            short = {s.month: s.amount for s in found.shortfalls if s.limit == "cash" and s.month is not None}
            if not short:
                return found
            balance = np.sort(self.bounds.balance(self.choices.at(answer.option)), axis=0)
            for month, amount in short.items():
                seen = float(balance[:, month].mean() - balance[self.spare, month])
                # What was asked for before was not enough, so ask for more.
                margin[month] = max(seen, margin[month] + amount if month in margin else seen)
        return None

    def beyond(self, seconds: float) -> JointChoice:
        """The options that break the limits least."""
        from time import monotonic

        end = monotonic() + seconds
        option = np.where(self.choices.allowed, self.choices.value, -np.inf).argmax(axis=1)
        while (answer := self._answer(end - monotonic(), elastic=True)).option is not None:
            option = answer.option
            if not self._grow(option, answer.lacks) or monotonic() > end:
                break
        return self._made(option)

    def _made(self, option: NDArray[np.int64]) -> JointChoice:
        return JointChoice(
            option=option,
            value=self.choices.worth(option),
            short_of_best=np.inf,
            shortfalls=shortfalls(self.choices, self.bounds, option),
        )

    def _grow(self, option: NDArray[np.int64], lacks: Array) -> bool:
        """Add the draws that the option leaves below the floor; False where enough of them hold."""
        if self.bounds.cash_floor is None:
            return False
        balance = self.bounds.balance(self.choices.at(option)) + lacks
        below = balance < self.bounds.cash_floor - CENTS * self.money
        count = below.sum(axis=0)
        wanting = [int(month) for month in np.argsort(-count)[:MONTHS_A_ROUND] if count[month] > self.spare]
        grown = False
        for month in wanting:
            known = self.rows.setdefault(month, set())
            fresh = set(np.flatnonzero(below[:, month]).tolist()) - known
            known |= fresh
            grown = grown or bool(fresh)
        return grown

    def _linear(self) -> Iterator[tuple[NDArray[np.int64], Array, float]]:
        """Columns, their weights, and the upper bound of every row, in units of the limit's own size."""
        choices, bounds = self.choices, self.bounds
        every = np.arange(choices.value.size)
        if bounds.capacity_hours is not None:
            size = max(1.0, bounds.capacity_hours)
            for month in range(self.months):
                yield every, choices.hours[:, :, month].ravel() / size, bounds.capacity_hours / size
        if bounds.searches_at_once is not None:
            for month in range(self.months):
                yield every, choices.searching[:, :, month].ravel(), float(bounds.searches_at_once)
        if bounds.largest_share is not None:
            # Against the income of all, a column of its own: written out, each client's row would hold every option.
            for client in range(self.clients):
                mine = every[client * self.options : (client + 1) * self.options]
                weights = np.append(choices.income[client] / self.size, -bounds.largest_share)
                yield np.append(mine, self.total), weights, 0.0
        if bounds.low_paying_share is not None:
            worked = choices.hours.sum(axis=2)
            size = max(1.0, float(worked.max(axis=1).sum()))
            yield every, (worked * (choices.low_paying - bounds.low_paying_share)).ravel() / size, 0.0

    def _answer(
        self, seconds: float, *, elastic: bool = False, gap: float = EXACT, least: float = -np.inf,
        margin: dict[int, float] | None = None,
    ) -> "_Answer":  # fmt: skip
        from scipy.optimize import Bounds as Box
        from scipy.optimize import LinearConstraint, milp
        from scipy.sparse import coo_array

        n = self.clients * self.options
        rows = self.rows if margin is None else {}
        draws = [(month, draw) for month, known in sorted(rows.items()) for draw in sorted(known)]
        # Options, the income of all, draws below the floor, what limits lack; the last are what is credited twice in
        # each month, for hours that several would relieve.
        z = self.total + 1
        lack = z + len(draws)
        twice = lack + (len(self.linear) + self.months if elastic else 0)
        relief, most_relief = self.choices.relief, self.choices.most_relief
        width = twice + (0 if relief is None or most_relief is None else len(most_relief))
        data: list[Array] = []
        across: list[NDArray[np.int64]] = []
        low: list[float] = []
        high: list[float] = []

        def put(columns: NDArray[np.int64], weights: Array, least: float, most: float) -> None:
            across.append(columns)
            data.append(weights)
            low.append(least)
            high.append(most)

        every = np.arange(n)
        for client in range(self.clients):
            put(every[client * self.options : (client + 1) * self.options], np.ones(self.options), 1.0, 1.0)
        put(np.append(every, self.total), np.append(self.choices.income.ravel() / self.size, -1.0), 0.0, 0.0)
        for place, (columns, weights, most) in enumerate(self.linear):
            if elastic:
                columns, weights = np.append(columns, lack + place), np.append(weights, -1.0)
            put(columns, weights, -np.inf, most)
        for place, (month, draw) in enumerate(draws):
            need = float(self.need[draw, month])
            # A binary variable counts for no more than all that is needed: this keeps the relaxation close.
            weights = (
                np.minimum(self.above[draw, :, :, month].ravel(), max(0.0, need))
                if not elastic
                else (self.above[draw, :, :, month].ravel())
            )
            columns = np.append(every, z + place)
            weights = np.append(weights, max(0.0, need)) / self.money
            if elastic:
                columns = np.append(columns, lack + len(self.linear) + month)
                weights = np.append(weights, 1.0)
            put(columns, weights, need / self.money, np.inf)
        for month in sorted(rows):
            columns = np.array([z + place for place, (when, _) in enumerate(draws) if when == month])
            put(columns, np.ones(len(columns)), -np.inf, float(self.spare))
        for month, scatter in (margin or {}).items():
            expected = self.above[:, :, :, month].mean(axis=0).ravel()
            put(every, expected / self.money, (self.need[:, month].mean() + scatter) / self.money, np.inf)
        worth = np.append(self.choices.value.ravel() / self.scale, -np.ones(width - twice))
        counted = np.append(every, np.arange(twice, width))
        if relief is not None and most_relief is not None:
            for month, most in enumerate(most_relief.tolist()):
                credited = np.append(relief[:, :, month].ravel() / self.scale, -1.0)
                put(np.append(every, twice + month), credited, -np.inf, most / self.scale)
        if np.isfinite(least):
            put(counted, worth, least / self.scale, np.inf)
        cost = np.zeros(width)
        if elastic:
            # Limits come first, value second.
            cost[lack:twice] = 1e4 * self.clients
        cost[counted] = -worth
        upper = np.ones(width)
        upper[:n] = self.choices.allowed.ravel()
        lower, integral = np.zeros(width), np.ones(width)
        upper[lack:] = upper[self.total] = np.inf
        lower[self.total] = -np.inf
        integral[lack:] = integral[self.total] = 0
        matrix = coo_array(
            (
                np.concatenate(data),
                (np.repeat(np.arange(len(data)), [len(part) for part in data]), np.concatenate(across)),
            ),
            shape=(len(data), width),
        ).tocsr()
        result = milp(
            cost,
            constraints=LinearConstraint(matrix, np.array(low), np.array(high)),
            bounds=Box(lower, upper),
            integrality=integral,
            options={"time_limit": max(0.1, seconds), "mip_rel_gap": gap},
        )
        if result.x is None:
            return _Answer(impossible=result.status == 2)
        return _Answer(
            option=result.x[:n].reshape(self.clients, self.options).argmax(axis=1),
            lacks=result.x[lack + len(self.linear) : twice] * self.money if elastic else np.zeros(self.months),
            bound=-float(result.mip_dual_bound) * self.scale,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    option: NDArray[np.int64] | None = None
    lacks: Array = field(default_factory=lambda: np.zeros(0))
    bound: float = np.inf
    impossible: bool = False
