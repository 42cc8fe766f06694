"""The portfolio in sentences: verdicts, time and money, whom to look into, and how old the records are."""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from app.presenting import URGENCY
from app.wording import rounded
from model.language import listed, phrase, phrase_of

if TYPE_CHECKING:
    from app.desk import Freshness
    from model.judged import Judgement

OLD_DAYS = 90


def summary(judgement: "Judgement", freshness: "Freshness") -> tuple[str, str, str]:
    """The portfolio in three sentences: verdicts, time and money, and what the answers rest on."""
    decisions = judgement.decisions
    if len(decisions) == 1:
        verdicts = phrase("1 client, {verdict}.", verdict=_verdict_words(decisions[0].verdict))
        return verdicts, _time_and_money(judgement), _basis(judgement, freshness)
    counts = Counter[str](decision.verdict for decision in decisions)
    parts = [f"{counts[verdict]} {_verdict_words(verdict)}" for verdict in reversed(URGENCY) if counts[verdict]]
    clients = phrase_of(len(decisions), "{count} client", "{count} clients")
    return f"{clients}: {listed(parts)}.", _time_and_money(judgement), _basis(judgement, freshness)


def out_of_date(newest: date | None, today: date) -> str:
    """A sentence where nothing was recorded for so long that the answers may be about a past that is over."""
    if newest is None or (days := (today - newest).days) <= OLD_DAYS:
        return ""
    return phrase(
        "The newest record is of {newest}, {days} days ago: the answers are about how things were then. "
        "Check in, or bring in what happened since.",
        newest=newest,
        days=days,
    )


def most_worth(judgement: "Judgement") -> str:
    """Of whom it is worth most to know more, and what to record; empty where nothing could change a choice."""
    first = max(judgement.decisions, key=lambda decision: (decision.evpi, decision.client), default=None)
    if first is None or rounded(first.evpi) == "0":
        return ""
    return phrase(
        "Most worth finding out about: {client}, where knowing everything would be worth about {evpi} {money}. "
        "{next_record}",
        client=first.client,
        evpi=rounded(first.evpi),
        money=first.currency,
        next_record=first.next_record,
    )


def _verdict_words(verdict: str) -> str:
    return {
        "keep": phrase("to keep"),
        "renegotiate": phrase("to renegotiate with"),
        "drop": phrase("to drop"),
        "wait": phrase("to wait with"),
        "too_close": phrase("too close to call"),
        "deal_breaker": phrase("to leave by your own deal-breakers"),
    }[verdict]


def _time_and_money(judgement: "Judgement") -> str:
    fees = sum(terms.fee_per_month for terms in judgement.terms)
    money = phrase(
        "Agreed fees come to about {fees} {currency} a month", fees=rounded(fees), currency=judgement.settings.currency
    )
    calendar = judgement.calendar
    if not calendar.hours_known:
        return phrase("{money}; no hours are recorded, so nothing is counted for your time.", money=money)
    booked = phrase(
        "{booked_hours:.0f} of {capacity_hours:.0f} hours a month are booked",
        booked_hours=calendar.booked_hours,
        capacity_hours=calendar.capacity_hours,
    )
    ends = {
        "full": phrase("so the calendar is full, and an hour freed goes to the next client"),
        "overbooked": phrase("so you are overbooked, and the first hours freed are relief"),
        "idle": phrase("so there is room, and hours freed would wait behind those free already"),
    }
    return f"{money}; {booked}, {ends.get(calendar.fullness, phrase('as far as hours are recorded'))}."


def _basis(judgement: "Judgement", freshness: "Freshness") -> str:
    months = judgement.settings.horizon_months
    if judgement.basis == "prior":
        basis = phrase(
            "what clients are like in general comes from judgement and a few published figures, not "
            "from a fit of your records"
        )
    elif judgement.basis == "quick":
        basis = phrase("a quick fit of your own records stands behind the answers, until a whole one is made")
    elif freshness.due:
        basis = phrase("a fit of your own records stands behind the answers, and a new one is due")
    elif freshness.stale:
        basis = phrase("a fit of your own records stands behind the answers, and what is new since is taken in")
    else:
        basis = phrase("a fit of your own records stands behind the answers")
    return phrase_of(
        months,
        "Values look {count} month ahead, as of {as_of:%d %B %Y}; {basis}.",
        "Values look {count} months ahead, as of {as_of:%d %B %Y}; {basis}.",
        as_of=judgement.as_of,
        basis=basis,
    )
