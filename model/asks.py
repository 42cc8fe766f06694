"""The best ask: which renegotiation is worth most with each client, and the curve around it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import product
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
from model.records import Records
from model.settings import Settings
from model.terms import Terms

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Eased:
    """Forecasts after each of `WISHES` is accepted, over the draws `chosen`, to compare asks by."""

    chosen: NDArray[np.int64]
    forecasts: tuple[Forecast, ...]

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients, in order."""
        return self.forecasts[0].clients

    def with_changed(self, changed: "Eased", clients: tuple[str, ...]) -> "Eased":
        """The same for `clients`, with those in `changed` taken from there."""
        pairs = zip(self.forecasts, changed.forecasts, strict=True)
        return replace(self, forecasts=tuple(_joined(old, new, clients) for old, new in pairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCurves:
    """What each ask is worth above keeping a client as they are, in expectation: `gain` (client, wish, price)."""

    clients: tuple[str, ...]
    gain: Array

    @staticmethod
    def beside(parts: "Sequence[AskCurves]") -> "AskCurves":
        """The curves of all clients of `parts`."""
        return AskCurves(
            clients=tuple(name for part in parts for name in part.clients),
            gain=np.concatenate([part.gain for part in parts]),
        )

    def with_only(self, client: str) -> "AskCurves":
        """The curve of one client alone.

        Raises
        ------
        ValueError
            If there is no such client.
        """
        place = self.clients.index(client)
        return AskCurves(clients=(client,), gain=self.gain[[place]])

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
        gain = self.of(client)
        possible = gain[_open_to(granted.scope, granted.terms)]
        top = possible.max()
        enough = top - SHARE_GIVEN_UP_FOR_LESS * max(0.0, top)
        good = np.argwhere((gain >= enough) & _open_to(granted.scope, granted.terms)).tolist()
        # The fewest wishes, then the lowest price, then what gains most.
        w, p = min(good, key=lambda entry: (_WISHES_MADE[entry[0]][entry[1]], entry[1], -gain[entry[0], entry[1]]))
        return replace(WISHES[w], price_pct=PRICES[p])


_WISHES_MADE = [[sum((wish.scope, wish.terms, wish.office_hours, price > 0)) for price in PRICES] for wish in WISHES]


@cache
def _open_to(scope: bool, terms: bool) -> NDArray[np.bool_]:
    # What can be asked for (wish, price) where a scope cap or better terms were granted before: anything but nothing.
    wishes = [not ((wish.scope and scope) or (wish.terms and terms)) for wish in WISHES]
    possible = np.tile(np.array(wishes)[:, None], (1, len(PRICES)))
    possible[0, 0] = False
    return possible


def granted(records: Records) -> Ask:
    """What one client has agreed to in earlier renegotiations, of its own records; the price may be asked for again."""
    agreed = [event for event in records.events if event.kind == "renegotiation" and event.result == "accepted"]
    return Ask(
        price_pct=0.0, scope=any(event.ask_scope for event in agreed), terms=any(event.ask_terms for event in agreed)
    )


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
    everyone: tuple[Forecast, Sequence[Terms]] | None = None,
) -> AskCurves:
    """The worth of every ask at every client, over some of the draws.

    As `model.actions.net_benefit`, but that the value after a partly accepted ask lies between those of the two
    strains it lies between. The draws are the same for every ask, so that their differences are real.

    Parameters
    ----------
    eased
        From `model.outlook.eased` with `WISHES`.
    theta, strain, newcomer, newcomer_paths, market, wear
        Parameters, strain today, and the rest of an outlook, over all draws.
    terms, settings
        As for `model.actions.net_benefit`.
    everyone
        Forecast and terms of all clients over the draws `chosen`, where `eased` holds only some of them.
    """
    chosen = eased.chosen
    few, none = theta[chosen], eased.forecasts[0]
    case_of = Outlook(
        asks=(WISHES[0],) * len(eased.clients), base=none, accepted=none, partly=none,
        newcomer=thinned(newcomer, chosen), outcomes=np.zeros((len(few), len(eased.clients), 4)),
        # Only expectations are looked at here, so that any paths will do.
        base_paths=newcomer_paths, accepted_paths=newcomer_paths, newcomer_paths=newcomer_paths,
        market=Market(**{f.name: getattr(market, f.name)[chosen] for f in fields(market)}), wear=wear[chosen],
    )  # fmt: skip
    calendar = None if everyone is None else calendar_of(replace(case_of, base=everyone[0]), everyone[1], settings)
    case = Case.of(case_of, terms, settings, calendar)
    after = case.after_leaving(case.slot.value)
    refused_in = np.array([case.answer_month])
    drop = dropped(case, case.month_of(none), none.alive, after, refused_in)[..., 0]
    kept = _kept(case, eased.forecasts, after, _RISES)
    gain = gains(
        packed(few), packed(strain[chosen]), _LINES, _SOONER, _RISES[_FULL], kept, _FULL, _HALF, packed(drop),
        packed(after[:, :, 0] - case.prepaid), PARTLY_SHARE,
    )  # fmt: skip
    return AskCurves(clients=eased.clients, gain=gain - case.asking_cost)


_LINES = np.array([float(wish.scope) + float(wish.office_hours) for wish in WISHES])
_SOONER = np.array([float(wish.terms) for wish in WISHES])
# One who agrees in part pays half the rise, which is another price as often as not.
_RISES, _of_rises = np.unique(np.concatenate([np.array(PRICES), np.array(PRICES) / 2]) / 100.0, return_inverse=True)
_FULL, _HALF = _of_rises[: len(PRICES)].copy(), _of_rises[len(PRICES) :].copy()


def _kept(case: Case, forecasts: Sequence[Forecast], after: Array, rises: Array) -> Array:
    """Worth of a client who was granted each wish and agreed to each of `rises` (wish, sample, client, rise)."""
    worth = np.empty((len(forecasts), *after.shape[:2], len(rises)))
    hour, settings = float(case.settings.reserve_value_per_hour), case.settings
    for ahead, out in zip(forecasts, worth, strict=True):
        worth_at_prices(
            packed(ahead.hours_ratio), packed(ahead.never_paid), packed(ahead.days_to_pay),
            packed(ahead.energy), packed(ahead.referrals), packed(ahead.alive), packed(after), case.fixed_fee,
            case.fee_per_ratio, case.agreed_hours * hour, float(settings.price_of_strain), MOST_LEADS_PER_MONTH,
            case.lead, settings.discount_rate / 365.0, case.discount, rises, case.outlook.wear, out,
        )  # fmt: skip
    worth -= case.prepaid[:, None]
    return worth


def thinned(forecast: Forecast, chosen: NDArray[np.int64]) -> Forecast:
    """A forecast over some of its draws."""
    arrays: dict[str, Any] = {f.name: getattr(forecast, f.name)[chosen] for f in fields(forecast)[1:]}
    return replace(forecast, **arrays)


def _joined(old: Forecast, new: Forecast, clients: tuple[str, ...]) -> Forecast:
    places = [(new, new.clients.index(c)) if c in new.clients else (old, old.clients.index(c)) for c in clients]
    arrays: dict[str, Any] = {
        f.name: np.stack([getattr(part, f.name)[:, place] for part, place in places], axis=1)
        if places
        else getattr(old, f.name)[:, :0]
        for f in fields(old)[1:]
    }
    return replace(old, clients=clients, **arrays)
