"""The weight of each piece of evidence: how the answer would change had it never been recorded.

Every variant of the records, each with one piece left out, is a client of its own in one update: the same random
numbers serve all of them, and nothing but this client is looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import actions
from model.alone import Alone, alone
from model.belief import Belief, believe_beside
from model.case import Case
from model.catalogue import Catalogue
from model.days import log_days
from model.forecast import Array, Ask
from model.judged import Judgement
from model.lanes import LANES
from model.language import phrase
from model.observations import Observations, month_number, observe
from model.outlook import eased
from model.records import Records

N_SAMPLES = 6 * LANES  # weights are read to one figure, and each costs an update
N_SAMPLES_OF_RECORDS = 4 * LANES
RECENT_MONTHS = 12  # older records have mostly been overtaken by later ones
NOTHING = Ask(price_pct=0.0, scope=False, terms=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one kind of record, or one record, adds to the answer on one client.

    Parameters
    ----------
    subject
        Id of the sign, or `invoices`, `hours`, `energy`, `check_ins`, `events`; of one record `invoice`, `month_hours`
        or `sighting`.
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


def weights(judgement: Judgement, client: str) -> tuple[Weight, ...]:
    """Weigh each sign and each kind of record of one client by leaving it out, heaviest first.

    The terms stay as they are, also where they are read off the records left out: it is the strain that is weighed.
    Absence is evidence as well: `check_ins` is what the months in which nothing was seen add. The weights are taken
    one at a time, so they need not add up where signs tell the same story.

    Parameters
    ----------
    judgement
        The answer whose evidence is weighed.
    client
        Name of an active client.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    mine = judgement.records_of(client)
    seen = observe(mine, judgement.catalogue, judgement.as_of)
    return _weighed(judgement, client, seen, _kinds(mine, seen, judgement.catalogue), N_SAMPLES)


