"""Words and figures as people read them: verdicts, actions, traits, and money rounded to what it carries."""

from math import floor, isfinite, log10
from unicodedata import category

from model.language import Phrases, phrase, written

VERDICTS = Phrases(
    {
        "keep": "Keep",
        "renegotiate": "Renegotiate",
        "drop": "Drop",
        "wait": "Wait",
        "too_close": "Too close to call",
        "deal_breaker": "Leave: deal-breaker",
    }
)
ACTIONS = Phrases({"keep": "Keep", "renegotiate": "Renegotiate", "drop": "Drop", "wait": "Wait"})
ACTION_COLOURS = {"keep": "#2f7fb8", "drop": "#c8641b", "renegotiate": "#7a5fb0", "wait": "#808890"}
LANGUAGES = {
    "en": "English", "bg": "български", "da": "dansk", "de": "Deutsch", "hu": "magyar", "ro": "română",
}  # fmt: skip
TRAITS = Phrases({"payment": "Payment", "demand": "Demand", "conduct": "Conduct", "fit": "Fit"})
BASES = Phrases(
    {
        "prior": "judgement and a few published figures on clients in general; no fit of your own records yet",
        "fit": "a fit of your own records",
        "quick": "a quick fit of your own records",
    }
)
SETS = Phrases({"sceptical": "sceptical", "neutral": "neutral", "hopeful": "hopeful"})
SET_BY = Phrases({"you": "you", "sceptical": "sceptical", "neutral": "neutral", "hopeful": "hopeful"})
WRITES = Phrases(
    {
        "add": "add",
        "check-in": "check-in",
        "correct": "correct",
        "terms": "terms",
        "pay": "pay",
        "write off": "write off",
        "end": "end",
        "settings": "settings",
        "import": "import",
        "forget": "forget",
    }
)
BILLING = Phrases({"retainer": "a fee a month", "hourly": "by the hour", "fixed": "fixed prices, as invoiced"})
KINDS = Phrases({"monthly": "monthly", "measured": "measured", "standing": "standing"})
GRADES = Phrases({"mild": "mild", "moderate": "moderate", "serious": "serious", "grave": "grave", "good": "good"})
HEAVIEST = 12  # weights of evidence shown before the rest is only counted
STEPS_OF_AN_INTERVAL = 20  # an 80 % interval is told in about this many steps: finer digits are noise


def rounded(value: float, *, spread: float = 0.0) -> str:
    """A figure without the digits it cannot carry.

    Parameters
    ----------
    value
        The figure.
    spread
        Width of its 80 % interval; without one, two figures are kept.
    """
    if not isfinite(value):
        return phrase("not known")
    if spread > 0:
        digits = floor(log10(spread / STEPS_OF_AN_INTERVAL))
    else:
        digits = floor(log10(abs(value))) - 1 if value else 0
    # Adding zero turns a rounded -0.0 into 0.
    return written(round(value, -max(0, digits)) + 0.0, ",.0f")


def signed(value: float) -> str:
    """A rounded figure that is added to something, with its sign."""
    figure = rounded(value)
    return f"+{figure}" if value > 0 and figure != "0" else figure


def points(value: float) -> str:
    """Strain, or a weight in decibans: one decimal, with its sign."""
    # Adding zero turns a rounded -0.0 into 0.
    return written(round(value, 1) + 0.0, "+.1f") if isfinite(value) else phrase("not known")


def interval(low: float, high: float) -> str:
    """The two ends of an interval, rounded by its own width."""
    return phrase("{low} to {high}", low=rounded(low, spread=high - low), high=rounded(high, spread=high - low))


def of_twenty(probability: float) -> str:
    """A probability as a count, the way people read it best."""
    return phrase("{count} of 20", count=round(20 * probability))


def plain(text: str) -> str:
    """Text that can only be read: control and direction characters are spelt out, line breaks become spaces."""
    if text.isprintable():
        return text
    return "".join(
        " " if letter in "\n\t" else f"\\x{ord(letter):02x}" if category(letter) in _UNPRINTABLE else letter
        for letter in text
    )


_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
