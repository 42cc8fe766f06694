"""A complete chain outlives the fit that drew it, and is taken up only by a fit that would draw the same."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from model import catalogue as signs
from model import fit as fits
from model import priors, sampling
from model.chains import Chain, KeptChains, forget, kept_at
from model.errors import FitError
from model.fit import Graph, Progress, fit
from model.observations import Observations, observe
from model.parameters import Layout
from model.population import from_prior
from model.records import CheckIn, Client, Records
from model.sampling import CHAINS, MOST_CHAINS

CATALOGUE = signs.load()
TODAY = date(2026, 6, 20)
ANNA = Client(name="Anna", currency="EUR", since=date(2026, 1, 1), billing="hourly")


def seen(*months: int) -> Observations:
    checkins = tuple(CheckIn(client="Anna", month=date(2026, month, 1), energy=2) for month in months)
    return observe(Records(clients=(ANNA,), checkins=checkins), CATALOGUE, TODAY)


class Sampler:
    """In the place of the real one: draws at once, each chain by its seed, and fails where it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.drawn: list[int] = []
        self.fail_after: int | None = None
        self.divergences = 0
        monkeypatch.setattr(fits, "compile_model", lambda *_: Graph(model=None, catalogue=CATALOGUE, priors=None))
        monkeypatch.setattr(sampling, "started", self.start)
        monkeypatch.setattr(sampling, "chain_of", lambda chain, behind: chain)

    def start(self, model: object, one: sampling.Try, number: int) -> object:
        rng = np.random.default_rng([*one.seed, number])
        self.drawn.append(number)
        chain = Chain(
            z=rng.standard_normal((one.draws, Layout.of(CATALOGUE).free)),
            partials=rng.random((one.draws, 6)),
            theta=from_prior(CATALOGUE, rng=rng, n_samples=one.draws).theta,
            divergences=self.divergences,
        )
        sampler = self

        class Running:
            def wait(self, timeout: float) -> Chain:
                if sampler.fail_after is not None and len(sampler.drawn) > sampler.fail_after:
                    raise RuntimeError("the power went")
                return chain

            def cancel(self) -> None:
                raise RuntimeError("it ended by itself")

        return sampling.Running(sampler=Running())


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Sampler:
    return Sampler(monkeypatch)


def test_a_fit_that_was_interrupted_draws_only_the_chains_it_lacks_and_ends_the_same(sampler: Sampler, tmp_path: Path):
    keep, stages = tmp_path / "portfolio.db.fit", []
    whole = fit(seen(3, 4), CATALOGUE, tune=5, draws=700)
    assert whole.diagnostics is not None and whole.diagnostics.reliable and sampler.drawn == [0, 1, 2, 3]
    sampler.drawn, sampler.fail_after = [], 2
    with pytest.raises(FitError, match="the power went"):
        fit(seen(3, 4), CATALOGUE, tune=5, draws=700, keep=keep)
    kept = len(kept_at(keep))
    assert 0 < kept < CHAINS

    def note(progress: Progress) -> None:
        stages.append(progress.stage)
        assert progress.share_done <= 1.0

    sampler.drawn, sampler.fail_after = [], None
    again = fit(seen(3, 4), CATALOGUE, tune=5, draws=700, keep=keep, on_progress=note)
    assert len(sampler.drawn) == CHAINS - kept
    assert np.array_equal(again.theta, whole.theta)
    assert f"sampling, going on from {kept} of {CHAINS} chains" in stages


@pytest.mark.parametrize("change", ["records", "priors", "seed", "draws"])
def test_chains_of_other_records_priors_or_settings_are_drawn_anew_and_the_old_ones_removed(
    sampler: Sampler, tmp_path: Path, change: str
):
    keep = tmp_path / "portfolio.db.fit"
    fit(seen(3, 4), CATALOGUE, tune=5, draws=700, keep=keep)
    before, sampler.drawn = kept_at(keep), []
    assert len(before) == CHAINS
    leaves = priors.load()["leave_base"]
    fit(
        seen(3, 4, 5) if change == "records" else seen(3, 4),
        CATALOGUE,
        tune=5,
        draws=701 if change == "draws" else 700,
        seed=2 if change == "seed" else 1,
        priors=priors.load().believing({"leave_base": (leaves.low, leaves.high + 1)}) if change == "priors" else None,
        keep=keep,
    )
    assert sampler.drawn == [0, 1, 2, 3] and not set(before) & set(kept_at(keep))


