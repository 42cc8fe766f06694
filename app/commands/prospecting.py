"""Possible clients: whether to take one on, for whom, and how strictly to screen."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer

from app.commands.call import Call, read_amount, read_day
from app.commands.screen import as_json, say, table
from model.language import phrase


def prospect(
    call: Call,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Whom to look at; everyone written down if not given."),
    ] = None,
    *,
    fee: Annotated[
        Decimal | None, typer.Option(parser=read_amount, metavar="AMOUNT", help="Fee per month, to try one.")
    ] = None,
    hours: Annotated[float | None, typer.Option(min=0.1, help="Hours a month, to try some.")] = None,
    odds: Annotated[float | None, typer.Option(min=0, max=1, help="Probability of winning them.")] = None,
    start: Annotated[date | None, typer.Option(parser=read_day, metavar="DATE", help="When they would start.")] = None,
    sign: Annotated[list[str] | None, typer.Option(metavar="SIGN", help="An early sign; may be repeated.")] = None,
) -> None:
    """Whether to take a possible client on, and whether anyone should make way.

    Looks at those written down with `bush add prospect`. What is given here stands in place of what was written down;
    a name nobody wrote down needs `--fee` and `--hours`. Nothing is stored.
    """
    from app import prospecting as words
    from model.errors import UnknownClient
    from model.prospects import exchanges, valued
    from model.records import Prospect
    from model.screening import screening

    desk = call.desk()
    known = {one.name: one for one in desk.records().prospects}
    if names and len(names) > 1 and any(value is not None for value in (fee, hours, odds, start, sign)):
        raise typer.BadParameter(phrase("--fee, --hours, --odds, --start and --sign speak of one prospect; name one."))
    wanted = []
    for name in names or known:
        if name not in known and (fee is None or hours is None):
            raise UnknownClient(
                phrase(
                    "no prospect called {name!r} is written down: give --fee and --hours to try one, "
                    "or `bush add prospect` to keep them.",
                    name=name,
                )
            )
        blank = Prospect(name=name, fee_per_month=fee or Decimal(0), hours_per_month=hours or 1.0)
        given: dict[str, Any] = {"fee_per_month": fee, "hours_per_month": hours, "odds": odds, "start": start}
        one = replace(known.get(name, blank), **{key: value for key, value in given.items() if value is not None})
        wanted.append(replace(one, early_signs=tuple(sign)) if sign else one)
    judgement = desk.judgement()
    found = [valued(judgement, one) for one in wanted]
    swaps = exchanges(judgement, wanted) if wanted else ()
    screened = screening(judgement)
    if call.json:
        as_json(
            {
                "currency": judgement.settings.currency,
                "prospects": [words.prospect_document(one) for one in found],
                "exchanges": [words.exchange_document(one) for one in swaps],
                "screening": words.screening_document(screened),
                "before_yes": words.before_yes_document(judgement.records, judgement.as_of),
            }
        )
        return
    if not found:
        say(phrase("Nobody is written down yet; `bush add prospect NAME --fee AMOUNT --hours HOURS` adds one."), "")
    else:
        table(words.PROSPECT_COLUMNS, words.prospect_rows(found), right=words.PROSPECT_COLUMNS[2:])
        say("", *(one.reason for one in found), "")
        if len(found) == 1 and found[0].prospect.early_signs:
            columns = (
                phrase("What the early signs say (0 is the usual client)"),
                phrase("Believed"),
                phrase("80 % interval"),
            )
            table(columns, words.strain_rows(found[0]), right=columns[1:])
        if swaps:
            say("", words.exchange_sentence(swaps))
            table(words.EXCHANGE_COLUMNS, words.exchange_rows(swaps), right=words.EXCHANGE_COLUMNS[2:])
    say("", *words.screening_sentences(screened, judgement.settings.currency))
    table(words.RULE_COLUMNS, words.rule_rows(screened), right=words.RULE_COLUMNS[1:])
    say("", *words.before_yes_lines(judgement.records, judgement.as_of))


def search_first(
    call: Call,
    client: Annotated[
        str | None,
        typer.Argument(metavar="CLIENT", help="One client only; after `--` if it begins with a dash."),
    ] = None,
) -> None:
    """Whether to look for a replacement before dropping a client, and which offer to switch for."""
    from app import prospecting as words
    from model.search_first import search_first as looked

    desk = call.desk()
    judgement = desk.judgement()
    names = [decision.client for decision in judgement.decisions] if client is None else [client]
    found = [looked(judgement, name) for name in names]
    if call.json:
        as_json([words.search_document(one) for one in found])
        return
    if not found:
        say(phrase("There is no active client on {today}; `bush add client NAME ...` adds one.", today=desk.today))
        return
    table(words.SEARCH_COLUMNS, words.search_rows(found), right=words.SEARCH_COLUMNS[1:])
    say("", *(one.reason for one in found if client is not None or one.search))
    if client is None and not any(one.search for one in found):
        say(phrase("With nobody is looking first worth more than the better of keeping and dropping."))
