"""The check that the calibration studies use: it passes what is right and rejects what is planted wrong."""

import numpy as np
import pytest
from scipy.stats import beta

from benchmarks.calibration import distance_and_band

N, TRIALS = 40_000, 10


def places(prior: tuple[float, float]) -> np.ndarray:
    """Where the truth lies in the posterior under a prior, for truths drawn from Beta(2, 5) and ten trials each."""
    rng = np.random.default_rng(1)
    theta = rng.beta(2, 5, N)
    came = rng.binomial(TRIALS, theta)
    return np.asarray(beta(prior[0] + came, prior[1] + TRIALS - came).cdf(theta))


@pytest.mark.parametrize(
    ("prior", "mean", "passes"), [((2, 5), 0.5, True), ((1, 1), 0.4404889, False), ((5, 2), 0.1250910, False)]
)
def test_the_right_prior_passes_and_wrong_ones_are_rejected(
    prior: tuple[float, float], mean: float, passes: bool
) -> None:
    found = places(prior)
    assert found.mean() == pytest.approx(mean, abs=4 * 0.29 / np.sqrt(N))
    # As many as the study of the strains has.
    distance, band = distance_and_band(found[:2000])
    assert (distance <= band) is passes
