"""How far answers without a new fit lie from those of one, over simulated portfolios.

Each portfolio is fitted, then its clients go on for a month, and a refit starts anew with all of it. Beside it stand
the instant update with the population of the first fit held still, as it is while the month is under way; with the
month taken up into the population, as it is once the month is over; and a quick fit of everything. One compiled graph
serves every fit.

    python benchmarks/refit_agreement.py [portfolios] [seed] [--keep FOLDER]

With --keep the fits are kept in a folder and used again from there, to look into what lies between the two.
"""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
from calibration import write_results

from model import catalogue, fit, population, priors
from model.belief import believe
from model.observations import Observations, observe
from model.population import Population
from model.quick_fit import quick_fit
from model.simulate import simulate
from model.taking_up import taken_up

CATALOGUE = catalogue.load()
CLIENTS, MONTHS = 6, 10
TUNE, DRAWS = 300, 500
BEFORE, AFTER = date(2026, 9, 30), date(2026, 10, 31)
MEAN_BUDGET, SD_BUDGET = 0.15, 0.10
HELD, TAKEN_UP, QUICK = "population held", "month taken up", "quick fit"


def main() -> None:
    """Fit every portfolio twice and compare, client by client and trait by trait."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portfolios", type=int, nargs="?", default=20)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--keep", type=Path, default=None, help="folder of fits, to be used again")
    options = parser.parse_args()
    portfolios, seed = options.portfolios, options.seed
    drawn = population.from_prior(CATALOGUE, rng=np.random.default_rng(seed), n_samples=portfolios, independent=True)
    fits, seconds = Fits(options.keep), []
    off: dict[str, list[np.ndarray]] = {HELD: [], TAKEN_UP: [], QUICK: []}
    ratio: dict[str, list[np.ndarray]] = {name: [] for name in off}
    for i in range(portfolios):
        rng = np.random.default_rng([seed, i])
        records = simulate(drawn.theta[i], CATALOGUE, clients=CLIENTS, months=MONTHS, until=AFTER, rng=rng).records
        before, after = (observe(records, CATALOGUE, day) for day in (BEFORE, AFTER))
        began = time.perf_counter()
        old, new = (fits.of(seen, seed + i) for seen in (before, after))
        seconds.append((time.perf_counter() - began) / 2)
        ways = {
            HELD: old,
            TAKEN_UP: taken_up(old, after, CATALOGUE, priors.load()),
            QUICK: quick_fit(after, CATALOGUE, seed=seed + i),
        }
        exact_mean, exact_sd = strains(new, after)
        for name, way in ways.items():
            mean, sd = strains(way, after)
            off[name].append(np.abs(mean - exact_mean) / exact_sd)
            ratio[name].append(sd / exact_sd - 1.0)
        worst = ", ".join(f"{name} {off[name][-1].max():.3f}" for name in off)
        print(f"portfolio {i + 1}: means apart by at most, in sd: {worst}", flush=True)
    print(f"{portfolios} portfolios of {CLIENTS} clients and {MONTHS} months, {np.mean(seconds):.0f} s a fit")
    print(f"{'':54}{'mean':>8}{'95 %':>8}{'99 %':>8}{'max':>8}{'budget':>8}")
    figures: dict[str, dict[str, list[float]]] = {}
    for name in off:
        figures[name] = {}
        for what, values, budget in (("means apart, in sd", off, MEAN_BUDGET), ("sd apart", ratio, SD_BUDGET)):
            gap = np.abs(np.concatenate(values[name]))
            row = [gap.mean(), *np.quantile(gap, (0.95, 0.99)), gap.max()]
            figures[name][what] = [round(float(value), 4) for value in row]
            print(f"{name + ': ' + what:54}" + "".join(f"{value:8.3f}" for value in row) + f"{budget:8.2f}")
    write_results("refit_agreement", seed, {"portfolios": portfolios, "mean, 95 %, 99 %, max": figures})
    if any(figures[name]["means apart, in sd"][-1] > MEAN_BUDGET for name in (TAKEN_UP, QUICK)):
        sys.exit("means stray from those of the refit further than they may")


class Fits:
    """Fits of four chains: with one, two fits of the very same evidence lie a tenth of a deviation apart by luck."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.graph: fit.Graph | None = None

    def of(self, seen: Observations, seed: int) -> Population:
        """The fit of these records, or the one kept."""
        place = self.folder and self.folder / f"{population.fingerprint_of(seen, priors.load())}-{seed}.npz"
        if place and place.exists():
            return population.load(place, CATALOGUE)
        self.graph = self.graph or fit.compile_model(seen, CATALOGUE, priors.load())
        found = fit.fit(seen, CATALOGUE, seed=seed, tune=TUNE, draws=DRAWS, graph=self.graph)
        if place:
            population.save(found, place)
        return found


def strains(draws: Population, seen: Observations) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and sd of every client's strain today, each (client, trait)."""
    found = believe(draws, seen, CATALOGUE)
    both = [found.summary(name) for name in found.clients]
    return np.array([mean for mean, _ in both]), np.array([sd for _, sd in both])


if __name__ == "__main__":
    main()
