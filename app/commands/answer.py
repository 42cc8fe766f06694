"""Asking: the verdict on each client, why, and the signs there are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.call import Call, ClientName
from app.commands.screen import as_json, remark, say, table
from model.errors import StoreError
from model.language import phrase, written
from model.settings import Language

if TYPE_CHECKING:
    from app.desk import Desk
    from model.decision import Decision
    from model.evidence import Weight
    from model.judged import Judgement
    from model.understanding import Understanding


def decide(
    call: Call,
    client: Annotated[
        str | None,
        typer.Argument(metavar="CLIENT", help="One client only; after `--` if it begins with a dash."),
    ] = None,
) -> None:
    """Keep, renegotiate or drop: the verdict on each client.

    With what each action is worth until the horizon, and the 80 % interval of what may come.
    """
    from app.explaining import loss_sentence
    from app.review.json import decision_document

    desk = call.desk()
    decisions: Sequence[Decision] = ()
    if client is not None:
        decisions = (desk.judgement().of(client),)
    elif desk.records().active(desk.today):
        decisions = desk.judgement().decisions
    if call.json:
        as_json([decision_document(decision) for decision in decisions])
        return
    if not decisions:
        say(phrase("There is no active client on {today}; `bush add client NAME ...` adds one.", today=desk.today))
        return
    _verdicts(decisions)
    if client is not None:
        say(
            "",
            decisions[0].reason,
            loss_sentence(decisions[0]),
            *_cheapest(desk.judgement(), decisions[0]),
            *decisions[0].caveats,
            phrase("Next: {next_record}", next_record=decisions[0].next_record),
        )
    _footing(desk, decisions[0])


def explain(call: Call, client: ClientName) -> None:
    """Why: what each sign and record adds, and what would change the answer.

    Each is weighed by leaving it out. Ten decibans are odds of ten to one. Then: how far each input must move until
    another action is best, whether to wait and what to watch, what to find out next, and what the answer hangs on.
    """
    from dataclasses import asdict

    from app.explaining import loss_sentence, robustness_sentence, understanding_document
    from app.prospecting import before_asking_lines
    from app.review.json import asks_document
    from model.sensitivity import sensitivity
    from model.understanding import understand

    desk = call.desk()
    judgement = desk.judgement()
    understood = understand(judgement, client)
    if call.json:
        as_json(
            understanding_document(understood)
            | {"asks": asks_document(judgement, client), "prior_sets": asdict(sensitivity(judgement, client))}
        )
        return
    decision = understood.decision
    _verdicts((decision,))
    say("", decision.reason, loss_sentence(decision), "")
    _strain(decision)
    _weights(understood.weights, decision)
    _understanding(understood)
    say(robustness_sentence(sensitivity(judgement, client)))
    say("", *decision.caveats, phrase("Next: {next_record}", next_record=decision.next_record))
    say("", *before_asking_lines())
    _footing(desk, decision)


def signs(
    call: Call,
    *,
    language: Annotated[
        Language | None, typer.Option(help="In which words; as in the settings of the portfolio if not given.")
    ] = None,
) -> None:
    """List the signs of the catalogue, with the ids to log them by."""
    from app.wording import GRADES, KINDS, TRAITS
    from model.catalogue import spoken

    every = spoken(language or _language(call)).signs
    if call.json:
        as_json(
            [
                {
                    "id": sign.id,
                    "trait": sign.trait,
                    "kind": sign.kind,
                    "grade": sign.grade,
                    "label": sign.label,
                    "question": sign.question,
                    "sources": sign.sources,
                }
                for sign in every
            ]
        )
        return
    table(
        (phrase("Id"), phrase("Trait"), phrase("Kind"), phrase("Grade"), phrase("Question")),
        [(sign.id, TRAITS[sign.trait], KINDS[sign.kind], GRADES[sign.grade], sign.question) for sign in every],
    )


def _language(call: Call) -> str:
    try:
        return call.portfolio().settings.language
    except StoreError:
        # The signs can be looked at before there is a portfolio.
        return "en"


def _verdicts(decisions: "Sequence[Decision]") -> None:
    from app.wording import ACTIONS, VERDICTS, interval, of_twenty, rounded

    actions = [summary.action for summary in decisions[0].actions]
    rows = []
    for decision in decisions:
        cells = []
        for summary in decision.actions:
            spread = summary.p90 - summary.p10
            within = f"\n{interval(summary.p10, summary.p90)}" if spread > 0 else ""
            cells.append(f"{rounded(summary.mean, spread=spread)}{within}")
        best = f"{of_twenty(decision.best.p_best)}"
        rows.append((decision.client, VERDICTS[decision.verdict], *cells, best, decision.next_record))
    headings = [f"{ACTIONS[action]} ({decisions[0].currency})" for action in actions]
    table(
        (phrase("Client"), phrase("Verdict"), *headings, phrase("Best in"), phrase("Record next")),
        rows,
        right=(*headings, phrase("Best in")),
        lines=True,
    )


def _strain(decision: "Decision") -> None:
    from app.wording import TRAITS, points

    table(
        (phrase("Strain (0 is the usual client, higher is worse)"), phrase("Believed today"), phrase("80 % interval")),
        [
            (
                TRAITS[s.trait],
                points(s.mean),
                phrase("{low} to {high}", low=points(s.mean - 1.28 * s.sd), high=points(s.mean + 1.28 * s.sd)),
            )
            for s in decision.strain
        ],
        right=(phrase("Believed today"), phrase("80 % interval")),
    )


def _understanding(understood: "Understanding") -> None:
    from app import explaining as words

    currency = understood.decision.currency
    if understood.record_weights:
        money, decibans = phrase("Adds to keeping ({currency})", currency=currency), phrase("Decibans for keeping")
        rows = words.weight_rows(understood.record_weights, words.SINGLE)
        table(
            (phrase("Single records, the heaviest"), phrase("Entries"), money, decibans),
            rows,
            right=(phrase("Entries"), money, decibans),
        )
    say(phrase("What would have to change:"), *words.break_even_sentences(understood), "")
    say(phrase("Sleep on it?"), *words.wait_sentences(understood), "")
    worth = phrase("Worth ({currency})", currency=currency)
    columns = (phrase("What to find out next"), phrase("Minutes"), worth, phrase("A minute"))
    table(columns, words.probe_rows(understood), right=columns[1:])
    table((phrase("To know for certain"), worth), words.unknown_rows(understood), right=(worth,))
    if understood.equivalents:
        sure = phrase("Sure amount ({currency})", currency=currency)
        table((phrase("To someone as cautious as you"), sure), words.equivalent_rows(understood), right=(sure,))
    ends = (phrase("Best action at low"), phrase("Best action at high"))
    rows = words.swing_rows(understood.swings)
    table(
        (phrase("What the answer hangs on ({currency})", currency=currency), *ends, phrase("Other choice")),
        rows,
        right=ends,
    )


def _weights(found: "Sequence[Weight]", decision: "Decision") -> None:
    from app.wording import HEAVIEST, points, signed

    if not found:
        say(phrase("Nothing is recorded that could be weighed."))
        return
    money = phrase("Adds to keeping ({currency})", currency=decision.currency)
    table(
        (phrase("Evidence"), phrase("Records"), money, phrase("Decibans for keeping")),
        [(w.label, written(w.records, ","), signed(w.money), points(w.decibans)) for w in found[:HEAVIEST]],
        right=(phrase("Records"), money, phrase("Decibans for keeping")),
    )
    if len(found) > HEAVIEST:
        say(
            phrase("{count} more add less than that; `bush explain --json` lists them.", count=len(found) - HEAVIEST),
            "",
        )


def _cheapest(judgement: "Judgement", decision: "Decision") -> tuple[str, ...]:
    if decision.verdict != "too_close":
        return ()
    from app.explaining import cheapest_sentence
    from model.unknowns import probe_values

    return (cheapest_sentence(probe_values(judgement, decision.client), decision.currency),)


def _footing(desk: "Desk", decision: "Decision") -> None:
    from app.wording import BASES

    freshness = desk.freshness()
    say(
        "",
        phrase(
            "As of {as_of}, {currency} over {horizon_months} months, discounted; below each "
            "value the 80 % interval of what may come.",
            as_of=decision.as_of,
            currency=decision.currency,
            horizon_months=decision.horizon_months,
        ),
        phrase("Drawn from {base}.", base=BASES[decision.basis]),
    )
    if freshness.problem:
        remark(f"{freshness.problem[:1].upper()}{freshness.problem[1:]}.".replace("..", "."))
    if freshness.sentences:
        remark(*freshness.sentences, *([phrase("`bush fit` makes it.")] if freshness.due else []))
