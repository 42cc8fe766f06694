"""What is known of the next client before they are met: time to win one, fee and size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import gammaincinv, ndtr

from model import priors as prior_table
from model.beside import NUMBERS, beside
from model.forecast import Array, Market
from model.lately import Lately
from model.priors import Interval, Prior
from model.records import Records, Search
from model.seeds import seed_of
from model.stratified import normals
from model.terms import Terms

MARKET = "the market"  # the name its random numbers go by
USUAL_FEE, USUAL_HOURS = 2000.0, 40.0  # where no client shows what is usual
DAYS_PER_MONTH = 30.4375
SHORTEST_SEARCH = 1.0  # months: of less, what a month costs cannot be told
SMALLEST_FEE = 1e-9
SMALLEST_SIZE = 1e-3
GRID = np.linspace(-3.0, 3.0, 61)  # of the log spread, in standard deviations of its prior


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What the searches of one firm came to, and what it expects of them.

    Parameters
    ----------
    won
        Clients won.
    months
        Spent searching, open searches included.
    months_to_win
        Expected of one search.
    fee_per_hour, hours_per_month
        Expected of a new client.
    hourly, hours
        What an hour brings and hours a month of each client won, where they are known.
    """

    won: int
    months: float
    months_to_win: float
    fee_per_hour: float
    hours_per_month: float
    hourly: tuple[float, ...]
    hours: tuple[float, ...]


def searched(records: Records, *, typical_fee: float, typical_hours: float, today: date) -> Searched:
    """What the searches logged so far came to; parameters as in `market`."""
    expected = records.settings.replacement
    searches = [s for s in records.searches if s.opened_on <= today]
    won = [s for s in searches if s.won_on is not None and s.won_on <= today]
    fee = float(expected.fee_per_month) if expected.fee_per_month is not None else typical_fee
    size = expected.hours_per_month or typical_hours
    return Searched(
        won=len(won),
        months=sum(_months(s, today) for s in searches),
        months_to_win=expected.months_to_win,
        # What an hour brings is known better than a month: a larger client pays more for more work.
        fee_per_hour=fee / max(size, SMALLEST_SIZE),
        hours_per_month=size,
        hourly=tuple(
            float(s.fee_per_month) / max(s.hours_per_month or size, SMALLEST_SIZE) for s in won if s.fee_per_month
        ),
        hours=tuple(s.hours_per_month for s in won if s.hours_per_month),
    )


def cost_of_looking(searches: Sequence[Search], today: date) -> float | None:
    """What a month of looking cost in the searches whose cost is logged, in money; None where none is, or all are new.

    Parameters
    ----------
    searches
        Those logged.
    today
        Open searches count until then.
    """
    # What one that was won later cost is known of all its months alone.
    told = [s for s in searches if s.cost is not None and s.opened_on <= today and (s.won_on or today) <= today]
    months = sum(_months(s, today) for s in told)
    return sum(float(s.cost or 0) for s in told) / months if months >= SHORTEST_SEARCH else None


def _months(search: Search, today: date) -> float:
    return (min(search.won_on or today, today) - search.opened_on).days / DAYS_PER_MONTH


_numbers: Lately[Array] = Lately(4)


def numbers_of(theta: Array, seed: int) -> Array:
    """The normal numbers a market is made of, of any firm that has these draws of the population (sample, number)."""
    return _numbers.of(theta, seed, lambda: beside(theta, normals(seed_of(MARKET, seed), len(theta), NUMBERS)))


