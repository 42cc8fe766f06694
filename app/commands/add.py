"""Adding clients and prospects by hand."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from app.commands.call import Call, read_amount, read_day
from app.commands.log import told
from model.records import Billing

Amount = typer.Option(parser=read_amount, metavar="AMOUNT")
DayOption = typer.Option(parser=read_day, metavar="DATE")


def client(
    call: Call,
    name: Annotated[str, typer.Argument(help="What you call them; after `--` if it begins with a dash.")],
    *,
    billing: Annotated[Billing, typer.Option(help="How you bill.")] = "retainer",
    since: Annotated[
        date | None, typer.Option(parser=read_day, metavar="DATE", help="First day of work; today if not given.")
    ] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="The portfolio's own if not given.")] = None,
    rate: Annotated[Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Price per hour.")] = None,
    fee: Annotated[Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Fee per month.")] = None,
    hours: Annotated[float | None, typer.Option(help="Hours a month the fee is agreed for.")] = None,
    terms: Annotated[int | None, typer.Option(metavar="DAYS", help="Days an invoice may take.")] = None,
    notice: Annotated[int | None, typer.Option(metavar="DAYS", help="Days of notice.")] = None,
    contract_end: Annotated[date | None, DayOption] = None,
    committed_hours: Annotated[float | None, typer.Option(help="Hours of work promised and not done.")] = None,
    prepaid: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Paid for work not yet done.")
    ] = None,
    sign: Annotated[
        list[str] | None, typer.Option(metavar="SIGN", help="A standing sign, see `bush signs`; may be repeated.")
    ] = None,
) -> None:
    """Add a client with the terms agreed."""
    from model.records import Client

    portfolio = call.portfolio(create=True)
    record = Client(
        name=name,
        currency=(currency or portfolio.settings.currency).upper(),
        since=since or call.day(portfolio),
        billing=billing,
        rate_per_hour=rate,
        fee_per_month=fee,
        agreed_hours_per_month=hours,
        payment_terms_days=terms,
        notice_days=notice,
        contract_end=contract_end,
        committed_hours=committed_hours,
        prepaid_amount=prepaid,
        standing_signs=tuple(sign or ()),
    )
    told(call, portfolio.add(record))


def prospect(
    call: Call,
    name: Annotated[str, typer.Argument(help="What you call them.")],
    *,
    fee: Annotated[Decimal, typer.Option(parser=read_amount, metavar="AMOUNT", help="Fee per month.")],
    hours: Annotated[float, typer.Option(help="Hours a month.")],
    odds: Annotated[float | None, typer.Option(help="Probability of winning them, 0 to 1.")] = None,
    start: Annotated[date | None, DayOption] = None,
    sign: Annotated[list[str] | None, typer.Option(metavar="SIGN", help="An early sign; may be repeated.")] = None,
) -> None:
    """Add a possible client."""
    from model.records import Prospect

    record = Prospect(
        name=name, fee_per_month=fee, hours_per_month=hours, odds=odds, start=start, early_signs=tuple(sign or ())
    )
    told(call, call.portfolio(create=True).add(record))
