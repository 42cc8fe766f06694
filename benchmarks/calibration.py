"""Simulation-based calibration of the instant update, with three planted errors that must be rejected.

Worlds are drawn from the prior and told forwards by the simulator; the belief about each client is formed under its
own world's population. Then the truth's place within the belief must be uniform (Cook, Gelman and Rubin 2006; Talts et
al. 2018). The distribution function of the places is held against a 95 % simultaneous (Kolmogorov-Smirnov) band.

What keeping is worth more than dropping is a quantity too: it is ranked among draws of the same belief, computed with
the truth in the same call.

    python benchmarks/calibration.py [worlds] [clients a world] [seed]
"""

import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy.special import ndtr
from scipy.stats import ksone

from model import actions, catalogue, population
from model.belief import Belief, believe, factors
from model.beside import NUMBERS
from model.catalogue import TRAITS
from model.days import log_days
from model.forecast import Ask, Market
from model.market import market
from model.observations import OPEN, Observations, observe
from model.outlook import newcomers, outlook
from model.parameters import ASK_SLOPES, CONDUCT, DEMAND, ENERGY_SLOPES, FIT, LEAVE_SLOPES, Array, Layout
from model.population import Population
from model.simulate import World, simulate
from model.terms import terms_of

UNTIL = date(2026, 10, 31)
MONTHS = 18
CATALOGUE = catalogue.load()
LAYOUT = Layout.of(CATALOGUE)
LEADS, HORIZON = 60, 24
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Error:
    """A way to get the belief wrong on purpose: other parameters, other records, or another width."""

    name: str
    population: Callable[[Population], Population] = lambda true: true
    observations: Callable[[Observations], Observations] = lambda seen: seen
    width: float = 1.0


def shifted(true: Population, layout: Layout = LAYOUT) -> Population:
    """Signs taken to be commoner than they are, by half a logit."""
    theta = true.theta.copy()
    theta[:, layout.sign_base : layout.sign_strength] += 0.5
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
            taken = error.population(true)
            found = of_truth(believe(taken, seen, CATALOGUE), world, true.theta[0], error.width)
            found["keeping over dropping"] = of_lead(taken, true, seen, world, error.width)
            places[error.name].append(found)
    print(f"{worlds * clients} clients in {worlds} worlds of {MONTHS} months, seed {seed}")
    print(f"{'':26}{'KS':>8}{'band':>8}{'95 % covers':>13}{'80 % covers':>13}{'50 % covers':>13}")
    failed, table = False, {}
    for error in (RIGHT, *PLANTED):
        rejected, table[error.name] = report(error.name, places[error.name])
        failed |= bool(rejected) if error is RIGHT else not rejected
    seconds = time.perf_counter() - began
    print(f"{seconds:.0f} s")
    size = {"worlds": worlds, "clients a world": clients, "months": MONTHS, "seconds": round(seconds)}
    write_results("calibration", seed, {**size, "table": table})
    if failed:
        sys.exit("calibration failed: a right belief was rejected, or a planted error was not")


def draw(worlds: int, clients: int, seed: int) -> Iterator[tuple[Population, World]]:
    """Worlds from the prior, each with its own population."""
    drawn = population.from_prior(CATALOGUE, rng=np.random.default_rng(seed), n_samples=worlds, independent=True)
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


def of_lead(taken: Population, true: Population, seen: Observations, world: World, width: float) -> Array:
    """Rank of the true lead of keeping over dropping among draws of the belief, from 0 to 1, shape (client,)."""
    draws = replace(taken, theta=np.vstack([true.theta, np.repeat(taken.theta, LEADS, axis=0)]))
    belief = believe(draws, seen, CATALOGUE)
    if width != 1.0:
        factor = factors(draws.theta)
        apart = belief.shift + belief.early
        centre = np.linalg.solve(factor[:, None], (belief.mean - apart)[..., None])[..., 0]
        latent = centre + width * (belief.latent - centre)
        belief = replace(belief, latent=latent, strain=apart + np.einsum("sij,scj->sci", factor, latent))
    lead = keep_over_drop(draws, belief, world)
    spread = np.random.default_rng(seen.n_rows).random(lead.shape[1])
    return np.asarray(((lead[1:] < lead[0]).sum(axis=0) + spread) / (LEADS + 1))


def keep_over_drop(draws: Population, belief: Belief, world: World) -> Array:
    """What keeping is worth more than dropping, shape (sample, client); the first sample is given the true strain."""
    factor = factors(draws.theta)
    latent, strain, apart = belief.latent.copy(), belief.strain.copy(), belief.shift + belief.early
    strain[0] = world.strain_today
    latent[0] = np.linalg.solve(factor[0], (world.strain_today - apart[0]).T).T
    terms = tuple(terms_of(world.records, name, UNTIL) for name in world.clients)
    unknown = newcomers(draws, log_terms=log_days(30.0), horizon_months=HORIZON)
    # A market known to the last digit: were it drawn, the clients of a world would share its luck.
    one = market(
        world.records, typical_fee=2000.0, typical_hours=16.0, today=UNTIL,
        numbers=np.random.default_rng(len(world.records.invoices)).standard_normal((1, NUMBERS)),
    )  # fmt: skip
    known = Market(**{field.name: np.repeat(getattr(one, field.name), draws.n_samples) for field in fields(Market)})
    ahead = outlook(
        draws, replace(belief, latent=latent, strain=strain), newcomers=unknown, market=known,
        log_terms=np.array([log_days(t.payment_terms_days) for t in terms]), horizon_months=HORIZON,
        asks=[Ask()] * len(terms),
    )  # fmt: skip
    settings = replace(world.records.settings, horizon_months=HORIZON)
    value = actions.net_benefit(ahead, terms, settings)
    return np.asarray(value.sel(action="keep") - value.sel(action="drop"))


def distance_and_band(u: Array) -> tuple[float, float]:
    """Largest distance of the places' distribution function from the uniform one, and its 95 % band."""
    u, n = np.sort(u), len(u)
    steps = np.arange(n)
    return float(max((u - steps / n).max(), ((steps + 1) / n - u).max())), float(ksone.isf(0.025, n))


def write_results(name: str, seed: int, found: dict[str, object]) -> None:
    """Keep the figures beside the command that makes them again."""
    about = {"command": " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]]), "seed": seed}
    about["machine"] = f"{platform.machine()}, Python {platform.python_version()}"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps({**about, **found}, indent=1) + "\n", encoding="utf-8")


def report(name: str, places: list[dict[str, Array]]) -> tuple[list[str], dict[str, dict[str, float]]]:
    """Print one table; names of the quantities outside the band, and the figures."""
    print(name)
    rejected, rows = [], {}
    for quantity in places[0]:
        u = np.sort(np.concatenate([place[quantity] for place in places]))
        distance, band = distance_and_band(u)
        inside = [float(np.mean(np.abs(u - 0.5) < share / 2)) for share in (0.95, 0.8, 0.5)]
        outside = distance > band
        if outside:
            rejected.append(quantity)
        mark = "  rejected" if outside else ""
        print(f"  {quantity:24}{distance:8.3f}{band:8.3f}" + "".join(f"{share:13.1%}" for share in inside) + mark)
        rows[quantity] = {"distance": round(distance, 4), "band": round(band, 4)}
        rows[quantity] |= {f"{n} %": round(100 * share, 1) for n, share in zip((95, 80, 50), inside, strict=True)}
    return rejected, rows


if __name__ == "__main__":
    main()
