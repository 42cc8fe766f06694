"""What the sources advise beside the signs: leaving well, lines to say, and what to look at before saying yes."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from model.catalogue import DATA
from model.errors import CatalogueError
from model.language import phrase
from model.settings import Situation

Stage = Literal["screening", "policy", "renegotiation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitStep:
    """One step of leaving a client well; the file's order is the order to take them in."""

    id: str
    title: str
    what: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """Words to say, to be edited by the user.

    `text` may hold the blanks `{client}`, `{last_day}`, `{alternative}` and `{open_amount}`.
    """

    situation: Situation
    moment: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningItem:
    """One thing to look at before saying yes, to rule for every client, or to ask of a present one."""

    id: str
    stage: Stage
    title: str
    what: str
    sources: tuple[str, ...]


@cache
def exit_steps(path: Path = DATA / "leaving.toml") -> tuple[ExitStep, ...]:
    """The steps of leaving well, in order.

    Raises
    ------
    CatalogueError
        If the file is missing, not TOML, or a step lacks a field or repeats an id.
    """
    return _once_each(_read(path, "step", ExitStep), path)


@cache
def script_lines(path: Path = DATA / "leaving.toml") -> tuple[ScriptLine, ...]:
    """The lines to say, in the order they are said, for every situation.

    Raises
    ------
    CatalogueError
        If the file is missing, not TOML, or a line lacks a field or names an unknown situation.
    """
    lines = _read(path, "line", ScriptLine)
    for line in lines:
        _one_of(line.situation, Situation, path)
    return lines


@cache
def screening_items(path: Path = DATA / "screening.toml") -> tuple[ScreeningItem, ...]:
    """What to look at before saying yes, in the order of the file.

    Raises
    ------
    CatalogueError
        If the file is missing, not TOML, or an item lacks a field, repeats an id or names an unknown stage.
    """
    items = _once_each(_read(path, "item", ScreeningItem), path)
    for item in items:
        _one_of(item.stage, Stage, path)
    return items


def _read[T](path: Path, table: str, record: Callable[..., T]) -> tuple[T, ...]:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))[table]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CatalogueError(
            phrase("the advice in {name} cannot be read: {error}", name=path.name, error=error)
        ) from error
    return tuple(_made(row, record, f"{path.name}, {table} {n}") for n, row in enumerate(rows, start=1))


def _made[T](row: dict[str, object], record: Callable[..., T], where: str) -> T:
    sources = row.get("sources")
    if not isinstance(sources, list) or not sources:
        raise CatalogueError(
            phrase("{where}: sources must be a list of codes; {sources!r} came.", where=where, sources=sources)
        )
    for column, value in row.items():
        if column != "sources" and not (isinstance(value, str) and value.strip()):
            raise CatalogueError(
                phrase("{where}: {column} must be a text; {value!r} came.", where=where, column=column, value=value)
            )
    try:
        return record(**{**row, "sources": tuple(sources)})
    except TypeError as error:
        raise CatalogueError(f"{where}: {error}") from error


def _once_each[T: (ExitStep, ScreeningItem)](records: tuple[T, ...], path: Path) -> tuple[T, ...]:
    if len({record.id for record in records}) != len(records):
        raise CatalogueError(phrase("{name} holds the same id twice.", name=path.name))
    return records


def _one_of(value: str, choices: object, path: Path) -> None:
    if value not in get_args(choices):
        raise CatalogueError(
            phrase(
                "{name}: {value!r} is not one of {choices}.",
                name=path.name,
                value=value,
                choices=", ".join(get_args(choices)),
            )
        )
