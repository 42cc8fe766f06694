"""One more record, answered in three ways side by side: this engine, a whole new fit, and an influence diagram.

    python benchmarks/other_ways.py [--no-fit]         pyAgrum in the environment for the third; the fit takes minutes

The record is a sign seen at one of twelve clients. The engine updates the client and decides anew; the fit learns all
population parameters again and decides; the diagram has the strain of one month in five levels a trait, every ticked
sign hanging on its trait with fixed chances, and the same actions valued by the same strain.
"""

import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import norm

from app.desk import N_SAMPLES
from app.recipe import TODAY, example_records
from model import catalogue, fit, population
from model.actions import ACTIONS
from model.catalogue import TRAITS
from model.judged import Judgement
from model.judgement import judge
from model.observations import observe
from model.parameters import Layout
from model.records import Sighting

CATALOGUE = catalogue.load()
SIGN, RUNS, LEVELS = "disrespect", 20, 5


def main(fitted: bool) -> None:
    """Measure each way, and print what it answers and leaves out."""
    records = example_records()
    name = records.active(TODAY)[0].name
    after = replace(records, sightings=(*records.sightings, Sighting(client=name, on=TODAY, sign=SIGN)))
    draws = population.from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=N_SAMPLES)
    before = judge(records, draws, today=TODAY)
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}; a sign seen at {name!r}")
    print(
        f"{'':26}{'a record':>12}{'keep':>10}{'renegotiate':>13}{'drop':>10}   (expected, {before.settings.currency})"
    )

    taken, answer = median_of(lambda: judge(after, draws, today=TODAY, previous=before))
    told("this engine", taken, means(answer, name))
    if fitted:
        began = time.perf_counter()
        learned = fit.fit(observe(after, CATALOGUE, TODAY), CATALOGUE, seed=1)
        anew = judge(after, learned.thinned(N_SAMPLES), today=TODAY)
        told("a whole new fit", time.perf_counter() - began, means(anew, name))
    try:
        import pyagrum
    except ImportError:
        print("an influence diagram needs pyAgrum: uv pip install pyagrum")
        return
    ask = diagram(pyagrum, before, name)
    seen = observe(after, CATALOGUE, TODAY)
    place = seen.clients.index(name)
    month = seen.signs[seen.first_row[place + 1] - 1]
    evidence = {
        sign.id: int(found) for sign, found in zip(CATALOGUE.ticked, month, strict=True) if found >= 0
    } | {SIGN: 1}  # fmt: skip
    taken, worth = median_of(lambda: ask(evidence))
    told(f"a diagram, {len(evidence)} signs", taken, worth)


def diagram(gum: Any, judged: Judgement, name: str) -> Callable[[dict[str, int]], np.ndarray]:
    """An influence diagram of one month of one client, and how to ask it; its chances are the means of the draws."""
    theta, layout = judged.population.theta.mean(axis=0), Layout.of(CATALOGUE)
    centres = norm.ppf((np.arange(LEVELS) + 0.5) / LEVELS)
    made = gum.InfluenceDiagram()
    for trait in TRAITS:
        made.addChanceNode(gum.LabelizedVariable(trait, trait, LEVELS))
        made.cpt(trait).fillWith([1.0 / LEVELS] * LEVELS)
    for place, sign in enumerate(CATALOGUE.ticked):
        made.addChanceNode(gum.LabelizedVariable(sign.id, sign.id, 2))
        made.addArc(sign.trait, sign.id)
        eta = theta[layout.sign_base + place] + theta[layout.sign_strength + place] * centres
        there = 1.0 / (1.0 + np.exp(-eta))
        made.cpt(sign.id)[:] = np.column_stack([1.0 - there, there])
    made.addDecisionNode(gum.LabelizedVariable("action", "action", list(ACTIONS)))
    made.addUtilityNode(gum.LabelizedVariable("worth", "worth", 1))
    for parent in (*TRAITS, "action"):
        made.addArc(parent, "worth")
    # What an action is worth, given the strain: a plane through the draws, as an expert would draw one.
    place = judged.belief.place(name)
    known = np.column_stack([np.ones(judged.population.n_samples), judged.belief.strain[:, place]])
    plane, *_ = np.linalg.lstsq(known, judged.net_benefit.values[:, place], rcond=None)
    for levels in np.ndindex(*[LEVELS] * len(TRAITS)):
        worth = plane[0] + centres[list(levels)] @ plane[1:]
        for action, value in zip(ACTIONS, worth, strict=True):
            at = {trait: int(level) for trait, level in zip(TRAITS, levels, strict=True)}
            made.utility("worth")[{**at, "action": action}] = float(value)

    def ask(evidence: dict[str, int]) -> np.ndarray:
        engine = gum.ShaferShenoyLIMIDInference(made)
        engine.setEvidence(evidence)
        engine.makeInference()
        found = engine.posteriorUtility("action")
        return np.array([found[{"action": action}] for action in ACTIONS])

    return ask


def means(judged: Judgement, name: str) -> np.ndarray:
    """Expected value of keep, renegotiate and drop."""
    return np.asarray(judged.net_benefit.sel(client=name).mean("sample").values)


def median_of[T](work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of one run, median of many, and what it answers."""
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        answer = work()
        took.append(time.perf_counter() - began)
    return statistics.median(took), answer


def told(what: str, seconds: float, worth: np.ndarray) -> None:
    """One row."""
    taken = f"{seconds:.0f} s" if seconds > 10 else f"{1000 * seconds:.1f} ms"
    keep, renegotiate, drop = worth
    print(f"{what:26}{taken:>12}{keep:>10,.0f}{renegotiate:>13,.0f}{drop:>10,.0f}", flush=True)


if __name__ == "__main__":
    main("--no-fit" not in sys.argv[1:])
