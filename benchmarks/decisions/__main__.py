"""Decision quality: what following the program is worth, against the truth and against rules of thumb.

Firms live in six kinds of world. What each action is truly worth is known: many futures are simulated from the hidden
strain and parameters in the world's own dynamics, and valued as `model.actions` values them. The best action is the
one that is best in expectation, not with hindsight of luck; every policy meets the same futures. Regret is what a firm
loses against it, as a share of what it gains over keeping every client. It is taken against two oracles:

- `best_ask` knows, beside what to do, what to ask for: the best of 71 asks, given how this firm's clients truly answer.
  Records tell little of that: half of the clients were asked once, for a tenth more. Policies make their own ask, rules
  the usual one. This is the harder measure, and the one the bars are meant for.
- `one_ask` renegotiates as everybody does in it, for ten percent more and a scope cap; what is measured is the choice
  between keeping, renegotiating and dropping alone.

    python -m benchmarks.decisions [--firms N] [--platforms N] [--fitted N] [--kind NAME] [--seed N] [--fits N]

Firms belong to platforms, which differ by all that the priors leave open. The program is asked before any fit, after a
quick fit to the firm's own records, and with the population of its platform, by a quick fit to other firms of it; with
--fits also after a sampled fit of one chain to its own records, on that many firms a world.
"""

import argparse
import itertools
import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.decisions import platforms
from benchmarks.decisions.firms import MONTHS, Firm, firm
from benchmarks.decisions.fits import Fits
from benchmarks.decisions.policies import DROP, KEEP, RENEGOTIATE, USUAL, Advice, program, rules
from benchmarks.worlds.kinds import FOR_DECISIONS, Kind
from model import catalogue, population
from model.parameters import Array
from model.population import Population, library_versions

RESULTS = Path(__file__).parents[1] / "results" / "decisions.json"
RECORDED = (0, 6, 12, 24)
N_DRAWS, N_PATHS = 200, 500
POPULATION_SEED = 10_000
SURE, RIGHT_WHEN_SURE, FEWEST_SURE = 0.9, 0.88, 20  # fewer verdicts than that decide nothing
SURENESS = (0.0, 0.5, 0.7, 0.9, 1.001)
MOST_REGRET, MOST_REGRET_ELSEWHERE, SHARE_OF_BEST_RULE = 0.10, 0.25, 0.5
RIGHT_WITHIN = 1.0  # money; the best action is drop if none is better by more than this
LATEST, KNOWN, QUICK, PLATFORM, FITTED = (
    f"program, {MONTHS} months{which}"
    for which in ("", ", population known", ", quick fit", ", fit of its platform", ", sampled fit")
)
MORE = (KNOWN, QUICK, PLATFORM, FITTED)  # beside what has a column for each number of months
FITS = {QUICK: "after a quick fit", PLATFORM: "with the fit of its platform"}
ORACLES = {
    "best_ask": "against an oracle who also knows the best ask",
    "one_ask": "against an oracle when everybody asks for the same",
}
CATALOGUE = catalogue.load()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One firm's money against an oracle: what it gains over keeping everyone, and what each policy loses against it.

    `platform` is its number. `knowing` and `chosen` are as in `Advice`, of the program after two years. `drops` holds,
    for every verdict to drop before any fit, the chance the program gave to its being best, and whether it is;
    `fitted_drops` those of each fit in `FITS`.
    """

    platform: int
    gain: float
    regret: dict[str, float]
    knowing: float
    chosen: float
    drops: list[tuple[float, bool]]
    fitted_drops: dict[str, list[tuple[float, bool]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One firm, against an oracle with the truly best ask, and against one who asks as everybody does.

    Of the program after two years: `by_ask` is what it loses by asking for something else than the best, `promised`
    what it says its actions gain over keeping everyone, `delivered` what they do.
    """

    best_ask: Measured
    one_ask: Measured
    by_ask: float
    promised: float
    delivered: float
    clients: list[dict[str, Any]]


