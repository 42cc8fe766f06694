"""A posterior made by hand: firms whose strain, market and futures are drawn from a few plain numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from model.forecast import Ask, Forecast, Market, Outlook, Paths
from model.settings import Settings
from model.terms import OpenInvoice, Terms

TODAY = date(2026, 11, 1)


@dataclass(frozen=True)
class Firm:
    outlook: Outlook
    terms: tuple[Terms, ...]
    settings: Settings

    def with_settings(self, **changes: Any) -> "Firm":
        return replace(self, settings=replace(self.settings, **changes))

    def with_terms(self, **changes: Any) -> "Firm":
        return replace(self, terms=tuple(replace(term, **owing(changes)) for term in self.terms))


def owing(changes: dict[str, Any]) -> dict[str, Any]:
    """Changes to terms in which `open_invoices` is the amount of one invoice, issued today."""
    if "open_invoices" not in changes:
        return changes
    fresh = OpenInvoice(amount=changes["open_invoices"], days_open=0, terms_days=30)
    return {name: value for name, value in changes.items() if name != "open_invoices"} | {"owed": (fresh,)}


def make_firm(
    clients: int = 3,
    samples: int = 400,
    months: int = 12,
    seed: int = 1,
    *,
    hazard: float = 0.04,
    win_rate: float = 0.3,
    strain: float = 0.0,
    capacity: float | None = None,
    ask: Ask | None = None,
    wear: float = 0.0,
    newcomers: int = 9,
    **terms: Any,
) -> Firm:
    """Hazards, hours, payment and energy are constant over the months and differ by draw and client."""
    rng = np.random.default_rng(seed)
    names = tuple(f"client {i}" for i in range(clients))
    settings = Settings(
        horizon_months=months,
        capacity_hours_per_month=40.0 * clients if capacity is None else capacity,
        price_of_strain=Decimal(200),
        reserve_value_per_hour=Decimal(20),
    )
    level = strain + rng.normal(size=(samples, clients))

    def forecast(who: tuple[str, ...], x: np.ndarray) -> Forecast:
        chance = np.clip(hazard * np.exp(0.4 * x), 0, 0.9)
        return Forecast(
            clients=who,
            alive=(1 - chance)[:, :, None] ** np.arange(months + 1),
            hours_ratio=np.repeat(np.exp(0.15 * x)[:, :, None], months, axis=2),
            never_paid=np.repeat(np.clip(0.03 * np.exp(0.5 * x), 0, 0.8)[:, :, None], months, axis=2),
            days_to_pay=np.repeat((30 * np.exp(0.3 * x))[:, :, None], months, axis=2),
            energy=np.repeat((1 + 4 / (1 + np.exp(x)))[:, :, None], months, axis=2),
            referrals=np.repeat((0.05 * np.exp(-0.4 * x))[:, :, None], months, axis=2),
        )

    base = forecast(names, level)
    accepted, partly = forecast(names, level - 0.6), forecast(names, level - 0.3)
    newcomer = forecast(("newcomer",), rng.normal(size=(samples, 1)))
    refuse = np.clip(0.3 + 0.1 * level, 0.05, 0.8)
    outcomes = np.stack([0.5 * (1 - refuse), 0.5 * (1 - refuse), 0.7 * refuse, 0.3 * refuse], axis=2)
    market = Market(
        win_rate=np.clip(win_rate * np.exp(0.3 * rng.normal(size=samples)), 0.001, 0.99),
        fee_per_month=3000 * np.exp(0.2 * rng.normal(size=samples)),
        hours_per_month=40 * np.exp(0.1 * rng.normal(size=samples)),
        fee_log_sd=np.full(samples, 0.4),
    )
    outlook = Outlook(
        asks=(ask or Ask(),) * clients,
        base=base,
        accepted=accepted,
        partly=partly,
        newcomer=newcomer,
        outcomes=outcomes,
        base_paths=paths_from(base, rng),
        accepted_paths=paths_from(accepted, rng),
        partly_paths=paths_from(partly, rng),
        newcomer_paths=paths_from(newcomer, rng, newcomers),
        market=market,
        wear=np.full(samples, wear),
        payment_spread=np.full(samples, 0.15),
    )
    plain: dict[str, Any] = {
        "billing": "retainer",
        "fee_per_month": 2800.0,
        "agreed_hours": 40.0,
        "rate_per_hour": None,
        "billable_share": 1.0,
        "notice_months": 1.0,
        "exit_date": date(2026, 12, 1),
        "payment_terms_days": 30.0,
        "owed": (),
        "prepaid": 0.0,
        "committed_hours": 0.0,
        "months_left_of_contract": None,
        "caveats": (),
    }
    return Firm(outlook, tuple(Terms(client=name, **(plain | owing(terms))) for name in names), settings)


def paths_from(forecast: Forecast, rng: np.random.Generator, copies: int | None = None) -> Paths:
    """One future per draw from the forecast itself; `copies` successive ones of a single client."""

    def wide(array: np.ndarray) -> np.ndarray:
        return array if copies is None else np.repeat(array, copies, axis=1)

    alive, ratio = wide(forecast.alive), wide(forecast.hours_ratio)
    uniform = rng.random(alive.shape[:2])
    return Paths(
        clients=forecast.clients if copies is None else tuple(f"newcomer {i}" for i in range(copies)),
        left_in=(uniform[:, :, None] < alive[:, :, 1:]).sum(axis=2),
        hours_ratio=ratio * np.exp(0.2 * rng.normal(size=ratio.shape) - 0.02),
        paid=(rng.random(ratio.shape) >= wide(forecast.never_paid)).astype(float),
        days_to_pay=wide(forecast.days_to_pay) * rng.exponential(size=ratio.shape),
        energy=wide(forecast.energy) + 0.5 * rng.normal(size=ratio.shape),
        referrals=rng.poisson(wide(forecast.referrals)).astype(float),
    )


@pytest.fixture(scope="session")
def firm() -> Callable[..., Firm]:
    return make_firm
