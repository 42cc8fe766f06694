"""Numbers spread evenly are what they would be one by one, fill their range, and make means err less."""

from datetime import date

import numpy as np
import pytest
from scipy.special import gammainc, ndtr, ndtri
from scipy.stats import kstest, rankdata

from model import catalogue, priors
from model.belief import update
from model.beside import NUMBERS, beside
from model.market import market, numbers_of
from model.parameters import INVOICE_SHIFT, STANDING
from model.population import from_prior
from model.records import Client, Records
from model.stratified import normals, normals_of_each, uniforms, untangled

CATALOGUE = catalogue.load()


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


def correlation(drawn: np.ndarray, others: np.ndarray | None = None) -> float:
    """The largest correlation between two columns, or between one and any of the others."""
    count = drawn.shape[1]
    of_all = np.corrcoef(drawn.T if others is None else np.hstack((drawn, others)).T)[:count]
    return float(np.abs(of_all - np.eye(*of_all.shape)).max())


def test_numbers_untangled_are_the_same_draws_and_no_two_of_the_first_go_together():
    drawn = normals(np.random.default_rng(1), 128, 100)
    apart = untangled(drawn)
    assert (np.sort(apart, axis=0) == np.sort(drawn, axis=0)).all() and (apart[:, 64:] == drawn[:, 64:]).all()
    assert correlation(drawn[:, :64]) > 0.25 and correlation(apart[:, :64]) < 0.025


def test_products_of_numbers_untangled_err_less():
    def error(untangle: bool) -> float:
        drawn = (normals(np.random.default_rng(seed), 128, 4) for seed in range(200))
        some = (untangled(one) if untangle else one for one in drawn)
        return float(np.std([(np.exp(0.3 * one[:, 0]) * one[:, 1] * one[:, 2]).mean() for one in some]))

    assert error(untangle=True) < 0.75 * error(untangle=False)


def test_numbers_beside_a_population_go_together_neither_with_it_nor_with_each_other():
    theta = from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=128).theta
    drawn = normals_of_each([np.random.default_rng(n) for n in range(3)], 128, NUMBERS)
    apart = beside(theta, drawn)
    assert (np.sort(apart, axis=0) == np.sort(drawn, axis=0)).all()
    # Of what has to do with no sign, as a normal number of the same rank.
    some = theta[:, :STANDING][:, np.ptp(theta[:, :STANDING], axis=0) > 0]
    scores = ndtri((rankdata(some, axis=0) - 0.5) / len(theta))
    for one in range(3):
        before, after = (correlation(of[:, one], scores) for of in (drawn, apart))
        assert before > 0.2 and after < 0.03


def test_several_sets_are_ordered_as_each_is_by_itself():
    theta = from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=64).theta
    drawn = normals_of_each([np.random.default_rng(n) for n in range(3)], 64, NUMBERS)
    together = beside(theta, drawn, rounds=1)
    assert all(np.array_equal(together[:, n], beside(theta, drawn[:, n], rounds=1)) for n in range(3))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 9, 40])
def test_few_draws_are_ordered_beside_as_few(n: int):
    theta, drawn = np.random.default_rng(2).standard_normal((n, 30)), normals(np.random.default_rng(n), n, NUMBERS)
    assert (np.sort(beside(theta, drawn), axis=0) == np.sort(drawn, axis=0)).all()


def test_beside_draws_that_are_all_alike_nothing_is_lost():
    drawn = normals(np.random.default_rng(1), 20, NUMBERS)
    assert correlation(beside(np.ones((20, 7)), drawn)) < 0.1


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5])
def test_few_draws_are_untangled_as_far_as_they_go(n: int):
    drawn = normals(np.random.default_rng(n), n, 6)
    assert (np.sort(untangled(drawn), axis=0) == np.sort(drawn, axis=0)).all()


def test_no_draw_is_no_fault():
    assert normals(np.random.default_rng(1), 0, 4).shape == (0, 4)


def in_every_part(values: np.ndarray) -> bool:
    """Whether one of the `n` uniform values falls into each of `n` equal parts."""
    return bool((np.sort(np.floor(values * len(values))) == np.arange(len(values))).all())


@pytest.mark.parametrize("evenly", [True, False])
def test_the_prior_is_spread_evenly_where_answers_rest_on_it_and_not_where_worlds_are_drawn_from_it(evenly: bool):
    prior = priors.load()["invoice_shift"]
    drawn = from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=50, independent=not evenly)
    assert in_every_part(ndtr((drawn.theta[:, INVOICE_SHIFT] - prior.location) / prior.scale)) == evenly


def test_what_is_believed_of_a_client_and_of_the_market_is_spread_evenly():
    drawn = from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=50)
    anna = Client(name="Anna", currency="EUR", since=date(2026, 1, 1), billing="hourly")
    belief = update(drawn, Records(clients=(anna,)), CATALOGUE, today=date(2026, 6, 1))
    # Nothing is recorded: each process is standard normal.
    assert all(in_every_part(ndtr(belief.latent[:, 0, j])) for j in range(4))
    found = market(
        Records(), typical_fee=2000.0, typical_hours=40.0, today=date(2026, 6, 1),
        numbers=numbers_of(drawn.theta, 2),
    )  # fmt: skip
    rates, shape = -np.log1p(-found.win_rate), 1.0 / priors.load()["market_win_rate_factor"].scale ** 2
    usual = Records().settings.replacement.months_to_win / np.exp(priors.load()["market_win_rate_factor"].location)
    assert in_every_part(gammainc(shape, rates * shape * usual))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_numbers_of_several_generators_are_those_each_gives_by_itself(count):
    alone = [normals(np.random.default_rng(n), 50, 4) for n in range(count)]
    beside = normals_of_each([np.random.default_rng(n) for n in range(count)], 50, 4)
    assert beside.shape == (50, count, 4)
    assert all(np.array_equal(beside[:, n], one) for n, one in enumerate(alone))
