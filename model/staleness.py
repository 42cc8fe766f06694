"""When a fit is due again: how much is new since, how surprising that is, and whether its past was changed.

New evidence on a client moves the belief about that client at once, whatever the fit; a new fit is due where it could
move what is believed of clients in general.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from model.belief import factors
from model.catalogue import TRAITS, Catalogue
from model.days import log_days
from model.language import phrase, phrase_of
from model.ledger import CHECKIN, DEPARTURE, HOURS, INVOICE, Ledger, News, digest_of, news
from model.observations import LEFT, NOT_EXPOSED, OPEN, WRITTEN_OFF, Observations
from model.parameters import (
    CONDUCT,
    DEMAND,
    EARLY,
    ENERGY_CUTS,
    ENERGY_SLOPES,
    FIT,
    HOURS_SCALE,
    HOURS_SHIFT,
    HOURS_SLOPE,
    INVOICE_SCALE,
    INVOICE_SHIFT,
    INVOICE_SLOPE,
    LEAVE_BASE,
    LEAVE_SLOPES,
    N_TRAITS,
    NEVER_BASE,
    NEVER_SLOPE,
    PAYMENT,
    PERSISTENCE,
    STANDING,
    Array,
    Layout,
)
from model.population import Population, priors_digest
from model.priors import Priors
from model.records import Records

MOST_NEW = 0.2  # of all records
LEAST_CHANCE = 0.01  # of new months as unlikely as those that came
MOST_CHANGED = 0.01  # of the records the fit knew
REPLICATES = 8  # of the new months, per draw; fewer where many months are new
MOST_DRAWN = 2_000_000
# Where a month of hours and a payment are cut into classes: the ratio to the hours agreed, and days after the due day.
HOURS_CUTS = np.log([0.6, 0.85, 1.0, 1.2, 1.5])
DAYS_AFTER_DUE = (0, 10, 30, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staleness:
    """What is new since a fit, and whether a new one is due.

    Parameters
    ----------
    news
        What was observed since.
    surprise
        How unlikely the new months are under the fit.
    reasons
        Why a new fit is due, each a part of a sentence; empty where none is.
    """

    news: News
    surprise: "Surprise"
    reasons: tuple[str, ...]

    @property
    def due(self) -> bool:
        """Whether a new fit would tell something new of clients in general."""
        return bool(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How unlikely new months are under a fit.

    `chance` is the probability of months at least as unlikely as those that came, 1 where there are none; `what` is
    the kind of record that is least likely, such as "payments".
    """

    chance: float = 1.0
    what: str = ""


def staleness(
    population: Population, records: Records, observations: Observations, catalogue: Catalogue, priors: Priors,
    *, today: date, seed: int = 1,
) -> Staleness:  # fmt: skip
    """Hold today's records against what a fit knew.

    Parameters
    ----------
    population
        A fit with a ledger, not thinned.
    records, observations
        What is known on the day `today`, and the same as arrays.
    catalogue, priors
        In use now.
    seed
        Of the simulated months.

    Raises
    ------
    ValueError
        If the population carries no ledger.
    """
    ledger = population.ledger
    if ledger is None:
        raise ValueError("this population carries no ledger of what it was fitted to.")
    found = news(ledger, observations, catalogue)
    ages = invoice_ages(records, observations, today)
    rng = np.random.default_rng(seed)
    odd = surprise(population, observations, ages, catalogue, rng) if found.new else Surprise()
    reasons = []
    if found.share > MOST_NEW:
        reasons.append(phrase("{share:.0%} of all records are new", share=found.share))
    if odd.chance < LEAST_CHANCE:
        chance = (
            phrase("about {chance:.0f}", chance=1000 * odd.chance) if odd.chance >= 0.003 else phrase("less than 3")
        )
        reasons.append(
            phrase(
                "{what} of the new months are unlike what it expects (a chance of {chance} in 1,000)",
                what=odd.what,
                chance=chance,
            )
        )
    if found.changed > MOST_CHANGED * found.known:
        reasons.append(
            phrase_of(
                found.changed,
                "{count:,} of the {known:,} records it was made of was changed or taken back",
                "{count:,} of the {known:,} records it was made of were changed or taken back",
                known=found.known,
            )
        )
    if ledger.priors != priors_digest(priors):
        reasons.append(phrase("the priors were changed"))
    return Staleness(news=found, surprise=odd, reasons=tuple(reasons))


