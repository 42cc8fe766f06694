"""Teams: workspaces in a PostgreSQL database, and who may use them."""

from typing import Annotated

import typer

from app.commands.call import Call
from app.commands.screen import as_json, can_ask, remark, say, table
from model.language import phrase

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="A login of the PostgreSQL server.")]


def listed(call: Call) -> None:
    """List your workspaces, and the members of the one that is open."""
    from app.store.team import members, workspaces

    where = _team(call)
    mine = workspaces(where)
    one = len(mine) == 1 or "workspace=" in where
    people = members(where) if one and mine else ()
    if call.json:
        as_json(
            {
                "workspaces": [{"name": name, "role": role} for name, role in mine],
                "members": [
                    {
                        "login": person.login,
                        "role": person.role,
                        "added_by": person.added_by,
                        "added_at": person.added_at.isoformat(),
                    }
                    for person in people
                ],
            }
        )
        return
    if not mine:
        say(phrase("You belong to no workspace yet: `bush team create NAME` makes one, or an owner lets you in."))
        return
    table((phrase("Workspace"), phrase("You are its")), [(name, role) for name, role in mine])
    if people:
        rows = [(p.login, p.role, p.added_by, f"{p.added_at:%Y-%m-%d}") for p in people]
        table((phrase("Member"), phrase("Role"), phrase("Let in by"), phrase("On")), rows)
    else:
        say(phrase("Add ?workspace=NAME to the database URL to see its members."))


def create(call: Call, name: Annotated[str, typer.Argument(metavar="NAME", help="Of the new workspace.")]) -> None:
    """Make a workspace in the database; you are its first owner."""
    from app.store.team import found

    found(_team(call), name)
    _done(
        call, phrase("The workspace {name!r} is ready. `bush team add LOGIN --role editor` lets others in.", name=name)
    )


def add(
    call: Call,
    login: Login,
    *,
    role: Annotated[str, typer.Option(metavar="ROLE", help="owner, editor or viewer.")] = "editor",
) -> None:
    """Let a login into the workspace, or give it another role."""
    from app.store.team import admit

    admit(_team(call), login, role)
    _done(
        call,
        phrase(
            "{login} has the role {role} in the workspace now.",
            login=login,
            role=role,
        ),
    )


def remove(
    call: Call,
    login: Login,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
) -> None:
    """Take a login out of the workspace; what it wrote stays."""
    from app.store.team import dismiss

    where = _team(call)
    if not yes and not (
        can_ask() and typer.confirm(phrase("Take {login} out of the workspace?", login=login), err=True)
    ):
        remark(phrase("Nothing was changed."))
        raise typer.Exit(1)
    dismiss(where, login)
    _done(call, phrase("{login} is no member of the workspace any more.", login=login))


def _team(call: Call) -> str:
    from app.store.places import is_team
    from model.errors import StoreError

    if not is_team(call.where):
        raise StoreError(
            phrase(
                "teams keep their records in PostgreSQL: give --db "
                "postgresql://LOGIN@HOST/DATABASE, or set BUSH_DATABASE_URL."
            )
        )
    return call.where


def _done(call: Call, sentence: str) -> None:
    if call.json:
        as_json({"done": sentence})
    else:
        say(sentence)
