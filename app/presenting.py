"""What a page says of a judgement: words, counts and table rows, ready to show and free of markup."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.wording import ACTIONS, VERDICTS, interval, of_twenty, rounded, signed
from model.catalogue import TRAITS
from model.language import Phrases, phrase, written

if TYPE_CHECKING:
    from model.action_summary import ActionSummary
    from model.asks import AskCurves
    from model.decision import Decision
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
TREND_MONTHS = 3
LEAST_TREND = 0.25  # standard deviations; a smaller change is no more than the next month undoes
_DOING = Phrases({"keep": "keeping", "renegotiate": "renegotiating", "drop": "dropping", "wait": "waiting"})
_STRAIN_WORDS = Phrases(
    {
        "payment": "How they pay",
        "demand": "How much they ask",
        "conduct": "How they behave",
        "fit": "How well they fit",
    }
)
_ORDINARY = re.compile(r"(?:[^\W_]|[ ,'’]|& )*")
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
    trend: str
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
        trend=trend(judgement, decision.client),
        next_record=decision.next_record,
        caveats=decision.caveats,
    )


def trend(judgement: "Judgement", client: str) -> str:
    """What moved most in a client's strain over the last three recorded months, in a sentence."""
    moved = judgement.belief.change(client, judgement.population, TREND_MONTHS)
    if moved is None:
        return phrase("Trend: too few months are recorded to tell.")
    place = int(np.abs(moved).argmax())
    by = abs(float(moved[place]))
    if by < LEAST_TREND:
        return phrase("Trend: steady over the last three months.")
    what = _STRAIN_WORDS[TRAITS[place]].lower()
    if moved[place] > 0:
        return phrase("Trend: {what} got worse over three months, by {by:.1f}.", what=what, by=by)
    return phrase("Trend: {what} got better over three months, by {by:.1f}.", what=what, by=by)


