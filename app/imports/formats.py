"""Exports of known tools, described as data in `data/formats.toml`, and known by their header."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from app.imports.text import Lines
from model.catalogue import DATA
from model.errors import ImportRefused
from model.language import phrase

HEADER_WITHIN = 20  # rows: no report has more of a title


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One export of one tool; `data/formats.toml` says what each entry means."""

    id: str
    title: str
    target: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    one_by: str = ""
    sum: str = ""
    less: tuple[str, ...] = ()
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_rows: bool = False
    open_amount: tuple[str, ...] = ()
    paid_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lost_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    credits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    credit_for: tuple[str, ...] = ()
    negative_credits: bool = False
    lines_below: bool = False
    disputed_by: tuple[str, ...] = ()
    payments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ledger: bool = False
    utc: bool = False
    only_with: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A format that fits a file: where its header is, and which share of the header the format knows."""

    format: Format
    row: int
    confidence: float


@cache
def formats() -> tuple[Format, ...]:
    """Every format the program knows."""
    with (DATA / "formats.toml").open("rb") as file:
        entries = tomllib.load(file)["format"]
    return tuple(_format(entry) for entry in entries)


def detect(lines: Lines, wanted: str | None = None) -> Found | None:
    """The known format a file is in, the one whose header tells most; None where none fits.

    Parameters
    ----------
    lines
        The file.
    wanted
        The id of the format the user named.

    Raises
    ------
    ImportRefused
        If the user named a format that there is not, or whose header the file lacks.
    """
    known = {one.id: one for one in formats()}
    if wanted is not None and wanted not in known:
        raise ImportRefused(
            phrase("there is no format called {wanted!r}; known are {known}.", wanted=wanted, known=", ".join(known))
        )
    fits = []
    for one in formats() if wanted is None else (known[wanted],):
        for row, (_, cells) in enumerate(lines.rows[:HEADER_WITHIN]):
            header = {bare(cell) for cell in cells if cell}
            if one.only_with and len(header) > one.only_with:
                continue
            if all(any(bare(mark) in header for mark in entry.split("|")) for entry in one.marks):
                fits.append(Found(format=one, row=row, confidence=len(one.marks) / max(1, len(header))))
                break
    if wanted is not None and not fits:
        told = ", ".join(repr(mark.split("|")[0]) for mark in known[wanted].marks)
        raise ImportRefused(
            phrase(
                "{file} has no header of {title}: {told} were expected.",
                file=lines.file,
                title=known[wanted].title,
                told=told,
            )
        )
    # The most telling header wins: a format that asks for more columns knows the file better.
    return max(fits, key=lambda found: len(found.format.marks), default=None)


def _format(entry: Mapping[str, Any]) -> Format:
    values: dict[str, Any] = {"start" if n == "from" else "end" if n == "until" else n: v for n, v in entry.items()}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
        elif isinstance(value, dict):
            values[name] = {header: tuple(words) for header, words in value.items()}
    return Format(**values)


@lru_cache(maxsize=4096)
def bare(header: str) -> str:
    """A header without what tools and people change about it: case, spaces, stars and byte order marks."""
    return re.sub(r"[\s*_]+", "", header.replace("\ufeff", "")).casefold()
