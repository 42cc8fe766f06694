"""What was worked out lately of some draws."""

import numpy as np

from model.lately import Lately


def test_the_same_draws_are_asked_once_and_equal_ones_are_others():
    lately: Lately[int] = Lately(2)
    first, asked = np.zeros(3), []

    def made() -> int:
        asked.append(len(asked))
        return asked[-1]

    assert [lately.of(first, 1, made), lately.of(first, 1, made), lately.of(first, 2, made)] == [0, 0, 1]
    assert lately.of(first.copy(), 1, made) == 2


def test_only_the_last_few_are_kept():
    lately: Lately[str] = Lately(2)
    draws = [np.zeros(1) for _ in range(3)]
    for place, one in enumerate(draws):
        lately.of(one, None, lambda place=place: str(place))
    assert [lately.of(one, None, lambda: "again") for one in draws[1:]] == ["1", "2"]
    assert lately.of(draws[0], None, lambda: "again") == "again"
