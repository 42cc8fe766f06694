"""Draws of the population: what clients are like in general, before looking at any one of them."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.special import betaincinv

from model import priors as prior_table
from model import stratified
from model.catalogue import Catalogue
from model.errors import PopulationError
from model.language import phrase
from model.ledger import Ledger
from model.observations import Observations
from model.parameters import Array, Layout, natural, polarity_of
from model.priors import Interval, Priors

Basis = Literal["prior", "fit", "quick"]
FORMAT = 4  # raised whenever the draws mean something else than before; 3 had no beginnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """How well a fit mixed; the gate is R-hat <= 1.01, bulk ESS >= 400 and no divergence."""

    worst_rhat: float
    worst_ess: float
    divergences: int
    draws: int
    chains: int
    seconds: float
    worst_parameter: str = ""

    @property
    def reliable(self) -> bool:
        """Whether the draws may be used."""
        return self.worst_rhat <= 1.01 and self.worst_ess >= 400 and self.divergences == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Joint draws of all population parameters.

    Parameters
    ----------
    theta
        Shape (sample, parameter), laid out as in `model.parameters`.
    names
        Readable name of each parameter.
    basis
        Whether the draws come from the prior, from a fit, or from a quick fit, which approximates one.
    fingerprint
        Of the data a fit used; empty for the prior.
    ledger
        What the fit knew; None for the prior and for fits saved before there were ledgers.
    slopes
        Shape (drawn, parameter): gradient of the bound of all that the fit knew, at some evenly spaced draws; empty for
        the prior and for fits that kept none.
    market
        What many firms' searches say of the market for new clients: 90 % intervals in place of the priors of that name.
    """

    theta: Array
    names: tuple[str, ...]
    basis: Basis
    fingerprint: str = ""
    made_on: str = ""
    versions: tuple[tuple[str, str], ...] = ()
    diagnostics: Diagnostics | None = None
    ledger: Ledger | None = None
    slopes: Array = field(default_factory=lambda: np.zeros((0, 0)))
    market: tuple[Interval, ...] = ()

    @property
    def n_samples(self) -> int:
        """Number of joint draws."""
        return len(self.theta)

    def thinned(self, n_samples: int) -> "Population":
        """Evenly spaced draws, or all of them where there are no more."""
        from dataclasses import replace

        if n_samples >= self.n_samples:
            return self
        chosen = np.linspace(0, self.n_samples - 1, n_samples).round().astype(int)
        return replace(self, theta=np.ascontiguousarray(self.theta[chosen]))


def from_prior(
    catalogue: Catalogue,
    *,
    rng: np.random.Generator,
    n_samples: int = 500,
    priors: Priors | None = None,
    independent: bool = False,
) -> Population:
    """Draws from the prior; no MCMC.

    Parameters
    ----------
    catalogue
        The signs.
    rng
        Source of randomness.
    n_samples
        Number of draws.
    priors
        Other priors than the shipped ones.
    independent
        Whether the draws owe nothing to each other, as the truths of simulated worlds must; otherwise each parameter is
        spread evenly over its prior, and no two of the first ones, which have to do with no sign, go together, so that
        answers err less.
    """
    table = priors or prior_table.load()
    layout = Layout.of(catalogue)
    location, scale, positive = table.location_and_scale(catalogue, layout)
    shape = table.partial_correlation_shape()
    if independent:
        z, share = rng.standard_normal((n_samples, layout.free)), rng.beta(shape, shape, (n_samples, len(shape)))
    else:
        z = stratified.untangled(stratified.normals(rng, n_samples, layout.free))
        share = betaincinv(shape, shape, stratified.uniforms(rng, n_samples, len(shape)))
    linear = location + scale * z
    values = np.where(positive > 0, np.exp(linear * positive), linear)
    partials = 2.0 * share - 1.0
    return Population(
        theta=np.ascontiguousarray(natural(values, partials, polarity_of(catalogue), layout, np)),
        names=layout.names(catalogue),
        basis="prior",
    )


def fingerprint_of(observations: Observations, priors: Priors) -> str:
    """A short digest of everything a fit depends on: observations and priors."""
    digest = hashlib.sha256(repr((priors.intervals, priors.correlation_eta)).encode())
    for part in fields(observations):
        value: Any = getattr(observations, part.name)
        digest.update(part.name.encode())
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()[:16]


