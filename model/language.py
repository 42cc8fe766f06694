"""The language people are spoken to in: every text for their eyes passes here, with the numbers and days in it.

The English text is the key. Catalogues of other languages are gettext's, `data/words/LANGUAGE.po`; what a catalogue
lacks is said in English. Which language is spoken belongs to one thread of work, a page or a command, and is what
`gettext` calls the current domain: handing it through every function would put it into every signature of the program.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache, wraps
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from numbers import Number
from pathlib import Path
from string import Formatter
from typing import Any, Final, overload

FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "words"
ENGLISH: Final = "en"
_SPOKEN: ContextVar[str] = ContextVar("language", default="")


def phrase(text: str, /, **values: object) -> str:
    """A text in the language spoken, its places filled in.

    Parameters
    ----------
    text
        In English, with places as of `str.format`; a literal, so that it can be gathered for translators.
    values
        What is filled in; numbers and days are written as that language writes them.
    """
    language = spoken()
    if language == ENGLISH:
        return text.format(**values)
    return _Writer(language).vformat(translations(language).gettext(text), (), values)


class Later:
    """A phrase that is said once somebody reads it: of thousands of records, few are spoken of.

    Parameters
    ----------
    text, values
        As of `phrase`.
    """

    __slots__ = ("_text", "_values")

    def __init__(self, text: str, /, **values: object) -> None:
        self._text, self._values = text, values

    def __str__(self) -> str:
        return phrase(self._text, **self._values)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def phrase_of(count: int, one: str, many: str, /, **values: object) -> str:
    """A text that depends on a number: `one` and `many` in English, whatever forms the language spoken has.

    Parameters
    ----------
    count
        The number; also the place `count`.
    one, many
        English texts for one and for any other number.
    values
        What else is filled in.
    """
    language = spoken()
    if language == ENGLISH:
        return (one if count == 1 else many).format(count=count, **values)
    text = translations(language).ngettext(one, many, count)
    return _Writer(language).vformat(text, (), {"count": count, **values})


def listed(parts: Sequence[str]) -> str:
    """Several things in a row, the last one after an "and"."""
    if len(parts) < 2:
        return "".join(parts)
    return phrase("{first} and {last}", first=", ".join(parts[:-1]), last=parts[-1])


def capital(text: str) -> str:
    """A text that begins a sentence."""
    return text[:1].upper() + text[1:]


def written(value: object, spec: str = "") -> str:
    """A number or a day alone, as the language spoken writes it; `spec` as of `format`."""
    language = spoken()
    return format(value, spec) if language == ENGLISH else _written(value, spec, language)


def number_typed(text: str) -> Decimal | None:
    """A finite number as the language spoken writes it; None in English, and where it is none."""
    language = spoken()
    if language == ENGLISH:
        return None
    from babel.numbers import NumberFormatError, get_group_symbol, parse_decimal

    group = get_group_symbol(language)
    try:
        # Thousands set apart by a hard space are typed with a plain one.
        number = parse_decimal(text.replace(" ", group) if group.isspace() else text, locale=language, strict=True)
    except NumberFormatError:
        return None
    return number if number.is_finite() else None


class Phrases[Key](Mapping[Key, str]):
    """A table of texts that answers in the language spoken.

    Parameters
    ----------
    texts
        English texts by key; literals, as of `phrase`.
    """

    def __init__(self, texts: Mapping[Key, str]) -> None:
        self._texts = texts

    def __getitem__(self, key: Key) -> str:
        return self.filled(key)

    def filled(self, key: Key, **values: object) -> str:
        """The text of a key, its places filled in."""
        return phrase(self._texts[key], **values)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class Plurals[Key](Mapping[Key, tuple[str, str]]):
    """A table of things that are counted, each in English for one and for many, with the place `count`."""

    def __init__(self, texts: Mapping[Key, tuple[str, str]]) -> None:
        self._texts = texts

    def __getitem__(self, key: Key) -> tuple[str, str]:
        return self._texts[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def of(self, count: int, key: Key) -> str:
        """So many of them, in the language spoken."""
        return phrase_of(count, *self._texts[key])


class Headings(Sequence[str]):
    """Texts in a row, such as the heads of a table, that answer in the language spoken; English literals come in."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...

    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(phrase(text) for text in self._texts[place])
        return phrase(self._texts[place])

    def __len__(self) -> int:
        return len(self._texts)