def test_a_fit_that_misses_its_gate_tries_once_more_with_more_draws_and_then_names_what_is_not_settled(
    sampler: Sampler, tmp_path: Path
):
    keep, stages = tmp_path / "portfolio.db.fit", []
    made = fit(seen(3), CATALOGUE, tune=5, draws=20, keep=keep, on_progress=lambda p: stages.append(p.stage))
    assert sampler.drawn == [*range(MOST_CHAINS), *range(CHAINS)]
    assert list(dict.fromkeys(stages))[1:] == ["sampling", "sampling more chains", "sampling once more"]
    assert made.diagnostics is not None and not made.diagnostics.reliable and made.diagnostics.draws == 40
    assert made.diagnostics.worst_parameter
    assert len(kept_at(keep)) == MOST_CHAINS + CHAINS
    forget(keep)
    assert not kept_at(keep)


def test_a_fit_that_misses_its_gate_by_chance_passes_with_more_chains_beside_those_it_has(
    sampler: Sampler, tmp_path: Path
):
    keep, seeds = tmp_path / "portfolio.db.fit", iter(range(1, 100))
    # Few draws miss the limit of R-hat now and then, though nothing is wrong with them; this seed is one such case.
    made = next(
        made for seed in seeds if (made := fit(seen(3), CATALOGUE, tune=5, draws=220, seed=seed, keep=keep))
        and made.diagnostics is not None and made.diagnostics.chains == MOST_CHAINS
    )  # fmt: skip
    assert made.diagnostics is not None and made.diagnostics.reliable
    assert sampler.drawn[-MOST_CHAINS:] == list(range(MOST_CHAINS)) and len(made.theta) == MOST_CHAINS * 220
    seed = next(seeds) - 1
    sampler.drawn = []
    again = fit(seen(3), CATALOGUE, tune=5, draws=220, seed=seed, keep=keep)
    assert not sampler.drawn and np.array_equal(again.theta, made.theta)


def test_a_chain_that_diverged_gets_no_company_but_shorter_steps(sampler: Sampler):
    sampler.divergences = 1
    fit(seen(3), CATALOGUE, tune=5, draws=20)
    assert sampler.drawn == [0, 1, 2, 3] * 2


def test_a_chain_cut_short_on_disk_is_drawn_again(sampler: Sampler, tmp_path: Path):
    keep = tmp_path / "portfolio.db.fit"
    fit(seen(3, 4), CATALOGUE, tune=5, draws=700, keep=keep)
    kept_at(keep)[2].write_bytes(kept_at(keep)[2].read_bytes()[:1000])
    sampler.drawn = []
    fit(seen(3, 4), CATALOGUE, tune=5, draws=700, keep=keep)
    assert sampler.drawn == [2]


def test_a_disk_that_takes_no_chain_costs_the_fit_nothing(sampler: Sampler, tmp_path: Path):
    assert fit(seen(3, 4), CATALOGUE, tune=5, draws=700, keep=tmp_path / "no folder" / "x.fit").n_samples == 2800


def test_other_files_beside_the_portfolio_are_left_alone(tmp_path: Path):
    keep = tmp_path / "portfolio.db.fit"
    others = [tmp_path / "portfolio.db.fit.npz", tmp_path / "other.db.fit.abc.0.chain"]
    for other in others:
        other.touch()
    KeptChains(keep, 1).save(
        0, Chain(z=np.ones((1, 1)), partials=np.ones((1, 6)), theta=np.ones((1, 1)), divergences=0)
    )
    forget(keep)
    assert all(other.exists() for other in others) and len(list(tmp_path.iterdir())) == 2


def test_a_graph_compiled_for_other_priors_is_refused():
    leaves = priors.load()["leave_base"]
    other = priors.load().believing({"leave_base": (leaves.low, leaves.high + 1)})
    with pytest.raises(FitError, match="other priors"):
        fit(seen(3), CATALOGUE, graph=Graph(model=None, catalogue=CATALOGUE, priors=other))
