"""What a page says of a judgement: words, counts and table rows, ready to show and free of markup."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.wording import ACTIONS, VERDICTS, interval, rounded, signed

if TYPE_CHECKING:
    from app.desk import Freshness
    from model.asks import AskCurves
    from model.decision import ActionSummary, Decision
    from model.judged import Judgement
    from model.population import Diagnostics
    from model.two_in_the_bush import Bush

ICONS = {
    "keep": "check_circle",
    "renegotiate": "handshake",
    "drop": "logout",
    "wait": "hourglass_top",
    "too_close": "balance",
    "deal_breaker": "block",
}
COLOURS = {
    "keep": "green", "renegotiate": "blue", "drop": "orange", "wait": "gray", "too_close": "gray",
    "deal_breaker": "red",
}  # fmt: skip
URGENCY = ("deal_breaker", "drop", "wait", "renegotiate", "too_close", "keep")
CARD_DOTS, PAGE_DOTS = 20, 50
_DOING = {"keep": "keeping", "renegotiate": "renegotiating", "drop": "dropping", "wait": "waiting"}
_STRAIN_WORDS = {
    "payment": "How they pay",
    "demand": "How much they ask",
    "conduct": "How they behave",
    "fit": "How well they fit",
}
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One action as a row of a table: `value` is the expected one, `likely` holds 80 % of the futures."""

    action: str
    label: str
    value: str
    likely: str
    best_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Keeping against the best other action, over paired futures.

    `keep` and `other` are equally likely outcomes in order; `sentence` counts the futures in which keeping does
    better.
    """

    other_action: str
    keep: tuple[float, ...]
    other: tuple[float, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One client on the first page."""

    client: str
    verdict: str
    label: str
    icon: str
    colour: str
    reason: str
    rows: tuple[ActionRow, ...]
    comparison: Comparison
    next_record: str
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrainRow:
    """One trait in words; `mean` and `sd` in standard deviations of the usual client."""

    trait: str
    label: str
    words: str
    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure before and after something was recorded or a slider was moved."""

    what: str
    before: str
    after: str


def cards(judgement: "Judgement") -> tuple[Card, ...]:
    """A card for every active client, the most urgent verdict first, then by name."""
    made = (card(judgement, decision) for decision in judgement.decisions)
    return tuple(sorted(made, key=lambda c: (URGENCY.index(c.verdict), c.client)))


def card(judgement: "Judgement", decision: "Decision") -> Card:
    """The card of one client."""
    return Card(
        client=decision.client,
        verdict=decision.verdict,
        label=VERDICTS[decision.verdict],
        icon=ICONS[decision.verdict],
        colour=COLOURS[decision.verdict],
        reason=decision.reason,
        rows=action_rows(decision),
        comparison=comparison(judgement, decision, CARD_DOTS),
        next_record=decision.next_record,
        caveats=decision.caveats,
    )


def action_rows(decision: "Decision") -> tuple[ActionRow, ...]:
    """The actions of a decision as rows, in their own order."""
    return tuple(
        ActionRow(
            action=summary.action,
            label=ACTIONS[summary.action],
            value=_value(summary),
            likely=interval(summary.p10, summary.p90),
            best_in=f"{round(20 * summary.p_best)} of 20",
        )
        for summary in decision.actions
    )


def comparison(judgement: "Judgement", decision: "Decision", dots: int) -> Comparison:
    """Keeping against the best of the other actions, in `dots` equally likely futures each."""
    others = [summary for summary in decision.actions if summary.action not in ("keep", "wait")]
    other = max(others, key=lambda summary: summary.mean).action
    paths = judgement.futures.sel(client=decision.client)
    keep, against = (np.asarray(paths.sel(action=action).values) for action in ("keep", other))
    share = float(np.mean(keep > against))
    sentence = (
        f"In {round(CARD_DOTS * share)} of {CARD_DOTS} plausible futures keeping turns out better than {_DOING[other]}."
    )
    return Comparison(other_action=other, keep=quantiles(keep, dots), other=quantiles(against, dots), sentence=sentence)


def quantiles(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", count: int) -> tuple[float, ...]:
    """`count` equally likely values in order: the middles of as many equal shares of the draws."""
    levels = (np.arange(count) + 0.5) / count
    return tuple(float(value) for value in np.quantile(values, levels))


def summary(judgement: "Judgement", freshness: "Freshness") -> tuple[str, str, str]:
    """The portfolio in three sentences: verdicts, time and money, and what the answers rest on."""
    decisions = judgement.decisions
    counts = Counter[str](decision.verdict for decision in decisions)
    parts = [f"{counts[verdict]} {_verdict_words(verdict)}" for verdict in reversed(URGENCY) if counts[verdict]]
    clients = "1 client" if len(decisions) == 1 else f"{len(decisions)} clients"
    return f"{clients}: {_listed(parts)}.", _time_and_money(judgement), _basis(judgement, freshness)


def strain_rows(decision: "Decision") -> tuple[StrainRow, ...]:
    """Strain by trait, told against the usual client."""
    return tuple(
        StrainRow(trait=s.trait, label=_STRAIN_WORDS[s.trait], words=_strain_words(s.mean, s.sd), mean=s.mean, sd=s.sd)
        for s in decision.strain
    )


def changes(before: "Decision | None", after: "Decision") -> tuple[Change, ...]:
    """Verdict and expected values of one client, before and after.

    Both values of an action are rounded alike, by a hundredth of the interval: a change too small for that shows as
    none.
    """
    told = [
        Change(
            what="Verdict",
            before=VERDICTS[before.verdict] if before else "none yet",
            after=VERDICTS[after.verdict],
        )
    ]
    for summary in after.actions:
        spread = (summary.p90 - summary.p10) / 5
        earlier = before.action(summary.action).mean if before else None
        told.append(
            Change(
                what=f"{ACTIONS[summary.action]}, {after.currency}",
                before="none yet" if earlier is None else rounded(earlier, spread=spread),
                after=rounded(summary.mean, spread=spread),
            )
        )
    for i, row in enumerate(after.strain):
        told.append(
            Change(
                what=f"Strain: {_STRAIN_WORDS[row.trait].lower()}",
                before="none yet" if before is None else f"{before.strain[i].mean:+.2f}",
                after=f"{row.mean:+.2f}",
            )
        )
    return tuple(told)


def fit_in_words(checked: "Diagnostics") -> str:
    """How far the draws of a fit can be trusted, figure by figure."""
    agree = "agree" if checked.worst_rhat <= 1.01 else "do not agree yet"
    enough = "enough" if checked.worst_ess >= 400 else "too little"
    stuck = "no draw went astray" if not checked.divergences else f"{checked.divergences} draws went astray, none may"
    return (
        f"The last fit took {checked.seconds:.0f} s and made {checked.draws:,} draws in {checked.chains} chains. The "
        f"chains {agree} (R-hat {checked.worst_rhat:.3f}, at most 1.01 is good), what the draws tell is {enough} "
        f"(worth {checked.worst_ess:.0f} independent ones where they tell least, 400 are needed), and {stuck}."
    )


def dots_in_words(values: Sequence[float], doing: str, currency: str) -> str:
    """A dot plot of one action for people who do not see it."""
    low, middle, high = values[len(values) // 10], values[len(values) // 2], values[-1 - len(values) // 10]
    spread = high - low
    return (
        f"{len(values)} equally likely outcomes of {_DOING[doing]}: four in five lie between "
        f"{rounded(low, spread=spread)} and {rounded(high, spread=spread)} {currency}, half of them above "
        f"{rounded(middle, spread=spread)}."
    )


def ask_rows(asks: "AskCurves", client: str) -> list[tuple[str, ...]]:
    """The curve of asks as table rows: a wish, and what it gains with each rise of the price."""
    from model.asks import WISHES
    from model.decision import asked

    rows = []
    for wish, gains in zip(WISHES, asks.of(client), strict=True):
        nothing = not (wish.scope or wish.terms or wish.office_hours)
        words = "the price alone" if nothing else asked(replace(wish, price_pct=0.0))
        cells = ["" if nothing and place == 0 else signed(float(gain)) for place, gain in enumerate(gains)]
        rows.append((words, *cells))
    return rows


def escaped(text: str) -> str:
    """Text for a place that reads Markdown, so that it shows as it is: for sentences of errors, which quote input."""
    return _MARKDOWN.sub(r"\\\1", text)


def _value(summary: "ActionSummary") -> str:
    return rounded(summary.mean, spread=summary.p90 - summary.p10)


def _verdict_words(verdict: str) -> str:
    return {
        "keep": "to keep",
        "renegotiate": "to renegotiate with",
        "drop": "to drop",
        "wait": "to wait with",
        "too_close": "too close to call",
        "deal_breaker": "to leave by your own deal-breakers",
    }[verdict]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _time_and_money(judgement: "Judgement") -> str:
    fees = sum(terms.fee_per_month for terms in judgement.terms)
    money = f"Agreed fees come to about {rounded(fees)} {judgement.settings.currency} a month"
    calendar = judgement.calendar
    if not calendar.hours_known:
        return f"{money}; no hours are recorded, so nothing is counted for your time."
    booked = f"{calendar.booked_hours:.0f} of {calendar.capacity_hours:.0f} hours a month are booked"
    ends = {
        "full": "so the calendar is full, and an hour freed goes to the next client",
        "overbooked": "so you are overbooked, and the first hours freed are relief",
        "idle": "so there is room, and hours freed would wait behind those free already",
    }
    return f"{money}; {booked}, {ends.get(calendar.fullness, 'as far as hours are recorded')}."


def _basis(judgement: "Judgement", freshness: "Freshness") -> str:
    months = judgement.settings.horizon_months
    if judgement.basis == "prior":
        basis = "what clients are like in general comes from published figures, not from a fit of your records"
    elif freshness.due:
        basis = "a fit of your own records stands behind the answers, and a new one is due"
    elif freshness.stale:
        basis = "a fit of your own records stands behind the answers, and what is new since is taken in"
    else:
        basis = "a fit of your own records stands behind the answers"
    return f"Values look {months} months ahead, as of {judgement.as_of:%d %B %Y}; {basis}."


def _strain_words(mean: float, sd: float) -> str:
    if sd >= 0.9 and abs(mean) < 0.5:
        return "too little is recorded to tell from the usual client"
    for limit, words in ((1.5, "far worse than"), (0.75, "worse than"), (0.25, "somewhat worse than")):
        if mean >= limit:
            return f"{words} the usual client"
    for limit, words in ((-1.5, "far better than"), (-0.75, "better than"), (-0.25, "somewhat better than")):
        if mean <= limit:
            return f"{words} the usual client"
    return "about like the usual client"


def bush_rows(bush: "Bush") -> tuple[tuple[str, str], ...]:
    """The figures of a search before dropping, as rows of a table: what it is, and the figure."""
    return (
        ("Worth of the client in hand", _exact(bush.in_hand)),
        ("Average replacement, less the cost of finding one", _exact(bush.mean - bush.cost)),
        ("Look with less in hand than", _exact(bush.index)),
        ("Worth of the better course", _exact(bush.value)),
        ("What looking adds", _exact(bush.gain)),
        ("Chance that you switch, if you look", f"{bush.switch:.6f}"),
    )


def _exact(amount: float) -> str:
    # Amounts in thousands of a currency come as small numbers, and there the later places are money too.
    return f"{amount:,.6f}" if abs(amount) < 100 else f"{amount:,.2f}"
