"""Every prior as data: a 90 % interval with its reason and source, read from `data/priors.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import log
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from model.catalogue import DATA, TRAITS, Catalogue, Sign
from model.errors import CatalogueError, InvalidSettings
from model.parameters import Array, Layout

Z95 = 1.6448536269514722
Shape = Literal["normal", "positive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """A prior stated as "90 % sure it lies between `low` and `high`".

    Shape "normal" is a normal distribution with these 5 % and 95 % points, "positive" a log-normal one.
    """

    name: str
    shape: Shape
    low: float
    high: float
    size: int = 1
    unit: str = ""
    reason: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.shape not in get_args(Shape):
            raise InvalidSettings(f"prior {self.name}: the shape must be normal or positive; {self.shape!r} came.")
        if not self.low < self.high or (self.shape == "positive" and self.low <= 0):
            raise InvalidSettings(
                f"prior {self.name}: the low end must lie below the high end"
                f"{' and above zero' if self.shape == 'positive' else ''}; {self.low} to {self.high} came."
            )

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
        for row in self.rows:
            if row.name == name:
                return row
        raise InvalidSettings(f"there is no prior called {name!r}.")

    def of_sign(self, sign: Sign) -> tuple[Prior, Prior]:
        """Priors of the sign's base rate (logit) and of the absolute value of its strength."""
        for grade, base, strength in self.grades:
            if grade == sign.grade:
                return base, strength
        raise CatalogueError(f"no prior for grade {sign.grade!r} of sign {sign.id!r}.")

    def believing(self, beliefs: Mapping[str, tuple[float, float]]) -> "Priors":
        """The same priors with other 90 % intervals for the named ones.

        Raises
        ------
        InvalidSettings
            If a name is unknown or an interval is the wrong way round.
        """
        for name in beliefs:
            self[name]
        rows = tuple(
            replace(row, low=beliefs[row.name][0], high=beliefs[row.name][1]) if row.name in beliefs else row
            for row in self.rows
        )
        return replace(self, rows=rows)

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
                Prior(name=f"{row['grade']} base", shape="normal", reason=row["reason"], **row["base"]),
                Prior(name=f"{row['grade']} strength", shape="positive", reason=row["reason"], **row["strength"]),
            )
            for row in table["grade"]
        )
        return Priors(
            rows=tuple(Prior(**row) for row in table["prior"]),
            grades=grades,
            correlation_eta=float(table["correlation"]["eta"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CatalogueError(f"the priors in {path.name} cannot be read: {error}") from error
