"""Reference case R25: the option to leave, by a tree and by the regression that values waiting."""

import numpy as np
import pytest

from model import voi


def american_put(steps: int, *, early: bool = True) -> float:
    """S = K = 50, r = .10, sigma = .4, T = 5/12, by a binomial tree (Cox, Ross and Rubinstein 1979)."""
    dt = 5 / 12 / steps
    up = np.exp(0.4 * np.sqrt(dt))
    p = (np.exp(0.10 * dt) - 1 / up) / (up - 1 / up)
    value = np.maximum(0.0, 50 - 50 * up ** (2 * np.arange(steps + 1) - steps))
    for step in range(steps - 1, -1, -1):
        value = np.exp(-0.10 * dt) * (p * value[1:] + (1 - p) * value[:-1])
        if early:
            value = np.maximum(value, 50 - 50 * up ** (2 * np.arange(step + 1) - step))
    return float(value[0])


def test_the_right_to_leave_early_is_never_worth_less_than_nothing():
    assert american_put(5) == pytest.approx(4.488459, abs=1e-6)
    assert american_put(2000) == pytest.approx(4.283922, abs=1e-5)
    assert american_put(2000, early=False) == pytest.approx(4.075981, abs=2e-3)


def test_waiting_by_regression_finds_the_worth_of_leaving_early():
    # One look, halfway: leave with what is in hand or stay to the end. Regression on what is seen must find what the
    # same choice is worth when it is made on the known value of staying.
    rng = np.random.default_rng(1)
    draws, half = 200_000, 5 / 24
    drift, sd = (0.10 - 0.08) * half, 0.4 * np.sqrt(half)
    seen = 50 * np.exp(drift + sd * rng.normal(size=draws))
    end = seen * np.exp(drift + sd * rng.normal(size=draws))
    leave = np.exp(-0.10 * half) * np.maximum(0.0, 50 - seen)
    stay = np.exp(-0.20 * half) * np.maximum(0.0, 50 - end)
    blind = max(leave.mean(), stay.mean())
    found = blind + voi.evsi(np.stack([stay, leave], axis=1), seen)
    from scipy.stats import norm

    far = (np.log(seen / 50) + (0.10 + 0.08) * half) / sd
    known = np.exp(-0.10 * half) * (50 * np.exp(-0.10 * half) * norm.cdf(sd - far) - seen * norm.cdf(-far))
    exact = np.maximum(leave, known).mean()
    error = 4 * np.maximum(leave, known).std() / np.sqrt(draws)
    assert found == pytest.approx(exact, abs=error)
    assert found > american_put(2000, early=False) and found < american_put(2000) + error
