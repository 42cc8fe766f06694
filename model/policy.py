"""The user's policies, which stand above the sums: what to leave over, and when not to decide."""

from datetime import date, timedelta

from model.records import Records
from model.settings import Settings


def broken_by(mine: Records, settings: Settings) -> tuple[str, ...]:
    """Signs that one client's records show as often as the user decided to leave over."""
    return tuple(b.sign for b in settings.deal_breakers if _sightings(mine, b.sign) >= b.sightings)


def policy_sentence(sign: str, mine: Records, settings: Settings) -> str:
    """What was seen and which policy it breaks, as a sentence."""
    limit = next(b.sightings for b in settings.deal_breakers if b.sign == sign)
    seen, days = _sightings(mine, sign), _days(mine, sign)
    when = f", last on {days[-1]}" if len(days) > 1 else f" on {days[0]}" if days else ""
    rule = "the first time" if limit == 1 else f"once it is seen on {limit} days"
    return (
        f"Leave: {sign.replace('_', ' ')} was seen {_times(seen)}{when}, and you decided beforehand to leave over it "
        f"{rule}."
    )


def calm_down(mine: Records, settings: Settings, today: date) -> list[str]:
    """The sentence that holds back the deed, where a recent entry was made in anger."""
    if not (anger := angry_until(mine, settings, today)):
        return []
    return [f"An entry of {anger[0]} was made in anger: do nothing that cannot be undone before {anger[1]}."]


def warned(mine: Records, settings: Settings) -> list[str]:
    """A sentence for each policy that the next sighting would break."""
    near = (b for b in settings.deal_breakers if 0 < _sightings(mine, b.sign) == b.sightings - 1)
    return [
        f"{b.sign.replace('_', ' ').capitalize()} was seen {_times(b.sightings - 1)}. Tell them that it must not "
        "happen again: if it does, on a later day, you decided beforehand to leave."
        for b in near
    ]


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


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
