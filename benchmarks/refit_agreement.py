"""How far the instant update after one late payment lies from a full refit on the same records.

The instant update holds the population where the last fit left it; a refit lets the payment move the population too.
"""

import os
import platform
import sys
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np

from app.recipe import TODAY, example_records
from model import belief, catalogue
from model.fit import Progress, fit
from model.observations import Observations, observe
from model.population import Population
from model.records import Invoice, Records

CLIENT = "Gigantic Umbrella Group"
MEAN_BUDGET, RATIO_BUDGET = 0.15, 0.10


def with_late_payment(records: Records) -> Records:
    """The same records and one invoice more, paid yesterday and a month late."""
    day = timedelta(days=1)
    late = Invoice(
        client=CLIENT, number="late one", issued=TODAY - 60 * day, due=TODAY - 30 * day, amount=Decimal(2000),
        currency="EUR", paid_on=TODAY - day,
    )  # fmt: skip
    return replace(records, invoices=(*records.invoices, late))


def fitted(seen: Observations, name: str, seed: int) -> Population:
    """A fit, told on stderr."""
    began, shown = time.monotonic(), [-1]

    def tell(progress: Progress) -> None:
        tenth = int(10 * progress.share_done)
        if tenth != shown[0]:
            shown[0] = tenth
            print(f"  {time.monotonic() - began:6.1f} s  {name}, {10 * tenth} %", file=sys.stderr, flush=True)

    made = fit(seen, catalogue.load(), seed=seed, on_progress=tell)
    told = made.diagnostics
    assert told is not None
    print(f"  {name}: {told.seconds:.0f} s, R-hat {told.worst_rhat:.4f}, least bulk ESS {told.worst_ess:.0f}, ", end="")
    print(f"{told.divergences} divergences")
    return made


def strains(population: Population, seen: Observations) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and sd of every client's strain today, each (client, trait)."""
    found = belief.believe(population, seen, catalogue.load())
    both = [found.summary(name) for name in found.clients]
    return np.array([mean for mean, _ in both]), np.array([sd for _, sd in both])


def main() -> None:
    """Fit twice and compare, client by client and trait by trait."""
    records = example_records()
    before, after = (observe(r, catalogue.load(), TODAY) for r in (records, with_late_payment(records)))
    old = fitted(before, "fit before the payment", 1)
    new = fitted(after, "fit after the payment", 2)
    mean, sd = strains(old, after)
    exact_mean, exact_sd = strains(new, after)
    off, ratio = np.abs(mean - exact_mean) / exact_sd, np.abs(sd / exact_sd - 1.0)

    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores; ",
        end="",
    )
    print(f"{off.shape[0]} clients x {off.shape[1]} traits")
    print("                                   95 % point   maximum    budget")
    for name, gap, budget in (
        ("difference of means in posterior sd", off, MEAN_BUDGET),
        ("ratio of sd, away from one         ", ratio, RATIO_BUDGET),
    ):
        print(f"{name}{np.quantile(gap, 0.95):10.3f}{gap.max():10.3f}{budget:10.2f}")
    if off.max() > MEAN_BUDGET or ratio.max() > RATIO_BUDGET:
        sys.exit("the instant update strays from the refit further than it may")


main()
