"""The best ask: which renegotiation is worth most with each client, and the curve around it.

What to ask for beside the price is chosen in two steps. On a few of the draws every wish is compared with the best ask,
draw by draw; one that falls behind by more than chance would have it is out of the running. What is asked for is chosen
among the others, on all draws. Where only the ask is wanted, as in a book, the others alone are worked out on all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.actions import dropped
from model.bargain import gains, worth_at_prices
from model.calendar import calendar_of
from model.case import MOST_LEADS_PER_MONTH, Case
from model.forecast import Array, Ask, Forecast, Market, Outlook, Paths
from model.kernel import packed
from model.observations import PARTLY_SHARE
from model.parameters import INVOICE_SCALE
from model.records import Records
from model.settings import Settings
from model.terms import Terms
from model.volume import NO_VOLUMES, Volumes

# Every combination of what can be asked for beside the price; the first asks for nothing.
WISHES = tuple(
    Ask(price_pct=0.0, scope=scope, terms=terms, office_hours=office_hours)
    for scope, terms, office_hours in product((False, True), repeat=3)
)
PRICES = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
# As many as a book is judged with: what asks are compared by is then its whole outlook.
N_DRAWS = 128
# A wish less, or a lower price, is preferred where it is as good: where it costs no more than this share of what the
# best ask brings, which is about as closely as the draws tell two asks apart.
SHARE_GIVEN_UP_FOR_LESS = 0.005
# On so few draws wishes are compared first; those stay in the running that are not further behind than what is given up
# for less and so many standard errors of the difference.
N_FIRST, ERRORS_BEHIND = 32, 2.0
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Eased:
    """Forecasts after each of `WISHES` is accepted, over the draws `chosen`, to compare asks by.

    The first one, after none, is of every client; others may be of those alone with whom the wish is in the running.
    """

    chosen: Places
    forecasts: tuple[Forecast, ...]

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients, in order."""
        return self.forecasts[0].clients

    def with_changed(self, changed: "Eased", clients: tuple[str, ...]) -> "Eased":
        """The same for `clients`, with those in `changed` taken from there."""
        pairs = zip(self.forecasts, changed.forecasts, strict=True)
        return replace(self, forecasts=tuple(old.with_changed(new, clients) for old, new in pairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCurves:
    """What each ask is worth above keeping a client as they are, in expectation: `gain` (client, wish, price).

    Minus infinity where it was not worked out. `running` (client, wish) is which wishes are in the running; all, where
    nothing is said.
    """

    clients: tuple[str, ...]
    gain: Array
    running: Flags | None = None

    @staticmethod
    def beside(parts: "Sequence[AskCurves]") -> "AskCurves":
        """The curves of all clients of `parts`."""
        return AskCurves(
            clients=tuple(name for part in parts for name in part.clients),
            gain=np.concatenate([part.gain for part in parts]),
            running=_joined_flags([part.running for part in parts]),
        )

    def with_only(self, client: str) -> "AskCurves":
        """The curve of one client alone.

        Raises
        ------
        ValueError
            If there is no such client.
        """
        place = self.clients.index(client)
        running = None if self.running is None else self.running[[place]]
        return AskCurves(clients=(client,), gain=self.gain[[place]], running=running)

    def of(self, client: str) -> Array:
        """The gain of one client (wish, price); axes as in `WISHES` and `PRICES`.

        Raises
        ------
        ValueError
            If there is no such client.
        """
        return np.asarray(self.gain[self.clients.index(client)])

    def best(self, client: str, granted: Ask) -> Ask:
        """The ask to make: the one that gains most, or a smaller one that gains nearly as much.

        Parameters
        ----------
        client
            Name of the client.
        granted
            What the client has agreed to before; it is not asked for again.
        """
        return self.with_only(client).best_of_each([granted])[0]

    def best_of_each(self, granted: Sequence[Ask]) -> tuple[Ask, ...]:
        """The ask to make of every client, given what each has agreed to before."""
        if not self.clients:
            return ()
        possible = np.array([open_to(one) for one in granted])
        if self.running is not None:
            possible &= self.running[:, :, None]
        gain = np.where(possible, self.gain, -np.inf)
        top = gain.max(axis=(1, 2), keepdims=True)
        # The fewest wishes, then the lowest price, then what gains most.
        size = np.where(gain >= top - _given_up(top), _SIZES, len(PRICES) * len(WISHES))
        smallest = size == size.min(axis=(1, 2), keepdims=True)
        places = np.where(smallest, gain, -np.inf).reshape(len(gain), -1).argmax(axis=1).tolist()
        return tuple(_ASKS[place] for place in places)


# How much an ask is (wish, price): first by what it asks for, then by its price.
_SIZES = np.array(
    [
        [sum((w.scope, w.terms, w.office_hours, price > 0)) * len(PRICES) + p for p, price in enumerate(PRICES)]
        for w in WISHES
    ]
)
_ASKS = tuple(replace(wish, price_pct=price) for wish in WISHES for price in PRICES)


def _given_up(top: Array) -> Array:
    return np.asarray(SHARE_GIVEN_UP_FOR_LESS * np.maximum(0.0, top))


def open_to(granted: Ask) -> Flags:
    """What can be asked of a client who has agreed to `granted` before (wish, price): anything but that and nothing."""
    return _open_to(granted.scope, granted.terms, granted.office_hours)


@cache
def _open_to(scope: bool, terms: bool, hours: bool) -> Flags:
    wishes = [not ((w.scope and scope) or (w.terms and terms) or (w.office_hours and hours)) for w in WISHES]
    possible = np.tile(np.array(wishes)[:, None], (1, len(PRICES)))
    possible[0, 0] = False
    return possible


def granted(records: Records) -> Ask:
    """What one client has agreed to in earlier renegotiations, of its own records; the price may be asked for again."""
    agreed = [event for event in records.events if event.kind == "renegotiation" and event.result == "accepted"]
    scope, terms = any(event.ask_scope for event in agreed), any(event.ask_terms for event in agreed)
    # Records keep office hours as a scope cap, so that either may be what was agreed to.
    return Ask(price_pct=0.0, scope=scope, terms=terms, office_hours=scope)


def ask_curves(
    eased: Eased,
    theta: Array,
    strain: Array,
    *,
    newcomer: Forecast,
    newcomer_paths: Paths,
    market: Market,
    wear: Array,
    terms: Sequence[Terms],
    settings: Settings,
    volumes: Volumes = NO_VOLUMES,
    everyone: tuple[Forecast, Sequence[Terms]] | None = None,
    granted: Mapping[str, Ask] | None = None,
) -> AskCurves:
    """The worth of every ask at every client, over some of the draws.

    As `model.actions.net_benefit`, but that the value after a partly accepted ask lies between those of the two
    strains it lies between. The draws are the same for every ask, so that their differences are real.

    Parameters
    ----------
    eased
        From `model.outlook.eased` with `WISHES`, each of every client.
    theta, strain, newcomer, newcomer_paths, market, wear
        Parameters, strain today, and the rest of an outlook, over all draws.
    terms, settings
        As for `model.actions.net_benefit`.
    volumes
        The hours of clients who have agreed on none, over the draws `chosen`; `eased` has the population's.
    everyone
        Forecast and terms of all clients over the draws `chosen`, where `eased` holds only some of them; with the hours
        of those who have agreed on none.
    granted
        What each client has agreed to before; nothing where nothing is said.
    """
    talks = _Talks.of(
        eased.chosen, eased.forecasts[0], theta, strain, newcomer=newcomer, newcomer_paths=newcomer_paths,
        market=market, wear=wear, terms=terms, settings=settings, volumes=volumes, everyone=everyone,
        granted=granted or {},
    )  # fmt: skip
    everybody = np.arange(len(eased.clients))
    kept, place = talks.kept([(ahead, everybody, w) for w, ahead in enumerate(eased.forecasts)], ALL)
    first = first_of(len(eased.chosen))
    running = None if first is None else talks.running(packed(kept[:, first]), place, first)
    return AskCurves(clients=eased.clients, gain=talks.gains(kept, place, ALL)[0], running=running)


def short_curves(
    chosen: Places,
    none: Forecast,
    after: Callable[[Places, Flags], Forecast],
    theta: Array,
    strain: Array,
    *,
    newcomer: Forecast,
    newcomer_paths: Paths,
    market: Market,
    wear: Array,
    terms: Sequence[Terms],
    settings: Settings,
    volumes: Volumes,
    granted: Mapping[str, Ask],
) -> tuple[Eased, AskCurves, Case]:
    """The same of the wishes in the running alone, the forecasts it takes, and the case of clients as they are.

    Parameters
    ----------
    chosen
        Which draws.
    none
        Forecast of every client as they are, over those draws.
    after
        Makes the forecast after each of `WISHES`, given which draws and with whom (wish, client), in that order.
    theta, strain, newcomer, newcomer_paths, market, wear, terms, settings, volumes, granted
        As for `ask_curves`.
    """
    talks = _Talks.of(
        chosen, none, theta, strain, newcomer=newcomer, newcomer_paths=newcomer_paths, market=market, wear=wear,
        terms=terms, settings=settings, volumes=volumes, everyone=None, granted=granted,
    )  # fmt: skip
    everyone, every = np.arange(len(none.clients)), np.arange(len(chosen))
    running = np.ones((len(everyone), len(WISHES)), dtype=np.bool_)

    def kept(draws: Places) -> tuple[Forecast, Array, Places]:
        asked = running.T.copy()
        asked[0] = False
        of_wish, of_client = np.nonzero(asked)
        ahead = after(chosen[draws], asked)
        return ahead, *talks.kept([(thinned(none, draws), everyone, 0), (ahead, of_client, of_wish)], draws)

    first = first_of(len(chosen))
    if first is None:
        ahead, worth, place = kept(every)
    else:
        early, worth_early, place_early = kept(first)
        running = talks.running(worth_early, place_early, first)
        rest = np.setdiff1d(every, first)
        ahead, worth_rest, place = kept(rest)
        # What was worked out first is not worked out again.
        there = place >= 0
        was = place_early[there][np.argsort(place[there])]
        worth = np.empty((len(was), len(every), worth_rest.shape[2]))
        worth[:, rest], worth[:, first] = worth_rest, worth_early[was]
        ahead = ahead.joined(rest, early.beside(was[len(everyone) :] - len(everyone)), first)
    ends = np.cumsum([0, *running[:, 1:].sum(axis=0)]).tolist()
    eased = Eased(chosen=chosen, forecasts=(none, *(ahead.beside(slice(a, b)) for a, b in pairwise(ends))))
    curves = AskCurves(clients=none.clients, gain=talks.gains(worth, place, ALL)[0], running=running)
    return eased, curves, talks.case


ALL: Any = slice(None)


def first_of(count: int) -> Places | None:
    """Which of so many draws wishes are compared on first; None where all are hardly more."""
    return np.arange(N_FIRST) * (count // N_FIRST) if count >= 2 * N_FIRST else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talks:
    """What all asks share: the portfolio, and what becomes of those who refuse; draws are those chosen."""

    case: Case
    none: Forecast
    volumes: Volumes
    theta: Array
    strain: Array
    drop: Array
    possible: Flags

    @staticmethod
    def of(
        chosen: Places, none: Forecast, theta: Array, strain: Array, *, newcomer: Forecast, newcomer_paths: Paths,
        market: Market, wear: Array, terms: Sequence[Terms], settings: Settings, volumes: Volumes,
        everyone: tuple[Forecast, Sequence[Terms]] | None, granted: Mapping[str, Ask],
    ) -> "_Talks":  # fmt: skip
        nothing, as_they_are = WISHES[0], volumes.ahead(none, none)
        if len(chosen) < len(theta):
            theta, strain, wear, newcomer = theta[chosen], strain[chosen], wear[chosen], thinned(newcomer, chosen)
            market = Market(**{f.name: getattr(market, f.name)[chosen] for f in fields(market)})
        case_of = Outlook(
            asks=(nothing,) * len(none.clients), base=as_they_are, accepted=as_they_are, partly=as_they_are,
            newcomer=newcomer, outcomes=np.zeros((len(theta), len(none.clients), 4)),
            # Only expectations are looked at here, so that any paths will do.
            base_paths=newcomer_paths, accepted_paths=newcomer_paths, newcomer_paths=newcomer_paths,
            market=market, wear=wear, payment_spread=theta[:, INVOICE_SCALE],
        )  # fmt: skip
        calendar = None if everyone is None else calendar_of(replace(case_of, base=everyone[0]), everyone[1], settings)
        case = Case.of(case_of, terms, settings, calendar)
        refused_in = np.array([case.answer_month])
        return _Talks(
            case=case, none=none, volumes=volumes, theta=theta, strain=strain,
            drop=dropped(case, case.month_of(as_they_are), none.alive, case.after, refused_in)[..., 0],
            possible=np.array([open_to(granted.get(name, nothing)) for name in none.clients]).reshape(
                len(none.clients), len(WISHES), len(PRICES)
            ),
        )  # fmt: skip

    def kept(self, parts: Sequence[tuple[Forecast, Places, Any]], draws: Any) -> tuple[Array, Places]:
        """Worth of one who was granted a wish, at each rise (option, draw, rise), and which option of whom that is.

        Each part is a forecast over some options, and of which client and after which wish each of them is.
        """
        case, settings = self.case, self.case.settings
        hour, after, wear = float(settings.reserve_value_per_hour), self.case.after[draws], case.outlook.wear[draws]
        place = np.full((len(case.prepaid), len(WISHES)), -1, dtype=np.int64)
        worth = np.empty((sum(len(mine) for _, mine, _ in parts), len(after), len(_RISES)))
        if self.volumes.expected:
            volumes, as_they_are = self.volumes.over(draws), thinned(self.none, draws)
            parts = [(volumes.ahead(ahead, as_they_are), *of) for ahead, *of in parts]
        start = 0
        for ahead, mine, wish in parts:
            stop = start + len(mine)
            place[mine, wish] = np.arange(start, stop)
            worth_at_prices(
                packed(ahead.hours_ratio), packed(ahead.never_paid), packed(ahead.days_to_pay),
                packed(ahead.energy), packed(ahead.referrals), packed(ahead.alive), after.take(mine, axis=1),
                case.fixed_fee[mine], case.fee_per_ratio[mine], case.agreed_hours[mine] * hour,
                float(settings.price_of_strain), MOST_LEADS_PER_MONTH, case.lead, settings.discount_rate / 365.0,
                case.discount, _RISES, wear, worth[start:stop],
            )  # fmt: skip
            worth[start:stop] -= case.prepaid[mine, None, None]
            start = stop
        return worth, place

    def gains(self, kept: Array, place: Places, draws: Any) -> tuple[Array, Array, Array]:
        """What each ask gains, and by how much each wish is behind the best ask, as `model.bargain.gains` has them."""
        gone = self.case.after[draws, :, 0] - self.case.prepaid
        gain, behind, error = gains(
            packed(self.theta[draws]), packed(self.strain[draws]), _LINES, _SOONER, _RISES[_FULL], kept, place, _FULL,
            _HALF, packed(self.drop[draws]), packed(gone), PARTLY_SHARE, self.possible,
        )  # fmt: skip
        return gain - self.case.asking_cost, behind, error

    def running(self, kept: Array, place: Places, draws: Places) -> Flags:
        """Which wishes are in the running, by the draws given (client, wish)."""
        return in_the_running(*self.gains(kept, place, draws), self.possible)


def in_the_running(gain: Array, behind: Array, error: Array, possible: Flags) -> Flags:
    """Which wishes are not so far behind the best ask that chance cannot explain it (client, wish).

    Parameters are those of `model.bargain.gains`, and what it returns.
    """
    top = np.where(possible, gain, -np.inf).max(axis=(1, 2), initial=-np.inf, keepdims=True)[..., 0]
    return np.asarray(behind <= _given_up(top) + ERRORS_BEHIND * error)


def _joined_flags(parts: Sequence[Flags | None]) -> Flags | None:
    told = [part for part in parts if part is not None]
    return np.concatenate(told) if told else None


_LINES = np.array([float(wish.scope) + float(wish.office_hours) for wish in WISHES])
_SOONER = np.array([float(wish.terms) for wish in WISHES])
# One who agrees in part pays half the rise, which is another price as often as not.
_RISES, _of_rises = np.unique(np.concatenate([np.array(PRICES), np.array(PRICES) / 2]) / 100.0, return_inverse=True)
_FULL, _HALF = _of_rises[: len(PRICES)].copy(), _of_rises[len(PRICES) :].copy()


def thinned(forecast: Forecast, chosen: NDArray[np.int64]) -> Forecast:
    """A forecast over some of its draws."""
    arrays: dict[str, Any] = {f.name: getattr(forecast, f.name)[chosen] for f in fields(forecast)[1:]}
    return replace(forecast, **arrays)
