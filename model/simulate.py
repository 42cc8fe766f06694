"""Seeded worlds with known truth: the generative story told forwards, in plain NumPy.

Tests, benchmarks and the example portfolio draw their records here. The story is that of `model.generative` and
`model.likelihood`, written a second time on purpose: what one of them gets wrong, the other contradicts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import get_args

import numpy as np

from model import parameters as at
from model import priors as prior_table
from model.catalogue import TRAITS, Catalogue
from model.days import PAYMENT_RUN_DAYS, log_days
from model.errors import InvalidRecord
from model.observations import (
    HOURLY_WEAKENING,
    LEFT_AFTER_A_MONTH,
    PARTLY_SHARE,
    month_number,
    month_start,
)
from model.parameters import CONDUCT, DEMAND, FIT, N_TRAITS, PAYMENT, Array, Layout
from model.priors import Priors
from model.profile import Profile, last_whole_month, ordinary_profiles
from model.records import CheckIn, Client, Event, Hours, Invoice, Outcome, Records, Sighting
from model.settings import Settings

LONGEST_DAYS_TO_PAY = 36_500.0
QUARTER_HOURS = 4
MOST_HOURS = 700.0
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Records, and the truth behind them.

    Parameters
    ----------
    records
        What was written down.
    theta
        Shape (parameter,): the population, laid out as in `model.parameters`.
    clients
        Names, sorted, as the clients of observations and beliefs are.
    strain
        Per client, shape (month, trait): from its first month to the month the world ends in.
    strain_today
        Shape (client, trait): strain of the last month, with the relief of everything agreed so far.
    """

    records: Records
    theta: Array
    clients: tuple[str, ...]
    strain: tuple[Array, ...]
    strain_today: Array


def simulate(
    theta: Array,
    catalogue: Catalogue,
    *,
    clients: int | Sequence[Profile],
    months: int,
    until: date,
    rng: np.random.Generator,
    settings: Settings | None = None,
) -> World:
    """Draw a world from the model.

    Whole months are recorded; of the month `until` lies in only if that is its last day. Nobody leaves in the last
    recorded month, whose survival the model does not count either. Clients draw from streams of their own, so a
    change to one profile leaves the others as they were.

    Parameters
    ----------
    theta
        Shape (parameter,): one draw of the population, laid out as in `model.parameters`.
    catalogue
        The signs.
    clients
        Profiles, or how many clients to take whose terms are ordinary and whose strain the model decides.
    months
        Months each client is recorded for, unless its profile says otherwise.
    until
        The day the world ends.
    rng
        Source of randomness.
    settings
        Settings of the records.

    Raises
    ------
    InvalidRecord
        If two profiles share a name, or a client has no month.
    UnknownSign
        If a profile names a sign the catalogue does not hold.
    """
    profiles = ordinary_profiles(clients, months=months, until=until, rng=rng) if isinstance(clients, int) else clients
    ordered = sorted(profiles, key=lambda profile: profile.name)
    if len({profile.name for profile in ordered}) != len(ordered):
        raise InvalidRecord("two simulated clients have the same name.")
    told = [
        _Telling(theta, catalogue, profile, months, until, own).tell()
        for profile, own in zip(ordered, rng.spawn(len(ordered)), strict=True)
    ]
    parts = [telling.records for telling in told]
    return World(
        records=Records(
            clients=tuple(c for part in parts for c in part.clients),
            checkins=tuple(c for part in parts for c in part.checkins),
            sightings=tuple(s for part in parts for s in part.sightings),
            invoices=tuple(i for part in parts for i in part.invoices),
            hours=tuple(h for part in parts for h in part.hours),
            events=tuple(e for part in parts for e in part.events),
            settings=settings or Settings(),
        ),
        theta=theta,
        clients=tuple(profile.name for profile in ordered),
        strain=tuple(telling.strain for telling in told),
        strain_today=np.array([telling.strain_today for telling in told]).reshape(-1, N_TRAITS),
    )


