"""The exit plan: every step of leaving one client well, dated and ordered for them, with the lines to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from model.exit_date import ExitDate, ExitTiming, exit_timing
from model.exit_lines import LESSON, Blanks, PlannedLine, filled, lines_for, situation_of
from model.exit_steps import Leaving, PlannedStep, planned_steps
from model.forecast import Array
from model.language import listed, written
from model.policy import angry_until
from model.records import Invoice, Records
from model.settings import Settings, Situation
from model.terms import DAYS_PER_MONTH, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitPlan:
    """How to leave one client.

    Parameters
    ----------
    situation
        Which lines to say.
    day
        The day of the talk and the last day the plan goes by.
    timing
        All days considered, and what waiting costs.
    steps
        In the order of their days.
    lines
        In the order they are said.
    """

    client: str
    as_of: date
    situation: Situation
    day: ExitDate
    timing: ExitTiming
    steps: tuple[PlannedStep, ...]
    lines: tuple[PlannedLine, ...]


def exit_plan(
    records: Records,
    client: str,
    values: Array,
    terms: Sequence[Terms],
    *,
    days_to_pay: float,
    settings: Settings,
    today: date,
    at_once: bool = False,
    alternative: str = "",
) -> ExitPlan:
    """The plan for leaving `client`.

    Parameters
    ----------
    records
        The portfolio; what lies after `today` is not used.
    client
        Name of an active client.
    values
        Expected worth of leaving them in each month (sample, exit_month), from `model.actions.exit_values`.
    terms
        Terms of every active client.
    days_to_pay
        Days from issue to payment to expect of the client.
    settings
        Economics, cooling off and the user's own lines.
    today
        The day the plan is made.
    at_once
        Leave at the earliest day, whatever a later one is worth: for deal-breakers.
    alternative
        Whom to recommend, by name or by kind.

    Raises
    ------
    UnknownClient
        If the portfolio holds no such client.
    ValueError
        If `terms` do not hold the client.
    """
    mine = records.of(client).as_of(today)
    agreed = next((term for term in terms if term.client == client), None)
    if agreed is None:
        raise ValueError(f"there are no terms for {client!r}.")
    unpaid = tuple(sorted((i for i in mine.invoices if _is_open(i)), key=lambda i: (i.due, -i.amount, i.number)))
    timing = exit_timing(
        values,
        agreed,
        notice_days=mine.client(client).notice_days,
        open_invoices=unpaid,
        days_to_pay=days_to_pay,
        currency=settings.currency,
        today=today,
        at_once=at_once,
    )
    chosen = timing.now if at_once or timing.stays else timing.best
    anger = angry_until(mine, settings, today)
    day = _on_working_days(chosen, max(today, anger[1] if anger else today), agreed)
    situation = situation_of(mine, today)
    case = Leaving(
        mine=mine, client=mine.client(client), terms=agreed, unpaid=unpaid, settings=settings, today=today, day=day,
        timing=timing, situation=situation, alternative=alternative,
        others=sum(term.fee_per_month for term in terms if term.client != client),
    )  # fmt: skip
    blanks = Blanks(
        client=client,
        last_day=day.last_day,
        alternative=alternative,
        open_amount=_sums(unpaid),
    )
    return ExitPlan(
        client=client,
        as_of=today,
        situation=situation,
        day=day,
        timing=timing,
        steps=tuple(sorted(planned_steps(case), key=lambda step: step.on)),
        lines=tuple(
            PlannedLine(moment=line.moment, text=filled(line.text, blanks), own=line.own)
            for line in lines_for(situation, settings)
            if not (line.moment == "alternative" and case.disrespected)
        ),
    )


def lessons(records: Records) -> tuple[str, ...]:
    """What was learned from clients left before, newest first, to screen the next one by."""
    noted = [event for event in records.events if event.kind == "note" and event.note.startswith(LESSON)]
    return tuple(event.note[len(LESSON) :] for event in sorted(noted, key=lambda event: event.on, reverse=True))


def _on_working_days(day: ExitDate, earliest: date, terms: Terms) -> ExitDate:
    # A talk held later, for the weekend or to cool off, moves the last day by as much.
    tell_on = max(day.tell_on, earliest)
    tell_on += timedelta(days=max(0, 7 - tell_on.weekday()) if tell_on.weekday() >= 5 else 0)
    # The end of a contract and committed work stay where they are.
    moved = (tell_on - day.tell_on).days / DAYS_PER_MONTH
    later = terms.leaving_in(day.months_later + moved) - terms.leaving_in(day.months_later)
    return ExitDate(
        occasion=day.occasion,
        months_later=day.months_later,
        tell_on=tell_on,
        last_day=max(tell_on, day.last_day + timedelta(days=round(later * DAYS_PER_MONTH))),
        value=day.value,
        cost=day.cost,
    )


def _sums(unpaid: Sequence[Invoice]) -> str:
    # To the cent and in their own currency: it is what the client is asked for.
    sums: dict[str, Decimal] = {}
    for invoice in unpaid:
        sums[invoice.currency] = sums.get(invoice.currency, Decimal(0)) + invoice.amount - (invoice.written_off or 0)
    return listed([f"{written(total, ',.2f')} {currency}" for currency, total in sums.items()])


def _is_open(invoice: Invoice) -> bool:
    return invoice.paid_on is None and (invoice.written_off is None or invoice.written_off < invoice.amount)
