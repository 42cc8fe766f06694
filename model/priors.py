"""Every prior as data: a 90 % interval with its reason and source, read from `data/priors.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from math import exp, isfinite, log
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from model.catalogue import DATA, TRAITS, Catalogue, Sign
from model.days import days_of, log_days
from model.errors import CatalogueError, InvalidSettings
from model.language import phrase
from model.parameters import Array, Layout
from model.settings import Settings

Z95 = 1.6448536269514722
Shape = Literal["normal", "positive"]
Interval = tuple[str, float, float]  # name of a prior, and the ends of its 90 % interval
_CHANGE = ("grow", "shrink")
Scale = Literal["", "percent", "factor", "hundredth", "day of thirty", "days later"]
USUAL_TERMS_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """A prior stated as "90 % sure it lies between `low` and `high`".

    Shape "normal" is a normal distribution with these 5 % and 95 % points, "positive" a log-normal one. `question` asks
    for the interval in plain words, on the scale `asked_as`; `low` and `high` are in the prior's own unit.
    """

    name: str
    shape: Shape
    low: float
    high: float
    size: int = 1
    unit: str = ""
    reason: str = ""
    source: str = ""
    question: str = ""
    asked_as: Scale = ""

    def __post_init__(self) -> None:
        if self.shape not in get_args(Shape):
            raise InvalidSettings(
                phrase(
                    "prior {name}: the shape must be normal or positive; {shape!r} came.",
                    name=self.name,
                    shape=self.shape,
                )
            )
        if not self.low < self.high or (self.shape == "positive" and self.low <= 0):
            said = {"name": self.name, "low": self.low, "high": self.high}
            raise InvalidSettings(
                phrase(
                    "prior {name}: the low end must lie below the high end and above zero; {low} to {high} came.",
                    **said,
                )
                if self.shape == "positive"
                else phrase("prior {name}: the low end must lie below the high end; {low} to {high} came.", **said)
            )

    def told(self, value: float) -> float:
        """A value of the prior's own unit on the scale it is asked for."""
        match self.asked_as:
            case "percent":
                return 100.0 / (1.0 + exp(-value))
            case "factor":
                return exp(value)
            case "hundredth":
                return 100.0 * value
            case "day of thirty":
                return days_of(value + log_days(USUAL_TERMS_DAYS))
            case "days later":
                return days_of(value + log_days(USUAL_TERMS_DAYS)) - USUAL_TERMS_DAYS
        return value

    def heard(self, said: float) -> float:
        """The value, in the prior's own unit, of what was said on the scale it is asked for.

        Raises
        ------
        InvalidSettings
            If no value is told like that, such as a chance above 100 %.
        """
        if not isfinite(said):
            raise InvalidSettings(
                phrase("prior {name}: a number was expected; {said} came.", name=self.name, said=said)
            )
        if self.asked_as == "percent":
            if not 0.0 < said < 100.0:
                raise InvalidSettings(
                    phrase(
                        "prior {name}: between 0 and 100 in a hundred was expected; {said:g} came.",
                        name=self.name,
                        said=said,
                    )
                )
            return log(said / (100.0 - said))
        if self.asked_as == "factor":
            if said <= 0.0:
                raise InvalidSettings(
                    phrase("prior {name}: a factor above 0 was expected; {said:g} came.", name=self.name, said=said)
                )
            return log(said)
        if self.asked_as in ("day of thirty", "days later"):
            day = said + USUAL_TERMS_DAYS * (self.asked_as == "days later")
            if day < 0.0:
                raise InvalidSettings(
                    phrase(
                        "prior {name}: no invoice is paid before it is issued; {said:g} came.",
                        name=self.name,
                        said=said,
                    )
                )
            return log_days(day) - log_days(USUAL_TERMS_DAYS)
        return said / 100.0 if self.asked_as == "hundredth" else said

    @property
    def location(self) -> float:
        """Mean of the normal, or of the logarithm."""
        return (log(self.low) + log(self.high)) / 2 if self.shape == "positive" else (self.low + self.high) / 2

    @property
    def scale(self) -> float:
        """Standard deviation of the normal, or of the logarithm."""
        width = log(self.high) - log(self.low) if self.shape == "positive" else self.high - self.low
        return width / (2 * Z95)

    def from_standard(self, z: Array) -> Array:
        """Values of the parameter for standard normal `z`, of any shape."""
        value = self.location + self.scale * z
        return np.exp(value) if self.shape == "positive" else value


