"""The user's own intervals in the settings: stated in the words of a prior's question, and taken back."""

from dataclasses import replace

from model import priors
from model.errors import InvalidSettings
from model.settings import Belief, Settings


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
            f"prior {name}: the low end must lie below the high end; {low:g} to {high:g} came. "
            "Say the two numbers between which you are 90 % sure the answer lies."
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
