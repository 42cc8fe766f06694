"""Whether a quick fit of a platform covers what it should: simulated platforms drawn from its own prior.

    python benchmarks/quick_platform.py [PLATFORMS] [FIRMS] [CLIENTS]       10, 12 and 7 if none is given

Each platform has a population and a spread of its firms of its own. Where the truth lies within the fit is told for the
numbers behind the platform's parameters, for every firm's levels and for how far firms differ.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from scipy.special import ndtri

from benchmarks.calibration import write_results
from benchmarks.decisions.platforms import Platform, drawn
from model import catalogue, priors
from model.belief import seed_of
from model.firms import Firms, side_by_side
from model.observations import observe
from model.profile import ordinary_profiles
from model.quick_platform import quick_platform
from model.simulate import simulate
from model.standard import Standard

UNTIL, MONTHS, SEED = date(2026, 10, 31), 24, 2
COVERED = 0.8
CATALOGUE = catalogue.load()


def main(arguments: Sequence[str]) -> None:
    platforms, firms, clients = (*map(int, arguments), *(10, 12, 7)[len(arguments) :])
    standard, inside, off, seconds = Standard.of(CATALOGUE, priors.load()), [], [], []
    print(f"{'':10}{'seconds':>9}{'numbers':>9}{'levels':>9}{'apart':>9}   80 % intervals cover")
    for number in range(platforms):
        truth = drawn(CATALOGUE, number, seed=SEED)
        told, pull = records(truth, firms, clients), np.linalg.pinv(truth.unit)
        began = time.perf_counter()
        made = quick_platform(told, as_of=UNTIL)
        seconds.append(time.perf_counter() - began)
        found = [standard.numbers(made.platform.centre), *(made.own[name] for name in told.names), made.platform.apart]
        true = [
            standard.numbers(truth.centre[None])[0],
            *((truth.theta(f) - truth.centre) @ pull for f in range(firms)),
            truth.apart,
        ]
        z = [(one.mean(axis=0) - at) / one.std(axis=0) for one, at in zip(found, true, strict=True)]
        share = [(one < at).mean(axis=0) for one, at in zip(found, true, strict=True)]
        of = [
            np.abs(ndtri(np.clip(np.concatenate(part), 1e-4, 1 - 1e-4)))
            for part in (share[:1], share[1:-1], share[-1:])
        ]
        inside.append([float((one < -ndtri((1 - COVERED) / 2)).mean()) for one in of])
        off.append([float(np.sqrt((np.concatenate(part) ** 2).mean())) for part in (z[:1], z[1:-1])])
        print(f"{number:10}{seconds[-1]:9.0f}" + "".join(f"{one:9.1%}" for one in inside[-1]), flush=True)
    every, error = np.mean(inside, axis=0), np.std(inside, axis=0) / np.sqrt(platforms)
    print(f"{'all':10}{np.mean(seconds):9.0f}" + "".join(f"{one:9.1%}" for one in every))
    print(f"{'error':19}" + "".join(f"{one:9.1%}" for one in error))
    print("off by {:.2f} and {:.2f} deviations (root mean square; numbers and levels)".format(*np.mean(off, axis=0)))
    write_results(
        "quick_platform", SEED,
        {
            "platforms": platforms, "firms": firms, "clients_a_firm": clients,
            "seconds": round(float(np.mean(seconds))),
            "covered_by_80": dict(zip(("numbers", "levels", "apart"), np.round(every, 4).tolist(), strict=True)),
            "standard_errors": np.round(error, 4).tolist(), "off": np.round(np.mean(off, axis=0), 3).tolist(),
        },
    )  # fmt: skip


def records(truth: Platform, firms: int, clients: int) -> Firms:
    """What the firms of a platform recorded."""
    seen = {}
    for number in range(firms):
        rng = seed_of(f"{truth.name} records {number}", 1)
        profiles = ordinary_profiles(clients, months=MONTHS, until=UNTIL, rng=rng)
        since = [replace(profile, months=int(rng.integers(5, MONTHS + 1))) for profile in profiles]
        world = simulate(truth.theta(number), CATALOGUE, clients=since, months=MONTHS, until=UNTIL, rng=rng)
        seen[f"firm {number:03d}"] = observe(world.records, CATALOGUE, UNTIL)
    return side_by_side(seen, CATALOGUE)


if __name__ == "__main__":
    main(sys.argv[1:])
