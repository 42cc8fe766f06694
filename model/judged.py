"""A judgement: all that is known of the active clients on one day, and the part of it that is about one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from model.actions import labelled
from model.asks import AskCurves, Eased
from model.belief import Belief
from model.calendar import Calendar, Workload
from model.catalogue import Catalogue
from model.changes import only
from model.decision import Basis, Decision
from model.errors import UnknownClient
from model.forecast import Array, Ask, Outlook
from model.language import phrase
from model.outlook import Newcomers
from model.population import Population
from model.records import Records
from model.settings import Settings
from model.terms import Terms

if TYPE_CHECKING:
    from xarray import DataArray

Asked = Ask | Mapping[str, Ask] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything known about the active clients on one day.

    Parameters
    ----------
    decisions
        One per active client, by name.
    worth, lived
        Arrays (sample, client, action): expectations given each draw, and one simulated future per draw; in `lived`,
        waiting is a fourth action once it was considered.
    belief
        Strain of every active client, today and through the months.
    outlook
        Forecasts behind the values.
    asked
        The ask of every client, or of those named, where it was given; the best one was found for all others.
    asks
        The worth of every ask, None where nothing was left to find.
    calendar, workload
        How full the calendar of all clients is, and what each of them takes of it.
    portfolio
        Of a judgement of one client alone, the one it was taken from: calendar and market are those of all clients.
    kept
        What looking closer at one client works out of all of them, for the next one.
    """

    as_of: date
    basis: Basis
    settings: Settings
    records: Records
    population: Population
    catalogue: Catalogue
    decisions: tuple[Decision, ...]
    worth: Array
    lived: Array
    belief: Belief
    outlook: Outlook
    newcomers: Newcomers
    terms: tuple[Terms, ...]
    calendar: Calendar
    workload: Workload
    seed: int
    asked: Asked
    eased: Eased | None
    asks: AskCurves | None
    portfolio: "Judgement | None" = None
    kept: dict[object, Any] = field(init=False, default_factory=dict, compare=False, repr=False)

    @property
    def net_benefit(self) -> "DataArray":
        """`worth` with the names of clients and actions, dims (sample, client, action)."""
        return self._labelled("net benefit", self.worth)

    @property
    def futures(self) -> "DataArray":
        """`lived` with the names of clients and actions, dims (sample, client, action)."""
        return self._labelled("futures", self.lived)

    def _labelled(self, what: str, values: Array) -> "DataArray":
        # A book reads no label, and to make them takes as long as to work out what they stand for.
        if what not in self.kept:
            self.kept[what] = labelled(values, self.belief.clients)
        found: DataArray = self.kept[what]
        return found

    def records_of(self, client: str) -> Records:
        """The records of one client; searches, prospects and settings stay.

        Raises
        ------
        UnknownClient
            If the client is not among the active ones.
        """
        self.of(client)
        return self.mine[client]

    @property
    def mine(self) -> Mapping[str, Records]:
        """The records of each client, active or not."""
        if "records" not in self.kept:
            self.kept["records"] = self.records.by_client()
        found: Mapping[str, Records] = self.kept["records"]
        return found

    def of(self, client: str) -> Decision:
        """The decision on one client.

        Raises
        ------
        UnknownClient
            If the client is not among the active ones.
        """
        if "decisions" not in self.kept:
            self.kept["decisions"] = {decision.client: decision for decision in self.decisions}
        found: Decision | None = self.kept["decisions"].get(client)
        if found is not None:
            return found
        raise UnknownClient(
            phrase("there is no active client called {client!r} on {as_of}.", client=client, as_of=self.as_of)
        )


def narrowed(judgement: Judgement, client: str) -> Judgement:
    """The judgement of one client alone, with the calendar and the market of the portfolio.

    What it says of the client is what `judgement` says, and what `rejudge` makes of it is what it makes of the whole,
    for as small a part of the work as the client is of the portfolio: for sliders that move one client's answer.

    Raises
    ------
    UnknownClient
        If the client is not among the active ones.
    """
    judgement.of(client)
    # A slider asks for the same one at every move; those of others would take as much room as the whole.
    kept: tuple[str, Judgement] | None = judgement.kept.get("narrowed")
    if kept is not None and kept[0] == client:
        return kept[1]
    made = replace(
        _only(judgement, (client,)),
        records=judgement.records_of(client),
        terms=tuple(term for term in judgement.terms if term.client == client),
        eased=None if judgement.eased is None else judgement.eased.with_changed(judgement.eased, (client,)),
        asks=None if judgement.asks is None else judgement.asks.with_only(client),
        portfolio=judgement.portfolio or judgement,
    )
    judgement.kept["narrowed"] = client, made
    return made


def excerpt(judgement: Judgement, clients: tuple[str, ...]) -> Judgement:
    """Some clients of a judgement, to look closer at each in another process: little enough to be sent there.

    What is said of each is what `judgement` says. It holds nothing of other clients but their terms and their hours, so
    it cannot be judged anew.

    Raises
    ------
    UnknownClient
        If any of `clients` is not among the active ones.
    """
    some = _only(judgement, clients)
    return replace(some, records=only(judgement.records, clients), eased=None, asks=None, portfolio=None)


def _only(judgement: Judgement, clients: tuple[str, ...]) -> Judgement:
    places = [judgement.belief.place(client) for client in clients]
    return replace(
        judgement,
        decisions=tuple(judgement.of(client) for client in clients),
        worth=judgement.worth[:, places],
        lived=judgement.lived[:, places],
        belief=judgement.belief.with_changed(judgement.belief, clients),
        outlook=judgement.outlook.with_changed(judgement.outlook, clients),
    )
