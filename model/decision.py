"""The verdict on each client, with the numbers and the sentences behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np

from model.action_summary import ActionSummary, Lead, leads_of, summarised
from model.calendar import Calendar
from model.catalogue import TRAITS, Trait
from model.forecast import Array, Ask
from model.language import Phrases, listed, phrase, written
from model.next_record import next_record
from model.policy import angry_until, broken_by, calm_down, policy_sentence, warned
from model.records import Records
from model.settings import Settings
from model.terms import Terms

if TYPE_CHECKING:
    from xarray import DataArray

Verdict = Literal["keep", "renegotiate", "drop", "wait", "too_close", "deal_breaker"]
Basis = Literal["prior", "fit", "quick"]

# The smallest difference the simulation claims to see is twice the Monte Carlo error of a paired difference. What else
# is too close to call is for the user to say, in the settings.
MONTE_CARLO_ERRORS = 2.0
FEW_RECORDS = 3
SURE_ENOUGH_WITH_FEW_RECORDS = 0.6
NOTABLE_STRAIN = 0.75

_DOING = Phrases({"keep": "Keeping", "renegotiate": "Renegotiating", "drop": "Dropping"})
_TRAIT_WORDS = Phrases(
    {
        "payment": "how they pay",
        "demand": "how much they ask",
        "conduct": "how they behave",
        "fit": "how well they fit",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrainSummary:
    """What is believed of one trait today, in population standard deviations; higher is worse."""

    trait: Trait
    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer for one client.

    `exit_month` is the day a client dropped today is left for good; `wait_months` how long waiting waits, None where
    it was not considered; `deal_breakers` are ids of signs.
    """

    client: str
    verdict: Verdict
    reason: str
    currency: str
    horizon_months: int
    as_of: date
    basis: Basis
    actions: tuple[ActionSummary, ...]
    ask: Ask
    exit_month: date
    evpi: float
    strain: tuple[StrainSummary, ...]
    deal_breakers: tuple[str, ...]
    caveats: tuple[str, ...]
    next_record: str
    wait_months: int | None = None

    def action(self, name: str) -> ActionSummary:
        """The summary of one action.

        Raises
        ------
        ValueError
            If there is no such action.
        """
        for summary in self.actions:
            if summary.action == name:
                return summary
        raise ValueError(f"the actions are {', '.join(s.action for s in self.actions)}; {name!r} came.")

    @property
    def best(self) -> ActionSummary:
        """The action of the highest mean among those to take today, whatever the verdict."""
        return max((a for a in self.actions if a.action != "wait"), key=lambda summary: summary.mean)


def decide(
    net_benefit: "DataArray",
    futures: "DataArray",
    records: Records | Mapping[str, Records],
    strain: Sequence[tuple[Array, Array]],
    *,
    terms: Sequence[Terms],
    calendar: Calendar,
    settings: Settings,
    today: date,
    basis: Basis,
    asks: Sequence[Ask],
) -> tuple[Decision, ...]:
    """Judge every client of `net_benefit`, in the order of their names.

    Deal-breakers come first, whatever the money says. Then the action of the highest mean wins, unless the answer
    cannot tell it from the next ("too_close") or it would end things within days of an angry entry ("wait").

    Parameters
    ----------
    net_benefit, futures
        From `model.actions`: dims (sample, client, action).
    records
        The portfolio, or what was known today of each client, for sightings and what to record next.
    strain
        Per client as in `net_benefit`: posterior mean and standard deviation of each trait today, shape (trait,).
    terms
        Terms of every client, in any order.
    calendar
        How full the calendar is.
    settings
        Economics and policy.
    today
        The day of the verdict; later records are ignored.
    basis
        Whether the population draws come from the prior or from a fit.
    asks
        What the renegotiation asks for, per client as in `net_benefit`.

    Raises
    ------
    ValueError
        If the arrays disagree on clients or actions.
    """
    expected = net_benefit.transpose("sample", "client", "action")
    simulated = futures.transpose("sample", "client", "action")
    names = [str(name) for name in expected["client"].values]
    labels = [str(action) for action in expected["action"].values]
    if names != [str(name) for name in simulated["client"].values] or len(strain) != len(names):
        raise ValueError("net benefit, futures and strain must hold the same clients in the same order.")
    if labels != [str(action) for action in simulated["action"].values]:
        raise ValueError("net benefit and futures must hold the same actions in the same order.")
    known = records.as_of(today).by_client() if isinstance(records, Records) else records
    return decisions(
        np.asarray(expected.values), np.asarray(simulated.values), names, labels, known, np.array(strain),
        terms=terms, calendar=calendar, settings=settings, today=today, basis=basis, asks=asks,
    )  # fmt: skip


