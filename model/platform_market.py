"""The market for new clients as the searches of many firms tell it: what a firm may expect before it has searched.

Each firm has factors of its own on what it expects (how quickly clients are won, what an hour brings, how many hours
they take), which scatter about the platform's. What is learned of the platform, and of how far firms lie apart, is
handed on as an interval for the factor of any firm: a prior that its own searches then move in `model.market`.
"""

from collections.abc import Sequence
from datetime import date
from math import exp, log

import numpy as np
from scipy.special import gammaln

from model.levels import SPREAD
from model.market import Searched, searched, usual
from model.parameters import Array
from model.priors import Z95, Interval, Prior, Priors
from model.records import Records
from model.terms import terms_of_all

# Standard normal numbers behind what is summed over: the platform's factor, how far firms differ, how far clients do.
MIDDLE = np.linspace(-4.0, 4.0, 81)
APART = np.linspace(0.05, 3.0, 24)
SCATTER = np.linspace(-3.0, 3.0, 31)


def market_of_firms(firms: Sequence[Searched], priors: Priors) -> tuple[Interval, ...]:
    """Intervals for the market priors of any firm, given the searches of many; none where nobody has searched.

    Parameters
    ----------
    firms
        What the searches of each came to.
    priors
        To start from.
    """
    if not any(firm.months or firm.won for firm in firms):
        return ()
    found = [_won(firms, priors["market_win_rate_factor"])]
    hourly = [[log(one / firm.fee_per_hour) for one in firm.hourly] for firm in firms if firm.fee_per_hour > 0]
    hours = [[log(one / firm.hours_per_month) for one in firm.hours] for firm in firms if firm.hours_per_month > 0]
    spread = priors["market_fee_log_sd"]
    if any(hourly):
        found += _factor(hourly, priors["market_fee_factor"], spread)
    if any(hours):
        found += _factor(hours, priors["market_hours_factor"], spread)[:1]
    return tuple(found)


def searches_of(records: Records, today: date) -> Searched:
    """What the searches of one firm came to, where new clients are expected to be like the usual one."""
    known = records.as_of(today)
    clients = tuple(client.name for client in known.active(today))
    fee, hours = usual(terms_of_all(known.by_client(), clients, known.settings, today))
    return searched(known, typical_fee=fee, typical_hours=hours, today=today)


def _won(firms: Sequence[Searched], prior: Prior) -> Interval:
    # Clients won are a Poisson number given the firm's factor, which has a gamma distribution about the platform's: so
    # they are a negative binomial number given that.
    won = np.array([firm.won for firm in firms], dtype=float)
    due = np.array([firm.months / firm.months_to_win for firm in firms])
    middle = np.exp(prior.location + prior.scale * MIDDLE)[:, None, None]
    apart = (SPREAD * prior.scale * APART)[:, None]
    shape = 1.0 / apart**2
    told = gammaln(won + shape) - gammaln(shape) + won * np.log(middle / (shape + middle * due))
    told = told - shape * np.log1p(middle * due / shape)
    weight = _weight(told.sum(axis=2) - 0.5 * MIDDLE[:, None] ** 2 - 0.5 * APART**2)
    mean = float((weight * middle[:, :, 0]).sum())
    square = float((weight * middle[:, :, 0] ** 2 * (1.0 + apart.T**2)).sum())
    return _interval(prior.name, log(mean), float(np.sqrt(square - mean**2)) / mean)


def _factor(values: Sequence[Sequence[float]], prior: Prior, spread: Prior) -> list[Interval]:
    # Log values scatter about the log of the firm's median, firms' means about the platform's: intervals for a firm's
    # mean, and for the scatter.
    values = [one for one in values if one]
    n = np.array([len(one) for one in values])
    mean = np.array([np.mean(one) for one in values])
    within = sum(float(((np.array(one) - np.mean(one)) ** 2).sum()) for one in values)
    scatter, apart = spread.from_standard(SCATTER)[:, None], SPREAD * prior.scale * APART
    mean = mean + scatter[:, :, None] ** 2 / 2
    of_firm = (apart[None, :] ** 2)[:, :, None] + (scatter**2)[:, :, None] / n
    precision = 1.0 / prior.scale**2 + (1.0 / of_firm).sum(axis=2)
    total = prior.location / prior.scale**2 + (mean / of_firm).sum(axis=2)
    middle = total / precision
    told = -0.5 * within / scatter**2 - (n - 1).sum() * np.log(scatter) - 0.5 * np.log(of_firm).sum(axis=2)
    told = told - 0.5 * ((mean**2 / of_firm).sum(axis=2) + prior.location**2 / prior.scale**2 - total * middle)
    told = told - 0.5 * np.log(precision)
    weight = _weight(told - 0.5 * SCATTER[:, None] ** 2 - 0.5 * APART**2)
    centre = float((weight * middle).sum())
    wide = float((weight * (1.0 / precision + (middle - centre) ** 2 + apart**2)).sum())
    logs, of_scatter = np.log(scatter[:, 0]), weight.sum(axis=1)
    about = float(of_scatter @ logs)
    return [
        _interval(prior.name, centre, float(np.sqrt(wide))),
        _interval(spread.name, about, float(np.sqrt(of_scatter @ (logs - about) ** 2))),
    ]


def _weight(told: Array) -> Array:
    weight = np.exp(told - told.max())
    return np.asarray(weight / weight.sum())


def _interval(name: str, location: float, scale: float) -> Interval:
    return name, exp(location - Z95 * scale), exp(location + Z95 * scale)
