"""A review as sections, paragraphs, tables and pictures: what every kind of file is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.wording import interval, of_twenty, plain, points, rounded, signed
from model.language import phrase, written

Kind = Literal["text", "money", "signed", "number", "share", "points", "count", "odds", "range", "fine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An expected figure and the two ends that hold 80 % of what it may turn out to be."""

    expected: float
    low: float
    high: float


Cell = str | float | int | Range | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its heading, and what kind of figure it holds."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; `name` is what a sheet or a file of it is called, `about` the one client whom all its rows speak of."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Equally likely outcomes of several actions, one row each; `alt` is the picture in words."""

    rows: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """Sentences, each a paragraph, or each a point of a list."""

    sentences: tuple[str, ...]
    points: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbatim:
    """Text to be shown line by line, as it is."""

    text: str


Block = Table | Dots | Paragraphs | Verbatim


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a review under its heading; those of level 3 lie within the one of level 2 before them."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole review, to be rendered."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name; those of one name, one a client, are one table with a first column that names them."""
        found: dict[str, Table] = {}
        for table in (block for section in self.sections for block in section.blocks if isinstance(block, Table)):
            rows, columns = table.rows, table.columns
            if table.about:
                rows = tuple((table.about, *row) for row in rows)
                columns = (Column(title=phrase("Client")), *columns)
            before = found[table.name].rows if table.name in found else ()
            found[table.name] = Table(name=table.name, caption=table.caption, columns=columns, rows=(*before, *rows))
        return found


def said(cell: Cell, kind: Kind) -> str:
    """A cell in words, without the digits it cannot carry."""
    match cell:
        case None:
            return phrase("not known")
        case str():
            return plain(cell)
        case Range():
            spread = cell.high - cell.low
            return f"{rounded(cell.expected, spread=spread)} ({interval(cell.low, cell.high)})"
    if cell != cell:
        return phrase("not known")
    match kind:
        case "signed":
            return signed(cell)
        case "share":
            return phrase("{cell:.0f} %", cell=100 * cell)
        case "points":
            return points(cell)
        case "odds":
            return of_twenty(cell)
        case "count":
            return written(cell, ",.0f")
        case "number":
            return written(cell, ",.1f")
        case "fine":
            return written(cell, ",.2f")
        case _:
            return rounded(cell)
