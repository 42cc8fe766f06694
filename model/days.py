"""Days to payment on the scale on which quick and slow payers are compared."""

from functools import lru_cache
from math import exp, log

# Even a quick payer's days vary by the payment run they fall into: one run a month.
PAYMENT_RUN_DAYS = 30.0
LONGEST_DAYS = 3650.0
LARGEST_SCALE = 0.9  # the mean of a log-logistic variable is infinite from scale 1 on


@lru_cache(maxsize=1 << 14)
def log_days(days: float) -> float:
    """Days to payment, or agreed, on the scale on which one payer's spread is the same whether quick or slow.

    Source: measured on the public sample of invoices; `docs/decisions/0006`.
    """
    return log(days + PAYMENT_RUN_DAYS)


def days_of(log_days: float) -> float:
    """The days that lie at `log_days` on that scale."""
    return exp(log_days) - PAYMENT_RUN_DAYS
