"""Forms to records: what was typed is checked again here, whatever the browser let through."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from model import catalogue
from model.errors import InvalidRecord, InvalidSettings
from model.exit_lines import LESSON, lines_for
from model.language import number_typed, phrase
from model.months_due import months_due
from model.records import (
    CheckIn,
    Client,
    Event,
    Hours,
    Invoice,
    Outcome,
    Prospect,
    Records,
    Search,
    Sighting,
    first_of_month,
)
from model.settings import DealBreaker, ExchangeRate, ExitLine, Settings, Situation

HOURS_OF_A_MONTH = 744


def month_due(records: Records, client: str, today: date) -> date:
    """The month whose check-in is asked for first: the newest that is due, or the running one where none is."""
    known = records.of(client)
    done = {checkin.month for checkin in known.checkins}
    due = months_due(known.client(client), done, today)
    return due[0] if due else first_of_month(today)


def check_in(
    records: Records,
    *,
    client: str,
    month: date,
    today: date,
    energy: int | None = None,
    signs: Collection[str] = (),
    angry: bool = False,
    note: str = "",
) -> tuple[CheckIn | Sighting, ...]:
    """The records of one check-in: signs seen already in that month are not recorded twice.

    An entry in anger is dated today, since it is today's anger that has to cool off.

    Raises
    ------
    InvalidRecord
        If the month lies ahead or before the client, a sign is not one for check-ins, or anger has no sign to go by.
    """
    known = records.of(client)
    if month > today or month < first_of_month(known.client(client).since):
        raise InvalidRecord(
            phrase("the check-in of {month:%B %Y} lies before the client or after {today}.", month=month, today=today),
            column="month",
        )
    ticked = {sign.id for sign in catalogue.load().ticked}
    unknown = sorted(set(signs) - ticked)
    if unknown:
        raise InvalidRecord(
            phrase("{unknown!r} is not a sign of the monthly check-in.", unknown=unknown[0]), column="sign"
        )
    if angry and not signs:
        raise InvalidRecord(phrase("say what made you angry: choose at least one sign."), column="sign")
    seen = {s.sign for s in known.sightings if first_of_month(s.on) == month}
    on = today if angry else min(today, _last_day(month))
    kept = next((c for c in known.checkins if c.month == month), None)
    if kept is not None:
        # A second look at the same month keeps what the first one said and was not asked again.
        energy, note = (energy or kept.energy), (note or kept.note)
    made = CheckIn(client=client, month=month, energy=energy, note=note)
    new = (sign for sign in sorted(signs) if angry or sign not in seen)
    return made, *(Sighting(client=client, on=on, sign=sign, angry=angry) for sign in new)


def new_invoice(
    *,
    client: str,
    number: str,
    issued: date,
    days: int,
    amount: str,
    currency: str,
    paid: date | None,
    today: date,
) -> Invoice:
    """An invoice that was sent, due `days` after its issue."""
    _not_ahead(issued, today, "issued")
    if paid is not None:
        _not_ahead(paid, today, "paid_on")
    if not 0 <= days <= 3650:
        raise InvalidRecord(
            phrase("an invoice is due 0 to 3650 days after its issue; {days} came.", days=days), column="due"
        )
    return Invoice(
        client=client,
        number=number.strip(),
        issued=issued,
        due=issued + timedelta(days=days),
        amount=money(amount, "amount"),
        currency=currency,
        paid_on=paid,
    )


def hours_worked(
    *, client: str, on: date, hours: float | None, whole_month: bool, billed: bool = True, today: date
) -> Hours:
    """Hours of a day, or of the month the day lies in; None is nothing typed, which is refused."""
    _not_ahead(on, today, "date")
    if hours is None:
        raise InvalidRecord(phrase("say how many hours were worked."), column="hours")
    return Hours(
        client=client,
        on=first_of_month(on) if whole_month else on,
        hours=hours,
        # Where nothing else is said, they are billed like all the others.
        billable=None if billed else False,
        whole_month=whole_month,
    )


def renegotiation(
    *, client: str, on: date, price_pct: float, scope: bool, terms: bool, result: Outcome | None, today: date
) -> Event:
    """A renegotiation with its result.

    Raises
    ------
    InvalidRecord
        If nothing was asked for.
    """
    _not_ahead(on, today, "date")
    if not (price_pct or scope or terms):
        raise InvalidRecord(
            phrase("say what was asked for: a price, a scope or payment terms."), column="ask_price_pct"
        )
    return Event(
        client=client,
        on=on,
        kind="renegotiation",
        ask_price_pct=price_pct or None,
        ask_scope=scope,
        ask_terms=terms,
        result=result,
    )


def referral(*, client: str, on: date, note: str, today: date) -> Event:
    """Somebody the client sent."""
    _not_ahead(on, today, "date")
    return Event(client=client, on=on, kind="referral", note=note)


def lesson(*, client: str, on: date, text: str) -> Event:
    """What was learned from a client, to screen the next one by."""
    if not text.strip():
        raise InvalidRecord(phrase("a lesson needs a sentence; an empty one came."), column="note")
    return Event(client=client, on=on, kind="note", note=f"{LESSON}{text.strip()}")


def own_lines(held: Settings, situation: Situation, texts: Mapping[str, str]) -> Settings:
    """Settings in which the lines of `situation` are those of a form, by moment; usual or empty ones are not kept."""
    usual = {line.moment: line.text for line in lines_for(situation, replace(held, exit_lines=()))}
    kept = tuple(line for line in held.exit_lines if line.situation != situation)
    own = tuple(
        ExitLine(situation=situation, moment=moment, text=text.strip())
        for moment, text in texts.items()
        if text.strip() and text.strip() != usual.get(moment)
    )
    return replace(held, exit_lines=(*kept, *own))


def search(*, opened_on: date, won_on: date | None, fee: str, hours: float | None, cost: str, today: date) -> Search:
    """A search for a new client, won or not yet."""
    _not_ahead(opened_on, today, "opened_on")
    if won_on is not None:
        _not_ahead(won_on, today, "won_on")
    return Search(
        opened_on=opened_on,
        won_on=won_on,
        fee_per_month=money(fee, "fee_per_month") if fee.strip() else None,
        hours_per_month=hours,
        cost=money(cost, "cost") if cost.strip() else None,
    )


def new_client(
    *,
    name: str,
    currency: str,
    since: date,
    billing: str,
    price: str,
    hours: float | None,
    payment_terms_days: int | None,
    notice_days: int | None,
    standing: Collection[str] = (),
) -> Client:
    """A client; `price` is per hour for hourly billing and per month for a retainer, else unused."""
    facts = {sign.id for sign in catalogue.load().standing}
    unknown = sorted(set(standing) - facts)
    if unknown:
        raise InvalidRecord(
            phrase("{unknown!r} is not a standing fact about a client.", unknown=unknown[0]), column="standing_signs"
        )
    if hours is not None and hours > HOURS_OF_A_MONTH:
        raise InvalidRecord(
            phrase("a month has at most {most} hours; {hours:g} came.", most=HOURS_OF_A_MONTH, hours=hours),
            column="agreed_hours_per_month",
        )
    amount = money(price, "price") if price.strip() else None
    return Client(
        name=name.strip(),
        currency=currency,
        since=since,
        billing=billing,  # type: ignore[arg-type]
        rate_per_hour=amount if billing == "hourly" else None,
        fee_per_month=amount if billing == "retainer" else None,
        agreed_hours_per_month=hours,
        payment_terms_days=payment_terms_days,
        notice_days=notice_days,
        standing_signs=tuple(sorted(standing)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the first list of clients, as typed."""

    number: int
    name: str
    fee: str
    hours: str
    since: date


