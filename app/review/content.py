"""What a review says, whatever kind of file it becomes: sentences, the portfolio, and every client in full."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from app.presenting import dots_in_words, fit_in_words
from app.review.closer import look_closer
from app.review.money import Decided, decided, worth_ahead
from app.review.past import Back, Since, changes_since, looking_back
from app.settings_file import write_settings
from app.summing_up import summary
from model.language import phrase, phrase_of

if TYPE_CHECKING:
    from app.desk import Freshness
    from app.store.kept import KeptReview
    from model.ahead import MonthAhead
    from model.decision import Decision, StrainSummary
    from model.evidence import Weight
    from model.exit_steps import PlannedStep
    from model.judged import Judgement
    from model.plan import Plan
    from model.realised import MonthWorth
    from model.records import Records

YEAR = timedelta(days=365)
CHECK_INS = 3
MONTHS_TOLD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One client in the figures a bookkeeper would give, of the last twelve months; None where nothing is known."""

    earned_an_hour: float | None
    hours_a_month: float | None
    over_servicing: float | None
    days_late: float | None
    energy: float | None
    income_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPart:
    """One client in the review.

    Parameters
    ----------
    decision
        Verdict and figures.
    fee_per_month, hours_per_month
        As agreed, or as invoiced and logged; hours are None where nothing is known of them.
    figures
        What the records say of the last twelve months.
    dots
        A sentence per action that says its dot plot in words, in the order of the actions.
    weights
        What each kind of evidence adds, heaviest first.
    break_evens
        What would have to change, as sentences, the nearest first.
    ahead
        The months ahead, which later reviews look back on.
    worth
        What keeping and leaving are expected to have brought by the end of each of these months.
    exit_steps
        How to leave, where the verdict says so.
    """

    name: str
    decision: "Decision"
    fee_per_month: float
    hours_per_month: float | None
    figures: Figures
    dots: tuple[str, ...]
    weights: tuple["Weight", ...]
    break_evens: tuple[str, ...]
    ahead: tuple["MonthAhead", ...]
    worth: tuple["MonthWorth", ...]
    exit_steps: tuple["PlannedStep", ...]

    @property
    def worst(self) -> "StrainSummary":
        """The trait with the most strain."""
        return max(self.decision.strain, key=lambda strain: strain.mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeOf:
    """What a review was made of: the version of the program, and digests of the draws and of the records."""

    program: str
    draws: str
    records: str

    @property
    def fingerprint(self) -> str:
        """The three in one."""
        return f"{self.program}-{self.draws}-{self.records}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything a review holds; it depends on records, settings, day, seed and the earlier reviews alone.

    `first_day` begins the period, None where none was asked for; `settings` is the text of a settings file; `remarks`
    say what is missing or odd in the records; `money` how long money is waited for; `fit` how far the draws can be
    trusted; `since` compares with an earlier review and `back` looks back on all of them, None where there is none;
    `decided` is what the user decided in the period, or in the year where none was asked for.
    """

    as_of: date
    first_day: date | None
    currency: str
    horizon_months: int
    basis: str
    seed: int
    summary: tuple[str, ...]
    clients: tuple[ClientPart, ...]
    remarks: tuple[str, ...]
    settings: str
    plan: "Plan | None"
    money: tuple[str, ...]
    fit: tuple[str, ...]
    made_of: MadeOf
    since: Since | None = None
    back: Back | None = None
    decided: tuple[Decided, ...] = ()


def review_of(
    judgement: "Judgement",
    freshness: "Freshness",
    *,
    first_day: date | None = None,
    kept: "Sequence[KeptReview]" = (),
    compare: date | None = None,
    on_client: Callable[[], object] = lambda: None,
) -> Review:
    """The review of a judgement.

    Parameters
    ----------
    judgement
        The decisions, with the records and draws they come from.
    freshness
        Whether a fit is in use, and whether it is up to date.
    first_day
        First day of the period reviewed.
    kept
        Earlier reviews, to look back on; later ones than the judgement's day are not used.
    compare
        Compare with the last review made for this day or before it; with the last one before today's where none is
        given.
    on_client
        Called after each client: weighing its evidence takes a moment.
    """
    from app.planning import waiting_for_money
    from model.ahead import months_ahead
    from model.plan import bounds_of, make_plan

    plan = make_plan(judgement, bounds_of(judgement)) if judgement.decisions else None
    shares = {} if plan is None else {step.client: step for step in plan.steps}
    ahead = {d.client: months_ahead(judgement, d.client, MONTHS_TOLD) for d in judgement.decisions}
    worth = worth_ahead(judgement, ahead)
    agreed = {terms.client: terms for terms in judgement.terms}
    closer = look_closer(judgement, on_client)
    parts = []
    for decision in judgement.decisions:
        terms, share = agreed[decision.client], shares[decision.client].income_share
        parts.append(
            ClientPart(
                name=decision.client,
                decision=decision,
                fee_per_month=terms.fee_per_month,
                hours_per_month=terms.agreed_hours or None,
                figures=figures(
                    judgement.records_of(decision.client), decision.client, judgement.as_of, terms.agreed_hours, share
                ),
                dots=tuple(dots_in_words(a.dots, a.action, decision.currency) for a in decision.actions),
                weights=closer[decision.client].weights,
                break_evens=closer[decision.client].break_evens,
                ahead=ahead[decision.client],
                worth=worth[decision.client],
                exit_steps=_exit_steps(judgement, decision),
            )
        )
    earlier = [review for review in kept if review.as_of < judgement.as_of]
    of_day = [review for review in earlier if compare is None or review.as_of <= compare]
    made = Review(
        as_of=judgement.as_of,
        first_day=first_day,
        currency=judgement.settings.currency,
        horizon_months=judgement.settings.horizon_months,
        basis=judgement.basis,
        seed=judgement.seed,
        summary=summary(judgement, freshness) if judgement.decisions else (phrase("There is no active client."),),
        clients=tuple(parts),
        remarks=_remarks(judgement.records, judgement.as_of, freshness),
        settings=write_settings(judgement.settings),
        plan=plan,
        money=waiting_for_money(judgement),
        fit=() if judgement.population.diagnostics is None else (fit_in_words(judgement.population.diagnostics),),
        made_of=_made_of(judgement),
        since=changes_since(of_day[-1], judgement, {part.name: part.weights for part in parts}) if of_day else None,
        back=looking_back(earlier, judgement.records, judgement.as_of),
        decided=tuple(
            one
            for one in decided(earlier, judgement.records, judgement.as_of)
            if one.choice.on >= (first_day or judgement.as_of - YEAR)
        ),
    )
    said = list(made.summary)
    if plan is not None:
        from app.planning import plan_in_short

        said.append(plan_in_short(plan, judgement.as_of))
    if made.since is not None:
        said.append(made.since.sentences[0])
    return replace(made, summary=tuple(said))


def _exit_steps(judgement: "Judgement", decision: "Decision") -> "tuple[PlannedStep, ...]":
    from app.leaving import plan_for

    if decision.verdict not in ("drop", "deal_breaker"):
        return ()
    return plan_for(judgement, decision.client).steps


def figures(records: "Records", client: str, today: date, agreed: float, income_share: float) -> Figures:
    """The figures of one client; `agreed` are the hours a month to expect, `income_share` is as of the plan."""
    from model.agreed import mean_hours
    from model.bookkeeping import effective_rate, over_servicing, value_weighted_lateness

    start = today - YEAR
    settings = records.settings
    known = records.client(client)
    logged = [h for h in records.hours if h.client == client and start < h.on <= today]
    first, last, months = _months_logged([h.on for h in logged], max(start + timedelta(days=1), known.since), today)
    invoices = [i for i in records.invoices if i.client == client and start < i.issued <= today]
    amounts = [float(settings.in_portfolio_currency(i.amount, i.currency, i.issued)) for i in invoices]
    late = [float(((i.paid_on or today) - i.due).days) for i in invoices]
    settled = [place for place, i in enumerate(invoices) if i.paid_on is not None or i.due < today]
    is_agreed = known.agreed_hours_per_month or any(t.agreed_hours_per_month for t in records.earlier_terms)
    held = mean_hours(records.earlier_terms, agreed, first, last) if is_agreed else 0.0
    worked = sum(h.hours for h in logged)
    # A month without an entry is not known, and no month of rest: what it brought is held against no hours.
    brought = sum(amount for amount, i in zip(amounts, invoices, strict=True) if first <= i.issued <= last)
    ratings = [
        c.energy
        for c in sorted(records.checkins, key=lambda c: c.month)
        if c.client == client and c.energy is not None and c.month <= today
    ][-CHECK_INS:]
    return Figures(
        earned_an_hour=_known(effective_rate(brought, worked)) if amounts else None,
        hours_a_month=worked / months if worked else None,
        over_servicing=_known(over_servicing(worked / months, held)) if worked and held else None,
        days_late=_known(value_weighted_lateness([amounts[p] for p in settled], [late[p] for p in settled])),
        energy=sum(ratings) / len(ratings) if ratings else None,
        income_share=_known(income_share),
    )


def _months_logged(days: Sequence[date], since: date, today: date) -> tuple[date, date, float]:
    # From the first month with hours to the last one, and how many months of those have any; a month that is not over,
    # or in which the year or the client began, is one in part.
    if not days:
        return since, today, 0.0
    months = sorted({day.replace(day=1) for day in days})
    ends = [(month + timedelta(days=31)).replace(day=1) - timedelta(days=1) for month in months]
    held = [(min(end, today) - max(month, since)).days + 1 for month, end in zip(months, ends, strict=True)]
    whole = [end.day for end in ends]
    return max(months[0], since), min(ends[-1], today), sum(h / w for h, w in zip(held, whole, strict=True))


def _known(figure: float) -> float | None:
    return figure if figure == figure else None


def _made_of(judgement: "Judgement") -> MadeOf:
    from importlib.metadata import version

    def digest(text: str) -> str:
        return blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()

    draws = digest(json.dumps([judgement.population.basis, judgement.population.fingerprint, judgement.seed]))
    return MadeOf(
        program=version("two-in-the-bush"),
        draws=draws,
        # The order in which records were written is no part of them.
        records=digest("\n".join(sorted(map(repr, _every(judgement.records)))) + repr(judgement.settings)),
    )


def _every(records: "Records") -> tuple[object, ...]:
    return (
        *records.clients, *records.checkins, *records.sightings, *records.invoices, *records.hours, *records.events,
        *records.searches, *records.prospects, *records.choices, *records.earlier_terms,
    )  # fmt: skip


def _remarks(records: "Records", today: date, freshness: "Freshness") -> tuple[str, ...]:
    active = records.active(today)
    found = []
    for what, seen in (
        (phrase("No check-in is recorded for"), {c.client for c in records.checkins}),
        (phrase("No invoice is recorded for"), {i.client for i in records.invoices}),
        (phrase("No hour is recorded for"), {h.client for h in records.hours}),
    ):
        without = [client.name for client in active if client.name not in seen]
        if without:
            found.append(f"{what} {_some(without)}.")
    overdue = [i for i in records.invoices if i.paid_on is None and i.written_off is None and (today - i.due).days > 90]
    if overdue:
        found.append(
            phrase_of(
                len(overdue),
                "{count} invoice is more than 90 days past due, neither paid nor written off: is that so?",
                "{count} invoices are more than 90 days past due, neither paid nor written off: is that so?",
            )
        )
    if not any(search.won_on for search in records.searches):
        found.append(
            phrase("No search that ended with a new client is recorded, so finding one rests on the settings.")
        )
    if freshness.problem:
        found.append(phrase("A saved fit is not used: {problem}.", problem=freshness.problem))
    found.extend(freshness.sentences)
    return tuple(found)


def _some(names: list[str]) -> str:
    shown = 5
    if len(names) <= shown:
        return ", ".join(names)
    return phrase("{names} and {count} more", names=", ".join(names[:shown]), count=len(names) - shown)