def surprise(
    population: Population, observations: Observations, ages: NDArray[np.int64], catalogue: Catalogue,
    rng: np.random.Generator,
) -> Surprise:  # fmt: skip
    """How unlikely new months are under a fit, by the kind of record that fits it least.

    The score of a kind of record is the sum, over all that is new of it, of the log probability the fit gives each by
    itself. What months score that do follow the fit comes from simulation: strain goes on from where each draw left the
    client, and the same things are observed with it, so that what hangs together in the model hangs together here (a
    posterior predictive check; Gelman, Meng and Stern 1996). The least chance of the kinds counts as often as there are
    kinds (Bonferroni), for one of many is easily odd. Judged are check-ins with their signs and energy, hours, invoices
    issued since, and departures; payments of older invoices and answers to asks are not.

    Parameters
    ----------
    population, observations, catalogue
        As in `staleness`.
    ages
        Days from issue to today of each invoice, in the order of the observations.
    rng
        Of the simulated months.
    """
    ledger = population.ledger
    assert ledger is not None
    theta = population.thinned(len(ledger.latent)).theta
    strain, rows, client = _strain(theta, ledger, observations, rng)
    if not rows.size:
        return Surprise()
    known = set(zip(ledger.owner.tolist(), ledger.month.tolist(), ledger.kind.tolist(), strict=True))
    owner = [digest_of(name, ledger.salt) for name in observations.clients]
    place = [(owner[c], int(observations.month[row])) for c, row in zip(client, rows, strict=True)]
    fresh = {
        kind: np.array([(*at, kind) not in known for at in place], dtype=bool)
        for kind in (CHECKIN, HOURS, INVOICE, DEPARTURE)
    }
    kinds = {
        "signs": _signs(theta, strain, rows, client, fresh[CHECKIN], observations, catalogue),
        "departures": _departures(theta, strain, rows, fresh[DEPARTURE], observations),
        "energy ratings": _energy(theta, strain, rows, fresh[CHECKIN], observations),
        "hours": _hours(theta, strain, rows, fresh[HOURS], observations),
        "payments": _payments(theta, strain, rows, fresh[INVOICE], observations, ages),
    }
    chances = {what: _chance(*kind, rng) for what, kind in kinds.items() if kind[1].size}
    if not chances:
        return Surprise()
    least = min(chances, key=lambda what: chances[what])
    return Surprise(chance=min(len(chances) * chances[least], 1.0), what=least)


