"""What keeping, renegotiating and dropping each client is worth until the horizon.

Two arrays, never mixed up: `net_benefit` is the expectation over the future given each draw (expected values, chance of
being best, value of information); `futures` is one simulated future per draw (risk, pictures). Their means agree.

Value of a month = fee that comes in - hours x value of an hour + price of strain x (energy - 3) + referrals x value of
a lead. A client who leaves in month k is there for all of it; the slot for the hours opens at the start of k + 1.
An ask takes a month of talks: one who refuses and stays is given notice after that month at the earliest.
Money already received for work not yet done is owed under every action, so every action is charged with it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.calendar import Calendar
from model.case import MOST_LEADS_PER_MONTH, Case, Chance
from model.case import RENEGOTIATION_HOURS as RENEGOTIATION_HOURS
from model.forecast import Array, Forecast, Outlook, Paths
from model.kernel import packed
from model.lived import Path, Stakes, stayed, went
from model.owed import more_unpaid, told
from model.settings import Settings
from model.slot import slot_paths
from model.terms import Terms
from model.worth import leaves, stays, still_open

if TYPE_CHECKING:
    from xarray import DataArray

ACTIONS = ("keep", "renegotiate", "drop")
WAIT = "wait"
LAST_EXIT_MONTH = 12


def net_benefit(
    outlook: Outlook, terms: Sequence[Terms], settings: Settings, calendar: Calendar | None = None
) -> "DataArray":
    """Expected discounted value of each action given each draw (sample, client, action), in portfolio money.

    Parameters
    ----------
    outlook
        The months ahead given each draw.
    terms
        Terms of every client of the outlook, in any order.
    settings
        Economics and horizon; a forecast shorter than the horizon cuts it.
    calendar
        How full the calendar is, where the outlook holds only some of its clients.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms.
    """
    return labelled(expected(Case.of(outlook, terms, settings, calendar)), outlook.base.clients)


def expected(case: Case) -> Array:
    """The same of a case, without labels (sample, client, action)."""
    keep, renegotiate, drop, _ = _expected(case)
    return np.stack((keep, renegotiate, drop), axis=2)


def exit_values(
    outlook: Outlook,
    terms: Sequence[Terms],
    settings: Settings,
    last_month: int = LAST_EXIT_MONTH,
    calendar: Calendar | None = None,
) -> "DataArray":
    """Expected discounted value of leaving later, given each draw (sample, client, exit_month), in portfolio money.

    Exit month k is a promise made today to give notice in k months: notice is served from then on, while the end of a
    contract and committed work stay where they are; what will be open by then is at risk once the client is told, and a
    client who leaves before is not held. Exit month 0 is the action `drop` of `net_benefit`.

    Parameters
    ----------
    outlook, terms, settings
        As for `net_benefit`.
    last_month
        The last month considered; the horizon cuts it.
    calendar
        As for `net_benefit`.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms.
    """
    from xarray import DataArray

    worth = exits(Case.of(outlook, terms, settings, calendar), last_month)
    return DataArray(
        worth,
        dims=("sample", "client", "exit_month"),
        coords={"client": list(outlook.base.clients), "exit_month": np.arange(worth.shape[2])},
    )


def exits(case: Case, last_month: int) -> Array:
    """The same of a case, without labels (sample, client, exit_month)."""
    wait, base = np.arange(min(last_month, case.months - 1) + 1), case.outlook.base
    return dropped(case, case.month_of(base), base.alive, case.after, wait)


def keeps_when_refused(outlook: Outlook, terms: Sequence[Terms], settings: Settings) -> NDArray[np.bool_]:
    """Whether one goes on with a client who has refused the ask, instead of leaving (client).

    Parameters
    ----------
    outlook, terms, settings
        As for `net_benefit`.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms.
    """
    case = Case.of(outlook, terms, settings)
    return _expected(case)[3]


def futures(
    outlook: Outlook, terms: Sequence[Terms], settings: Settings, seed: int, calendar: Calendar | None = None
) -> "DataArray":
    """Discounted value of each action along one simulated future per draw (sample, client, action).

    The same random numbers serve every action, and those of a client depend on its name and `seed` alone.

    Parameters
    ----------
    outlook, terms, settings
        As for `net_benefit`.
    seed
        Seed of what is drawn here: search times, newcomers' fees, outcomes of asking.
    calendar
        As for `net_benefit`.

    Raises
    ------
    ValueError
        If a client of the outlook has no terms.
    """
    case = Case.of(outlook, terms, settings, calendar)
    *_, keeps_when_refused = _expected(case)
    return labelled(_simulated(case, keeps_when_refused, seed), outlook.base.clients)


def both(case: Case, seed: int) -> tuple[Array, Array]:
    """`net_benefit` and `futures` of a case without labels (sample, client, action), for less than one and the other.

    Parameters
    ----------
    case
        The portfolio.
    seed
        As for `futures`.
    """
    *worth, keeps_when_refused = _expected(case)
    return np.stack(worth, axis=2), _simulated(case, keeps_when_refused, seed)


def _simulated(case: Case, keeps_when_refused: NDArray[np.bool_], seed: int) -> Array:
    """One simulated future of each action per draw (sample, client, action)."""
    outlook, settings = case.outlook, case.settings
    chance = Chance.of(outlook, case.months, seed)
    slot = slot_paths(outlook.newcomer_paths, outlook.market, case.slot, chance.slot, settings)
    stakes = Stakes(
        fixed_fee=case.fixed_fee, fee_per_ratio=case.fee_per_ratio,
        cost_of_hours=case.agreed_hours * float(settings.reserve_value_per_hour),
        strain=float(settings.price_of_strain), most_leads=MOST_LEADS_PER_MONTH, lead=case.lead,
        per_day=settings.discount_rate / 365.0, discount=case.discount, slot=slot,
        queue=case.queue_month(chance.queue), relief=case.relief_per_month, relief_months=case.relief_months,
        prepaid=case.prepaid,
    )  # fmt: skip

    def asked(paths: Paths, rise: Array) -> Array:
        return stayed(_path(paths), stakes, rise, outlook.wear, packed(chance.wear))

    wait = np.array([0, case.answer_month])
    at_risk, lost = _when_told(case, wait)
    keep = asked(outlook.base_paths, np.zeros_like(case.rise))
    drop, drop_later, gone = went(
        _path(outlook.base_paths), stakes, case.leaving(wait), wait, packed(chance.exit), at_risk,
        lost / np.maximum(at_risk, 1e-9), packed(chance.unpaid), case.reputation,
    )  # fmt: skip
    accepted = asked(outlook.accepted_paths, case.rise)
    if outlook.partly_paths is None:
        either = asked(outlook.base_paths, case.rise / 2), asked(outlook.accepted_paths, case.rise / 2)
        midway = np.where(chance.partly < 0.5, *either)
    else:
        midway = asked(outlook.partly_paths, case.rise / 2)
    refused = np.where(keeps_when_refused, keep, drop_later)
    renegotiate = np.choose(chance.outcome_of(outlook.outcomes), [accepted, midway, refused, gone]) - case.asking_cost
    return np.stack((keep, renegotiate, drop), axis=2)


def _path(paths: Paths) -> Path:
    return Path(
        hours=packed(paths.hours_ratio), paid=packed(paths.paid), days=packed(paths.days_to_pay),
        energy=packed(paths.energy), referrals=packed(paths.referrals), left_in=packed(paths.left_in),
    )  # fmt: skip


def _expected(case: Case) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Expected keep, renegotiate and drop (sample, client), and whether one keeps a client who refuses (client)."""
    outlook, after = case.outlook, case.after
    base = case.month_of(outlook.base)
    keep = kept(case, base, outlook.base.alive, after)
    left = dropped(case, base, outlook.base.alive, after, np.array([0, case.answer_month]))
    drop, drop_later = left[:, :, 0], left[:, :, 1]
    accepted = _agreed(case, outlook.accepted, case.rise, after)
    partly = _agreed(case, outlook.partly, case.rise / 2, after)
    share = outlook.outcomes
    # A refusal is seen, the draw is not: the choice is made on the mean of the draws as the refusal reweights them.
    keeps = (share[:, :, 2] * (keep - drop_later)).mean(axis=0) >= 0
    stayed = np.where(keeps, keep, drop_later)
    gone = after[:, :, 0] - case.prepaid
    renegotiate = share[:, :, 0] * accepted + share[:, :, 1] * partly + share[:, :, 2] * stayed + share[:, :, 3] * gone
    return keep, renegotiate - case.asking_cost, drop, keeps


