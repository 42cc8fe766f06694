"""The weight of each piece of evidence: how the answer would change had it never been recorded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from math import log10

import numpy as np

from model import catalogue as signs
from model.catalogue import TRAITS, Catalogue
from model.forecast import Ask
from model.judgement import Judgement, judge
from model.population import Population
from model.records import Records
from model.settings import Settings

SMALLEST_CHANCE = 1e-3  # chances are known to a few in a thousand draws; nothing weighs more than this allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one kind of record adds to the answer on one client.

    Parameters
    ----------
    subject
        Id of the sign, or `invoices`, `hours`, `energy`, `check_ins`, `events`.
    label
        The same in words.
    records
        Number of records left out to weigh it.
    strain
        What it adds to the mean strain of payment, demand, conduct and fit.
    decibans
        What it adds to ten times the log10 odds that keeping beats dropping; positive speaks for the client.
    money
        What it adds to the value of keeping, in the portfolio's currency.
    """

    subject: str
    label: str
    records: int
    strain: tuple[float, float, float, float]
    decibans: float
    money: float


def weights(
    records: Records,
    population: Population,
    client: str,
    *,
    today: date,
    catalogue: Catalogue | None = None,
    settings: Settings | None = None,
    ask: Ask | None = None,
    seed: int = 1,
) -> tuple[Weight, ...]:
    """Weigh each sign and each kind of record of one client by leaving it out, heaviest first.

    Absence is evidence as well: `check_ins` is what the months in which nothing was seen add. The weights are taken
    one at a time, so they need not add up where signs tell the same story.

    Parameters
    ----------
    records
        The portfolio.
    population
        Draws from the prior or a fit.
    client
        Name of an active client.
    today
        Date of the answer.
    catalogue
        The signs; the shipped ones where none are given.
    settings
        Other settings than the portfolio's own.
    ask
        The renegotiation considered.
    seed
        Of all random numbers, the same with and without the evidence.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    known, chosen = records.as_of(today), catalogue or signs.load()
    mine = known.of(client)

    def judged(without: Records) -> Judgement:
        return judge(without, population, today=today, settings=settings, ask=ask, catalogue=chosen, seed=seed)

    whole = judged(mine)
    whole.of(client)
    found = []
    for subject, label, count, without in _left_out(mine, chosen):
        found.append(_weight(subject, label, count, whole, judged(without), client))
    return tuple(sorted(found, key=lambda weight: (-abs(weight.money), weight.subject)))


def _left_out(mine: Records, catalogue: Catalogue) -> list[tuple[str, str, int, Records]]:
    parts: list[tuple[str, str, int, Records]] = []
    seen = sorted({s.sign for s in mine.sightings})
    for sign in seen:
        kept = tuple(s for s in mine.sightings if s.sign != sign)
        count = len(mine.sightings) - len(kept)
        parts.append((sign, catalogue[sign].label, count, replace(mine, sightings=kept)))
    for sign in mine.clients[0].standing_signs:
        told = replace(mine.clients[0], standing_signs=tuple(s for s in mine.clients[0].standing_signs if s != sign))
        parts.append((sign, catalogue[sign].label, 1, replace(mine, clients=(told,))))
    if rated := sum(c.energy is not None for c in mine.checkins):
        unrated = tuple(replace(c, energy=None) for c in mine.checkins)
        parts.append(("energy", "Energy ratings", rated, replace(mine, checkins=unrated)))
    if mine.invoices:
        # The fee of a fixed-price client is read off its invoices; only their payment is left out.
        parts.append(("invoices", "How invoices were paid", len(mine.invoices), replace(mine, invoices=())))
    if mine.hours:
        parts.append(("hours", "Hours worked against hours agreed", len(mine.hours), replace(mine, hours=())))
    if mine.checkins:
        silent = tuple(c for c in mine.checkins)
        parts.append(("check_ins", "Months in which other signs were absent", len(silent), replace(mine, checkins=())))
    if events := [e for e in mine.events if e.kind in ("renegotiation", "referral")]:
        kept_events = tuple(e for e in mine.events if e not in events)
        parts.append(("events", "Renegotiations and referrals", len(events), replace(mine, events=kept_events)))
    return parts


def _weight(
    subject: str, label: str, count: int, whole: Judgement, without: Judgement, client: str
) -> Weight:
    mean, _ = whole.belief.summary(client)
    mean_without, _ = without.belief.summary(client)
    shift = mean - mean_without
    return Weight(
        subject=subject,
        label=label,
        records=count,
        strain=(float(shift[0]), float(shift[1]), float(shift[2]), float(shift[3])),
        decibans=_decibans(whole, client) - _decibans(without, client),
        money=_keep(whole, client) - _keep(without, client),
    )


def _keep(judgement: Judgement, client: str) -> float:
    return float(judgement.net_benefit.sel(client=client, action="keep").mean())


def _decibans(judgement: Judgement, client: str) -> float:
    values = judgement.net_benefit.sel(client=client)
    chance = float(np.mean(values.sel(action="keep").values > values.sel(action="drop").values))
    chance = min(max(chance, SMALLEST_CHANCE), 1.0 - SMALLEST_CHANCE)
    return 10.0 * log10(chance / (1.0 - chance))


N_TRAITS = len(TRAITS)
Left = Callable[[Records], Records]
