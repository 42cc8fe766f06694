"""What was believed of every client after each of the last months, kept so that the next month costs one month."""

import json
import os
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.book.scoring import Question
    from model.belief import Belief
    from model.parameters import Array


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
    """The beliefs kept by firm; none where the file is missing, damaged, or was made of other draws or another way.

    Of each belief, only what a later month is taken up from is there.
    """
    try:
        with Path(path).open("rb") as file:
            about = json.loads(str(np.lib.format.read_array(file, allow_pickle=False)))
            if about["of"] != _of(question) or "numbers" not in about:
                return {}
            numbers = np.fromfile(file)
        return dict(_kept(about, numbers))
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        # Beliefs save time and nothing else: what cannot be read of them is worked out again.
        return {}


def _kept(about: "Mapping[str, Any]", numbers: "Array") -> "Iterator[tuple[str, Carried]]":
    from model.belief import KEPT_MONTHS, KEPT_NUMBERS, Belief

    if len(numbers) != sum(map(prod, about["numbers"])) or not np.isfinite(numbers).all():
        raise ValueError("numbers are missing, or none")
    start, none = 0, np.zeros((0, 0))
    for (firm, today, clients, months, draws), (samples, *_) in zip(about["firms"], about["numbers"], strict=True):
        shape = samples, len(clients), KEPT_MONTHS, KEPT_NUMBERS
        mine = slice(start, start := start + prod(shape))
        belief = Belief(
            clients=tuple(clients), today=today, latent=none, shift=none, early=none, strain=none, mean=none,
            cov=none, months=tuple(tuple((int(month), digest) for month, digest in held) for held in months),
            after=numbers[mine].reshape(shape),
        )  # fmt: skip
        yield firm, Carried(belief, draws)


def _of(question: "Question") -> str:
    # All but the day, which is what moves on, and the question of waiting, which no belief depends on.
    from dataclasses import replace
    from datetime import date

    from app.book.scoring import asked

    return asked(replace(question, as_of=date.min, waiting=False))
