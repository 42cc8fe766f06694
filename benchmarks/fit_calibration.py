"""Simulation-based calibration of the whole fit: populations drawn from the prior, told forwards, and fitted again.

Each world is small (6 clients, 8 months, 12 signs), and one compiled graph serves all fits. The rank of the truth among
thinned posterior draws must be uniform (Talts et al. 2018): for the population parameters, for the strain of every
client, and for what keeping a client is worth more than dropping it. Clients of one world share a fit, so one of them
is taken from each. Three planted errors must be rejected.

    python benchmarks/fit_calibration.py [fits] [seed] [--workers N] [--planted]
"""

import argparse
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from calibration import UNTIL, distance_and_band, keep_over_drop, shifted, without_open_invoices, write_results

from model import catalogue, population, priors
from model.belief import believe
from model.catalogue import TRAITS, Catalogue
from model.fit import compile_model
from model.observations import Observations, observe
from model.parameters import Array, Layout
from model.population import Population
from model.simulate import World, simulate

CLIENTS, MONTHS, SIGNS_PER_TRAIT = 6, 8, 3
TUNE, DRAWS, KEPT = 300, 600, 60
SHIPPED = catalogue.load()
MONTHLY = [[sign for sign in SHIPPED.ticked if sign.trait == trait and sign.kind == "monthly"] for trait in TRAITS]
SMALL = Catalogue(tuple(sign for signs in MONTHLY for sign in signs[-SIGNS_PER_TRAIT:]) + SHIPPED.standing)
LAYOUT = Layout.of(SMALL)
NAMES = LAYOUT.names(SMALL)
PRIORS = priors.load()
# What is the same in every population, such as the corner of a factor, has no rank.
FREE = np.flatnonzero(
    np.ptp(population.from_prior(SMALL, rng=np.random.default_rng(1), n_samples=9, priors=PRIORS).theta, axis=0)
)


@dataclass(frozen=True)
class Error:
    """A way to get the fit wrong on purpose."""

    name: str
    observations: Callable[[Observations], Observations] = lambda seen: seen
    drawn: Callable[[Array], Array] = lambda theta: theta
    shift: bool = False


def narrowed(theta: Array) -> Array:
    """Draws pulled a fifth of the way to their mean: a posterior that is too sure."""
    centre = theta.mean(axis=0)
    return np.asarray(centre + 0.6 * (theta - centre))


RIGHT = Error("as it is")
PLANTED = (
    Error("shifted prior", shift=True),
    Error("sd too small by two fifths", drawn=narrowed),
    Error("censoring dropped", observations=without_open_invoices),
)


def main() -> None:
    """Run the study, print and keep its table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("fits", nargs="?", type=int, default=200)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--planted", action="store_true", help="the planted errors as well, three more fits for each")
    options = parser.parse_args()
    began = time.perf_counter()
    errors = (RIGHT, *PLANTED) if options.planted else (RIGHT,)
    jobs = [(options.seed, i, [error.name for error in errors]) for i in range(options.fits)]
    with ProcessPoolExecutor(options.workers) as pool:
        ranks = list(pool.map(one_world, jobs))
    table: dict[str, Any] = {}
    for error in errors:
        rows = {}
        for quantity in ranks[0][error.name]:
            places = np.array([rank[error.name][quantity] for rank in ranks])
            distance, band = distance_and_band(places)
            rows[quantity] = {
                "distance": round(distance, 4),
                "band": round(band, 4),
                "mean": round(float(places.mean()), 4),
            }
        outside = {quantity: row for quantity, row in rows.items() if row["distance"] > row["band"]}
        worst = max(rows, key=lambda quantity: rows[quantity]["distance"])
        print(f"{error.name}: {len(rows) - len(outside)} of {len(rows)} quantities inside their 95 % band", end="; ")
        print(f"farthest {worst} at {rows[worst]['distance']:.3f} (band {rows[worst]['band']:.3f})")
        for quantity, row in outside.items():
            print(f"  outside: {quantity} {row}")
        table[error.name] = {"inside": len(rows) - len(outside), "of": len(rows), "outside": outside}
    seconds = time.perf_counter() - began
    print(f"{options.fits} worlds of {CLIENTS} clients, {MONTHS} months, {len(SMALL.ticked)} signs; {seconds:.0f} s")
    write_results("fit_calibration", options.seed, {"fits": options.fits, "seconds": round(seconds), "table": table})


_compiled: list[Any] = []


def one_world(job: tuple[int, int, list[str]]) -> dict[str, dict[str, float]]:
    """Ranks of the truth in one world, from 0 to 1, by planted error and quantity."""
    seed, number, names = job
    rng = np.random.default_rng([seed, number])
    true = population.from_prior(SMALL, rng=rng, n_samples=1, priors=PRIORS)
    world = simulate(true.theta[0], SMALL, clients=CLIENTS, months=MONTHS, until=UNTIL, rng=rng)
    found = {}
    fitted: dict[str, Array] = {}
    for error in (RIGHT, *PLANTED):
        if error.name not in names:
            continue
        seen = error.observations(observe(world.records, SMALL, UNTIL))
        own = error.observations is not RIGHT.observations
        key = error.name if own else RIGHT.name
        if key not in fitted:
            fitted[key] = sampled(seen, int(rng.integers(2**31)))
        theta = error.drawn(fitted[key])
        if error.shift:
            theta = shifted(replace(true, theta=theta), LAYOUT).theta
        found[error.name] = places(true, world, seen, theta, rng)
    return found


def sampled(seen: Observations, seed: int) -> Array:
    """Thinned posterior draws of the population, shape (kept, parameter)."""
    import nutpie

    if not _compiled:
        _compiled.append(compile_model(seen, SMALL, PRIORS))
    model = _compiled[0].holding(seen).model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = nutpie.sample(
            model, draws=DRAWS, tune=TUNE, chains=1, cores=1, seed=seed, adaptation="low_rank", progress_bar=False,
            save_warmup=False,
        )  # fmt: skip
    theta = np.asarray(trace.posterior.ds["theta"])[0]
    return np.ascontiguousarray(theta[:: DRAWS // KEPT])


def places(
    true: Population, world: World, seen: Observations, theta: Array, rng: np.random.Generator
) -> dict[str, float]:
    """Where the truth ranks among the draws, ties broken at random."""

    def rank(truth: float, draws: Array) -> float:
        below, tied = int((draws < truth).sum()), int((draws == truth).sum())
        return float((below + rng.integers(tied + 1) + rng.random()) / (len(draws) + 1))

    found = {NAMES[k]: rank(true.theta[0, k], theta[:, k]) for k in FREE}
    # The truth stands in as one draw more: what is computed from it is computed from the draws in the same call.
    both = replace(true, theta=np.ascontiguousarray(np.vstack([true.theta, theta])))
    belief = believe(both, seen, SMALL, seed=int(rng.integers(2**31)))
    client = int(rng.integers(len(world.clients)))
    for j, trait in enumerate(TRAITS):
        found[f"strain of {trait}"] = rank(world.strain_today[client, j], belief.strain[1:, client, j])
    lead = keep_over_drop(both, belief, world)
    found["keeping over dropping"] = rank(lead[0, client], lead[1:, client])
    return found


if __name__ == "__main__":
    main()
