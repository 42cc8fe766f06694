"""Simulated firms: their records, and what every action is worth under the hidden truth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from benchmarks.decisions.platforms import Platform
from benchmarks.worlds import ahead
from benchmarks.worlds.kinds import Kind
from benchmarks.worlds.telling import Told, tell
from model.actions import ACTIONS, exit_values, net_benefit
from model.asks import PRICES, WISHES, Eased, ask_curves
from model.belief import seed_of
from model.catalogue import Catalogue
from model.days import log_days
from model.forecast import Ask, Forecast, Market, Outlook, Paths
from model.market import DAYS_PER_MONTH
from model.observations import PARTLY_SHARE, month_number, month_start
from model.parameters import INVOICE_SCALE, Array
from model.profile import Profile
from model.records import Event, Records, Search
from model.reply import Unlearned, outcome_probabilities, relief, unlearned
from model.settings import Replacement, Settings
from model.terms import Terms, terms_of

UNTIL = date(2026, 10, 31)
MONTHS = 24
FEWEST, MOST = 7, 12  # at the start; about half of them are still there two years later
FEE, HOURS = 1500.0, 20.0
# An owner counts with the overrun that is usual. In half of the firms the calendar is full then, in a quarter a tenth
# of the hours is too many, in a quarter there is room.
USUAL_OVERRUN = 1.12
FULLNESS = (0.9, 1.0, 1.0, 1.15)
NEWCOMERS_A_PATH = 8
# The market pays 75 an hour. Some clients date from before the rates were raised, and pay half of that or less.
LOWEST_RATE, HIGHEST_RATE = 30.0, 115.0
SMALLEST_WIN_RATE, POOR_WIN, POOR_FEE = 1e-4, 0.4, 0.75
LONGEST_SEARCH = 600.0
ASKED, ASK = 0.5, 10.0  # half of the clients were asked once for a tenth more, as in the model's other worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """One firm on the day of the decision.

    Parameters
    ----------
    records
        What was recorded, with settings that say what the owner believes of the market.
    clients
        The active ones, sorted.
    truth
        What the actions are worth.
    """

    kind: Kind
    records: Records
    clients: tuple[str, ...]
    truth: "Truth"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    # What a firm recorded by the day of the decision, and what is hidden behind it.
    told: Told
    records: Records
    clients: tuple[str, ...]
    market: Market


def firm(kind: Kind, platform: Platform, catalogue: Catalogue, number: int, *, n_paths: int, seed: int) -> Firm | None:
    """The firm of that number, or None where no client is left.

    Parameters
    ----------
    kind
        The world it lives in.
    platform
        What its clients and its market are drawn from.
    catalogue
        The signs.
    number, seed
        All its random numbers depend on these, the kind and the platform.
    n_paths
        Simulated futures behind the value of an action.
    """
    rng = _random(kind, platform, number, seed)
    story = _story(kind, platform, catalogue, number, rng)
    if not story.clients:
        return None
    truth = Truth.of(kind, story.told, story.records, story.clients, story.market, n_paths=n_paths, rng=rng)
    return Firm(kind=kind, records=story.records, clients=story.clients, truth=truth)


def recorded(kind: Kind, platform: Platform, catalogue: Catalogue, number: int, *, seed: int) -> Records:
    """The records of the firm of that number alone; parameters as of `firm`."""
    return _story(kind, platform, catalogue, number, _random(kind, platform, number, seed)).records


def _random(kind: Kind, platform: Platform, number: int, seed: int) -> np.random.Generator:
    return seed_of(f"{kind.name} {platform.name} {number}", seed)


def _story(kind: Kind, platform: Platform, catalogue: Catalogue, number: int, rng: np.random.Generator) -> _Story:
    profiles = [_client(i, rng) for i in range(int(rng.integers(FEWEST, MOST + 1)))]
    expected = Replacement(fee_per_month=Decimal(int(FEE)), hours_per_month=HOURS)
    settings = Settings(replacement=expected, deal_breakers=())
    told = tell(
        kind, platform.theta(number), catalogue, profiles, months=MONTHS, until=UNTIL, rng=rng, settings=settings
    )
    records = told.world.records
    clients = tuple(client.name for client in records.active(UNTIL))
    booked = sum(c.agreed_hours_per_month or 0.0 for c in records.clients if c.name in clients)
    # Nobody is left where nothing is booked; such a firm has nothing to decide.
    capacity = USUAL_OVERRUN * max(booked, HOURS) * float(rng.choice(FULLNESS))
    market = _true_market(kind, platform.market_of(number, expected, FEE, HOURS))
    return _Story(
        told=told,
        records=replace(
            records,
            settings=replace(settings, capacity_hours_per_month=capacity),
            searches=_searches(records, market, rng),
        ),
        clients=clients,
        market=market,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Today's hidden state of a firm's clients, and simulated futures that go on from it.

    Parameters
    ----------
    theta, strain
        Shapes (1, parameter) and (1, client, trait): the population and today's strain.
    paths
        Shape (path, client, month, trait): strain to come if nothing is agreed. The same for every action and ask.
    newcomer, market
        What truly comes of a search.
    """

    kind: Kind
    clients: tuple[str, ...]
    theta: Array
    agreed: Array
    strain: Array
    paths: Array
    newcomer: Forecast
    market: Market
    apart: Unlearned
    terms: tuple[Terms, ...]
    settings: Settings

    @staticmethod
    def of(
        kind: Kind, told: Told, records: Records, clients: tuple[str, ...], market: Market, *, n_paths: int,
        rng: np.random.Generator,
    ) -> "Truth":  # fmt: skip
        """Simulate the futures of the active `clients`."""
        theta, settings = told.world.theta, records.settings
        mine = [told.world.clients.index(name) for name in clients]
        terms = tuple(terms_of(records, name, UNTIL) for name in clients)
        agreed = np.array([log_days(term.payment_terms_days) for term in terms])
        months = settings.horizon_months

        def many(values: Array) -> Array:
            return np.repeat(values[mine][None], n_paths, axis=0)

        strain_ahead = ahead.strain_ahead(
            kind, theta, many(told.latent), many(told.apart), many(told.bad), told.early[mine], months, rng
        )
        newcomers = ahead.newcomers_ahead(kind, theta, NEWCOMERS_A_PATH * n_paths, months, rng)
        typical = ahead.expected(kind, theta, newcomers, np.array([np.median(agreed)]), ("newcomer",))
        return Truth(
            kind=kind,
            clients=clients,
            theta=theta[None],
            agreed=agreed,
            strain=told.world.strain_today[mine][None],
            paths=strain_ahead,
            newcomer=ahead.on_average(typical),
            market=market,
            apart=unlearned(1, seed=int(rng.integers(2**31))),
            terms=terms,
            settings=settings,
        )

    def values(self, asks: tuple[Ask, ...]) -> Array:
        """Expected discounted value of every action (client, action), after a refusal the truly better of the two.

        Parameters
        ----------
        asks
            What each client is asked for.
        """
        return self.values_with(asks, (None,))[0]

    def values_with(self, asks: tuple[Ask, ...], choices: Sequence[NDArray[np.bool_] | None]) -> list[Array]:
        """The same for several choices of what follows a refusal.

        Parameters
        ----------
        asks
            What each client is asked for.
        choices
            Whether one goes on with a client who refuses and stays (client). None takes what is truly better.
        """
        outlook = self._outlook(asks)
        worth = np.asarray(net_benefit(outlook, self.terms, self.settings).values[0])
        keep = worth[:, place_of("keep")]
        # Whoever refuses is left after the month of talks.
        left = exit_values(outlook, self.terms, self.settings, 1).values[0, :, -1]
        told = []
        for keeps in choices:
            chosen = worth.copy()
            if keeps is not None:
                lost = np.where(keeps, keep, left) - np.maximum(keep, left)
                chosen[:, place_of("renegotiate")] += outlook.outcomes[0, :, 2] * lost
            told.append(chosen)
        return told

    def best_asks(self) -> tuple[Ask, ...]:
        """The ask that truly gains most with each client."""
        outlook = self._outlook((WISHES[0],) * len(self.clients))
        curves = ask_curves(
            Eased(
                chosen=np.arange(len(self.theta)),
                forecasts=tuple(self._after((wish,) * len(self.clients), 1.0) for wish in WISHES),
            ),
            self.theta, self.strain, newcomer=self.newcomer, newcomer_paths=outlook.newcomer_paths, market=self.market,
            wear=self.apart.wear, terms=self.terms, settings=self.settings,
        )  # fmt: skip
        best = []
        for name in self.clients:
            gain = curves.of(name).copy()
            gain[0, 0] = -np.inf  # asking for nothing
            wish, price = np.unravel_index(int(gain.argmax()), gain.shape)
            best.append(replace(WISHES[int(wish)], price_pct=PRICES[int(price)]))
        return tuple(best)

    def _outlook(self, asks: tuple[Ask, ...]) -> Outlook:
        nothing = np.zeros((1, 1, 1))
        nobody = Paths(
            clients=("newcomer",), left_in=np.zeros((1, 1), dtype=np.int64), hours_ratio=nothing, paid=nothing,
            days_to_pay=nothing, energy=nothing, referrals=nothing,
        )  # fmt: skip
        return Outlook(
            asks=asks,
            base=self._after(asks, 0.0),
            accepted=self._after(asks, 1.0),
            partly=self._after(asks, PARTLY_SHARE),
            newcomer=self.newcomer,
            outcomes=outcome_probabilities(self.theta, self.strain, asks),
            # Only expectations are taken, which look at no path.
            base_paths=nobody,
            accepted_paths=nobody,
            newcomer_paths=nobody,
            market=self.market,
            wear=self.apart.wear,
            payment_spread=self.theta[:, INVOICE_SCALE],
        )

    def _after(self, asks: tuple[Ask, ...], share: float) -> Forecast:
        strain = self.paths
        if share:
            strain = strain - share * relief(self.theta, asks, self.apart)[:, :, None]
        # One sample that holds the mean of the futures: nothing is known better than that before they come.
        return ahead.on_average(ahead.expected(self.kind, self.theta[0], strain, self.agreed, self.clients))


