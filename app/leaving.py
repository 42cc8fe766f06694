"""Leaving one client: the exit plan as of a judgement, as a calendar file and as a JSON document."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from app.wording import plain
from model.language import Headings, phrase, phrase_of, written

if TYPE_CHECKING:
    from model.exit_date import ExitDate
    from model.exit_plan import ExitPlan
    from model.judged import Judgement
    from model.payback import PayBack

_WEEKDAYS = Headings("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PRODUCT = "-//Two in the Bush//Exit plan//EN"


def plan_for(judged: "Judgement", client: str, alternative: str = "") -> "ExitPlan":
    """The exit plan for a client of the judgement; a deal-breaker is left at the earliest day.

    Parameters
    ----------
    judged
        The judgement.
    client
        Name of an active client.
    alternative
        Whom to recommend in one's place.

    Raises
    ------
    UnknownClient
        If the client is not among the active ones.
    """
    import numpy as np

    from model.actions import LAST_EXIT_MONTH
    from model.alone import alone
    from model.exit_plan import exit_plan

    decision, place = judged.of(client), judged.belief.place(client)
    return exit_plan(
        judged.records_of(client),
        client,
        alone(judged, client).exits(LAST_EXIT_MONTH),
        judged.terms,
        days_to_pay=float(np.median(judged.outlook.base.days_to_pay[:, place, 0])),
        settings=judged.settings,
        today=judged.as_of,
        at_once=decision.verdict == "deal_breaker",
        alternative=alternative.strip(),
    )


def paid_back(judged: "Judgement", client: str) -> "PayBack":
    """When leaving a client of the judgement now has brought as much as keeping them."""
    from model.alone import alone
    from model.payback import build_up, pay_back

    one = alone(judged, client)
    return pay_back(build_up(one.outlook, (one.terms,), one.settings, calendar=one.calendar), client)


def payback_words(paid: "PayBack", currency: str, today: date) -> str:
    """The same as a sentence or two, with the months of the calendar."""
    from app.wording import rounded
    from model.observations import month_number, month_start

    def end_of(months: int) -> date:
        return month_start(month_number(today) + months)

    if paid.lowest is None or rounded(paid.behind) == "0":
        return phrase("In expectation leaving now is at no time behind keeping.")
    behind = rounded(paid.behind)
    if paid.lowest == paid.months:
        return phrase(
            "In expectation leaving now ends behind keeping: by {behind} {money} at the end of {lowest:%B %Y}, the "
            "horizon.",
            behind=behind,
            money=currency,
            lowest=end_of(paid.lowest),
        )
    said = phrase(
        "In expectation leaving now falls behind keeping, at most by {behind} {money} at the end of {lowest:%B %Y}.",
        behind=behind,
        money=currency,
        lowest=end_of(paid.lowest),
    )
    if paid.month is None:
        return f"{said} {phrase('Within {count} months, the horizon, it does not catch up.', count=paid.months)}"
    return f"{said} {phrase('By the end of {month:%B %Y} it has caught up.', month=end_of(paid.month))}"


def calendar_file(plan: "ExitPlan") -> bytes:
    """The steps as whole days of an iCalendar file (RFC 5545); the same plan gives the same bytes."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    name = plain(plan.client)
    stamp = datetime.combine(plan.as_of, time(), UTC)
    for step in plan.steps:
        event = Event()
        event.add("uid", f"{_fingerprint(plan.client, step.id)}@two-in-the-bush")
        event.add("dtstamp", stamp)
        event.add("dtstart", step.on)
        event.add("dtend", step.on + timedelta(days=1))
        event.add("summary", f"{step.title}: {name}")
        event.add("description", plain(f"{step.what} {step.here}"))
        # A day to remember something on is not a day away.
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def file_name(plan: "ExitPlan") -> str:
    """A name for the calendar file that is safe on every system: letters, digits and dashes of the client's name."""
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in plan.client)
    words = [word for word in letters.lower().split("-") if word]
    return f"leaving-{'-'.join(words)[:60] or 'client'}.ics"


def plan_document(plan: "ExitPlan", paid: "PayBack") -> dict[str, Any]:
    """The plan as a JSON document."""
    return {
        "client": plan.client,
        "as_of": plan.as_of.isoformat(),
        "situation": plan.situation,
        "tell_on": plan.day.tell_on.isoformat(),
        "last_day": plan.day.last_day.isoformat(),
        "best": _day(plan.timing.best) | {"reason": plan.timing.reason},
        "currency": plan.timing.currency,
        "dates": [_day(day) for day in plan.timing.dates],
        "waiting": plan.timing.waiting,
        "pays_back": {"month": paid.month, "most_behind": paid.behind, "in_month": paid.lowest},
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "on": step.on.isoformat(),
                "what": step.what,
                "here": step.here,
                "sources": list(step.sources),
            }
            for step in plan.steps
        ],
        "lines": [{"moment": line.moment, "text": line.text, "own": line.own} for line in plan.lines],
    }


def _day(day: "ExitDate") -> dict[str, Any]:
    return {
        "occasion": day.occasion,
        "months_later": day.months_later,
        "tell_on": day.tell_on.isoformat(),
        "last_day": day.last_day.isoformat(),
        "value": day.value,
        "cost": day.cost,
    }


def _fingerprint(client: str, step: str) -> str:
    return blake2b(f"{client}\0{step}".encode(errors="surrogatepass"), digest_size=12).hexdigest()


def occasion_words(day: "ExitDate") -> str:
    """What a day waits for, as words."""
    later = round(day.months_later)
    return {
        "now": phrase("now"),
        "payment": phrase("after the next payment"),
        "deliverable": phrase("after the deliverable"),
        "later": phrase_of(later, "{count} month later", "{count} months later"),
    }[day.occasion]


def cost_words(day: "ExitDate", money: str) -> str:
    """What a day costs or brings against leaving now, as words."""
    from app.wording import rounded

    if day.occasion == "now" or rounded(day.cost) == "0":
        return phrase("nothing")
    amount = rounded(abs(day.cost))
    if day.cost > 0:
        return phrase("costs {amount} {money}", amount=amount, money=money)
    return phrase("brings {amount} {money}", amount=amount, money=money)


def said_on(day: date) -> str:
    """A day with its weekday."""
    return f"{_WEEKDAYS[day.weekday()]} {written(day)}"
