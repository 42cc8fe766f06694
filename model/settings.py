"""The user's economics and policy: what a month, an hour and a quiet evening are worth to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any, Literal, NoReturn, get_args

from model.errors import InvalidSettings, MissingRate
from model.language import phrase
from model.remembered import Alias, TableMap

Situation = Literal["ordinary", "late_payer", "friend_or_family", "abuse"]
PriorSet = Literal["sceptical", "neutral", "hopeful"]
Language = Literal["en", "bg", "da", "de", "hu", "ro"]
Others = Literal["keep", "renegotiate", "best"]
LEAST_ACCEPTED = 0.2  # of new clients; a stricter rule has too few simulated ones to tell by
LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class DealBreaker:
    """A policy above the sums: once `sign` was seen on `sightings` days, leave, whatever the money says.

    One is the first time; two is a repetition on a later day, after the client could be told.
    """

    sign: str
    sightings: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitLine:
    """The user's own words for a moment of leaving, in place of the shipped ones; blanks as in `data/leaving.toml`."""

    situation: str
    moment: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The user is 90 % sure that what the prior `name` speaks of lies between `low` and `high`, in the prior's unit."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """One unit of `currency` was worth `rate` units of the portfolio's currency on `on`, by the user's word."""

    currency: str
    on: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What the user expects of the market for a new client; logged searches update it.

    None for fee or hours means: the median of the present clients. `at_most` is how many of them may take the place of
    one client; None means as many as their hours hold.
    """

    fee_per_month: Decimal | None = None
    hours_per_month: float | None = None
    months_to_win: float = 3.0
    search_cost_per_month: Decimal = Decimal(0)
    search_hours_per_month: float = 6.0
    ramp_up_months: float = 1.0
    at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds the joint plan must keep; None means no bound."""

    searches_at_once: int = 1
    largest_client_share: float | None = None
    low_paying_hours_share: float | None = None
    cash_probability: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named what-if: what is otherwise than in the settings, and what is done with whom. None leaves things be.

    Parameters
    ----------
    others
        What is done with every client not in `drop`: `keep`, `renegotiate`, or `best`, what the verdict says.
    raise_pct
        What everyone is asked to pay more, in percent, when renegotiating; None asks each for the best thing.
    scope, terms
        Whether everyone is asked for a cap on scope, and for better payment terms, too.
    drop
        Names of clients to drop.
    take
        Names of prospects to take on.
    odds
        Probability that those taken on say yes, in place of what is said of each.
    accepted
        Share of other new clients that is taken, the best ones by their early signs; None screens nobody.
    months_to_win, replacement_fee, replacement_hours, replacements
        The market for new clients, and how many of them may take the place of one dropped client.
    """

    name: str
    others: str = "keep"
    raise_pct: float | None = None
    scope: bool | None = None
    terms: bool | None = None
    drop: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    odds: float | None = None
    accepted: float | None = None
    horizon_months: int | None = None
    reserve_value_per_hour: Decimal | None = None
    price_of_strain: Decimal | None = None
    capacity_hours_per_month: float | None = None
    months_to_win: float | None = None
    replacement_fee: Decimal | None = None
    replacement_hours: float | None = None
    replacements: int | None = None

    @property
    def doing(self) -> str:
        """What is done with the `others`: whom the scenario keeps and asks for something, it renegotiates with."""
        asks = self.raise_pct is not None or self.scope or self.terms
        return "renegotiate" if asks and self.others == "keep" else self.others

    def applied(self, settings: "Settings") -> "Settings":
        """The settings as they are in the scenario.

        Raises
        ------
        InvalidSettings
            If a value is outside its range.
        """
        market: dict[str, Any] = {
            "months_to_win": self.months_to_win,
            "fee_per_month": self.replacement_fee,
            "hours_per_month": self.replacement_hours,
            "at_most": self.replacements,
        }
        plain = ("horizon_months", "reserve_value_per_hour", "price_of_strain", "capacity_hours_per_month")
        said: dict[str, Any] = {name: getattr(self, name) for name in plain}
        other = replace(settings.replacement, **{name: value for name, value in market.items() if value is not None})
        return replace(settings, **{name: v for name, v in said.items() if v is not None}, replacement=other)


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
    reputation_cost
        What word of having left a client may cost, once for each one left.
    cooling_off_days
        Days after an entry in anger in which no verdict says to drop.
    least_lead
        Share of what the future may bring anyway (the 80 % interval) that a lead must reach, else it is too close to
        call.
    least_p_best
        Probability of being best that an action must reach, else it is too close to call.
    deal_breakers, exit_lines
        Policies above the sums; the user's own words for leaving.
    prior_set, beliefs
        The set of priors to start from, and the user's own intervals, which stand in place of the set's.
    scenarios
        Saved what-ifs, by name.
    language
        In which the signs are called and asked, one of `Language`.
    aliases, table_maps
        What imports were told: who is who, and which column is what.

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
    reputation_cost: Decimal = Decimal(0)
    cooling_off_days: int = 3
    least_lead: float = 0.02
    least_p_best: float = 0.5
    deal_breakers: tuple[DealBreaker, ...] = DEFAULT_DEAL_BREAKERS
    replacement: Replacement = field(default_factory=Replacement)
    limits: Limits = field(default_factory=Limits)
    exchange_rates: tuple[ExchangeRate, ...] = ()
    exit_lines: tuple[ExitLine, ...] = ()
    prior_set: str = "neutral"
    beliefs: tuple[Belief, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    language: str = "en"
    aliases: tuple[Alias, ...] = ()
    table_maps: tuple[TableMap, ...] = ()

    def __post_init__(self) -> None:
        code = self.currency
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            _refuse("currency must be a three-letter code such as EUR; {currency!r} came.", currency=self.currency)
        if self.language not in get_args(Language):
            _refuse(
                "language must be one of {known}; {language!r} came.",
                known=", ".join(get_args(Language)),
                language=self.language,
            )
        _within(self.horizon_months, 1, 120, "horizon_months")
        _within(self.discount_rate, 0, 1, "discount_rate")
        _within(self.reserve_value_per_hour, 0, 10_000, "reserve_value_per_hour")
        _within(self.price_of_strain, 0, 1_000_000, "price_of_strain")
        _within(self.capacity_hours_per_month, 0, 100_000, "capacity_hours_per_month")
        _within(self.cash, -1e12, 1e12, "cash")
        _within(self.cash_floor, -1e12, 1e12, "cash_floor")
        _within(self.fixed_costs_per_month, 0, 1e12, "fixed_costs_per_month")
        _within(self.reputation_cost, 0, 1e12, "reputation_cost")
        _within(self.cooling_off_days, 0, 365, "cooling_off_days")
        _within(self.least_lead, 0, 1, "least_lead")
        _within(self.least_p_best, 0, 1, "least_p_best")
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
        if market.at_most is not None:
            _within(market.at_most, 1, 100, "replacement.at_most")
        _within(self.limits.searches_at_once, 0, 100, "limits.searches_at_once")
        _within(self.limits.cash_probability, 0, 1, "limits.cash_probability")
        for share in ("largest_client_share", "low_paying_hours_share"):
            if (value := getattr(self.limits, share)) is not None:
                _within(value, 0, 1, f"limits.{share}")
        for breaker in self.deal_breakers:
            _within(breaker.sightings, 1, 100, f"deal_breakers.{breaker.sign}")
        _check_lines(self.exit_lines)
        _check_beliefs(self.prior_set, self.beliefs)
        _check_scenarios(self)
        _check_once("aliases", [alias.written for alias in self.aliases])
        _check_once("table_maps", [known.header for known in self.table_maps])
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
                phrase(
                    "an amount in {currency} meets a portfolio in {own}: give an exchange "
                    "rate for {currency} in the settings; nothing is converted silently.",
                    currency=currency,
                    own=self.currency,
                )
            )
        earlier = [rate for rate in rates if rate.on <= on]
        chosen = max(earlier, key=lambda r: r.on) if earlier else min(rates, key=lambda r: r.on)
        return amount * chosen.rate


def _check_lines(lines: tuple[ExitLine, ...]) -> None:
    if len({(line.situation, line.moment) for line in lines}) != len(lines):
        _refuse("exit_lines holds two texts for the same situation and moment; keep one of them.")
    for line in lines:
        if line.situation not in get_args(Situation):
            known = ", ".join(get_args(Situation))
            _refuse(
                "exit_lines: the situation must be one of {known}; {situation!r} came.",
                known=known,
                situation=line.situation,
            )
        if not line.moment.strip() or not line.text.strip():
            _refuse("exit_lines: a line needs a moment and a text; delete it to have the usual words back.")
        text = line.moment + line.text
        # An unpaired surrogate has no UTF-8 form, and no file can hold it.
        if len(text) > LONGEST_LINE or "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            _refuse(
                "exit_lines: a line has at most {longest_line} characters, no NUL and no half "
                "characters; {text!r} came.",
                longest_line=LONGEST_LINE,
                text=line.text[:40],
            )


def _check_beliefs(prior_set: str, beliefs: tuple[Belief, ...]) -> None:
    if prior_set not in get_args(PriorSet):
        _refuse(
            "prior_set must be one of {known}; {prior_set!r} came.",
            known=", ".join(get_args(PriorSet)),
            prior_set=prior_set,
        )
    if len({belief.name for belief in beliefs}) != len(beliefs):
        _refuse("beliefs holds two intervals for the same prior; keep one of them.")
    for belief in beliefs:
        _within(belief.low, -1e6, 1e6, phrase("the low end of {name!r}", name=belief.name))
        _within(belief.high, -1e6, 1e6, phrase("the high end of {name!r}", name=belief.name))
        if not belief.low < belief.high:
            _refuse(
                "the low end of {name!r} must lie below the high end; {low:g} to {high:g} came.", name=belief.name,
                low=belief.low, high=belief.high,
            )  # fmt: skip


def _check_once(name: str, keys: Sequence[object]) -> None:
    doubled = next((key for key in keys if keys.count(key) > 1), None)
    if doubled is not None:
        _refuse("{name} holds two entries for {doubled!r}; keep one of them.", name=name, doubled=doubled)


def _check_scenarios(settings: Settings) -> None:
    if len({scenario.name for scenario in settings.scenarios}) != len(settings.scenarios):
        _refuse("scenarios holds two of the same name; give one of them another.")
    bare = replace(settings, scenarios=()) if settings.scenarios else settings
    for scenario in settings.scenarios:
        name = scenario.name
        # An unpaired surrogate has no UTF-8 form, and no file can hold it.
        if not name.strip() or len(name) > 80 or not name.isprintable():
            _refuse("a scenario needs a name of at most 80 letters on one line; {name!r} came.", name=name[:80])
        if scenario.others not in get_args(Others):
            _refuse(
                "scenario {name!r}: others must be one of {others}; {scenario_others!r} came.", name=name,
                others=", ".join(get_args(Others)), scenario_others=scenario.others,
            )  # fmt: skip
        for value, low, high, what in (
            (scenario.raise_pct, 0, 100, phrase("raise_pct of scenario {name!r}", name=name)),
            (scenario.odds, 0, 1, phrase("odds of scenario {name!r}", name=name)),
            (scenario.accepted, LEAST_ACCEPTED, 1, phrase("accepted of scenario {name!r}", name=name)),
        ):
            if value is not None:
                _within(value, low, high, what)
        try:
            scenario.applied(bare)
        except InvalidSettings as error:
            raise InvalidSettings(phrase("scenario {name!r}: {error}", name=name, error=error)) from error


def _within(value: float | Decimal | int, low: float, high: float, name: str) -> None:
    # math.isfinite raises on a signalling NaN, which a settings file can hold.
    finite = value.is_finite() if isinstance(value, Decimal) else isfinite(value)
    if not finite or not low <= value <= high:
        _refuse(
            "{name} must lie between {low:,.15g} and {high:,.15g}; {value} came.",
            name=name,
            low=low,
            high=high,
            value=f"{value:f}" if isinstance(value, Decimal) else value,
        )


def _refuse(text: str, /, **values: object) -> NoReturn:
    raise InvalidSettings(phrase(text, **values))