def first_clients(lines: Iterable[Line], currency: str, settings: Settings) -> tuple[tuple[Client, ...], Settings]:
    """The clients of the lines that have a name, and the settings in their currency.

    A client with a fee pays it every month, one without is paid for what is invoiced.

    Raises
    ------
    InvalidRecord, InvalidSettings
        If a line or the currency is wrong; the sentence names the line.
    """
    counted = replace(settings, currency=currency.strip().upper())
    made: dict[str, Client] = {}
    for line in lines:
        if not line.name.strip():
            if line.fee.strip() or line.hours.strip():
                raise InvalidRecord(
                    phrase("line {number} has no name; give one, or empty the line.", number=line.number), column="name"
                )
            continue
        try:
            client = new_client(
                name=line.name, currency=counted.currency, since=line.since,
                billing="retainer" if line.fee.strip() else "fixed", price=line.fee,
                hours=float(money(line.hours, "hours")) if line.hours.strip() else None,
                payment_terms_days=30, notice_days=30,
            )  # fmt: skip
        except InvalidRecord as error:
            raise InvalidRecord(
                phrase("line {number}: {error}", number=line.number, error=error), column=error.column
            ) from error
        if client.name in made:
            raise InvalidRecord(
                phrase("line {number}: {name!r} is there twice.", number=line.number, name=client.name), column="name"
            )
        made[client.name] = client
    return tuple(made.values()), counted


