"""The command line: every command of `bush` in one place. Nothing heavy is loaded before a command runs."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated, Any, cast

import typer

from app.commands import (
    add,
    answer,
    book_fitting,
    booking,
    bush,
    care,
    edit,
    entries,
    exchange,
    expecting,
    fit,
    leaving,
    log,
    past,
    planning,
    priors,
    prospecting,
    reviewing,
    scenarios,
    setting,
    start,
    teaming,
)
from app.commands.call import AS_OF, DB, JSON, SEED, Call, command
from model.language import ENGLISH, of_the_terminal, speak, spoken, translated

app = typer.Typer(
    name="bush",
    help="Is this client worth keeping? Keep, renegotiate or drop, from what you record.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
add_app = typer.Typer(help="Add a client or a prospect.", no_args_is_help=True, rich_markup_mode=None)
edit_app = typer.Typer(
    help="Change what is known of a client or a prospect.", no_args_is_help=True, rich_markup_mode=None
)
log_app = typer.Typer(help="Log what happened with a client.", no_args_is_help=True, rich_markup_mode=None)
priors_app = typer.Typer(
    help="What is believed before any record: list it, set it.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
scenario_app = typer.Typer(
    help="Named what-ifs for the whole portfolio: save, compare, delete.", no_args_is_help=True, rich_markup_mode=None
)
team_app = typer.Typer(
    help="Work together: workspaces in a PostgreSQL database and their members.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "init": start.init,
    "demo": start.demo,
    "import": exchange.take_in,
    "export": exchange.write_out,
    "settings": setting.settings,
    "entries": entries.entries,
    "correct": entries.correct,
    "undo": past.undo,
    "history": past.history,
    "backup": past.backup,
    "restore": past.restore,
    "forget": past.forget,
    "fit": fit.fit,
    "decide": answer.decide,
    "explain": answer.explain,
    "forecast": expecting.forecast,
    "check": expecting.check,
    "exit": leaving.exit_client,
    "plan": planning.plan,
    "prospect": prospecting.prospect,
    "search-first": prospecting.search_first,
    "search-value": bush.search_value,
    "signs": answer.signs,
    "review": reviewing.review,
    "fit-book": book_fitting.fit_book,
    "score": booking.score,
    "app": start.web,
    "warm-up": care.warm_up,
    "doctor": care.doctor,
}
ADD: dict[str, Callable[..., None]] = {"client": add.client, "prospect": add.prospect}
EDIT: dict[str, Callable[..., None]] = {"client": edit.client, "prospect": edit.prospect}
LOG: dict[str, Callable[..., None]] = {
    "sign": log.sign,
    "checkin": log.checkin,
    "invoice": log.invoice,
    "paid": log.paid,
    "hours": log.hours,
    "event": log.event,
    "decision": log.decision,
    "lesson": log.lesson,
    "search": log.search,
    "end": log.end,
}
PRIORS: dict[str, Callable[..., None]] = {
    "set": priors.put,
    "use": priors.use,
    "reset": priors.reset,
    "check": priors.check,
    "list": priors.listed,
}
SCENARIO: dict[str, Callable[..., None]] = {
    "compare": scenarios.compare,
    "save": scenarios.save,
    "delete": scenarios.delete,
}
TEAM: dict[str, Callable[..., None]] = {
    "list": teaming.listed,
    "create": teaming.create,
    "add": teaming.add,
    "remove": teaming.remove,
}
for typed, commands in (
    (app, COMMANDS),
    (add_app, ADD),
    (edit_app, EDIT),
    (log_app, LOG),
    (priors_app, PRIORS),
    (scenario_app, SCENARIO),
    (team_app, TEAM),
):
    for name, function in commands.items():
        typed.command(name)(command(function))
app.add_typer(add_app, name="add")
app.add_typer(edit_app, name="edit")
app.add_typer(log_app, name="log")
app.add_typer(priors_app, name="priors")
app.add_typer(scenario_app, name="scenario")
app.add_typer(team_app, name="team")


@priors_app.callback()
def _priors(ctx: typer.Context, db: DB = None, json: JSON = False, as_of: AS_OF = None, seed: SEED = None) -> None:
    root = ctx.find_root()
    given = {"db": db, "json": json, "as_of": as_of, "seed": seed}
    root.obj = replace(root.obj, **{name: value for name, value in given.items() if value not in (None, False)})
    if ctx.invoked_subcommand is None:
        command(priors.listed)(ctx, db=None, json=False, as_of=None, seed=None)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"bush {version('two-in-the-bush')}")
        raise typer.Exit


@app.callback()
def _every_command(
    ctx: typer.Context,
    db: DB = None,
    json: JSON = False,
    as_of: AS_OF = None,
    seed: SEED = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    ctx.obj = Call(db=db, json=json, as_of=as_of, seed=1 if seed is None else seed)


def texts() -> Iterator[str]:
    """Every text of the help, in English."""
    for said in _helps(typer.main.get_command(app)):
        yield said.help


def main() -> None:
    """Run the command line; whatever was not foreseen ends in one sentence and a log, never in a traceback."""
    try:
        speak(of_the_terminal())
        run = app if spoken() == ENGLISH else _with_help_translated()
        run()
    except Exception as error:  # noqa: BLE001 - the outermost border: below it nobody is left to tell the user
        from app.commands.mishap import explained

        sys.stderr.write(explained(error) + "\n")
        sys.exit(1)


def _with_help_translated() -> Callable[[], object]:
    bush: Any = typer.main.get_command(app)
    for said in _helps(bush):
        said.help = translated(said.help)
    return cast("Callable[[], object]", bush)


def _helps(command: Any) -> Iterator[Any]:
    # Commands and their parameters alike keep their help in an attribute of that name.
    yield from (one for one in (command, *command.params) if getattr(one, "help", None))
    for below in getattr(command, "commands", {}).values():
        yield from _helps(below)
