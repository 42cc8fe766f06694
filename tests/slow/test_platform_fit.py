"""The fit of many firms: their levels are found, and found again afterwards from a firm's own records."""

import warnings
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from model import catalogue as signs
from model import platform_fit, priors
from model.belief import seed_of
from model.catalogue import Catalogue
from model.chains import kept_at
from model.errors import FitError
from model.firms import Firms, side_by_side
from model.levels import Levels, levels_of
from model.observations import observe
from model.platform_fit import PlatformFit, fit_and_check, fit_platform
from model.priors import Priors
from model.profile import ordinary_profiles
from model.quick_platform import quick_and_check, quick_platform
from model.records import Records
from model.sampling import Progress
from model.simulate import simulate, typical_population
from model.standard import Standard

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

UNTIL = date(2026, 10, 31)
FEW = {next(s.id for s in signs.load().ticked if s.trait == trait and not s.is_good) for trait in signs.TRAITS}
CATALOGUE = Catalogue(tuple(s for s in signs.load().signs if s.kind == "standing" or s.id in FEW))
LEVELS = levels_of(CATALOGUE, priors.load())
HOURS = LEVELS.names.index("hours_shift")
FAR = (-1.2, -0.6, 0.6, 1.2)  # where the firms stand in their hours; in all else they are alike


def records(name: str, hours: float) -> Records:
    theta = typical_population(CATALOGUE) + hours * LEVELS.unit[HOURS]
    rng = seed_of(name, 1)
    profiles = ordinary_profiles(6, months=8, until=UNTIL, rng=rng)
    return simulate(theta, CATALOGUE, clients=profiles, months=8, until=UNTIL, rng=rng).records


@pytest.fixture(scope="module", autouse=True)
def compiled_once() -> Iterator[None]:
    """Several tests fit the same firms: their model is compiled for the first of them, which takes a while."""
    graphs: list[tuple[Firms, object]] = []
    compiled = platform_fit._compiled

    def once(firms: Firms, levels: Levels, table: Priors) -> object:
        for known, graph in graphs:
            if known is firms:
                return graph
        graphs.append((firms, compiled(firms, levels, table)))
        return graphs[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform_fit, "_compiled", once)
        yield


@pytest.fixture(scope="module")
def worlds() -> dict[str, Records]:
    return {f"firm {f}": records(f"firm {f}", hours) for f, hours in enumerate(FAR)}


@pytest.fixture(scope="module")
def firms(worlds) -> Firms:
    return side_by_side({name: observe(one, CATALOGUE, UNTIL) for name, one in worlds.items()}, CATALOGUE)


@pytest.fixture(scope="module")
def made(firms) -> PlatformFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit_platform(firms, as_of=UNTIL, tune=200, draws=300, tries=1)


def test_firms_that_differ_are_told_apart_and_in_what(made):
    found = made.platform.population.diagnostics
    assert found is not None and found.worst_rhat < 1.05 and found.divergences <= 2
    hours = np.array([made.own[f"firm {f}"][:, HOURS].mean() for f in range(4)])
    assert np.corrcoef(hours, FAR)[0, 1] > 0.9
    apart = made.platform.apart.mean(axis=0)
    assert apart.argmax() == HOURS


def test_levels_found_afterwards_are_those_the_fit_drew_along(made, worlds):
    pull = np.linalg.pinv(LEVELS.unit)
    for name, one in worlds.items():
        after = (made.platform.own_population(name, one, CATALOGUE).theta - made.platform.centre) @ pull
        along = made.own[name]
        assert np.abs((after.mean(axis=0) - along.mean(axis=0)) / along.std(axis=0)).max() < 0.4, name
        assert (after.std(axis=0) / along.std(axis=0)).min() > 0.7, name
        assert (after.std(axis=0) / along.std(axis=0)).max() < 1.4, name


def test_a_firm_nobody_has_met_may_stand_anywhere_the_others_do(made):
    pull = np.linalg.pinv(LEVELS.unit)
    anyone = (made.platform.population.theta - made.platform.centre) @ pull
    spread = np.sqrt((made.platform.apart**2).mean(axis=0))
    assert np.allclose(anyone.std(axis=0), spread, rtol=0.15)


def test_the_quick_fit_is_near_the_sampled_one(made, firms):
    quick = quick_platform(firms, as_of=UNTIL)
    assert quick.platform.population.basis == "quick" and quick.platform.population.diagnostics is None
    standard = Standard.of(CATALOGUE, priors.load())
    near, sampled = (standard.numbers(one.platform.centre) for one in (quick, made))
    off = np.abs(near.mean(axis=0) - sampled.mean(axis=0)) / sampled.std(axis=0)
    assert off.mean() < 0.1 and off.max() < 0.4
    assert near.std(axis=0) / sampled.std(axis=0) == pytest.approx(1.0, abs=0.25)
    assert quick.platform.apart.mean(axis=0) == pytest.approx(made.platform.apart.mean(axis=0), abs=0.08)
    for name, along in made.own.items():
        assert np.abs((quick.own[name].mean(axis=0) - along.mean(axis=0)) / along.std(axis=0)).max() < 0.4, name
    assert quick.contraction.ratio == pytest.approx(made.contraction.ratio, abs=0.25)


def test_a_quick_fit_is_checked_says_how_far_it_is_and_stops_when_told_to(firms):
    told: list[Progress] = []
    checked = quick_and_check(firms, firms, firms, as_of=UNTIL, on_progress=told.append)
    size = checked.platform.size
    assert size is not None and size.gain == pytest.approx(0.0, abs=1e-12)
    shares = [one.share_done for one in told]
    assert shares == sorted(shares) and shares[0] == 0.0 and shares[-1] > 0.8
    with pytest.raises(FitError, match="cancelled"):
        quick_platform(firms, as_of=UNTIL, cancelled=lambda: True)


def test_the_size_check_fits_half_and_all_and_says_how_far_it_is_until_it_is_stopped(firms, worlds, tmp_path):
    from model.changes import only

    half = side_by_side(
        {name: observe(only(one, [c.name for c in one.clients[:3]]), CATALOGUE, UNTIL) for name, one in worlds.items()},
        CATALOGUE,
    )
    told: list[Progress] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = fit_and_check(
            half, firms, half, as_of=UNTIL, tune=40, draws=10, tries=1, keep=tmp_path / "fit", on_progress=told.append
        )
        shares = [one.share_done for one in told]
        assert made.platform.size is not None and (made.platform.size.half, made.platform.size.whole) == (12, 24)
        assert min(shares) == 0.0 and max(shares) > 0.9 and any(0.2 < share < 0.5 for share in shares)
        kept = [path.name for path in kept_at(tmp_path / "fit")]
        assert {name.split(".")[1] for name in kept} == {"half", "whole"}
        with pytest.raises(FitError, match="cancelled"):
            fit_and_check(half, firms, half, as_of=UNTIL, cancelled=lambda: True)
