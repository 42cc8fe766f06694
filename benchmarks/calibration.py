"""Simulation-based calibration of the instant update, with three planted errors that must be rejected.

Worlds are drawn from the prior and told forwards by the simulator; the belief about each client is formed under its
own world's population. Then the truth's place within the belief must be uniform (Cook, Gelman and Rubin 2006; Talts et
al. 2018). The distribution function of the places is held against a 95 % simultaneous (Kolmogorov-Smirnov) band.

    python benchmarks/calibration.py [worlds] [clients a world] [seed]
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy.special import ndtr
from scipy.stats import ksone

from model import catalogue, population
from model.belief import Belief, believe
from model.catalogue import TRAITS
from model.observations import OPEN, Observations, observe
from model.parameters import ASK_SLOPES, CONDUCT, DEMAND, ENERGY_SLOPES, FIT, LEAVE_SLOPES, Array, Layout
from model.population import Population
from model.simulate import World, simulate

UNTIL = date(2026, 10, 31)
MONTHS = 18
CATALOGUE = catalogue.load()
LAYOUT = Layout.of(CATALOGUE)


@dataclass(frozen=True)
class Error:
    """A way to get the belief wrong on purpose: other parameters, other records, or another width."""

    name: str
    population: Callable[[Population], Population] = lambda true: true
    observations: Callable[[Observations], Observations] = lambda seen: seen
    width: float = 1.0


def shifted(true: Population) -> Population:
    """Signs taken to be commoner than they are, by half a logit."""
    theta = true.theta.copy()
    theta[:, LAYOUT.sign_base : LAYOUT.sign_strength] += 0.5
    return replace(true, theta=theta)


def without_open_invoices(seen: Observations) -> Observations:
    """Open invoices dropped instead of censored."""
    kept = seen.invoice_state != OPEN
    before = np.concatenate([[0], np.cumsum(kept)])
    return replace(
        seen,
        invoice_first=before[seen.invoice_first].astype(np.int64),
        invoice_state=seen.invoice_state[kept],
        invoice_log_days=seen.invoice_log_days[kept],
        invoice_log_terms=seen.invoice_log_terms[kept],
    )


RIGHT = Error("as it is")
PLANTED = (
    Error("shifted prior", population=shifted),
    Error("sd too small by a fifth", width=0.8),
    Error("censoring dropped", observations=without_open_invoices),
)


def main() -> None:
    """Run the study, print its table, and fail if a right belief is rejected or a wrong one is not."""
    arguments = [int(argument) for argument in sys.argv[1:]]
    worlds, clients, seed = (*arguments, *(250, 10, 1)[len(arguments) :])
    began = time.perf_counter()
    places: dict[str, list[dict[str, Array]]] = {error.name: [] for error in (RIGHT, *PLANTED)}
    for true, world in draw(worlds, clients, seed):
        for error in (RIGHT, *PLANTED):
            seen = error.observations(observe(world.records, CATALOGUE, UNTIL))
            belief = believe(error.population(true), seen, CATALOGUE)
            places[error.name].append(of_truth(belief, world, true.theta[0], error.width))
    print(f"{worlds * clients} clients in {worlds} worlds of {MONTHS} months, seed {seed}")
    print(f"{'':26}{'KS':>8}{'band':>8}{'80 % covers':>13}{'50 % covers':>13}")
    failed = False
    for error in (RIGHT, *PLANTED):
        rejected = report(error.name, places[error.name])
        failed |= bool(rejected) if error is RIGHT else not rejected
    print(f"{time.perf_counter() - began:.0f} s")
    if failed:
        sys.exit("calibration failed: a right belief was rejected, or a planted error was not")


def draw(worlds: int, clients: int, seed: int) -> Iterator[tuple[Population, World]]:
    """Worlds from the prior, each with its own population."""
    drawn = population.from_prior(CATALOGUE, rng=np.random.default_rng(seed), n_samples=worlds)
    for i in range(worlds):
        true = replace(drawn, theta=drawn.theta[i : i + 1].copy())
        rng = np.random.default_rng([seed, i])
        yield true, simulate(true.theta[0], CATALOGUE, clients=clients, months=MONTHS, until=UNTIL, rng=rng)


def of_truth(belief: Belief, world: World, theta: Array, width: float) -> dict[str, Array]:
    """Where the truth lies within the belief, from 0 to 1, for each quantity; shapes (client,)."""
    mean, cov = belief.mean[0], belief.cov[0] * width**2
    directions = {f"strain of {trait}": np.eye(4)[j] for j, trait in enumerate(TRAITS)}
    pull = np.zeros(4)
    pull[[DEMAND, CONDUCT, FIT]] = theta[ENERGY_SLOPES : ENERGY_SLOPES + 3]
    directions["pull on energy"] = pull
    directions["pull on leaving"] = theta[LEAVE_SLOPES : LEAVE_SLOPES + 4]
    directions["resistance to an ask"] = theta[ASK_SLOPES : ASK_SLOPES + 4]
    directions["payment against fit"] = np.array([1.0, 0.0, 0.0, -1.0])
    directions["demand and conduct"] = np.array([0.0, 1.0, 1.0, 0.0])
    directions["all traits together"] = np.ones(4)
    found = {}
    for name, direction in directions.items():
        sd = np.sqrt(np.einsum("i,cij,j->c", direction, cov, direction))
        found[name] = ndtr((world.strain_today - mean) @ direction / sd)
    return found


def report(name: str, places: list[dict[str, Array]]) -> list[str]:
    """Print one table; names of the quantities outside the band."""
    print(name)
    rejected = []
    for quantity in places[0]:
        u = np.sort(np.concatenate([place[quantity] for place in places]))
        n = len(u)
        band = float(ksone.isf(0.025, n))
        steps = np.arange(n)
        distance = float(max((u - steps / n).max(), ((steps + 1) / n - u).max()))
        inside = [np.mean(np.abs(u - 0.5) < share / 2) for share in (0.8, 0.5)]
        outside = distance > band
        if outside:
            rejected.append(quantity)
        mark = "  rejected" if outside else ""
        print(f"  {quantity:24}{distance:8.3f}{band:8.3f}{inside[0]:13.1%}{inside[1]:13.1%}{mark}")
    return rejected


if __name__ == "__main__":
    main()
