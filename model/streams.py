"""Cash that comes in and hours that go out, month by month, for every action and day of leaving."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.actions import keeps_when_refused
from model.case import RENEGOTIATION_HOURS, Case, Chance
from model.forecast import Array, Forecast, Outlook, Paths
from model.owed import paid_in
from model.seeds import purposes_of
from model.settings import Settings
from model.terms import DAYS_PER_MONTH, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to go on with a client; in `exit_month` months the client is told, None unless one leaves."""

    action: str
    exit_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """Cash and hours of every client under every option; axes (sample, client, option, month), single precision.

    Parameters
    ----------
    clients, options
        What the axes stand for; month 0 is the first one after today.
    cash
        Money that arrives from the client in a month, not discounted: fees paid, when they are paid, and today's open
        invoices; less what was paid ahead. Costs of the firm and the income of a replacement are not in it.
    hours
        Hours worked for the client in a month.
    """

    clients: tuple[str, ...]
    options: tuple[Option, ...]
    cash: NDArray[np.float32]
    hours: NDArray[np.float32]


def streams(
    outlook: Outlook,
    terms: Sequence[Terms],
    settings: Settings,
    *,
    exit_months: Sequence[int] = (0,),
    seed: int | None = None,
) -> Streams:
    """Streams of keeping, of renegotiating and of leaving in each of `exit_months`, in this order.

    A payment that is due between two months counts in both, in proportion, so that its expected date is kept.

    Parameters
    ----------
    outlook, terms, settings
        As for `model.actions.net_benefit`.
    exit_months
        In how many months a client is told, as in `model.actions.exit_values`.
    seed
        None for expectations given each draw; a seed for the simulated futures of `model.actions.futures` with it.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms, or an exit month is negative.
    """
    if any(month < 0 for month in exit_months):
        raise ValueError(f"exit months count from 0; {min(exit_months)} came.")
    case = Case.of(outlook, terms, settings)
    keeps = keeps_when_refused(outlook, terms, settings)
    chance = None if seed is None else Chance.of(outlook, case.months, seed)
    ahead = outlook.base if chance is None else outlook.base_paths
    kept = _kept(case, ahead, np.zeros_like(case.rise), chance)
    options = (
        Option(action="keep"),
        Option(action="renegotiate"),
        *(Option(action="drop", exit_month=month) for month in exit_months),
    )
    shape = (*kept.cash.shape[:2], len(options), case.months)
    found = Streams(
        clients=outlook.base.clients, options=options, cash=np.empty(shape, np.float32),
        hours=np.empty(shape, np.float32),
    )  # fmt: skip

    owed = paid_in(case.owed, outlook, case.months, None if seed is None else _luck(outlook, seed))

    def put(place: int, flow: _Flow) -> None:
        # What is open today comes in alike, whatever one does.
        found.cash[:, :, place], found.hours[:, :, place] = flow.cash + owed, flow.hours

    # One after the other: those of hundreds of clients side by side would be most of the memory of an answer.
    put(0, kept)
    put(1, _asked(case, kept, keeps, chance))
    for place, month in enumerate(exit_months, start=2):
        put(place, _left(case, ahead, kept, month))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    cash: Array
    hours: Array


def _asked(case: Case, kept: _Flow, keeps: NDArray[np.bool_], chance: Chance | None) -> _Flow:
    outlook, half, rise = case.outlook, case.rise / 2, case.rise
    ahead: Forecast | Paths
    if chance is None:
        ahead, weights = outlook.base, outlook.outcomes
        accepted, partly = _kept(case, outlook.accepted, rise, None), _kept(case, outlook.partly, half, None)
    else:
        ahead, weights = outlook.base_paths, np.eye(4)[chance.outcome_of(outlook.outcomes)]
        accepted = _kept(case, outlook.accepted_paths, rise, chance)
        if outlook.partly_paths is None:
            halves = (_kept(case, paths, half, chance) for paths in (ahead, outlook.accepted_paths))
            partly = _either(chance.partly[:, :, None] < 0.5, *halves)
        else:
            partly = _kept(case, outlook.partly_paths, half, chance)
    refused = _either(keeps[:, None], kept, _left(case, ahead, kept, case.answer_month))
    gone = _Flow(cash=np.zeros_like(kept.cash), hours=np.zeros_like(kept.hours))
    asked = _weighted(weights, (accepted, partly, refused, gone))
    asked.hours[:, :, 0] += RENEGOTIATION_HOURS
    return asked