def new_prospect(
    *,
    name: str,
    fee: str,
    hours: float,
    odds: float | None,
    start: date | None,
    early_signs: Collection[str] = (),
) -> Prospect:
    """A possible client; `odds` are said in percent."""
    return Prospect(
        name=name.strip(),
        fee_per_month=money(fee, "fee"),
        hours_per_month=hours,
        odds=None if odds is None else odds / 100,
        start=start,
        early_signs=tuple(sorted(early_signs)),
    )


def deal_breakers(
    held: Sequence[DealBreaker], first_time: Sequence[str], repeated: Sequence[str]
) -> tuple[DealBreaker, ...]:
    """The policy a form states: signs to leave over the first time, and those to leave over when they come again.

    A sign in both lists is left over the first time; one that was held to more than two sightings keeps its number.
    """
    limits = {breaker.sign: breaker.sightings for breaker in held}
    again = [sign for sign in repeated if sign not in first_time]
    chosen = dict.fromkeys(first_time, 1) | {sign: max(2, limits.get(sign, 2)) for sign in again}
    # In the order held so far, so that nothing looks changed that is not.
    order = [breaker.sign for breaker in held if breaker.sign in chosen]
    order += [sign for sign in chosen if sign not in order]
    return tuple(DealBreaker(sign=sign, sightings=chosen[sign]) for sign in order)


def exchange_rates(text: str, today: date) -> tuple[ExchangeRate, ...]:
    """Exchange rates as typed, one a line: a currency, what one unit of it is worth, and the day, today if left out.

    Raises
    ------
    InvalidSettings
        If a line says something else.
    """
    rates = []
    for number, line in enumerate(text.splitlines(), 1):
        if not (words := line.split()):
            continue
        try:
            currency, worth, *on = words
            day = date.fromisoformat(*on) if on else today
            rates.append(ExchangeRate(currency=currency.upper(), on=day, rate=money(worth, "exchange_rates")))
        except (ValueError, TypeError, InvalidRecord) as error:
            raise InvalidSettings(
                phrase(
                    "exchange rates, line {number}: a currency, a rate and perhaps a day were expected, such as "
                    "USD 0.92 2026-01-31; {line!r} came.",
                    number=number,
                    line=line,
                )
            ) from error
    return tuple(rates)


def money(text: str, column: str) -> Decimal:
    """An amount as typed: digits with a point, or a comma before the last two, and no letters.

    Raises
    ------
    InvalidRecord
        If it is not an amount from zero up.
    """
    typed = text.strip()
    if (said := number_typed(typed)) is not None and said >= 0:
        return said
    plain = typed.replace(" ", "").replace("'", "")
    if "," in plain and "." not in plain and len(plain) - plain.rindex(",") != 4:
        plain = plain.replace(",", ".")
    plain = plain.replace(",", "") if plain.rfind(".") > plain.rfind(",") or "." not in plain else plain
    try:
        amount = Decimal(plain)
    except InvalidOperation as error:
        raise InvalidRecord(
            phrase("an amount such as 1250.00 was expected; {text!r} came.", text=text), column=column
        ) from error
    if not amount.is_finite() or amount < 0:
        raise InvalidRecord(phrase("an amount from 0 up was expected; {text!r} came.", text=text), column=column)
    return amount


def meant_two_ways(text: str) -> str:
    """What to write instead of 2.500, which is two and a half or thousands; empty where it is plain."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}(\.[0-9]{3})+", text.strip()):
        return ""
    return phrase(
        "{text!r} may be meant two ways: write {plain}, or a point and two digits as in 1234.50.",
        text=text,
        plain=text.strip().replace(".", ""),
    )


def happened(day: date, today: date, column: str = "date") -> date:
    """A day on which something happened: it cannot lie ahead.

    Raises
    ------
    InvalidRecord
        If it does.
    """
    _not_ahead(day, today, column)
    return day


def _not_ahead(day: date, today: date, column: str) -> None:
    if day > today:
        raise InvalidRecord(
            phrase("{day} lies ahead of {today}; record it when it has happened.", day=day, today=today), column=column
        )


def _last_day(month: date) -> date:
    return first_of_month(month + timedelta(days=31)) - timedelta(days=1)
