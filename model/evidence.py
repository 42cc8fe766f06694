"""The weight of each piece of evidence: how the answer would change had it never been recorded."""

from dataclasses import dataclass, replace
from datetime import date
from math import log10

import numpy as np

from model import catalogue as signs
from model.catalogue import Catalogue
from model.judgement import Asked, Judgement, judge
from model.population import Population
from model.records import CheckIn, Event, Hours, Invoice, Records, Sighting
from model.settings import Settings

N_SAMPLES = 200  # weights are read to one figure, and each costs an update
SMALLEST_CHANCE = 1 / N_SAMPLES  # no draw out of so many: the odds are known no further


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
    ask: Asked = None,
    seed: int = 1,
) -> tuple[Weight, ...]:
    """Weigh each sign and each kind of record of one client by leaving it out, heaviest first.

    The terms stay as they are, also where they are read off the records left out: it is the strain that is weighed.
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
    few = population.thinned(N_SAMPLES)
    whole = judge(known, few, today=today, settings=settings, ask=ask, catalogue=chosen, seed=seed)
    whole.of(client)
    held = {decision.client: decision.ask for decision in whole.decisions}
    found = []
    for subject, label, count, without in _left_out(mine, chosen):
        rest = _replaced(known, client, without)
        changed = judge(
            rest, few, today=today, settings=settings, ask=held, catalogue=chosen, seed=seed, previous=whole,
            terms=whole.terms,
        )  # fmt: skip
        found.append(_weight(subject, label, count, whole, changed, client))
    return tuple(sorted(found, key=lambda weight: (-abs(weight.money), weight.subject)))


def decibans(probability: float) -> float:
    """Ten times the log10 odds of a probability: 0 is even, 10 is ten to one (I. J. Good, 1950)."""
    return 10.0 * log10(probability / (1.0 - probability))


def _replaced(records: Records, client: str, mine: Records) -> Records:
    def others[T: (CheckIn, Sighting, Invoice, Hours, Event)](all_of_them: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(record for record in all_of_them if record.client != client)

    return replace(
        records,
        clients=(*(c for c in records.clients if c.name != client), *mine.clients),
        checkins=(*others(records.checkins), *mine.checkins),
        sightings=(*others(records.sightings), *mine.sightings),
        invoices=(*others(records.invoices), *mine.invoices),
        hours=(*others(records.hours), *mine.hours),
        events=(*others(records.events), *mine.events),
    )


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
        parts.append(("invoices", "How invoices were paid", len(mine.invoices), replace(mine, invoices=())))
    if mine.hours:
        parts.append(("hours", "Hours worked against hours agreed", len(mine.hours), replace(mine, hours=())))
    if mine.checkins:
        parts.append(
            ("check_ins", "Months in which other signs were absent", len(mine.checkins), replace(mine, checkins=()))
        )
    if events := [e for e in mine.events if e.kind in ("renegotiation", "referral")]:
        kept_events = tuple(e for e in mine.events if e not in events)
        parts.append(("events", "Renegotiations and referrals", len(events), replace(mine, events=kept_events)))
    return parts


def _weight(subject: str, label: str, count: int, whole: Judgement, without: Judgement, client: str) -> Weight:
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
    return decibans(min(max(chance, SMALLEST_CHANCE), 1.0 - SMALLEST_CHANCE))
