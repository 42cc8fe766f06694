"""The user's economics and policy: listed, and set by name."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.call import Call
from app.commands.log import told
from app.commands.screen import as_json, say, table
from model.language import phrase

if TYPE_CHECKING:
    from app.store import Portfolio


def settings(
    call: Call,
    *,
    put: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Set one, such as replacement.hours_per_month=30; nothing after the = empties it; may be repeated.",
        ),
    ] = None,
) -> None:
    """Every setting by name, or other values for some.

    Lists of several columns, such as deal_breakers, are set on the page or by a folder's settings.toml.
    """
    from app.settings_file import set_by_name, settings_changed

    portfolio = call.portfolio()
    held = portfolio.settings
    if not put:
        _listed(call, portfolio)
        return
    new = held
    for one in put:
        new = set_by_name(new, one)
    changed = settings_changed(held, new)
    said = phrase("settings: {changed}", changed="; ".join(changed)) if changed else ""
    told(call, portfolio.save_settings(new, seen=held, summary=said))


def _listed(call: Call, portfolio: "Portfolio") -> None:
    from app.prospecting import cost_of_looking_words
    from app.settings_file import named_settings

    found = named_settings(portfolio.settings)
    if call.json:
        as_json(found)
        return
    table((phrase("Setting"), phrase("Value")), list(found.items()))
    if said := cost_of_looking_words(portfolio.records(), call.day(portfolio)):
        say("", said)
    say(
        "",
        phrase(
            "`bush settings --set NAME=VALUE` sets one; what each means is asked under Data and settings in the app."
        ),
    )
