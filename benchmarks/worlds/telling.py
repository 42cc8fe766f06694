"""Records of clients in a world of some kind, and the hidden truth behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from benchmarks.worlds.ahead import GOOD_OR_BAD, REST, SWITCH, days_to_pay, sigmoid
from benchmarks.worlds.kinds import Kind
from model.catalogue import TRAITS, Catalogue
from model.days import log_days
from model.observations import HOURLY_WEAKENING, LEFT_AFTER_A_MONTH, month_number
from model.parameters import EARLY, FACTOR, N_TRAITS, NEVER_BASE, NEVER_SLOPE, PAYMENT, PERSISTENCE, Array, Layout
from model.profile import Profile
from model.records import CheckIn, Invoice, Records, Sighting
from model.settings import Settings
from model.simulate import World, simulate

TURN, TURNED_WITHIN = 2.0, 6
SEASON = tuple(float(1.0 + np.sin(2.0 * np.pi * (month + 0.5) / 12.0) / 3.0) for month in range(12))
LOST_OPEN, LOST_SETTLED = 0.5, 1.0 / 7.0
BURST, IN_BURST, OUTSIDE = 0.2, 1.8, -0.9  # logits; about as many signs as without bursts


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A world, and what its future goes on from.

    Parameters
    ----------
    world
        Records and truth.
    latent
        Shape (client, latent): the processes of the model today.
    apart
        Shape (client, trait): what strain has beside them that stays, as a turn of character.
    bad
        Shape (client,): 1 for a client who is bad today and -1 for a good one, where clients switch.
    early
        Shape (client, trait): what the beginning still adds today.
    """

    world: World
    latent: Array
    apart: Array
    bad: Array
    early: Array


def tell(
    kind: Kind,
    theta: Array,
    catalogue: Catalogue,
    profiles: Sequence[Profile],
    *,
    months: int,
    until: date,
    rng: np.random.Generator,
    settings: Settings | None = None,
) -> Told:
    """Tell a world of that kind, to the end of a month.

    Parameters
    ----------
    kind
        What is different from the model.
    theta
        Shape (parameter,): the population.
    catalogue
        The signs.
    profiles
        The clients. What they are asked for is a higher price at most: relief of their strain would not last here.
    months, until, rng, settings
        As for `model.simulate.simulate`; `until` is the last day of a month.
    """
    ordered = sorted(profiles, key=lambda profile: profile.name)
    factor = theta[FACTOR : FACTOR + N_TRAITS**2].reshape(N_TRAITS, N_TRAITS)
    latent = np.zeros((len(ordered), months, N_TRAITS))
    apart, bad = np.zeros_like(latent), np.zeros((len(ordered), months))
    for c in range(len(ordered)):
        latent[c] = _processes(theta, months, rng)
        if kind.turns:
            since = int(rng.integers(max(0, months - TURNED_WITHIN), months))
            apart[c, since:, int(rng.integers(N_TRAITS))] = TURN
        if kind.switches:
            changes = np.where(rng.random(months) < SWITCH, -1.0, 1.0)
            bad[c] = rng.choice([-1.0, 1.0]) * np.cumprod(changes)
    share = REST if kind.switches else 1.0
    early = np.power(LEFT_AFTER_A_MONTH, np.arange(months))[:, None] * theta[EARLY : EARLY + N_TRAITS]
    strain = share * latent @ factor.T + apart + GOOD_OR_BAD * bad[..., None] + early
    given = [
        replace(
            profile,
            strain={trait: tuple(strain[c, :, j]) for j, trait in enumerate(TRAITS)},
            season=SEASON if kind.seasons else profile.season,
        )
        for c, profile in enumerate(ordered)
    ]
    layout, heard = Layout.of(catalogue), theta.copy()
    if kind.useless_signs:
        heard[layout.sign_strength : layout.size] = 0.0
    world = simulate(heard, catalogue, clients=given, months=months, until=until, rng=rng, settings=settings)
    records = world.records
    if kind.heavy_tails or kind.seasons:
        records = _paid_otherwise(kind, theta, records, strain, until, rng)
    if kind.missing_invoices:
        records = replace(records, invoices=tuple(i for i in records.invoices if _is_kept(i, rng)))
    if kind.bursts:
        records = _in_bursts(theta, catalogue, records, strain, rng)
    if kind.echoes:
        records = _echoed(catalogue, records)
    return Told(
        world=replace(world, records=records, theta=theta),
        latent=latent[:, -1],
        apart=apart[:, -1],
        bad=bad[:, -1],
        early=np.repeat(early[None, -1], len(ordered), axis=0),
    )


