"""Many firms of one platform: each has a population of its own, found from its own records alone."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from model import catalogue as signs
from model import priors
from model.belief import seed_of
from model.catalogue import Catalogue
from model.errors import FitError, PopulationError
from model.firms import Firms, side_by_side
from model.levels import levels_of
from model.likelihood import kernel_data
from model.observations import Observations, observe
from model.own_levels import bound_of_firms, bounds_of_clients, expansion
from model.parameters import HOURS_SHIFT, INVOICE_SHIFT
from model.platform import Platform, load, save
from model.platform_fit import fit_platform
from model.population import from_prior
from model.population import load as load_population
from model.population import save as save_population
from model.profile import ordinary_profiles
from model.records import Client, Hours, Records
from model.simulate import simulate, typical_population
from model.subsample_size import Contraction, Scored, SizeCheck, scored, size_check

CATALOGUE = signs.load()
LEVELS = levels_of(CATALOGUE, priors.load())
UNTIL = date(2026, 10, 31)
APART = 0.8


def world(name: str, levels: np.ndarray, clients: int = 4, months: int = 12) -> Records:
    theta = typical_population(CATALOGUE) + levels @ LEVELS.unit
    rng = seed_of(name, 3)
    profiles = ordinary_profiles(clients, months=months, until=UNTIL, rng=rng)
    return simulate(theta, CATALOGUE, clients=profiles, months=months, until=UNTIL, rng=rng).records


@pytest.fixture(scope="module")
def firms() -> dict[str, tuple[np.ndarray, Records]]:
    """Firms whose levels are known."""
    rng = np.random.default_rng(4)
    truth = {f"firm {f}": APART * rng.standard_normal(LEVELS.count) for f in range(6)}
    return {name: (levels, world(name, levels)) for name, levels in truth.items()}


@pytest.fixture(scope="module")
def seen(firms) -> dict[str, Observations]:
    return {name: observe(records, CATALOGUE, UNTIL) for name, (_, records) in firms.items()}


@pytest.fixture(scope="module")
def platform() -> Platform:
    """Draws close to the truth, firms apart as they are."""
    rng, n = np.random.default_rng(5), 60
    centre = np.repeat(typical_population(CATALOGUE)[None], n, axis=0)
    apart = APART * np.exp(0.1 * rng.standard_normal((n, LEVELS.count)))
    any_firm = centre + (apart * rng.standard_normal(apart.shape)) @ LEVELS.unit
    population = replace(from_prior(CATALOGUE, rng=rng, n_samples=n), theta=any_firm, basis="fit", fingerprint="f")
    return Platform(
        population=population, centre=centre, apart=apart, levels=LEVELS, as_of=UNTIL, firms=6, clients=24, months=200
    )


def test_a_level_moves_what_it_is_named_for_and_every_sign_moves_with_one_level():
    names = dict(zip(LEVELS.names, LEVELS.unit, strict=True))
    assert set(np.flatnonzero(names["hours_shift"])) == {HOURS_SHIFT}
    assert names["invoice_shift"][INVOICE_SHIFT] == priors.load()["invoice_shift"].scale
    moved = np.array([row != 0 for name, row in names.items() if name.startswith("signs[")]).sum(axis=0)
    first = len(moved) - 2 * len(CATALOGUE.ticked)
    assert (moved[first : first + len(CATALOGUE.ticked)] == 1).all() and moved.sum() == len(CATALOGUE.ticked)
    few = Catalogue(tuple(s for s in CATALOGUE.signs if s.kind == "standing" or s.trait == "payment"))
    assert [name for name in levels_of(few, priors.load()).names if name.startswith("signs[")] == ["signs[payment]"]


def test_firms_side_by_side_say_together_what_each_says_alone(seen):
    rng = np.random.default_rng(6)
    together = side_by_side(seen, CATALOGUE)
    centre = typical_population(CATALOGUE)
    thetas = centre + 0.3 * rng.standard_normal((len(seen), LEVELS.count)) @ LEVELS.unit
    whole, gradient = bound_of_firms(thetas, kernel_data(together.observations, CATALOGUE), together.first_client, 1e-4)
    alone = [
        bound_of_firms(thetas[f : f + 1], kernel_data(one, CATALOGUE), np.array([0, len(one.clients)]), 1e-4)
        for f, one in enumerate(together.parts)
    ]
    assert whole == pytest.approx(sum(value for value, _ in alone), abs=1e-8)
    assert np.allclose(gradient, np.concatenate([slope for _, slope in alone]), atol=1e-8)
    one, _ = alone[2]
    first, stop = together.first_client[2:4]
    by_client = bounds_of_clients(
        thetas[2:3], kernel_data(together.observations, CATALOGUE), int(first), int(stop), tolerance=1e-4
    )
    assert by_client.shape == (1, 4) and by_client.sum() == pytest.approx(one, abs=1e-8)


def test_observations_of_other_months_are_not_put_side_by_side(seen):
    with pytest.raises(ValueError, match="same month"):
        side_by_side({**seen, "later": replace(seen["firm 0"], today=seen["firm 0"].today + 1)}, CATALOGUE)


def test_a_firms_own_population_is_nearer_its_truth_than_the_platforms(firms, platform):
    own, anyone, spread = [], [], []
    for name, (truth, _) in firms.items():
        records = world(name, truth, clients=10)
        theta = platform.own_population(name, records, CATALOGUE).theta - platform.centre
        found = theta @ np.linalg.pinv(LEVELS.unit)
        own.append(found.mean(axis=0) - truth)
        anyone.append(-truth)
        spread.append(found.std(axis=0))
    own, anyone, spread = np.array(own), np.array(anyone), np.array(spread)
    assert np.sqrt((own**2).mean()) < 0.75 * np.sqrt((anyone**2).mean())
    # Neither surer nor less sure than it is right: over many levels, errors are as large as they are said to be.
    assert 0.75 < np.sqrt((own**2 / spread**2).mean()) < 1.25


def test_own_levels_have_the_middle_and_the_width_of_the_density_itself(seen, platform):
    data = kernel_data(seen["firm 1"], CATALOGUE)
    clients = np.array([0, 4])
    centre, apart = platform.centre[0], np.full(LEVELS.count, APART)
    known = expansion(centre, apart, LEVELS, data)
    noise = np.random.default_rng(7).standard_normal((4000, LEVELS.count))
    drawn = known.draws(np.repeat(centre[None], 4000, axis=0), np.repeat(apart[None], 4000, axis=0), noise)
    # Draws weighted by the density over the normal they come from: near the same weight where the normal is right.
    chosen = drawn[:400]
    thetas = centre + chosen @ LEVELS.unit
    exact = bounds_of_clients(thetas, data, 0, 4).sum(axis=1) - 0.5 * ((chosen / apart) ** 2).sum(axis=1)
    precision = known.curvature + np.diag(1 / apart**2)
    off = chosen - np.linalg.solve(precision, known.slope)
    weight = np.exp((drop := exact + 0.5 * np.einsum("si,ij,sj->s", off, precision, off)) - drop.max())
    weight /= weight.sum()
    assert 1 / (weight**2).sum() > 0.5 * len(chosen)
    shift = (weight @ chosen - chosen.mean(axis=0)) / chosen.std(axis=0)
    assert np.abs(shift).max() < 0.35
    assert bound_of_firms(thetas[:1], data, clients, 1e-3)[0] == pytest.approx(
        bounds_of_clients(thetas[:1], data, 0, 4).sum(), abs=1e-6
    )


def test_where_firms_hardly_differ_a_firm_has_the_platforms_population(firms, platform):
    alike = replace(platform, apart=np.full_like(platform.apart, 1e-6))
    name, (_, records) = next(iter(firms.items()))
    assert np.allclose(alike.own_population(name, records, CATALOGUE).theta, alike.centre, atol=1e-5)


def test_a_firm_without_records_by_the_day_of_the_fit_has_the_population_of_any(platform):
    late = Client(name="late", currency="EUR", since=date(2026, 11, 1), billing="hourly", agreed_hours_per_month=8.0)
    records = Records(clients=(late,), hours=(Hours(client="late", on=date(2026, 11, 9), hours=9.0),))
    assert platform.own_population("new", records, CATALOGUE) is platform.population


def test_an_own_population_holds_still_when_later_months_come_and_depends_on_nothing_beside(firms, platform):
    (name, (_, records)), (other, _) = list(firms.items())[:2]
    client = records.clients[0].name
    later = replace(records, hours=(*records.hours, Hours(client=client, on=date(2026, 11, 20), hours=90.0)))
    own = platform.own_population(name, records, CATALOGUE).theta
    assert np.array_equal(platform.own_population(name, later, CATALOGUE).theta, own)
    assert np.array_equal(platform.own_population(name, records, CATALOGUE).theta, own)
    assert not np.array_equal(platform.own_population(other, records, CATALOGUE).theta, own)
    assert platform.thinned(7).own_population(name, records, CATALOGUE).n_samples == 7


def test_a_platform_comes_back_from_its_file_which_reads_as_ordinary_draws_too(platform, tmp_path: Path):
    path = tmp_path / "fit.npz"
    told = replace(platform, size=CHECK)
    save(told, path)
    found = load(path, CATALOGUE)
    assert found is not None and found.size == CHECK and found.as_of == UNTIL
    for name in ("centre", "apart"):
        assert np.array_equal(getattr(found, name), getattr(platform, name))
    assert found.levels.names == LEVELS.names and np.array_equal(found.levels.unit, LEVELS.unit)
    assert np.array_equal(load_population(path, CATALOGUE).theta, platform.population.theta)
    save_population(platform.population, path)
    assert load(path, CATALOGUE) is None
    save(replace(platform, apart=platform.apart[:5]), path)
    with pytest.raises(PopulationError, match="belong together"):
        load(path, CATALOGUE)


def test_too_few_clients_are_refused_before_anything_is_compiled(seen):
    few = side_by_side({name: seen[name] for name in list(seen)[:2]}, CATALOGUE)
    with pytest.raises(FitError, match="at least 12 clients with records, of at least 3 firms; there are 8 of 2"):
        fit_platform(few, as_of=UNTIL)


CHECK = SizeCheck(
    worst=1.01, median=0.6, untold=("ask_price",), half=60, whole=120, unseen=120, months=1000, score_half=-5.0,
    score=-4.99, gain=0.01, gain_error=0.004, own_gain=0.02, own_gain_error=0.005,
)  # fmt: skip


def test_a_size_is_enough_where_the_next_doubling_would_surely_add_next_to_nothing():
    assert CHECK.more == 0.005 and CHECK.most == pytest.approx((0.01 + 1.645 * 0.004) / 2) and CHECK.enough
    assert not replace(CHECK, gain_error=0.01).enough and not replace(CHECK, gain=0.03).enough


def held_out(seen: dict[str, Observations]) -> Firms:
    return side_by_side(seen, CATALOGUE)


def test_scores_are_those_of_the_mixture_of_draws_and_the_truth_scores_best(firms, seen):
    others = held_out(seen)
    centre = typical_population(CATALOGUE)
    true = {name: (centre + truth @ LEVELS.unit)[None] for name, (truth, _) in firms.items()}
    best = scored(others, true, 24)
    worse = scored(others, dict.fromkeys(seen, (centre + 1.5 * LEVELS.unit.sum(axis=0))[None]), 24)
    assert best.score.sum() > worse.score.sum() + 20
    both = scored(others, {name: np.concatenate([true[name], true[name]]) for name in true}, 24)
    assert np.allclose(both.score, best.score)


def test_a_gain_has_the_standard_error_of_clients_that_were_drawn(seen):
    others, rng = held_out(seen), np.random.default_rng(8)
    months = np.diff(others.observations.first_row)
    base = rng.standard_normal(len(months))
    gain = 0.05 * months + 0.5 * rng.standard_normal(len(months))
    contraction = Contraction(names=("a", "b", "c"), ratio=np.array([0.2, 0.97, 0.5]))
    found = size_check(
        contraction, others, half=Scored(clients=12, score=base), whole=Scored(clients=24, score=base + gain),
        anyone=Scored(clients=24, score=base + gain),
    )  # fmt: skip
    assert found.gain == pytest.approx(gain.sum() / months.sum()) and found.own_gain == 0.0
    again = [gain[i].sum() / months[i].sum() for i in rng.integers(0, len(months), (2000, len(months)))]
    assert found.gain_error == pytest.approx(np.std(again), rel=0.15)
    assert (found.worst, found.median, found.untold) == (0.97, 0.5, ("b",))
    assert (found.half, found.whole, found.unseen) == (12, 24, len(months))
