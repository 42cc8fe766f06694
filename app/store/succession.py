"""What takes the place of a record: its correction, its withdrawal, or the terms agreed from a day on."""

from datetime import date, timedelta
from decimal import Decimal

from app.store.merge import Standing, check, key_of
from app.store.writes import Change, Record, described
from model.agreed import EarlierTerms
from model.choice import Choice
from model.entered import check_entered
from model.errors import InvalidRecord
from model.language import phrase
from model.records import CheckIn, Client, Event, Hours, Invoice, Sighting

Plan = tuple[list[Change], int]
"""The rows to append, and how many records were there already."""


def correction(old: Record, new: Record | None, standing: Standing) -> Plan:
    """Another record of its type in the place of `old`, or none.

    Raises
    ------
    InvalidRecord
        If `old` is not recorded, `new` is of another type or key, or `old` is a client who has records.
    """
    if new == old:
        return [], 1
    row = _row_of(old, standing)
    if new is None:
        _check_unused(old, standing)
    else:
        _check_successor(old, new, standing)
    return [Change(record=new, replaces=(type(old), row))], 0


def new_terms(old: Client, new: Client, since: date, standing: Standing) -> Plan:
    """Other terms of a client from the day `since` on, and what held until then as earlier ones.

    Raises
    ------
    InvalidRecord
        If `old` is not recorded, `new` has another name or currency, or `since` lies before the client began or within
        earlier terms.
    """
    if new == old:
        return [], 1
    changes = [Change(record=new, replaces=(Client, _row_of(old, standing)))]
    _check_successor(old, new, standing)
    if new.currency != old.currency:
        raise InvalidRecord(
            phrase(
                "what {client!r} paid before would be in {currency} too: add another client for what is agreed in it, "
                "or give no day, to put the currency right.",
                client=old.name,
                currency=new.currency,
            ),
            column="currency",
        )
    before = old.terms_until(since - timedelta(days=1))
    if since <= old.since:
        raise InvalidRecord(
            phrase(
                "{client!r} began on {since}: give a later day, or none, to put the terms right.",
                client=old.name,
                since=old.since,
            ),
            column="since",
        )
    known = (terms for _, terms in standing.rows(EarlierTerms) if isinstance(terms, EarlierTerms))
    last = max((terms.until for terms in known if terms.client == old.name), default=date.min)
    if before.until < last:
        raise InvalidRecord(
            phrase(
                "other terms of {client!r} held until {last}; give a later day, or correct those.",
                client=old.name,
                last=last,
            ),
            column="since",
        )
    # Terms that are changed on the day they began never held.
    return changes if last == before.until else [*changes, Change(record=before)], 0


def in_words(old: Record, new: Record | None) -> str:
    """What a correction does, for the history."""
    if new is None:
        return phrase("withdrew {record}", record=described(old))
    if isinstance(old, Client):
        return phrase("changed the terms of {record}", record=described(old))
    return phrase("corrected {record}", record=described(old))


def _row_of(record: Record, standing: Standing) -> int:
    for row, known in standing.rows(type(record)):
        if known == record:
            return row
    raise InvalidRecord(phrase("{old} is not recorded like this any more; look at it again.", old=described(record)))


def _check_successor(old: Record, new: Record, standing: Standing) -> None:
    if type(new) is not type(old) or not _same(old, new):
        raise InvalidRecord(
            phrase("{old} can be corrected, not turned into {new}.", old=described(old), new=described(new))
        )
    if key_of(new) != key_of(old) and key_of(new) in standing.by_key(type(new)):
        raise InvalidRecord(phrase("{new} are recorded already; take one of the two out.", new=described(new)))
    check((new,), standing.clients, standing.settings)
    if isinstance(old, EarlierTerms) and isinstance(new, EarlierTerms) and new.until != old.until:
        _check_order(old, new, standing)
    # An entry of older times is still paid, dated and noted on as it is.
    if _amount_of(new) != _amount_of(old):
        check_entered(new)


def _check_order(old: EarlierTerms, new: EarlierTerms, standing: Standing) -> None:
    first, last = sorted((old.until, new.until))
    known = (terms for _, terms in standing.rows(EarlierTerms) if isinstance(terms, EarlierTerms))
    between = [t.until for t in known if t.client == old.client and first < t.until < last]
    if between:
        raise InvalidRecord(
            phrase("other terms held until {until}; choose a day on the same side of it.", until=between[0]),
            column="until",
        )
    since = standing.clients[old.client].since
    if new.until < since:
        raise InvalidRecord(
            phrase("{client!r} began on {since}: terms held until a later day.", client=old.client, since=since),
            column="until",
        )


def _same(old: Record, new: Record) -> bool:
    # Terms are still those terms where they ended on another day.
    if isinstance(old, EarlierTerms) and isinstance(new, EarlierTerms):
        return old.client == new.client
    return key_of(old) == key_of(new)


def _amount_of(record: Record) -> Decimal | float | None:
    match record:
        case Hours(hours=hours):
            return hours
        case Invoice(amount=amount):
            return amount
        case _:
            return None


def _check_unused(old: Record, standing: Standing) -> None:
    if not isinstance(old, Client):
        return
    for kind in (EarlierTerms, CheckIn, Sighting, Invoice, Hours, Event, Choice):
        if any(getattr(record, "client", None) == old.name for _, record in standing.rows(kind)):
            raise InvalidRecord(
                phrase("client {name!r} has records and cannot be withdrawn; end the client instead.", name=old.name)
            )