def market(
    records: Records,
    *,
    typical_fee: float,
    typical_hours: float,
    today: date,
    numbers: Array,
    learned: tuple[Interval, ...] = (),
) -> Market:
    """Draws of the market for new clients, given what the user expects of it and the searches logged so far.

    Searches tell nothing about strain and strain nothing about searches, so this posterior stands apart from the
    fit and needs no sampler: a gamma prior with an exponential time to win is exact, normal priors on the log of what
    an hour brings on average and of the average hours are so given the spread from one new client to the next, which
    is drawn from its posterior on a grid; the spread of hours has the prior of that of fees. A fee won without its
    hours counts as one for the hours expected.

    Parameters
    ----------
    records
        The portfolio; `settings.replacement` centres the priors, `searches` move them.
    typical_fee, typical_hours
        Fee per month and hours per month to expect where the settings name none.
    today
        Open searches count as unsuccessful until today.
    numbers
        Normal numbers it is made of (sample, number), from `numbers_of`.
    learned
        What other firms' searches say, as in `Population.market`.
    """
    table = prior_table.of(records.settings, learned=learned)
    known = searched(records, typical_fee=typical_fee, typical_hours=typical_hours, today=today)
    rate_prior = table["market_win_rate_factor"]
    shape = 1.0 / rate_prior.scale**2  # a gamma of this shape is as wide as the interval prior on its factor
    months_to_win = known.months_to_win / np.exp(rate_prior.location)
    of_rate, of_spread, of_fee, of_hours = numbers.T
    rate = gammaincinv(shape + known.won, ndtr(of_rate)) / (shape * months_to_win + known.months)
    centre = known.fee_per_hour * float(np.exp(table["market_fee_factor"].location))
    fee_sd = _spread(table["market_fee_log_sd"], centre, table["market_fee_factor"].scale, known.hourly, of_spread)
    hourly_fee = _log_normal_mean(centre, table["market_fee_factor"].scale, fee_sd, known.hourly, of_fee)
    centre = known.hours_per_month * float(np.exp(table["market_hours_factor"].location))
    hours_sd = _spread(table["market_fee_log_sd"], centre, table["market_hours_factor"].scale, known.hours, of_spread)
    hours = _log_normal_mean(centre, table["market_hours_factor"].scale, hours_sd, known.hours, of_hours)
    return Market(
        win_rate=-np.expm1(-rate),
        fee_per_month=hourly_fee * hours,
        hours_per_month=hours,
        fee_log_sd=fee_sd,
    )


def _spread(prior: Prior, centre: float, centre_sd: float, seen: Sequence[float], numbers: Array) -> Array:
    # Posterior of the spread of log values, their mean integrated out; without values it is the prior.
    spread = prior.from_standard(GRID)
    log_weight = -0.5 * GRID**2
    if seen:
        values = np.log(np.sort(seen))
        # The centre is that of the mean, which lies above the median by half the variance.
        n, off = len(values), values.mean() + spread**2 / 2 - np.log(max(centre, SMALLEST_FEE))
        within = float(((values - values.mean()) ** 2).sum())
        log_weight -= (n - 1) * np.log(spread) + 0.5 * np.log(spread**2 + n * centre_sd**2)
        log_weight -= 0.5 * (within / spread**2 + n * off**2 / (spread**2 + n * centre_sd**2))
    weight = np.exp(log_weight - log_weight.max())
    upto = np.cumsum(weight)
    return np.asarray(spread[np.searchsorted(upto, upto[-1] * ndtr(numbers))])


def _log_normal_mean(centre: float, prior_sd: float, sd: Array, seen: Sequence[float], numbers: Array) -> Array:
    # Normal prior on the log of the mean, which a value needs, known spread per draw; logs tell of the median.
    location = np.log(max(centre, SMALLEST_FEE))
    precision = 1.0 / prior_sd**2 + len(seen) / sd**2
    total = location / prior_sd**2 + sum(np.log(x) for x in sorted(seen)) / sd**2 + len(seen) / 2
    log_mean = total / precision + numbers / np.sqrt(precision)
    # The stated expectation is taken as the mean, so that not knowing it does not lift it.
    return np.asarray(np.exp(log_mean - 0.5 / precision))


def market_of(
    known: Records, terms: Sequence[Terms], *, today: date, numbers: Array,
    learned: tuple[Interval, ...] = (),
) -> Market:  # fmt: skip
    """Draws of the market; where the settings name no fee or size, a new client is like the usual one of `terms`.

    Parameters are those of `market`, the usual fee and hours those of `usual`.
    """
    fee, hours = usual(terms)
    return market(known, typical_fee=fee, typical_hours=hours, today=today, numbers=numbers, learned=learned)


def usual(terms: Sequence[Terms]) -> tuple[float, float]:
    """Fee and hours a month of the usual client: medians of those who have any."""
    fees = [t.fee_per_month for t in terms if t.fee_per_month > 0]
    hours = [t.agreed_hours for t in terms if t.agreed_hours > 0]
    return float(np.median(fees)) if fees else USUAL_FEE, float(np.median(hours)) if hours else USUAL_HOURS
