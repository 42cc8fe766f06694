"""Coverage of the instant update: strain today and next month's records, in the model's world and in five others.

Every client lives in a world of its own drawn from the prior. Nothing is fitted, the belief rests on the prior alone;
in the model's own world it is also taken after a quick fit to the records of that client. The next record is the one of
the month after the last one recorded. The other worlds break one assumption each; what that costs is shown, not judged.
Two thousand five hundred clients a world make a standard error of at most one point.

    python benchmarks/intervals.py [clients a world] [seed]
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.worlds.ahead import days_to_pay, sigmoid, strain_ahead
from benchmarks.worlds.kinds import FOR_INTERVALS, OWN, Kind
from benchmarks.worlds.telling import SEASON, Told, tell
from model import catalogue, population
from model.belief import Belief, believe, factors
from model.catalogue import TRAITS
from model.days import PAYMENT_RUN_DAYS, log_days
from model.observations import LEFT_AFTER_A_MONTH, observe
from model.parameters import (
    CONDUCT,
    DEMAND,
    ENERGY_CUTS,
    ENERGY_SLOPES,
    FIT,
    HOURS_SCALE,
    HOURS_SHIFT,
    HOURS_SLOPE,
    INVOICE_SCALE,
    INVOICE_SHIFT,
    INVOICE_SLOPE,
    NEVER_BASE,
    NEVER_SLOPE,
    PAYMENT,
    PERSISTENCE,
    Array,
)
from model.population import Population, library_versions
from model.profile import Profile, ordinary_profiles
from model.quick_fit import quick_fit
from model.records import Records

UNTIL = date(2026, 10, 31)
MONTHS, N_DRAWS, BATCH = 18, 120, 125
LEVELS = (0.50, 0.80, 0.95)
ALLOWED = 0.033
QUANTITIES = (*(f"strain of {trait}" for trait in TRAITS), "next payment", "next hours", "next energy")
RESULTS = Path(__file__).parent / "results" / "coverage.json"
CATALOGUE = catalogue.load()
AFTER = "own, quick fit"
Believed = tuple[slice, Population, Belief]  # of some clients of a batch


def main() -> None:
    """Run the study, print its table, write the figures, and fail where the own world is not covered."""
    arguments = [int(argument) for argument in sys.argv[1:]]
    clients, seed = (*arguments, *(2_500, 1)[len(arguments) :])
    began = time.perf_counter()
    found = {kind.name: coverage(kind, clients, seed, the_prior) for kind in FOR_INTERVALS}
    found[AFTER] = coverage(OWN, clients, seed, quick_fits)
    print(f"{clients} clients a world, {MONTHS} months, seed {seed}; share of truths within the interval")
    print(f"{'':18}" + "".join(f"{name:>22}" for name in QUANTITIES))
    print(f"{'':18}" + "".join(f"{'   '.join(f'{level:.0%}' for level in LEVELS):>22}" for _ in QUANTITIES))
    for place, shares in found.items():
        cells = ("  ".join(f"{share:4.1%}" for share in shares[name]) for name in QUANTITIES)
        print(f"{place:18}" + "".join(f"{cell:>22}" for cell in cells))
    off = {
        f"{place}, {name}, {level:.0%}": round(share - level, 4)
        for place in (OWN.name, AFTER)
        for name in QUANTITIES
        for level, share in zip(LEVELS, found[place][name], strict=True)
        if abs(share - level) > ALLOWED
    }
    seconds = time.perf_counter() - began
    print(f"{seconds:.0f} s")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps(
            {
                "command": " ".join(["python benchmarks/intervals.py", *sys.argv[1:]]),
                "seed": seed,
                "clients_a_world": clients,
                "months": MONTHS,
                "draws": N_DRAWS,
                "levels": LEVELS,
                "largest_standard_error": round(float(0.5 / np.sqrt(clients)), 4),
                "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
                "python": platform.python_version(),
                "versions": dict(library_versions()),
                "seconds": round(seconds),
                "worlds": {
                    place: {
                        "told": told,
                        "covered": {name: [round(s, 4) for s in found[place][name]] for name in QUANTITIES},
                    }
                    for place, told in (*((kind.name, kind.told) for kind in FOR_INTERVALS), (AFTER, AFTER))
                },
                "own_world_off": off,
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    if off:
        sys.exit(f"in the model's own world coverage is off by more than {ALLOWED:.1%}: {off}")


def coverage(
    kind: Kind, clients: int, seed: int, believing: Callable[..., Iterator[Believed]]
) -> dict[str, list[float]]:
    """Share of truths within the central intervals of each level, by quantity.

    Parameters
    ----------
    kind, clients, seed
        The world, how many clients live in it, and the seed.
    believing
        What is believed of the clients of a batch: `the_prior` or `quick_fits`.
    """
    drawn = population.from_prior(
        CATALOGUE, rng=np.random.default_rng([seed, 3]), n_samples=clients, independent=True
    ).theta
    places: dict[str, list[Array]] = {name: [] for name in QUANTITIES}
    for start in range(0, clients, BATCH):
        batch = range(start, min(start + BATCH, clients))
        told, next_records, agreed = [], [], []
        for number in batch:
            one, after, due = world(kind, drawn[number], number, seed)
            told.append(one)
            next_records.append(after)
            agreed.append(due)
        rng = np.random.default_rng([seed, 5, start])
        truth = np.array([one.world.strain[0][MONTHS - 1] for one in told])
        for some, believed, belief in believing(told, rng, seed):
            for j, trait in enumerate(TRAITS):
                places[f"strain of {trait}"].append(_place(belief.strain[:, :, j], truth[some, j], rng))
            predicted = predict(believed, belief, np.array(agreed)[some], rng)
            for k, name in enumerate(QUANTITIES[len(TRAITS) :]):
                places[name].append(_place(predicted[k], np.array(next_records)[some, k], rng))
    joined = {name: np.concatenate(parts) for name, parts in places.items()}
    return {name: [float(np.mean(np.abs(u - 0.5) < level / 2)) for level in LEVELS] for name, u in joined.items()}


def the_prior(told: list[Told], rng: np.random.Generator, seed: int) -> Iterator[Believed]:
    """All clients of a batch at once, under draws of the prior."""
    # Draws of its own for every batch: a hundred shared by all would stand for the prior with an error of theirs.
    believed = population.from_prior(CATALOGUE, rng=rng, n_samples=N_DRAWS)
    yield slice(None), believed, believe(believed, observe(_together(told), CATALOGUE, UNTIL), CATALOGUE, seed=seed)


def quick_fits(told: list[Told], rng: np.random.Generator, seed: int) -> Iterator[Believed]:
    """Each client of a batch after a quick fit to its own records, which are all there are in its world."""
    for place, one in enumerate(told):
        seen = observe(one.world.records, CATALOGUE, UNTIL)
        believed = quick_fit(seen, CATALOGUE, seed=int(rng.integers(2**31)), draws=N_DRAWS)
        yield slice(place, place + 1), believed, believe(believed, seen, CATALOGUE, seed=seed)


def world(kind: Kind, theta: Array, number: int, seed: int) -> tuple[Told, tuple[float, float, float], float]:
    """One client: its records, its next payment, hours and energy, and its payment terms on the scale of `log_days`."""
    rng = np.random.default_rng([seed, 4, number])
    (ordinary,) = ordinary_profiles(1, months=MONTHS, until=UNTIL, rng=rng)
    profile: Profile = replace(ordinary, name=f"client {number:06d}", events=(), leaves=False)
    told = tell(kind, theta, CATALOGUE, [profile], months=MONTHS, until=UNTIL, rng=rng)
    latent, apart, bad = told.latent[None], told.apart[None], told.bad[None]
    x = strain_ahead(kind, theta, latent, apart, bad, told.early, 1, rng)[0, 0, 0]
    month, agreed = UNTIL.month % 12, log_days(profile.payment_terms_days)
    never = rng.random() < float(sigmoid(theta[NEVER_BASE] + theta[NEVER_SLOPE] * x[PAYMENT]))
    days = float(days_to_pay(kind, theta, x[PAYMENT], agreed, month, rng.random()))
    hours = theta[HOURS_SHIFT] + theta[HOURS_SLOPE] * x[DEMAND] + theta[HOURS_SCALE] * rng.standard_normal()
    if kind.seasons:
        hours += np.log(SEASON[month])
    energy = _rating(theta[None], x[None, None], rng)[0, 0]
    return told, (np.inf if never else days, float(hours), float(energy)), agreed


def predict(believed: Population, belief: Belief, agreed: Array, rng: np.random.Generator) -> tuple[Array, ...]:
    """Draws of the next payment's days, log hours over those agreed, and energy, each (sample, client)."""
    th = believed.theta
    rho = th[:, None, PERSISTENCE : PERSISTENCE + 4]
    latent = rho * belief.latent + np.sqrt(1.0 - rho**2) * rng.standard_normal(belief.latent.shape)
    x = belief.shift + LEFT_AFTER_A_MONTH * belief.early + np.einsum("sij,scj->sci", factors(th), latent)
    shape = x.shape[:2]

    def of(place: int) -> Array:
        return np.asarray(th[:, place, None])

    log_paid = agreed + of(INVOICE_SHIFT) + of(INVOICE_SLOPE) * x[:, :, PAYMENT]
    log_paid += of(INVOICE_SCALE) * rng.logistic(size=shape)
    never = rng.random(shape) < sigmoid(of(NEVER_BASE) + of(NEVER_SLOPE) * x[:, :, PAYMENT])
    days = np.where(never, np.inf, np.maximum(0.0, np.exp(np.minimum(log_paid, 30.0)) - PAYMENT_RUN_DAYS))
    hours = of(HOURS_SHIFT) + of(HOURS_SLOPE) * x[:, :, DEMAND] + of(HOURS_SCALE) * rng.standard_normal(shape)
    return days, hours, _rating(th, x, rng)


def _rating(theta: Array, strain: Array, rng: np.random.Generator) -> Array:
    slopes = theta[:, ENERGY_SLOPES : ENERGY_SLOPES + 3]
    pull = np.einsum("sck,sk->sc", strain[:, :, [DEMAND, CONDUCT, FIT]], slopes)
    below = sigmoid(theta[:, None, ENERGY_CUTS : ENERGY_CUTS + 4] + pull[..., None])
    return np.asarray(1 + (rng.random(pull.shape)[..., None] > below).sum(axis=-1))


def _place(draws: Array, truth: Array, rng: np.random.Generator) -> Array:
    # Where equal values are common, as among ratings, the place is anywhere between the first and the last of them.
    below, equal = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    return np.asarray((below + rng.random(len(truth)) * (equal + 1)) / (len(draws) + 1))


def _together(told: list[Told]) -> Records:
    parts: list[Any] = [one.world.records for one in told]
    kinds = ("clients", "checkins", "sightings", "invoices", "hours", "events")
    return replace(
        parts[0], **{kind: tuple(entry for part in parts for entry in getattr(part, kind)) for kind in kinds}
    )


if __name__ == "__main__":
    main()
