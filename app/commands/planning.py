"""The joint plan in the terminal."""

from typing import Annotated

import typer

from app.commands.call import Call
from app.commands.screen import as_json, say, table
from model.language import phrase


def plan(
    call: Call,
    hours: Annotated[float | None, typer.Option(min=0, help="Hours a month for clients.")] = None,
    cash: Annotated[float | None, typer.Option(help="Cash today.")] = None,
    cash_floor: Annotated[float | None, typer.Option(help="Least cash at the end of any month.")] = None,
    costs: Annotated[float | None, typer.Option(min=0, help="Fixed costs a month.")] = None,
    cash_chance: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of plausible futures in which the floor must hold."),
    ] = None,
    searches: Annotated[int | None, typer.Option(min=0, help="Most searches at once.")] = None,
    largest_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Most of the income from one client, as a share.")
    ] = None,
    low_paying_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Most of the hours for low-paying clients, as a share.")
    ] = None,
) -> None:
    """What to do with every client at once, and when, within your limits.

    Limits not given are those of the settings. Shows what is in the way, and the cash to expect.
    """
    from app import planning as words
    from model.joint_limits import Bounds
    from model.plan import binding, bounds_of, make_plan

    desk = call.desk()
    if not desk.records().active(desk.today):
        if call.json:
            as_json({"clients": []})
            return
        say(phrase("There is no active client on {today}; `bush add client NAME ...` adds one.", today=desk.today))
        return
    judged = desk.judgement()
    mine = bounds_of(judged)
    bounds = Bounds(
        capacity_hours=mine.capacity_hours if hours is None else hours,
        cash=mine.cash if cash is None else cash,
        cash_floor=mine.cash_floor if cash_floor is None else cash_floor,
        costs_per_month=mine.costs_per_month if costs is None else costs,
        cash_probability=mine.cash_probability if cash_chance is None else cash_chance,
        searches_at_once=mine.searches_at_once if searches is None else searches,
        largest_share=mine.largest_share if largest_share is None else largest_share,
        low_paying_share=mine.low_paying_share if low_paying_share is None else low_paying_share,
    )
    made = make_plan(judged, bounds)
    limits = binding(made)
    if call.json:
        as_json(words.plan_document(made, limits, desk.today))
        return
    say(*words.plan_sentences(made, desk.today), *words.binding_sentences(made, limits))
    say(*words.waiting_for_money(judged), "")
    table(words.STEP_COLUMNS, words.step_rows(made), right=(phrase("Worth"), phrase("Gives up")))
    table(words.SHARE_COLUMNS, words.share_rows(made), right=words.SHARE_COLUMNS[1:])
    say(phrase("Cash, {currency}, with the plan and if you do nothing:", currency=made.currency))
    table(words.FAN_COLUMNS, words.fan_rows(made, desk.today), right=words.FAN_COLUMNS[1:])