def action_rows(decision: "Decision") -> tuple[ActionRow, ...]:
    """The actions of a decision as rows, in their own order."""
    return tuple(
        ActionRow(
            action=summary.action,
            label=ACTIONS[summary.action],
            value=_value(summary),
            likely=interval(summary.p10, summary.p90),
            best_in=of_twenty(summary.p_best),
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
    sentence = phrase(
        "In {better} of {count} plausible futures keeping turns out better than {doing}.",
        better=round(CARD_DOTS * share),
        count=CARD_DOTS,
        doing=_DOING[other],
    )
    return Comparison(other_action=other, keep=quantiles(keep, dots), other=quantiles(against, dots), sentence=sentence)


def quantiles(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", count: int) -> tuple[float, ...]:
    """`count` equally likely values in order: the middles of as many equal shares of the draws."""
    levels = (np.arange(count) + 0.5) / count
    return tuple(float(value) for value in np.quantile(values, levels))


def strain_rows(decision: "Decision") -> tuple[StrainRow, ...]:
    """Strain by trait, told against the usual client."""
    return tuple(
        StrainRow(trait=s.trait, label=_STRAIN_WORDS[s.trait], words=_strain_words(s.mean, s.sd), mean=s.mean, sd=s.sd)
        for s in decision.strain
    )


def changes(before: "Decision | None", after: "Decision") -> tuple[Change, ...]:
    """Verdict and expected values of one client, before and after.

    A value is rounded by its own interval, so that it reads as it does in every other table of the page: a change too
    small for that shows as none.
    """
    told = [
        Change(
            what=phrase("Verdict"),
            before=VERDICTS[before.verdict] if before else phrase("none yet"),
            after=VERDICTS[after.verdict],
        )
    ]
    for summary in after.actions:
        told.append(
            Change(
                what=f"{ACTIONS[summary.action]}, {after.currency}",
                before=_value(before.action(summary.action)) if before else phrase("none yet"),
                after=_value(summary),
            )
        )
    for i, row in enumerate(after.strain):
        told.append(
            Change(
                what=phrase("Strain: {strain_word}", strain_word=_STRAIN_WORDS[row.trait].lower()),
                before=phrase("none yet") if before is None else written(before.strain[i].mean, "+.2f"),
                after=written(row.mean, "+.2f"),
            )
        )
    return tuple(told)


def fit_in_words(checked: "Diagnostics") -> str:
    """How far the draws of a fit can be trusted, figure by figure."""
    agree = phrase("agree") if checked.worst_rhat <= 1.01 else phrase("do not agree yet")
    enough = phrase("enough") if checked.worst_ess >= 400 else phrase("too little")
    stuck = (
        phrase("no draw went astray")
        if not checked.divergences
        else phrase("{divergences} draws went astray, none may", divergences=checked.divergences)
    )
    return phrase(
        "The last fit took {seconds:.0f} s and made {draws:,} draws in {chains} chains. "
        "The chains {agree} (R-hat {worst_rhat:.3f}, at most 1.01 is good), what the "
        "draws tell is {enough} (worth {worst_ess:.0f} independent ones where they tell "
        "least, 400 are needed), and {stuck}.",
        seconds=checked.seconds,
        draws=checked.draws,
        chains=checked.chains,
        agree=agree,
        worst_rhat=checked.worst_rhat,
        enough=enough,
        worst_ess=checked.worst_ess,
        stuck=stuck,
    )


def dots_in_words(values: Sequence[float], doing: str, currency: str) -> str:
    """A dot plot of one action for people who do not see it."""
    low, middle, high = values[len(values) // 10], values[len(values) // 2], values[-1 - len(values) // 10]
    spread = high - low
    return phrase(
        "{count} equally likely outcomes of {doing}: four in five lie between {low} and "
        "{high} {currency}, half of them above {middle}.",
        count=len(values),
        doing=_DOING[doing],
        low=rounded(low, spread=spread),
        high=rounded(high, spread=spread),
        currency=currency,
        middle=rounded(middle, spread=spread),
    )


def ask_rows(asks: "AskCurves", client: str) -> list[tuple[str, ...]]:
    """The curve of asks as table rows: a wish, and what it gains with each rise of the price."""
    from model.asks import WISHES
    from model.decision import asked

    rows = []
    for wish, gains in zip(WISHES, asks.of(client), strict=True):
        nothing = not (wish.scope or wish.terms or wish.office_hours)
        words = phrase("the price alone") if nothing else asked(replace(wish, price_pct=0.0))
        cells = ["" if nothing and place == 0 else signed(float(gain)) for place, gain in enumerate(gains)]
        rows.append((words, *cells))
    return rows


def escaped(text: str) -> str:
    """Text for a place that reads Markdown, so that it shows as it is: for sentences of errors, which quote input."""
    return _MARKDOWN.sub(r"\\\1", text)


def labelled(text: str) -> str:
    """Text in the label of a field, which screen readers are given before its Markdown is read: an ordinary name."""
    return text if _ORDINARY.fullmatch(text) else escaped(text)


def _value(summary: "ActionSummary") -> str:
    return rounded(summary.mean, spread=summary.p90 - summary.p10)


def _strain_words(mean: float, sd: float) -> str:
    if sd >= 0.9 and abs(mean) < 0.5:
        return phrase("too little is recorded to tell from the usual client")
    for limit, words in (
        (1.5, phrase("far worse than")),
        (0.75, phrase("worse than")),
        (0.25, phrase("somewhat worse than")),
    ):
        if mean >= limit:
            return phrase("{words} the usual client", words=words)
    for limit, words in (
        (-1.5, phrase("far better than")),
        (-0.75, phrase("better than")),
        (-0.25, phrase("somewhat better than")),
    ):
        if mean <= limit:
            return phrase("{words} the usual client", words=words)
    return phrase("about like the usual client")


def bush_rows(bush: "Bush") -> tuple[tuple[str, str], ...]:
    """The figures of a search before dropping, as rows of a table: what it is, and the figure."""
    return (
        (phrase("Worth of the client in hand"), _exact(bush.in_hand)),
        (phrase("Average replacement, less the cost of finding one"), _exact(bush.mean - bush.cost)),
        (phrase("Look with less in hand than"), _exact(bush.index)),
        (phrase("Worth of the better course"), _exact(bush.value)),
        (phrase("What looking adds"), _exact(bush.gain)),
        (phrase("Chance that you switch, if you look"), written(bush.switch, ".6f")),
    )


def _exact(amount: float) -> str:
    # Amounts in thousands of a currency come as small numbers, and there the later places are money too.
    return written(amount, ",.6f") if abs(amount) < 100 else written(amount, ",.2f")
