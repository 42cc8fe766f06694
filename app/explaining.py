"""What an explanation says, row by row: the same words for the terminal and the page."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.review.json import decision_document, weight_document
from app.wording import ACTIONS, SETS, points, rounded, signed
from model.language import Phrases, listed, phrase, translated, written

if TYPE_CHECKING:
    from model.decision import Decision
    from model.evidence import Weight
    from model.sensitivity import Sensitivity
    from model.tornado import Swing
    from model.understanding import Understanding
    from model.unknowns import ProbeValue

NEAR = 6  # break-evens told as sentences before the rest is only counted
SINGLE = 8  # single records shown
BARS = 10
LEAST_EVSI = 1.0  # of money: what is worth less is not worth a minute
UNKNOWNS = Phrases(
    {
        "payment": "How they really pay",
        "demand": "How much they really ask",
        "conduct": "How they really behave",
        "fit": "How well they really fit",
        "answers": "How they would answer an ask",
        "market": "What the market really holds",
        "population": "What clients are like in general",
    }
)


def weight_rows(found: "Sequence[Weight]", shown: int) -> list[tuple[str, str, str, str]]:
    """Label, number of records, money and decibans of the heaviest."""
    return [(w.label, written(w.records, ","), signed(w.money), points(w.decibans)) for w in found[:shown]]


def break_even_sentences(understood: "Understanding") -> tuple[str, ...]:
    """The break-evens that exist, the nearest first, and how many inputs change nothing."""
    from app.break_even_words import in_words

    if understood.decision.verdict == "deal_breaker":
        return (phrase("A deal-breaker of your own was met: no figure changes that."),)
    currency = understood.decision.currency
    near = [b for b in understood.break_evens if b.below is not None or b.above is not None]
    told = [in_words(b, currency) for b in near[:NEAR]]
    firm = len(understood.break_evens) - len(near)
    if firm:
        what = phrase("One input changes") if firm == 1 else phrase("{firm} other inputs change", firm=firm)
        told.append(phrase("{what} nothing, however far moved.", what=what))
    return tuple(told)


def wait_sentences(understood: "Understanding") -> tuple[str, ...]:
    """What waiting is worth, and the one thing to watch."""
    from model.waiting import in_words

    wait = understood.wait
    if wait is None:
        return (phrase("The horizon is too short to wait and decide later."),)
    told = [in_words(wait, understood.decision.currency)]
    if wait.trip_wire is None:
        told.append(phrase("Nothing the months could show would change the choice."))
    else:
        told.append(phrase("What to watch: {sentence}", sentence=wait.trip_wire.sentence))
    return tuple(told)


def unknown_rows(understood: "Understanding") -> list[tuple[str, str]]:
    """Each group of unknowns and what knowing it for sure would be worth."""
    known = understood.knowledge
    rows = [(UNKNOWNS[name], rounded(worth)) for name, worth in known.groups]
    return [*rows, (phrase("Everything"), rounded(known.evpi))]


def probe_rows(understood: "Understanding") -> list[tuple[str, str, str, str]]:
    """Cheap ways to find out: what to do, minutes, worth, and worth by the minute."""
    return [
        (
            translated(value.probe.title),
            written(value.probe.minutes, "g"),
            rounded(value.evsi),
            rounded(value.per_minute),
        )
        for value in understood.probes
    ]


def loss_sentence(decision: "Decision") -> str:
    """What it costs that the best action may not turn out best, which is what knowing better would be worth."""
    return phrase(
        "That another action may turn out better costs about {loss} {currency} on average; knowing everything for "
        "certain would be worth as much.",
        loss=rounded(decision.best.expected_loss),
        currency=decision.currency,
    )


def cheapest_sentence(probes: "Sequence[ProbeValue]", currency: str) -> str:
    """What is found out most cheaply, by the minute, before a choice that is too close to call."""
    best = max(probes, key=lambda value: value.per_minute, default=None)
    if best is None or best.evsi < LEAST_EVSI:
        return phrase("Nothing that is quickly found out would tell the actions apart.")
    return phrase(
        "Cheapest to find out: {what}; in {minutes:g} minutes it is worth about {worth} {currency}.",
        what=translated(best.probe.title),
        minutes=best.probe.minutes,
        worth=rounded(best.evsi),
        currency=currency,
    )


def swing_rows(swings: "Sequence[Swing]") -> list[tuple[str, str, str, str]]:
    """Tornado: what moves, the value of the best action at either end, and whether the choice changes."""
    return [
        (swing_label(s), rounded(s.value_low), rounded(s.value_high), phrase("yes") if s.changes else phrase("no"))
        for s in swings[:BARS]
    ]


def swing_label(swing: "Swing") -> str:
    """What is moved, and from where to where."""
    label = swing.label[:1].upper() + swing.label[1:]
    if swing.low is None or swing.high is None:
        return label
    return phrase("{label}, {low} to {high}", label=label, low=_figure(swing.low), high=_figure(swing.high))


def equivalent_rows(understood: "Understanding") -> list[tuple[str, str]]:
    """The sure amount each action is worth to someone as cautious as the user."""
    return [(ACTIONS[action], rounded(value)) for action, value in understood.equivalents]


def understanding_document(understood: "Understanding") -> dict[str, Any]:
    """Everything of an explanation as a JSON document."""
    document, wait = decision_document(understood.decision), understood.wait
    if wait is not None:
        document["actions"]["wait"] |= {
            "months": wait.months,
            "gain": wait.gain,
            "resolution": wait.resolution,
            "evsi": wait.evsi,
            "by_months": {str(months): value for months, value in wait.by_months},
            "trip_wire": None if wait.trip_wire is None else asdict(wait.trip_wire),
        }
    return document | {
        "weights": [weight_document(weight) for weight in understood.weights],
        "record_weights": [weight_document(weight) for weight in understood.record_weights],
        "break_evens": [asdict(found) for found in understood.break_evens],
        "evppi": dict(understood.knowledge.groups),
        "probes": [
            asdict(value.probe) | {"evsi": value.evsi, "per_minute": value.per_minute} for value in understood.probes
        ],
        "tornado": [asdict(swing) for swing in understood.swings],
        "certainty_equivalents": dict(understood.equivalents),
    }


def _figure(value: float) -> str:
    return written(value, ".1f") if abs(value) < 10 else written(value, ",.0f")


def robustness_sentence(found: "Sensitivity") -> str:
    """Whether another set of beliefs to start from would lead to another action."""
    said = [(SETS[name], ACTIONS[action].lower()) for name, action in found.actions if action is not None]
    silent = [SETS[name] for name, action in found.actions if action is None]
    if found.robust is False:
        return phrase(
            "The answer hangs on what is believed to begin with ({said}): records will tell.",
            said=", ".join(f"{name}: {action}" for name, action in said),
        )
    if found.robust:
        return phrase(
            "Robust: sceptical, neutral and hopeful beliefs to begin with all say {action}.",
            action=said[0][1],
        )
    return phrase(
        "Whether it would be another under {silent} beliefs cannot be told: too few "
        "draws of the fit speak for those. `bush priors use` and a new fit would.",
        silent=listed(silent),
    )