def save(population: Population, path: Path, *, beside: Mapping[str, Any] | None = None) -> None:
    """Write the draws to one file, all or nothing.

    Parameters
    ----------
    population
        The draws.
    path
        The file.
    beside
        Further arrays for the same file; `load` passes over them.

    Raises
    ------
    PopulationError
        If the file cannot be written.
    """
    about = {
        "format": FORMAT,
        "names": population.names,
        "basis": population.basis,
        "fingerprint": population.fingerprint,
        "made_on": population.made_on,
        "versions": population.versions,
        "market": population.market,
        "ledger": None
        if population.ledger is None
        else {name: getattr(population.ledger, name) for name in ("salt", "today", "priors")},
        "diagnostics": None
        if population.diagnostics is None
        else {f.name: getattr(population.diagnostics, f.name) for f in fields(Diagnostics)},
    }
    partial = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            np.savez_compressed(
                file, theta=population.theta.astype(np.float64), slopes=population.slopes,
                about=np.array(json.dumps(about)),
                **_ledger_arrays(population.ledger), **(beside or {}),
            )  # fmt: skip
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise PopulationError(
            phrase("the fitted draws could not be saved to {path}: {error}", path=path, error=error)
        ) from error


def load(path: Path, catalogue: Catalogue) -> Population:
    """Read saved draws.

    Raises
    ------
    PopulationError
        If the file is missing, damaged, of another format, or made for another catalogue.
    """
    try:
        # Opened here: NumPy would leave a damaged file open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            theta, about = file["theta"], json.loads(str(file["about"]))
            slopes = file["slopes"] if "slopes" in file else np.zeros((0, 0))
            told = about.get("ledger")
            ledger = None if told is None else Ledger(**told, **{name: file[name] for name in _LEDGER_ARRAYS})
        if about["format"] != FORMAT:
            raise PopulationError(
                phrase(
                    "{name} was saved in format {about}; this program reads {format}: fit again.",
                    name=path.name,
                    about=about["format"],
                    format=FORMAT,
                )
            )
        diagnostics = about["diagnostics"]
        population = Population(
            theta=np.ascontiguousarray(theta, dtype=np.float64),
            names=tuple(about["names"]),
            basis=about["basis"],
            fingerprint=about["fingerprint"],
            made_on=about["made_on"],
            versions=tuple((name, number) for name, number in about["versions"]),
            diagnostics=None if diagnostics is None else Diagnostics(**diagnostics),
            ledger=ledger,
            slopes=np.ascontiguousarray(slopes, dtype=np.float64),
            market=tuple((name, float(low), float(high)) for name, low, high in about.get("market", ())),
        )
    except PopulationError:
        raise
    except Exception as error:  # zipfile, json, numpy and key errors all mean the same: not a file of ours
        raise PopulationError(
            phrase("{name} cannot be read as fitted draws ({error}); fit again.", name=path.name, error=error)
        ) from error
    expected = Layout.of(catalogue).names(catalogue)
    if population.names != expected or population.theta.shape[1] != len(expected):
        raise PopulationError(phrase("{name} was fitted with another catalogue of signs; fit again.", name=path.name))
    if not np.isfinite(population.theta).all():
        raise PopulationError(phrase("{name} holds values that are not finite; fit again.", name=path.name))
    return population


def priors_digest(priors: Priors) -> str:
    """A short digest of the priors alone."""
    return hashlib.sha256(repr((priors.intervals, priors.correlation_eta)).encode()).hexdigest()[:16]


_LEDGER_ARRAYS = tuple(field.name for field in fields(Ledger) if field.name not in ("salt", "today", "priors"))


def _ledger_arrays(ledger: Ledger | None) -> dict[str, Any]:
    return {} if ledger is None else {name: getattr(ledger, name) for name in _LEDGER_ARRAYS}


def library_versions() -> tuple[tuple[str, str], ...]:
    """Versions of the libraries a fit depends on."""
    found = []
    for name in ("two-in-the-bush", "pymc", "pytensor", "nutpie", "numba", "numpy"):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, phrase("not installed")))
    return tuple(found)
