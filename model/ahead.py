"""The months ahead as draws: strain, payments, hours, energy and departure, the very ones the decision rests on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.belief import factors
from model.catalogue import TRAITS
from model.judged import Judgement
from model.observations import LEFT_AFTER_A_MONTH, month_number, month_start
from model.parameters import N_TRAITS, PERSISTENCE, Array
from model.shocks import shocks_of

if TYPE_CHECKING:
    from datetime import date

    from xarray import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What to expect of a figure, and the 80 % interval of what it may turn out to be."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthAhead:
    """One month ahead of a client, given that it is still there in that month.

    Parameters
    ----------
    month
        First day of the month.
    still_there
        Probability that the client has not left by itself by the end of the month.
    days_to_pay
        Days from issue to payment, of an invoice of this month that is paid.
    share_late
        Chance that an invoice of this month is paid after its due date, or never.
    hours
        Hours worked; zero where no hours are agreed.
    energy
        Rating, 1 (drained) to 5 (energised).
    strain
        Per trait, in the order of `model.catalogue.TRAITS`, in standard deviations of the population.
    """

    month: "date"
    still_there: float
    days_to_pay: Range
    share_late: float
    hours: Range
    energy: Range
    strain: tuple[Range, ...]


def strain_ahead(judgement: Judgement, client: str | None = None) -> Array:
    """Strain along the simulated futures of a judgement, shape (sample, client, month, trait).

    The client axis holds every client of the belief, or only the one named.

    From today's draw of strain each latent process drifts on with the random numbers the futures are made of, so that
    the same index is the same world as in `judgement.outlook.base_paths`.
    """
    theta, belief = judgement.population.theta, judgement.belief
    months = judgement.outlook.base.energy.shape[2]
    if client is not None:
        belief = belief.with_changed(belief, (client,))
    normal, _ = shocks_of(belief.clients, len(theta), months, judgement.seed)
    rho = theta[:, None, PERSISTENCE : PERSISTENCE + N_TRAITS]
    latent, strain = belief.latent, np.zeros((*belief.latent.shape[:2], months, N_TRAITS))
    for month in range(months):
        latent = rho * latent + np.sqrt(1.0 - rho**2) * np.moveaxis(normal[:, month, :N_TRAITS], 2, 0)
        fading = LEFT_AFTER_A_MONTH ** (month + 1) * belief.early
        strain[:, :, month] = belief.shift + fading + np.einsum("sij,scj->sci", factors(theta), latent)
    return strain


def draws_ahead(judgement: Judgement) -> "Dataset":
    """The months ahead of every active client as labelled draws.

    Returns
    -------
    Dataset
        Dims (sample, client, month), strain with trait as well; months are first days, up to the horizon.
        `there` is whether the client is still there at the start of the month; `strain`, `hours_ratio`, `paid`,
        `days_to_pay`, `energy` and `referrals` are simulated, one future for each draw. `chance_there`,
        `expected_hours_ratio`, `chance_never_paid`, `expected_days_to_pay`, `expected_energy` and
        `expected_referrals` are the expectations given each draw that the decision rests on.
    """
    import pandas as pd
    import xarray as xr

    months, belief = judgement.settings.horizon_months, judgement.belief
    base, paths = judgement.outlook.base, judgement.outlook.base_paths
    dims = ("sample", "client", "month")
    simulated = {
        "there": paths.left_in[..., None] >= np.arange(months),
        "hours_ratio": paths.hours_ratio, "paid": paths.paid, "days_to_pay": paths.days_to_pay,
        "energy": paths.energy, "referrals": paths.referrals,
    }  # fmt: skip
    expected = {
        "chance_there": base.alive, "expected_hours_ratio": base.hours_ratio, "chance_never_paid": base.never_paid,
        "expected_days_to_pay": base.days_to_pay, "expected_energy": base.energy,
        "expected_referrals": base.referrals,
    }  # fmt: skip
    return xr.Dataset(
        {name: (dims, values[..., :months]) for name, values in (simulated | expected).items()}
        | {"strain": ((*dims, "trait"), strain_ahead(judgement)[:, :, :months])},
        coords={
            "client": list(belief.clients), "trait": list(TRAITS),
            "month": pd.DatetimeIndex([_month(judgement, h) for h in range(months)]),
        },
    )  # fmt: skip


def months_ahead(judgement: Judgement, client: str, months: int | None = None) -> tuple[MonthAhead, ...]:
    """The months ahead of one client, each with what to expect and an 80 % interval.

    Expectations are those behind the decision; intervals are taken over the simulated futures in which the client is
    still there.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.
    months
        How many; up to the horizon where none is given.

    Raises
    ------
    UnknownClient
        If the client is not among the active ones.
    """
    judgement.of(client)
    c = judgement.belief.place(client)
    base, paths, terms = judgement.outlook.base, judgement.outlook.base_paths, judgement.terms[c]
    strain = strain_ahead(judgement, client)[:, 0]
    found = []
    for h in range(min(months or judgement.settings.horizon_months, judgement.settings.horizon_months)):
        # Everybody has left in every future: then nothing is left to condition on, and all futures are shown.
        there = paths.left_in[:, c] >= h
        there = there if there.any() else np.ones_like(there)
        alive, paid = base.alive[:, c, h], paths.paid[there, c, h] > 0
        days = paths.days_to_pay[there, c, h]
        late = ~paid | (days > terms.payment_terms_days)
        hours = float(terms.agreed_hours) * paths.hours_ratio[there, c, h]
        simulated = np.column_stack((days, hours, paths.energy[there, c, h], strain[there, h]))
        expected = (
            np.average(base.days_to_pay[:, c, h], weights=alive),
            float(terms.agreed_hours) * np.average(base.hours_ratio[:, c, h], weights=alive),
            np.average(base.energy[:, c, h], weights=alive),
            *strain[there, h].mean(axis=0),
        )
        # All at once: taken one by one, quantiles would take most of the time of a review.
        ranges = [
            Range(expected=float(mean), low=float(low), high=float(high))
            for mean, low, high in zip(expected, *np.quantile(simulated, (0.1, 0.9), axis=0), strict=True)
        ]
        found.append(
            MonthAhead(
                month=_month(judgement, h), still_there=float(base.alive[:, c, h + 1].mean()), days_to_pay=ranges[0],
                share_late=float(late.mean()), hours=ranges[1], energy=ranges[2], strain=tuple(ranges[3:]),
            )
        )  # fmt: skip
    return tuple(found)


def _month(judgement: Judgement, h: int) -> "date":
    return month_start(month_number(judgement.as_of) + 1 + h)
