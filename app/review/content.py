"""What a review says, whatever kind of file it becomes: sentences, the portfolio, and every client in full."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.presenting import dots_in_words, summary
from app.settings_file import write_settings

if TYPE_CHECKING:
    from app.desk import Freshness
    from model.decision import Decision
    from model.evidence import Weight
    from model.judgement import Judgement
    from model.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPart:
    """One client in the review.

    Parameters
    ----------
    decision
        Verdict and figures.
    fee_per_month, hours_per_month
        As agreed, or as invoiced and logged; hours are None where nothing is known of them.
    dots
        A sentence per action that says its dot plot in words, in the order of the actions.
    weights
        What each kind of evidence adds, heaviest first.
    """

    name: str
    decision: "Decision"
    fee_per_month: float
    hours_per_month: float | None
    dots: tuple[str, ...]
    weights: tuple["Weight", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything a review holds; it depends on records, settings, day and seed alone.

    `settings` is the text of a settings file; `remarks` say what is missing or odd in the records.
    """

    as_of: date
    currency: str
    horizon_months: int
    basis: str
    seed: int
    summary: tuple[str, ...]
    clients: tuple[ClientPart, ...]
    remarks: tuple[str, ...]
    settings: str


def review_of(
    judgement: "Judgement", freshness: "Freshness", *, on_client: Callable[[], object] = lambda: None
) -> Review:
    """The review of a judgement.

    Parameters
    ----------
    judgement
        The decisions, with the records and draws they come from.
    freshness
        Whether a fit is in use, and whether it is up to date.
    on_client
        Called after each client: weighing its evidence takes a moment.
    """
    from model.evidence import weights

    agreed = {terms.client: terms for terms in judgement.terms}
    parts = []
    for decision in judgement.decisions:
        terms = agreed[decision.client]
        found = weights(judgement, decision.client)
        parts.append(
            ClientPart(
                name=decision.client,
                decision=decision,
                fee_per_month=terms.fee_per_month,
                hours_per_month=terms.agreed_hours or None,
                dots=tuple(dots_in_words(a.dots, a.action, decision.currency) for a in decision.actions),
                weights=found,
            )
        )
        on_client()
    return Review(
        as_of=judgement.as_of,
        currency=judgement.settings.currency,
        horizon_months=judgement.settings.horizon_months,
        basis=judgement.basis,
        seed=judgement.seed,
        summary=summary(judgement, freshness) if judgement.decisions else ("There is no active client.",),
        clients=tuple(parts),
        remarks=_remarks(judgement.records, judgement.as_of, freshness),
        settings=write_settings(judgement.settings),
    )


def _remarks(records: "Records", today: date, freshness: "Freshness") -> tuple[str, ...]:
    active = records.active(today)
    found = []
    for kind, seen in (
        ("check-in", {c.client for c in records.checkins}),
        ("invoice", {i.client for i in records.invoices}),
        ("hour", {h.client for h in records.hours}),
    ):
        without = [client.name for client in active if client.name not in seen]
        if without:
            found.append(f"No {kind} is recorded for {_some(without)}.")
    overdue = [i for i in records.invoices if i.paid_on is None and i.written_off is None and (today - i.due).days > 90]
    if overdue:
        count = "1 invoice is" if len(overdue) == 1 else f"{len(overdue)} invoices are"
        found.append(f"{count} more than 90 days past due, neither paid nor written off: is that so?")
    if not any(search.won_on for search in records.searches):
        found.append("No search that ended with a new client is recorded, so finding one rests on the settings.")
    if freshness.problem:
        found.append(f"A saved fit is not used: {freshness.problem}.")
    found.extend(freshness.sentences)
    return tuple(found)


def _some(names: list[str]) -> str:
    shown = 5
    if len(names) <= shown:
        return ", ".join(names)
    return f"{', '.join(names[:shown])} and {len(names) - shown} more"
