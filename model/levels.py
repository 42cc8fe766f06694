"""The levels in which the firms of one platform differ, each a direction in the population's parameters.

A firm has every parameter of its platform, moved along these directions: how readily signs of a trait are seen there,
how soon its clients pay, how hours run over, how energy is rated, how often clients leave, recommend and agree. How
strain works (slopes, scales, half-lives, correlations) is the same everywhere.
"""

from dataclasses import dataclass

import numpy as np

from model.catalogue import TRAITS, Catalogue
from model.parameters import (
    ASK_CUTS,
    ENERGY_CUTS,
    HOURS_SHIFT,
    INVOICE_SHIFT,
    LEAVE_BASE,
    REFERRAL_BASE,
    Array,
    Layout,
)
from model.priors import Priors

# How far firms differ is believed to be at most about as much as is unknown of the average client of any firm: that is
# what the prior of a level says. Scale of a half-normal, in the prior's standard deviations: 95 % of it is below 1.
SPREAD = 0.5
# Name of the level, the prior it goes by, its first place and how many places move together.
_PLAIN = (
    ("invoice_shift", "invoice_shift", INVOICE_SHIFT, 1),
    ("hours_shift", "hours_shift", HOURS_SHIFT, 1),
    ("energy", "energy_first_cut", ENERGY_CUTS, 4),
    ("leave_base", "leave_base", LEAVE_BASE, 1),
    ("referral_base", "referral_base", REFERRAL_BASE, 1),
    ("asks", "ask_first_cut", ASK_CUTS, 3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Directions in which firms differ.

    Parameters
    ----------
    names
        Of each level.
    unit
        Shape (level, parameter): what one standard deviation of the level's prior adds to each parameter.
    """

    names: tuple[str, ...]
    unit: Array

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)


def levels_of(catalogue: Catalogue, priors: Priors) -> Levels:
    """The levels of a catalogue; a trait none of whose warning signs is in it has none.

    Warning signs move trait by trait, because firms differ in the clients they have and in what they take note of; good
    signs move apart from them, so that who ticks more of everything is not taken for who has worse clients.
    """
    layout = Layout.of(catalogue)
    names: list[str] = []
    unit: list[Array] = []
    for name, prior, first, size in _PLAIN:
        row = np.zeros(layout.size)
        row[first : first + size] = priors[prior].scale
        names.append(name)
        unit.append(row)
    for kind in (*TRAITS, "good"):
        row = np.zeros(layout.size)
        for place, sign in enumerate(catalogue.ticked):
            if ("good" if sign.is_good else sign.trait) == kind:
                row[layout.sign_base + place] = priors.of_sign(sign)[0].scale
        if row.any():
            names.append(f"signs[{kind}]")
            unit.append(row)
    return Levels(names=tuple(names), unit=np.array(unit))
