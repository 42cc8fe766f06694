"""A portfolio in its store: read what holds, append what happened, take the last write back."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection

from app.settings_file import read_settings
from app.store import kept, succession, writes
from app.store.database import Database, open_database
from app.store.kept import KeptReview
from app.store.merge import Standing, additions, check_settings, merged
from app.store.places import default_url
from app.store.schema import RECORD_TABLES
from app.store.writes import Batch, Change, Record, Stored, Undone, counted, described
from model.agreed import EarlierTerms
from model.choice import Choice
from model.errors import InvalidRecord, StoreError
from model.language import phrase
from model.records import CheckIn, Client, EndedBy, Event, Hours, Invoice, Prospect, Records, Search, Sighting
from model.settings import Settings


def open_portfolio(where: str | Path | None = None, *, create: bool = True) -> "Portfolio":
    """Open a portfolio: a database to read and write, or a portfolio folder to read.

    Parameters
    ----------
    where
        A database URL (`sqlite:///...`, `postgresql://...`), the path of a `.db`, `.sqlite` or `.sqlite3` file, or a
        portfolio folder; None for the user's own database.
    create
        Whether a missing database is created.

    Raises
    ------
    StoreError
        If the database cannot be used, with what to do next.
    ImportRefused
        If a portfolio folder holds a fault.
    """
    where = where or default_url()
    is_url = isinstance(where, str) and "://" in where
    folder = None if is_url else Path(where).expanduser()
    if folder is not None and folder.is_dir():
        from app.store.folder import FolderPortfolio

        return FolderPortfolio(folder)
    return Portfolio(open_database(where, create=create))


class Portfolio:
    """Records in a database. Evidence is only ever appended; corrections supersede, `undo` takes a batch back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """Where the records are; a folder has none, and says so."""
        return self._database

    @property
    def path(self) -> Path:
        """The file, or the folder, the records are in; what is made of them is kept beside it."""
        return self.database.path

    @property
    def place(self) -> str:
        """Where the records are, for a person."""
        return self.database.place

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written: a folder, or a team's workspace one may only look at."""
        return self.database.role == "viewer"

    @property
    def why_read_only(self) -> str:
        """Why nothing can be written, and what to do about it, as a sentence."""
        return phrase(
            "You may look at these records, not change them; an owner of the workspace can make you an editor."
        )

    def records(self, as_of: date | None = None, *, only: Collection[type] = tuple(RECORD_TABLES)) -> Records:
        """Everything that holds, or what was known at the end of the day `as_of`; `only` some types of records."""
        with self.database.reading() as connection:
            held = {
                kind: tuple(record for _, record in writes.live(connection, kind)) if kind in only else ()
                for kind in RECORD_TABLES
            }
            settings = _settings(connection)
        records = Records(
            clients=held[Client],
            checkins=held[CheckIn],
            sightings=held[Sighting],
            invoices=held[Invoice],
            hours=held[Hours],
            events=held[Event],
            searches=held[Search],
            prospects=held[Prospect],
            choices=held[Choice],
            earlier_terms=held[EarlierTerms],
            settings=settings,
        )
        return records if as_of is None else records.as_of(as_of)

    def revision(self) -> int:
        """A number that grows with every write, an undo included: the key of anything cached."""
        with self.database.reading() as connection:
            return writes.revision(connection)

    @property
    def settings(self) -> Settings:
        """The user's economics and policy; the defaults until some were saved."""
        with self.database.reading() as connection:
            return _settings(connection)

    def history(self, limit: int = 50) -> tuple[Batch, ...]:
        """The last writes, newest first."""
        with self.database.reading() as connection:
            return writes.latest(connection, limit)

    def add(self, *new: Record, key: str | None = None, kind: str = "add", summary: str | None = None) -> Stored:
        """Store records in one batch, all or none.

        Parameters
        ----------
        new
            Any records; clients may come with their first records.
        key
            Names this write: a second one with the same key does nothing.
        kind, summary
            What the history and `undo` call the batch.

        Raises
        ------
        InvalidRecord, UnknownSign, UnknownClient, MissingRate
            If a record does not fit the portfolio.
        StoreError
            If the database cannot be written.
        """
        return self._write(lambda standing: additions(new, standing), kind=kind, summary=summary, key=key)

    def take_in(
        self,
        new: tuple[Record, ...],
        *,
        settings: Settings | None = None,
        source: str = "import",
        key: str | None = None,
        rehearse: bool = False,
    ) -> Stored:
        """Store an import in one batch: records already there are left alone, nothing is overwritten.

        `source` is what the history calls the file or folder. With `rehearse` nothing is stored, and the result says
        what would be.

        Raises
        ------
        InvalidRecord, UnknownSign, UnknownClient, MissingRate
            If a record does not fit the portfolio, or contradicts what it holds.
        StoreError
            If the database cannot be written.
        """
        if rehearse:
            with self.database.reading() as connection:
                changes, already_there = merged(new, Standing(connection), settings)
            corrected = sum(change.replaces is not None for change in changes)
            return Stored(added=len(changes) - corrected, corrected=corrected, already_there=already_there)
        return self._write(lambda standing: merged(new, standing, settings), kind="import", source=source, key=key)

    def correct(
        self,
        old: Record,
        new: Record | None,
        *,
        kind: str = "correct",
        key: str | None = None,
        summary: str | None = None,
    ) -> Stored:
        """Replace a record by another of its type, or withdraw it (`new` is None), by appending.

        A client's name stays: everything recorded about them goes by it.

        Raises
        ------
        InvalidRecord
            If `old` is not recorded, `new` is of another type or key, or `old` is a client who has records.
        """
        said = summary or succession.in_words(old, new)
        return self._write(lambda held: succession.correction(old, new, held), kind=kind, summary=said, key=key)

    def agree(self, old: Client, new: Client, since: date, *, key: str | None = None) -> Stored:
        """Replace the terms of a client from the day `since` on; those before it are kept as earlier ones.

        Raises
        ------
        InvalidRecord
            If `old` is not recorded, `new` has another name or currency, or `since` lies before the client began or
            within earlier terms.
        """
        if old.currency == new.currency and old.terms_until(since) == new.terms_until(since):
            # What has no past of its own, such as the notice, holds without a day.
            return self.correct(old, new, key=key)
        said = phrase("new terms of {client!r} from {since} on", client=old.name, since=since)
        return self._write(
            lambda held: succession.new_terms(old, new, since, held), kind="terms", summary=said, key=key
        )

    def pay(self, client: str, number: str, paid_on: date, *, key: str | None = None) -> Stored:
        """Record the day an invoice was paid."""
        invoice = self._invoice(client, number)
        said = phrase("{invoice} paid on {paid_on}", invoice=described(invoice), paid_on=paid_on)
        return self.correct(invoice, replace(invoice, paid_on=paid_on), kind="pay", key=key, summary=said)

    def write_off(
        self, client: str, number: str, amount: Decimal | None = None, *, on: date | None = None, key: str | None = None
    ) -> Stored:
        """Record that `amount` of an invoice (None: all of it) will never come, and the day that was clear."""
        invoice = self._invoice(client, number)
        if invoice.paid_on is not None:
            raise InvalidRecord(
                phrase(
                    "{invoice} was paid on {paid_on}; if that is not so, correct the day first.",
                    invoice=described(invoice),
                    paid_on=invoice.paid_on,
                ),
                column="written_off",
            )
        lost = invoice.amount if amount is None else amount
        said = phrase(
            "wrote off {lost} {currency} of {invoice}", lost=lost, currency=invoice.currency, invoice=described(invoice)
        )
        given_up = replace(invoice, written_off=lost, written_off_on=on)
        return self.correct(invoice, given_up, kind="write off", key=key, summary=said)

    def end(self, client: str, on: date, by: EndedBy, *, key: str | None = None) -> Stored:
        """Record that work for a client ended, and who ended it."""
        known = self.records().client(client)
        said = (
            phrase("client {client!r} ended on {on} by me", client=client, on=on)
            if by == "me"
            else phrase("client {client!r} ended on {on} by the client", client=client, on=on)
        )
        return self.correct(known, replace(known, ended_on=on, ended_by=by), kind="end", key=key, summary=said)

    def save_settings(
        self, settings: Settings, *, seen: Settings | None = None, summary: str = "", key: str | None = None
    ) -> Stored:
        """Store the user's economics and policy; the former ones stay in the history.

        Parameters
        ----------
        settings
            The new ones.
        seen
            Those the change was made from; None if it does not matter what was there.
        summary
            What was changed of them, for the history; only that they were, where it is not said.
        key
            Names this write: a second one with the same key does nothing.

        Raises
        ------
        StoreError
            If others were saved since `seen` was read: nothing of theirs is overwritten unseen.
        UnknownSign
            If a deal-breaker is not in the catalogue.
        MissingRate
            If recorded amounts would be left without an exchange rate.
        """

        def plan(standing: Standing) -> tuple[list[Change], int]:
            check_settings(settings, standing)
            if seen is not None and standing.settings not in (seen, settings):
                raise StoreError(
                    phrase(
                        "the settings were changed meanwhile, in another window or by somebody else. "
                        "Nothing was stored; look at them as they are now, and make your change again."
                    )
                )
            return ([], 1) if settings == standing.saved_settings else ([Change(record=settings)], 0)

        return self._write(plan, kind="settings", summary=summary or phrase("settings"), key=key)

    def keep_review(self, document: str, *, as_of: date, first_day: date, fingerprint: str) -> KeptReview:
        """Keep a review as it was made; one made of the same things for the same days is not kept twice.

        Raises
        ------
        StoreError
            If the database cannot be written.
        """
        with self.database.writing() as connection:
            return kept.keep(connection, document, as_of=as_of, first_day=first_day, fingerprint=fingerprint)

    def reviews(self) -> tuple[KeptReview, ...]:
        """Every review that was kept, by the day it speaks of, then in the order they were made."""
        with self.database.reading() as connection:
            return kept.every(connection)

    def undo(self) -> Undone | None:
        """Take the last write back, whole; None if there is nothing left to take back.

        Raises
        ------
        StoreError
            If the last write forgot somebody: nothing is left to bring back.
        """
        with self.database.writing() as connection:
            return writes.undo_last(connection)

    def _write(
        self,
        plan: Callable[[Standing], tuple[list[Change], int]],
        *,
        kind: str,
        summary: str | None = None,
        source: str | None = None,
        key: str | None = None,
    ) -> Stored:
        with self.database.writing() as connection:
            if writes.seen(connection, key):
                return Stored()
            changes, already_there = plan(Standing(connection))
            if not changes:
                return Stored(already_there=already_there)
            new = [change.record for change in changes]
            said = summary or (described(new[0]) if len(new) == 1 else counted(new))
            if source is not None:
                said = f"{source}: {said}"
            return writes.append(connection, changes, kind=kind, summary=said, key=key, already_there=already_there)

    def _invoice(self, client: str, number: str) -> Invoice:
        records = self.records()
        records.client(client)
        for invoice in records.invoices:
            if (invoice.client, invoice.number) == (client, number):
                return invoice
        raise InvalidRecord(
            phrase("client {client!r} has no invoice {number!r}.", client=client, number=number), column="number"
        )


def _settings(connection: Connection) -> Settings:
    document = writes.settings_document(connection)
    return Settings() if document is None else read_settings(document, phrase("the stored settings"))
