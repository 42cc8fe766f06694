"""Everything there is to say of why one client's answer is as it is, and of what would change it."""

from dataclasses import dataclass

import numpy as np

from model.break_even import BreakEven, break_evens
from model.decision import Decision
from model.evidence import Weight, record_weights, weights
from model.judged import Judgement
from model.risk import certainty_equivalent
from model.tornado import Swing, tornado
from model.unknowns import Knowledge, ProbeValue, knowledge, probe_values
from model.waiting import Waiting, considered, waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """One client's answer, taken apart.

    Parameters
    ----------
    decision
        The decision, with waiting as the fourth action where there is time to wait.
    wait
        What waiting is worth, None where the horizon is too short.
    weights, record_weights
        What each sign and kind of record adds, and what single records of the last twelve months add.
    break_evens
        Of every input and observable, the nearest first.
    knowledge
        What knowing each group of unknowns would be worth.
    probes
        Cheap ways to find out, worth most by the minute first.
    swings
        The tornado, the widest first.
    equivalents
        Pairs of an action and its certainty equivalent under the user's risk tolerance; empty where none is set.
    """

    decision: Decision
    wait: Waiting | None
    weights: tuple[Weight, ...]
    record_weights: tuple[Weight, ...]
    break_evens: tuple[BreakEven, ...]
    knowledge: Knowledge
    probes: tuple[ProbeValue, ...]
    swings: tuple[Swing, ...]
    equivalents: tuple[tuple[str, float], ...]


def understand(judgement: Judgement, client: str) -> Understanding:
    """Take the answer on one client apart.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    wait = waiting(judgement, client)
    return Understanding(
        decision=considered(judgement, judgement.of(client), wait),
        wait=wait,
        weights=weights(judgement, client),
        record_weights=record_weights(judgement, client),
        break_evens=break_evens(judgement, client),
        knowledge=knowledge(judgement, client),
        probes=probe_values(judgement, client),
        swings=tornado(judgement, client),
        equivalents=equivalents(judgement, client),
    )


def equivalents(judgement: Judgement, client: str) -> tuple[tuple[str, float], ...]:
    """The sure amount each action is worth to someone of the user's risk tolerance; empty where none is set.

    Taken over the simulated futures: it is what may happen that is feared, not what is not known.
    """
    tolerance = judgement.settings.risk_tolerance
    if tolerance is None:
        return ()
    paths = judgement.futures.sel(client=client)
    return tuple(
        (str(action), certainty_equivalent(np.asarray(paths.sel(action=action).values), float(tolerance)))
        for action in paths["action"].values
    )
