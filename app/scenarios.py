"""Scenarios in the settings, and side by side as rows: the same words for the terminal and the page."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from app.wording import interval, of_twenty, rounded, signed
from model.errors import InvalidSettings
from model.settings import Scenario, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.scenarios import Played

COLUMNS = ("Scenario", "Expected worth", "Likely (80 %)", "Against the first", "Better in", "Fees a month", "Hours")
OTHERS = {"keep": "keep", "renegotiate": "renegotiate", "best": "as advised"}


def rows(played: "Sequence[Played]") -> tuple[tuple[str, ...], ...]:
    """What comes of each scenario."""
    return tuple(
        (
            one.scenario.name,
            rounded(one.value, spread=one.high - one.low),
            interval(one.low, one.high),
            "" if place == 0 else signed(one.gain),
            "" if place == 0 else of_twenty(one.p_better),
            rounded(one.fees),
            f"{one.hours:.0f}",
        )
        for place, one in enumerate(played)
    )


def in_words(scenario: Scenario, currency: str) -> str:
    """What is otherwise in a scenario, in one sentence."""
    doing = {
        "keep": "Keep everyone else",
        "renegotiate": "Renegotiate with everyone else",
        "best": "Everyone else as advised",
    }
    said = [doing[scenario.others] if scenario.drop else doing[scenario.others].replace(" else", "")]
    if scenario.raise_pct is not None:
        said.append(f"ask for {scenario.raise_pct:g} % more")
    if scenario.drop:
        said.append(f"drop {', '.join(scenario.drop)}")
    if scenario.take:
        said.append(f"take on {', '.join(scenario.take)}")
    told = (
        ("horizon_months", "{} months ahead"),
        ("reserve_value_per_hour", f"an hour worth {{}} {currency}"),
        ("price_of_strain", f"a point of energy worth {{}} {currency}"),
        ("capacity_hours_per_month", "{} hours a month for clients"),
        ("months_to_win", "{} months to win a new client"),
        ("replacement_fee", f"a new client's fee {{}} {currency}"),
        ("replacement_hours", "a new client's hours {}"),
        ("replacements", "at most {} new clients in the place of one"),
    )
    said += [words.format(f"{value:g}") for name, words in told if (value := getattr(scenario, name)) is not None]
    return "; ".join(said) + "."


def saved(settings: Settings, scenario: Scenario) -> Settings:
    """The settings with the scenario, in the place of one of the same name.

    Raises
    ------
    InvalidSettings
        If the name is empty or a value is outside its range.
    """
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
    known = ", ".join(repr(one.name) for one in settings.scenarios) or "none yet"
    raise InvalidSettings(f"there is no scenario called {name!r}; saved are: {known}.")


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
