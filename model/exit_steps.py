"""The steps of leaving one client well: what each comes to here, and its day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from model import advice, catalogue
from model.decision import about
from model.exit_date import ExitDate, ExitTiming
from model.language import phrase, translated
from model.policy import angry_until, times
from model.records import Client, Invoice, Records
from model.settings import Settings, Situation
from model.terms import Terms

# Seen with a client, these leave no alternative to offer: one would pass the trouble on.
DISRESPECT = ("disrespect", "physical_abuse", "mental_abuse", "sabotage", "lies")
STOP_WORK_AFTER_DAYS = 30
LOOK_BACK_DAYS = 7
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step on its day: `what` is the advice, `here` what it means with this client."""

    id: str
    title: str
    on: date
    what: str
    here: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One client to be left, and the day chosen for it."""

    mine: Records
    client: Client
    terms: Terms
    unpaid: tuple[Invoice, ...]
    settings: Settings
    today: date
    day: ExitDate
    timing: ExitTiming
    situation: Situation
    alternative: str
    others: float

    @property
    def disrespected(self) -> bool:
        """Whether something was seen that leaves nobody to send on to."""
        return any(sighting.sign in DISRESPECT for sighting in self.mine.sightings)


def planned_steps(case: Leaving) -> list[PlannedStep]:
    """Every step that is one here, in the order of the advice."""
    return [_planned(step, case) for step in advice.exit_steps() if not _left_out(step.id, case)]


def _left_out(step: str, case: Leaving) -> bool:
    if step == "offer_alternative":
        return case.disrespected
    return step == "thank_them" and case.situation == "abuse"


def _planned(step: advice.ExitStep, case: Leaving) -> PlannedStep:
    on, here = _STEPS[step.id](case)
    return PlannedStep(
        id=step.id, title=translated(step.title), on=on, what=translated(step.what), here=here, sources=step.sources
    )


def _cool_off(case: Leaving) -> tuple[date, str]:
    anger = angry_until(case.mine, case.settings, case.today)
    asked = sum(s.sign == "wondering_worth_it" and s.on > case.today - YEAR for s in case.mine.sightings)
    again = (
        phrase(" You asked yourself whether they are worth it {asked} within a year.", asked=times(asked))
        if asked
        else ""
    )
    if anger:
        return case.today, phrase(
            "An entry of {day} was made in anger: nothing irreversible before {until}.{again}",
            day=anger[0],
            until=anger[1],
            again=again,
        )
    return case.today, phrase("No entry in anger holds you back.{again}", again=again)


def _check_numbers(case: Leaving) -> tuple[date, str]:
    money, settings = case.settings.currency, case.settings
    costs, cash = float(settings.fixed_costs_per_month), float(settings.cash) - float(settings.cash_floor)
    here = phrase(
        "They bring about {fee_per_month} {money} a month, all the others together about {others}.",
        fee_per_month=about(case.terms.fee_per_month),
        money=money,
        others=about(case.others),
    )
    if costs == 0 and settings.cash == 0:
        return case.today, phrase(
            "{here} Put your cash and fixed costs into the settings to see how long the cash lasts.", here=here
        )
    gap = costs - case.others
    if gap <= 0:
        return case.today, phrase(
            "{here} That covers your fixed costs of {costs} without them.", here=here, costs=about(costs)
        )
    if cash <= 0:
        return (
            case.today,
            phrase(
                "{here} Without them {gap} a month are missing, and no cash is left above your floor.",
                here=here,
                gap=about(gap),
            ),
        )
    return case.today, phrase(
        "{here} Without them {gap} a month are missing: cash above your floor lasts {cash:.1f} months.",
        here=here,
        gap=about(gap),
        cash=cash / gap,
    )


def _read_contract(case: Leaving) -> tuple[date, str]:
    client, terms, money = case.client, case.terms, case.settings.currency
    notice = (
        phrase("No notice is recorded: look for it.")
        if client.notice_days is None
        else phrase("Notice: {notice_days} days.", notice_days=client.notice_days)
    )
    end = (
        phrase(" The contract ends on {contract_end}.", contract_end=client.contract_end) if client.contract_end else ""
    )
    owed = (
        phrase(" They owe you {open_invoices} {money}.", open_invoices=about(terms.open_invoices), money=money)
        if terms.open_invoices > 0
        else phrase(" They owe you nothing.")
    )
    mine = (
        phrase(" You owe them {committed_hours:g} hours of promised work.", committed_hours=terms.committed_hours)
        if terms.committed_hours > 0
        else ""
    )
    ahead = (
        phrase(" They paid {prepaid} {money} ahead.", prepaid=about(terms.prepaid), money=money)
        if terms.prepaid > 0
        else ""
    )
    return case.today, f"{notice}{end}{owed}{mine}{ahead}"


def _finish_promised(case: Leaving) -> tuple[date, str]:
    hours, last = case.terms.committed_hours, case.day.last_day
    bound = phrase(" Not a day longer than agreed.") if case.situation == "friend_or_family" else ""
    if hours > 0:
        return last, phrase(
            "{hours:g} hours are promised: done by {last}, and nothing new.{bound}", hours=hours, last=last, bound=bound
        )
    return (
        last,
        phrase(
            "No promised hours are recorded: list what you owe, finish it by {last}, begin nothing new.{bound}",
            last=last,
            bound=bound,
        ),
    )


def _get_paid(case: Leaving) -> tuple[date, str]:
    money = case.settings.currency
    refund = ""
    if case.terms.prepaid > 0:
        refund = phrase(
            " Of the {prepaid} {money} paid ahead, what is not worked off by then goes back.",
            prepaid=about(case.terms.prepaid),
            money=money,
        )
    if not case.unpaid:
        return case.today, phrase(
            "Nothing is open. Invoice what is done before you say anything.{refund}", refund=refund
        )
    # The longest due first, the larger first among those: what has waited longest is likeliest to be lost.
    order = [
        phrase(
            "{amount:,.2f} {currency} due {due}", amount=i.amount - (i.written_off or 0), currency=i.currency, due=i.due
        )
        for i in case.unpaid
    ]
    more = phrase(" and {count} more", count=len(order) - 4) if len(order) > 4 else ""
    oldest = (case.today - case.unpaid[0].due).days
    stop = (
        phrase(" {oldest} days overdue: no more work until it is paid.", oldest=oldest)
        if oldest > STOP_WORK_AFTER_DAYS
        else ""
    )
    return case.today, phrase(
        "Collect in this order: {order}{more}.{stop}{refund}",
        order="; ".join(order[:4]),
        more=more,
        stop=stop,
        refund=refund,
    )


def _give_notice(case: Leaving) -> tuple[date, str]:
    span = (case.day.last_day - case.day.tell_on).days
    if span <= 0 and case.client.notice_days is None:
        return case.day.tell_on, phrase(
            "Nothing that is recorded binds you: without a notice the day of the talk is the last day."
        )
    if span <= 0:
        return case.day.tell_on, phrase("Nothing binds you: the day of the talk is the last day.")
    return case.day.tell_on, phrase(
        "Given on {tell_on}, it ends on {last_day}, {span} days later.",
        tell_on=case.day.tell_on,
        last_day=case.day.last_day,
        span=span,
    )


def _say_it(case: Leaving) -> tuple[date, str]:
    if case.situation == "abuse":
        return case.day.tell_on, phrase("After abuse you owe nobody a meeting: write, or take somebody along.")
    if case.day.tell_on <= case.today:
        return case.day.tell_on, phrase("Ask for ten minutes today; say it there, then confirm it in writing.")
    return case.day.tell_on, phrase(
        "Write the day before to ask for ten minutes; say it there, then confirm it in writing."
    )


def _keep_short(case: Leaving) -> tuple[date, str]:
    return case.day.tell_on, phrase("Use the lines below, in your own words. One reason is enough.")


def _offer(case: Leaving) -> tuple[date, str]:
    return (
        case.day.tell_on,
        phrase("Name {alternative}.", alternative=case.alternative)
        if case.alternative
        else phrase("Decide beforehand whom you will name."),
    )


def _thank(case: Leaving) -> tuple[date, str]:
    return case.day.last_day, phrase("Think of the one thing now; on the day it will not come to you.")


def _do_not_put_off(case: Leaving) -> tuple[date, str]:
    timing, tell_on = case.timing, case.day.tell_on
    if timing.at_once:
        return case.today, phrase("Put the talk on {tell_on} into your calendar.", tell_on=tell_on)
    if timing.stays:
        return case.today, phrase(
            "By the numbers there is no hurry: {waiting} If you leave all the same, put the talk on {tell_on} into "
            "your calendar.",
            waiting=timing.waiting,
            tell_on=tell_on,
        )
    return case.today, phrase(
        "Put the talk on {tell_on} into your calendar. {waiting}", tell_on=tell_on, waiting=timing.waiting
    )


def _do_not_look_back(case: Leaving) -> tuple[date, str]:
    language = case.settings.language
    # Within a sentence, words of other languages stay as they are: in some of them nouns have a capital.
    warnings = {
        sign.id: sign.label.lower() if language == "en" else sign.label
        for sign in catalogue.spoken(language).signs
        if not sign.is_good
    }
    seen = Counter(warnings[s.sign] for s in case.mine.sightings if s.sign in warnings)
    most = ", ".join(f"{label} ({count})" for label, count in seen.most_common(3))
    told = (
        phrase("What you saw most: {most}. Look for it in the next client before you say yes.", most=most)
        if most
        else phrase(
            "No warning sign was logged. Write down what you would want to know of the next client before you say yes."
        )
    )
    return case.day.last_day + timedelta(days=LOOK_BACK_DAYS), phrase(
        "{told} Log the end and the lesson, then close the file.", told=told
    )


_STEPS = {
    "cool_off": _cool_off,
    "check_numbers": _check_numbers,
    "read_contract": _read_contract,
    "finish_promised": _finish_promised,
    "get_paid": _get_paid,
    "give_notice": _give_notice,
    "say_it_in_person": _say_it,
    "keep_it_short": _keep_short,
    "offer_alternative": _offer,
    "thank_them": _thank,
    "do_not_put_off": _do_not_put_off,
    "do_not_look_back": _do_not_look_back,
}