def typical_population(catalogue: Catalogue, priors: Priors | None = None) -> Array:
    """The population with every parameter in the middle of its prior and unrelated traits, shape (parameter,)."""
    layout = Layout.of(catalogue)
    location, _, positive = (priors or prior_table.load()).location_and_scale(catalogue, layout)
    middle = np.where(positive > 0, np.exp(location * positive), location)
    unrelated = np.zeros(N_TRAITS * (N_TRAITS - 1) // 2)
    return np.asarray(at.natural(middle, unrelated, at.polarity_of(catalogue), layout, np))


def _sigmoid(x: float | Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(x, dtype=float))))


def _evenly(values: tuple[float, ...], n: int) -> Array:
    return np.interp(np.linspace(0.0, 1.0, n), np.linspace(0.0, 1.0, len(values)), values)


class _Telling:
    """The story of one client, told month by month."""

    def __init__(
        self, theta: Array, catalogue: Catalogue, profile: Profile, months: int, until: date, rng: np.random.Generator
    ) -> None:
        n = months if profile.months is None else profile.months
        if n < 1:
            raise InvalidRecord(f"profile {profile.name!r}: at least one month is needed; {n} came.")
        self.theta, self.catalogue, self.profile, self.until, self.rng = theta, catalogue, profile, until, rng
        self.last = last_whole_month(until)
        self.first = self.last - n + 1
        self.layout = Layout.of(catalogue)
        self.strain = self._strain(month_number(until) - self.first + 1)
        self.strain_today = self.strain[-1].copy()
        self.price_factor = Decimal(1)
        self.ended_on: date | None = None
        self.checkins: list[CheckIn] = []
        self.sightings: list[Sighting] = []
        self.invoices: list[Invoice] = []
        self.hours: list[Hours] = []
        self.events: list[Event] = []

    def tell(self) -> "_Telling":
        n = self.last - self.first + 1
        volume = _evenly(self.profile.volume, n)
        ticks: list[Sighting] = []
        for t in range(n):
            month = month_start(self.first + t)
            price = self.price_factor
            self._planned(t, month)
            if month in self.profile.pauses:
                continue
            x = self.strain[t]
            busy = float(volume[t]) * self.profile.season[month.month - 1]
            worked = self._work(x, month, busy) if busy > 0 else 0.0
            if self.profile.invoices and busy > 0:
                self._invoice(x, month, self._amount(price, worked, busy))
            if self.rng.random() < self.profile.checkin_odds:
                # What a skipped check-in did not ask is not recorded, else seeing would depend on what there was.
                ticks += self._check_in(x, month)
            if self._leaves(x, t, n):
                self.ended_on = self.ended_on or month_start(self.first + t + 1) - timedelta(days=1)
            if self.ended_on is not None:
                break
        covered = self._covered()
        self.sightings += [
            s for s in ticks if month_number(s.on) not in covered.get(self.catalogue[s.sign].measured_by or "", set())
        ]
        return self

    @property
    def records(self) -> Records:
        p = self.profile
        client = Client(
            name=p.name, currency=p.currency, since=month_start(self.first), billing=p.billing,
            rate_per_hour=self._priced(p.rate_per_hour), fee_per_month=self._priced(p.fee_per_month),
            agreed_hours_per_month=float(p.agreed_hours_per_month), payment_terms_days=p.payment_terms_days,
            notice_days=p.notice_days, committed_hours=p.committed_hours, standing_signs=p.standing_signs,
            ended_on=self.ended_on, ended_by=None if self.ended_on is None else "client",
        )  # fmt: skip
        return Records(
            clients=(client,), checkins=tuple(self.checkins),
            sightings=tuple(sorted(self.sightings, key=lambda s: (s.on, s.sign))),
            invoices=tuple(self.invoices), hours=tuple(self.hours),
            events=tuple(sorted(self.events, key=lambda e: e.on)),
        )  # fmt: skip

    def _strain(self, n: int) -> Array:
        rho = self.theta[at.PERSISTENCE : at.PERSISTENCE + N_TRAITS]
        shocks = self.rng.standard_normal((n, N_TRAITS))
        u = shocks.copy()
        for t in range(1, n):
            u[t] = rho * u[t - 1] + np.sqrt(1.0 - rho**2) * shocks[t]
        strain = u @ self.theta[at.FACTOR : at.FACTOR + N_TRAITS**2].reshape(N_TRAITS, N_TRAITS).T
        early = LEFT_AFTER_A_MONTH ** np.arange(n)
        strain += early[:, None] * self.theta[at.EARLY : at.EARLY + N_TRAITS]
        for trait, given in self.profile.strain.items():
            j = TRAITS.index(trait)
            strain[:, j] = _evenly(given, n) if isinstance(given, tuple) else given + self.profile.drift * strain[:, j]
        standing = [sign.id for sign in self.catalogue.standing]
        for sign in self.profile.standing_signs:
            self.catalogue[sign]
            if sign in standing and not isinstance(self.profile.strain.get("fit"), tuple):
                strain[:, FIT] += self.theta[at.STANDING + standing.index(sign)]
        return strain

    def _planned(self, t: int, month: date) -> None:
        name = self.profile.name
        self.sightings += [
            replace(s, client=name) for s in self.profile.sightings if month_number(s.on) == month_number(month)
        ]
        for event in self.profile.events:
            if month_number(event.on) != month_number(month):
                continue
            told = replace(event, client=name)
            if event.kind == "renegotiation":
                told = replace(told, result=event.result or self._outcome(event, self.strain[t]))
                self._agree(told, t)
            self.events.append(told)

    def _outcome(self, ask: Event, x: Array) -> Outcome:
        th = self.theta
        eta = (
            float(x @ th[at.ASK_SLOPES : at.ASK_SLOPES + N_TRAITS])
            + th[at.ASK_PRICE] * (ask.ask_price_pct or 0.0) / 10.0
        )
        eta += th[at.ASK_SCOPE] * ask.ask_scope + th[at.ASK_TERMS] * ask.ask_terms
        refused = self.rng.random() > _sigmoid(th[at.ASK_CUTS : at.ASK_CUTS + 3] - eta)
        outcome: Outcome = get_args(Outcome)[int(refused.sum())]
        return outcome

    def _agree(self, ask: Event, t: int) -> None:
        if ask.result == "refused_left":
            self.ended_on = ask.on
        share = {"accepted": 1.0, "partly": PARTLY_SHARE}.get(ask.result or "", 0.0)
        # A trajectory that was given is the strain itself; an agreement does not move it.
        for j, trait, relief, asked in (
            (DEMAND, "demand", self.theta[at.RELIEF_SCOPE], ask.ask_scope),
            (PAYMENT, "payment", self.theta[at.RELIEF_TERMS], ask.ask_terms),
        ):
            if not any(trait == given and isinstance(v, tuple) for given, v in self.profile.strain.items()):
                self.strain[t + 1 :, j] -= share * asked * relief
                self.strain_today[j] -= share * asked * relief
        self.price_factor *= 1 + Decimal(str(share)) * Decimal(str(ask.ask_price_pct or 0.0)) / 100

    def _work(self, x: Array, month: date, busy: float) -> float:
        log_ratio = self.theta[at.HOURS_SHIFT] + self.theta[at.HOURS_SLOPE] * x[DEMAND]
        log_ratio += self.theta[at.HOURS_SCALE] * self.rng.standard_normal()
        total = min(self.profile.agreed_hours_per_month * busy * float(np.exp(log_ratio)), MOST_HOURS)
        quarters = max(1, round(QUARTER_HOURS * total))
        if not self.profile.hours:
            return quarters / QUARTER_HOURS
        name, entries = self.profile.name, min(self.profile.hours_entries, quarters)
        if not entries:
            self.hours.append(Hours(client=name, on=month, hours=quarters / QUARTER_HOURS, whole_month=True))
        else:
            shares = 1 + self.rng.multinomial(quarters - entries, np.full(entries, 1.0 / entries))
            days = sorted(self.rng.choice(28, size=entries))
            self.hours += [
                Hours(client=name, on=month + timedelta(days=int(day)), hours=int(share) / QUARTER_HOURS)
                for day, share in zip(days, shares, strict=True)
            ]
        return quarters / QUARTER_HOURS

    def _amount(self, price: Decimal, worked: float, busy: float) -> Decimal:
        p = self.profile
        if p.billing == "hourly":
            amount = (p.rate_per_hour or Decimal(0)) * Decimal(str(worked))
        else:
            amount = (p.fee_per_month or Decimal(0)) * Decimal(str(busy if p.billing == "fixed" else 1.0))
        return (amount * price).quantize(CENT)

    def _priced(self, amount: Decimal | None) -> Decimal | None:
        return None if amount is None else (amount * self.price_factor).quantize(CENT)

    def _invoice(self, x: Array, month: date, amount: Decimal) -> None:
        th, p = self.theta, self.profile
        issued = month_start(month_number(month) + 1) - timedelta(days=1)
        uniform = self.rng.random()
        log_paid = log_days(p.payment_terms_days) + th[at.INVOICE_SHIFT] + th[at.INVOICE_SLOPE] * x[PAYMENT]
        log_paid += th[at.INVOICE_SCALE] * np.log(uniform / (1.0 - uniform))
        days = min(float(np.exp(min(log_paid, 30.0))) - PAYMENT_RUN_DAYS, LONGEST_DAYS_TO_PAY)
        never = self.rng.random() < _sigmoid(th[at.NEVER_BASE] + th[at.NEVER_SLOPE] * x[PAYMENT])
        paid_on = None if never else issued + timedelta(days=max(0, round(days)))
        given_up = never and p.write_off_after_days is not None
        self.invoices.append(
            Invoice(
                client=p.name,
                number=f"{month:%Y-%m}",
                issued=issued,
                due=issued + timedelta(days=p.payment_terms_days),
                amount=amount,
                currency=p.currency,
                paid_on=paid_on if paid_on is not None and paid_on <= self.until else None,
                written_off=amount if given_up and (self.until - issued).days >= p.write_off_after_days else None,  # type: ignore[operator]
            )
        )

    def _check_in(self, x: Array, month: date) -> list[Sighting]:
        th, name = self.theta, self.profile.name
        pull = float(th[at.ENERGY_SLOPES : at.ENERGY_SLOPES + 3] @ x[[DEMAND, CONDUCT, FIT]])
        rating = 1 + int((self.rng.random() > _sigmoid(th[at.ENERGY_CUTS : at.ENERGY_CUTS + 4] + pull)).sum())
        self.checkins.append(CheckIn(client=name, month=month, energy=rating))
        rate = np.exp(th[at.REFERRAL_BASE] - th[at.REFERRAL_SLOPES] * x[CONDUCT] - th[at.REFERRAL_SLOPES + 1] * x[FIT])
        for _ in range(self.rng.poisson(min(rate, 20.0))):
            self.events.append(Event(client=name, on=self._some_day(month), kind="referral"))
        ticks = []
        for k, sign in enumerate(self.catalogue.ticked):
            weight = HOURLY_WEAKENING if sign.weaker_when_hourly and self.profile.billing == "hourly" else 1.0
            slope = th[self.layout.sign_strength + k] * weight
            eta = th[self.layout.sign_base + k] + slope * x[TRAITS.index(sign.trait)]
            if self.rng.random() < _sigmoid(eta):
                ticks.append(Sighting(client=name, on=self._some_day(month), sign=sign.id))
        return ticks

    def _some_day(self, month: date) -> date:
        return month + timedelta(days=int(self.rng.integers(28)))

    def _leaves(self, x: Array, t: int, n: int) -> bool:
        hazard = _sigmoid(
            self.theta[at.LEAVE_BASE] + float(self.theta[at.LEAVE_SLOPES : at.LEAVE_SLOPES + N_TRAITS] @ x)
        )
        return bool(self.rng.random() < hazard) and self.profile.leaves and t < n - 1

    def _covered(self) -> dict[str, set[int]]:
        # Months in which a measured sign is read from invoices or hours, so that nobody ticks it.
        # Hours are read once the month is over, and against those agreed; until then the tick is what there is.
        running = month_number(self.until)
        hours = {month_number(h.on) for h in self.hours if self.profile.agreed_hours_per_month} - {running}
        invoices: set[int] = set()
        for i in self.invoices:
            invoices.update(range(month_number(i.issued), month_number(i.paid_on or self.until) + 1))
        return {"hours": hours, "invoices": invoices, "hours+invoices": hours & invoices}
