"""What a review says after a closer look at each client, taken by several processes where there are many of them."""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.workers import processes
from model.language import speaking

if TYPE_CHECKING:
    from model.evidence import Weight
    from model.judged import Judgement

# Up to so many clients a process of its own would take longer to start than it saves.
FEW, AT_ONCE, MOST_PROCESSES = 100, 25, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """What each kind of evidence adds, heaviest first, and what would have to change, as sentences, nearest first."""

    weights: "tuple[Weight, ...]"
    break_evens: tuple[str, ...]


def look_closer(judgement: "Judgement", on_client: Callable[[], object] = lambda: None) -> dict[str, Closer]:
    """A closer look at every client, by name; the same whoever takes it.

    Parameters
    ----------
    judgement
        The decisions.
    on_client
        Called for each client that was looked at.
    """
    clients = tuple(decision.client for decision in judgement.decisions)
    if len(clients) <= FEW:
        return _looked(judgement, on_client)
    from model.judged import excerpt

    found: dict[str, Closer] = {}
    running: deque[tuple[tuple[str, ...], Future[dict[str, Closer]]]] = deque()

    def collect() -> None:
        group, future = running.popleft()
        try:
            looked = future.result()
        except BrokenProcessPool:
            # A process that died, for want of memory perhaps: what it was looking at is looked at here.
            looked = _looked(excerpt(judgement, group))
        found.update(looked)
        for _ in looked:
            on_client()

    with processes(min(os.cpu_count() or 1, MOST_PROCESSES)) as workers:
        for first in range(0, len(clients), AT_ONCE):
            group = clients[first : first + AT_ONCE]
            # Excerpts are made as they are needed: all of them together would take as much room as the judgement.
            running.append((group, workers.submit(_looked, excerpt(judgement, group))))
            if len(running) > workers.at_once:
                collect()
        while running:
            collect()
    return found


def _looked(judgement: "Judgement", on_client: Callable[[], object] = lambda: None) -> dict[str, Closer]:
    from model.evidence import weights

    found = {}
    # A process of its own has not been told what to speak.
    with speaking(judgement.settings.language):
        for decision in judgement.decisions:
            client = decision.client
            found[client] = Closer(weights=weights(judgement, client), break_evens=_break_evens(judgement, client))
            on_client()
    return found


def _break_evens(judgement: "Judgement", client: str) -> tuple[str, ...]:
    from app.break_even_words import in_words
    from app.explaining import NEAR
    from model.break_even import break_evens

    if judgement.of(client).verdict == "deal_breaker":
        return ()  # left by a policy above the sums: no figure would change that
    found = [b for b in break_evens(judgement, client) if b.below is not None or b.above is not None]
    return tuple(in_words(b, judgement.settings.currency) for b in found[:NEAR])
