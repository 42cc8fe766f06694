"""What becomes of the invoices that are open today: the longer one has been, the less likely it is ever to be paid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from model.days import LARGEST_SCALE, PAYMENT_RUN_DAYS, log_days
from model.forecast import Array, Outlook, Places
from model.terms import DAYS_PER_MONTH, Terms

# Once told, a client's odds of not paying what is open are taken to double.
ODDS_OF_NOT_PAYING_ONCE_TOLD = 2.0
AT_ONCE = 64  # invoices
LEAST = 1e-300  # keeps a chance that is nothing from being divided by


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """The open invoices of some clients as arrays, one entry for each.

    Parameters
    ----------
    client
        Place of its client.
    amount
        What is open of it, in money.
    days_open
        Days since its issue.
    log_terms
        The days it was payable in against those agreed with its client, both as `model.days.log_days` has them.
    """

    client: Places
    amount: Array
    days_open: Array
    log_terms: Array

    @staticmethod
    def of(terms: Sequence[Terms]) -> "Owed":
        """What the clients with these terms owe, in their order."""
        every = [(place, term, invoice) for place, term in enumerate(terms) for invoice in term.owed]
        return Owed(
            client=np.array([place for place, _, _ in every], dtype=np.int64),
            amount=np.array([invoice.amount for _, _, invoice in every]),
            days_open=np.array([float(invoice.days_open) for _, _, invoice in every]),
            log_terms=np.array(
                [log_days(one.terms_days) - log_days(term.payment_terms_days) for _, term, one in every]
            ),
        )


def told(owed: Owed, outlook: Outlook, wait: NDArray[np.int64]) -> tuple[Array, Array]:
    """What is open still of today's invoices when the client is told that one leaves, and what of it is lost by that.

    Each has the shape (sample, client, wait), in money. That an invoice is open today, at its age, is known: the chance
    that it is open once it is older still is divided by that to be open today. One that is never paid stays open.

    Parameters
    ----------
    owed
        Open invoices of the clients of the outlook.
    outlook
        How they pay, given each draw.
    wait
        In how many months the client is told.
    """
    is_open, lost = _nothing(outlook, len(wait)), _nothing(outlook, len(wait))
    for some, still, never in _blocks(owed, outlook, wait):
        left = owed.amount[some, None] * still
        _add(is_open, owed.client[some], left)
        _add(lost, owed.client[some], left * more_unpaid(never / np.maximum(still, LEAST)))
    return is_open, lost


def paid_in(owed: Owed, outlook: Outlook, months: int, luck: Array | None = None) -> Array:
    """What of today's invoices is paid in each month ahead (sample, client, month), in money.

    Parameters
    ----------
    owed, outlook
        As for `told`.
    months
        How many months; what is paid later, or never, is left out.
    luck
        None for what is expected; uniforms (sample, client) for one simulated future. A client who is slow with one
        invoice is so with the others.
    """
    total = _nothing(outlook, months)
    for some, still, _ in _blocks(owed, outlook, np.arange(months + 1)):
        left = still if luck is None else (luck[:, owed.client[some], None] < still).astype(np.float64)
        _add(total, owed.client[some], -owed.amount[some, None] * np.diff(left, axis=2))
    return total


def more_unpaid(never_paid: Array) -> Array:
    """By how much the chance that an invoice is never paid grows once its client is told; the same shape."""
    odds = ODDS_OF_NOT_PAYING_ONCE_TOLD
    return np.asarray(odds * never_paid / (1.0 + (odds - 1.0) * never_paid) - never_paid)


def _nothing(outlook: Outlook, months: int) -> Array:
    return np.zeros((*outlook.base.never_paid.shape[:2], months))


def _add(total: Array, clients: Places, values: Array) -> None:
    # To each client's total what its invoices come to (sample, invoice, month).
    np.add.at(total.swapaxes(0, 1), clients, values.swapaxes(0, 1))


def _blocks(owed: Owed, outlook: Outlook, months: NDArray[np.int64]) -> Iterator[tuple[slice, Array, Array]]:
    """Some invoices at a time: their chances to be open still (sample, invoice, month) and never to be paid (same, 1).

    Days to payment are log-logistic, with a share of invoices that is never paid, as `model.likelihood` has them.
    """
    base, spread = outlook.base, np.minimum(outlook.payment_spread, LARGEST_SCALE)[:, None, None]
    mean_of_median = np.pi * spread / np.sin(np.pi * spread)
    # Today, then the months asked for.
    ahead = DAYS_PER_MONTH * np.concatenate([[0.0], months])
    for start in range(0, len(owed.client), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        never = base.never_paid[:, owed.client[some], :1].astype(np.float64)
        mean = base.days_to_pay[:, owed.client[some], :1].astype(np.float64) + PAYMENT_RUN_DAYS
        usual = np.log(mean / mean_of_median) + owed.log_terms[some, None]
        days = np.log(owed.days_open[some, None] + ahead + PAYMENT_RUN_DAYS)
        still = never + (1.0 - never) * expit((usual - days) / spread)
        today = np.maximum(still[:, :, :1], LEAST)
        yield some, still[:, :, 1:] / today, never / today
