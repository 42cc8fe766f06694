"""What a write would change: checked against everything that holds, before a single row is appended."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from sqlalchemy import Connection

from app.settings_file import read_settings
from app.store.writes import DAY_OF, Change, Record, described, live, replaced, settings_document
from model import catalogue, priors
from model.agreed import EarlierTerms
from model.choice import Choice
from model.entered import check_entered
from model.errors import InvalidRecord, UnknownClient
from model.language import phrase
from model.records import CheckIn, Client, Event, Hours, Invoice, Prospect, Search, Sighting
from model.settings import Settings

Key = tuple[object, ...]


class Standing:
    """What holds in the store at the moment of a write, read as far as the write needs it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[type, list[tuple[int, Record]]] = {}
        self._keyed: dict[type, dict[Key, tuple[int, Record]]] = {}

    @cached_property
    def saved_settings(self) -> Settings | None:
        """The settings saved last, None if none were."""
        document = settings_document(self._connection)
        return None if document is None else read_settings(document, phrase("the stored settings"))

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.saved_settings or Settings()

    def rows(self, kind: type) -> list[tuple[int, Record]]:
        """The records of a type that hold, with their row ids."""
        if kind not in self._rows:
            self._rows[kind] = live(self._connection, kind)
        return self._rows[kind]

    def like(self, kind: type, new: Iterable[Record]) -> list[tuple[int, Record]]:
        """Those records of a type that one of `new`, all of that type, could be the same as.

        Of what may stand side by side only the days of `new` are read: years of hours need not be, to add a month.
        """
        if kind not in DAY_OF or kind in self._rows:
            return self.rows(kind)
        return live(self._connection, kind, _days_of(kind, new))

    def replaced(self, kind: type, new: Iterable[Record]) -> list[Record]:
        """What came in earlier that one of `new`, all of that type, could be the same as, and was put right since."""
        return [record for _, record in replaced(self._connection, kind, _days_of(kind, new))]

    @cached_property
    def clients(self) -> dict[str, Client]:
        """The clients that hold, by name."""
        return {client.name: client for _, client in self.rows(Client) if isinstance(client, Client)}

    def by_key(self, kind: type) -> dict[Key, tuple[int, Record]]:
        """The records of a type of which there is one per key: clients, invoices, check-ins and so on; else none."""
        if kind in DAY_OF:
            return {}
        if kind not in self._keyed:
            rows = self.rows(kind)
            self._keyed[kind] = {key: (row, record) for row, record in rows if (key := key_of(record)) is not None}
        return self._keyed[kind]


def _days_of(kind: type, new: Iterable[Record]) -> tuple[date, date] | None:
    if kind not in DAY_OF:
        return None
    days = [getattr(record, DAY_OF[kind]) for record in new]
    return min(days), max(days)


def key_of(record: Record) -> Key | None:
    """What a record is the only one of; None where several alike may stand side by side."""
    match record:
        case Client(name=name) | Prospect(name=name):
            return (name,)
        case Invoice(client=client, number=number):
            return (client, number)
        case CheckIn(client=client, month=month):
            return (client, month)
        case Choice(client=client, on=on):
            return (client, on)
        case EarlierTerms(client=client, until=until):
            return (client, until)
        case _:
            return None


def additions(new: Iterable[Record], standing: Standing) -> tuple[list[Change], int]:
    """The changes of records entered by hand, and how many of them were there already.

    A check-in of a month that has one supersedes it, and so does a decision of the same day: one thought again. An
    invoice of a known number, and a client or prospect of a known name, must not differ.

    Raises
    ------
    InvalidRecord, UnknownSign, UnknownClient, MissingRate
        If a record does not fit the portfolio.
    """
    new = tuple(new)
    check(new, {**standing.clients, **_clients_in(new)}, standing.settings)
    changes: list[Change] = []
    known_already = 0
    taken: set[Key] = set()
    for record in new:
        check_entered(record)
        key = key_of(record)
        if key is None:
            changes.append(Change(record=record))
            continue
        _only_once(record, (type(record), *key), taken)
        known = standing.by_key(type(record)).get(key)
        if known is None:
            changes.append(Change(record=record))
        elif isinstance(record, Client):
            raise InvalidRecord(
                phrase(
                    "there is a client called {name!r} already; two of the same name cannot be told apart.",
                    name=record.name,
                ),
                column="name",
            )
        elif known[1] == record:
            known_already += 1
        elif isinstance(record, CheckIn | Choice | EarlierTerms):
            changes.append(Change(record=record, replaces=(type(record), known[0])))
        else:
            raise _differs(record)
    return changes, known_already


