"""What was recorded of one client through time, in the shapes the charts and their tables need."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.charts import Bar, Mark, Rule, StrainPoint
from app.wording import ACTIONS, BILLING, VERDICTS
from model.agreed import EarlierTerms
from model.catalogue import TRAITS, Catalogue
from model.choice import Choice
from model.decision import asked
from model.forecast import Ask
from model.language import Phrases, phrase, written
from model.looking_back import RESULTS
from model.records import CheckIn, Event, Hours, Invoice, Sighting

if TYPE_CHECKING:
    from model.path import StrainPath
    from model.records import Records

type Noted = Sighting | CheckIn | Invoice | Hours | Event | EarlierTerms | Choice
BAND = 1.2816  # standard deviations to either side that hold 80 %


_KINDS = Phrases({"renegotiation": "Renegotiation", "referral": "Referral", "complaint": "Complaint", "note": "Note"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record as a line of the table beside the charts."""

    on: date
    what: str
    detail: str
    record: Noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Strain by trait in the catalogue's order, and the records behind it."""

    strain: tuple[tuple[StrainPoint, ...], ...]
    marks: tuple[tuple[Mark, ...], ...]
    payments: tuple[Bar, ...]
    hours: tuple[Bar, ...]
    energy: tuple[Bar, ...]
    agreed_hours: tuple[Rule, ...]
    entries: tuple[Entry, ...]


