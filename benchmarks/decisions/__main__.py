"""Decision quality: what following the program is worth, against the truth and against rules of thumb.

Firms live in six kinds of world. What each action is truly worth is known: many futures are simulated from the hidden
strain and parameters in the world's own dynamics, and valued as `model.actions` values them. The best action is the
one that is best in expectation, not with hindsight of luck; every policy meets the same futures. Regret is what a firm
loses against it, as a share of what it gains over keeping every client.

    python -m benchmarks.decisions [--firms N] [--kind NAME] [--seed N] [--fits N]

With --fits the program is also asked after a whole fit to each firm's records, on that many firms a world.
"""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.decisions.firms import MONTHS, UNTIL, Firm, firm
from benchmarks.decisions.policies import DROP, KEEP, RENEGOTIATE, USUAL, Advice, program, rules
from benchmarks.worlds.kinds import FOR_DECISIONS, Kind
from model import catalogue, fit, population
from model import priors as prior_table
from model.observations import observe
from model.parameters import Array
from model.population import Population, library_versions

RESULTS = Path(__file__).parents[1] / "results" / "decisions.json"
RECORDED = (0, 6, 12, 24)
N_DRAWS, N_PATHS = 200, 1_000
POPULATION_SEED = 10_000
SURE, RIGHT_WHEN_SURE = 0.9, 0.88
MOST_REGRET, MOST_REGRET_ELSEWHERE, SHARE_OF_BEST_RULE = 0.10, 0.25, 0.5
RIGHT_WITHIN = 1.0  # money; the best action is drop if none is better by more than this
TUNE, DRAWS = 200, 200
CATALOGUE = catalogue.load()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One firm's money: what the best actions gain over keeping everyone, and what each policy loses against them.

    Of the program after two years: `by_ask` is what it loses by asking for something else than the best, `promised`
    what it says its actions gain over keeping everyone, `delivered` what they do.
    """

    gain: float
    regret: dict[str, float]
    by_ask: float
    promised: float
    delivered: float
    sure: list[bool]
    clients: list[dict[str, Any]]


def main() -> None:
    """Run the study, print its tables, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, default=84, help="firms a world")
    parser.add_argument("--kind", default=None, help="one kind of world only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fits", type=int, default=0, help="firms a world to fit as well")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    parser.add_argument("--clients", type=Path, default=None, help="where to write every client, to look into")
    options = parser.parse_args()
    began = time.perf_counter()
    believed = population.from_prior(CATALOGUE, rng=np.random.default_rng(POPULATION_SEED), n_samples=N_DRAWS)
    kinds = [kind for kind in FOR_DECISIONS if options.kind in (None, kind.name)]
    fits = _Fits(options.fits)
    worlds: dict[str, Any] = {}
    looked_into: list[dict[str, Any]] = []
    for kind in kinds:
        outcomes = study(kind, believed, options.firms, options.seed, fits)
        worlds[kind.name] = summary(kind, outcomes)
        looked_into += [{"kind": kind.name, **client} for o in outcomes for client in o.clients]
        show(kind, worlds[kind.name])
        sys.stdout.flush()
        # After every world, so that a study that is cut short has something to show.
        write(options.out, worlds, options, fits, time.perf_counter() - began)
        if options.clients:
            options.clients.write_text(json.dumps(looked_into), encoding="utf-8")
    print(f"{time.perf_counter() - began:.0f} s" + (f"; {np.mean(fits.seconds):.0f} s a fit" if fits.seconds else ""))


