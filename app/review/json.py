"""Decisions and reviews as JSON documents; the shape of a decision is an interface others rely on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.review.content import Review
    from model.decision import ActionSummary, Decision
    from model.evidence import Weight
    from model.judgement import Judgement

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


def review_text(review: Review) -> str:
    """A review as the text of a JSON file."""
    document = asdict(review) | {"as_of": review.as_of.isoformat()}
    document["clients"] = [
        decision_document(client.decision)
        | {
            "fee_per_month": client.fee_per_month,
            "hours_per_month": client.hours_per_month,
            "weights": [weight_document(weight) for weight in client.weights],
        }
        for client in review.clients
    ]
    return json.dumps(finite(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


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
