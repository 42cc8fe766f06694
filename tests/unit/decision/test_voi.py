"""Reference cases R1, R3, R5, R6, R13, R32 and the laws of value of information."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from model import risk, voi

DRAWS = 200_000


def normal(rng, mean, sd, size=DRAWS):
    return mean + sd * rng.normal(size=size)


def four_errors(values):
    return 4 * np.std(values) / np.sqrt(len(values))


@pytest.mark.parametrize(
    ("k", "all_known", "first", "second"),
    [(1, 0.4798107063, 0.0833154706, 0.3955931148), (2, 0.3992824567, 0.1666309412, 0.1666309412)],
)
def test_two_options_are_worth_knowing_more_about_by_the_published_amounts(k, all_known, first, second):
    rng = np.random.default_rng(1)
    p1 = normal(rng, 1, 1)
    p2 = normal(rng, 0, 2)
    nb = np.stack([np.zeros(DRAWS), k * p1 - p2], axis=1)
    tolerance = four_errors(np.maximum(0, nb[:, 1]) - np.maximum(0, k))
    assert voi.evpi(nb) == pytest.approx(all_known, abs=tolerance)
    assert voi.evppi(nb, p1) == pytest.approx(first, abs=tolerance)
    assert voi.evppi(nb, p2) == pytest.approx(second, abs=tolerance)
    assert voi.evppi(nb, {"p1": p1, "p2": p2}) == pytest.approx(voi.evpi(nb), abs=1e-6)


@pytest.mark.parametrize(
    ("n", "expected"), [(1, 0.0251272708), (10, 0.0723251203), (100, 0.0821176056), (1000, 0.0831946061)]
)
def test_a_sample_is_worth_more_the_larger_it_is(n, expected):
    rng = np.random.default_rng(2)
    p1, p2 = normal(rng, 1, 1), normal(rng, 0, 2)
    nb = np.stack([np.zeros(DRAWS), p1 - p2], axis=1)
    mean_of_sample = p1 + rng.normal(size=DRAWS) / np.sqrt(n)
    posterior_mean = (1 + n * mean_of_sample) / (1 + n)
    tolerance = four_errors(np.maximum(0, posterior_mean) - posterior_mean) + four_errors(nb[:, 1]) * 0.2
    assert voi.evsi(nb, mean_of_sample, p1) == pytest.approx(expected, abs=tolerance)


def test_the_most_probable_best_of_three_is_not_the_one_with_least_risk():
    rng = np.random.default_rng(3)
    options = [normal(rng, 100, 10), normal(rng, 110, 40), normal(rng, 90, 60)]
    nb = np.stack(options, axis=1)
    tolerance = four_errors(nb.max(axis=1) - nb[:, 1])
    assert risk.p_best(nb) == pytest.approx([0.2345569, 0.4486659, 0.3167773], abs=4 * 0.5 / np.sqrt(DRAWS))
    assert risk.expected_loss(nb) == pytest.approx([35.0844, 25.0844, 45.0844], abs=2 * tolerance)
    assert voi.evpi(nb) == pytest.approx(25.0844409, abs=tolerance)
    for option, expected in zip(options, [0.8331547, 11.4537879, 15.2541669], strict=True):
        assert voi.evppi(nb, option) == pytest.approx(expected, abs=tolerance)


def test_the_campaign_of_unknown_sales():
    sales = norm(225_000, 45_596.762393).ppf((np.arange(DRAWS) + 0.5) / DRAWS)
    nb = np.stack([np.zeros(DRAWS), 25 * sales - 5_000_000], axis=1)
    assert nb[:, 1].mean() == pytest.approx(625_000, rel=1e-6)
    assert (nb[:, 1] < 0).mean() == pytest.approx(0.2917482698, abs=1e-5)
    assert voi.evpi(nb) == pytest.approx(208_954.0079, rel=1e-5)
    assert risk.expected_loss(nb)[0] == pytest.approx(833_954.0079, rel=1e-5)


def test_trials_of_an_unknown_share_are_worth_the_exact_amounts():
    rng = np.random.default_rng(4)
    theta = rng.beta(3, 2, DRAWS)
    nb = np.stack([100 * theta - 60, np.zeros(DRAWS)], axis=1)
    tolerance = four_errors(np.maximum(0, nb[:, 0]) - nb[:, 0] / 2)
    assert voi.evpi(nb) == pytest.approx(8.2944, abs=tolerance)
    for n, expected in [(1, 4.0), (2, 4.57143), (5, 5.71429), (10, 6.71329), (50, 7.90461)]:
        successes = rng.binomial(n, theta)
        assert voi.evsi(nb, successes, theta) == pytest.approx(expected, abs=tolerance)


def party(detected_share=0.8, draws=50):
    """Every case as often as it is probable: sun 40 %, a detector right 80 % of the time."""
    sun = np.arange(draws) < 0.4 * draws
    says = np.concatenate([np.arange(20) < round(detected_share * 20), np.arange(30) >= round(detected_share * 30)])
    value = np.where(sun[:, None], [100.0, 90.0, 40.0], [0.0, 20.0, 50.0])
    return value, sun, says


def test_the_party_problem_with_and_without_fear():
    value, sun, says = party()
    assert value.mean(axis=0) == pytest.approx([40, 48, 46])
    assert voi.evpi(value) == pytest.approx(22)
    assert voi.evppi(value, sun) == pytest.approx(22)
    assert voi.evsi(value, says, sun) == pytest.approx(11.2)
    equivalents = [risk.certainty_equivalent(value[:, a], 50 / np.log(2)) for a in range(3)]
    assert equivalents == pytest.approx([25.7287, 40.6009, 45.8322], abs=1e-4)
    utility = 4 / 3 * (1 - 2 ** (-value / 50))
    assert utility.mean(axis=0) == pytest.approx([0.4, 0.573887, 0.627014], abs=1e-6)


def the_house_case():
    """R32 by enumeration: 2,000 cases, each as often as it is probable."""
    bad = np.repeat([True, False], [600, 1400])
    late = np.concatenate([np.arange(600) < 360, np.arange(1400) < 280])
    creep = np.concatenate([np.arange(360) < 180, np.arange(240) < 120, np.arange(280) < 70, np.arange(1120) < 280])
    value = np.where(bad[:, None], [-10.0, 3.0, 5.0], [20.0, 17.0, 5.0])
    return value, bad, late, creep


def test_keep_renegotiate_or_drop_the_house_case():
    value, _, late, creep = the_house_case()
    assert value.mean(axis=0) == pytest.approx([11, 12.8, 5])
    assert voi.evpi(value) == pytest.approx(2.7)
    assert voi.evsi(value, late) == pytest.approx(0.12)
    assert voi.evsi(value, np.stack([late, creep], axis=1)) == pytest.approx(0.48)
    both = value[late & creep]
    assert (both[:, 0] < 0).mean() == pytest.approx(0.72)
    assert both.mean(axis=0) == pytest.approx([-1.6, 6.92, 5])
    assert voi.evpi(both) == pytest.approx(2.28)
    none = value[~late & ~creep]
    assert (none[:, 0] < 0).mean() == pytest.approx(0.125)
    assert none.mean(axis=0)[0] == pytest.approx(16.25)
    for bad_share, (worse, better) in [(3 / 16, (0, 1)), (6 / 7, (1, 2))]:
        means = bad_share * np.array([-10, 3, 5]) + (1 - bad_share) * np.array([20, 17, 5])
        assert means[worse] == pytest.approx(means[better])


draws = st.integers(0, 10_000).map(np.random.default_rng)


@given(draws, st.integers(2, 5))
def test_the_value_of_perfect_information_is_the_smallest_expected_loss(rng, actions):
    nb = rng.normal(rng.normal(size=actions), np.exp(rng.normal(size=actions)), (300, actions))
    assert voi.evpi(nb) == pytest.approx(risk.expected_loss(nb).min())
    assert voi.evpi(nb) >= 0


@given(draws)
def test_more_evidence_is_never_worth_less_and_none_beats_knowing_all(rng):
    theta = rng.integers(0, 3, (400, 2)).astype(float)
    seen = theta[:, 0] + rng.integers(0, 2, 400)
    nb = theta @ rng.normal(size=(2, 3)) + rng.normal(size=3)
    one, two = voi.evppi(nb, theta[:, 0]), voi.evppi(nb, theta)
    slack = 1e-9
    assert 0 <= voi.evsi(nb, seen, theta[:, 0]) <= one + slack
    assert one <= two + slack
    assert two == pytest.approx(voi.evpi(nb))


@given(draws)
def test_knowing_continuous_unknowns_is_worth_between_nothing_and_everything(rng):
    theta = rng.normal(size=(400, 2))
    seen = theta[:, 0] + rng.normal(size=400)
    nb = np.stack([np.zeros(400), theta[:, 0] + 0.5 * theta[:, 1]], axis=1)
    noise = 0.1
    assert 0 <= voi.evsi(nb, seen, theta[:, 0]) <= voi.evppi(nb, theta[:, 0])
    assert voi.evppi(nb, theta[:, 0]) <= voi.evppi(nb, theta) + noise
    assert voi.evppi(nb, theta) == pytest.approx(voi.evpi(nb), abs=1e-6)


@pytest.mark.parametrize("samples", [128, 350])
def test_of_several_sets_of_unknowns_a_larger_one_is_never_worth_less(samples):
    rng = np.random.default_rng(1)
    fell = 0
    for _ in range(25):
        theta = rng.normal(size=(samples, 6))
        nb = theta @ rng.normal(size=(6, 3)) + (theta[:, [0]] * theta[:, [1]]) @ rng.normal(size=(1, 3))
        parts = {str(k): theta[:, k] for k in range(6)}
        chain = ["3", "31", "310", "3105", "31052", "310524"]
        told = voi.evppi_of_sets(nb, parts, [*chain, "1", "51"])
        assert list(told[:6]) == sorted(told[:6]) and told[7] >= told[6]
        assert min(told) >= 0 and max(told) <= voi.evpi(nb)
        alone = [voi.evppi(nb, {name: parts[name] for name in names}) for names in chain]
        assert all(told[k] >= alone[k] - 1e-6 for k in range(6))
        fell += min(np.diff(alone)) < -1e-6
    assert fell  # one regression for each set does not keep the rule by itself


def test_an_answer_whose_chances_are_known_is_worth_what_its_many_repetitions_come_to():
    rng = np.random.default_rng(4)
    chance_of_yes = rng.uniform(size=400)
    nb = np.column_stack([np.full(400, 0.5), chance_of_yes + 0.3 * rng.normal(size=400)])
    chances = np.column_stack([chance_of_yes, 1 - chance_of_yes])
    worth = voi.evsi_of_answer(nb, chances)
    times = 200
    said = (rng.uniform(size=(times, 400)) < chance_of_yes).astype(float)
    assert worth == pytest.approx(voi.evsi(np.tile(nb, (times, 1)), said.ravel()), abs=0.01)
    assert 0 <= worth <= voi.evpi(nb)


@given(draws)
def test_an_answer_that_depends_on_nothing_known_is_worth_nothing(rng):
    nb = rng.normal(size=(300, 3))
    assert voi.evsi_of_answer(nb, np.tile([0.2, 0.3, 0.5], (300, 1))) == pytest.approx(0, abs=1e-9)
    everything = np.eye(3)[nb.argmax(axis=1)]
    assert voi.evsi_of_answer(nb, everything) == pytest.approx(voi.evpi(nb))


@given(draws, st.floats(-1e6, 1e6), st.floats(0.01, 100))
def test_a_constant_changes_nothing_and_money_only_scales(rng, constant, scale):
    nb = rng.normal(size=(200, 3))
    known = nb[:, 0] + rng.normal(size=200)
    for moved in (nb + constant, nb + constant * rng.normal(size=(200, 1))):
        assert voi.evpi(moved) == pytest.approx(voi.evpi(nb), abs=1e-7)
        assert risk.expected_loss(moved) == pytest.approx(risk.expected_loss(nb), abs=1e-7)
    assert voi.evppi(nb + constant, known) == pytest.approx(voi.evppi(nb, known), abs=1e-7)
    assert voi.evpi(scale * nb) == pytest.approx(scale * voi.evpi(nb))
    assert voi.evppi(scale * nb, known) == pytest.approx(scale * voi.evppi(nb, known), abs=1e-9 * scale)


@given(draws)
def test_the_order_of_draws_and_actions_changes_nothing(rng):
    nb = rng.normal(size=(200, 3))
    known = nb[:, 1] + rng.normal(size=200)
    shuffled, actions = rng.permutation(200), rng.permutation(3)
    assert voi.evpi(nb[shuffled][:, actions]) == pytest.approx(voi.evpi(nb))
    assert voi.evppi(nb[shuffled][:, actions], known[shuffled]) == pytest.approx(voi.evppi(nb, known), abs=1e-9)
    assert risk.p_best(nb[shuffled][:, actions]) == pytest.approx(risk.p_best(nb)[actions])


@given(draws)
def test_probabilities_of_being_best_share_ties_and_sum_to_one(rng):
    nb = rng.integers(0, 3, (100, 4)).astype(float)
    probability = risk.p_best(nb)
    assert ((probability >= 0) & (probability <= 1)).all()
    assert probability.sum() == pytest.approx(1)


def test_named_dims_may_come_in_any_order():
    value, sun, _ = party()
    named = xr.DataArray(value.T, dims=("action", "sample"))
    assert voi.evppi(named, xr.DataArray(sun, dims="sample")) == pytest.approx(22)
    with pytest.raises(ValueError, match="dims"):
        voi.evpi(xr.DataArray(value, dims=("sample", "client")))


def test_a_known_that_does_not_vary_is_worth_nothing():
    value, _, _ = party()
    assert voi.evppi(value, np.ones(50)) == 0


@pytest.mark.parametrize(
    ("net_benefit", "known", "says"),
    [
        (np.zeros((10, 2)), np.zeros(9), "10 draws"),
        (np.array([[np.nan, 1.0]]), np.zeros(1), "not finite"),
        (np.zeros((10, 2)), np.full(10, np.inf), "not finite"),
        (np.zeros(10), np.zeros(10), "sample, action"),
        (np.zeros((10, 2)), {}, "at least one"),
    ],
)
def test_arrays_that_make_no_sense_are_refused(net_benefit, known, says):
    with pytest.raises(ValueError, match=says):
        voi.evppi(net_benefit, known)
