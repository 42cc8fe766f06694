"""Tornado: how the value of the best action, and its lead, swing with each input and each group of unknowns."""

from dataclasses import dataclass

import numpy as np

from model.break_even import inputs
from model.forecast import Array
from model.judged import Judgement
from model.language import Phrases
from model.unknowns import groups
from model.voi import conditional_mean

TAIL = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """One bar.

    Parameters
    ----------
    name, label
        Id and words.
    low, high
        The input's value at either end; None for a group of unknowns, whose ends are its tenth most favourable and
        its tenth least favourable draws for keeping.
    value_low, value_high
        Expected value of the action that is best at that end, in money.
    lead_low, lead_high
        Lead there of the action that is best today over the best other one; below 0 the choice changes.
    """

    name: str
    label: str
    low: float | None
    high: float | None
    value_low: float
    value_high: float
    lead_low: float
    lead_high: float

    @property
    def width(self) -> float:
        """Swing of the value."""
        return abs(self.value_high - self.value_low)

    @property
    def changes(self) -> bool:
        """Whether the choice changes at either end."""
        return min(self.lead_low, self.lead_high) < 0


def tornado(judgement: Judgement, client: str, *, share: float = 0.3) -> tuple[Swing, ...]:
    """The swings of one client, the widest first.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.
    share
        How far inputs are moved: this share of the way to the ends a break-even is sought between.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    judgement.of(client)
    draws = np.asarray(judgement.net_benefit.sel(client=client).values)
    best = int(np.argmax(draws.mean(axis=0)))
    found = []
    for one in inputs(judgement, client):
        low, high = one.now - share * (one.now - one.low), one.now + share * (one.high - one.now)
        below, above = one.means(low), one.means(high)
        found.append(
            Swing(
                name=one.name, label=one.label, low=low, high=high, value_low=float(below.max()),
                value_high=float(above.max()), lead_low=_lead(below, best), lead_high=_lead(above, best),
            )
        )  # fmt: skip
    for name, known in groups(judgement, client).items():
        expected = conditional_mean(draws, known)
        order = np.argsort(expected[:, 0])
        tail = max(1, round(TAIL * len(order)))
        below, above = expected[order[:tail]].mean(axis=0), expected[order[-tail:]].mean(axis=0)
        found.append(
            Swing(
                name=f"unknown_{name}", label=GROUPS[name], low=None, high=None, value_low=float(below.max()),
                value_high=float(above.max()), lead_low=_lead(below, best), lead_high=_lead(above, best),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda swing: (-swing.width, swing.name)))


GROUPS = Phrases(
    {
        "payment": "how they really pay",
        "demand": "how much they really ask",
        "conduct": "how they really behave",
        "fit": "how well they really fit",
        "answers": "how they would really answer",
        "market": "what the market really holds",
        "population": "what clients are really like in general",
    }
)


def _lead(means: Array, best: int) -> float:
    return float(means[best] - np.delete(means, best).max())
