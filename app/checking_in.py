"""The check-in of all clients at once: which months are due, what was said of them, and how the answers changed."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.entries import check_in
from app.wording import VERDICTS, rounded, signed
from model.errors import BushError
from model.language import Headings, phrase, phrase_of, written
from model.months_due import months_due, months_long_ago
from model.records import CheckIn, Client, Records, Sighting

if TYPE_CHECKING:
    from model.catalogue import Catalogue
    from model.decision import Decision
    from model.judged import Judgement
    from model.settings import Settings

# So long after the end something may still come: a late payment, an entry to correct, a lesson.
LEFT_DAYS = 2 * 365
CHANGED = Headings("Client", "Verdict before", "Verdict after", "Keeping before", "Keeping after", "Change")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A month of a client that waits for its check-in; `month` is its first day."""

    client: str
    month: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was filled in for one client and month; nothing at all where nothing was.

    `energy` runs from 1 (drained) to 5 (energised), None where it was not said; `signs` are ids of the catalogue;
    `nothing_new` says outright that no sign was seen.
    """

    client: str
    month: date
    energy: int | None = None
    signs: tuple[str, ...] = ()
    nothing_new: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything was said."""
        return self.energy is not None or bool(self.signs) or self.nothing_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row cannot be stored; no client where it is the whole form."""

    sentence: str
    client: str = ""
    month: date | None = None

    @property
    def where(self) -> str:
        """The client and the month, for a person."""
        return ", ".join(part for part in (self.client, written(self.month, "%B %Y") if self.month else "") if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form that was sent: the records to store in one batch, or the faults that stand against it."""

    records: tuple[CheckIn | Sighting, ...]
    clients: tuple[str, ...]
    faults: tuple[Fault, ...]


def due_months(records: Records, today: date) -> tuple[Due, ...]:
    """The months that wait for a check-in: by client, the newest first.

    Those that `model.months_due` gives; of earlier ones `long_ago` gives the number.
    """
    done = _checked_in(records)
    return tuple(
        Due(client=client.name, month=month)
        for client in records.active(today)
        for month in months_due(client, done.get(client.name, ()), today)
    )


def long_ago(records: Records, today: date) -> int:
    """How many months of the last year have no check-in and are too long ago to be asked for all clients."""
    done = _checked_in(records)
    return sum(len(months_long_ago(c, done.get(c.name, ()), today)) for c in records.active(today))


def recently_left(records: Records, today: date) -> tuple[Client, ...]:
    """Clients who left within two years, the last one first: with them something may still be open."""
    gone = [c for c in records.clients if c.ended_on is not None and 0 <= (today - c.ended_on).days <= LEFT_DAYS]
    return tuple(sorted(gone, key=lambda client: (client.ended_on or today, client.name), reverse=True))


def signs_offered(signs: "Catalogue", settings: "Settings") -> dict[str, str]:
    """The signs of a check-in by id, with the short label they are searched by and shown with once chosen.

    Those to leave over at once come last: what is taken by the first stroke of a key should not be one of them.
    """
    breakers = {breaker.sign for breaker in settings.deal_breakers}
    return {sign.id: sign.label for sign in sorted(signs.ticked, key=lambda sign: sign.id in breakers)}


def in_words(due: Sequence[Due]) -> str:
    """What is due, in one sentence: the months, newest first, each with the number of clients."""
    if not due:
        return phrase("Every month is checked in.")
    counts = Counter(one.month for one in due)
    parts = [
        phrase_of(counts[month], "{month:%B %Y} for {count} client", "{month:%B %Y} for {count} clients", month=month)
        for month in sorted(counts, reverse=True)
    ]
    return phrase("Due: {parts}.", parts="; ".join(parts))


def fill(
    said: Iterable[Said], records: Records, today: date, *, angry: Collection[str] = (), others: bool = False
) -> Filled:
    """The records of a form for all clients, or every fault in it.

    Parameters
    ----------
    said
        A row for each month on the form; rows in which nothing was said are left out of the batch.
    records
        The portfolio.
    today
        The day it is said.
    angry
        Clients the user is angry at right now: marks the signs of the newest month that has any.
    others
        Nothing new in all months of which nothing else was said.
    """
    rows = sorted(said, key=lambda row: (row.client, row.month), reverse=True)
    waiting = set(due_months(records, today))
    open_anger = set(angry)
    made: list[tuple[CheckIn | Sighting, ...]] = []
    faults: list[Fault] = []
    clients: list[str] = []
    for row in rows:
        if not (row.anything or others):
            continue
        furious = row.client in open_anger and bool(row.signs)
        if furious:
            open_anger.discard(row.client)
        try:
            if sentence := _contradiction(row, waiting):
                faults.append(Fault(client=row.client, month=row.month, sentence=sentence))
                continue
            made.append(
                check_in(
                    records,
                    client=row.client,
                    month=row.month,
                    today=today,
                    energy=row.energy,
                    signs=row.signs,
                    angry=furious,
                )
            )
            clients.append(row.client)
        except BushError as error:
            faults.append(Fault(client=row.client, month=row.month, sentence=str(error)))
    faults += [
        Fault(client=name, sentence=phrase("say what made you angry: choose at least one sign.")) for name in open_anger
    ]
    if not made and not faults:
        faults.append(
            Fault(
                sentence=phrase(
                    "nothing is filled in yet: choose an energy or a sign for someone, or tick nothing new."
                )
            )
        )
    faults.sort(key=lambda fault: fault.where)
    kept = () if faults else tuple(record for row_records in reversed(made) for record in row_records)
    return Filled(records=kept, clients=tuple(sorted(set(clients))), faults=tuple(faults))


def answers_changed(
    before: "Judgement | None", after: "Judgement", clients: Collection[str]
) -> tuple[tuple[str, ...], ...]:
    """Verdict and worth of keeping of each client before and after a check-in, as rows under `CHANGED`.

    Both worths are rounded alike, by a hundredth of the interval: a change too small for that shows as none.
    """
    earlier = {decision.client: decision for decision in before.decisions} if before else {}
    return tuple(
        _answer(earlier.get(decision.client), decision) for decision in after.decisions if decision.client in clients
    )


def _answer(old: "Decision | None", new: "Decision") -> tuple[str, ...]:
    keep, verdict = new.action("keep"), VERDICTS[new.verdict]
    spread = (keep.p90 - keep.p10) / 5
    worth = rounded(keep.mean, spread=spread)
    if old is None:
        return new.client, phrase("none yet"), verdict, phrase("none yet"), worth, phrase("first answer")
    earlier = old.action("keep").mean
    changed = []
    if old.verdict != new.verdict:
        changed.append(phrase("another verdict"))
    if rounded(earlier, spread=spread) != worth:
        changed.append(signed(keep.mean - earlier))
    told = ", ".join(changed) or phrase("none")
    return new.client, VERDICTS[old.verdict], verdict, rounded(earlier, spread=spread), worth, told


def _checked_in(records: Records) -> dict[str, set[date]]:
    done: dict[str, set[date]] = {}
    for checkin in records.checkins:
        done.setdefault(checkin.client, set()).add(checkin.month)
    return done


def _contradiction(row: Said, waiting: Collection[Due]) -> str:
    if row.nothing_new and row.signs:
        return phrase("nothing new is ticked, and a sign is chosen too: take one of them back.")
    if Due(client=row.client, month=row.month) not in waiting:
        return phrase("this month is not due: it was checked in meanwhile, or has not ended yet.")
    return ""
