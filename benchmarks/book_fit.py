"""One population of many firms: time, gate, what was learned, whether the clients sufficed, and what own levels bring.

    python benchmarks/book_fit.py [--clients 120] [--firms 20] [--of-a-firm 13] [--quick] [--tune N] [--draws N]

Firms of one platform are drawn from the simulator, their levels about the platform's by `APART` of a prior's standard
deviation, and written as a book. The fit knows the records to three months before the end; the months after are then
forecast for every client of every firm, from its own population and from that of any firm.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from app.book.source import Book, write_book
from app.book.subsample import subsample
from app.commands.book_fitting import learned, size_sentences
from app.parameter_words import in_words
from model import catalogue, platform_fit, priors
from model.belief import seed_of, update
from model.catalogue import Catalogue
from model.levels import levels_of
from model.likelihood import kernel_data
from model.observations import observe
from model.own_levels import bounds_of_clients
from model.platform import Platform
from model.population import Population
from model.profile import ordinary_profiles
from model.quick_platform import quick_and_check
from model.sampling import Progress
from model.simulate import World, simulate, typical_population

UNTIL, BEFORE = date(2026, 10, 31), date(2026, 7, 31)
APART, MONTHS, DRAWS = 0.5, 24, 128
MINUTES_AIMED_FOR = 15


def main(arguments: Sequence[str]) -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--clients", type=int, default=120)
    asked.add_argument("--firms", type=int, default=20)
    asked.add_argument("--of-a-firm", type=int, default=13)
    asked.add_argument("--quick", action="store_true", help="by a normal approximation")
    asked.add_argument("--tune", type=int, default=platform_fit.TUNE)
    asked.add_argument("--draws", type=int, default=platform_fit.DRAWS)
    chosen = asked.parse_args(arguments)
    signs = catalogue.load()
    worlds = {name: world(name, signs, chosen.of_a_firm) for name in (f"firm {n:03d}" for n in range(chosen.firms))}
    with tempfile.TemporaryDirectory() as folder:
        write_book(Path(folder), ((name, one.records) for name, one in worlds.items()))
        began = time.perf_counter()
        drawn = subsample(Book(folder), signs, as_of=BEFORE, clients=chosen.clients, seed=1)
        print(
            f"{drawn.whole.n_clients} clients of {len(drawn.whole.names)} firms to fit, {drawn.held_out.n_clients} "
            f"others to score, drawn in {time.perf_counter() - began:.1f} s",
            flush=True,
        )
    began = time.perf_counter()
    if chosen.quick:
        made = quick_and_check(drawn.half, drawn.whole, drawn.held_out, as_of=BEFORE)
    else:
        made = platform_fit.fit_and_check(
            drawn.half, drawn.whole, drawn.held_out, as_of=BEFORE, tune=chosen.tune, draws=chosen.draws,
            on_progress=minute_by_minute(),
        )  # fmt: skip
    found, minutes = made.platform.population.diagnostics, (time.perf_counter() - began) / 60
    print(f"both fits in {minutes:.1f} minutes ({MINUTES_AIMED_FOR} aimed for)")
    if found is not None:
        print(
            f"the whole in {found.seconds / 60:.1f}; gate {'passed' if found.reliable else 'missed'}: R-hat "
            f"{found.worst_rhat:.4f}, ESS {found.worst_ess:.0f} ({found.worst_parameter}), {found.divergences} "
            f"divergences, {found.draws} draws of {found.chains} chains"
        )
    print(learned(made, lambda name: in_words(name, signs)))
    print("firms apart:", dict(zip(made.platform.levels.names, made.platform.apart.mean(axis=0).round(2), strict=True)))
    if made.platform.size is not None:
        print(*size_sentences(made.platform.size), sep="\n")
    inside(made, worlds, signs)
    forecasts(made.platform.thinned(DRAWS), worlds, signs)


def minute_by_minute() -> Callable[[Progress], None]:
    """Tells how far the fits are, about once a minute, and where a second try begins."""
    told = [0.0, ""]

    def tell(now: Progress) -> None:
        if time.monotonic() - float(told[0]) > 60 or now.stage != told[1]:
            told[:] = [time.monotonic(), now.stage]
            print(f"  {now.stage}: {now.share_done:.0%}, {now.divergences} divergences", file=sys.stderr, flush=True)

    return tell


def world(name: str, signs: Catalogue, clients: int) -> World:
    """One firm with levels of its own."""
    rng, levels = seed_of(name, 1), levels_of(signs, priors.load())
    theta = typical_population(signs) + APART * rng.standard_normal(levels.count) @ levels.unit
    profiles = ordinary_profiles(clients, months=MONTHS, until=UNTIL, rng=rng)
    since = [replace(profile, months=int(rng.integers(5, MONTHS + 1))) for profile in profiles]
    return simulate(theta, signs, clients=since, months=MONTHS, until=UNTIL, rng=rng)


def inside(made: platform_fit.PlatformFit, worlds: dict[str, World], signs: Catalogue) -> None:
    """Levels of firms in the fit: those drawn along with it against those found afterwards from the same clients."""
    from model.changes import only

    platform, off, width = made.platform, [], []
    pull = np.linalg.pinv(platform.levels.unit)
    for name, part in made.fitted.items():
        records = only(worlds[name].records, part.clients)
        after = (platform.own_population(name, records, signs).theta - platform.centre) @ pull
        along = made.own[name]
        off.append((after.mean(axis=0) - along.mean(axis=0)) / along.std(axis=0))
        width.append(after.std(axis=0) / along.std(axis=0))
    off, width = np.abs(off), np.array(width)
    print(
        f"own levels found afterwards against those of the fit itself ({off.size}): means off by {off.mean():.3f} "
        f"standard deviations, at most {off.max():.2f}; widths {width.min():.2f} to {width.max():.2f} times theirs"
    )


@dataclass
class Forecasts:
    """Log score of each client's last months, and error of its strain on the day of the fit."""

    score: list[float]
    error: list[np.ndarray]


