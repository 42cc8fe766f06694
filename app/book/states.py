"""What was believed of every client after each of the last months, kept so that the next month costs one month."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.book.scoring import Question
    from model.belief import Belief
    from model.parameters import Array

# Where the lower triangle of a symmetric matrix lies in it, and where each of its numbers is found in the triangle.
LOWER = np.ravel_multi_index(np.tril_indices(4), (4, 4))
WHOLE = np.array([[max(i, j) * (max(i, j) + 1) // 2 + min(i, j) for j in range(4)] for i in range(4)]).ravel()


class Carried(NamedTuple):
    """A belief to carry on from, and a digest of the firm's own draws behind it; empty where all firms share theirs."""

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
    }
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f"{target.name}.{os.getpid()}.part")
    every = [carried.belief for carried in beliefs.values()]
    # One after the other in a plain file: an archive would be read twice over, for its checksums.
    with aside.open("wb") as file:
        np.save(file, np.array(json.dumps(about)))
        if every:
            np.save(file, np.concatenate([b.after_mean for b in every], axis=1))
            np.save(file, np.concatenate([_lower(b.after_cov) for b in every], axis=1))
    aside.replace(target)


def earlier_belief(path: str, question: "Question") -> dict[str, Carried]:
    """The beliefs kept by firm; none where the file is missing, or was made of other draws.

    Of each belief, only what a later month is taken up from is there.
    """
    from model.belief import Belief

    if not Path(path).exists():
        return {}
    with Path(path).open("rb") as file:
        about = json.loads(str(np.load(file)))
        if about["of"] != _of(question) or not about["firms"]:
            return {}
        mean, lower = np.load(file), np.load(file)
    cov = np.take(lower, WHOLE, axis=-1).reshape(*mean.shape, mean.shape[-1])
    found: dict[str, Carried] = {}
    start = 0
    none = np.zeros((0, 0))
    for firm, today, clients, months, *draws in about["firms"]:
        mine = slice(start, start + len(clients))
        start += len(clients)
        belief = Belief(
            clients=tuple(clients), today=today, latent=none, shift=none, early=none, strain=none, mean=none,
            cov=none, months=tuple(tuple((int(month), digest) for month, digest in held) for held in months),
            after_mean=mean[:, mine], after_cov=cov[:, mine],
        )  # fmt: skip
        found[firm] = Carried(belief, draws[0] if draws else "")
    return found


def _lower(cov: "Array") -> "Array":
    return np.take(cov.reshape(*cov.shape[:-2], cov.shape[-1] ** 2), LOWER, axis=-1)


def _of(question: "Question") -> str:
    # All but the day, which is what moves on, and the question of waiting, which no belief depends on.
    from dataclasses import replace
    from datetime import date

    from app.book.scoring import asked

    return asked(replace(question, as_of=date.min, waiting=False))