def record_weights(judgement: Judgement, client: str) -> tuple[Weight, ...]:
    """Weigh each invoice, each sighting and the hours of each month of the last twelve, heaviest first.

    Parameters
    ----------
    judgement
        The answer whose evidence is weighed.
    client
        Name of an active client.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    mine = judgement.records_of(client)
    seen = observe(mine, judgement.catalogue, judgement.as_of)
    return _weighed(judgement, client, seen, _singles(mine, seen, judgement.catalogue), N_SAMPLES_OF_RECORDS)


def decibans(probability: float) -> float:
    """Ten times the log10 odds of a probability: 0 is even, 10 is ten to one (I. J. Good, 1950)."""
    return 10.0 * log10(probability / (1.0 - probability))


@dataclass(frozen=True, slots=True, kw_only=True)
class _LeftOut:
    subject: str
    label: str
    records: int
    rest: Observations


def _weighed(
    judgement: Judgement, client: str, seen: Observations, parts: Sequence[_LeftOut], n_samples: int
) -> tuple[Weight, ...]:
    if not parts:
        return ()
    # No more than a quarter of the draws: where these are few, there are many clients to weigh the evidence of.
    n_samples = min(n_samples, max(LANES, judgement.population.n_samples // 4))
    one = alone(judgement, client, n_samples)
    population = judgement.population.thinned(n_samples)
    # All variants bear the client's name, and with it its random numbers.
    variants = [seen, *(part.rest for part in parts)]
    belief = believe_beside(
        population, seen, _beside(variants), judgement.catalogue,
        same_months=[_same_months(seen, variant) for variant in variants], seed=judgement.seed,
    )  # fmt: skip
    keep, odds = _answers(one, belief)
    strain = belief.mean.mean(axis=0)
    found = []
    for k, part in enumerate(parts, start=1):
        shift = strain[0] - strain[k]
        found.append(
            Weight(
                subject=part.subject,
                label=part.label,
                records=part.records,
                strain=(float(shift[0]), float(shift[1]), float(shift[2]), float(shift[3])),
                decibans=odds[0] - odds[k],
                money=float(keep[0] - keep[k]),
            )
        )
    return tuple(sorted(found, key=lambda weight: (-abs(weight.money), weight.subject, weight.label)))


def _answers(one: Alone, belief: Belief) -> tuple[Array, list[float]]:
    """Value of keeping, and decibans that it beats dropping, of each variant."""
    judgement, chosen = one.judgement, np.arange(len(one.chosen))
    many = len(belief.clients)
    (ahead,) = eased(
        judgement.population.thinned(len(one.chosen)), belief,
        log_terms=np.full(many, log_days(one.terms.payment_terms_days)),
        horizon_months=min(one.settings.horizon_months, one.outlook.base.energy.shape[2]), wishes=(NOTHING,),
        chosen=chosen, seed=judgement.seed,
    )  # fmt: skip
    if one.terms.monthly_hours:
        hours, as_it_is = ahead.hours_ratio, one.outlook.base.hours_ratio[:, :, : ahead.hours_ratio.shape[2]]
        # Hours that nobody agreed on start where the logged ones are. Billed one by one they are no evidence: whatever
        # is left out, they are what they are. The first variant is the client as it is.
        hourly = one.terms.billing == "hourly"
        hours = np.repeat(as_it_is, many, axis=1) if hourly else hours * (as_it_is[:, :, :1] / hours[:, :1, :1])
        ahead = replace(ahead, hours_ratio=hours)
    outlook = replace(
        one.outlook, asks=(NOTHING,) * many, base=ahead, accepted=ahead, partly=ahead,
        outcomes=np.repeat(one.outlook.outcomes, many, axis=1),
    )  # fmt: skip
    worth = actions.expected(Case.of(outlook, (one.terms,), one.settings, one.calendar))
    keep, drop = worth[:, :, actions.ACTIONS.index("keep")], worth[:, :, actions.ACTIONS.index("drop")]
    # No draw out of so many: the odds are known no further.
    smallest = 1.0 / len(one.chosen)
    chance = np.clip((keep > drop).mean(axis=0), smallest, 1.0 - smallest)
    return keep.mean(axis=0), [decibans(float(p)) for p in chance]


def _kinds(mine: Records, seen: Observations, catalogue: Catalogue) -> list[_LeftOut]:
    parts: list[_LeftOut] = []
    standing = [sign.id for sign in catalogue.standing]

    def add(subject: str, label: str, records: int, rest: Observations) -> None:
        parts.append(_LeftOut(subject=subject, label=label, records=records, rest=rest))

    told = {sign: 1 for client in mine.clients for sign in client.standing_signs}
    for sighting in mine.sightings:
        told[sighting.sign] = told.get(sighting.sign, 0) + 1
    checked = _checked(mine, seen)
    for sign, count in sorted(told.items()):
        if sign in standing:
            kept = seen.standing.copy()
            kept[:, standing.index(sign)] = 0.0
            add(sign, catalogue[sign].label, count, replace(seen, standing=kept))
        else:
            add(sign, catalogue[sign].label, count, _unseen(seen, catalogue, sign, checked, None))
    if rated := sum(c.energy is not None for c in mine.checkins):
        add("energy", phrase("Energy ratings"), rated, replace(seen, energy=np.zeros_like(seen.energy)))
    if mine.invoices:
        gone = np.ones(len(seen.invoice_state), dtype=bool)
        add("invoices", phrase("How invoices were paid"), len(mine.invoices), _without_invoices(seen, gone))
    if mine.hours:
        unlogged = replace(seen, hours_log_ratio=np.full_like(seen.hours_log_ratio, np.nan))
        add("hours", phrase("Hours worked against hours agreed"), len(mine.hours), unlogged)
    if mine.checkins:
        absent = np.where(seen.signs == 0, -1, seen.signs).astype(np.int8)
        referrals = np.where(seen.referrals == 0, -1, seen.referrals)
        rest = replace(seen, signs=absent, referrals=referrals, energy=np.zeros_like(seen.energy))
        add("check_ins", phrase("Months in which other signs were absent"), len(mine.checkins), rest)
    if events := [e for e in mine.events if e.kind in ("renegotiation", "referral")]:
        add("events", phrase("Renegotiations and referrals"), len(events), _without_events(seen, checked))
    return parts


def _singles(mine: Records, seen: Observations, catalogue: Catalogue) -> list[_LeftOut]:
    parts = []
    since = int(seen.month[-1]) - RECENT_MONTHS if seen.n_rows else 0
    checked = _checked(mine, seen)
    for place, invoice in enumerate(sorted(mine.invoices, key=lambda i: (i.issued, i.number))):
        if month_number(invoice.issued) > since:
            gone = np.arange(len(seen.invoice_state)) == place
            label = phrase("Invoice {number} of {issued}", number=invoice.number, issued=invoice.issued)
            parts.append(
                _LeftOut(subject="invoice", label=label, records=1, rest=_without_invoices(seen, gone))
            )  # fmt: skip
    for row in np.flatnonzero(np.isfinite(seen.hours_log_ratio) & (seen.month > since)):
        ratio = seen.hours_log_ratio.copy()
        ratio[row] = np.nan
        month = f"{seen.month[row] // 12}-{seen.month[row] % 12 + 1:02d}"
        count = sum(month_number(h.on) == int(seen.month[row]) for h in mine.hours)
        parts.append(
            _LeftOut(
                subject="month_hours", label=phrase("Hours of {month}", month=month), records=count,
                rest=replace(seen, hours_log_ratio=ratio),
            )
        )  # fmt: skip
    ticked = {sign.id for sign in catalogue.ticked}
    for sign, number in sorted({(s.sign, month_number(s.on)) for s in mine.sightings if s.sign in ticked}):
        if number > since:
            same = [s for s in mine.sightings if s.sign == sign and month_number(s.on) == number]
            parts.append(
                _LeftOut(
                    subject="sighting",
                    label=phrase("{label}, {on:%Y-%m}", label=catalogue[sign].label, on=same[0].on),
                    records=len(same),
                    rest=_unseen(seen, catalogue, sign, checked, number),
                )
            )
    return parts


def _checked(mine: Records, seen: Observations) -> NDArray[np.bool_]:
    """Which months had a check-in (row): there, a sign not seen is absent, not unobserved."""
    return np.isin(seen.month, [month_number(c.month) for c in mine.checkins])


def _unseen(
    seen: Observations, catalogue: Catalogue, sign: str, checked: NDArray[np.bool_], month: int | None
) -> Observations:
    place = [s.id for s in catalogue.ticked].index(sign)
    signs = seen.signs.copy()
    left_out = (signs[:, place] == 1) & (np.ones_like(checked) if month is None else seen.month == month)
    signs[left_out, place] = np.where(checked[left_out], 0, -1)
    return replace(seen, signs=signs)


def _without_invoices(seen: Observations, gone: NDArray[np.bool_]) -> Observations:
    left = np.concatenate([[0], np.cumsum(~gone)])
    return replace(
        seen,
        invoice_first=left[seen.invoice_first].astype(np.int64),
        invoice_state=seen.invoice_state[~gone],
        invoice_log_days=seen.invoice_log_days[~gone],
        invoice_log_terms=seen.invoice_log_terms[~gone],
    )


def _without_events(seen: Observations, checked: NDArray[np.bool_]) -> Observations:
    nothing = np.zeros(0)
    return replace(
        seen,
        referrals=np.where(checked, 0, -1).astype(np.int64),
        ask_first=np.zeros_like(seen.ask_first),
        ask_outcome=np.zeros(0, dtype=np.int64),
        ask_price=nothing,
        ask_scope=nothing,
        ask_terms=nothing,
        relief_scope=np.zeros_like(seen.relief_scope),
        relief_terms=np.zeros_like(seen.relief_terms),
        relief_now=np.zeros_like(seen.relief_now),
    )


def _same_months(seen: Observations, rest: Observations) -> int:
    """How many months, from the first one, hold the same in both; `rest` only leaves things out."""
    if not np.array_equal(seen.standing, rest.standing):
        return 0
    differ = (seen.signs != rest.signs).any(axis=1)
    for name in ("energy", "exposure", "referrals", "relief_scope", "relief_terms"):
        differ |= getattr(seen, name) != getattr(rest, name)
    differ |= np.isnan(seen.hours_log_ratio) != np.isnan(rest.hours_log_ratio)
    for name in ("invoice_first", "ask_first"):
        differ |= np.diff(getattr(seen, name)) != np.diff(getattr(rest, name))
    return int(np.argmax(differ)) if differ.any() else len(differ)


def _beside(parts: Sequence[Observations]) -> Observations:
    """Several observations of one client as if each were a client of its own."""
    joined: dict[str, Any] = {"clients": tuple(name for part in parts for name in part.clients)}
    for field in fields(Observations):
        values = [getattr(part, field.name) for part in parts]
        if field.name in ("first_row", "invoice_first", "ask_first"):
            offsets = np.cumsum([0, *(int(value[-1]) for value in values)])
            joined[field.name] = np.concatenate(
                [[0], *(value[1:] + offset for value, offset in zip(values, offsets[:-1], strict=True))]
            ).astype(np.int64)
        elif isinstance(values[0], np.ndarray):
            joined[field.name] = np.concatenate(values)
    return replace(parts[0], **joined)