def forecasts(platform: Platform, worlds: dict[str, World], signs: Catalogue) -> None:
    """The last months of every client, from its firm's own population and from that of any firm."""
    own, anyone, months, seconds, clients = Forecasts([], []), Forecasts([], []), 0, 0.0, 0
    for name, one in worlds.items():
        began = time.perf_counter()
        mine = platform.own_population(name, one.records, signs)
        seconds, clients = seconds + time.perf_counter() - began, clients + len(one.clients)
        for into, population in ((own, mine), (anyone, platform.population)):
            forecast(into, population, one, signs)
        months += sum(min(3, len(strain)) for strain in one.strain)
    gain = np.array(own.score) - np.array(anyone.score)
    scale = len(gain) / months
    print(
        f"the last three months of {len(gain)} clients: {sum(own.score) / months:.3f} nats a month from its own "
        f"population, {sum(anyone.score) / months:.3f} from any firm's: {gain.mean() * scale:+.4f} ± "
        f"{gain.std() / np.sqrt(len(gain)) * scale:.4f}"
    )
    errors = [np.sqrt((np.concatenate(f.error) ** 2).mean()) for f in (own, anyone)]
    print(f"strain on the last day off by {errors[0]:.3f} and {errors[1]:.3f} (root mean square)")
    print(f"an own population takes {1000 * seconds / clients:.1f} ms a client")


def forecast(into: Forecasts, population: Population, one: World, signs: Catalogue) -> None:
    """Score one firm under some draws."""
    bounds = []
    for day in (BEFORE, UNTIL):
        seen = observe(one.records, signs, day)
        found = bounds_of_clients(population.theta, kernel_data(seen, signs), 0, len(seen.clients))
        bounds.append(dict(zip(seen.clients, found.T, strict=True)))
    for client, whole in bounds[1].items():
        more = whole - bounds[0].get(client, np.zeros(len(whole)))
        into.score.append(float(more.max() + np.log(np.exp(more - more.max()).mean())))
    belief = update(population, one.records, signs, today=UNTIL)
    into.error.append(belief.mean.mean(axis=0) - one.strain_today)


if __name__ == "__main__":
    main(sys.argv[1:])
