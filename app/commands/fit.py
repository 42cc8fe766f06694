"""Fitting the population to one's own records: start, watch, stop."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.call import Call
from app.commands.screen import as_json, console, remark, say
from app.wording import BASES
from model.language import phrase

if TYPE_CHECKING:
    from pathlib import Path

    from app.desk import Freshness
    from app.fitting import FitStatus


def fit(
    call: Call,
    *,
    status: Annotated[bool, typer.Option("--status", help="Only say how the last or running fit stands.")] = False,
    background: Annotated[bool, typer.Option("--background", help="Start it and return at once.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop a running fit.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Only an approximation, in seconds.")] = False,
) -> None:
    """Learn from your own records what clients are like.

    A quick fit comes first and is in use within seconds; the whole one takes minutes. Ctrl+C stops it and leaves what
    is in use. The answers use a reliable fit from then on.
    """
    if status + background + cancel + quick > 1:
        raise typer.BadParameter(phrase("give one of --status, --background, --cancel and --quick."))
    from app import fitting

    portfolio = call.portfolio()
    path = portfolio.path
    if status:
        _told(call, fitting.status(path), call.desk().freshness())
        return
    if cancel:
        fitting.cancel(path)
        _told(call, fitting.status(path))
        return
    if quick:
        _told_quick(call, fitting.quickly(call.desk()))
        return
    fitting.start(call.where, call.day(portfolio))
    if background:
        _told(call, fitting.status(path))
        return
    try:
        ended = _watched(call, path)
    except KeyboardInterrupt:
        fitting.cancel(path)
        remark(phrase("The fit was stopped; what was in use stays so."))
        raise typer.Exit(1) from None
    _told(call, ended)


def _told_quick(call: Call, seconds: float) -> None:
    if call.json:
        as_json({"state": "done", "seconds": seconds, **_in_use(call.desk().freshness())})
        return
    say(
        phrase("The quick fit is done, in {seconds:.1f} s, and in use.", seconds=seconds),
        phrase("`bush fit` makes a whole one, in minutes, which makes surer of what clients are like."),
    )


def _watched(call: Call, path: "Path") -> "FitStatus":
    from app import fitting

    if call.json:
        return fitting.wait(path, lambda _: None)
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn(phrase("Fitting")), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(now: "FitStatus") -> None:
            bar.update(task, completed=now.share_done, description=_left(now))

        return fitting.wait(path, show)


def _left(now: "FitStatus") -> str:
    if now.seconds_left is None:
        return now.message
    minutes, seconds = divmod(round(now.seconds_left), 60)
    return phrase("{minutes}:{seconds:02d} left", minutes=minutes, seconds=seconds) + (
        f", {now.message}" if now.message else ""
    )


def _told(call: Call, now: "FitStatus", freshness: "Freshness | None" = None) -> None:
    from model.errors import FitError

    if call.json:
        as_json(_document(now) | ({} if freshness is None else _in_use(freshness)))
    elif now.state == "none":
        say(phrase("No whole fit has been made yet; `bush fit` makes one."))
    elif now.state == "running":
        say(
            phrase(
                "A fit is running: {share_done:.0%} done, {left}.",
                share_done=now.share_done,
                left=_left(now) or phrase("just begun"),
            )
        )
    elif now.state == "done" and now.diagnostics is not None:
        d = now.diagnostics
        reliable = (
            phrase("It is reliable") if d.reliable else phrase("It is not reliable yet, so its draws are not used")
        )
        say(
            phrase(
                "The fit is done: {draws:,} draws of {chains} chains in {seconds:.0f} s.",
                draws=d.draws,
                chains=d.chains,
                seconds=d.seconds,
            ),
            phrase(
                "{reliable}: worst R-hat {worst_rhat:.3f} (at most 1.01), smallest bulk ESS "
                "{worst_ess:.0f} (at least 400), {divergences} divergences (none).",
                reliable=reliable,
                worst_rhat=d.worst_rhat,
                worst_ess=d.worst_ess,
                divergences=d.divergences,
            ),
        )
    else:
        say(now.message or phrase("The last fit is {state}.", state=now.state))
    if freshness is not None and not call.json:
        if freshness.basis != "prior":
            say(
                phrase("In use: {base}.", base=BASES[freshness.basis]),
                *(freshness.sentences or (phrase("Nothing is new since."),)),
            )
        else:
            say(phrase("In use: judgement and a few published figures; there is no reliable fit of your records."))
    if now.state == "failed":
        raise FitError(now.message or phrase("the fit failed."))


def _in_use(freshness: "Freshness") -> dict[str, Any]:
    return {
        "in_use": {
            "basis": freshness.basis,
            "stale": freshness.stale,
            "due": freshness.due,
            "news": freshness.news,
            "reasons": list(freshness.reasons),
        }
    }


def _document(now: "FitStatus") -> dict[str, Any]:
    d = now.diagnostics
    return {
        "state": now.state,
        "share_done": now.share_done,
        "seconds_left": now.seconds_left,
        "message": now.message,
        "diagnostics": None
        if d is None
        else {
            "reliable": d.reliable,
            "worst_rhat": d.worst_rhat,
            "worst_ess": d.worst_ess,
            "divergences": d.divergences,
            "draws": d.draws,
            "chains": d.chains,
            "seconds": d.seconds,
        },
    }
