"""Adding clients and prospects by hand."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from app.commands.call import Call, read_amount, read_day
from app.commands.log import told
from model.agreed import Billing

# What is agreed with a client, or known of a prospect, as `bush edit` takes it too.
Rate = Annotated[Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Price per hour.")]
Fee = Annotated[Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Fee per month.")]
AgreedHours = Annotated[float | None, typer.Option(help="Hours a month the fee is agreed for.")]
PaymentTerms = Annotated[int | None, typer.Option(metavar="DAYS", help="Days an invoice may take.")]
Notice = Annotated[int | None, typer.Option(metavar="DAYS", help="Days of notice.")]
Day = Annotated[date | None, typer.Option(parser=read_day, metavar="DATE")]
CommittedHours = Annotated[float | None, typer.Option(help="Hours of work promised and not done.")]
Prepaid = Annotated[
    Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Paid for work not yet done.")
]
Odds = Annotated[float | None, typer.Option(help="Probability of winning them, 0 to 1.")]


def client(
    call: Call,
    name: Annotated[str, typer.Argument(help="What you call them; after `--` if it begins with a dash.")],
    *,
    billing: Annotated[Billing, typer.Option(help="How you bill.")] = "retainer",
    since: Annotated[
        date | None, typer.Option(parser=read_day, metavar="DATE", help="First day of work; today if not given.")
    ] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="The portfolio's own if not given.")] = None,
    rate: Rate = None,
    fee: Fee = None,
    hours: AgreedHours = None,
    terms: PaymentTerms = None,
    notice: Notice = None,
    contract_end: Day = None,
    committed_hours: CommittedHours = None,
    prepaid: Prepaid = None,
    sign: Annotated[
        list[str] | None, typer.Option(metavar="SIGN", help="A standing sign, see `bush signs`; may be repeated.")
    ] = None,
) -> None:
    """Add a client with the terms agreed."""
    from app.entries import happened
    from model.records import Client

    portfolio = call.portfolio(create=True)
    record = Client(
        name=name,
        currency=(currency or portfolio.settings.currency).upper(),
        since=happened(since or call.day(portfolio), call.day(portfolio), "since"),
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
    odds: Odds = None,
    start: Day = None,
    sign: Annotated[list[str] | None, typer.Option(metavar="SIGN", help="An early sign; may be repeated.")] = None,
) -> None:
    """Add a possible client."""
    from model.records import Prospect

    record = Prospect(
        name=name, fee_per_month=fee, hours_per_month=hours, odds=odds, start=start, early_signs=tuple(sign or ())
    )
    told(call, call.portfolio(create=True).add(record))