def _kept(case: Case, ahead: Forecast | Paths, rise: Array, chance: Chance | None) -> _Flow:
    if isinstance(ahead, Forecast):
        ahead = replace(ahead, alive=case.worn(ahead.alive, rise))
    elif chance is not None:
        ahead = chance.worn(ahead, rise, case.outlook.wear)
    return _worked(case, ahead, 1.0 + rise, np.ones((len(case.prepaid), case.months)), refund_in=None)


def _left(case: Case, ahead: Forecast | Paths, kept: _Flow, month: int) -> _Flow:
    leaving = case.leaving(np.array([month]))[:, 0]
    if (leaving >= case.months).all():
        return kept
    served = np.clip(leaving[:, None] - np.arange(case.months), 0.0, 1.0)
    return _worked(case, ahead, 1.0, served, refund_in=np.floor(leaving).astype(np.int64))


def _worked(
    case: Case, ahead: Forecast | Paths, price_factor: Array | float, served: Array, refund_in: NDArray[np.int64] | None
) -> _Flow:
    cut = slice(None, case.months)
    there = served * _there(ahead, case.months)
    owed = there * case.invoiced(ahead, price_factor)
    # What was paid ahead is worked off before anything new is paid.
    beyond = np.maximum(0.0, np.cumsum(owed, axis=2) - case.prepaid[:, None])
    paid = ahead.paid if isinstance(ahead, Paths) else 1.0 - ahead.never_paid
    cash = _arriving(np.diff(beyond, axis=2, prepend=0.0) * paid[:, :, cut], ahead.days_to_pay[:, :, cut])
    if refund_in is not None:
        refund = np.maximum(0.0, case.prepaid - owed.sum(axis=2))
        within = np.flatnonzero(refund_in < case.months)
        cash[:, within, refund_in[within]] -= refund[:, within]
    return _Flow(cash=cash, hours=there * case.agreed_hours[:, None] * ahead.hours_ratio[:, :, cut])


def _there(ahead: Forecast | Paths, months: int) -> Array:
    if isinstance(ahead, Forecast):
        return np.asarray(ahead.alive[:, :, :months])
    return np.asarray((np.arange(months) <= ahead.left_in[:, :, None]).astype(float))


def _luck(outlook: Outlook, seed: int) -> Array:
    # Uniforms of the open invoices (sample, client), by the name of a client and the seed alone.
    luck = np.empty(outlook.base.never_paid.shape[:2])
    for place, rng in enumerate(purposes_of([f"invoices of {name}" for name in outlook.base.clients], seed)):
        luck[:, place] = rng.random(len(luck))
    return luck


def _arriving(earned: Array, days_to_pay: Array) -> Array:
    """Money earned in a month (sample, client, month), in the months it arrives; what arrives later is left out."""
    months = earned.shape[2]
    arrived = np.zeros((*earned.shape[:2], months + 1))
    row, column = np.arange(earned.shape[0])[:, None], np.arange(earned.shape[1])
    for month in np.flatnonzero(earned.any(axis=(0, 1))):
        place = np.minimum(month + days_to_pay[:, :, month] / DAYS_PER_MONTH, months)
        first = np.floor(place).astype(np.int64)
        later = earned[:, :, month] * (place - first)
        arrived[row, column, first] += earned[:, :, month] - later
        arrived[row, column, np.minimum(first + 1, months)] += later
    return arrived[:, :, :months]


def _either(first: NDArray[np.bool_], yes: _Flow, no: _Flow) -> _Flow:
    return _Flow(cash=np.where(first, yes.cash, no.cash), hours=np.where(first, yes.hours, no.hours))


def _weighted(weights: Array, flows: Sequence[_Flow]) -> _Flow:
    share = np.moveaxis(weights, 2, 0)[..., None]
    return _Flow(
        cash=np.asarray(sum(w * flow.cash for w, flow in zip(share, flows, strict=True))),
        hours=np.asarray(sum(w * flow.hours for w, flow in zip(share, flows, strict=True))),
    )