def place_of(action: str) -> int:
    """Place of an action on the last axis of values."""
    return ACTIONS.index(action)


def _client(number: int, rng: np.random.Generator) -> Profile:
    hours = float(rng.choice([8, 12, 16, 24, 32]))
    rate = Decimal(int(np.exp(rng.uniform(np.log(LOWEST_RATE), np.log(HIGHEST_RATE)))))
    hourly = rng.random() < 0.5
    name = f"client {number + 1:02d}"
    asked_in = month_start(month_number(UNTIL) - int(rng.integers(MONTHS))).replace(day=15)
    asked = Event(client=name, on=asked_in, kind="renegotiation", ask_price_pct=ASK)
    return Profile(
        name=name,
        billing="hourly" if hourly else "retainer",
        rate_per_hour=rate if hourly else None,
        fee_per_month=None if hourly else rate * int(hours),
        agreed_hours_per_month=hours,
        payment_terms_days=int(rng.choice([14, 30])),
        events=(asked,) if rng.random() < ASKED else (),
    )


def _searches(records: Records, market: Market, rng: np.random.Generator) -> tuple[Search, ...]:
    """One search for every client who left, as the market truly is. Whoever was won is not among the clients."""
    win_a_month = -np.log1p(-float(market.win_rate[0]))
    searches = []
    for gone in sorted(client.ended_on for client in records.clients if client.ended_on is not None):
        months = min(LONGEST_SEARCH, float(rng.exponential(1.0 / win_a_month)))
        won = gone + timedelta(days=round(DAYS_PER_MONTH * months))
        spread = float(market.fee_log_sd[0])
        hours, an_hour = (
            mean[0] * np.exp(spread * rng.standard_normal() - spread**2 / 2)
            for mean in (market.hours_per_month, market.fee_per_month / market.hours_per_month)
        )
        found = won <= UNTIL
        searches.append(
            Search(
                opened_on=gone,
                won_on=won if found else None,
                fee_per_month=Decimal(round(hours * an_hour)) if found else None,
                hours_per_month=round(float(hours), 1) if found else None,
            )
        )
    return tuple(searches)


def _true_market(kind: Kind, believed: Market) -> Market:
    win, fee = (POOR_WIN, POOR_FEE) if kind.poor_market else (1.0, 1.0)
    rate = -np.log1p(-believed.win_rate) * win
    return replace(
        believed,
        win_rate=np.maximum(SMALLEST_WIN_RATE, -np.expm1(-rate)),
        fee_per_month=fee * believed.fee_per_month,
    )
