"""Leaving a client: the exit plan in the terminal, and as a calendar file."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.call import Call, ClientName
from app.commands.screen import as_json, remark, say, table
from model.language import phrase, translated


def exit_client(
    call: Call,
    client: ClientName,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Write the steps to a calendar file as well.")
    ] = None,
    alternative: Annotated[str, typer.Option(help="Whom to recommend in your place, by name or kind.")] = "",
) -> None:
    """How to leave a client well: the best day, every step with its date, and lines to say.

    The lines are yours to edit, on the client's page of the app.
    """
    from app.leaving import (
        calendar_file,
        cost_words,
        occasion_words,
        paid_back,
        payback_words,
        plan_document,
        plan_for,
        said_on,
    )
    from app.wording import VERDICTS

    judged = call.desk().judgement()
    plan, paid = plan_for(judged, client, alternative), paid_back(judged, client)
    if ics is not None:
        _write(ics, calendar_file(plan))
    if call.json:
        as_json(plan_document(plan, paid))
        return
    money = plan.timing.currency
    say(
        f"{plan.client}: {VERDICTS[judged.of(client).verdict]}. {plan.timing.reason}",
        phrase(
            "If you leave: the talk on {tell_on}, the last day {last_day}.",
            tell_on=said_on(plan.day.tell_on),
            last_day=plan.day.last_day,
        ),
        payback_words(paid, money, judged.as_of),
        "",
    )
    table(
        (phrase("Leaving"), phrase("Tell them on"), phrase("Last day"), phrase("Against leaving now")),
        [
            (occasion_words(day), str(day.tell_on), str(day.last_day), cost_words(day, money))
            for day in plan.timing.dates
        ],
        right=(phrase("Against leaving now"),),
    )
    table(
        (phrase("On"), phrase("Step"), phrase("What to do")),
        [(said_on(step.on), step.title, f"{step.what}\n{step.here}") for step in plan.steps],
        lines=True,
    )
    table(
        (phrase("When"), phrase("Words to say")),
        [(translated(line.moment), line.text) for line in plan.lines],
        lines=True,
    )
    if ics is not None:
        remark(phrase("The steps are in {ics}.", ics=ics))


def _write(path: Path, content: bytes) -> None:
    from model.errors import StoreError

    try:
        path.write_bytes(content)
    except OSError as error:
        raise StoreError(
            phrase(
                "{path} cannot be written: {strerror}; choose another file with --ics.",
                path=path,
                strerror=error.strerror,
            )
        ) from error