def _agreed(case: Case, forecast: Forecast, rise: Array, after: Array) -> Array:
    return kept(case, case.month_of(forecast, 1.0 + rise), forecast.alive, after, case.steadiness(rise))


def kept(case: Case, month: Array, alive: Array, after: Array, steadiness: Array | None = None) -> Array:
    """Worth of keeping until the client leaves by itself, in expectation (sample, client).

    Arguments as for `dropped`; `steadiness` is the chance not to leave because of a higher price, each month
    (sample, client).
    """
    steady = np.ones(month.shape[:2]) if steadiness is None else steadiness
    return np.asarray(stays(packed(month), packed(alive), packed(after), case.discount, steady) - case.prepaid)


def dropped(case: Case, month: Array, alive: Array, after: Array, wait: NDArray[np.int64]) -> Array:
    """Worth of leaving one who is told in some months, in expectation (sample, client, exit_month).

    Parameters
    ----------
    case
        The portfolio.
    month
        Expected value of each month while the client is there (sample, client, month).
    alive
        Chance to be there at the start of a month (sample, client, month).
    after
        Worth today of the hours freed at the start of a month (sample, client, month).
    wait
        In how many months the client is told (exit_month).
    """
    _, lost = _when_told(case, wait)
    worth = leaves(
        packed(month), packed(alive), packed(after), case.discount, case.leaving(wait), wait, lost + case.reputation
    )
    return np.asarray(worth - case.prepaid[:, None])


def _when_told(case: Case, wait: NDArray[np.int64]) -> tuple[Array, Array]:
    # What is open when the client is told, and what of it is lost by that. Today's open invoices are as old as they
    # are; those of the months ahead are fresh by then.
    base = case.outlook.base
    later = still_open(case.fixed_fee, case.fee_per_ratio, packed(base.hours_ratio), packed(base.days_to_pay), wait)
    is_open, lost = told(case.owed, case.outlook, wait)
    return np.asarray(later + is_open), np.asarray(later * more_unpaid(base.never_paid[:, :, wait]) + lost)


def labelled(values: Array, clients: tuple[str, ...]) -> "DataArray":
    """Values of the actions, and of waiting where it was considered, with their names (sample, client, action)."""
    from xarray import DataArray

    return DataArray(
        values,
        dims=("sample", "client", "action"),
        coords={"client": list(clients), "action": list((*ACTIONS, WAIT)[: values.shape[2]])},
    )
