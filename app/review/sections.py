"""What a review says, laid out: from the review as it stands to sections, tables and pictures."""

from typing import TYPE_CHECKING

from app.planning import month_name, plan_sentences, step_words
from app.presenting import dots_in_words
from app.review.document import Block, Column, Document, Dots, Paragraphs, Range, Section, Table, Verbatim
from app.wording import ACTIONS, BASES, HEAVIEST, TRAITS, VERDICTS

if TYPE_CHECKING:
    from app.review.content import ClientPart, Review
    from model.decision import ActionSummary
    from model.realised import Realised

TITLE = "Client review"


def document_of(review: "Review") -> Document:
    """The review laid out, in the order it is read."""
    period = f"{review.first_day} to {review.as_of}" if review.first_day else f"as of {review.as_of}"
    sections = [Section(title="In short", blocks=(Paragraphs(sentences=review.summary),))]
    if review.clients:
        sections += [_portfolio(review), *_changes(review), *_decided(review), *_back(review), *_plan(review)]
        sections.append(Section(title="Client by client", blocks=()))
        sections += [_client(part, review) for part in review.clients]
    if review.remarks:
        sections.append(
            Section(title="The records themselves", blocks=(Paragraphs(sentences=review.remarks, points=True),))
        )
    sections.append(_footing(review))
    return Document(
        title=TITLE,
        subtitle=(
            f"{period[:1].upper()}{period[1:]}. Values in {review.currency}, discounted, over {review.horizon_months} "
            "months; every interval holds 80 % of plausible futures."
        ),
        sections=tuple(sections),
    )


def _portfolio(review: "Review") -> Section:
    money = review.currency
    what = Table(
        name="portfolio",
        caption="What is known of each client",
        columns=(
            Column(title="Client"), Column(title="Verdict"), Column(title=f"Fee a month, {money}", kind="money"),
            Column(title=f"Earned an hour, {money}", kind="money"), Column(title="Hours a month", kind="number"),
            Column(title="Over what was agreed", kind="share"), Column(title="Days late", kind="number"),
            Column(title="Energy, 1 to 5", kind="number"), Column(title="Most strain"),
            Column(title="Strain", kind="points"), Column(title="Share of income", kind="share"),
        ),
        rows=tuple(
            (
                part.name, VERDICTS[part.decision.verdict], part.fee_per_month, part.figures.earned_an_hour,
                part.figures.hours_a_month, part.figures.over_servicing, part.figures.days_late, part.figures.energy,
                TRAITS[part.worst.trait], part.worst.mean, part.figures.income_share,
            )
            for part in review.clients
        ),
    )  # fmt: skip
    first = review.clients[0].decision
    worth = Table(
        name="values",
        caption=f"What each action is worth, {money}, and the 80 % interval of what may come",
        columns=(
            Column(title="Client"),
            *(Column(title=ACTIONS[action.action], kind="range") for action in first.actions),
            Column(title="Knowing all is worth", kind="money"),
        ),
        rows=tuple(
            (part.name, *(_range(action) for action in part.decision.actions), part.decision.evpi)
            for part in review.clients
        ),
    )
    note = Paragraphs(
        sentences=(
            "Strain is told in standard deviations from the usual client; more is worse. Hours, days late and what an "
            "hour earned are of the last twelve months, energy of the last three check-ins.",
        )
    )
    return Section(title="The portfolio", blocks=(what, worth, note))


def _changes(review: "Review") -> list[Section]:
    if review.since is None:
        return []
    since = review.since
    blocks: list[Block] = [Paragraphs(sentences=since.sentences)]
    if since.changes:
        blocks.append(
            Table(
                name="changes",
                caption=f"What changed since {since.as_of}",
                columns=(
                    Column(title="Client"), Column(title="Verdict then"), Column(title="Verdict now"),
                    Column(title="Keeping then", kind="money"), Column(title="Keeping now", kind="money"),
                    Column(title="New records", kind="count"), Column(title="What moved it most"),
                ),
                rows=tuple(
                    (c.client, c.verdict_then, c.verdict_now, c.keep_then, c.keep_now, c.new_records, c.why)
                    for c in since.changes
                ),
            )
        )  # fmt: skip
    return [Section(title="What changed", blocks=tuple(blocks))]


