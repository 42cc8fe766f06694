"""Strain through the months, looking back: what each month is believed to have been, given all that came after it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from model.belief import in_threads
from model.catalogue import Catalogue
from model.filter import factor_of, shift_of
from model.kernel import compiled
from model.likelihood import kernel_data
from model.observations import observe
from model.parameters import Array
from model.population import Population
from model.records import Records
from model.sign_likelihood import absence_tables
from model.smoother import smooth_client

TOLERANCE = 1e-2  # of the smoother, in units of strain


@dataclass(frozen=True, slots=True, kw_only=True)
class StrainPath:
    """Strain of one client in each of its recorded months, over all draws of the population.

    `month` (month,) are month numbers as in `model.observations`; `mean` and `sd` have axes (month, trait).
    """

    month: NDArray[np.int64]
    mean: Array
    sd: Array


def strain_path(
    population: Population, records: Records, client: str, catalogue: Catalogue, *, today: date
) -> StrainPath:
    """The smoothed strain of `client` through its recorded months, as of `today`.

    Parameters
    ----------
    population
        Draws of the population parameters.
    records
        The portfolio; later records than `today` are not used.
    client
        Name of the client.
    catalogue
        The signs.
    today
        Date of the answer.

    Raises
    ------
    UnknownClient
        If the portfolio holds no such client.
    UnknownSign
        If a record names a sign the catalogue does not hold.
    """
    seen = observe(records.of(client), catalogue, today)
    data = kernel_data(seen, catalogue)
    mean = np.zeros((population.n_samples, seen.n_rows, 4))
    var = np.zeros_like(mean)

    def work(part: slice) -> None:
        _smooth_samples(population.theta[part], data, TOLERANCE, mean[part], var[part])

    in_threads(work, population.n_samples)
    return StrainPath(month=seen.month, mean=mean.mean(axis=0), sd=np.sqrt(var.mean(axis=0) + mean.var(axis=0)))


@compiled
def _smooth_samples(theta, data, tolerance, mean, var):
    for s in range(theta.shape[0]):
        A = factor_of(theta[s])
        _, m, P = smooth_client(theta[s], data, absence_tables(theta[s], data), 0, tolerance, np.empty(0))
        for t in range(m.shape[0]):
            at = shift_of(theta[s], data, 0, t)
            for i in range(4):
                mean[s, t, i] = at[i]
                for k in range(i + 1):
                    mean[s, t, i] += A[i, k] * m[t, k]
                    for j in range(i + 1):
                        var[s, t, i] += A[i, k] * P[t, k, j] * A[i, j]
