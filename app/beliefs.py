"""The user's own intervals in the settings: told and stated in the words of a prior's question, and taken back."""

from dataclasses import dataclass, replace

from model import priors
from model.errors import InvalidSettings
from model.language import phrase, translated
from model.settings import Belief, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One prior as it is held now.

    Parameters
    ----------
    name, question
        What it is called, and the question it answers.
    low, high
        90 % sure that the answer lies between the two, on the scale it is asked for.
    asked_as
        That scale, or the unit of the prior itself.
    reason, source
        Why these two; the source is empty where it is not the shipped interval.
    set_by
        "you", or the set of priors it comes from.
    """

    name: str
    question: str
    low: float
    high: float
    asked_as: str
    reason: str
    source: str
    set_by: str


def held(settings: Settings) -> tuple[Held, ...]:
    """Every prior as these settings have it.

    Raises
    ------
    InvalidSettings
        If the settings name no set there is, or an interval of no prior.
    """
    moved = {name: reason for name, _, _, reason in priors.set_called(settings.prior_set).intervals}
    own = {belief.name for belief in settings.beliefs}
    found = []
    for prior in priors.of(settings).every:
        set_by = "you" if prior.name in own else settings.prior_set if prior.name in moved else "neutral"
        found.append(
            Held(
                name=prior.name,
                question=translated(prior.question),
                low=prior.told(prior.low),
                high=prior.told(prior.high),
                asked_as=prior.asked_as or prior.unit,
                reason=phrase("You said so.") if set_by == "you" else translated(moved.get(prior.name, prior.reason)),
                source=translated(prior.source) if set_by == "neutral" else "",
                set_by=set_by,
            )
        )
    return tuple(found)


def stated(settings: Settings, name: str, low: float, high: float) -> Settings:
    """The settings with one more interval, said on the scale the prior is asked for.

    Raises
    ------
    InvalidSettings
        If there is no such prior, or no such interval of it.
    """
    prior = priors.of(settings)[name]
    if not low < high:
        raise InvalidSettings(
            phrase(
                "prior {name}: the low end must lie below the high end; {low:g} to {high:g} "
                "came. Say the two numbers between which you are 90 % sure the answer lies.",
                name=name,
                low=low,
                high=high,
            )
        )
    mine = Belief(name=name, low=prior.heard(low), high=prior.heard(high))
    changed = replace(settings, beliefs=(*(b for b in settings.beliefs if b.name != name), mine))
    priors.of(changed)
    return changed


def taken_back(settings: Settings, name: str | None = None) -> Settings:
    """The settings without the user's interval of one prior; of all, and with the neutral set, where none is named.

    Raises
    ------
    InvalidSettings
        If there is no such prior.
    """
    if name is None:
        return replace(settings, prior_set="neutral", beliefs=())
    priors.load()[name]
    return replace(settings, beliefs=tuple(b for b in settings.beliefs if b.name != name))
