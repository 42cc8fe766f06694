"""How long a fit takes and how well it mixes: 12 clients and 50, two years each; compiling is told apart.

    python benchmarks/fit.py                          both, against their budgets and the gate
    python benchmarks/fit.py --clients 3 --months 8   a small one, without a budget

Twelve clients of 24 months are the example; any other size is a simulated portfolio with a fixed seed.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

import numpy as np

from app.recipe import TODAY, example_records
from model import belief, catalogue, priors
from model.fit import DRAWS, TUNE, Graph, Progress, compile_model, fit
from model.observations import Observations, observe
from model.population import Population
from model.quick_fit import quick_fit
from model.simulate import simulate, typical_population

BUDGET_SECONDS = {(12, 24): 150.0, (50, 24): 480.0}
LEAST_ESS, MOST_RHAT = 400.0, 1.01
UPDATE_DRAWS = 500
SIGNS = catalogue.load()


def main(arguments: Sequence[str]) -> None:
    """Compile three ways, then fit each portfolio and hold it to its gate and its budget."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--clients", type=int, nargs="+", default=[12, 50])
    asked.add_argument("--months", type=int, default=24)
    asked.add_argument("--tune", type=int, default=TUNE)
    asked.add_argument("--draws", type=int, default=DRAWS)
    asked.add_argument("--compile-only", action="store_true", help="compile, print the seconds and end")
    chosen = asked.parse_args(arguments)
    if chosen.compile_only:
        began = time.monotonic()
        compile_model(portfolio(2, 3), SIGNS, priors.load())
        print(time.monotonic() - began)
        return
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    warm, graph = compiling(portfolio(chosen.clients[0], chosen.months))
    missed = [
        sentence for clients in chosen.clients
        for sentence in fitting(clients, chosen.months, graph, warm, chosen.tune, chosen.draws)
    ]  # fmt: skip
    if missed:
        sys.exit("\n".join(missed))


def portfolio(clients: int, months: int) -> Observations:
    """The example, or a simulated portfolio of that size."""
    if (clients, months) == (12, 24):
        return observe(example_records(), SIGNS, TODAY)
    theta, rng = typical_population(SIGNS), np.random.default_rng(6)
    world = simulate(theta, SIGNS, clients=clients, months=months, until=TODAY, rng=rng)
    return observe(world.records, SIGNS, TODAY)


def compiling(other: Observations) -> tuple[float, Graph]:
    """Seconds of compiling in a new process with what earlier ones kept, and a compiled graph."""
    with tempfile.TemporaryDirectory() as empty:
        caches = {**os.environ, "NUMBA_CACHE_DIR": empty, "PYTENSOR_FLAGS": f"base_compiledir={empty}"}
        command = [sys.executable, __file__, "--compile-only"]
        cold, warm = (
            float(subprocess.run(command, env=caches, capture_output=True, text=True, check=True).stdout.split()[-1])
            for _ in range(2)
        )
    graph = compile_model(portfolio(2, 3), SIGNS, priors.load())
    began = time.monotonic()
    graph.holding(other)
    reuse = time.monotonic() - began
    print(f"compiling with nothing kept     {cold:8.1f} s")
    print(f"compiling in a new process      {warm:8.1f} s")
    print(f"other records in the same graph {1000 * reuse:8.1f} ms")
    return warm, graph


def fitting(clients: int, months: int, graph: Graph, warm: float, tune: int, draws: int) -> list[str]:
    """Fit one portfolio; what it misses."""
    seen, shown = portfolio(clients, months), [-1]
    began, stages = time.monotonic(), set[str]()

    def tell(progress: Progress) -> None:
        stages.add(progress.stage)
        tenth = int(10 * progress.share_done)
        if tenth != shown[0]:
            shown[0] = tenth
            print(f"  {time.monotonic() - began:6.1f} s  {progress.stage}, {10 * tenth} %", file=sys.stderr, flush=True)

    made = fit(seen, SIGNS, graph=graph, tune=tune, draws=draws, on_progress=tell)
    told = made.diagnostics
    assert told is not None
    total, (least, worst, n) = warm + told.seconds, mixing(made)
    print(f"{len(seen.clients)} clients, {seen.n_rows} client-months, {told.chains} chains of {told.draws} draws")
    print(f"  compiling, warm {warm:8.1f} s")
    print(f"  sampling        {told.seconds:8.1f} s" + (", in two tries" if "sampling once more" in stages else ""))
    print(f"  worst R-hat     {max(told.worst_rhat, worst):8.4f}")
    print(f"  least bulk ESS  {min(told.worst_ess, least):8.0f}  of {n} parameters ({told.worst_parameter})")
    print(f"  divergences     {told.divergences:8d}")
    instant = instant_seconds(made, seen)
    print(
        f"  instant update  {1000 * instant:8.0f} ms of the same evidence, {UPDATE_DRAWS} draws on one core: ", end=""
    )
    print(
        f"{1000 * instant / seen.n_rows:.2f} ms per client-month, {told.seconds / instant:.0f} times less than sampling"
    )
    quick, apart = quickly(made, seen)
    print(
        f"  quick fit       {quick:8.1f} s, {told.seconds / quick:.0f} times less than sampling; strains within "
        f"{apart:.3f} deviations of the sampled fit's"
    )
    budget = BUDGET_SECONDS.get((clients, months))
    missed = []
    if not told.reliable or least < LEAST_ESS or worst > MOST_RHAT:
        missed.append(f"the fit of {clients} clients misses its gate")
    if budget is not None and total > budget:
        missed.append(f"the fit of {clients} clients misses its budget of {budget:.0f} s by {total - budget:.0f} s")
    return missed


def instant_seconds(made: Population, seen: Observations) -> float:
    """Seconds of one core for the strain of every client anew, with the population of a fit."""
    draws = made.thinned(UPDATE_DRAWS)
    cores, belief.in_threads = belief.in_threads, lambda work, n: work(slice(0, n))  # type: ignore[assignment]
    try:
        belief.believe(draws, seen, SIGNS)
        began = time.process_time()
        belief.believe(draws, seen, SIGNS)
        return time.process_time() - began
    finally:
        belief.in_threads = cores


def quickly(made: Population, seen: Observations) -> tuple[float, float]:
    """Seconds of a quick fit, its kernels compiled, and how far off a fit's means of strain it is at most, in sd."""
    quick_fit(portfolio(2, 3), SIGNS)
    began = time.monotonic()
    quick = quick_fit(seen, SIGNS)
    seconds = time.monotonic() - began
    both = [belief.believe(draws, seen, SIGNS) for draws in (made, quick)]
    gaps = []
    for name in seen.clients:
        (mean, sd), (other, _) = (found.summary(name) for found in both)
        gaps.append(np.abs(other - mean) / sd)
    return seconds, float(np.max(gaps))


def mixing(made: Population) -> tuple[float, float, int]:
    """Least bulk ESS, worst R-hat and number of the parameters as the model uses them, constants left out."""
    from arviz_stats import ess, rhat
    from xarray import Dataset

    assert made.diagnostics is not None
    theta = made.theta.reshape(made.diagnostics.chains, made.diagnostics.draws, -1)
    free = theta[..., theta.std(axis=(0, 1)) > 1e-12]
    draws = Dataset({"theta": (("chain", "draw", "parameter"), free)})
    return float(ess(draws, method="bulk")["theta"].min()), float(rhat(draws)["theta"].max()), free.shape[-1]


if __name__ == "__main__":
    main(sys.argv[1:])
