"""A fit in seconds, and later months taken up without one: both land where whole fits do."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from model import catalogue, middle, population, priors, quick_fit
from model.belief import believe
from model.bound import slopes
from model.errors import FitError
from model.likelihood import kernel_data
from model.observations import Observations, observe
from model.population import Population, load, save
from model.records import Records
from model.simulate import simulate
from model.standard import Standard
from model.taking_up import taken_up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
CATALOGUE, PRIORS = catalogue.load(), priors.load()
STANDARD = Standard.of(CATALOGUE, PRIORS)
BEFORE, AFTER = date(2026, 9, 30), date(2026, 10, 31)


def portfolio() -> tuple[Observations, Observations]:
    """Eight clients up to September, and a month later."""
    truth = population.from_prior(CATALOGUE, rng=np.random.default_rng(4), n_samples=1, independent=True).theta[0]
    world = simulate(truth, CATALOGUE, clients=8, months=12, until=AFTER, rng=np.random.default_rng(5))
    before, after = (observe(world.records, CATALOGUE, day) for day in (BEFORE, AFTER))
    return before, after


THEN, NOW = portfolio()


@pytest.fixture(scope="module")
def then() -> Population:
    return quick_fit.quick_fit(THEN, CATALOGUE)


@pytest.fixture(scope="module")
def now() -> Population:
    return quick_fit.quick_fit(NOW, CATALOGUE)


def uphill(drawn: Population, seen: Observations) -> np.ndarray:
    """Mean gradient of the log posterior in the numbers behind the parameters, which is nothing at its draws."""
    numbers = STANDARD.numbers(drawn.theta)
    gradient = STANDARD.gradient(numbers, slopes(drawn.theta, kernel_data(seen, CATALOGUE))[1]) - numbers
    return np.asarray(gradient.mean(axis=0))


def apart(one: Population, other: Population, seen: Observations) -> float:
    """How far two populations put the strain of today's clients apart, at most, in posterior deviations."""
    beliefs = [believe(drawn, seen, CATALOGUE) for drawn in (one, other)]
    gaps = []
    for name in seen.clients:
        (mean, sd), (other_mean, _) = (belief.summary(name) for belief in beliefs)
        gaps.append(np.abs(mean - other_mean) / sd)
    return float(np.max(gaps))


def test_a_quick_fit_lies_where_the_posterior_is_neither_uphill_nor_downhill(now: Population):
    spread = np.std(STANDARD.numbers(now.theta), axis=0)
    step = np.cov(STANDARD.numbers(now.theta), rowvar=False) @ uphill(now, NOW)
    assert np.abs(step / spread).max() < 0.15
    prior = population.from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=200)
    assert np.abs(uphill(prior, NOW)).max() > 3.0
    assert now.basis == "quick" and now.diagnostics is None


def test_a_quick_fit_is_as_unsure_as_the_records_leave_one(now: Population):
    # Under a density its gradient falls, for each unit one goes in a number, by one over the variance (Stein 1972).
    numbers = STANDARD.numbers(now.theta)
    gradient = STANDARD.gradient(numbers, slopes(now.theta, kernel_data(NOW, CATALOGUE))[1]) - numbers
    falls = -((numbers - numbers.mean(axis=0)) * gradient).mean(axis=0)
    assert abs(falls.mean() - 1.0) < 0.05
    assert np.abs(falls - 1.0).max() < 0.4


def test_months_taken_up_lie_where_a_new_fit_would(then: Population, now: Population):
    moved = taken_up(then, NOW, CATALOGUE, PRIORS)
    held, followed = apart(then, now, NOW), apart(moved, now, NOW)
    assert held > 0.1
    assert followed < 0.6 * held


def test_nothing_is_taken_up_where_nothing_is_new_or_nothing_is_known_of_the_fit(then: Population):
    assert taken_up(then, THEN, CATALOGUE, PRIORS) is then
    assert taken_up(replace(then, ledger=None), NOW, CATALOGUE, PRIORS).ledger is None
    forgetful = replace(then, slopes=np.zeros((0, 0)))
    assert taken_up(forgetful, NOW, CATALOGUE, PRIORS) is forgetful
    sceptical = replace(PRIORS, correlation_eta=PRIORS.correlation_eta + 1.0)
    assert taken_up(then, NOW, CATALOGUE, sceptical) is then


def test_a_fit_never_goes_back_to_what_was_known_before_it(now: Population):
    assert taken_up(now, THEN, CATALOGUE, PRIORS) is now


def test_what_a_fit_keeps_for_taking_months_up_is_saved_with_it(then: Population, tmp_path):
    save(then, tmp_path / "fit.npz")
    again = load(tmp_path / "fit.npz", CATALOGUE)
    np.testing.assert_array_equal(again.slopes, then.slopes)
    np.testing.assert_array_equal(
        taken_up(again, NOW, CATALOGUE, PRIORS).theta, taken_up(then, NOW, CATALOGUE, PRIORS).theta
    )


def test_the_same_seed_gives_the_same_quick_fit_and_another_one_other_draws(then: Population):
    np.testing.assert_array_equal(quick_fit.quick_fit(THEN, CATALOGUE).theta, then.theta)
    assert not np.array_equal(quick_fit.quick_fit(THEN, CATALOGUE, seed=2).theta, then.theta)


def test_a_quick_fit_of_nothing_or_stopped_or_unsettled_is_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(FitError, match="nothing to fit"):
        quick_fit.quick_fit(observe(Records(), CATALOGUE, AFTER), CATALOGUE)
    with pytest.raises(FitError, match="cancelled"):
        quick_fit.quick_fit(THEN, CATALOGUE, cancelled=lambda: True)
    monkeypatch.setattr(middle, "SETTLED", 0.0)
    with pytest.raises(FitError, match="did not settle"):
        quick_fit.quick_fit(THEN, CATALOGUE)
