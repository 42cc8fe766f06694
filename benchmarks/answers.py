"""How long everything about one client takes, a slider, and the portfolio page of fifty clients."""

import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np

from app.presenting import card
from app.recipe import TODAY, example_records
from model import catalogue, population
from model.break_even import break_evens
from model.evidence import record_weights, weights
from model.judged import narrowed
from model.judgement import judge, rejudge
from model.records import Records
from model.tornado import tornado
from model.unknowns import knowledge, probe_values
from model.waiting import considered, waiting

DRAWS, MONTHS, RUNS, CLIENTS = 1000, 24, 5, 50
ANSWERS_MS, SLIDER_MS, PAGE_MS = 100.0, 20.0, 1000.0


def median_ms(work: Callable[[], object]) -> float:
    """Wall-clock time of one run, in milliseconds, median of several; the first, which may compile, is left out."""
    work()
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def many(records: Records, count: int) -> Records:
    """A portfolio of `count` clients: those there are, over and over, under new names."""
    active = [client.name for client in records.active(TODAY)]
    parts = []
    for i in range(count):
        mine, name = records.of(active[i % len(active)]), f"Client {i + 1:02d}"
        parts.append(
            replace(
                mine,
                clients=tuple(replace(client, name=name) for client in mine.clients),
                **{
                    kind: tuple(replace(record, client=name) for record in getattr(mine, kind))
                    for kind in ("checkins", "sightings", "invoices", "hours", "events")
                },
            )
        )
    kinds = ("clients", "checkins", "sightings", "invoices", "hours", "events")
    return replace(records, **{kind: tuple(r for part in parts for r in getattr(part, kind)) for kind in kinds})


def main() -> None:
    """Measure on the example portfolio; `--fifty` adds the portfolio of fifty clients."""
    signs, records = catalogue.load(), example_records()
    draws = population.from_prior(signs, rng=np.random.default_rng(1), n_samples=DRAWS)
    judged = judge(records, draws, today=TODAY, settings=replace(records.settings, horizon_months=MONTHS))
    name = judged.decisions[0].client
    dearer = replace(judged.settings, reserve_value_per_hour=Decimal(40))
    parts = {
        "waiting, with what to watch": lambda: considered(judged, judged.of(name), waiting(judged, name)),
        "weights of every sign and kind of record": lambda: weights(judged, name),
        "break-evens of every input": lambda: break_evens(judged, name),
        "worth of knowing each group": lambda: knowledge(judged, name),
        "worth of cheap probes": lambda: probe_values(judged, name),
    }
    took = {what: median_ms(work) for what, work in parts.items()}
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}; ", end="")
    print(f"{DRAWS} draws, {MONTHS} months, median of {RUNS}")
    for what, ms in took.items():
        print(f"  {what:45s} {ms:8.1f} ms")
    print(f"  {'all of these':45s} {sum(took.values()):8.1f} ms (budget {ANSWERS_MS:.0f} ms)")
    print(f"  {'weights of single records, on demand':45s} {median_ms(lambda: record_weights(judged, name)):8.1f} ms")
    print(f"  {'tornado, on demand':45s} {median_ms(lambda: tornado(judged, name)):8.1f} ms")
    # As the page does it: one client is on show, and what is asked of them is on a slider too.
    asked = {name: judged.of(name).ask}
    slider = median_ms(lambda: rejudge(narrowed(judged, name), settings=dearer, ask=asked))
    print(f"  {'a slider, the client on show answered anew':45s} {slider:8.1f} ms (budget {SLIDER_MS:.0f} ms)")
    every = median_ms(lambda: rejudge(judged, settings=dearer))
    print(f"  {'the same for all clients, best asks included':45s} {every:8.1f} ms")
    if "--fifty" in sys.argv:
        portfolio = many(records, CLIENTS)
        before = judge(portfolio, draws, today=TODAY)

        def page() -> None:
            again = judge(portfolio, draws, today=TODAY, previous=before)
            for decision in again.decisions:
                card(again, decision)

        print(f"  {f'the page of {CLIENTS} clients':45s} {median_ms(page):8.1f} ms (budget {PAGE_MS:.0f} ms)")


if __name__ == "__main__":
    main()
