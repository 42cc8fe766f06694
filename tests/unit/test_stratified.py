"""Numbers spread evenly are what they would be one by one, fill their range, and make means err less."""

import numpy as np
import pytest
from scipy.stats import kstest

from model.stratified import normals, uniforms


@pytest.mark.parametrize("n", [1, 2, 7, 350])
def test_one_number_of_each_column_falls_into_each_equal_part_of_its_range(n: int):
    drawn = uniforms(np.random.default_rng(n), n, 3, 2)
    assert drawn.shape == (n, 3, 2) and ((drawn > 0) & (drawn < 1)).all()
    assert (np.sort(np.floor(drawn * n), axis=0) == np.arange(n)[:, None, None]).all()


def test_any_one_draw_is_uniform_and_owes_nothing_to_another_column():
    first = np.array([uniforms(np.random.default_rng(seed), 5, 2)[0] for seed in range(4000)])
    assert kstest(first[:, 0], "uniform").pvalue > 0.001 and kstest(first[:, 1], "uniform").pvalue > 0.001
    assert abs(np.corrcoef(first.T)[0, 1]) < 4 / np.sqrt(len(first))


def test_means_err_less_than_those_of_independent_draws():
    def of_means(draw: object) -> tuple[float, float]:
        means = [np.exp(0.5 * draw(seed)).sum(axis=1).mean() for seed in range(300)]  # type: ignore[operator]
        return float(np.mean(means)), float(np.std(means))

    evenly, error = of_means(lambda seed: normals(np.random.default_rng(seed), 64, 3))
    independent, usual = of_means(lambda seed: np.random.default_rng(seed).standard_normal((64, 3)))
    truth = 3 * np.exp(0.125)
    assert abs(evenly - truth) < 4 * error / np.sqrt(300) and abs(independent - truth) < 4 * usual / np.sqrt(300)
    assert error < 0.25 * usual


def test_no_draw_is_no_fault():
    assert normals(np.random.default_rng(1), 0, 4).shape == (0, 4)
