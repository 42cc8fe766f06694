"""What is shown to others: every client and prospect gets a letter in place of the name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from model.language import phrase
from model.records import CheckIn, Choice, Event, Hours, Invoice, Records, Sighting

if TYPE_CHECKING:
    from app.review.content import Review


def pseudonyms(clients: Iterable[str], prospects: Iterable[str] = ()) -> dict[str, str]:
    """A letter for each name, in the order given: Client A, Client B; Prospect A."""
    named: dict[str, str] = {}
    for kind, names in ((phrase("Prospect"), prospects), (phrase("Client"), clients)):
        named |= {name: f"{kind} {_letters(place)}" for place, name in enumerate(names)}
    return named


def nameless(records: Records) -> Records:
    """The records without anything that says who they are of: for a question to somebody outside, or for study.

    Names become letters and numbers of invoices are counted anew; notes, scenarios, lines in the user's own words and
    what imports were told are left out.
    """
    named = pseudonyms([c.name for c in records.clients], [p.name for p in records.prospects])

    def theirs[T: (CheckIn, Sighting, Invoice, Hours, Event, Choice)](
        kind: tuple[T, ...], **other: Any
    ) -> tuple[T, ...]:
        return tuple(replace(one, client=named[one.client], **other) for one in kind)

    # Field by field: a client may be called like a sign, a currency or a way to be billed.
    return Records(
        clients=tuple(replace(one, name=named[one.name]) for one in records.clients),
        checkins=theirs(records.checkins, note=""),
        sightings=theirs(records.sightings, note=""),
        invoices=tuple(replace(one, number=str(n)) for n, one in enumerate(theirs(records.invoices), 1)),
        hours=theirs(records.hours),
        events=theirs(records.events, note=""),
        choices=theirs(records.choices, note=""),
        searches=records.searches,
        prospects=tuple(replace(one, name=named[one.name]) for one in records.prospects),
        settings=replace(records.settings, exit_lines=(), aliases=(), table_maps=(), scenarios=()),
    )


def without_reasons(review: "Review") -> "Review":
    """The review without the reasons the user wrote down: in free words, anybody may be named."""
    kept = tuple(replace(one, choice=replace(one.choice, note="")) for one in review.decided)
    return replace(review, decided=kept)


def renamed[T](value: T, names: Mapping[str, str]) -> T:
    """The same value with every name replaced, wherever in a text it stands.

    A name that is part of another word is replaced there too: rather an odd word than a name that slipped through.
    """
    if not names:
        return value
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    found: T = _renamed(value, pattern, names)
    return found


def _renamed(value: Any, pattern: re.Pattern[str], names: Mapping[str, str]) -> Any:
    match value:
        case str():
            return pattern.sub(lambda found: names[found.group()], value)
        case Mapping():
            return {_renamed(k, pattern, names): _renamed(v, pattern, names) for k, v in value.items()}
        case list() | tuple():
            return type(value)(_renamed(entry, pattern, names) for entry in value)
    if is_dataclass(value) and not isinstance(value, type):
        inside = {f.name: _renamed(getattr(value, f.name), pattern, names) for f in fields(value)}
        return replace(value, **inside)
    return value


def _letters(place: int) -> str:
    # A to Z, then AA, AB and so on.
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, len(ascii_uppercase))
        letters = ascii_uppercase[rest] + letters
    return letters