def marked(text: str) -> str:
    """An English text that is said later, by `translated`: here only so that it can be gathered for translators."""
    return text


def translated(text: str) -> str:
    """A text of a data file in the language spoken, as it is: what it holds in braces is not filled in."""
    language = spoken()
    return text if language == ENGLISH or not text else translations(language).gettext(text)


def kept[**Asked, Answer](most: int) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Like `functools.lru_cache`, for answers that hold texts: each belongs to the language it was given in."""

    def of(make: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        @lru_cache(maxsize=most)
        def made(language: str, *args: Any, **named: Any) -> Answer:
            del language
            return make(*args, **named)

        @wraps(make)
        def answer(*args: Asked.args, **named: Asked.kwargs) -> Answer:
            return made(spoken(), *args, **named)  # type: ignore[arg-type]

        return answer

    return of


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def speak(language: str) -> None:
    """Speak a language from here on, in this thread."""
    _SPOKEN.set(language)


def speak_otherwise(ask: Callable[[], str]) -> None:
    """Where a thread was not told what to speak, ask: a page knows whom it is shown to."""
    global _otherwise
    _otherwise = ask


def of_the_terminal() -> str:
    """The language of the terminal, by the variables of gettext, where there is a catalogue of it; else English."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((os.environ[name] for name in names if os.environ.get(name)), ENGLISH)
    language = re.split("[_.:@]", wanted)[0]
    return language if (FOLDER / f"{language}.po").exists() else ENGLISH


def spoken() -> str:
    """The code of the language spoken."""
    return _SPOKEN.get() or _otherwise()


def _in_english() -> str:
    return ENGLISH


_otherwise: Callable[[], str] = _in_english


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; an empty one, which says all in English, where there is none.

    Raises
    ------
    ValueError
        If the file is no catalogue of gettext.
    """
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    compiled = BytesIO()
    try:
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    except PoFileError as error:
        raise ValueError(f"{path.name} is no catalogue of gettext: {error}") from error
    compiled.seek(0)
    return GNUTranslations(compiled)


@kept(1)
def marks_and_months() -> dict[str, object]:
    """Marks of numbers and names of days and months in the language spoken, as charts of Vega want them (d3-format)."""
    from babel import Locale
    from babel.numbers import get_decimal_symbol, get_group_symbol

    locale = Locale.parse(spoken())

    def names(kind: str, of: Any, order: Sequence[int]) -> list[str]:
        return [of["format"][kind][place] for place in order]

    week, year = (6, 0, 1, 2, 3, 4, 5), range(1, 13)
    return {
        "number": {
            "decimal": get_decimal_symbol(locale), "thousands": get_group_symbol(locale), "grouping": [3],
            "currency": ["", ""],
        },
        "time": {
            "dateTime": "%x %X", "date": "%x", "time": "%X", "periods": ["AM", "PM"],
            "days": names("wide", locale.days, week), "shortDays": names("abbreviated", locale.days, week),
            "months": names("wide", locale.months, year), "shortMonths": names("abbreviated", locale.months, year),
        },
    }  # fmt: skip


class _Writer(Formatter):
    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        return _written(value, format_spec, self._language)


# Days are asked for in the words of `strftime`; what each is called in the patterns of CLDR.
_DAYS: Final = {"": "medium", "%d %B %Y": "long", "%B": "LLLL", "%b": "LLL"}
_PARTS_OF_DAYS: Final = {
    "%B %Y": "yMMMM",
    "%b %Y": "yMMM",
    "%b %y": "yMMM",
    "%d %B": "MMMMd",
    "%d %b": "MMMd",
}


def _written(value: object, spec: str, language: str) -> str:
    if isinstance(value, date):
        from babel.dates import format_date, format_skeleton

        if spec in _DAYS:
            return str(format_date(value, format=_DAYS[spec], locale=language))
        if spec in _PARTS_OF_DAYS:
            return str(format_skeleton(_PARTS_OF_DAYS[spec], value, locale=language))
    figure = format(value, spec)
    return figure.translate(_marks(language)) if isinstance(value, Number) else figure


@cache
def _marks(language: str) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return {ord(","): get_group_symbol(language), ord("."): get_decimal_symbol(language)}
