"""Logging what happened with a client."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.call import Call, ClientName, read_amount, read_day, read_month
from app.commands.screen import as_json, say
from model.choice import Way
from model.language import phrase
from model.records import EndedBy, EventKind, Outcome

if TYPE_CHECKING:
    from app.store import Portfolio, Stored

On = Annotated[
    date | None, typer.Option("--on", parser=read_day, metavar="DATE", help="The day, YYYY-MM-DD; today if not given.")
]
Note = Annotated[str, typer.Option(help="Anything you want to remember.")]


def sign(
    call: Call,
    client: ClientName,
    sign: Annotated[str, typer.Argument(help="Id of the sign, see `bush signs`.")],
    *,
    on: On = None,
    angry: Annotated[bool, typer.Option("--angry", help="Written in anger: nothing final for a few days.")] = False,
    note: Note = "",
) -> None:
    """A sign you saw."""
    from model.records import Sighting

    portfolio = call.portfolio()
    day = _happened(on, call, portfolio)
    told(call, portfolio.add(Sighting(client=client, on=day, sign=sign, angry=angry, note=note)))


def checkin(
    call: Call,
    client: ClientName,
    *,
    month: Annotated[
        date | None, typer.Option(parser=read_month, metavar="YYYY-MM", help="The month; last month if not given.")
    ] = None,
    energy: Annotated[int | None, typer.Option(help="From 1 (drained) to 5 (energised).")] = None,
    sign: Annotated[
        list[str] | None, typer.Option(metavar="SIGN", help="A sign seen in that month; may be repeated.")
    ] = None,
    note: Note = "",
) -> None:
    """A month looked back on: every sign not named was absent."""
    from app.entries import check_in
    from model.records import first_of_month

    portfolio = call.portfolio()
    today = call.day(portfolio)
    first = _happened(month or first_of_month(first_of_month(today) - timedelta(days=1)), call, portfolio)
    made = check_in(
        portfolio.records(), client=client, month=first, today=today, energy=energy, signs=sign or (), note=note
    )
    told(call, portfolio.add(*made))


def invoice(
    call: Call,
    client: ClientName,
    number: Annotated[str, typer.Argument(help="Number of the invoice.")],
    amount: Annotated[Decimal, typer.Argument(parser=read_amount, metavar="AMOUNT")],
    *,
    issued: Annotated[
        date | None, typer.Option(parser=read_day, metavar="DATE", help="Day of issue; today if not given.")
    ] = None,
    due: Annotated[
        date | None, typer.Option(parser=read_day, metavar="DATE", help="By the client's terms if not given.")
    ] = None,
    paid_on: Annotated[date | None, typer.Option(parser=read_day, metavar="DATE", help="Day of payment.")] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="The client's if not given.")] = None,
    disputed: Annotated[bool, typer.Option("--disputed", help="The client disputes it.")] = False,
) -> None:
    """An invoice you sent."""
    from model.records import Invoice
    from model.terms import DEFAULT_PAYMENT_TERMS_DAYS

    portfolio = call.portfolio()
    known = portfolio.records().client(client)
    day = _happened(issued, call, portfolio)
    terms = known.payment_terms_days if known.payment_terms_days is not None else DEFAULT_PAYMENT_TERMS_DAYS
    record = Invoice(
        client=client,
        number=number,
        issued=day,
        due=due or day + timedelta(days=terms),
        amount=amount,
        currency=(currency or known.currency).upper(),
        paid_on=None if paid_on is None else _happened(paid_on, call, portfolio),
        disputed=disputed,
    )
    told(call, portfolio.add(record))


def paid(
    call: Call,
    client: ClientName,
    number: Annotated[str, typer.Argument(help="Number of the invoice.")],
    *,
    on: On = None,
    never: Annotated[bool, typer.Option("--never", help="It will never be paid: write it off.")] = False,
) -> None:
    """The day an invoice was paid, or was given up."""
    portfolio = call.portfolio()
    if never:
        told(call, portfolio.write_off(client, number, on=_happened(on, call, portfolio)))
    else:
        told(call, portfolio.pay(client, number, _happened(on, call, portfolio)))


def hours(
    call: Call,
    client: ClientName,
    hours: Annotated[float, typer.Argument(help="Hours worked, in decimals.")],
    *,
    on: On = None,
    month: Annotated[
        date | None, typer.Option(parser=read_month, metavar="YYYY-MM", help="Hours of a whole month instead of a day.")
    ] = None,
    billable: Annotated[bool | None, typer.Option("--billable/--unbilled", help="Whether they are billed.")] = None,
) -> None:
    """Hours worked on a day, or in a whole month."""
    from model.records import Hours

    if on is not None and month is not None:
        raise typer.BadParameter(phrase("give either --on or --month."))
    portfolio = call.portfolio()
    day = _happened(month or on, call, portfolio)
    told(
        call,
        portfolio.add(Hours(client=client, on=day, hours=hours, billable=billable, whole_month=month is not None)),
    )


def event(
    call: Call,
    client: ClientName,
    kind: Annotated[EventKind, typer.Argument(help="What it was.")],
    *,
    on: On = None,
    price_pct: Annotated[float | None, typer.Option("--price", metavar="PCT", help="Rise asked, percent.")] = None,
    scope: Annotated[bool, typer.Option("--scope", help="A cap on scope was asked for.")] = False,
    terms: Annotated[bool, typer.Option("--terms", help="Better payment terms were asked for.")] = False,
    result: Annotated[Outcome | None, typer.Option(help="What came of it.")] = None,
    amount: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Money it brought, such as a referral.")
    ] = None,
    note: Note = "",
) -> None:
    """A renegotiation and its result, a referral, a complaint or a note."""
    from model.records import Event

    portfolio = call.portfolio()
    record = Event(
        client=client,
        on=_happened(on, call, portfolio),
        kind=kind,
        ask_price_pct=price_pct,
        ask_scope=scope,
        ask_terms=terms,
        result=result,
        amount=amount,
        note=note,
    )
    told(call, portfolio.add(record))
    if result in ("accepted", "partly") and not call.json:
        # The answer is evidence; the terms are what every value is counted from.
        say(phrase("What was agreed goes into the terms: bush edit client, with --from and the day it holds from."))


def lesson(
    call: Call,
    client: ClientName,
    text: Annotated[str, typer.Argument(help="What you will look for before you say yes to the next one.")],
    *,
    on: On = None,
) -> None:
    """What a client taught you, to screen the next one by; `bush prospect` shows it."""
    from app.entries import lesson as learned

    portfolio = call.portfolio()
    told(call, portfolio.add(learned(client=client, on=_happened(on, call, portfolio), text=text)))


def decision(
    call: Call,
    client: ClientName,
    action: Annotated[Way, typer.Argument(help="What you decided to do.")],
    *,
    on: On = None,
    why: Annotated[str, typer.Option(help="Your reason, to read again when it is known what came of it.")] = "",
) -> None:
    """What you decided about a client, and why; kept with what was advised that day."""
    from app.choosing import choice_of

    portfolio = call.portfolio()
    day = _happened(on, call, portfolio)
    advice = replace(call, as_of=day).desk().judgement().of(client)
    told(call, portfolio.add(choice_of(advice, action, on=day, note=why)))


def search(
    call: Call,
    *,
    opened: Annotated[date, typer.Option(parser=read_day, metavar="DATE", help="Day you began to look.")],
    won: Annotated[date | None, typer.Option(parser=read_day, metavar="DATE", help="Day the client was won.")] = None,
    fee: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Fee per month that was won.")
    ] = None,
    hours: Annotated[float | None, typer.Option(help="Hours a month that were won.")] = None,
    cost: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="What the search cost in all.")
    ] = None,
) -> None:
    """A search for a new client: when it began, and what was won."""
    from model.records import Search

    portfolio = call.portfolio()
    for day in (opened, won or opened):
        _happened(day, call, portfolio)
    record = Search(opened_on=opened, won_on=won, fee_per_month=fee, hours_per_month=hours, cost=cost)
    still_open = [s for s in portfolio.records().searches if s.opened_on == opened and s.won_on is None]
    if won is not None and still_open:
        found = still_open[0]
        told(call, portfolio.correct(found, replace(record, cost=record.cost if cost is not None else found.cost)))
    else:
        told(call, portfolio.add(record))


def end(
    call: Call,
    client: ClientName,
    *,
    by: Annotated[EndedBy, typer.Option(help="Who ended it.")],
    on: On = None,
) -> None:
    """The end of the work for a client."""
    portfolio = call.portfolio()
    told(call, portfolio.end(client, _happened(on, call, portfolio), by))


def _happened(day: date | None, call: Call, portfolio: "Portfolio") -> date:
    from app.entries import happened

    today = call.day(portfolio)
    return happened(day or today, today)


def told(call: Call, stored: "Stored") -> None:
    """Say what a write came to."""
    summary = stored.batch.summary if stored.batch is not None else ""
    if call.json:
        as_json(
            {
                "stored": summary or None,
                "added": stored.added,
                "corrected": stored.corrected,
                "already_there": stored.already_there,
            }
        )
    elif summary:
        say(phrase("Recorded: {summary}.", summary=summary))
    else:
        say(phrase("That is recorded already; nothing was stored."))