def main() -> None:
    """Run the study, print its tables, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, default=96, help="firms a world")
    parser.add_argument("--platforms", type=int, default=8, help="platforms a world, with as many of the firms each")
    parser.add_argument("--fitted", type=int, default=24, help="other firms of each platform, which its fit is made to")
    parser.add_argument("--kind", default=None, help="one kind of world only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fits", type=int, default=0, help="firms a world to sample a fit for as well")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    parser.add_argument("--clients", type=Path, default=None, help="where to write every client, to look into")
    options = parser.parse_args()
    began = time.perf_counter()
    believed = population.from_prior(CATALOGUE, rng=np.random.default_rng(POPULATION_SEED), n_samples=N_DRAWS)
    kinds = [kind for kind in FOR_DECISIONS if options.kind in (None, kind.name)]
    fits = Fits(CATALOGUE, n_samples=N_DRAWS, firms=options.fits)
    worlds: dict[str, Any] = {}
    looked_into: list[dict[str, Any]] = []
    for kind in kinds:
        outcomes = study(kind, believed, options, fits)
        worlds[kind.name] = summary(kind, outcomes)
        looked_into += [{"kind": kind.name, **client} for o in outcomes for client in o.clients]
        show(kind, worlds[kind.name])
        sys.stdout.flush()
        # After every world, so that a study that is cut short has something to show.
        write(options.out, worlds, options, fits, time.perf_counter() - began)
        if options.clients:
            options.clients.write_text(json.dumps(looked_into), encoding="utf-8")
    print(f"{time.perf_counter() - began:.0f} s" + (f"; {np.mean(fits.seconds):.0f} s a fit" if fits.seconds else ""))


def write(out: Path, worlds: dict[str, Any], options: argparse.Namespace, fits: Fits, seconds: float) -> None:
    """Write the figures, with all that is needed to make them again."""
    found = {
        "command": " ".join(["python -m benchmarks.decisions", *sys.argv[1:]]),
        "seed": options.seed,
        "firms_a_world": options.firms,
        "platforms_a_world": options.platforms,
        "firms_a_platform_is_fitted_to": options.fitted,
        "months_of_records": list(RECORDED),
        "horizon_months": 24,
        "draws": N_DRAWS,
        "simulated_futures_a_firm": N_PATHS,
        "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": dict(library_versions()),
        "seconds": round(seconds),
        "seconds_a_fit": round(float(np.mean(fits.seconds))) if fits.seconds else None,
        "quick_fits_that_did_not_settle": fits.unsettled,
        "seconds_a_platform_fit": [None if np.isnan(took) else round(took, 1) for took in fits.platforms],
        "worlds": worlds,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def study(kind: Kind, believed: Population, options: argparse.Namespace, fits: Fits) -> list[Outcome]:
    """Every firm of a world, platform by platform."""
    outcomes = []
    each = -(-options.firms // options.platforms)
    for place in range(options.platforms):
        platform = platforms.drawn(CATALOGUE, place, seed=options.seed)
        fitted = fits.platform(kind, platform, firms=options.fitted, seed=options.seed)
        for number in range(place * each, min((place + 1) * each, options.firms)):
            one = firm(kind, platform, CATALOGUE, number, n_paths=N_PATHS, seed=options.seed)
            if one is None:
                continue
            # A quick fit that does not settle is not used by the program either.
            quick = fits.quick(one, number) or believed
            own = quick if fitted is None else fitted.own_population(f"firm {number}", one.records, CATALOGUE)
            after = {QUICK: quick, PLATFORM: own, FITTED: fits.sampled(one, number)}
            outcomes.append(outcome(one, place, believed, after, options.seed))
    return outcomes


def outcome(
    one: Firm, platform: int, believed: Population, fitted: Mapping[str, Population | None], seed: int
) -> Outcome:
    """What every policy does with the clients of a firm, and what that is worth."""
    said = {f"program, {m} months": program(one, believed, CATALOGUE, m, seed=seed) for m in RECORDED}
    # What would be lost if only the strain of each client and the market had to be learned.
    known = replace(believed, theta=np.repeat(one.truth.theta, N_DRAWS, axis=0))
    said[KNOWN] = program(one, known, CATALOGUE, MONTHS, seed=seed)
    for name, draws in fitted.items():
        if draws is not None:
            said[name] = program(one, draws, CATALOGUE, MONTHS, seed=seed)
    ruled = {f"{name}, {m} months": action for m in RECORDED for name, action in rules(one, CATALOGUE, m).items()}
    found = {name: advice[0] for name, advice in said.items()}
    asked = {name: one.truth.values_with(advice.asks, [advice.keeps])[0] for name, advice in found.items()}
    alike = {name: advice[1] for name, advice in said.items()}
    choices = [None, *(advice.keeps for advice in alike.values())]
    usual, *of_alike = one.truth.values_with((USUAL,) * len(one.clients), choices)
    # An ask that does better than the one found to be best is a better one. Rules of thumb are given the better of
    # keeping and dropping whoever refuses them; the program has to choose by what it believes.
    best = np.maximum(one.truth.values(one.truth.best_asks()), usual)
    for values in asked.values():
        best = np.maximum(best, values)
    latest, got = found[LATEST], asked[LATEST]
    rows = np.arange(len(one.clients))
    asks = latest.action == RENEGOTIATE
    return Outcome(
        best_ask=_against(platform, best, usual, found, asked, ruled),
        one_ask=_against(platform, usual, usual, alike, dict(zip(alike, of_alike, strict=True)), ruled),
        by_ask=float((best - got)[asks, RENEGOTIATE].sum()),
        promised=float((latest.mean[rows, latest.action] - latest.mean[:, KEEP]).sum()),
        delivered=float((got[rows, latest.action] - got[:, KEEP]).sum()),
        clients=_clients(one, latest, best, got),
    )  # fmt: skip


def _against(
    platform: int, best: Array, usual: Array, advice: dict[str, Advice], asked: dict[str, Array], ruled: dict[str, Any]
) -> Measured:
    """Every policy against an oracle to whom the actions are worth `best`."""
    top, rows = best.max(axis=1), np.arange(len(best))

    def drops(names: Iterable[str]) -> list[tuple[float, bool]]:
        return [
            (float(advice[name].p_drop[c]), bool(top[c] - best[c, DROP] <= RIGHT_WITHIN))
            for name in names
            for c in rows
            if advice[name].verdicts[c] == "drop"
        ]

    regret = {name: float((top - values[rows, advice[name].action]).sum()) for name, values in asked.items()}
    regret |= {name: float((top - usual[rows, action]).sum()) for name, action in ruled.items()}
    return Measured(
        platform=platform,
        gain=float((top - usual[:, KEEP]).sum()),
        regret=regret,
        knowing=advice[LATEST].knowing,
        chosen=advice[LATEST].chosen,
        drops=drops(name for name in advice if name not in MORE),
        fitted_drops={name: drops((name,)) for name in FITS},
    )


def _clients(one: Firm, latest: Advice, best: Array, asked: Array) -> list[dict[str, Any]]:
    strain = one.truth.strain[0]
    return [
        {
            "client": name,
            "fee": one.truth.terms[c].fee_per_month,
            "hours": one.truth.terms[c].agreed_hours,
            "strain": strain[c].tolist(),
            "best": best[c].tolist(),
            "asked": asked[c].tolist(),
            "believed": latest.mean[c].tolist(),
            "action": int(latest.action[c]),
            "verdict": latest.verdicts[c],
            "p_drop": float(latest.p_drop[c]),
            "ask": [latest.asks[c].price_pct, latest.asks[c].scope, latest.asks[c].terms, latest.asks[c].office_hours],
            "win_rate": float(one.truth.market.win_rate[0]),
            "market_fee": float(one.truth.market.fee_per_month[0] / one.truth.market.hours_per_month[0]),
        }
        for c, name in enumerate(one.clients)
    ]


def summary(kind: Kind, outcomes: list[Outcome]) -> dict[str, Any]:
    """Mean regret of every policy as a share of the gain, with its standard error, and the bars, of both oracles."""
    gain = float(np.mean([o.best_ask.gain for o in outcomes]))
    return {
        "firms": len(outcomes),
        "clients": sum(len(o.clients) for o in outcomes),
        "best_action_shares": _best_shares(outcomes),
        "regret_by_ask": round(float(np.mean([o.by_ask for o in outcomes])) / gain, 4),
        "promised_gain": round(float(np.mean([o.promised for o in outcomes])) / gain, 4),
        "delivered_gain": round(float(np.mean([o.delivered for o in outcomes])) / gain, 4),
        "best_ask": _measures(kind, [o.best_ask for o in outcomes]),
        "one_ask": _measures(kind, [o.one_ask for o in outcomes]),
    }


def _measures(kind: Kind, measured: list[Measured]) -> dict[str, Any]:
    gain = np.array([m.gain for m in measured])

    def share(name: str) -> dict[str, float]:
        return _share(measured, name)

    counted = [name for name in measured[0].regret if "signs >=" in name]
    found = {name: share(name) for name in measured[0].regret if name not in (*counted, *MORE)}
    for months in RECORDED:
        best = min((n for n in counted if n.endswith(f", {months} months")), key=lambda name: share(name)["share"])
        found[f"{best} (best k), {months} months"] = share(best)
    rules_now = {n: s["share"] for n, s in found.items() if not n.startswith("program") and n.endswith(LATEST[8:])}
    best_rule = min(rules_now, key=lambda name: rules_now[name])
    drops = [drop for m in measured for drop in m.drops]
    sure = [right for p, right in drops if p >= SURE]
    sure_after = {name: [right for m in measured for p, right in m.fitted_drops[name] if p >= SURE] for name in FITS}
    fitted = [m for m in measured if FITTED in m.regret]
    return {
        "gain_of_the_best_a_firm": round(float(gain.mean())),
        "regret": found,
        "population_known": share(KNOWN),
        "quick_fit": share(QUICK),
        "platform_fit": share(PLATFORM),
        # What the program, going by its own draws, expects to lose for not knowing which of them is true.
        "expected": round(1.0 - sum(m.chosen for m in measured) / sum(m.knowing for m in measured), 4),
        "fitted": {"firms": len(fitted)} | {
            name: _share(fitted, name)
            for name in (LATEST, QUICK, PLATFORM, FITTED)
        } if fitted else None,
        "best_rule": best_rule,
        "drops": {
            f"{low:.0%} to {high:.0%}": _right([right for p, right in drops if low <= p < high])
            for low, high in itertools.pairwise(SURENESS)
        },
        "sure_drops": _right(sure),
        **{f"sure_drops {told}": _right(sure_after[name]) for name, told in FITS.items()},
        "bars": {
            "before any fit": _bars(kind, found[LATEST]["share"], rules_now, best_rule, sure),
            **{
                told: _bars(kind, share(name)["share"], rules_now, best_rule, sure_after[name])
                for name, told in FITS.items()
            },
        },
    }  # fmt: skip


def _bars(
    kind: Kind, mine: float, rules_now: dict[str, float], best_rule: str, sure: list[bool]
) -> dict[str, bool | None]:
    limit = MOST_REGRET if kind.name == "own" else MOST_REGRET_ELSEWHERE
    against = (
        {"no worse than always keep": mine <= rules_now[f"always keep{LATEST[7:]}"]}
        if kind.useless_signs
        else {"at most half the regret of the best rule": mine <= SHARE_OF_BEST_RULE * rules_now[best_rule]}
    )
    right = float(np.mean(sure)) >= RIGHT_WHEN_SURE if len(sure) >= FEWEST_SURE else None
    return {
        f"regret at most {limit:.0%}": mine <= limit,
        **against,
        f"right in {RIGHT_WHEN_SURE:.0%} of sure drops": right,
    }


def _right(rights: list[bool]) -> dict[str, Any]:
    return {"count": len(rights), "right": round(float(np.mean(rights)), 3) if rights else None}


def _share(measured: list[Measured], name: str) -> dict[str, float]:
    # A ratio of means, and the error of one; firms of a platform have too much in common to be counted one by one.
    regret, gain = np.array([m.regret[name] for m in measured]), np.array([m.gain for m in measured])
    share = regret.mean() / gain.mean()
    off = np.bincount([m.platform for m in measured], regret - share * gain)
    error = np.sqrt((off**2).sum()) / gain.sum()
    return {"share": round(float(share), 4), "se": round(float(error), 4)}


def _best_shares(outcomes: list[Outcome]) -> dict[str, float]:
    best = np.array([int(np.argmax(client["best"])) for o in outcomes for client in o.clients])
    places = (("keep", KEEP), ("renegotiate", RENEGOTIATE), ("drop", DROP))
    return {name: round(float(np.mean(best == place)), 3) for name, place in places}


def show(kind: Kind, found: dict[str, Any]) -> None:
    """Print one world."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in found["best_action_shares"].items())
    print(f"\n{kind.name}: {kind.told}; {found['firms']} firms, {found['clients']} clients; truly best: {shares}")
    for oracle, told in ORACLES.items():
        _show_against(told, found[oracle])
    print(
        f"  after {MONTHS} months the program promises {found['promised_gain']:.0%} of the best gain and delivers "
        f"{found['delivered_gain']:.0%}; it loses {found['regret_by_ask']:.1%} by what it asks for"
    )


