"""Changing what is agreed with a client, or known of a prospect: only what is given changes."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import typer

from app.commands.add import AgreedHours, CommittedHours, Day, Fee, Notice, Odds, PaymentTerms, Prepaid, Rate
from app.commands.call import Call, ClientName, read_day
from app.commands.log import told
from model.agreed import Billing
from model.errors import InvalidRecord
from model.language import phrase


def client(
    call: Call,
    name: ClientName,
    *,
    billing: Annotated[Billing | None, typer.Option(help="How you bill.")] = None,
    since: Annotated[date | None, typer.Option(parser=read_day, metavar="DATE", help="First day of work.")] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="Currency of all amounts.")] = None,
    rate: Rate = None,
    fee: Fee = None,
    hours: AgreedHours = None,
    terms: PaymentTerms = None,
    notice: Notice = None,
    contract_end: Day = None,
    committed_hours: CommittedHours = None,
    prepaid: Prepaid = None,
    sign: Annotated[
        list[str] | None,
        typer.Option(metavar="SIGN", help="A standing sign, in the place of those known; may be repeated."),
    ] = None,
    new_from: Annotated[
        date | None,
        typer.Option(
            "--from",
            parser=read_day,
            metavar="DATE",
            help="First day of new terms; without it, those of today are put right for as long as they have held.",
        ),
    ] = None,
) -> None:
    """Change the terms of a client: what is not given stays.

    With --from, months before that day are still held against what was agreed then.
    """
    from app.entries import happened
    from model.records import Client

    portfolio = call.portfolio()
    known = portfolio.records(only={Client}).client(name)
    given = _given(
        billing=billing,
        since=since,
        currency=currency.upper() if currency else None,
        rate_per_hour=rate,
        fee_per_month=fee,
        agreed_hours_per_month=hours,
        payment_terms_days=terms,
        notice_days=notice,
        contract_end=contract_end,
        committed_hours=committed_hours,
        prepaid_amount=prepaid,
        standing_signs=tuple(sign) if sign else None,
    )
    new = replace(known, **given)
    if new_from is None:
        told(call, portfolio.correct(known, new))
    else:
        told(call, portfolio.agree(known, new, happened(new_from, call.day(portfolio), "from")))


def prospect(
    call: Call,
    name: Annotated[str, typer.Argument(help="What you call them.")],
    *,
    fee: Fee = None,
    hours: Annotated[float | None, typer.Option(help="Hours a month.")] = None,
    odds: Odds = None,
    start: Day = None,
    sign: Annotated[
        list[str] | None,
        typer.Option(metavar="SIGN", help="An early sign, in the place of those known; may be repeated."),
    ] = None,
) -> None:
    """Change what is known of a possible client: what is not given stays."""
    from model.records import Prospect

    portfolio = call.portfolio()
    known = next((one for one in portfolio.records(only={Prospect}).prospects if one.name == name), None)
    if known is None:
        raise InvalidRecord(phrase("there is no prospect called {name!r}.", name=name), column="name")
    given = _given(
        fee_per_month=fee,
        hours_per_month=hours,
        odds=odds,
        start=start,
        early_signs=tuple(sign) if sign else None,
    )
    told(call, portfolio.correct(known, replace(known, **given)))


def _given(**fields: Any) -> dict[str, Any]:
    given = {name: value for name, value in fields.items() if value is not None}
    if not given:
        raise InvalidRecord(phrase("say what is to change, such as --fee 1500; nothing was given."))
    return given
