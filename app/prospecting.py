"""Possible clients, and looking for one, row by row: the same words for the terminal and the page."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from app.wording import ACTIONS, TRAITS, of_twenty, points, rounded, signed
from model.advice import Stage, screening_items
from model.exit_plan import lessons
from model.language import Headings, Phrases, listed, phrase, translated, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from model.advice import ScreeningItem
    from model.prospects import Exchange, Valued
    from model.records import Records
    from model.screening import Screening
    from model.search_first import SearchFirst

ANSWERS = Phrases({"take": "Take on", "decline": "Say no", "too_close": "Too close to call"})
PROSPECT_COLUMNS = Headings("Prospect", "Answer", "Worth, over saying no", "Better in", "Worth it from a month", "Odds")
EXCHANGE_COLUMNS = Headings("Instead of", "Take", "Worth", "Best without", "Gain", "Better in")
RULE_COLUMNS = Headings("Take on", "Demand", "Conduct", "Fit", "Months to win one", "Worth of an open slot", "Gain")
SEARCH_COLUMNS = Headings("Client", "Keep", "Drop at once", "Search first", "Switch in")
MOST_EXCHANGES = 8


def prospect_rows(found: "Sequence[Valued]") -> tuple[tuple[str, ...], ...]:
    """Each prospect's answer and figures."""
    return tuple(
        (
            one.prospect.name,
            ANSWERS[one.answer],
            signed(one.gain),
            of_twenty(one.p_better),
            phrase("at no fee") if one.least_fee is None else rounded(one.least_fee),
            phrase("not said") if one.prospect.odds is None else written(one.prospect.odds, ".0%"),
        )
        for one in found
    )


def strain_rows(one: "Valued") -> tuple[tuple[str, str, str], ...]:
    """What the early signs lead one to expect of each trait: believed, and the 80 % interval."""
    return tuple(
        (
            label,
            points(float(mean)),
            phrase("{low} to {high}", low=points(float(mean - 1.28 * sd)), high=points(float(mean + 1.28 * sd))),
        )
        for label, mean, sd in zip(TRAITS.values(), *one.strain, strict=True)
    )


def cost_of_looking_words(records: "Records", today: "date") -> str:
    """What the searches logged cost a month, beside what is set; nothing where their cost is not known."""
    from model.market import cost_of_looking

    cost = cost_of_looking(records.searches, today)
    if cost is None:
        return ""
    return phrase(
        "By your own log a month of looking has cost {cost} {money}; what is set here does not follow it by itself.",
        cost=rounded(cost),
        money=records.settings.currency,
    )


def exchange_rows(found: "Sequence[Exchange]") -> tuple[tuple[str, ...], ...]:
    """The exchanges worth most, and no more than a page holds."""
    return tuple(
        (
            one.client,
            listed(one.prospects),
            rounded(one.value),
            f"{ACTIONS[one.instead_of]}: {rounded(one.now)}",
            signed(one.gain),
            of_twenty(one.p_better),
        )
        for one in found[:MOST_EXCHANGES]
    )


def exchange_sentence(found: "Sequence[Exchange]") -> str:
    """Whether any client should make way for a prospect."""
    worth_it = [one for one in found if one.gain > 0 and one.p_better > 0.5]
    if not worth_it:
        return phrase("No client is worth less than a prospect in their place.")
    best = worth_it[0]
    return phrase(
        "{prospects} in the place of {client} is worth about {gain} more than the best "
        "without, in {p_better} plausible cases.",
        prospects=listed(best.prospects),
        client=best.client,
        gain=rounded(best.gain),
        p_better=of_twenty(best.p_better),
    )


def rule_rows(found: "Screening") -> tuple[tuple[str, ...], ...]:
    """What each strictness of screening comes to, strictness rising."""
    rows = []
    for rule in found.rules:
        whom = (
            phrase("everyone")
            if rule is found.rules[0]
            else phrase("the better {accepted:.0%}", accepted=rule.accepted)
        )
        strain = [points(rule.strain[place]) for place in (1, 2, 3)]
        gain = phrase("none") if rule is found.rules[0] else signed(rule.gain)
        rows.append((whom, *strain, written(rule.months_to_win, ".1f"), rounded(rule.slot), gain))
    return tuple(rows)


