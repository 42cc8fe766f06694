"""Names and places of the population parameters in one flat vector, shared by every part that reads them.

The vector holds natural values (not transformed ones), so that a kernel reads and differentiates it directly.
"""

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.catalogue import TRAITS, Catalogue

Array = NDArray[np.float64]
N_TRAITS = len(TRAITS)
PAYMENT, DEMAND, CONDUCT, FIT = range(N_TRAITS)

# Places of the fixed blocks. The kernel uses these as compile-time constants.
PERSISTENCE = 0  # month-to-month correlation of each latent process
FACTOR = 4  # Cholesky factor of the correlation of the traits, row by row
INVOICE_SHIFT, INVOICE_SLOPE, INVOICE_SCALE, NEVER_BASE, NEVER_SLOPE = range(20, 25)
HOURS_SHIFT, HOURS_SLOPE, HOURS_SCALE = range(25, 28)
ENERGY_CUTS, ENERGY_SLOPES = 28, 32  # slopes of demand, conduct, fit
LEAVE_BASE, LEAVE_SLOPES = 35, 36
REFERRAL_BASE, REFERRAL_SLOPES = 40, 41  # slopes of conduct, fit
ASK_CUTS, ASK_SLOPES, ASK_PRICE, ASK_SCOPE, ASK_TERMS = 43, 46, 50, 51, 52
RELIEF_SCOPE, RELIEF_TERMS = 53, 54
EARLY = 55  # of each trait, how much more strained a client is on the first day than once settled
STANDING = EARLY + N_TRAITS


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes that depend on the catalogue, and the places that follow from them."""

    n_standing: int
    n_signs: int

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Layout":
        """The layout for a catalogue."""
        return cls(n_standing=len(catalogue.standing), n_signs=len(catalogue.ticked))

    @property
    def sign_base(self) -> int:
        """Place of the first sign's base rate."""
        return STANDING + self.n_standing

    @property
    def sign_strength(self) -> int:
        """Place of the first sign's strength."""
        return self.sign_base + self.n_signs

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.sign_strength + self.n_signs

    @property
    def free_blocks(self) -> tuple[tuple[str, int], ...]:
        """Names and sizes of the parameters with interval priors, in the order of the standard-normal vector."""
        return (
            ("half_life", 4),
            ("invoice_shift", 1), ("invoice_slope", 1), ("invoice_scale", 1),
            ("never_paid_base", 1), ("never_paid_extra", 1),
            ("hours_shift", 1), ("hours_slope", 1), ("hours_scale", 1),
            ("energy_first_cut", 1), ("energy_gaps", 3), ("energy_slopes", 3),
            ("leave_base", 1), ("leave_slopes", 4),
            ("referral_base", 1), ("referral_slopes", 2),
            ("ask_first_cut", 1), ("ask_gaps", 2), ("ask_slopes", 4),
            ("ask_price", 1), ("ask_scope", 1), ("ask_terms", 1),
            ("relief_scope", 1), ("relief_terms", 1),
            ("early_strain", N_TRAITS),
            ("standing_shift", self.n_standing),
            ("sign_base", self.n_signs), ("sign_strength", self.n_signs),
        )  # fmt: skip

    @property
    def free(self) -> int:
        """Length of the standard-normal vector."""
        return sum(size for _, size in self.free_blocks)

    def names(self, catalogue: Catalogue) -> tuple[str, ...]:
        """A readable name for each entry of the flat vector."""
        traits = list(TRAITS)
        names = [f"persistence[{t}]" for t in traits]
        names += [f"factor[{a},{b}]" for a in traits for b in traits]
        names += ["invoice_shift", "invoice_slope", "invoice_scale", "never_paid_base", "never_paid_slope"]
        names += ["hours_shift", "hours_slope", "hours_scale"]
        names += [f"energy_cut[{k}]" for k in range(1, 5)] + [f"energy_slope[{t}]" for t in traits[1:]]
        names += ["leave_base"] + [f"leave_slope[{t}]" for t in traits]
        names += ["referral_base"] + [f"referral_slope[{t}]" for t in traits[2:]]
        names += [f"ask_cut[{k}]" for k in range(1, 4)] + [f"ask_slope[{t}]" for t in traits]
        names += ["ask_price", "ask_scope", "ask_terms", "relief_scope", "relief_terms"]
        names += [f"early_strain[{t}]" for t in traits]
        names += [f"standing_shift[{sign.id}]" for sign in catalogue.standing]
        names += [f"sign_base[{sign.id}]" for sign in catalogue.ticked]
        names += [f"sign_strength[{sign.id}]" for sign in catalogue.ticked]
        return tuple(names)


def natural(values: Any, partials: Any, polarity: Array, layout: Layout, xp: Any) -> Any:
    """The flat vector of natural parameters, by NumPy or by PyTensor alike.

    Parameters
    ----------
    values
        Shape (..., layout.free): parameters on the scale their priors are stated on, in the order of `free_blocks`.
    partials
        Shape (..., 6): canonical partial correlations of the traits, in (-1, 1), row by row.
    polarity
        Shape (layout.n_signs,): 1 for warning signs, -1 for good ones.
    layout
        Places and sizes.
    xp
        `numpy` or `pytensor.tensor`.

    Returns
    -------
    array or tensor
        Shape (..., layout.size).
    """
    block, start = {}, 0
    for name, size in layout.free_blocks:
        block[name] = values[..., start : start + size]
        start += size
    parts = [
        xp.exp(-log(2.0) / block["half_life"]),
        _factor(partials, xp),
        block["invoice_shift"], block["invoice_slope"], block["invoice_scale"], block["never_paid_base"],
        # At least the odds by which strain slows payment: else an old open invoice, once "never paid" explains it,
        # would speak for its payer again.
        block["invoice_slope"] / block["invoice_scale"] + block["never_paid_extra"],
        block["hours_shift"], block["hours_slope"], block["hours_scale"],
        _cuts(block["energy_first_cut"], block["energy_gaps"], xp),
        block["energy_slopes"], block["leave_base"], block["leave_slopes"],
        block["referral_base"], block["referral_slopes"],
        _cuts(block["ask_first_cut"], block["ask_gaps"], xp),
        block["ask_slopes"], block["ask_price"], block["ask_scope"], block["ask_terms"],
        block["relief_scope"], block["relief_terms"], block["early_strain"], block["standing_shift"],
        block["sign_base"], block["sign_strength"] * polarity,
    ]  # fmt: skip
    return xp.concatenate(parts, axis=-1)


def polarity_of(catalogue: Catalogue) -> Array:
    """1 for warning signs, -1 for good ones, in the order of `catalogue.ticked`; shape (n_signs,)."""
    return np.array([-1.0 if sign.is_good else 1.0 for sign in catalogue.ticked])


def _cuts(first: Any, gaps: Any, xp: Any) -> Any:
    return xp.concatenate([first, first + xp.cumsum(gaps, axis=-1)], axis=-1)


def _factor(partials: Any, xp: Any) -> Any:
    # Row i of the Cholesky factor: each partial correlation takes its share of what the earlier ones left.
    zero = 0.0 * partials[..., 0]
    rows: list[Any] = []
    index = 0
    for i in range(N_TRAITS):
        left = zero + 1.0
        for j in range(N_TRAITS):
            if j < i:
                rows.append(partials[..., index] * left)
                left = left * xp.sqrt(1.0 - partials[..., index] ** 2)
                index += 1
            else:
                rows.append(left if j == i else zero)
    return xp.stack(rows, axis=-1)