def decisions(
    net_benefit: Array,
    futures: Array,
    clients: Sequence[str],
    actions: Sequence[str],
    known: Mapping[str, Records],
    strain: Array,
    *,
    terms: Sequence[Terms],
    calendar: Calendar,
    settings: Settings,
    today: date,
    basis: Basis,
    asks: Sequence[Ask],
) -> tuple[Decision, ...]:
    """The same of arrays without labels (sample, client, action).

    Parameters
    ----------
    clients, actions
        What the axes hold.
    known
        What was known today of each client.
    strain
        Posterior mean and standard deviation of each trait today (client, 2, trait).
    net_benefit, futures, terms, calendar, settings, today, basis, asks
        As for `decide`.
    """
    if not clients:
        return ()
    terms_of = {term.client: term for term in terms}
    summaries = summarised(net_benefit, futures, actions)
    traits = [
        tuple(StrainSummary(trait=trait, mean=mean, sd=sd) for trait, mean, sd in zip(TRAITS, *one, strict=True))
        for one in strain.tolist()
    ]
    leads = leads_of(net_benefit, summaries)
    calendar_words = _calendar_sentence(calendar)
    found = []
    for i in sorted(range(len(clients)), key=clients.__getitem__):
        mine, agreed = known[clients[i]], terms_of[clients[i]]
        broken = broken_by(mine, settings)
        verdict, reason = _verdict(
            leads[i], mine, traits[i], agreed, settings, today, asks[i], broken, calendar_words
        )  # fmt: skip
        found.append(
            Decision(
                client=clients[i],
                verdict=verdict,
                reason=reason,
                currency=settings.currency,
                horizon_months=settings.horizon_months,
                as_of=today,
                basis=basis,
                actions=summaries[i],
                ask=asks[i],
                exit_month=agreed.exit_date,
                # What is best is known for sure of the one with the smallest loss: that of the highest mean.
                evpi=leads[i].best.expected_loss,
                strain=traits[i],
                deal_breakers=broken,
                caveats=_caveats(agreed, mine, settings, basis),
                next_record=next_record(mine, today),
            )
        )
    return tuple(found)


def about(amount: float) -> str:
    """An amount rounded to the two figures that it carries, such as `3,400`."""
    magnitude = 0 if amount == 0 else int(np.floor(np.log10(abs(amount))))
    rounded = round(amount, 1 - max(1, magnitude))
    return written(rounded + 0.0, ",.0f")


def _verdict(
    lead: Lead,
    mine: Records,
    strain: tuple[StrainSummary, ...],
    terms: Terms,
    settings: Settings,
    today: date,
    ask: Ask,
    broken: tuple[str, ...],
    calendar_words: str,
) -> tuple[Verdict, str]:
    best, second, money = lead.best, lead.second, settings.currency
    if broken:
        return "deal_breaker", " ".join(
            [
                *(policy_sentence(sign, mine, settings) for sign in broken),
                phrase(
                    "The money does not decide here; keeping would be worth about {mean} {money} over {months}.",
                    mean=about(lead.keep.mean),
                    money=money,
                    months=_months(settings.horizon_months),
                ),
                *calm_down(mine, settings, today),
            ]
        )
    compared = phrase(
        "{best} is worth about {lead} {money} more than {other} over {months}",
        best=_DOING[best.action],
        lead=about(lead.by),
        money=money,
        other=_DOING[second.action].lower(),
        months=_months(settings.horizon_months),
    )
    if doubt := _doubt(lead, mine, settings):
        told = phrase("{compared}, which is too close to call: {doubt}", compared=compared, doubt=doubt)
        return "too_close", f"{told} {calendar_words}"
    if best.action == "drop" and (anger := angry_until(mine, settings, today)):
        seen, until = anger
        told = phrase(
            "{compared}, but an entry of {seen} was made in anger: cooling off until {until}, as you decided.",
            compared=compared,
            seen=seen,
            until=until,
        )
        return "wait", f"{told} {calendar_words}"
    parts = [
        phrase("{compared}; it is best in {p_best} plausible cases.", compared=compared, p_best=_of_twenty(best.p_best))
    ]
    worst = max(strain, key=lambda trait: trait.mean)
    if worst.mean >= NOTABLE_STRAIN:
        parts.append(
            phrase(
                "What stands out is {trait_word}: {mean:.1f} standard deviations worse than the usual client.",
                trait_word=_TRAIT_WORDS[worst.trait],
                mean=worst.mean,
            )
        )
    if best.action == "renegotiate":
        parts.append(phrase("Ask for {ask}.", ask=asked(ask)))
    if best.action == "drop":
        parts.append(
            phrase("With notice and committed work, the last day would be {exit_date}.", exit_date=terms.exit_date)
        )
    parts.append(calendar_words)
    return best.action, " ".join(parts)  # type: ignore[return-value]


