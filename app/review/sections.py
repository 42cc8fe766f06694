"""What a review says, laid out: from the review as it stands to sections, tables and pictures."""

from typing import TYPE_CHECKING

from app.planning import month_name, plan_sentences, step_words
from app.presenting import dots_in_words
from app.review.document import Block, Column, Document, Dots, Paragraphs, Range, Section, Table, Verbatim
from app.wording import ACTIONS, BASES, HEAVIEST, TRAITS, VERDICTS
from model.language import Phrases, capital, phrase, phrase_of

if TYPE_CHECKING:
    from app.review.content import ClientPart, Review
    from model.action_summary import ActionSummary
    from model.realised import Realised


_FOLLOWED = Phrases({"yes": "yes", "no": "no", "no advice": "no advice"})


def document_of(review: "Review") -> Document:
    """The review laid out, in the order it is read."""
    period = (
        phrase("{first_day} to {as_of}", first_day=review.first_day, as_of=review.as_of)
        if review.first_day
        else phrase("as of {as_of}", as_of=review.as_of)
    )
    sections = [Section(title=phrase("In short"), blocks=(Paragraphs(sentences=review.summary),))]
    if review.clients:
        sections += [_portfolio(review), *_changes(review), *_decided(review), *_back(review), *_plan(review)]
        sections.append(Section(title=phrase("Client by client"), blocks=()))
        sections += [_client(part, review) for part in review.clients]
    if review.remarks:
        sections.append(
            Section(title=phrase("The records themselves"), blocks=(Paragraphs(sentences=review.remarks, points=True),))
        )
    sections.append(_footing(review))
    return Document(
        title=phrase("Client review"),
        subtitle=phrase(
            "{period}. Values in {currency}, discounted, over {horizon_months} "
            "months; every interval holds 80 % of plausible futures.",
            period=capital(period),
            currency=review.currency,
            horizon_months=review.horizon_months,
        ),
        sections=tuple(sections),
    )


def _portfolio(review: "Review") -> Section:
    money = review.currency
    what = Table(
        name="portfolio",
        caption=phrase("What is known of each client"),
        columns=(
            Column(title=phrase("Client")),
            Column(title=phrase("Verdict")),
            Column(title=phrase("Fee a month, {money}", money=money), kind="money"),
            Column(title=phrase("Earned an hour, {money}", money=money), kind="money"),
            Column(title=phrase("Hours a month"), kind="number"),
            Column(title=phrase("Over what was agreed"), kind="share"),
            Column(title=phrase("Days late"), kind="number"),
            Column(title=phrase("Energy, 1 to 5"), kind="number"),
            Column(title=phrase("Most strain")),
            Column(title=phrase("Strain"), kind="points"),
            Column(title=phrase("Share of income"), kind="share"),
        ),
        rows=tuple(
            (
                part.name,
                VERDICTS[part.decision.verdict],
                part.fee_per_month,
                part.figures.earned_an_hour,
                part.figures.hours_a_month,
                part.figures.over_servicing,
                part.figures.days_late,
                part.figures.energy,
                TRAITS[part.worst.trait],
                part.worst.mean,
                part.figures.income_share,
            )
            for part in review.clients
        ),
    )
    first = review.clients[0].decision
    worth = Table(
        name="values",
        caption=phrase("What each action is worth, {money}, and the 80 % interval of what may come", money=money),
        columns=(
            Column(title=phrase("Client")),
            *(Column(title=ACTIONS[action.action], kind="range") for action in first.actions),
            Column(title=phrase("Knowing all is worth"), kind="money"),
        ),
        rows=tuple(
            (part.name, *(_range(action) for action in part.decision.actions), part.decision.evpi)
            for part in review.clients
        ),
    )
    note = Paragraphs(
        sentences=(
            phrase(
                "Strain is told in standard deviations from the usual client; more is worse. "
                "Hours, days late and what an hour earned are of the last twelve months, energy "
                "of the last three check-ins."
            ),
        )
    )
    return Section(title=phrase("The portfolio"), blocks=(what, worth, note))