def _back(review: "Review") -> list[Section]:
    back = review.back
    if back is None:
        return []
    blocks: list[Block] = [Paragraphs(sentences=back.sentences)]
    if back.scores:
        blocks.append(
            Table(
                name="looking_back",
                caption="What was forecast, and what came",
                columns=(
                    Column(title="Forecast"), Column(title="Cases", kind="count"),
                    Column(title="Within the 80 % interval", kind="share"),
                    Column(title="Forecast, mean", kind="fine"),
                    Column(title="Came, mean", kind="fine"), Column(title="Brier score", kind="fine"),
                    Column(title="of it miscalibration", kind="fine"),
                ),
                rows=tuple(
                    (s.what, s.cases, s.covered, s.forecast, s.came, s.brier, s.miscalibration) for s in back.scores
                ),
            )
        )  # fmt: skip
    if back.verdicts:
        blocks.append(
            Table(
                name="earlier_verdicts",
                caption="Earlier verdicts and what became of them",
                columns=(
                    Column(title="Said on"), Column(title="Client"), Column(title="Verdict"),
                    Column(title="What was done"), Column(title="Followed"), *_HINDSIGHT,
                ),
                rows=tuple(
                    (v.said_on.isoformat(), v.client, VERDICTS[v.verdict], v.done, v.followed, *_hindsight(v.money))
                    for v in back.verdicts
                ),
            )
        )  # fmt: skip
    return [Section(title="Looking back", blocks=tuple(blocks))]


_HINDSIGHT = (
    Column(title="Months since", kind="count"),
    Column(title="What came, net", kind="money"),
    Column(title="Keeping was to bring", kind="money"),
    Column(title="Leaving was to bring", kind="money"),
)


def _hindsight(since: "Realised | None") -> tuple[int | None, float | None, float | None, float | None]:
    return (None, None, None, None) if since is None else (since.months, since.came, since.kept, since.left)


def _decided(review: "Review") -> list[Section]:
    if not review.decided:
        return []
    against = sum(one.against for one in review.decided)
    count = "1 decision was" if len(review.decided) == 1 else f"{len(review.decided)} decisions were"
    said = f"{count} written down, {against if against else 'none'} of them against the advice of the day."
    table = Table(
        name="decisions",
        caption="What you decided, and why",
        columns=(
            Column(title="Day"), Column(title="Client"), Column(title="Decided"), Column(title="Advised"),
            Column(title="Worth then", kind="money"), Column(title="Best other then", kind="money"), *_HINDSIGHT,
            Column(title="Why"),
        ),
        rows=tuple(
            (
                one.choice.on.isoformat(), one.choice.client, ACTIONS[one.choice.action],
                "" if one.choice.advised is None else VERDICTS[one.choice.advised],
                None if one.choice.expected is None else float(one.choice.expected),
                None if one.choice.instead is None else float(one.choice.instead),
                *_hindsight(one.since), one.choice.note,
            )
            for one in review.decided
        ),
    )  # fmt: skip
    return [Section(title="What you decided", blocks=(Paragraphs(sentences=(said,)), table))]


