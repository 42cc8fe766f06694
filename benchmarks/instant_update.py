"""How long it takes from a logged payment to a new answer: the update of one client, and what-if after it."""

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np

from app.desk import N_SAMPLES
from app.recipe import TODAY, example_records
from model import belief, catalogue, population
from model.judged import narrowed
from model.judgement import judge, rejudge
from model.observations import observe
from model.records import Records
from model.waiting import deliberated

DRAWS, RUNS = 500, 20
BUDGET_MS, SLIDER_MS = 100.0, 20.0


def median_ms(work: Callable[[], object]) -> float:
    """Wall-clock time of one run, in milliseconds, median of many."""
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def with_late_payment(records: Records) -> Records:
    """The same records, the newest open invoice that is due already paid today."""
    due = [i for i in records.invoices if i.paid_on is None and i.written_off is None and i.due < TODAY]
    unpaid = max(due, key=lambda i: i.issued)
    return replace(
        records, invoices=(*(i for i in records.invoices if i is not unpaid), replace(unpaid, paid_on=TODAY))
    )


def main() -> None:
    """Measure on the example portfolio."""
    signs, records = catalogue.load(), example_records()
    draws = population.from_prior(signs, rng=np.random.default_rng(1), n_samples=DRAWS)
    seen = observe(records, signs, TODAY)
    after = with_late_payment(records)
    dearer = replace(records.settings, reserve_value_per_hour=Decimal(40))

    everyone = median_ms(lambda: belief.believe(draws, seen, signs))
    # Threads share the draws among them; one core would take as many times longer.
    cores = belief.in_threads
    belief.in_threads = lambda work, n: work(slice(0, n))  # type: ignore[assignment]
    alone = median_ms(lambda: belief.believe(draws, seen, signs))
    belief.in_threads = cores
    # The app and the command line answer with fewer draws than the update above is measured with.
    usual = draws.thinned(N_SAMPLES)
    before = judge(records, usual, today=TODAY)
    logged = median_ms(lambda: judge(after, usual, today=TODAY, previous=before))
    waited = median_ms(lambda: deliberated(judge(after, usual, today=TODAY, previous=before)))
    # As the page does it: one client is on show, and what is asked of them is on a slider too.
    name = before.decisions[0].client
    asked = {name: before.of(name).ask}
    moved = median_ms(lambda: rejudge(narrowed(before, name), settings=dearer, ask=asked))
    shown = median_ms(lambda: deliberated(rejudge(narrowed(before, name), settings=dearer, ask=asked)))

    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}; {DRAWS} draws, ", end="")
    print(f"{len(seen.clients)} clients, {seen.n_rows} client-months, median of {RUNS}")
    print(f"  strain of every client anew, one core   {alone:8.1f} ms, {alone / seen.n_rows:.2f} ms per client-month")
    print(f"  strain of every client anew, all cores  {everyone:8.1f} ms")
    print(f"  and with the {N_SAMPLES} draws of the app:")
    print(f"  one payment logged to the new answer    {logged:8.1f} ms (budget {BUDGET_MS:.0f} ms)")
    print(f"  the same with waiting, for every client {waited:8.1f} ms, as the app shows it")
    print(f"  a slider moved to the new answer        {moved:8.1f} ms (budget {SLIDER_MS:.0f} ms)")
    print(f"  the same with waiting                   {shown:8.1f} ms, as the app shows it")


main()
