"""The user's economics and policy: what a month, an hour and a quiet evening are worth to them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import isfinite

from model.errors import InvalidSettings, MissingRate


@dataclass(frozen=True, slots=True, kw_only=True)
class DealBreaker:
    """A policy above the sums: after `sightings` of `sign` the verdict is to leave, whatever the money says."""

    sign: str
    sightings: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """One unit of `currency` was worth `rate` units of the portfolio's currency on `on`, by the user's word."""

    currency: str
    on: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What the user expects of the market for a new client; logged searches update it.

    None for fee or hours means: the median of the present clients.
    """

    fee_per_month: Decimal | None = None
    hours_per_month: float | None = None
    months_to_win: float = 3.0
    search_cost_per_month: Decimal = Decimal(0)
    search_hours_per_month: float = 6.0
    ramp_up_months: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds the joint plan must keep; None means no bound."""

    searches_at_once: int = 1
    largest_client_share: float | None = None
    low_paying_hours_share: float | None = None
    cash_probability: float = 0.9


DEFAULT_DEAL_BREAKERS = (
    DealBreaker(sign="physical_abuse"),
    DealBreaker(sign="mental_abuse", sightings=2),
    DealBreaker(sign="unethical_requests"),
    DealBreaker(sign="legal_exposure"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Economics and policy of one portfolio; all money in `currency`.

    Parameters
    ----------
    horizon_months
        How far ahead values are counted, 1 to 120.
    discount_rate
        Yearly rate at which a later euro counts less; also the cost of capital of a late payment.
    reserve_value_per_hour
        What an hour off all clients is worth to the user.
    price_of_strain
        What one point of energy (1 drained to 5 energised) for one month is worth.
    capacity_hours_per_month
        Hours the user is willing to work for clients.
    risk_tolerance
        Scale of exponential utility; None is risk-neutral.

    Raises
    ------
    InvalidSettings
        If a value is negative, not finite or outside its range.
    """

    currency: str = "EUR"
    horizon_months: int = 24
    discount_rate: float = 0.08
    reserve_value_per_hour: Decimal = Decimal(15)
    price_of_strain: Decimal = Decimal(150)
    capacity_hours_per_month: float = 140.0
    cash: Decimal = Decimal(0)
    cash_floor: Decimal = Decimal(0)
    fixed_costs_per_month: Decimal = Decimal(0)
    risk_tolerance: Decimal | None = None
    cooling_off_days: int = 3
    deal_breakers: tuple[DealBreaker, ...] = DEFAULT_DEAL_BREAKERS
    replacement: Replacement = field(default_factory=Replacement)
    limits: Limits = field(default_factory=Limits)
    exchange_rates: tuple[ExchangeRate, ...] = ()

    def __post_init__(self) -> None:
        code = self.currency
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise InvalidSettings(f"currency must be a three-letter code such as EUR; {self.currency!r} came.")
        _within(self.horizon_months, 1, 120, "horizon_months")
        _within(self.discount_rate, 0, 1, "discount_rate")
        _within(self.reserve_value_per_hour, 0, 10_000, "reserve_value_per_hour")
        _within(self.price_of_strain, 0, 1_000_000, "price_of_strain")
        _within(self.capacity_hours_per_month, 0, 100_000, "capacity_hours_per_month")
        _within(self.cash, -1e12, 1e12, "cash")
        _within(self.cash_floor, -1e12, 1e12, "cash_floor")
        _within(self.fixed_costs_per_month, 0, 1e12, "fixed_costs_per_month")
        _within(self.cooling_off_days, 0, 365, "cooling_off_days")
        if self.risk_tolerance is not None:
            _within(self.risk_tolerance, 0.01, 1e12, "risk_tolerance")
        market = self.replacement
        if market.fee_per_month is not None:
            _within(market.fee_per_month, 0, 1e9, "replacement.fee_per_month")
        if market.hours_per_month is not None:
            _within(market.hours_per_month, 0.1, 744, "replacement.hours_per_month")
        _within(market.months_to_win, 0.1, 240, "replacement.months_to_win")
        _within(market.search_cost_per_month, 0, 1e9, "replacement.search_cost_per_month")
        _within(market.search_hours_per_month, 0, 744, "replacement.search_hours_per_month")
        _within(market.ramp_up_months, 0, 24, "replacement.ramp_up_months")
        _within(self.limits.searches_at_once, 0, 100, "limits.searches_at_once")
        _within(self.limits.cash_probability, 0, 1, "limits.cash_probability")
        for share in ("largest_client_share", "low_paying_hours_share"):
            if (value := getattr(self.limits, share)) is not None:
                _within(value, 0, 1, f"limits.{share}")
        for breaker in self.deal_breakers:
            _within(breaker.sightings, 1, 100, f"deal_breakers.{breaker.sign}")
        for rate in self.exchange_rates:
            _within(rate.rate, 1e-9, 1e9, f"exchange_rates.{rate.currency}")

    def in_portfolio_currency(self, amount: Decimal, currency: str, on: date) -> Decimal:
        """`amount` of `currency` in the portfolio's currency, by the user's latest rate not after `on`.

        A rate given only for later days is used too (the nearest one): the user has said what the money is worth.

        Raises
        ------
        MissingRate
            If the currencies differ and no rate was given.
        """
        if currency == self.currency:
            return amount
        rates = [rate for rate in self.exchange_rates if rate.currency == currency]
        if not rates:
            raise MissingRate(
                f"an amount in {currency} meets a portfolio in {self.currency}: give an exchange rate for {currency} "
                "in the settings; nothing is converted silently."
            )
        earlier = [rate for rate in rates if rate.on <= on]
        chosen = max(earlier, key=lambda r: r.on) if earlier else min(rates, key=lambda r: r.on)
        return amount * chosen.rate


def _within(value: float | Decimal | int, low: float, high: float, name: str) -> None:
    # math.isfinite raises on a signalling NaN, which a settings file can hold.
    finite = value.is_finite() if isinstance(value, Decimal) else isfinite(value)
    if not finite or not low <= value <= high:
        raise InvalidSettings(f"{name} must lie between {low:g} and {high:g}; {value} came.")