def recorded_for(records: Records, months: int, until: date) -> Records:
    """The same records as of someone who began to keep them `months` months before the end of `until`."""
    first = month_number(until) + 1 - months
    begin = date(first // 12, first % 12 + 1, 1)
    there = [c for c in records.clients if c.ended_on is None or c.ended_on >= begin]
    names = frozenset(client.name for client in there)
    return replace(
        records,
        clients=tuple(there),
        checkins=tuple(c for c in records.checkins if c.client in names and c.month >= begin),
        sightings=tuple(s for s in records.sightings if s.client in names and s.on >= begin),
        invoices=tuple(i for i in records.invoices if i.client in names and i.issued >= begin),
        hours=tuple(h for h in records.hours if h.client in names and h.on >= begin),
        events=tuple(e for e in records.events if e.client in names and e.on >= begin),
        searches=tuple(s for s in records.searches if s.opened_on >= begin),
    )


def _processes(theta: Array, months: int, rng: np.random.Generator) -> Array:
    rho = theta[PERSISTENCE : PERSISTENCE + N_TRAITS]
    u = rng.standard_normal((months, N_TRAITS))
    for t in range(1, months):
        u[t] = rho * u[t - 1] + np.sqrt(1.0 - rho**2) * u[t]
    return u


def _paid_otherwise(
    kind: Kind, theta: Array, records: Records, strain: Array, until: date, rng: np.random.Generator
) -> Records:
    place = {client.name: (c, month_number(client.since), client) for c, client in enumerate(records.clients)}
    told = []
    for invoice in records.invoices:
        c, first, client = place[invoice.client]
        month = month_number(invoice.issued)
        x = strain[c, month - first, PAYMENT]
        agreed = log_days(client.payment_terms_days if client.payment_terms_days is not None else 30)
        days = float(days_to_pay(kind, theta, x, agreed, month % 12, rng.random()))
        never = rng.random() < float(sigmoid(theta[NEVER_BASE] + theta[NEVER_SLOPE] * x))
        paid_on = invoice.issued + timedelta(days=round(days))
        told.append(replace(invoice, paid_on=None if never or paid_on > until else paid_on))
    return replace(records, invoices=tuple(told))


def _is_kept(invoice: Invoice, rng: np.random.Generator) -> bool:
    return bool(rng.random() > (LOST_OPEN if invoice.paid_on is None else LOST_SETTLED))


def _in_bursts(
    theta: Array, catalogue: Catalogue, records: Records, strain: Array, rng: np.random.Generator
) -> Records:
    layout = Layout.of(catalogue)
    place = {client.name: (c, month_number(client.since), client) for c, client in enumerate(records.clients)}
    told: list[Sighting] = []
    for checkin in records.checkins:
        c, first, client = place[checkin.client]
        x = strain[c, month_number(checkin.month) - first]
        crowd = IN_BURST if rng.random() < BURST else OUTSIDE
        for k, sign in enumerate(catalogue.ticked):
            if sign.measured_by is not None:
                continue
            weight = HOURLY_WEAKENING if sign.weaker_when_hourly and client.billing == "hourly" else 1.0
            eta = theta[layout.sign_base + k] + weight * theta[layout.sign_strength + k] * x[TRAITS.index(sign.trait)]
            if rng.random() < float(sigmoid(eta + (0.0 if sign.is_good else crowd))):
                told.append(_seen(checkin, sign.id, rng))
    return replace(records, sightings=tuple(told))


def _seen(checkin: CheckIn, sign: str, rng: np.random.Generator) -> Sighting:
    return Sighting(client=checkin.client, on=checkin.month + timedelta(days=int(rng.integers(28))), sign=sign)


def _echoed(catalogue: Catalogue, records: Records) -> Records:
    alike: dict[tuple[str, bool], list[str]] = {}
    for sign in catalogue.ticked:
        if sign.measured_by is None:
            alike.setdefault((sign.trait, sign.is_good), []).append(sign.id)
    echo = {group[i]: group[i + 1] for group in alike.values() for i in range(0, len(group) - 1, 2)}
    heard = [s for s in records.sightings if s.sign not in echo.values()]
    return replace(records, sightings=(*heard, *(replace(s, sign=echo[s.sign]) for s in heard if s.sign in echo)))