def _show_against(told: str, found: dict[str, Any]) -> None:
    print(f"  {told}: it gains {found['gain_of_the_best_a_firm']:,} a firm over keeping everyone")
    print(f"    {'regret, as a share of that':44}" + "".join(f"{m:>8} mo." for m in RECORDED))
    names = [name for name in found["regret"] if "best k" not in name]
    for row in dict.fromkeys(name.rsplit(", ", 1)[0] for name in names):
        cells = [found["regret"][f"{row}, {m} months"] for m in RECORDED]
        print(f"    {row:44}" + "".join(f"{cell['share']:12.1%}" for cell in cells) + f"  +-{cells[-1]['se']:.1%}")
    counts = [share for name, share in found["regret"].items() if "best k" in name]
    print(f"    {'signs >= k, best k in hindsight':44}" + "".join(f"{s['share']:12.1%}" for s in counts))
    known = found["population_known"]
    print(f"    {'program, were the population known':44}{known['share']:48.1%}  +-{known['se']:.1%}")
    for name, told in (("quick_fit", FITS[QUICK]), ("platform_fit", FITS[PLATFORM])):
        print(f"    {f'program, {told}':44}{found[name]['share']:48.1%}  +-{found[name]['se']:.1%}")
    print(f"    {'what the program itself expects to lose':44}{found['expected']:48.1%}")
    if found["fitted"]:
        for name in (LATEST, QUICK, PLATFORM, FITTED):
            cell = found["fitted"][name]
            print(f"    {found['fitted']['firms']} firms: {name:33}{cell['share']:12.1%}  +-{cell['se']:.1%}")
    drops = ", ".join(
        f"{cell['right']:.0%} of {cell['count']} at {p}" for p, cell in found["drops"].items() if cell["count"]
    )
    print(f"    verdicts to drop, right in: {drops or 'none given'}")
    for told in FITS.values():
        sure = found[f"sure_drops {told}"]
        if sure["count"]:
            print(f"    {told}: {sure['right']:.0%} of {sure['count']} at {SURE:.0%} and more")
    for when, bars in found["bars"].items():
        for bar, met in bars.items():
            print(f"    {'TOO FEW ' if met is None else 'met     ' if met else 'MISSED  '} {when}: {bar}")


if __name__ == "__main__":
    main()