def _plan(review: "Review") -> list[Section]:
    plan = review.plan
    if plan is None:
        return []
    steps = Table(
        name="plan",
        caption="What to do with every client at once",
        columns=(
            Column(title="Client"), Column(title="What to do"), Column(title=f"Worth, {plan.currency}", kind="money"),
            Column(title="Gives up to a limit", kind="money"), Column(title="Income", kind="share"),
            Column(title="Hours", kind="share"), Column(title="Strain", kind="share"),
        ),
        rows=tuple(
            (s.client, step_words(s), s.value, s.costs, s.income_share, s.hours_share, s.strain_share)
            for s in plan.steps
        ),
    )  # fmt: skip
    middle, last = plan.fan.shape[0] // 2, plan.fan.shape[0] - 1
    cash = Table(
        name="cash",
        caption=f"Cash at the end of each month, {plan.currency}: the plan, and doing nothing",
        columns=(
            Column(title="Month"),
            Column(title="With the plan", kind="range"),
            Column(title="Doing nothing", kind="range"),
        ),
        rows=tuple(
            (
                month_name(review.as_of, month),
                *(
                    Range(expected=float(fan[middle, month]), low=float(fan[0, month]), high=float(fan[last, month]))
                    for fan in (plan.fan, plan.fan_of_nothing)
                ),
            )
            for month in range(min(12, plan.fan.shape[1]))
        ),
    )
    return [
        Section(
            title="The plan",
            blocks=(Paragraphs(sentences=(*plan_sentences(plan, review.as_of), *review.money)), steps, cash),
        )
    ]


def _client(part: "ClientPart", review: "Review") -> Section:
    decision, money = part.decision, part.decision.currency
    blocks: list[Block] = [
        Paragraphs(sentences=(f"{VERDICTS[decision.verdict]}. {decision.reason}",)),
        Dots(
            rows=tuple((ACTIONS[action.action], action.dots) for action in decision.actions),
            unit=money,
            alt=" ".join(dots_in_words(a.dots, a.action, money) for a in decision.actions),
        ),
        Table(
            name="actions",
            caption=f"Each action, {money}",
            about=part.name,
            columns=(
                Column(title="Action"), Column(title="Expected, and 80 % interval", kind="range"),
                Column(title="Best in", kind="odds"), Column(title="Expected loss", kind="money"),
                Column(title="Mean of the worst tenth", kind="money"),
            ),
            rows=tuple(
                (ACTIONS[a.action], _range(a), a.p_best, a.expected_loss, a.cvar10) for a in decision.actions
            ),
        ),
    ]  # fmt: skip
    if part.weights:
        blocks.append(
            Table(
                name="evidence",
                caption="What each kind of evidence adds to the value of keeping",
                about=part.name,
                columns=(
                    Column(title="Evidence"), Column(title="Records", kind="count"),
                    Column(title=f"Adds, {money}", kind="signed"), Column(title="Decibans", kind="points"),
                ),
                rows=tuple((w.label, w.records, w.money, w.decibans) for w in part.weights[:HEAVIEST]),
            )
        )  # fmt: skip
    if part.break_evens:
        blocks.append(Paragraphs(sentences=part.break_evens, points=True))
    if part.exit_steps:
        blocks.append(
            Table(
                name="leaving",
                caption="Leaving well, step by step",
                about=part.name,
                columns=(Column(title="On"), Column(title="Step"), Column(title="What it comes to here")),
                rows=tuple((step.on.isoformat(), step.title, f"{step.what} {step.here}") for step in part.exit_steps),
            )
        )
    blocks.append(Paragraphs(sentences=(f"Record next: {decision.next_record}", *decision.caveats)))
    return Section(title=part.name, blocks=tuple(blocks), level=3)


def _footing(review: "Review") -> Section:
    made = review.made_of
    return Section(
        title="What it rests on",
        blocks=(
            Paragraphs(
                sentences=(
                    f"Drawn from {BASES[review.basis]}. Seed {review.seed}: the same records, settings and seed give "
                    "this review again, letter by letter.",
                    *review.fit,
                    f"Program {made.program}, model draws {made.draws}, records {made.records}.",
                )
            ),
            Verbatim(text=review.settings),
        ),
    )


def _range(action: "ActionSummary") -> Range:
    return Range(expected=action.mean, low=action.p10, high=action.p90)
