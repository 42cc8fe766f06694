"""What happened: the records a portfolio consists of, frozen and checked when made.

Money is `Decimal` in the record's own currency, hours and shares are floats, dates are dates. Empty means *not
recorded*, never zero.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from model.agreed import PRICED, Billing, EarlierTerms, in_force
from model.choice import Choice
from model.errors import UnknownClient
from model.language import Later, phrase
from model.rules import amount_within, currency_code, dated, in_order, named, noted, one_of, quantity_within, refuse
from model.settings import Settings

EndedBy = Literal["client", "me"]
EventKind = Literal["renegotiation", "referral", "complaint", "note"]
Outcome = Literal["accepted", "partly", "refused_stayed", "refused_left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client and the terms agreed with them.

    Rates and fees are per hour and per calendar month in `currency`; terms and notice in days.

    Raises
    ------
    InvalidRecord
        If the name is empty, an amount is negative or not finite, or the end lies before the start.
    """

    name: str
    currency: str
    since: date
    billing: Billing
    rate_per_hour: Decimal | None = None
    fee_per_month: Decimal | None = None
    agreed_hours_per_month: float | None = None
    payment_terms_days: int | None = None
    notice_days: int | None = None
    contract_end: date | None = None
    committed_hours: float | None = None
    prepaid_amount: Decimal | None = None
    standing_signs: tuple[str, ...] = ()
    ended_on: date | None = None
    ended_by: EndedBy | None = None

    def __post_init__(self) -> None:
        where = Later("client {name!r}", name=self.name)
        named(self.name, Later("client name"))
        currency_code(self.currency, where)
        dated(self.since, where, "since")
        dated(self.ended_on, where, "ended_on")
        dated(self.contract_end, where, "contract_end")
        one_of(self.billing, Billing, where, "billing")
        for column in ("rate_per_hour", "fee_per_month", "prepaid_amount"):
            amount_within(getattr(self, column), where, column)
        for column in ("agreed_hours_per_month", "committed_hours"):
            quantity_within(getattr(self, column), where, column)
        for column in ("payment_terms_days", "notice_days"):
            quantity_within(getattr(self, column), where, column, most=3650)
        if (self.ended_on is None) != (self.ended_by is None):
            refuse("ended_by", "{where}: ended_on and ended_by go together; one of them is missing.", where=where)
        if self.ended_by is not None:
            one_of(self.ended_by, EndedBy, where, "ended_by")
        in_order(self.since, self.ended_on, where, ("since", "ended_on"))

    def terms_until(self, day: date) -> EarlierTerms:
        """What is agreed with them now, as terms that hold until the end of `day`."""
        return EarlierTerms(client=self.name, until=day, **{name: getattr(self, name) for name in PRICED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """A monthly check-in: every monthly sign not sighted in this month was absent.

    `month` is the first day of the month; `energy` runs from 1 (drained) to 5 (energised).
    """

    client: str
    month: date
    energy: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        where = Later("check-in of {client!r}", client=self.client)
        dated(self.month, where, "month")
        if self.month.day != 1:
            refuse(
                "month", "{where}: month must be the first day of a month; {month} came.", where=where, month=self.month
            )
        if (came := self.energy) is not None and came not in (1, 2, 3, 4, 5):
            refuse("energy", "{where}: energy must be a whole number from 1 to 5; {came} came.", where=where, came=came)
        noted(self.note, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A sign seen on a day. `angry` marks an entry made in anger; it holds back an irreversible verdict."""

    client: str
    on: date
    sign: str
    angry: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        where = Later("sighting at {client!r}", client=self.client)
        dated(self.on, where, "date")
        named(self.sign, "sign", "sign")
        noted(self.note, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice. No `paid_on` means open, unless `written_off` says what will never come.

    `written_off_on` is the day it was given up, where that is known.
    """

    client: str
    number: str
    issued: date
    due: date
    amount: Decimal
    currency: str
    paid_on: date | None = None
    written_off: Decimal | None = None
    disputed: bool = False
    written_off_on: date | None = None

    def __post_init__(self) -> None:
        where = Later("invoice {number!r} of {client!r}", number=self.number, client=self.client)
        named(self.number, Later("invoice number"), "number")
        dated(self.issued, where, "issued")
        dated(self.due, where, "due")
        dated(self.paid_on, where, "paid_on")
        dated(self.written_off_on, where, "written_off_on")
        amount_within(self.amount, where, "amount")
        amount_within(self.written_off, where, "written_off")
        currency_code(self.currency, where)
        in_order(self.issued, self.due, where, ("issued", "due"))
        in_order(self.issued, self.paid_on, where, ("issued", "paid_on"))
        in_order(self.issued, self.written_off_on, where, ("issued", "written_off_on"))
        if self.written_off is not None and self.written_off > self.amount:
            refuse(
                "written_off",
                "{where}: written_off {written_off} exceeds the amount {amount}.",
                where=where,
                written_off=self.written_off,
                amount=self.amount,
            )
        if self.written_off_on is not None and self.written_off is None:
            refuse("written_off_on", "{where}: written_off_on says when, and written_off not how much.", where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Hours worked on a day, or in a whole month (`on` is then its first day and `whole_month` is true)."""

    client: str
    on: date
    hours: float
    billable: bool | None = None
    whole_month: bool = False

    def __post_init__(self) -> None:
        where = Later("hours for {client!r}", client=self.client)
        dated(self.on, where, "date")
        quantity_within(self.hours, where, "hours", most=744.0)
        if self.whole_month and self.on.day != 1:
            refuse(
                "date",
                "{where}: hours of a whole month are dated on its first day; {on} came.",
                where=where,
                on=self.on,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A renegotiation with its ask and result, a referral, a complaint or a note.

    `ask_price_pct` is the rise asked for in percent; `ask_scope` a scope cap, fewer hours or office hours;
    `ask_terms` a deposit or shorter payment terms.
    """

    client: str
    on: date
    kind: EventKind
    ask_price_pct: float | None = None
    ask_scope: bool = False
    ask_terms: bool = False
    result: Outcome | None = None
    amount: Decimal | None = None
    note: str = ""

    def __post_init__(self) -> None:
        where = Later("event at {client!r}", client=self.client)
        dated(self.on, where, "date")
        one_of(self.kind, EventKind, where, "kind")
        noted(self.note, where)
        amount_within(self.amount, where, "amount")
        if self.ask_price_pct is not None and not -100.0 < self.ask_price_pct <= 1000.0:
            refuse(
                "ask_price_pct",
                "{where}: ask_price_pct must lie between -100 and 1000; {ask_price_pct} came.",
                where=where,
                ask_price_pct=self.ask_price_pct,
            )
        if self.result is not None:
            one_of(self.result, Outcome, where, "result")
        asked = self.ask_price_pct is not None or self.ask_scope or self.ask_terms or self.result is not None
        if asked and self.kind != "renegotiation":
            refuse(
                "kind",
                "{where}: an ask or a result belongs to a renegotiation, not to a {kind}.",
                where=where,
                kind=self.kind,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search for a new client: when it opened, when it was won, and what was won.

    Fee and cost are in the portfolio's currency, per month and in total.
    """

    opened_on: date
    won_on: date | None = None
    fee_per_month: Decimal | None = None
    hours_per_month: float | None = None
    cost: Decimal | None = None

    def __post_init__(self) -> None:
        where = Later("search opened on {opened_on}", opened_on=self.opened_on)
        dated(self.opened_on, where, "opened_on")
        dated(self.won_on, where, "won_on")
        amount_within(self.fee_per_month, where, "fee_per_month")
        amount_within(self.cost, where, "cost")
        quantity_within(self.hours_per_month, where, "hours_per_month", most=744.0)
        if self.won_on is not None and self.won_on < self.opened_on:
            refuse("won_on", "{where}: won_on {won_on} lies before it.", where=where, won_on=self.won_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """A possible client with a name. `odds` is the probability of winning them, 0 to 1."""

    name: str
    fee_per_month: Decimal
    hours_per_month: float
    odds: float | None = None
    start: date | None = None
    early_signs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = Later("prospect {name!r}", name=self.name)
        named(self.name, Later("prospect name"))
        amount_within(self.fee_per_month, where, "fee_per_month")
        quantity_within(self.hours_per_month, where, "hours_per_month", most=744.0)
        dated(self.start, where, "start")
        if self.odds is not None and not 0.0 <= self.odds <= 1.0:
            refuse("odds", "{where}: odds are a probability from 0 to 1; {odds} came.", where=where, odds=self.odds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Everything known about a portfolio, in no particular order."""

    clients: tuple[Client, ...] = ()
    checkins: tuple[CheckIn, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    hours: tuple[Hours, ...] = ()
    events: tuple[Event, ...] = ()
    searches: tuple[Search, ...] = ()
    prospects: tuple[Prospect, ...] = ()
    choices: tuple[Choice, ...] = ()
    earlier_terms: tuple[EarlierTerms, ...] = ()
    settings: Settings = field(default_factory=Settings)

    def client(self, name: str) -> Client:
        """The client of that name.

        Raises
        ------
        UnknownClient
            If the portfolio holds no such client.
        """
        for client in self.clients:
            if client.name == name:
                return client
        raise UnknownClient(
            phrase(
                "there is no client called {name!r}; {count} clients are recorded.", name=name, count=len(self.clients)
            )
        )

    def active(self, today: date) -> tuple[Client, ...]:
        """Clients that have started and not ended by `today`, by name."""
        there = (c for c in self.clients if c.since <= today and (c.ended_on is None or c.ended_on > today))
        return tuple(sorted(there, key=lambda client: client.name))

    def as_of(self, today: date) -> "Records":
        """What held at the end of `today`: later records left out, later payments, ends and terms undone."""
        return replace(
            self,
            clients=tuple(_client_as_of(c, self.earlier_terms, today) for c in self.clients if c.since <= today),
            earlier_terms=tuple(terms for terms in self.earlier_terms if terms.until < today),
            checkins=tuple(c for c in self.checkins if c.month <= today),
            sightings=tuple(s for s in self.sightings if s.on <= today),
            invoices=tuple(_invoice_as_of(i, today) for i in self.invoices if i.issued <= today),
            hours=tuple(h for h in self.hours if h.on <= today),
            events=tuple(e for e in self.events if e.on <= today),
            choices=tuple(c for c in self.choices if c.on <= today),
            searches=tuple(
                s
                if s.won_on is None or s.won_on <= today
                else replace(s, won_on=None, fee_per_month=None, hours_per_month=None)
                for s in self.searches
                if s.opened_on <= today
            ),
        )

    def of(self, name: str) -> "Records":
        """The records of one client; searches, prospects and settings stay.

        Raises
        ------
        UnknownClient
            If the portfolio holds no such client.
        """
        mine = (self.client(name),)
        evidence: dict[str, Any] = {
            kind: tuple(record for record in getattr(self, kind) if record.client == name) for kind in _EVIDENCE
        }
        return replace(self, clients=mine, **evidence)

    def by_client(self) -> dict[str, "Records"]:
        """The records of each client, in one pass."""
        mine: dict[str, list[list[Any]]] = {client.name: [[] for _ in _EVIDENCE] for client in self.clients}
        for place, kind in enumerate(_EVIDENCE):
            for record in getattr(self, kind):
                if record.client in mine:
                    mine[record.client][place].append(record)
        found = {}
        for client in self.clients:
            evidence: dict[str, Any] = dict(zip(_EVIDENCE, map(tuple, mine[client.name]), strict=True))
            found[client.name] = replace(self, clients=(client,), **evidence)
        return found


_EVIDENCE = ("checkins", "sightings", "invoices", "hours", "events", "choices", "earlier_terms")


def first_of_month(day: date) -> date:
    """The first day of the month `day` lies in."""
    return day.replace(day=1)


def _client_as_of(client: Client, earlier: tuple[EarlierTerms, ...], today: date) -> Client:
    if client.ended_on is not None and client.ended_on > today:
        client = replace(client, ended_on=None, ended_by=None)
    then = in_force([terms for terms in earlier if terms.client == client.name], today)
    return client if then is None else replace(client, **{name: getattr(then, name) for name in PRICED})


def _invoice_as_of(invoice: Invoice, today: date) -> Invoice:
    unpaid = invoice.paid_on is not None and invoice.paid_on > today
    # Where no day is told: an invoice not yet due cannot have been given up.
    undecided = invoice.written_off is not None and (invoice.written_off_on or invoice.due) > today
    if not (unpaid or undecided):
        return invoice
    return replace(
        invoice,
        paid_on=None if unpaid else invoice.paid_on,
        written_off=None if undecided else invoice.written_off,
        written_off_on=None if undecided else invoice.written_off_on,
    )
