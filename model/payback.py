"""How the worth of keeping and of leaving a client builds up month by month, and when leaving has paid for itself.

Searches are those one would make with the whole horizon before one; only the counting stops earlier. At the horizon the
figures are those of `model.actions`. What was paid ahead for work not yet done is owed in any case and left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.actions import dropped, kept
from model.calendar import Calendar
from model.case import Case, after_leaving
from model.forecast import Array, Outlook
from model.settings import Settings
from model.slot import open_slot
from model.terms import Terms

SAME = 1e-9  # of what keeping brings: less than this apart is not apart


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildUp:
    """Expected discounted money from today to the end of each month, of every client.

    Parameters
    ----------
    keep, drop
        Worth so far of keeping, and of giving notice today (client, month).
    freed
        Worth so far of the hours, were they free today (client, month).
    lead
        Worth of a referral received in a month, in money of that month (month).
    """

    clients: tuple[str, ...]
    keep: Array
    drop: Array
    freed: Array
    lead: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class PayBack:
    """When leaving has paid for itself; months count from 1, each taken at its end.

    Parameters
    ----------
    month
        The first from whose end on leaving has brought as much as keeping; None within the months followed.
    behind
        The most by which leaving is behind, in money; zero where it never is.
    lowest
        The month at whose end that is; None where there is none.
    months
        How many were followed.
    """

    month: int | None
    behind: float
    lowest: int | None
    months: int


def build_up(
    outlook: Outlook,
    terms: Sequence[Terms],
    settings: Settings,
    *,
    calendar: Calendar | None = None,
    months: int | None = None,
) -> BuildUp:
    """Follow keeping and leaving month by month.

    Parameters
    ----------
    outlook, terms, settings, calendar
        As for `model.actions.net_benefit`.
    months
        How many months to follow; the horizon cuts them, and is their number where none is given.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms.
    """
    whole = Case.of(outlook, terms, settings, calendar)
    many = whole.months if months is None else min(months, whole.months)
    shape = (len(outlook.base.clients), many)
    keep, drop, freed = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for month in range(many):
        case = _until(whole, month + 1)
        worth, alive, after = case.month_of(outlook.base), outlook.base.alive, case.after
        keep[:, month] = kept(case, worth, alive, after).mean(axis=0) + case.prepaid
        drop[:, month] = dropped(case, worth, alive, after, np.array([0]))[:, :, 0].mean(axis=0) + case.prepaid
        freed[:, month] = after[:, :, 0].mean(axis=0)
    return BuildUp(clients=outlook.base.clients, keep=keep, drop=drop, freed=freed, lead=whole.lead[:many])


def pay_back(built: BuildUp, client: str) -> PayBack:
    """How far leaving a client falls behind keeping, and when it has caught up."""
    c = built.clients.index(client)
    behind = built.keep[c] - built.drop[c]
    # While the notice runs the two are one, but for the last digits.
    under = np.flatnonzero(behind > SAME * np.abs(built.keep[c]).max(initial=1.0))
    if not under.size:
        return PayBack(month=1, behind=0.0, lowest=None, months=len(behind))
    lowest, after = int(behind.argmax()), int(under[-1]) + 2
    return PayBack(
        month=after if after <= len(behind) else None, behind=float(behind[lowest]), lowest=lowest + 1,
        months=len(behind),
    )  # fmt: skip


def _until(case: Case, months: int) -> Case:
    """The same case, counted to the end of so many months."""
    outlook, settings = case.outlook, case.settings
    discount = case.discount[: months + 1]
    size = np.zeros_like(case.slot.newcomers)
    slot = open_slot(outlook.newcomer, outlook.market, size, settings, months, policy=case.slot)
    queue = np.minimum(months, case.queue)
    relief_months = np.append(np.cumsum(discount[:-1][::-1])[::-1], 0.0)
    return replace(
        case,
        months=months,
        discount=discount,
        lead=case.lead[:months],
        slot=slot,
        after=after_leaving(discount, slot.value, queue, case.relief_per_month, relief_months),
        relief_months=relief_months,
        queue=queue,
    )