def timeline(records: "Records", path: "StrainPath", client: str, catalogue: Catalogue, today: date) -> Timeline:
    """Everything recorded of a client up to `today`, with the path its strain is believed to have taken."""
    mine = records.of(client).as_of(today)
    months = [date(int(number) // 12, int(number) % 12 + 1, 1) for number in path.month]
    mean, sd = path.mean, path.sd
    strain = tuple(
        tuple(
            StrainPoint(
                month=month,
                mean=float(mean[row, j]),
                low=float(mean[row, j] - BAND * sd[row, j]),
                high=float(mean[row, j] + BAND * sd[row, j]),
            )
            for row, month in enumerate(months)
        )
        for j in range(len(TRAITS))
    )
    return Timeline(
        strain=strain,
        marks=tuple(_marks(mine, points, trait, catalogue) for trait, points in zip(TRAITS, strain, strict=True)),
        payments=_payments(mine, today),
        hours=_hours(mine),
        energy=tuple(
            Bar(label=written(c.month, "%B %Y"), amount=float(c.energy), on=c.month) for c in mine.checkins if c.energy
        ),
        agreed_hours=_agreed(mine),
        entries=entries_of(records, client, catalogue, today),
    )


def entries_of(records: "Records", client: str, catalogue: Catalogue, today: date) -> tuple[Entry, ...]:
    """Every record of a client up to `today`, whether they are still there or not, newest first."""
    return _entries(records.of(client).as_of(today), catalogue)


def _marks(mine: "Records", points: tuple[StrainPoint, ...], trait: str, catalogue: Catalogue) -> tuple[Mark, ...]:
    heights = {(point.month.year, point.month.month): point.mean for point in points}
    return tuple(
        Mark(
            on=sighting.on,
            height=heights.get((sighting.on.year, sighting.on.month), 0.0),
            label=catalogue[sighting.sign].label,
            is_good=catalogue[sighting.sign].is_good,
        )
        for sighting in mine.sightings
        if catalogue[sighting.sign].trait == trait
    )


def _payments(mine: "Records", today: date) -> tuple[Bar, ...]:
    bars = []
    for invoice in sorted(mine.invoices, key=lambda i: i.issued):
        if invoice.paid_on is not None:
            days, kind = (invoice.paid_on - invoice.due).days, "paid"
        elif invoice.due <= today:
            days, kind = (today - invoice.due).days, phrase("still open")
        else:
            continue
        bars.append(Bar(label=phrase("due {due}", due=invoice.due), amount=float(days), on=invoice.due, kind=kind))
    return tuple(bars)


def _hours(mine: "Records") -> tuple[Bar, ...]:
    by_month: dict[date, float] = {}
    for entry in mine.hours:
        month = entry.on.replace(day=1)
        by_month[month] = by_month.get(month, 0.0) + entry.hours
    return tuple(
        Bar(label=written(month, "%B %Y"), amount=hours, on=month) for month, hours in sorted(by_month.items())
    )


def _agreed(mine: "Records") -> tuple[Rule, ...]:
    since: date | None = None
    levels: list[tuple[float | None, date | None, date | None]] = []
    for terms in sorted(mine.earlier_terms, key=lambda terms: terms.until):
        levels.append((terms.agreed_hours_per_month, since, terms.until))
        since = terms.until + timedelta(days=1)
    levels.append((mine.clients[0].agreed_hours_per_month, since, None))
    return tuple(Rule(amount=hours, since=first, until=last) for hours, first, last in levels if hours)


def _entries(mine: "Records", catalogue: Catalogue) -> tuple[Entry, ...]:
    entries = [
        *(
            Entry(on=s.on, what=phrase("Sign"), detail=catalogue[s.sign].label + _note(s.note), record=s)
            for s in mine.sightings
        ),
        *(
            Entry(
                on=c.month,
                what=phrase("Check-in"),
                detail=(phrase("energy {energy}", energy=c.energy) if c.energy else phrase("no energy given"))
                + _note(c.note),
                record=c,
            )
            for c in mine.checkins
        ),
        *(
            Entry(
                on=i.issued,
                what=phrase("Invoice"),
                detail=phrase(
                    "{number}: {amount} {currency}, due {due}, ",
                    number=i.number,
                    amount=i.amount,
                    currency=i.currency,
                    due=i.due,
                )
                + (
                    phrase("paid {paid_on}", paid_on=i.paid_on)
                    if i.paid_on
                    else phrase("open")
                    if i.written_off is None
                    else phrase("written off")
                    if i.written_off_on is None
                    else phrase("written off {written_off_on}", written_off_on=i.written_off_on)
                )
                + (phrase(", disputed") if i.disputed else ""),
                record=i,
            )
            for i in mine.invoices
        ),
        *(
            Entry(
                on=h.on,
                what=phrase("Hours"),
                detail=written(h.hours, "g")
                + (phrase(" in the month") if h.whole_month else "")
                + (phrase(", not billed") if h.billable is False else ""),
                record=h,
            )
            for h in mine.hours
        ),
        *(
            Entry(on=t.until, what=phrase("Earlier terms"), detail=_held(t, mine.clients[0].currency), record=t)
            for t in mine.earlier_terms
        ),
        *(Entry(on=c.on, what=phrase("Decision"), detail=_decided(c) + _note(c.note), record=c) for c in mine.choices),
        *(Entry(on=e.on, what=_KINDS[e.kind], detail=_came_of(e) + _note(e.note), record=e) for e in mine.events),
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.on, entry.what), reverse=True))


def _came_of(event: Event) -> str:
    """What was asked for in a renegotiation, and its result; of any other event, the money it brought, if any."""
    if event.kind != "renegotiation":
        return "" if event.amount is None else phrase("brought {amount}", amount=event.amount)
    ask = Ask(price_pct=event.ask_price_pct or 0.0, scope=event.ask_scope, terms=event.ask_terms)
    result = RESULTS[event.result or "open"]
    return f"{asked(ask)}: {result}" if ask.price_pct or ask.scope or ask.terms else result


def _decided(choice: Choice) -> str:
    """What was decided, beside what was advised that day."""
    if choice.advised is None:
        return ACTIONS[choice.action]
    return phrase("{action}; advised: {advice}", action=ACTIONS[choice.action], advice=VERDICTS[choice.advised])


def _held(terms: EarlierTerms, currency: str) -> str:
    price = terms.rate_per_hour if terms.billing == "hourly" else terms.fee_per_month
    parts = [phrase("until {until}: {billing}", until=terms.until, billing=BILLING[terms.billing])]
    if price is not None:
        parts.append(f"{price} {currency}")
    if terms.agreed_hours_per_month:
        parts.append(phrase("{hours:g} hours a month", hours=terms.agreed_hours_per_month))
    return ", ".join(parts)


def _note(note: str) -> str:
    return f" ({note})" if note else ""
