"""Draws of the population come from the stated priors, survive a round trip, and are refused when they do not fit."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model import catalogue as signs
from model import parameters as at
from model import priors as prior_table
from model.catalogue import Catalogue
from model.errors import PopulationError
from model.parameters import Layout
from model.population import Diagnostics, Population, from_prior, library_versions, load, save
from model.priors import Z95

CATALOGUE = signs.load()
LAYOUT = Layout.of(CATALOGUE)
NAMES = LAYOUT.names(CATALOGUE)
PRIORS = prior_table.load()
N = 20_000
DRAWN = from_prior(CATALOGUE, rng=np.random.default_rng(3), n_samples=N)
GOOD = Diagnostics(worst_rhat=1.004, worst_ess=700.0, divergences=0, draws=1000, chains=2, seconds=80.0)
PLAIN = {
    "invoice_shift": "invoice_shift", "invoice_slope": "invoice_slope", "invoice_scale": "invoice_scale",
    "never_paid_base": "never_paid_base", "hours_shift": "hours_shift", "hours_slope": "hours_slope",
    "hours_scale": "hours_scale", "energy_cut[1]": "energy_first_cut", "energy_slope[fit]": "energy_slopes",
    "leave_base": "leave_base", "leave_slope[payment]": "leave_slopes", "referral_base": "referral_base",
    "referral_slope[conduct]": "referral_slopes", "ask_cut[1]": "ask_first_cut", "ask_slope[demand]": "ask_slopes",
    "ask_price": "ask_price", "ask_scope": "ask_scope", "ask_terms": "ask_terms", "relief_scope": "relief_scope",
    "relief_terms": "relief_terms", "early_strain[payment]": "early_strain",
    "standing_shift[outgrown]": "standing_shift",
}  # fmt: skip


def column(name: str, population: Population = DRAWN) -> np.ndarray:
    return population.theta[:, NAMES.index(name)]


def within(values: np.ndarray, low: float, high: float) -> bool:
    """Whether one draw in twenty lies below `low` and one in twenty above `high`, up to four Monte Carlo errors."""
    error = 4 * np.sqrt(0.05 * 0.95 / len(values))
    return abs((values < low).mean() - 0.05) < error and abs((values > high).mean() - 0.05) < error


@pytest.mark.parametrize("name", PLAIN)
def test_nine_draws_of_ten_lie_in_the_interval_the_prior_states(name: str):
    prior = PRIORS[PLAIN[name]]
    assert within(column(name), prior.low, prior.high)


def test_half_lives_have_the_stated_interval_in_months():
    for trait in signs.TRAITS:
        prior = PRIORS["half_life"]
        assert within(np.log(0.5) / np.log(column(f"persistence[{trait}]")), prior.low, prior.high)


def test_a_sign_is_as_frequent_and_as_strong_as_its_grade_says_and_a_good_one_points_the_other_way():
    for sign in CATALOGUE.ticked[::5]:
        base, strength = PRIORS.of_sign(sign)
        assert within(column(f"sign_base[{sign.id}]"), base.low, base.high)
        direction = -1 if sign.is_good else 1
        assert within(direction * column(f"sign_strength[{sign.id}]"), strength.low, strength.high)


def test_an_ageing_invoice_can_never_be_explained_away_by_never_being_paid():
    least = column("invoice_slope") / column("invoice_scale")
    assert (column("never_paid_slope") > least).all()


def test_the_correlations_of_the_traits_follow_their_prior_and_every_trait_has_unit_variance():
    factor = DRAWN.theta[:, at.FACTOR : at.FACTOR + 16].reshape(-1, 4, 4)
    omega = factor @ factor.transpose(0, 2, 1)
    assert np.allclose(np.einsum("sjj->sj", omega), 1.0)
    # Under LKJ(eta) each of six correlations is a Beta(eta + 1, eta + 1) on (-1, 1).
    sd = 1 / np.sqrt(2 * (PRIORS.correlation_eta + 1) + 1)
    pairs = omega[:, *np.tril_indices(4, -1)]
    assert np.abs(pairs.mean(axis=0)).max() < 4 * sd / np.sqrt(N)
    assert np.abs(pairs.std(axis=0) / sd - 1).max() < 4 / np.sqrt(2 * N)


def test_cut_points_of_energy_and_asks_lie_in_order():
    assert (np.diff(DRAWN.theta[:, at.ENERGY_CUTS : at.ENERGY_CUTS + 4], axis=1) > 0).all()
    assert (np.diff(DRAWN.theta[:, at.ASK_CUTS : at.ASK_CUTS + 3], axis=1) > 0).all()


def test_a_user_who_believes_something_else_gets_other_draws_of_that_alone():
    sure = PRIORS.believing({"leave_base": (-2.0, -1.0)})
    other = from_prior(CATALOGUE, rng=np.random.default_rng(3), n_samples=N, priors=sure)
    assert within(column("leave_base", other), -2.0, -1.0)
    kept = np.delete(np.arange(LAYOUT.size), at.LEAVE_BASE)
    assert np.array_equal(other.theta[:, kept], DRAWN.theta[:, kept])
    assert (column("leave_base", other).std() * 2 * Z95) == pytest.approx(1.0, rel=0.03)


def fitted() -> Population:
    return replace(
        from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=7), basis="fit", fingerprint="abc",
        made_on="2026-10-31T10:00:00+00:00", versions=library_versions(), diagnostics=GOOD,
    )  # fmt: skip


def test_saved_draws_are_read_back_as_they_were(tmp_path: Path):
    for number, made in enumerate((fitted(), replace(fitted(), basis="prior", diagnostics=None))):
        path = tmp_path / "deeper" / f"{number}.fit.npz"
        save(made, path)
        read = load(path, CATALOGUE)
        assert np.array_equal(read.theta, made.theta)
        told = ("names", "basis", "fingerprint", "made_on", "versions", "diagnostics")
        assert all(getattr(read, name) == getattr(made, name) for name in told)
        assert [p.name for p in path.parent.iterdir() if p.suffix == ".part"] == []


def test_a_fit_replaces_the_last_one(tmp_path: Path):
    path = tmp_path / "a.fit.npz"
    save(fitted(), path)
    save(replace(fitted(), fingerprint="newer"), path)
    assert load(path, CATALOGUE).fingerprint == "newer"


@pytest.mark.parametrize("damage", ["cut short", "text", "missing", "empty"])
def test_a_damaged_file_is_refused_in_a_sentence_that_names_it(damage: str, tmp_path: Path):
    path = tmp_path / "portfolio.db.fit.npz"
    save(fitted(), path)
    whole = path.read_bytes()
    path.write_bytes({"cut short": whole[: len(whole) // 2], "text": b"hello", "missing": b"", "empty": b""}[damage])
    if damage == "missing":
        path.unlink()
    with pytest.raises(PopulationError, match=r"portfolio\.db\.fit\.npz cannot be read .* fit again"):
        load(path, CATALOGUE)


def test_draws_that_are_not_finite_are_refused(tmp_path: Path):
    path = tmp_path / "a.fit.npz"
    broken = fitted()
    broken.theta[2, 3] = np.nan
    save(broken, path)
    with pytest.raises(PopulationError, match="not finite"):
        load(path, CATALOGUE)


def test_draws_made_for_another_catalogue_are_refused(tmp_path: Path):
    path = tmp_path / "a.fit.npz"
    save(fitted(), path)
    for other in (CATALOGUE.signs[::-1], CATALOGUE.signs[:-1]):
        with pytest.raises(PopulationError, match="another catalogue"):
            load(path, Catalogue(other))


def test_draws_that_cannot_be_written_are_refused_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PopulationError, match="could not be saved"):
        save(fitted(), tmp_path / "file" / "a.fit.npz")


def test_thinning_keeps_draws_from_end_to_end_and_never_makes_any_up():
    thin = DRAWN.thinned(11)
    assert thin.n_samples == 11
    assert np.array_equal(thin.theta[[0, -1]], DRAWN.theta[[0, -1]])
    assert DRAWN.thinned(N + 1) is DRAWN


@pytest.mark.parametrize(
    ("change", "reliable"),
    [({}, True), ({"worst_rhat": 1.011}, False), ({"worst_ess": 399.0}, False), ({"divergences": 1}, False)],
)
def test_a_fit_is_reliable_only_if_it_passes_the_whole_gate(change: dict[str, float], reliable: bool):
    assert replace(GOOD, **change).reliable is reliable


def test_draws_of_an_earlier_format_are_refused_for_they_mean_something_else(tmp_path):
    path = tmp_path / "fit.npz"
    save(from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=3), path)
    with np.load(path) as kept:
        held = dict(kept)
    about = {**json.loads(str(held["about"])), "format": 1}
    np.savez(path, **{**held, "about": np.array(json.dumps(about))})
    with pytest.raises(PopulationError, match="format 1; this program reads 4: fit again"):
        load(path, CATALOGUE)
