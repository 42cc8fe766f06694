"""What was believed of every client after each of the last months, kept so that the next month costs one month."""

import json
import os
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.book.scoring import Question
    from model.belief import Belief


class Carried(NamedTuple):
    """A belief to carry on from, and a digest of the draws behind it."""

    belief: "Belief"
    draws: str


def keep_beliefs(path: str, question: "Question", beliefs: "Mapping[str, Carried]") -> None:
    """Write the beliefs about the clients of one part, whole or not at all."""
    about = {
        "of": _of(question),
        "firms": [
            [firm, belief.today, belief.clients, [list(map(list, months)) for months in belief.months], draws]
            for firm, (belief, draws) in beliefs.items()
        ],
        "numbers": [belief.after.shape for belief, _ in beliefs.values()],
    }
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f"{target.name}.{os.getpid()}.part")
    # One after the other in a plain file: an archive would be read twice over, for its checksums.
    with aside.open("wb") as file:
        np.save(file, np.array(json.dumps(about)))
        for belief, _ in beliefs.values():
            file.write(memoryview(np.ascontiguousarray(belief.after)).cast("B"))
    aside.replace(target)


def earlier_belief(path: str, question: "Question") -> dict[str, Carried]:
    """The beliefs kept by firm; none where the file is missing, or was made of other draws or another way.

    Of each belief, only what a later month is taken up from is there.
    """
    from model.belief import Belief

    if not Path(path).exists():
        return {}
    with Path(path).open("rb") as file:
        about = json.loads(str(np.load(file)))
        if about["of"] != _of(question) or "numbers" not in about:
            return {}
        numbers = np.fromfile(file)
    found: dict[str, Carried] = {}
    start, none = 0, np.zeros((0, 0))
    for (firm, today, clients, months, draws), shape in zip(about["firms"], about["numbers"], strict=True):
        mine = slice(start, start := start + prod(shape))
        belief = Belief(
            clients=tuple(clients), today=today, latent=none, shift=none, early=none, strain=none, mean=none,
            cov=none, months=tuple(tuple((int(month), digest) for month, digest in held) for held in months),
            after=numbers[mine].reshape(shape),
        )  # fmt: skip
        found[firm] = Carried(belief, draws)
    return found


def _of(question: "Question") -> str:
    # All but the day, which is what moves on, and the question of waiting, which no belief depends on.
    from dataclasses import replace
    from datetime import date

    from app.book.scoring import asked

    return asked(replace(question, as_of=date.min, waiting=False))
