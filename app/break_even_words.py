"""Break-evens as sentences to check: how far an input must move until another action is best."""

from typing import TYPE_CHECKING

from model.language import Phrases, listed, phrase

if TYPE_CHECKING:
    from model.break_even import BreakEven

_DOING = Phrases({"keep": "Keeping", "renegotiate": "Renegotiating", "drop": "Dropping"})
_THEN = Phrases({"keep": "keeping is", "renegotiate": "renegotiating is", "drop": "dropping is"})
# Small amounts are told to a tenth.
_SMALL = Phrases(
    {
        "money": "{value:,.0f} {currency}",
        "hours": "{value:.1f} hours",
        "months": "{value:.1f} months",
        "days": "{value:.1f} days",
        "%": "{value:.1f} %",
        "of 5": "{value:.1f} of 5",
    }
)
_LARGE = Phrases(
    {
        "money": "{value:,.0f} {currency}",
        "hours": "{value:,.0f} hours",
        "months": "{value:,.0f} months",
        "days": "{value:,.0f} days",
        "%": "{value:,.0f} %",
    }
)


def in_words(found: "BreakEven", currency: str) -> str:
    """The break-even as a sentence, such as "Keeping is best only while the fee a month is above 2,300 EUR"."""

    def amount(value: float) -> str:
        return (_SMALL if abs(value) < 10 else _LARGE).filled(found.unit, value=value, currency=currency)

    sides, beyond = [], []
    if found.below is not None and found.best_below is not None:
        sides.append(phrase("above {amount}", amount=amount(found.below)))
        beyond.append(phrase("below that, {then}", then=_THEN[found.best_below]))
    if found.above is not None and found.best_above is not None:
        sides.append(phrase("below {amount}", amount=amount(found.above)))
        beyond.append(phrase("above that, {then}", then=_THEN[found.best_above]))
    said = {"doing": _DOING[found.best], "label": found.label, "now": amount(found.now)}
    if not sides:
        return phrase(
            "{doing} stays best for {label} anywhere from {low} to {high} (now {now}).",
            low=amount(found.low),
            high=amount(found.high),
            **said,
        )
    return phrase(
        "{doing} is best only while {label} is {sides} (now {now}); {beyond}.",
        sides=listed(sides),
        beyond="; ".join(beyond),
        **said,
    )
