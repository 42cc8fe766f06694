"""What is shown to others: every client and prospect gets a letter in place of the name."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from app.naming import renamed
from app.settings_file import read_settings, write_settings
from model.agreed import EarlierTerms
from model.choice import Choice
from model.language import phrase
from model.records import CheckIn, Event, Hours, Invoice, Records, Sighting
from model.settings import Settings

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

    def theirs[T: (CheckIn, Sighting, Invoice, Hours, Event, Choice, EarlierTerms)](
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
        earlier_terms=theirs(records.earlier_terms),
        searches=records.searches,
        prospects=tuple(replace(one, name=named[one.name]) for one in records.prospects),
        settings=_impersonal(records.settings),
    )


def pseudonymous(review: "Review", names: Mapping[str, str]) -> "Review":
    """The review with letters in place of names, as it is where there are none.

    Reasons the user wrote down are left out, and so are settings in words of the user's own: anybody may be named.
    """
    if not names:
        return review
    lettered = renamed(review, names)
    settings = read_settings(review.settings, phrase("the settings of the review"))
    return replace(
        lettered,
        clients=tuple(replace(part, name=names.get(part.name, part.name)) for part in lettered.clients),
        decided=tuple(replace(one, choice=replace(one.choice, note="")) for one in lettered.decided),
        settings=write_settings(_impersonal(settings)),
    )


def _impersonal(settings: Settings) -> Settings:
    return replace(settings, exit_lines=(), aliases=(), table_maps=(), scenarios=())


def _letters(place: int) -> str:
    # A to Z, then AA, AB and so on.
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, len(ascii_uppercase))
        letters = ascii_uppercase[rest] + letters
    return letters
