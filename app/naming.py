"""Names of people in what was written of them: in a field of its own letter by letter, in prose as whole words."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

# Of a review, as it is laid out and as it is kept. Every other text in it is ours: a verdict, an id, a heading.
_NAMES = frozenset({"client"})
_PROSE = frozenset({
    "summary", "reason", "caveats", "next_record", "break_evens", "dots", "remarks", "money", "fit", "sentences",
    "why", "note", "here",
})  # fmt: skip
# Scripts written without spaces have no word borders: a name in them is found wherever it stands.
_LETTER = "[^\\W\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]"


def reworded(text: str, names: Mapping[str, str]) -> str:
    """Free text with other words in place of names, the longest name first; no part of another word is a name."""
    if not names:
        return text
    longest_first = sorted(names, key=len, reverse=True)
    return re.sub("|".join(map(_whole, longest_first)), lambda found: names[found.group()], text)


def renamed[T](document: T, names: Mapping[str, str]) -> T:
    """A review, or one as it is kept, with other words in place of names: in fields that hold a name and in prose.

    Parameters
    ----------
    document
        Dataclasses, or the mappings and lists of a JSON document.
    names
        What to write for each name.
    """
    found: T = _renamed(document, "", names)
    return found


def _renamed(value: Any, field: str, names: Mapping[str, str]) -> Any:
    match value:
        case str() if field in _NAMES:
            return names.get(value, value)
        case str() if field in _PROSE:
            return reworded(value, names)
        case Mapping():
            return {key: _renamed(entry, key, names) for key, entry in value.items()}
        case list() | tuple():
            return type(value)(_renamed(entry, field, names) for entry in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _renamed(getattr(value, f.name), f.name, names) for f in fields(value)})
    return value


def _whole(name: str) -> str:
    before = f"(?<!{_LETTER})" if re.match(_LETTER, name[0]) else ""
    after = f"(?!{_LETTER})" if re.match(_LETTER, name[-1]) else ""
    return f"{before}{re.escape(name)}{after}"