@dataclass(frozen=True, slots=True)
class Priors:
    """All priors of the population, those of the signs built from their grades."""

    rows: tuple[Prior, ...]
    grades: tuple[tuple[str, Prior, Prior], ...]
    correlation_eta: float

    def __getitem__(self, name: str) -> Prior:
        """The prior of that name.

        Raises
        ------
        InvalidSettings
            If there is none.
        """
        for row in self.every:
            if row.name == name:
                return row
        near = get_close_matches(name, [row.name for row in self.every], n=1)
        hint = phrase(" Did you mean {near!r}?", near=near[0]) if near else ""
        raise InvalidSettings(phrase("there is no prior called {name!r}.{hint}", name=name, hint=hint))

    @property
    def every(self) -> tuple[Prior, ...]:
        """All of them in one list: the named ones, then base and strength of each grade."""
        return (*self.rows, *(prior for _, base, strength in self.grades for prior in (base, strength)))

    @property
    def intervals(self) -> tuple[tuple[str, str, float, float], ...]:
        """What draws depend on: name, shape and ends of each, without the words about them."""
        return tuple((row.name, row.shape, row.low, row.high) for row in self.every)

    def of_sign(self, sign: Sign) -> tuple[Prior, Prior]:
        """Priors of the sign's base rate (logit) and of the absolute value of its strength."""
        for grade, base, strength in self.grades:
            if grade == sign.grade:
                return base, strength
        raise CatalogueError(phrase("no prior for grade {grade!r} of sign {id!r}.", grade=sign.grade, id=sign.id))

    def believing(self, beliefs: Mapping[str, tuple[float, float]]) -> "Priors":
        """The same priors with other 90 % intervals for the named ones.

        Raises
        ------
        InvalidSettings
            If a name is unknown or an interval is the wrong way round.
        """
        for name in beliefs:
            self[name]

        def moved(row: Prior) -> Prior:
            return replace(row, low=beliefs[row.name][0], high=beliefs[row.name][1]) if row.name in beliefs else row

        return replace(
            self,
            rows=tuple(moved(row) for row in self.rows),
            grades=tuple((grade, moved(base), moved(strength)) for grade, base, strength in self.grades),
        )

    def location_and_scale(self, catalogue: Catalogue, layout: Layout) -> tuple[Array, Array, Array]:
        """Location, scale and positivity of every entry of the standard-normal vector.

        Returns
        -------
        location, scale, positive
            Shape (layout.free,): the parameter is `location + scale * z`, exponentiated where `positive` is 1. The
            strength of good signs is turned negative afterwards.
        """
        entries: list[Prior] = []
        for name, size in layout.free_blocks:
            if name == "sign_base":
                entries += [self.of_sign(sign)[0] for sign in catalogue.ticked]
            elif name == "sign_strength":
                entries += [self.of_sign(sign)[1] for sign in catalogue.ticked]
            else:
                entries += [self[name]] * size
        return (
            np.array([entry.location for entry in entries]),
            np.array([entry.scale for entry in entries]),
            np.array([float(entry.shape == "positive") for entry in entries]),
        )

    def partial_correlation_shape(self) -> Array:
        """Beta shape of each canonical partial correlation under LKJ(eta), shape (6,), row by row of the factor.

        Source: Lewandowski, Kurowicka and Joe (2009), C-vine.
        """
        n = len(TRAITS)
        return np.array([self.correlation_eta + (n - 2 - column) / 2 for row in range(1, n) for column in range(row)])


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOfPriors:
    """Priors to start from: the intervals that differ from the shipped ones, each with its reason."""

    name: str
    reason: str
    intervals: tuple[tuple[str, float, float, str], ...]


def of(settings: Settings, *, learned: tuple[Interval, ...] = ()) -> Priors:
    """The priors a user holds: the set they chose, and their own intervals in place of its own.

    Parameters
    ----------
    settings
        The user's.
    learned
        Intervals learned elsewhere, for whatever the user says nothing of.

    Raises
    ------
    InvalidSettings
        If an interval is of no prior, or below zero where only more than zero makes sense.
    """
    moved = {name: (low, high) for name, low, high in learned}
    moved |= {name: (low, high) for name, low, high, _ in set_called(settings.prior_set).intervals}
    own = {belief.name: (belief.low, belief.high) for belief in settings.beliefs}
    return load().believing(moved | own) if moved or own else load()


def set_called(name: str) -> SetOfPriors:
    """The set of that name.

    Raises
    ------
    InvalidSettings
        If there is none.
    """
    for known in sets():
        if known.name == name:
            return known
    raise InvalidSettings(
        phrase("there is no set {name!r}; choose {sets}.", name=name, sets=", ".join(known.name for known in sets()))
    )


@cache
def sets(path: Path = DATA / "prior_sets.toml") -> tuple[SetOfPriors, ...]:
    """Read the shipped sets.

    Raises
    ------
    CatalogueError
        If the file is missing or malformed.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["set"]
        return tuple(
            SetOfPriors(
                name=row["name"],
                reason=row["reason"],
                intervals=tuple((i["name"], i["low"], i["high"], i["reason"]) for i in row["intervals"]),
            )
            for row in rows
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CatalogueError(
            phrase("the sets of priors in {name} cannot be read: {error}", name=path.name, error=error)
        ) from error


@cache
def load(path: Path = DATA / "priors.toml") -> Priors:
    """Read the shipped priors.

    Raises
    ------
    CatalogueError
        If the file is missing or malformed.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        grades = tuple(
            (
                row["grade"],
                Prior(
                    name=f"{row['grade']}_base", shape="normal", unit="logit", reason=row["reason"],
                    source="Judgement.", asked_as="percent", **row["base"],
                    question="In how many of a hundred months does the average client show a sign graded "
                    f"{row['grade']}?",
                ),
                Prior(
                    name=f"{row['grade']}_strength", shape="positive", unit="logit per strain", reason=row["reason"],
                    source="Judgement.", asked_as="factor", **row["strength"],
                    question=f"How many times do the odds of a sign graded {row['grade']} "
                    f"{_CHANGE[row['grade'] == 'good']} with each step of strain?",
                ),
            )
            for row in table["grade"]
        )  # fmt: skip
        return Priors(
            rows=tuple(Prior(**row) for row in table["prior"]),
            grades=grades,
            correlation_eta=float(table["correlation"]["eta"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CatalogueError(
            phrase("the priors in {name} cannot be read: {error}", name=path.name, error=error)
        ) from error
