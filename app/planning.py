"""What the joint plan says, in words, table rows and JSON: one source for the command line and the app."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from app.wording import ACTIONS, of_twenty, rounded
from model.bookkeeping import days_sales_outstanding
from model.language import Headings, Phrases, phrase, phrase_of, written

if TYPE_CHECKING:
    from model.joint_limits import Shortfall
    from model.judged import Judgement
    from model.plan import Binding, Plan, Step

QUARTER_DAYS = 91
LIMITS = Phrases(
    {
        "hours": "hours a month",
        "cash": "the cash floor",
        "searches": "searches at once",
        "largest_share": "the largest client's share of income",
        "low_paying": "the share of hours for low-paying clients",
    }
)
MORE = Phrases({"hours": "one more hour a month", "cash": "1,000 more in cash", "searches": "one more search at once"})
STEP_COLUMNS = Headings("Client", "What to do", "Worth", "Gives up", "Why")
SHARE_COLUMNS = Headings("Client", "Income", "Hours", "Strain", "Income an hour", "Hours beyond agreed")
FAN_COLUMNS = Headings(
    "End of",
    "Plan: 1 in 10 below",
    "Plan: middle",
    "Plan: 1 in 10 above",
    "Nothing: 1 in 10 below",
    "Nothing: middle",
)


def plan_sentences(plan: "Plan", today: date) -> tuple[str, ...]:
    """What the plan is worth and whether it keeps the limits, or what is in the way and by how much."""
    money = plan.currency
    said = []
    if plan.shortfalls:
        sure = (
            phrase("No plan keeps every limit.")
            if plan.impossible
            else phrase("No plan that keeps every limit was found in time.")
        )
        said.append(phrase("{sure} This one breaks them least:", sure=sure))
        said += [_shortfall(plan, name, today) for name in dict.fromkeys(s.limit for s in plan.shortfalls)]
    else:
        gain = plan.value - plan.value_of_nothing
        if gain < 0 and rounded(gain) != "0":
            said.append(
                phrase(
                    "The plan is worth about {loss} {money} less than doing nothing: a deal-breaker or a limit rules "
                    "that out.",
                    loss=rounded(-gain),
                    money=money,
                )
            )
        else:
            said.append(
                phrase(
                    "The plan is worth about {gain} {money} more than doing nothing, and keeps every limit.",
                    gain=rounded(gain),
                    money=money,
                )
            )
        lost = plan.value_alone - plan.value
        if lost > 0 and rounded(lost) != "0":
            said.append(
                phrase(
                    "The limits cost about {lost} {money} against the best without limits.",
                    lost=rounded(lost),
                    money=money,
                )
            )
        if plan.short_of_best > 1e-4 * abs(plan.value):
            said.append(
                phrase(
                    "A better plan could be worth at most {short_of_best} {money} more.",
                    short_of_best=rounded(plan.short_of_best),
                    money=money,
                )
            )
    if plan.bounds.cash_floor is not None:
        said.append(
            phrase(
                "In the worst month cash holds its floor in {floor_held} plausible futures with "
                "the plan, and in {floor_held_of_nothing} if you do nothing; what new clients "
                "bring is not counted.",
                floor_held=of_twenty(plan.floor_held),
                floor_held_of_nothing=of_twenty(plan.floor_held_of_nothing),
            )
        )
    if plan.effective_clients == plan.effective_clients:
        said.append(
            phrase(
                "Income is spread as over {effective_clients:.1f} equal clients.",
                effective_clients=plan.effective_clients,
            )
        )
    return tuple(said)


def plan_in_short(plan: "Plan", today: date) -> str:
    """What the plan comes to in one breath: what it is worth, or every limit that it breaks and by how much."""
    said = plan_sentences(plan, today)
    return " ".join(said[: 1 + len({shortfall.limit for shortfall in plan.shortfalls})])


def binding_sentences(plan: "Plan", limits: "Sequence[Binding]") -> tuple[str, ...]:
    """Which limits cost something, and what a little more of each is worth."""
    money = plan.currency
    said = []
    for limit in limits:
        if limit.gain <= 0:
            continue
        more = ""
        if limit.limit in MORE:
            worth = rounded(limit.unit_gain) if limit.unit_gain > 0 else phrase("nothing by itself")
            more = phrase("; {more} is worth {worth}", more=MORE[limit.limit], worth=worth)
        said.append(
            phrase(
                "In the way: {limit}. Without it about {gain} {money} more{more}.",
                limit=LIMITS[limit.limit],
                gain=rounded(limit.gain),
                money=money,
                more=more,
            )
        )
    if not said and not plan.shortfalls:
        said.append(phrase("No limit is in the way: more hours or cash would change nothing."))
    return tuple(said)


def waiting_for_money(judgement: "Judgement") -> tuple[str, ...]:
    """How long money is waited for: days sales outstanding over the last quarter, if anything was invoiced in it."""
    from model.terms import invoices_owed

    records, settings, today = judgement.records, judgement.settings, judgement.as_of
    sales = sum(
        float(settings.in_portfolio_currency(invoice.amount, invoice.currency, invoice.issued))
        for invoice in records.invoices
        if today - timedelta(days=QUARTER_DAYS) < invoice.issued <= today
    )
    if not sales:
        return ()
    # Sales are those of everybody, and so is what is owed: who has left may owe still.
    owed = sum(invoice.amount for invoice in invoices_owed(records.invoices, settings, today))
    days = days_sales_outstanding(owed, sales, QUARTER_DAYS)
    return (
        phrase(
            "Open invoices come to {owed} {currency}, the sales of {days:.0f} days (days "
            "sales outstanding, over the last quarter).",
            owed=rounded(owed),
            currency=settings.currency,
            days=days,
        ),
    )


def step_rows(plan: "Plan") -> list[tuple[str, ...]]:
    """A row of `STEP_COLUMNS` for every client."""
    return [
        (
            step.client,
            step_words(step),
            rounded(step.value),
            rounded(step.costs) if step.costs > 0.5 else "",
            step.fixed or _reason(step),
        )
        for step in plan.steps
    ]


def _reason(step: "Step") -> str:
    if step.costs <= 0.5:
        return phrase("worth most")
    if step.limited:
        return phrase("a limit is in the way of the best")
    return phrase("worth most: the hours it would free are freed already")


def step_words(step: "Step") -> str:
    """What to do, in words."""
    later = step.option.exit_month
    if later is None:
        return ACTIONS[step.option.action]
    if later == 0:
        return phrase("Drop: give notice now")
    return phrase_of(later, "Drop: give notice in {count} month", "Drop: give notice in {count} months")


def share_rows(plan: "Plan") -> list[tuple[str, ...]]:
    """A row of `SHARE_COLUMNS` for every client, the largest income first."""
    ordered = sorted(plan.steps, key=lambda step: -step.income_share if step.income_share == step.income_share else 0.0)
    return [
        (
            step.client,
            _percent(step.income_share),
            _percent(step.hours_share),
            _percent(step.strain_share),
            rounded(step.effective_rate),
            _percent(step.over_servicing),
        )
        for step in ordered
    ]


def fan_rows(plan: "Plan", today: date) -> list[tuple[str, ...]]:
    """A row of `FAN_COLUMNS` for every month."""
    low, middle, high = 0, plan.fan.shape[0] // 2, plan.fan.shape[0] - 1
    return [
        (
            month_name(today, month),
            rounded(plan.fan[low, month]),
            rounded(plan.fan[middle, month]),
            rounded(plan.fan[high, month]),
            rounded(plan.fan_of_nothing[low, month]),
            rounded(plan.fan_of_nothing[middle, month]),
        )
        for month in range(plan.fan.shape[1])
    ]


def month_name(today: date, month: int) -> str:
    """The month that comes `month` months after the next one, as 2026-11."""
    count = today.year * 12 + today.month + month
    return f"{count // 12}-{count % 12 + 1:02d}"


def plan_document(plan: "Plan", limits: "Sequence[Binding]", today: date) -> dict[str, Any]:
    """The plan as a JSON document."""
    from model.plan import FAN

    return {
        "currency": plan.currency,
        "value": plan.value,
        "value_of_nothing": plan.value_of_nothing,
        "value_without_limits": plan.value_alone,
        "short_of_best": plan.short_of_best,
        "keeps_every_limit": not plan.shortfalls,
        "proven_impossible": plan.impossible,
        "shortfalls": [
            {
                "limit": s.limit,
                "amount": s.amount,
                "month": None if s.month is None else month_name(today, s.month),
                "client": None if s.client is None else plan.steps[s.client].client,
            }
            for s in plan.shortfalls
        ],
        "limits": [{"limit": b.limit, "worth_lifted": b.gain, "worth_of_one_more": b.unit_gain} for b in limits],
        "clients": [
            {
                "client": step.client,
                "action": step.option.action,
                "exit_month": step.option.exit_month,
                "value": step.value,
                "gives_up": step.costs,
                "fixed": step.fixed,
                "income_share": step.income_share,
                "hours_share": step.hours_share,
                "strain_share": step.strain_share,
                "effective_rate": step.effective_rate,
                "over_servicing": step.over_servicing,
            }
            for step in plan.steps
        ],
        "cash": [
            {
                "month": month_name(today, month),
                "plan": {written(level, "g"): float(plan.fan[row, month]) for row, level in enumerate(FAN)},
                "nothing": {
                    written(level, "g"): float(plan.fan_of_nothing[row, month]) for row, level in enumerate(FAN)
                },
            }
            for month in range(plan.fan.shape[1])
        ],
        "floor_held": plan.floor_held,
        "floor_held_doing_nothing": plan.floor_held_of_nothing,
        "concentration": plan.concentration,
        "effective_clients": plan.effective_clients,
    }


def _shortfall(plan: "Plan", limit: str, today: date) -> str:
    broken = [s for s in plan.shortfalls if s.limit == limit]
    worst = max(broken, key=lambda s: s.amount)
    when = "" if worst.month is None else phrase(" in {today}", today=month_name(today, worst.month))
    if len(broken) > 1 and worst.month is not None:
        when += phrase(", the worst of {count} months", count=len(broken))
    return phrase("In the way: {limit}, by {plan}{when}.", limit=LIMITS[limit], plan=_amount(plan, worst), when=when)


def _amount(plan: "Plan", broken: "Shortfall") -> str:
    match broken.limit:
        case "hours":
            return phrase("{amount:.1f} hours", amount=broken.amount)
        case "cash":
            return f"{rounded(broken.amount)} {plan.currency}"
        case "searches":
            return written(broken.amount, ".0f")
        case _:
            return phrase("{amount:.1f} points of a hundred", amount=100 * broken.amount)


def _percent(share: float) -> str:
    return phrase("{share:.0f} %", share=100 * share) if share == share else phrase("not known")
