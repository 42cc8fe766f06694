"""Decisions and reviews as JSON documents; the shape of a decision is an interface others rely on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.review.content import ClientPart, Review
    from app.review.money import Decided
    from model.action_summary import ActionSummary
    from model.decision import Decision
    from model.evidence import Weight
    from model.judged import Judgement
    from model.realised import Realised

_FIGURES = ("mean", "sd", "p10", "p50", "p90", "p_best", "expected_loss", "cvar10")
TRAIT_ORDER = ("payment", "demand", "conduct", "fit")


def decision_document(decision: Decision) -> dict[str, Any]:
    """One decision with all its figures.

    Values are expected discounted money until the horizon, in `currency`; strain is in standard deviations of the
    population.
    """
    return {
        "client": decision.client,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "currency": decision.currency,
        "horizon_months": decision.horizon_months,
        "as_of": decision.as_of.isoformat(),
        "basis": decision.basis,
        "actions": {summary.action: _action(summary, decision) for summary in decision.actions},
        "evpi": decision.evpi,
        "strain": {strain.trait: {"mean": strain.mean, "sd": strain.sd} for strain in decision.strain},
        "deal_breakers": list(decision.deal_breakers),
        "caveats": list(decision.caveats),
        "next_record": decision.next_record,
    }


def asks_document(judgement: Judgement, client: str) -> dict[str, Any] | None:
    """What every ask gains over keeping a client, by wish and rise of the price; None where the ask was given."""
    from model.asks import PRICES, WISHES

    if judgement.asks is None:
        return None
    wishes = [
        {"scope": wish.scope, "terms": wish.terms, "office_hours": wish.office_hours, "gain": [float(g) for g in gains]}
        for wish, gains in zip(WISHES, judgement.asks.of(client), strict=True)
    ]
    return {"price_pct": list(PRICES), "wishes": wishes}


def weight_document(weight: Weight) -> dict[str, Any]:
    """The weight of one kind of evidence."""
    return {
        "subject": weight.subject,
        "label": weight.label,
        "records": weight.records,
        "money": weight.money,
        "decibans": weight.decibans,
        "strain": dict(zip(TRAIT_ORDER, weight.strain, strict=True)),
    }


def review_text(document: Mapping[str, Any]) -> str:
    """The document of a review as the text of a JSON file; `docs/review.schema.json` says what is in it."""
    return json.dumps(finite(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def review_document(review: Review) -> dict[str, Any]:
    """A review as a document."""
    from app.planning import plan_document

    return {
        "title": "Client review",
        "as_of": review.as_of.isoformat(),
        "first_day": None if review.first_day is None else review.first_day.isoformat(),
        "currency": review.currency,
        "horizon_months": review.horizon_months,
        "basis": review.basis,
        "seed": review.seed,
        "made_of": asdict(review.made_of),
        "summary": list(review.summary),
        "clients": [_client(part) for part in review.clients],
        "since": None if review.since is None else asdict(review.since) | {"as_of": review.since.as_of.isoformat()},
        "looking_back": None if review.back is None else _back(review),
        "decided": [_decided(one) for one in review.decided],
        "plan": None if review.plan is None else plan_document(review.plan, (), review.as_of),
        "remarks": list(review.remarks),
        "settings": review.settings,
    }


def _client(part: ClientPart) -> dict[str, Any]:
    return decision_document(part.decision) | {
        "fee_per_month": part.fee_per_month,
        "hours_per_month": part.hours_per_month,
        "figures": asdict(part.figures),
        "weights": [weight_document(weight) for weight in part.weights],
        "break_evens": list(part.break_evens),
        "ahead": [
            {
                "month": month.month.isoformat(),
                "still_there": month.still_there,
                "share_late": month.share_late,
                "days_to_pay": asdict(month.days_to_pay),
                "hours": asdict(month.hours),
                "energy": asdict(month.energy),
                "worth": {name: getattr(worth, name) for name in ("keep", "drop", "freed", "lead")},
            }
            for month, worth in zip(part.ahead, part.worth, strict=True)
        ],
        "exit_steps": [
            {"on": step.on.isoformat(), "id": step.id, "title": step.title, "what": step.what, "here": step.here}
            for step in part.exit_steps
        ],
    }


def _back(review: Review) -> dict[str, Any]:
    back = review.back
    assert back is not None
    return {
        "sentences": list(back.sentences),
        "scores": [asdict(score) for score in back.scores],
        "advice": [asdict(one) for one in back.advice],
        "verdicts": [
            asdict(one) | {"said_on": one.said_on.isoformat(), "money": _money(one.money)} for one in back.verdicts
        ],
    }


def _decided(one: Decided) -> dict[str, Any]:
    choice = one.choice
    return {
        "client": choice.client,
        "on": choice.on.isoformat(),
        "action": choice.action,
        "advised": choice.advised,
        "against": one.against,
        "expected": None if choice.expected is None else float(choice.expected),
        "instead": None if choice.instead is None else float(choice.instead),
        "note": choice.note,
        "since": _money(one.since),
    }


def _money(since: Realised | None) -> dict[str, Any] | None:
    if since is None:
        return None
    return {name: getattr(since, name) for name in ("months", "came", "kept", "left")}


def finite(value: Any) -> Any:
    """The same document with null for every number JSON has no word for."""
    match value:
        case float():
            return value if isfinite(value) else None
        case Mapping():
            return {key: finite(entry) for key, entry in value.items()}
        case list() | tuple():
            return [finite(entry) for entry in value]
        case _:
            return value


def _action(summary: ActionSummary, decision: Decision) -> dict[str, Any]:
    figures: dict[str, Any] = {name: getattr(summary, name) for name in _FIGURES}
    if summary.action == "renegotiate":
        ask = decision.ask
        figures["ask"] = {"price_pct": ask.price_pct, "scope": ask.scope, "terms": ask.terms}
        figures["office_hours"] = ask.office_hours
    if summary.action == "drop":
        figures["exit_month"] = f"{decision.exit_month:%Y-%m}"
    if summary.action == "wait":
        figures["months"] = decision.wait_months
    return figures
