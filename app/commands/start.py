"""Beginning: an empty portfolio, the example, and the web app."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from app.commands.call import EXAMPLE, Call, read_amount
from app.commands.screen import as_json, can_ask, remark, say
from model.language import phrase


def init(
    call: Call,
    *,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="Currency of your portfolio.")] = None,
    hours: Annotated[float | None, typer.Option(help="Hours a month you want to work for clients.")] = None,
    hour_value: Annotated[
        Decimal | None,
        typer.Option(parser=read_amount, metavar="AMOUNT", help="What an hour off all clients is worth to you."),
    ] = None,
    price_of_strain: Annotated[
        Decimal | None,
        typer.Option(
            parser=read_amount,
            metavar="AMOUNT",
            help="What a month that costs you one point of energy less, of five, is worth to you.",
        ),
    ] = None,
    horizon: Annotated[int | None, typer.Option(help="Months ahead that count.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")] = False,
) -> None:
    """Start an empty portfolio with a few questions."""
    from model.errors import StoreError

    portfolio = call.portfolio(create=True)
    if portfolio.read_only:
        raise StoreError(
            phrase(
                "{why_read_only} Name a database file of your own to start a portfolio.",
                why_read_only=portfolio.why_read_only,
            )
        )
    if portfolio.history(limit=1):
        raise StoreError(phrase("{place} holds a portfolio already; nothing was changed.", place=portfolio.place))
    now = portfolio.settings
    ask = can_ask() and not yes and not call.json
    settings = replace(
        now,
        currency=_asked(phrase("Currency"), currency, now.currency, ask).strip().upper(),
        capacity_hours_per_month=_asked(phrase("Hours a month for clients"), hours, now.capacity_hours_per_month, ask),
        reserve_value_per_hour=Decimal(
            _asked(phrase("What an hour off all clients is worth"), hour_value, now.reserve_value_per_hour, ask)
        ),
        price_of_strain=Decimal(
            _asked(
                phrase("What one point of energy (of five) for a month is worth"),
                price_of_strain,
                now.price_of_strain,
                ask,
            )
        ),
        horizon_months=_asked(phrase("Months ahead that count"), horizon, now.horizon_months, ask),
    )
    portfolio.save_settings(settings)
    if call.json:
        as_json({"portfolio": portfolio.place, "currency": settings.currency})
        return
    say(
        phrase("A portfolio in {currency} is ready at {place}.", currency=settings.currency, place=portfolio.place),
        phrase("Next: `bush add client NAME ...`, or `bush import PATH` to bring in what you have."),
    )


def demo(call: Call) -> None:
    """Judge the example portfolio of twelve invented clients."""
    from app.commands.answer import decide

    if call.db not in (None, EXAMPLE):
        raise typer.BadParameter(phrase("the example lives in a file of its own; --db does not go with it."))
    example = replace(call, db=EXAMPLE)
    if not call.json:
        portfolio = example.portfolio()
        remark(
            phrase(
                "The example portfolio of invented clients, in {path}; every command takes `--db example`.",
                path=portfolio.path,
            ),
            phrase(
                "Its records end on {portfolio}, and so this is the answer of that day.",
                portfolio=example.day(portfolio),
            ),
        )
    decide(example)


def web(
    call: Call,
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    demo: Annotated[bool, typer.Option("--demo", help="Open the example portfolio.")] = False,
    address: Annotated[str, typer.Option(help="Where to listen; others can reach it only with a login.")] = "127.0.0.1",
    login: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="How people log in, and who may come in: see the README."),
    ] = None,
) -> None:
    """Open the web app, on this machine only unless there is a login."""
    from app.server import serve

    shown = demo or call.db == EXAMPLE
    serve(
        None if shown else call.where,
        port=port,
        open_browser=browser,
        today=call.as_of,
        demo=shown,
        address=address,
        login=login,
    )


def _asked[T](question: str, given: T | None, default: T, ask: bool) -> T:
    if given is not None:
        return given
    if not ask:
        return default
    answer: T = typer.prompt(question, default=default, err=True)
    return answer
