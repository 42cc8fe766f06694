"""The standard normal numbers behind the parameters: from them to the parameters and back, and gradients likewise.

Each parameter with an interval prior has a standard normal number behind it. A partial correlation gets one by its
prior distribution function, so that a priori all of them are independent and alike. A posterior is close to a normal in
these coordinates, and a change of one unit means as much for any parameter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, betaln, ndtr, ndtri

from model.catalogue import Catalogue
from model.parameters import (
    ASK_CUTS,
    ENERGY_CUTS,
    FACTOR,
    HOURS_SHIFT,
    INVOICE_SHIFT,
    N_TRAITS,
    NEVER_SLOPE,
    PERSISTENCE,
    Array,
    Layout,
    natural,
    polarity_of,
)
from model.priors import Priors

CURVED = ("half_life", "invoice_slope", "invoice_scale")  # and the partial correlations
LEAST_SHARE = 1e-9  # no two traits are one and the same: nothing could be told apart any more
TINY = 1e-30  # of a complex step: nothing is lost to rounding (Squire and Trapp 1998)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The way between parameters and the standard normal numbers behind them, for one catalogue and set of priors.

    Parameters
    ----------
    layout, polarity
        Of the catalogue.
    location, scale, positive
        Shape (layout.free,): as from `Priors.location_and_scale`.
    shape
        Shape (6,): of the symmetric beta priors of the partial correlations.
    curved
        Places of the stated values that parameters are not linear in.
    straight
        Shape (number, parameter): derivatives of the parameters in the stated values; those of `curved` differ from
        place to place.
    """

    layout: Layout
    polarity: Array
    location: Array
    scale: Array
    positive: Array
    shape: Array
    curved: NDArray[np.int64]
    straight: Array

    @classmethod
    def of(cls, catalogue: Catalogue, priors: Priors) -> "Standard":
        """The way for a catalogue and priors."""
        layout = Layout.of(catalogue)
        location, scale, positive = priors.location_and_scale(catalogue, layout)
        shape, polarity = np.asarray(priors.partial_correlation_shape()), polarity_of(catalogue)
        count, free = layout.free + len(shape), layout.free
        steps = TINY * 1j * np.eye(count)
        moved = natural(1.0 + steps[:, :free], steps[:, free:], polarity, layout, np)
        return cls(
            layout=layout, polarity=polarity, location=location, scale=scale, positive=positive, shape=shape,
            curved=np.array([*_places(layout, CURVED), *range(free, count)]), straight=moved.imag / TINY,
        )  # fmt: skip

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return self.layout.free + len(self.shape)

    def parameters(self, numbers: Array) -> Array:
        """Parameters, shape (..., parameter), from standard normal numbers, shape (..., number)."""
        return np.ascontiguousarray(natural(*self._stated(numbers), self.polarity, self.layout, np))

    def numbers(self, theta: Array) -> Array:
        """Standard normal numbers, shape (sample, number), behind parameters, shape (sample, parameter)."""
        stated = self._as_stated(theta)
        logs = np.log(np.where(self.positive > 0, stated, 1.0))
        z = (np.where(self.positive > 0, logs, stated) - self.location) / self.scale
        share = (1.0 + _partials(theta)) / 2.0
        return np.concatenate([z, ndtri(betainc(self.shape, self.shape, share))], axis=-1)

    def gradient(self, numbers: Array, slopes: Array) -> Array:
        """Gradients in the numbers, shape (sample, number), from those in the parameters, shape (sample, parameter)."""
        values, partials = self._stated(numbers)
        pulled = slopes @ self.straight.T
        steps = TINY * 1j * np.eye(self.count)[self.curved]
        free = self.layout.free
        moved = natural(
            values[:, None] + steps[:, :free], partials[:, None] + steps[:, free:], self.polarity, self.layout, np
        )
        pulled[:, self.curved] = np.einsum("scp,sp->sc", moved.imag / TINY, slopes)
        return np.asarray(pulled * self._bend(numbers, values, partials))

    def _stated(self, numbers: Array) -> tuple[Array, Array]:
        # On the scale priors are stated on: values and partial correlations.
        linear = self.location + self.scale * numbers[..., : self.layout.free]
        values = np.where(self.positive > 0, np.exp(linear * self.positive), linear)
        share = betaincinv(self.shape, self.shape, ndtr(numbers[..., self.layout.free :]))
        share = np.clip(share, LEAST_SHARE, 1.0 - LEAST_SHARE)
        return values, 2.0 * share - 1.0

    def _bend(self, numbers: Array, values: Array, partials: Array) -> Array:
        # Derivative of each stated value in its number.
        share, y = (1.0 + partials) / 2.0, numbers[:, self.layout.free :]
        log_density = (self.shape - 1.0) * np.log(share * (1.0 - share)) - betaln(self.shape, self.shape)
        of_partials = 2.0 * np.exp(-0.5 * y**2 - log_density) / np.sqrt(2.0 * np.pi)
        return np.concatenate([self.scale * np.where(self.positive > 0, values, 1.0), of_partials], axis=1)

    def _as_stated(self, theta: Array) -> Array:
        # The inverse of `model.parameters.natural`, in the order of `Layout.free_blocks`.
        layout = self.layout
        slope, scale = theta[:, INVOICE_SHIFT + 1], theta[:, INVOICE_SHIFT + 2]
        energy, asks = theta[:, ENERGY_CUTS : ENERGY_CUTS + 4], theta[:, ASK_CUTS : ASK_CUTS + 3]
        return np.concatenate(
            [
                -np.log(2.0) / np.log(theta[:, PERSISTENCE : PERSISTENCE + N_TRAITS]),
                theta[:, INVOICE_SHIFT:NEVER_SLOPE],
                (theta[:, NEVER_SLOPE] - slope / scale)[:, None],
                theta[:, HOURS_SHIFT:ENERGY_CUTS],
                energy[:, :1], np.diff(energy, axis=1), theta[:, ENERGY_CUTS + 4 : ASK_CUTS],
                asks[:, :1], np.diff(asks, axis=1), theta[:, ASK_CUTS + 3 : layout.sign_strength],
                theta[:, layout.sign_strength :] * self.polarity,
            ],
            axis=1,
        )  # fmt: skip


def _places(layout: Layout, blocks: Sequence[str]) -> list[int]:
    places: list[int] = []
    start = 0
    for name, size in layout.free_blocks:
        places += range(start, start + size) if name in blocks else ()
        start += size
    return places


def _partials(theta: Array) -> Array:
    # Canonical partial correlations from the Cholesky factor, row by row.
    factor = theta[:, FACTOR : FACTOR + N_TRAITS**2].reshape(-1, N_TRAITS, N_TRAITS)
    found = []
    for i in range(1, N_TRAITS):
        left = np.ones(len(theta))
        for j in range(i):
            found.append(factor[:, i, j] / left)
            left = left * np.sqrt(1.0 - found[-1] ** 2)
    return np.stack(found, axis=-1)