def merged(new: Iterable[Record], standing: Standing, settings: Settings | None) -> tuple[list[Change], int]:
    """The changes of an import: what is there already is left alone, and nothing recorded is overwritten.

    Records that may stand side by side are compared by count, so that entries alike but distinct all stay and a
    second import adds none. What was corrected or taken out here stays so: a file that has it as it was says nothing
    new. An open invoice that has since been paid, written off or disputed is brought up to date;
    one that is known here to be, and open in the file, stays as it is.

    Raises
    ------
    InvalidRecord, UnknownSign, UnknownClient, MissingRate
        If a record does not fit the portfolio or contradicts what it holds.
    """
    new = tuple(new)
    check(new, {**standing.clients, **_clients_in(new)}, settings or standing.settings)
    changes: list[Change] = []
    if settings is not None and settings != standing.settings:
        check_settings(settings, standing)
        changes.append(Change(record=settings))
    known_already = 0
    taken: set[Key] = set()
    of_a_kind: dict[type, list[Record]] = {}
    for record in new:
        of_a_kind.setdefault(type(record), []).append(record)
    spare = {kind: Counter(record for _, record in standing.like(kind, some)) for kind, some in of_a_kind.items()}
    put_right = {kind: standing.replaced(kind, some) for kind, some in of_a_kind.items() if kind in _EVIDENCE}
    for kind in put_right.keys() & DAY_OF.keys():
        spare[kind].update(put_right[kind])
    taken_out = {(type(record), key_of(record)): record for some in put_right.values() for record in some}
    indexed = {kind: standing.by_key(kind) for kind in of_a_kind}
    for record in new:
        if spare[type(record)][record] > 0:
            spare[type(record)][record] -= 1
            known_already += 1
            continue
        key = key_of(record)
        if key is not None:
            _only_once(record, (type(record), *key), taken)
        known = None if key is None else indexed[type(record)].get(key)
        if known is None:
            gone = None if key is None else taken_out.get((type(record), key))
            if gone is not None and not contradicts(record, gone):
                known_already += 1
            else:
                changes.append(Change(record=record))
        elif contradicts(record, known[1]):
            raise _differs(record)
        elif (told := _completed(record, known[1])) == known[1]:
            known_already += 1
        else:
            changes.append(Change(record=told, replaces=(type(record), known[0])))
    return changes, known_already


_EVIDENCE = (CheckIn, Sighting, Invoice, Hours, Event, Choice, Search)


def contradicts(new: Record, old: Record) -> bool:
    """Whether an import may not bring `new` where `old`, of the same key, is recorded."""
    told = _completed(new, old)
    if isinstance(told, Invoice) and isinstance(old, Invoice):
        return told != old and not is_news_of(told, old)
    return told != old


def is_news_of(new: Invoice, old: Invoice) -> bool:
    """Whether `new` is the same bill as `old`, which was open, with its payment, write-off or dispute now known."""
    if not _same_bill(new, old) or old.paid_on is not None:
        return False
    if old.written_off is None or (new.written_off is None and new.paid_on is not None):
        return True  # what was given up may be paid after all
    return old.written_off == new.written_off and old.written_off_on in (None, new.written_off_on)


def _same_bill(new: Invoice, old: Invoice) -> bool:
    return (new.issued, new.due, new.amount, new.currency) == (old.issued, old.due, old.amount, old.currency)


def _completed(new: Record, old: Record) -> Record:
    """What an import brings, with what is known already of the same bill and the file does not tell.

    The user marks a bill as paid, given up or disputed here, and another tool goes on listing it as open.
    """
    if not (isinstance(new, Invoice) and isinstance(old, Invoice) and _same_bill(new, old)):
        return new
    paid_on, lost, lost_on = new.paid_on, new.written_off, new.written_off_on
    if lost is None and (paid_on is None or (old.written_off or 0) < old.amount):
        paid_on, lost, lost_on = paid_on or old.paid_on, old.written_off, old.written_off_on
    elif lost == old.written_off:
        lost_on = lost_on or old.written_off_on
    return replace(
        new, paid_on=paid_on, written_off=lost, written_off_on=lost_on, disputed=new.disputed or old.disputed
    )


def check(new: Iterable[Record], clients: dict[str, Client], settings: Settings) -> None:
    """Refuse records of unknown clients, of unknown signs, or in a currency without a rate."""
    signs = catalogue.load()
    standing = {sign.id for sign in signs.standing}
    for record in new:
        match record:
            case Client():
                for sign in record.standing_signs:
                    if signs[sign].id not in standing:
                        raise InvalidRecord(
                            phrase(
                                "client {name!r}: {sign!r} is not a standing sign; log it on a day it was seen.",
                                name=record.name,
                                sign=sign,
                            ),
                            column="standing_signs",
                        )
                settings.in_portfolio_currency(Decimal(0), record.currency, record.since)
            case Prospect():
                for sign in record.early_signs:
                    signs[sign]
            case EarlierTerms() | Hours() | CheckIn() | Sighting() | Invoice() | Event() | Choice():
                if record.client not in clients:
                    raise UnknownClient(
                        phrase("there is no client called {client!r}; add the client first.", client=record.client)
                    )
                if isinstance(record, Sighting):
                    signs[record.sign]
                if isinstance(record, Invoice):
                    settings.in_portfolio_currency(Decimal(0), record.currency, record.issued)
            case Search():
                pass


def check_settings(settings: Settings, standing: Standing) -> None:
    """Refuse settings that name an unknown sign or prior, or leave recorded amounts without an exchange rate."""
    check_names_of_settings(settings)
    _check_currencies(standing, settings)


def check_names_of_settings(settings: Settings) -> None:
    """Refuse deal-breakers the catalogue does not know, and intervals of priors there are none of."""
    signs = catalogue.load()
    for breaker in settings.deal_breakers:
        signs[breaker.sign]
    priors.of(settings)


def _check_currencies(standing: Standing, settings: Settings) -> None:
    for client in standing.clients.values():
        settings.in_portfolio_currency(Decimal(0), client.currency, client.since)
    for _, invoice in standing.rows(Invoice):
        if isinstance(invoice, Invoice):
            settings.in_portfolio_currency(Decimal(0), invoice.currency, invoice.issued)


def _clients_in(new: Iterable[Record]) -> dict[str, Client]:
    return {record.name: record for record in new if isinstance(record, Client)}


def _only_once(record: Record, key: Key, taken: set[Key]) -> None:
    if key in taken:
        raise InvalidRecord(phrase("{record} comes twice in one write.", record=described(record)))
    taken.add(key)


def _differs(record: Record) -> InvalidRecord:
    return InvalidRecord(
        phrase(
            "{record} is recorded already, with other content; nothing recorded is "
            "overwritten. Correct the entry itself if it is wrong.",
            record=described(record),
        )
    )