def _changes(review: "Review") -> list[Section]:
    if review.since is None:
        return []
    since = review.since
    blocks: list[Block] = [Paragraphs(sentences=since.sentences)]
    if since.changes:
        blocks.append(
            Table(
                name="changes",
                caption=phrase("What changed since {as_of}", as_of=since.as_of),
                columns=(
                    Column(title=phrase("Client")),
                    Column(title=phrase("Verdict then")),
                    Column(title=phrase("Verdict now")),
                    Column(title=phrase("Keeping then"), kind="money"),
                    Column(title=phrase("Keeping now"), kind="money"),
                    Column(title=phrase("New records"), kind="count"),
                    Column(title=phrase("What moved it most")),
                ),
                rows=tuple(
                    (c.client, c.verdict_then, c.verdict_now, c.keep_then, c.keep_now, c.new_records, c.why)
                    for c in since.changes
                ),
            )
        )
    return [Section(title=phrase("What changed"), blocks=tuple(blocks))]


def _back(review: "Review") -> list[Section]:
    back = review.back
    if back is None:
        return []
    blocks: list[Block] = [Paragraphs(sentences=back.sentences)]
    if back.scores:
        blocks.append(
            Table(
                name="looking_back",
                caption=phrase("What was forecast, and what came"),
                columns=(
                    Column(title=phrase("Forecast")), Column(title=phrase("Cases"), kind="count"),
                    Column(title=phrase("Within the 80 % interval"), kind="share"),
                    Column(title=phrase("Forecast, mean"), kind="fine"),
                    Column(title=phrase("Came, mean"), kind="fine"), Column(title=phrase("Brier score"), kind="fine"),
                    Column(title=phrase("of it miscalibration"), kind="fine"),
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
                caption=phrase("Earlier verdicts and what became of them"),
                columns=(
                    Column(title=phrase("Said on")), Column(title=phrase("Client")), Column(title=phrase("Verdict")),
                    Column(title=phrase("What was done")), Column(title=phrase("Followed")), *_hindsight_columns(),
                ),
                rows=tuple(
                    (
                        v.said_on.isoformat(), v.client, VERDICTS[v.verdict], v.done, _FOLLOWED[v.followed],
                        *_hindsight(v.money),
                    )
                    for v in back.verdicts
                ),
            )
        )  # fmt: skip
    return [Section(title=phrase("Looking back"), blocks=tuple(blocks))]


def _hindsight_columns() -> tuple[Column, ...]:
    return (
        Column(title=phrase("Months since"), kind="count"),
        Column(title=phrase("What came, net"), kind="money"),
        Column(title=phrase("Keeping was to bring"), kind="money"),
        Column(title=phrase("Leaving was to bring"), kind="money"),
    )


def _hindsight(since: "Realised | None") -> tuple[int | None, float | None, float | None, float | None]:
    return (None, None, None, None) if since is None else (since.months, since.came, since.kept, since.left)


def _decided(review: "Review") -> list[Section]:
    if not review.decided:
        return []
    against = sum(one.against for one in review.decided)
    said = phrase_of(
        len(review.decided),
        "{count} decision was written down, {against} of them against the advice of the day.",
        "{count} decisions were written down, {against} of them against the advice of the day.",
        against=against or phrase("none"),
    )
    table = Table(
        name="decisions",
        caption=phrase("What you decided, and why"),
        columns=(
            Column(title=phrase("Day")),
            Column(title=phrase("Client")),
            Column(title=phrase("Decided")),
            Column(title=phrase("Advised")),
            Column(title=phrase("Worth then"), kind="money"),
            Column(title=phrase("Best other then"), kind="money"),
            *_hindsight_columns(),
            Column(title=phrase("Why")),
        ),
        rows=tuple(
            (
                one.choice.on.isoformat(),
                one.choice.client,
                ACTIONS[one.choice.action],
                "" if one.choice.advised is None else VERDICTS[one.choice.advised],
                None if one.choice.expected is None else float(one.choice.expected),
                None if one.choice.instead is None else float(one.choice.instead),
                *_hindsight(one.since),
                one.choice.note,
            )
            for one in review.decided
        ),
    )
    return [Section(title=phrase("What you decided"), blocks=(Paragraphs(sentences=(said,)), table))]


def _plan(review: "Review") -> list[Section]:
    plan = review.plan
    if plan is None:
        return []
    steps = Table(
        name="plan",
        caption=phrase("What to do with every client at once"),
        columns=(
            Column(title=phrase("Client")),
            Column(title=phrase("What to do")),
            Column(title=phrase("Worth, {currency}", currency=plan.currency), kind="money"),
            Column(title=phrase("Gives up to a limit"), kind="money"),
            Column(title=phrase("Income"), kind="share"),
            Column(title=phrase("Hours"), kind="share"),
            Column(title=phrase("Strain"), kind="share"),
        ),
        rows=tuple(
            (
                s.client,
                step_words(s),
                s.value,
                # What others make of the hours it would free is no limit's doing.
                s.costs if s.limited else 0.0,
                s.income_share,
                s.hours_share,
                s.strain_share,
            )
            for s in plan.steps
        ),
    )
    middle, last = plan.fan.shape[0] // 2, plan.fan.shape[0] - 1
    cash = Table(
        name="cash",
        caption=phrase(
            "Cash at the end of each month, {currency}: the plan, and doing nothing", currency=plan.currency
        ),
        columns=(
            Column(title=phrase("Month")),
            Column(title=phrase("With the plan"), kind="range"),
            Column(title=phrase("Doing nothing"), kind="range"),
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
            title=phrase("The plan"),
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
            caption=phrase("Each action, {money}", money=money),
            about=part.name,
            columns=(
                Column(title=phrase("Action")), Column(title=phrase("Expected, and 80 % interval"), kind="range"),
                Column(title=phrase("Best in"), kind="odds"), Column(title=phrase("Expected loss"), kind="money"),
                Column(title=phrase("Mean of the worst tenth"), kind="money"),
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
                caption=phrase("What each kind of evidence adds to the value of keeping"),
                about=part.name,
                columns=(
                    Column(title=phrase("Evidence")),
                    Column(title=phrase("Records"), kind="count"),
                    Column(title=phrase("Adds, {money}", money=money), kind="signed"),
                    Column(title=phrase("Decibans"), kind="points"),
                ),
                rows=tuple((w.label, w.records, w.money, w.decibans) for w in part.weights[:HEAVIEST]),
            )
        )
    if part.break_evens:
        blocks.append(Paragraphs(sentences=part.break_evens, points=True))
    if part.exit_steps:
        blocks.append(
            Table(
                name="leaving",
                caption=phrase("Leaving well, step by step"),
                about=part.name,
                columns=(
                    Column(title=phrase("On")),
                    Column(title=phrase("Step")),
                    Column(title=phrase("What it comes to here")),
                ),
                rows=tuple((step.on.isoformat(), step.title, f"{step.what} {step.here}") for step in part.exit_steps),
            )
        )
    blocks.append(
        Paragraphs(
            sentences=(phrase("Record next: {next_record}", next_record=decision.next_record), *decision.caveats)
        )
    )
    return Section(title=part.name, blocks=tuple(blocks), level=3)


def _footing(review: "Review") -> Section:
    made = review.made_of
    return Section(
        title=phrase("What it rests on"),
        blocks=(
            Paragraphs(
                sentences=(
                    phrase(
                        "Drawn from {base}. Seed {seed}: the same records, settings and seed give this "
                        "review again, letter by letter.",
                        base=BASES[review.basis],
                        seed=review.seed,
                    ),
                    *review.fit,
                    phrase(
                        "Program {program}, model draws {draws}, records {records}.",
                        program=made.program,
                        draws=made.draws,
                        records=made.records,
                    ),
                )
            ),
            Verbatim(text=review.settings),
        ),
    )


def _range(action: "ActionSummary") -> Range:
    return Range(expected=action.mean, low=action.p10, high=action.p90)
