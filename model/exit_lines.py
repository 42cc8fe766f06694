"""The lines to say when leaving, by situation: the shipped ones, or the user's own in their place."""

import re
from dataclasses import dataclass
from datetime import date

from model import advice
from model.language import Headings, phrase, translated
from model.records import Records
from model.settings import Settings, Situation

LESSON = "Lesson: "  # a note that begins so is kept to screen the next client by
ABUSE = ("physical_abuse", "mental_abuse")
LATE_SHARE, RECENT_INVOICES = 0.5, 6
_MONTHS = Headings(
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """Words to say, the blanks filled in; `own` where the user has written them."""

    moment: str
    text: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Blanks:
    """What the blanks of a line are filled with; empty where it is not known."""

    client: str
    last_day: date
    alternative: str
    open_amount: str


def situation_of(mine: Records, today: date) -> Situation:
    """Which of the four situations a client is in, by their records: abuse, friend or family, late payer, ordinary."""
    if any(sighting.sign in ABUSE for sighting in mine.sightings):
        return "abuse"
    if any("friends_or_family" in client.standing_signs for client in mine.clients):
        return "friend_or_family"
    recent = sorted(mine.invoices, key=lambda invoice: invoice.issued)[-RECENT_INVOICES:]
    late = sum((i.paid_on or today) > i.due for i in recent)
    return "late_payer" if recent and late >= LATE_SHARE * len(recent) else "ordinary"


def lines_for(situation: Situation, settings: Settings) -> tuple[PlannedLine, ...]:
    """The lines of a situation with their blanks, the user's own in place of the shipped ones.

    A moment the situation has no words for takes the ordinary ones, but after abuse, where less is more. Own lines for
    moments the catalogue does not know come last.
    """
    shipped = {line.moment: translated(line.text) for line in advice.script_lines() if line.situation == situation}
    if situation != "abuse":
        usual = {line.moment: translated(line.text) for line in advice.script_lines() if line.situation == "ordinary"}
        shipped = usual | shipped
    own = {line.moment: line.text for line in settings.exit_lines if line.situation == situation}
    return tuple(PlannedLine(moment=moment, text=text, own=moment in own) for moment, text in (shipped | own).items())


def filled(text: str, blanks: Blanks) -> str:
    """A line with its blanks filled; braces that are no blank, in a name or in the user's own words, are only text."""
    words = {
        "{last_day}": said(blanks.last_day),
        "{open_amount}": blanks.open_amount or phrase("what is open"),
        "{alternative}": blanks.alternative or phrase("a colleague of mine"),
        "{client}": blanks.client,
    }
    # In one pass: a client called {last_day} keeps that name.
    return re.sub("|".join(map(re.escape, words)), lambda blank: words[blank.group()], text)


def said(day: date) -> str:
    """A day as one says it, such as `30 November 2026`."""
    return phrase("{day} {month} {year}", day=day.day, month=_MONTHS[day.month - 1], year=day.year)