def _doubt(lead: Lead, mine: Records, settings: Settings) -> str:
    """Why the lead of the best action may be nothing, or an empty string."""
    best = lead.best
    if lead.by < MONTE_CARLO_ERRORS * lead.error:
        return phrase("the simulation itself cannot tell them apart.")
    if lead.by < settings.least_lead * (best.p90 - best.p10):
        return phrase(
            "four in five futures lie within {scatter} of each other, and you call a lead "
            "below {least_lead:.0%} of that none.",
            scatter=about(best.p90 - best.p10),
            least_lead=settings.least_lead,
        )
    records = len(mine.checkins) + len(mine.sightings) + len(mine.invoices) + len(mine.hours) + len(mine.events)
    if records < FEW_RECORDS and best.p_best < SURE_ENOUGH_WITH_FEW_RECORDS:
        return phrase(
            "hardly anything is recorded yet, and it is best in only {p_best} plausible cases.",
            p_best=_of_twenty(best.p_best),
        )
    if best.p_best < settings.least_p_best:
        if _of_twenty(best.p_best) == _of_twenty(settings.least_p_best):
            return phrase(
                "it is worth most on average, yet best in just under the {least_p_best} plausible cases that you "
                "ask for.",
                least_p_best=_of_twenty(settings.least_p_best),
            )
        return phrase(
            "it is worth most on average, yet best in only {p_best} plausible cases, and you ask for {least_p_best}.",
            p_best=_of_twenty(best.p_best),
            least_p_best=_of_twenty(settings.least_p_best),
        )
    return ""


def _of_twenty(probability: float) -> str:
    return phrase("{count} of 20", count=round(20 * probability))


def asked(ask: Ask) -> str:
    """What is asked for, as words that follow "ask for"."""
    wishes = []
    if ask.price_pct:
        wishes.append(phrase("{price_pct:g} % more", price_pct=ask.price_pct))
    if ask.scope:
        wishes.append(phrase("a cap on scope"))
    if ask.terms:
        wishes.append(phrase("better payment terms"))
    if ask.office_hours:
        wishes.append(phrase("office hours"))
    if not wishes:
        return phrase("clearer terms")
    return listed(wishes)


def _calendar_sentence(calendar: Calendar) -> str:
    if calendar.fullness == "unknown":
        return phrase("No hours are recorded, so nothing is counted for the time a client takes or frees.")
    booked = phrase(
        "{booked_hours:.0f} of {capacity_hours:.0f} hours are booked",
        booked_hours=calendar.booked_hours,
        capacity_hours=calendar.capacity_hours,
    )
    if calendar.fullness == "overbooked":
        return phrase(
            "The calendar is overbooked ({booked}): the first hours freed are relief, the rest go to a new client.",
            booked=booked,
        )
    if calendar.fullness == "idle":
        months = float(np.median(calendar.months_until_full))
        wait = (
            phrase("more than ten years") if months > 120 else phrase("about {max}", max=_months(max(1, round(months))))
        )
        return phrase(
            "The calendar has room ({booked}): freed hours would wait {wait} behind those that are free already.",
            booked=booked,
            wait=wait,
        )
    return phrase(
        "The calendar is full ({booked}): freed hours go to a new client as soon as one is found.", booked=booked
    )


def _months(count: int) -> str:
    return phrase("a month") if count == 1 else phrase("{count} months", count=count)


def _caveats(terms: Terms, mine: Records, settings: Settings, basis: Basis) -> tuple[str, ...]:
    found = [*warned(mine, settings), *terms.caveats]
    if basis == "prior":
        found.append(
            phrase(
                "No fit has been made yet: what clients are like in general is taken from judgement and a few "
                "published figures."
            )
        )
    if not (mine.checkins or mine.sightings or mine.invoices or mine.hours):
        found.append(
            phrase("Nothing is recorded of this client yet, so the answer is that for any client on these terms.")
        )
    return tuple(found)
