"""Whether reviews score themselves rightly: forecasts and advice of simulated firms against what came of them.

    python benchmarks/looking_back.py [firms] [quarters]

Every firm is drawn from the prior and kept whole for two years; at the end of each quarter its clients are judged, and
what was said of the next three months is scored as a review scores it. If the scoring is right, intervals hold what
came as often as they claim, Brier scores are what the forecasts themselves expect, money comes as expected whatever
was advised, and an adviser who throws a coin finds no difference between those it keeps and those it drops.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np

from app.review.money import worth_ahead
from model import catalogue, population
from model.ahead import months_ahead
from model.belief import seed_of
from model.judgement import judge
from model.looking_back import Expected, MonthTold, scores
from model.observations import month_number, month_start
from model.realised import STAY, Realised, advice_worth, realised
from model.settings import Settings
from model.simulate import simulate

UNTIL = date(2026, 10, 31)
CLIENTS, MONTHS, DRAWS, AHEAD = 6, 42, 128, 3
TAIL = 4  # months after the last forecast ones, in which invoices come in


def main() -> None:
    firms = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    quarters = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    signs, began = catalogue.load(), time.perf_counter()
    truths = population.from_prior(signs, rng=np.random.default_rng(11), n_samples=firms, independent=True).theta
    said: dict[str, list[tuple[float, float, float]]] = {}
    money: list[tuple[int, Realised]] = []
    for number, theta in enumerate(truths):
        rng = seed_of(f"firm {number}", 5)
        # Draws of its own for each firm, or what is odd about them would be odd in all firms alike.
        draws = population.from_prior(signs, rng=seed_of(f"draws {number}", 5), n_samples=DRAWS)
        world = simulate(theta, signs, clients=CLIENTS, months=MONTHS, until=UNTIL, rng=rng)
        records = replace(world.records, settings=Settings(deal_breakers=()))
        for day in _quarter_ends(quarters):
            if not records.active(day):
                continue
            judgement = judge(records, draws, today=day)
            ahead = {d.client: months_ahead(judgement, d.client)[:AHEAD] for d in judgement.decisions}
            told = [
                MonthTold(
                    client=name, said_on=day, month=m.month, still_there=m.still_there, share_late=m.share_late,
                    days_to_pay=_expected(m.days_to_pay), hours=_expected(m.hours), energy=_expected(m.energy),
                )
                for name, months in ahead.items()
                for m in months
            ]  # fmt: skip
            for score in scores(told, records, UNTIL):
                said.setdefault(score.what, []).append((score.cases, score.covered, score.brier))
                said.setdefault(f"{score.what}: forecast", []).append((score.cases, score.forecast, score.came))
            for name, worth in worth_ahead(judgement, ahead).items():
                known, verdict = records.client(name), judgement.of(name).verdict
                found = realised(known, day, verdict, worth, records.of(name), UNTIL)
                if found is not None:
                    money.append((number, found))
        if (number + 1) % 10 == 0:
            print(f"{number + 1} firms, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    _told(said)
    _money(money)
    print(f"\n{firms} firms, {quarters} quarters, {len(money)} verdicts, {time.perf_counter() - began:.0f} s")


def _quarter_ends(quarters: int) -> Iterator[date]:
    last = month_number(UNTIL) - TAIL - AHEAD
    for back in reversed(range(quarters)):
        yield date.fromordinal(month_start(last - 3 * back + 1).toordinal() - 1)


def _expected(r: object) -> Expected:
    return Expected(expected=r.expected, low=r.low, high=r.high)  # type: ignore[attr-defined]


def _told(said: dict[str, list[tuple[float, float, float]]]) -> None:
    print(f"{'forecast':<42}{'cases':>8}{'within 80 %':>13}{'Brier':>9}{'said':>9}{'came':>9}")
    for what in [name for name in said if not name.endswith(": forecast")]:
        cases, covered, brier = (np.array(column) for column in zip(*said[what], strict=True))
        _, forecast, came = (np.array(column) for column in zip(*said[f"{what}: forecast"], strict=True))
        known = np.isfinite(came)
        total = cases.sum()
        row = [
            f"{np.nansum(cases * covered) / total:.1%}" if np.isfinite(covered).all() else "",
            f"{(cases * brier).sum() / total:.4f}" if np.isfinite(brier).all() else "",
            f"{(cases * forecast)[known].sum() / cases[known].sum():.3f}",
            f"{(cases * came)[known].sum() / cases[known].sum():.3f}",
        ]
        print(f"{what:<42}{total:>8,.0f}{row[0]:>13}{row[1]:>9}{row[2]:>9}{row[3]:>9}")


def _money(money: list[tuple[int, Realised]]) -> None:
    print("\nmoney a month, what came less what keeping was expected to bring (0 where the scoring is fair)")
    for advice, verdicts in (
        ("all", (*STAY, "drop", "too_close")),
        ("advised to stay", STAY),
        ("advised to leave", ("drop",)),
        ("too close to call", ("too_close",)),
    ):
        mine = [(firm, m) for firm, m in money if m.verdict in verdicts]
        if len(mine) > 1:
            months = sum(m.months for _, m in mine)
            bias = sum(m.came - m.kept for _, m in mine) / months
            # Clients of a firm share its population, so that firms are what is drawn independently.
            off = np.zeros(1 + max(firm for firm, _ in mine))
            for firm, m in mine:
                off[firm] += m.came - m.kept - bias * m.months
            print(f"  {advice:<20}{bias:>9.1f} +- {2 * np.sqrt((off**2).sum()) / months:6.1f}  ({len(mine)} verdicts)")
    cases = [m for _, m in money]
    rng = np.random.default_rng(1)
    coin = [replace(m, verdict=str(rng.choice(["keep", "drop"]))) for m in cases]
    for name, advised in (("this program", cases), ("a coin", coin)):
        found = advice_worth(advised)
        for one in found:
            print(f"  {name}: said to {one.advice}: {one.a_month:9.1f} +- {one.resolution:6.1f} a month beyond leaving")
        if len(found) == 2:
            gap = found[0].a_month - found[1].a_month
            error = (found[0].resolution ** 2 + found[1].resolution ** 2) ** 0.5
            print(f"  {name}: difference {gap:9.1f} +- {error:6.1f}")


if __name__ == "__main__":
    main()
