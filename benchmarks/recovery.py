"""What a fit learns of each population parameter from a world whose truth is known.

One world is drawn from the prior, told forwards and fitted. For each parameter: the truth, the posterior, and how much
narrower the posterior is than the prior. Parameters that no such portfolio can teach stay where the prior has them, and
the table says which.

    python benchmarks/recovery.py [clients] [months] [seed]
"""

import sys
from datetime import date

import numpy as np
from calibration import write_results

from model import catalogue, fit, population
from model.observations import observe
from model.parameters import Layout
from model.simulate import simulate

CATALOGUE = catalogue.load()
NAMES = Layout.of(CATALOGUE).names(CATALOGUE)
UNTIL = date(2026, 10, 31)


def main() -> None:
    """Fit one world and print its table."""
    clients, months, seed = (*map(int, sys.argv[1:]), *(20, 24, 1)[len(sys.argv) - 1 :])
    rng = np.random.default_rng(seed)
    prior = population.from_prior(CATALOGUE, rng=rng, n_samples=2000)
    truth = population.from_prior(CATALOGUE, rng=rng, n_samples=1).theta[0]
    world = simulate(truth, CATALOGUE, clients=clients, months=months, until=UNTIL, rng=rng)
    fitted = fit.fit(observe(world.records, CATALOGUE, UNTIL), CATALOGUE, seed=seed)
    print(fitted.diagnostics)
    free = prior.theta.std(axis=0) > 0
    mean, sd = fitted.theta.mean(axis=0), fitted.theta.std(axis=0)
    off = np.where(free, (truth - mean) / np.where(free, sd, 1.0), 0.0)
    kept = np.where(free, sd / np.where(free, prior.theta.std(axis=0), 1.0), 1.0)
    low, high = np.quantile(fitted.theta, (0.1, 0.9), axis=0)
    inside = (truth >= low) & (truth <= high)
    print(f"{'parameter':44}{'truth':>9}{'posterior':>18}{'deviations off':>16}{'width kept':>12}")
    for k in np.flatnonzero(free):
        print(f"{NAMES[k]:44}{truth[k]:9.3f}{mean[k]:10.3f} ± {sd[k]:5.3f}{off[k]:16.2f}{kept[k]:12.0%}")
    summary = {
        "parameters": int(free.sum()),
        "80 % intervals cover": round(float(inside[free].mean()), 3),
        "root mean square of deviations off": round(float(np.sqrt(np.mean(off[free] ** 2))), 3),
        "median width kept": round(float(np.median(kept[free])), 3),
    }
    print(f"{clients} clients, {months} months: {summary}")
    write_results("recovery", seed, {"clients": clients, "months": months, **summary})


if __name__ == "__main__":
    main()
