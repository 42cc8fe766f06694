"""Scenarios: named what-ifs for the whole portfolio, kept with it and compared side by side."""

from decimal import Decimal
from typing import Annotated

import typer

from app.commands.call import Call, read_amount
from app.commands.log import told
from app.commands.screen import as_json, remark, say, table
from model.language import phrase, translated

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the scenario is called.")]


def compare(
    call: Call,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Which to compare; every saved one if not given.")
    ] = None,
) -> None:
    """Compare scenarios with the portfolio as it is today and with the advice followed.

    One that names a client who is none any more is left out, with a remark.
    """
    from app import scenarios as words
    from model.scenarios import ADVISED, AS_TODAY
    from model.scenarios import compare as played

    desk = call.desk()
    settings = desk.portfolio.settings
    chosen = [words.named(settings, name) for name in names] if names else list(settings.scenarios)
    judgement = desk.judgement()
    there, left_out = words.playable(judgement, chosen)
    for sentence in left_out:
        remark(sentence)
    found = played(judgement, (AS_TODAY, ADVISED, *there))
    if call.json:
        as_json([words.document(one) for one in found])
        return
    table(words.COLUMNS, words.rows(found), right=words.COLUMNS[1:])
    say("", *(f"{translated(one.scenario.name)}: {words.in_words(one.scenario, settings.currency)}" for one in found))
    say("", words.advice_in_words())
    if not settings.scenarios:
        say("", phrase("No scenario is saved; `bush scenario save NAME ...` saves one."))


def save(
    call: Call,
    name: Name,
    *,
    others: Annotated[
        str, typer.Option(metavar="keep|renegotiate|best", help="What is done with all not dropped; best: as advised.")
    ] = "keep",
    raise_pct: Annotated[
        float | None,
        typer.Option("--raise", help="Ask everyone for so many percent more; whoever is kept is renegotiated with."),
    ] = None,
    scope: Annotated[bool, typer.Option("--scope", help="Ask everyone for a cap on scope.")] = False,
    terms: Annotated[bool, typer.Option("--terms", help="Ask everyone for better payment terms.")] = False,
    drop: Annotated[list[str] | None, typer.Option(metavar="CLIENT", help="Drop; may be repeated.")] = None,
    take: Annotated[list[str] | None, typer.Option(metavar="PROSPECT", help="Take on; may be repeated.")] = None,
    odds: Annotated[float | None, typer.Option(help="Chance that those taken on say yes, 0 to 1.")] = None,
    accepted: Annotated[
        float | None, typer.Option(help="Share of new clients you take, the best by their early signs, 0.2 to 1.")
    ] = None,
    horizon: Annotated[int | None, typer.Option(help="Months ahead.")] = None,
    hour: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="What an hour off is worth.")
    ] = None,
    energy: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="What a point of energy is worth.")
    ] = None,
    capacity: Annotated[float | None, typer.Option(help="Hours a month for clients.")] = None,
    months_to_win: Annotated[float | None, typer.Option(help="Months to win a new client.")] = None,
    new_fee: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="A new client's fee a month.")
    ] = None,
    new_hours: Annotated[float | None, typer.Option(help="A new client's hours a month.")] = None,
    replacements: Annotated[int | None, typer.Option(help="Most new clients in the place of one.")] = None,
) -> None:
    """Save a scenario with the portfolio; one of the same name is replaced."""
    from app import scenarios as words
    from model.scenarios import compare as played
    from model.settings import Scenario

    scenario = Scenario(
        name=name, others=others, raise_pct=raise_pct, scope=scope or None, terms=terms or None, drop=tuple(drop or ()),
        take=tuple(take or ()), odds=odds, accepted=accepted,
        horizon_months=horizon, reserve_value_per_hour=hour, price_of_strain=energy, capacity_hours_per_month=capacity,
        months_to_win=months_to_win, replacement_fee=new_fee, replacement_hours=new_hours, replacements=replacements,
    )  # fmt: skip
    desk = call.desk()
    words.saved(desk.portfolio.settings, scenario)
    if drop or take:
        # A client nobody knows is refused now, not when the scenario is looked at.
        played(desk.judgement(), (scenario,))
    told(call, words.save(desk.portfolio, scenario))


def delete(call: Call, name: Name) -> None:
    """Delete a saved scenario."""
    from app import scenarios as words

    told(call, words.delete(call.portfolio(), name))