def write(out: Path, worlds: dict[str, Any], options: argparse.Namespace, fits: "_Fits", seconds: float) -> None:
    """Write the figures, with all that is needed to make them again."""
    found = {
        "command": " ".join(["python -m benchmarks.decisions", *sys.argv[1:]]),
        "seed": options.seed,
        "firms_a_world": options.firms,
        "months_of_records": list(RECORDED),
        "horizon_months": 24,
        "draws": N_DRAWS,
        "simulated_futures_a_firm": N_PATHS,
        "machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": dict(library_versions()),
        "seconds": round(seconds),
        "seconds_a_fit": round(float(np.mean(fits.seconds))) if fits.seconds else None,
        "worlds": worlds,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


class _Fits:
    """Whole fits of the first firms of a world, with one compiled model for all of them."""

    def __init__(self, firms: int) -> None:
        self.firms, self.graph, self.seconds = firms, None, []

    def of(self, one: Firm, number: int) -> Population | None:
        if number >= self.firms:
            return None
        seen = observe(one.records, CATALOGUE, UNTIL)
        if self.graph is None:
            self.graph = fit.compile_model(seen, CATALOGUE, prior_table.load())
        began = time.perf_counter()
        made = fit.fit(seen, CATALOGUE, seed=number + 1, tune=TUNE, draws=DRAWS, graph=self.graph)
        self.seconds.append(time.perf_counter() - began)
        return made.thinned(N_DRAWS)


def study(kind: Kind, believed: Population, firms: int, seed: int, fits: _Fits) -> list[Outcome]:
    """Every firm of a world, each with a population of its own from the prior."""
    drawn = population.from_prior(CATALOGUE, rng=np.random.default_rng([seed, 2]), n_samples=firms).theta
    outcomes = []
    for number in range(firms):
        one = firm(kind, drawn[number], CATALOGUE, number, n_paths=N_PATHS, seed=seed)
        if one is not None:
            outcomes.append(outcome(one, believed, fits.of(one, number), seed))
    return outcomes


def outcome(one: Firm, believed: Population, fitted: Population | None, seed: int) -> Outcome:
    """What every policy does with the clients of a firm, and what that is worth."""
    advice = {f"program, {m} months": program(one, believed, CATALOGUE, m, seed=seed) for m in RECORDED}
    # What would be lost if only the strain of each client and the market had to be learned.
    known = replace(believed, theta=np.repeat(one.truth.theta, N_DRAWS, axis=0))
    advice["program, 24 months, population known"] = program(one, known, CATALOGUE, MONTHS, seed=seed)
    if fitted is not None:
        advice["program, 24 months, fitted"] = program(one, fitted, CATALOGUE, MONTHS, seed=seed)
    usual = one.truth.values((USUAL,) * len(one.clients))
    ideal = one.truth.values(one.truth.best_asks())
    asked = {name: one.truth.values(said.asks, said.keeps) for name, said in advice.items()}
    # An ask that does better than the one found to be best is a better one. Rules of thumb are given the better of
    # keeping and dropping whoever refuses them; the program has to choose by what it believes.
    best = np.maximum(ideal, usual)
    for values in asked.values():
        best = np.maximum(best, values)
    top, keep, rows = best.max(axis=1), usual[:, KEEP], np.arange(len(one.clients))
    regret = {name: float((top - values[rows, advice[name].action]).sum()) for name, values in asked.items()}
    for months in RECORDED:
        for name, action in rules(one, CATALOGUE, months).items():
            regret[f"{name}, {months} months"] = float((top - usual[rows, action]).sum())
    latest, got = advice[f"program, {MONTHS} months"], asked[f"program, {MONTHS} months"]
    sure = [
        bool(top[c] - best[c, DROP] <= RIGHT_WITHIN)
        for name, said in advice.items()
        for c in rows
        if "known" not in name and "fitted" not in name and said.verdicts[c] == "drop" and said.p_drop[c] >= SURE
    ]
    asks = latest.action == RENEGOTIATE
    return Outcome(
        gain=float((top - keep).sum()), regret=regret, by_ask=float((best - got)[asks, RENEGOTIATE].sum()),
        promised=float((latest.mean[rows, latest.action] - latest.mean[:, KEEP]).sum()),
        delivered=float((got[rows, latest.action] - got[:, KEEP]).sum()), sure=sure,
        clients=_clients(one, latest, best, got),
    )  # fmt: skip


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
    """Mean regret of every policy as a share of the gain, with its standard error, and the bars."""
    gain = np.array([o.gain for o in outcomes])
    apart = ("signs >=", "fitted", "known")
    names = [name for name in outcomes[0].regret if not any(word in name for word in apart)]
    shares = {name: _share(np.array([o.regret[name] for o in outcomes]), gain) for name in names}
    for months in RECORDED:
        counts = [name for name in outcomes[0].regret if "signs >=" in name and name.endswith(f", {months} months")]
        losses = {name: _share(np.array([o.regret[name] for o in outcomes]), gain) for name in counts}
        best = min(losses, key=lambda name: losses[name][0])
        shares[f"{best} (best k), {months} months"] = losses[best]
    fitted = [o for o in outcomes if "program, 24 months, fitted" in o.regret]
    of_fit = None
    if fitted:
        fitted_gain = np.array([o.gain for o in fitted])
        of_fit = {
            name: _share(np.array([o.regret[name] for o in fitted]), fitted_gain)
            for name in ("program, 24 months", "program, 24 months, fitted")
        }
    sure = [right for o in outcomes for right in o.sure]
    mine = shares[f"program, {MONTHS} months"][0]
    shares["population known"] = _share(
        np.array([o.regret["program, 24 months, population known"] for o in outcomes]), gain
    )
    others = {n: s[0] for n, s in shares.items() if not n.startswith("program") and n.endswith(f"{MONTHS} months")}
    best_rule = min(others, key=lambda name: others[name])
    limit = MOST_REGRET if kind.name == "own" else MOST_REGRET_ELSEWHERE
    bars = {
        f"regret at most {limit:.0%}": mine <= limit,
        "no worse than always keep" if kind.useless_signs else "at most half the regret of the best rule": (
            mine <= others[f"always keep, {MONTHS} months"]
            if kind.useless_signs
            else mine <= SHARE_OF_BEST_RULE * others[best_rule]
        ),
        f"right in {RIGHT_WHEN_SURE:.0%} of sure drops": bool(sure) and float(np.mean(sure)) >= RIGHT_WHEN_SURE,
    }
    return {
        "firms": len(outcomes),
        "clients": sum(len(o.clients) for o in outcomes),
        "gain_of_the_best_a_firm": round(float(gain.mean())),
        "best_action_shares": _best_shares(outcomes),
        "regret": {name: {"share": round(s, 4), "se": round(e, 4)} for name, (s, e) in shares.items()},
        "fitted": None
        if of_fit is None
        else {
            "firms": len(fitted),
            **{name: {"share": round(s, 4), "se": round(e, 4)} for name, (s, e) in of_fit.items()},
        },
        "best_rule": best_rule,
        "regret_by_ask": round(float(np.mean([o.by_ask for o in outcomes]) / gain.mean()), 4),
        "promised_gain": round(float(np.mean([o.promised for o in outcomes]) / gain.mean()), 4),
        "delivered_gain": round(float(np.mean([o.delivered for o in outcomes]) / gain.mean()), 4),
        "sure_drops": {"count": len(sure), "right": round(float(np.mean(sure)), 3) if sure else None},
        "bars": bars,
    }


def _share(regret: Array, gain: Array) -> tuple[float, float]:
    # A ratio of means, and the error of one.
    share = regret.mean() / gain.mean()
    return float(share), float((regret - share * gain).std() / np.sqrt(len(gain)) / gain.mean())


def _best_shares(outcomes: list[Outcome]) -> dict[str, float]:
    best = np.array([int(np.argmax(client["best"])) for o in outcomes for client in o.clients])
    places = (("keep", KEEP), ("renegotiate", RENEGOTIATE), ("drop", DROP))
    return {name: round(float(np.mean(best == place)), 3) for name, place in places}


def show(kind: Kind, found: dict[str, Any]) -> None:
    """Print one world."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in found["best_action_shares"].items())
    print(f"\n{kind.name}: {kind.told}; {found['firms']} firms, {found['clients']} clients; truly best: {shares}")
    print(f"  the best actions gain {found['gain_of_the_best_a_firm']:,} a firm over keeping everyone")
    print(f"  {'regret, as a share of that':44}" + "".join(f"{m:>8} mo." for m in RECORDED))
    rows = dict.fromkeys(name.rsplit(", ", 1)[0] for name in found["regret"] if "best k" not in name and ", " in name)
    for row in rows:
        cells = [found["regret"][f"{row}, {m} months"] for m in RECORDED]
        print(f"  {row:44}" + "".join(f"{cell['share']:12.1%}" for cell in cells) + f"  +-{cells[-1]['se']:.1%}")
    counts = [(n, s) for n, s in found["regret"].items() if "best k" in n]
    print(f"  {'signs >= k, best k in hindsight':44}" + "".join(f"{s['share']:12.1%}" for _, s in counts))
    known = found["regret"]["population known"]
    print(f"  {'program, were the population known':44}{known['share']:48.1%}  +-{known['se']:.1%}")
    print(
        f"  after {MONTHS} months the program promises {found['promised_gain']:.0%} of the best gain and delivers "
        f"{found['delivered_gain']:.0%}; it loses {found['regret_by_ask']:.1%} by what it asks for"
    )
    if found["fitted"]:
        for name in ("program, 24 months", "program, 24 months, fitted"):
            cell = found["fitted"][name]
            print(f"  {found['fitted']['firms']} firms: {name:33}{cell['share']:12.1%}  +-{cell['se']:.1%}")
    sure = found["sure_drops"]
    print(f"  sure of dropping {sure['count']} times, right in {sure['right'] if sure['right'] is not None else '-'}")
    for bar, met in found["bars"].items():
        print(f"  {'met   ' if met else 'MISSED'} {bar}")


if __name__ == "__main__":
    main()