def _chance(odds: Array, came: NDArray[np.int64], rng: np.random.Generator) -> float:
    # Odds are probabilities of classes, (sample, item, class): how often simulated items score no more than `came`.
    score = np.log(np.clip(odds.mean(axis=0), 1e-12, 1.0))
    item, upper = np.arange(came.size), odds.cumsum(axis=2)[..., :-1]
    replicates = int(np.clip(MOST_DRAWN // odds[..., 0].size, 2, REPLICATES))
    observed, simulated = float(score[item, came].sum()), np.empty((replicates, len(odds)))
    for place in range(replicates):
        drawn = (rng.random((*upper.shape[:2], 1)) > upper).sum(axis=2)
        simulated[place] = score[item, drawn].sum(axis=1)
    # Ties count half: a single record has few possible scores.
    lower, same = np.sum(simulated < observed - 1e-9), np.sum(np.abs(simulated - observed) <= 1e-9)
    return float((lower + 0.5 * same + 0.5) / (simulated.size + 1))


def invoice_ages(records: Records, observations: Observations, today: date) -> NDArray[np.int64]:
    """Days from issue to `today` of each invoice, in the order of the observations' invoices.

    Parameters
    ----------
    records, observations, today
        As in `staleness`.
    """
    order = {name: place for place, name in enumerate(observations.clients)}
    mine = [invoice for invoice in records.invoices if invoice.client in order and invoice.issued <= today]
    mine.sort(key=lambda i: (order[i.client], i.issued, i.number))
    return np.array([(today - i.issued).days for i in mine], dtype=np.int64)


def _strain(
    theta: Array, ledger: Ledger, seen: Observations, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    # Strain of the months since the fit, (sample, row, trait), going on from where each draw left its client.
    fitted = {int(digest): c for c, digest in enumerate(ledger.clients)}
    rho = theta[:, PERSISTENCE : PERSISTENCE + N_TRAITS]
    factor = factors(theta)
    parts, rows, clients = [], [], []
    for c, name in enumerate(seen.clients):
        first, last = seen.first_row[c], seen.first_row[c + 1]
        mine = fitted.get(digest_of(name, ledger.salt))
        if mine is None:
            latent = rng.standard_normal((len(theta), N_TRAITS))
            shift = np.zeros_like(latent)
            shift[:, FIT] = theta[:, STANDING : STANDING + seen.standing.shape[1]] @ seen.standing[c]
            month = int(seen.month[first]) if last > first else ledger.today
        else:
            latent, shift, month = ledger.latent[:, mine], ledger.shift[:, mine], ledger.today
        for row in range(first, last):
            if seen.month[row] < month:
                continue
            kept = rho ** (int(seen.month[row]) - month)
            latent = kept * latent + np.sqrt(1.0 - kept**2) * rng.standard_normal(latent.shape)
            month = int(seen.month[row])
            early = theta[:, EARLY : EARLY + N_TRAITS] * seen.early[row]
            parts.append(shift + early + np.einsum("sij,sj->si", factor, latent))
            rows.append(row)
            clients.append(c)
    strain = np.stack(parts, axis=1) if parts else np.zeros((len(theta), 0, N_TRAITS))
    return strain, np.array(rows, dtype=np.int64), np.array(clients, dtype=np.int64)


_Judged = tuple[Array, NDArray[np.int64]]


def _signs(
    theta: Array, strain: Array, rows: NDArray[np.int64], client: NDArray[np.int64], fresh: NDArray[np.bool_],
    seen: Observations, catalogue: Catalogue,
) -> _Judged:  # fmt: skip
    layout, trait = Layout.of(catalogue), np.array([TRAITS.index(sign.trait) for sign in catalogue.ticked])
    at, sign = np.nonzero((seen.signs[rows] >= 0) & fresh[:, None])
    slope = theta[:, layout.sign_strength + sign] * seen.sign_weight[client[at], sign]
    there = _sigmoid(theta[:, layout.sign_base + sign] + slope * strain[:, at, trait[sign]])
    return np.stack([1.0 - there, there], axis=-1), seen.signs[rows[at], sign].astype(np.int64)


def _departures(
    theta: Array, strain: Array, rows: NDArray[np.int64], fresh: NDArray[np.bool_], seen: Observations
) -> _Judged:
    at = np.flatnonzero((seen.exposure[rows] != NOT_EXPOSED) & fresh)
    pull = np.einsum("srt,st->sr", strain[:, at], theta[:, LEAVE_SLOPES : LEAVE_SLOPES + N_TRAITS])
    leaves = _sigmoid(theta[:, LEAVE_BASE, None] + pull)
    return np.stack([1.0 - leaves, leaves], axis=-1), (seen.exposure[rows[at]] == LEFT).astype(np.int64)


def _energy(
    theta: Array, strain: Array, rows: NDArray[np.int64], fresh: NDArray[np.bool_], seen: Observations
) -> _Judged:
    at = np.flatnonzero((seen.energy[rows] > 0) & fresh)
    weight = theta[:, ENERGY_SLOPES : ENERGY_SLOPES + 3]
    drained = np.einsum("srt,st->sr", strain[:, at][..., [DEMAND, CONDUCT, FIT]], weight)
    below = _sigmoid(theta[:, None, ENERGY_CUTS : ENERGY_CUTS + 4] + drained[..., None])
    return _between(below), seen.energy[rows[at]] - 1


def _hours(
    theta: Array, strain: Array, rows: NDArray[np.int64], fresh: NDArray[np.bool_], seen: Observations
) -> _Judged:
    at = np.flatnonzero(~np.isnan(seen.hours_log_ratio[rows]) & fresh)
    centre = theta[:, HOURS_SHIFT, None] + theta[:, HOURS_SLOPE, None] * strain[:, at, DEMAND]
    below = _normal_cdf((HOURS_CUTS - centre[..., None]) / theta[:, HOURS_SCALE, None, None])
    return _between(below), np.searchsorted(HOURS_CUTS, seen.hours_log_ratio[rows[at]], side="right")


def _payments(
    theta: Array, strain: Array, rows: NDArray[np.int64], fresh: NDArray[np.bool_], seen: Observations,
    ages: NDArray[np.int64],
) -> _Judged:  # fmt: skip
    found = [
        (at, i) for at in np.flatnonzero(fresh)
        for i in range(seen.invoice_first[rows[at]], seen.invoice_first[rows[at] + 1])
        if seen.invoice_state[i] != WRITTEN_OFF and ages[i] > 0
    ]  # fmt: skip
    at, which = np.array(found, dtype=np.int64).reshape(-1, 2).T
    # Paid days fall in the classes up to the age of the invoice; whatever is not paid by then is the last class.
    terms, oldest = seen.invoice_log_terms[which], np.array([log_days(float(age)) for age in ages[which]])
    cuts = np.minimum(np.log(np.exp(terms)[:, None] + np.array(DAYS_AFTER_DUE)), oldest[:, None])
    cuts = np.concatenate([cuts, oldest[:, None]], axis=1)
    x = strain[:, at, PAYMENT]
    middle = terms + theta[:, INVOICE_SHIFT, None] + theta[:, INVOICE_SLOPE, None] * x
    pays = _sigmoid(-(theta[:, NEVER_BASE, None] + theta[:, NEVER_SLOPE, None] * x))
    paid = pays[..., None] * _sigmoid((cuts - middle[..., None]) / theta[:, INVOICE_SCALE, None, None])
    later = (seen.invoice_log_days[which][:, None] > cuts + 1e-9).sum(axis=1)
    return _between(paid), np.where(seen.invoice_state[which] == OPEN, cuts.shape[1], later)


def _between(cdf: Array) -> Array:
    # From cumulative probabilities at the cuts to those of the classes.
    edges = np.concatenate([np.zeros_like(cdf[..., :1]), cdf, np.ones_like(cdf[..., :1])], axis=-1)
    return np.asarray(np.diff(edges, axis=-1))


def _sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -500.0, 500.0)))


def _normal_cdf(x: Array) -> Array:
    from scipy.special import ndtr

    return np.asarray(ndtr(x))
