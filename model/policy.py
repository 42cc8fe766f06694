"""The user's policies, which stand above the sums: what to leave over, and when not to decide."""

from datetime import date, timedelta

from model import catalogue
from model.language import phrase
from model.records import Records
from model.settings import Settings

EXCEPTION = "special_requests"  # the sign that a rule was asked to be bent
YEAR = timedelta(days=365)


def broken_by(mine: Records, settings: Settings) -> tuple[str, ...]:
    """Signs that one client's records show as often as the user decided to leave over."""
    return tuple(b.sign for b in settings.deal_breakers if _sightings(mine, b.sign) >= b.sightings)


def policy_sentence(sign: str, mine: Records, settings: Settings) -> str:
    """What was seen and which policy it breaks, as a sentence."""
    limit = next(b.sightings for b in settings.deal_breakers if b.sign == sign)
    seen, days = _sightings(mine, sign), _days(mine, sign)
    when = (
        phrase(", last on {day}", day=days[-1]) if len(days) > 1 else phrase(" on {day}", day=days[0]) if days else ""
    )
    rule = phrase("the first time") if limit == 1 else phrase("once it is seen on {limit} days", limit=limit)
    return phrase(
        "Leave: {sign} was seen {seen}{when}, and you decided beforehand to leave over it {rule}.",
        sign=_called(sign, settings),
        seen=times(seen),
        when=when,
        rule=rule,
    )


def calm_down(mine: Records, settings: Settings, today: date) -> list[str]:
    """The sentence that holds back the deed, where a recent entry was made in anger."""
    if not (anger := angry_until(mine, settings, today)):
        return []
    return [
        phrase(
            "An entry of {anger} was made in anger: do nothing that cannot be undone before {until}.",
            anger=anger[0],
            until=anger[1],
        )
    ]


def warned(mine: Records, settings: Settings) -> list[str]:
    """A sentence for each policy that the next sighting would break."""
    near = (b for b in settings.deal_breakers if 0 < _sightings(mine, b.sign) == b.sightings - 1)
    return [
        phrase(
            "{sign} was seen {sightings}. Tell them that it must not happen again: if it "
            "does, on a later day, you decided beforehand to leave.",
            sign=_called(b.sign, settings),
            sightings=times(b.sightings - 1),
        )
        for b in near
    ]


def exceptions(records: Records, today: date) -> tuple[tuple[str, int], ...]:
    """Active clients who asked within a year to bend a rule, and on how many days; the most often first."""
    since = today - YEAR
    recent = [s for s in records.sightings if s.sign == EXCEPTION and since < s.on <= today]
    asked = {client.name: len({s.on for s in recent if s.client == client.name}) for client in records.active(today)}
    return tuple(sorted(((name, many) for name, many in asked.items() if many), key=lambda one: (-one[1], one[0])))


def _called(sign: str, settings: Settings) -> str:
    return f"“{catalogue.spoken(settings.language)[sign].label}”"


def angry_until(mine: Records, settings: Settings, today: date) -> tuple[date, date] | None:
    """The day of the last entry in anger and the day its cooling off ends, None where none holds anything back.

    Parameters
    ----------
    mine
        The records of one client.
    settings
        The days to cool off.
    today
        The day of the question.
    """
    pause = timedelta(days=settings.cooling_off_days)
    angry = [s.on for s in mine.sightings if s.angry and today < s.on + pause]
    return (max(angry), max(angry) + pause) if angry else None


def _sightings(mine: Records, sign: str) -> int:
    return len(_days(mine, sign)) + sum(sign in client.standing_signs for client in mine.clients)


def _days(mine: Records, sign: str) -> list[date]:
    # Two entries of one day tell of one occasion; a repetition is seen on a later day, after they could be told.
    return sorted({s.on for s in mine.sightings if s.sign == sign})


def times(count: int) -> str:
    """How often, in words."""
    return {1: phrase("once"), 2: phrase("twice")}.get(count, phrase("{count} times", count=count))
