"""Settings as the text of a `settings.toml`, and back: what is written reads back equal."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, get_type_hints

from app.entries import meant_two_ways
from model.errors import ImportRefused, InvalidSettings
from model.language import phrase
from model.remembered import Alias, TableMap
from model.settings import Belief, DealBreaker, ExchangeRate, ExitLine, Limits, Replacement, Scenario, Settings

TABLES: dict[str, type] = {"replacement": Replacement, "limits": Limits}
LISTS: dict[str, type] = {
    "deal_breakers": DealBreaker, "exchange_rates": ExchangeRate, "exit_lines": ExitLine, "beliefs": Belief,
    "scenarios": Scenario, "aliases": Alias, "table_maps": TableMap,
}  # fmt: skip


def write_settings(settings: Settings) -> str:
    """The settings as TOML; what is None is left out."""
    lines = _pairs(settings)
    if not settings.deal_breakers:
        # Left out, the list would mean the usual deal-breakers; written empty it means none.
        lines.append("deal_breakers = []")
    for name in TABLES:
        lines += ["", f"[{name}]", *_pairs(getattr(settings, name))]
    for name in LISTS:
        for entry in getattr(settings, name):
            lines += ["", f"[[{name}]]", *_pairs(entry)]
    return "\n".join(lines) + "\n"


def read_settings(text: str, source: str, held: Settings | None = None) -> Settings:
    """Settings from the text of a settings file; what is missing stays as it is held.

    Parameters
    ----------
    text
        TOML.
    source
        What the sentence of a refusal calls the file.
    held
        What holds where the text says nothing; None for the defaults.

    Raises
    ------
    ImportRefused
        If the text is not TOML, a setting is unknown, or a value is of the wrong type or outside its range.
    """
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ImportRefused(phrase("{source} is not a settings file: {error}.", source=source, error=error)) from error
    held = held or Settings()
    values = _values({name: value for name, value in document.items() if name not in TABLES}, Settings, source, "")
    for name in TABLES.keys() & document.keys():
        table = _table(document[name], source, name)
        values[name] = replace(getattr(held, name), **_values(table, TABLES[name], source, f"{name}."))
    try:
        return replace(held, **values)
    except InvalidSettings as error:
        raise ImportRefused(f"{source}: {error}") from error


def named_settings(settings: Settings) -> dict[str, str]:
    """Every setting by its name, those of a table with its name before: the value as a settings file has it.

    One that is not set is empty; of a list with several columns it is told how many entries there are.
    """
    found: dict[str, str] = {}
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if field.name in TABLES:
            rows = ((f"{field.name}.{part.name}", getattr(value, part.name)) for part in fields(value))
            found |= {name: "" if one is None else _toml(one) for name, one in rows}
        elif field.name in LISTS:
            found[field.name] = phrase("{count} entries", count=len(value))
        else:
            found[field.name] = "" if value is None else _toml(value)
    return found


def set_by_name(held: Settings, said: str) -> Settings:
    """The settings with one of them as typed: `price_of_strain=180`, `limits.searches_at_once=2`, or `cash=` for none.

    Raises
    ------
    ImportRefused
        If there is no such setting, or the value does not fit it.
    """
    name, equals, value = (part.strip() for part in said.partition("="))
    where, _, leaf = name.rpartition(".")
    named = re.fullmatch(r"([a-z_]+\.)?[a-z_]+", name) and not {name, where} & {*LISTS} and name not in TABLES
    if name in LISTS:
        raise ImportRefused(
            phrase(
                "{name} is a list of several columns: it is set under Data and settings in the app, or by the "
                "settings.toml of a folder that is imported.",
                name=name,
            )
        )
    if not (equals and named) or len(value.splitlines()) > 1:
        raise ImportRefused(
            phrase("NAME=VALUE was expected, with a name that `bush settings` lists; {said!r} came.", said=said)
        )
    part: Any = getattr(held, where) if where in TABLES else held
    kind = get_type_hints(type(part)).get(leaf)
    may_be = getattr(kind, "__args__", ())
    if not value and type(None) in may_be:
        emptied: Any = replace(part, **{leaf: None})
        return replace(held, **{where: emptied}) if where else emptied
    if Decimal in (kind, *may_be) and (said := meant_two_ways(value)):
        raise ImportRefused(f"{name}: {said}")
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        value = json.dumps(value)  # a bare word is a text
    table = f"[{where}]\n" if where else ""
    return read_settings(f"{table}{leaf} = {value}", "--set", held)


def settings_changed(before: Settings, after: Settings) -> tuple[str, ...]:
    """What differs between two settings, a sentence each: the value before and after, of lists how many come and go."""
    told = []
    for name in (field.name for field in fields(Settings)):
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if name in TABLES:
            pairs = ((f"{name}.{f.name}", getattr(old, f.name), getattr(new, f.name)) for f in fields(old))
            told += [_changed(*pair) for pair in pairs if pair[1] != pair[2]]
        elif name in LISTS:
            gone, come = (len([one for one in some if one not in others]) for some, others in ((old, new), (new, old)))
            told.append(phrase("{name}: {gone} go, {come} come", name=name, gone=gone, come=come))
        else:
            told.append(_changed(name, old, new))
    return tuple(told)


def _changed(name: str, old: object, new: object) -> str:
    none = phrase("none")
    return phrase(
        "{name}: {old} to {new}",
        name=name,
        old=none if old is None else _toml(old),
        new=none if new is None else _toml(new),
    )


def _pairs(record: Any) -> list[str]:
    nested = {*TABLES, *LISTS}
    values = ((field.name, getattr(record, field.name)) for field in fields(record) if field.name not in nested)
    return [f"{name} = {_toml(value)}" for name, value in values if value not in (None, ())]


def _toml(value: object) -> str:
    match value:
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case int() | float():
            return repr(value)
        case _:
            # JSON's escapes are TOML's, but for the delete character.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _values(table: Mapping[str, Any], kind: type, source: str, path: str) -> dict[str, Any]:
    expected = get_type_hints(kind)
    values = {}
    for name, value in table.items():
        where = f"{path}{name}"
        if name not in expected:
            near = get_close_matches(name, expected, n=1)
            hint = phrase(" Did you mean {near!r}?", near=near[0]) if near else ""
            raise ImportRefused(
                phrase("{source}: there is no setting called {where!r}.{hint}", source=source, where=where, hint=hint)
            )
        if kind is Settings and name in LISTS:
            if not isinstance(value, list):
                raise ImportRefused(
                    phrase("{source}: {where} must be a list of tables, [[{where}]].", source=source, where=where)
                )
            rows = enumerate(value, 1)
            values[name] = tuple(
                _made(LISTS[name], _table(row, source, f"{where} {number}"), source, f"{where} {number}: ")
                for number, row in rows
            )
        else:
            values[name] = _scalar(value, expected[name], source, where)
    return values


def _table(value: object, source: str, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ImportRefused(
            phrase("{source}: {where} must be a table; {value!r} came.", source=source, where=where, value=value)
        )
    return value


def _made(kind: type, table: Mapping[str, Any], source: str, path: str) -> Any:
    values = _values(table, kind, source, path)
    try:
        return kind(**values)
    except TypeError as error:
        wanted = ", ".join(field.name for field in fields(kind) if field.name not in values)
        raise ImportRefused(
            phrase(
                "{source}: {path} lacks a value; {wanted} may be given.",
                source=source,
                path=path.rstrip(".: "),
                wanted=wanted,
            )
        ) from error


def _scalar(value: object, expected: Any, source: str, where: str) -> Any:
    # A hint such as `Decimal | None` accepts what its first member accepts.
    if expected == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        raise ImportRefused(
            phrase(
                "{source}: {where} must be a list of texts; {value!r} came.", source=source, where=where, value=value
            )
        )
    wanted = getattr(expected, "__args__", (expected,))[0]
    whole = isinstance(value, int) and not isinstance(value, bool)
    number = whole or isinstance(value, Decimal)
    if wanted is Decimal and number:
        return Decimal(str(value))
    if wanted is float and number:
        return float(str(value))
    if wanted is int and whole:
        return value
    if wanted is str and isinstance(value, str):
        return value
    if wanted is date and type(value) is date:
        return value
    names = {
        Decimal: phrase("an amount"),
        float: phrase("a number"),
        int: phrase("a whole number"),
        str: phrase("a text"),
        date: phrase("a date"),
    }
    raise ImportRefused(
        phrase(
            "{source}: {where} must be {name}; {value!r} came.",
            source=source,
            where=where,
            name=names[wanted],
            value=str(value) if number else value,
        )
    )
