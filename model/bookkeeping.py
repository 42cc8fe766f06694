"""The figures a bookkeeper would give: effective rate, margin, over-servicing, lateness, concentration."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def adjusted_gross_income(revenue: float, pass_through: float) -> float:
    """Revenue without what was only passed on to others, in money."""
    return revenue - pass_through


def effective_rate(income: float, hours_worked: float) -> float:
    """Income per hour worked, billed or not, in money per hour; nan where nothing was worked."""
    return _ratio(income, hours_worked)


def delivery_margin(income: float, hours_worked: float, cost_per_hour: float) -> float:
    """Share of income left after the cost of the hours worked."""
    return _ratio(income - hours_worked * cost_per_hour, income)


def over_servicing(hours_worked: float, hours_agreed: float) -> float:
    """Hours worked beyond those agreed, as a share of them."""
    return _ratio(hours_worked - hours_agreed, hours_agreed)


def utilisation(billable_hours: float, capacity_hours: float) -> float:
    """Billable hours as a share of capacity."""
    return _ratio(billable_hours, capacity_hours)


def days_sales_outstanding(receivables: float, sales: float, days: float) -> float:
    """How many days of sales are still unpaid, over a period of `days` with `sales` in it."""
    return _ratio(receivables * days, sales)


def value_weighted_lateness(amounts: ArrayLike, days_late: Sequence[float]) -> float:
    """Mean days past due, each invoice weighing as much as its amount; one paid early is 0 days late."""
    weights = np.asarray(amounts, dtype=np.float64)
    late = np.maximum(0.0, np.asarray(days_late, dtype=np.float64))
    return _ratio(float(weights @ late), float(weights.sum()))


def concentration(amounts: ArrayLike) -> float:
    """Herfindahl index of what the clients bring: 1 for a single client, 1/n for n alike."""
    brought = np.asarray(amounts, dtype=np.float64)
    return _ratio(float((brought**2).sum()), float(brought.sum()) ** 2)


def effective_clients(amounts: ArrayLike) -> float:
    """Number of equal clients that would be as concentrated."""
    return _ratio(1.0, concentration(amounts))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