def screening_sentences(found: "Screening", currency: str) -> tuple[str, ...]:
    """The best strictness, and what to go by."""
    if not found.pays:
        return (phrase("Turning new clients away for their early signs is not worth the longer search."),)
    best = found.best
    said = [
        phrase(
            "It pays to turn away the least promising {accepted:.0%} by their early signs: "
            "worth about {gain} {currency} for each open slot, although the search takes "
            "{months_to_win:.1f} months instead of {longer:.1f}.",
            accepted=1 - best.accepted,
            gain=rounded(best.gain),
            currency=currency,
            months_to_win=best.months_to_win,
            longer=found.rules[0].months_to_win,
        )
    ]
    if found.enough:
        said.append(
            phrase("One of these is enough: {enough}.", enough="; ".join(sign.label for sign in found.enough[:5]))
        )
    else:
        said.append(phrase("One sign alone is never enough for that; it takes several."))
    return tuple(said)


def search_rows(found: "Sequence[SearchFirst]") -> tuple[tuple[str, ...], ...]:
    """Keeping, dropping and looking first, client by client."""
    return tuple(
        (one.client, rounded(one.keep), rounded(one.drop), rounded(one.value), of_twenty(one.switches)) for one in found
    )


def advised(stage: Stage) -> "tuple[ScreeningItem, ...]":
    """What the sources advise at this stage, in the language spoken."""
    found = (item for item in screening_items() if item.stage == stage)
    return tuple(replace(item, title=translated(item.title), what=translated(item.what)) for item in found)


def exceptions_sentence(records: "Records", today: "date") -> str:
    """How often each client asked to bend a rule, as logged."""
    from model.policy import exceptions, times

    found = [f"{name} {times(many)}" for name, many in exceptions(records, today)]
    if not found:
        return phrase("In the last twelve months nobody is logged to have asked for an exception.")
    return phrase("Exceptions asked for in the last twelve months, as logged: {asked}.", asked=listed(found))


def before_yes_lines(records: "Records", today: "date") -> tuple[str, ...]:
    """What to look at before saying yes, what to settle for every client, and what those who left have taught."""
    learned = tuple(f"- {one}" for one in lessons(records))
    return (
        phrase("Before you say yes"),
        *_lines("screening"),
        phrase("Rules for every client"),
        *_lines("policy"),
        exceptions_sentence(records, today),
        *((phrase("What earlier clients taught you"), *learned) if learned else ()),
    )


def before_asking_lines() -> tuple[str, ...]:
    """What to know before asking a client for more, line by line for the terminal."""
    return phrase("Before you ask"), *_lines("renegotiation")


def _lines(stage: Stage) -> "Iterator[str]":
    return (f"- {item.title}: {item.what}" for item in advised(stage))


def before_yes_document(records: "Records", today: "date") -> dict[str, Any]:
    """The same as a document for JSON."""
    from model.policy import exceptions

    items = (*advised("screening"), *advised("policy"))
    return {
        "look_at": [asdict(one) for one in items],
        "exceptions": dict(exceptions(records, today)),
        "lessons": lessons(records),
    }


def prospect_document(one: "Valued") -> dict[str, Any]:
    """One prospect as a document for JSON."""
    return {
        "prospect": one.prospect.name,
        "answer": one.answer,
        "reason": one.reason,
        "gain": one.gain,
        "p_better": one.p_better,
        "least_fee": one.least_fee,
        "hours": one.hours,
        "hours_beyond": one.beyond,
        "starts_in_months": one.starts_in,
        "odds": one.prospect.odds,
        "strain": {
            trait: {"mean": float(mean), "sd": float(sd)} for trait, mean, sd in zip(TRAITS, *one.strain, strict=True)
        },
    }


def exchange_document(one: "Exchange") -> dict[str, Any]:
    """One exchange as a document for JSON."""
    return {
        "client": one.client,
        "prospects": list(one.prospects),
        "value": one.value,
        "now": one.now,
        "instead_of": one.instead_of,
        "gain": one.gain,
        "p_better": one.p_better,
    }


def screening_document(found: "Screening") -> dict[str, Any]:
    """Screening as a document for JSON."""
    rules = [
        {
            "accepted": rule.accepted,
            "strain": dict(zip(TRAITS, rule.strain, strict=True)),
            "months_to_win": rule.months_to_win,
            "slot": rule.slot,
            "gain": rule.gain,
        }
        for rule in found.rules
    ]
    return {
        "rules": rules,
        "best": found.rules.index(found.best),
        "pays": found.pays,
        "enough": [sign.id for sign in found.enough],
    }


def search_document(one: "SearchFirst") -> dict[str, Any]:
    """Searching before dropping, as a document for JSON."""
    return {
        "client": one.client,
        "search": one.search,
        "reason": one.reason,
        "value": one.value,
        "keep": one.keep,
        "drop": one.drop,
        "gain": one.gain,
        "switches": one.switches,
        "months": one.months,
        "least_fee": [float(fee) for fee in one.least_fee],
    }
