"""Scenarios in the settings, and side by side as rows: the same words for the terminal and the page."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from app.wording import interval, of_twenty, rounded, signed
from model.errors import InvalidSettings
from model.language import Headings, Phrases, Plurals, marked, phrase, translated, written
from model.settings import Scenario, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.store import Portfolio, Stored
    from model.judged import Judgement
    from model.scenarios import Played

COLUMNS = Headings(
    "Scenario", "Expected worth", "Likely (80 %)", "Against the first", "Better in", "Fees a month", "Hours"
)
_OWN = (marked("As today"), marked("As set here"), marked("As advised"))
_ALL = Phrases({"keep": "Keep everyone", "renegotiate": "Renegotiate with everyone", "best": "Everyone as advised"})
_ALL_OTHERS = Phrases(
    {
        "keep": "Keep everyone else",
        "renegotiate": "Renegotiate with everyone else",
        "best": "Everyone else as advised",
    }
)
_INSTEAD = Phrases(
    {
        "odds": "with a chance of {value:.0%} that they say yes",
        "accepted": "the better {value:.0%} of new clients only",
        "reserve_value_per_hour": "an hour worth {value:g} {currency}",
        "price_of_strain": "a point of energy worth {value:g} {currency}",
        "capacity_hours_per_month": "{value:g} hours a month for clients",
        "months_to_win": "months to win a new client: {value:g}",
        "replacement_fee": "a new client's fee {value:g} {currency}",
        "replacement_hours": "a new client's hours {value:g}",
    }
)
_COUNTED = Plurals(
    {
        "horizon_months": ("{count} month ahead", "{count} months ahead"),
        "replacements": (
            "at most {count} new client in the place of one",
            "at most {count} new clients in the place of one",
        ),
    }
)
OTHERS = Phrases({"keep": "keep", "renegotiate": "renegotiate", "best": "as advised"})


def rows(played: "Sequence[Played]") -> tuple[tuple[str, ...], ...]:
    """What comes of each scenario."""
    return tuple(
        (
            translated(one.scenario.name),
            rounded(one.value, spread=one.high - one.low),
            interval(one.low, one.high),
            "" if place == 0 else signed(one.gain),
            "" if place == 0 else of_twenty(one.p_better),
            rounded(one.fees),
            written(one.hours, ".0f"),
        )
        for place, one in enumerate(played)
    )


def in_words(scenario: Scenario, currency: str) -> str:
    """What is otherwise in a scenario, in one sentence."""
    said = [(_ALL_OTHERS if scenario.drop else _ALL)[scenario.doing]]
    if scenario.raise_pct is not None:
        said.append(phrase("ask for {raise_pct:g} % more", raise_pct=scenario.raise_pct))
    if scenario.scope:
        said.append(phrase("ask for a cap on scope"))
    if scenario.terms:
        said.append(phrase("ask for better payment terms"))
    if scenario.drop:
        said.append(phrase("drop {drop}", drop=", ".join(scenario.drop)))
    if scenario.take:
        said.append(phrase("take on {take}", take=", ".join(scenario.take)))
    for name in _INSTEAD:
        if (value := getattr(scenario, name)) is not None:
            said.append(_INSTEAD.filled(name, value=value, currency=currency))
    for name in _COUNTED:
        if (count := getattr(scenario, name)) is not None:
            said.append(_COUNTED.of(count, name))
    return "; ".join(said) + "."


def advice_in_words() -> str:
    """What following the advice comes to, and why the plan may come to another sum."""
    return phrase(
        "As advised: with each client what the verdict says. A deal-breaker is dropped; where the answer is to wait "
        "or too close to call, nothing is done and they are kept. The plan chooses for all clients together and within "
        "your limits, so it may do otherwise with some of them and come to another sum."
    )


def save(portfolio: "Portfolio", scenario: Scenario, *, key: str | None = None) -> "Stored":
    """Store a scenario with the portfolio, in the place of one of the same name; `key` names the write.

    Raises
    ------
    InvalidSettings
        As `saved`.
    """
    settings, summary = saved(portfolio.settings, scenario), phrase("scenario {name}", name=scenario.name)
    return portfolio.save_settings(settings, summary=summary, key=key)


def delete(portfolio: "Portfolio", name: str) -> "Stored":
    """Take a scenario out of the portfolio.

    Raises
    ------
    InvalidSettings
        If none has that name.
    """
    settings, summary = deleted(portfolio.settings, name), phrase("scenario {name} deleted", name=name)
    return portfolio.save_settings(settings, summary=summary)


def playable(judgement: "Judgement", scenarios: "Sequence[Scenario]") -> tuple[tuple[Scenario, ...], tuple[str, ...]]:
    """Those of saved scenarios that can be played, and of each other one a sentence that says why it is left out."""
    from model.scenarios import nobody_there

    missing = [(one, nobody_there(judgement, one)) for one in scenarios]
    left_out = tuple(phrase("Left out: {why}", why=why) for _, why in missing if why)
    return tuple(one for one, why in missing if not why), left_out


def saved(settings: Settings, scenario: Scenario) -> Settings:
    """The settings with the scenario, in the place of one of the same name.

    Raises
    ------
    InvalidSettings
        If the name is empty, or one of the rows that are always there, or a value is outside its range.
    """
    name = scenario.name.strip().casefold()
    if any(name in (own.casefold(), translated(own).casefold()) for own in _OWN):
        raise InvalidSettings(
            phrase("{name!r} stands in the table already; give the scenario another name.", name=scenario.name)
        )
    others = tuple(one for one in settings.scenarios if one.name != scenario.name)
    return replace(settings, scenarios=tuple(sorted((*others, scenario), key=lambda one: one.name)))


def deleted(settings: Settings, name: str) -> Settings:
    """The settings without the scenario.

    Raises
    ------
    InvalidSettings
        If none has that name.
    """
    named(settings, name)
    return replace(settings, scenarios=tuple(one for one in settings.scenarios if one.name != name))


def named(settings: Settings, name: str) -> Scenario:
    """The saved scenario of that name.

    Raises
    ------
    InvalidSettings
        If none has it.
    """
    for scenario in settings.scenarios:
        if scenario.name == name:
            return scenario
    known = ", ".join(repr(one.name) for one in settings.scenarios) or phrase("none yet")
    raise InvalidSettings(phrase("there is no scenario called {name!r}; saved are: {known}.", name=name, known=known))


def document(one: "Played") -> dict[str, Any]:
    """One scenario and what comes of it, as a document for JSON."""
    figures = ("horizon_months", "actions", "value", "low", "high", "gain", "p_better", "fees", "hours")
    return {"scenario": scenario_document(one.scenario)} | {name: getattr(one, name) for name in figures}


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a document for JSON: what is otherwise, and nothing else."""
    said = {name: value for name, value in asdict(scenario).items() if value not in (None, ())}
    return {
        name: list(value) if isinstance(value, tuple) else value if isinstance(value, str | int) else float(value)
        for name, value in said.items()
    }
