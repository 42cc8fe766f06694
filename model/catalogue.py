"""The warning and good signs the product knows, read from `data/signs.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Literal, get_args

from model.errors import CatalogueError, UnknownSign
from model.language import ENGLISH, phrase, translations

Trait = Literal["payment", "demand", "conduct", "fit"]
Kind = Literal["monthly", "measured", "standing"]
Grade = Literal["good", "mild", "moderate", "serious", "grave"]
MeasuredBy = Literal["invoices", "hours", "hours+invoices"]

TRAITS: tuple[Trait, ...] = get_args(Trait)
DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign: what it is evidence of, how strongly at first, how it is asked, and who described it.

    `label` and `question` are words in some language, and no part of what a sign is: signs are equal without them.
    """

    id: str
    trait: Trait
    kind: Kind
    grade: Grade
    label: str = field(compare=False)
    question: str = field(compare=False)
    sources: tuple[str, ...]
    measured_by: MeasuredBy | None = None
    weaker_when_hourly: bool = False

    @property
    def is_good(self) -> bool:
        """Whether seeing it speaks *for* the client."""
        return self.grade == "good"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All signs, in the order of the file."""

    signs: tuple[Sign, ...]
    _by_id: Mapping[str, Sign] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for with every record of a sign; the first of two alike is the one.
        object.__setattr__(self, "_by_id", {sign.id: sign for sign in reversed(self.signs)})

    def __getitem__(self, sign: str) -> Sign:
        """The sign of that id.

        Raises
        ------
        UnknownSign
            If there is none, with the nearest id as a hint.
        """
        if (found := self._by_id.get(sign)) is not None:
            return found
        from difflib import get_close_matches

        near = get_close_matches(sign, [known.id for known in self.signs], n=1)
        hint = phrase(" Did you mean {near!r}?", near=near[0]) if near else ""
        raise UnknownSign(phrase("{sign!r} is not a sign of the catalogue.{hint}", sign=sign, hint=hint))

    @property
    def ticked(self) -> tuple[Sign, ...]:
        """Signs seen or not seen month by month: all but the standing ones."""
        return tuple(sign for sign in self.signs if sign.kind != "standing")

    @property
    def standing(self) -> tuple[Sign, ...]:
        """Facts about a client, asked once."""
        return tuple(sign for sign in self.signs if sign.kind == "standing")


@cache
def load(path: Path = DATA / "signs.toml") -> Catalogue:
    """Read and check the catalogue.

    Raises
    ------
    CatalogueError
        If the file is missing, not TOML, or a sign lacks a field or repeats an id.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["sign"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CatalogueError(
            phrase("the catalogue {name} cannot be read: {error}", name=path.name, error=error)
        ) from error
    signs = tuple(_sign(row, path.name) for row in rows)
    if len({sign.id for sign in signs}) != len(signs):
        raise CatalogueError(phrase("{name} holds the same sign id twice.", name=path.name))
    return Catalogue(signs)


@cache
def spoken(language: str) -> Catalogue:
    """The catalogue in another language than English; an equal one, for only its words differ.

    Parameters
    ----------
    language
        Code as in `model.settings.Language`.

    Raises
    ------
    CatalogueError
        If the words of that language are missing or cannot be read.
    """
    if language == ENGLISH:
        return load()
    words = translations(language)
    if not isinstance(words, GNUTranslations):
        raise CatalogueError(phrase("there are no words for the signs in {language!r}.", language=language))
    return Catalogue(
        tuple(
            replace(sign, label=words.pgettext(sign.id, sign.label), question=words.pgettext(sign.id, sign.question))
            for sign in load().signs
        )
    )


def _sign(row: dict[str, object], source: str) -> Sign:
    where = phrase("{source}, sign {row!r}", source=source, row=row.get("id", "?"))
    sources = row.get("sources")
    if not isinstance(sources, list) or not sources:
        # A bare string would pass as a tuple of its letters.
        raise CatalogueError(
            phrase("{where}: sources must be a list of codes; {sources!r} came.", where=where, sources=sources)
        )
    try:
        sign = Sign(**{**row, "sources": tuple(sources)})  # type: ignore[arg-type]
    except TypeError as error:
        raise CatalogueError(f"{where}: {error}") from error
    fields: list[tuple[str, object]] = [(sign.trait, Trait), (sign.kind, Kind), (sign.grade, Grade)]
    if sign.measured_by is not None:
        fields.append((sign.measured_by, MeasuredBy))
    for value, choices in fields:
        if value not in get_args(choices):
            raise CatalogueError(
                phrase(
                    "{where}: {value!r} is not one of {choices}.",
                    where=where,
                    value=value,
                    choices=", ".join(get_args(choices)),
                )
            )
    if (sign.kind == "measured") != (sign.measured_by is not None):
        raise CatalogueError(phrase("{where}: measured signs, and only they, say measured_by.", where=where))
    return sign
