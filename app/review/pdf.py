"""A review as a PDF, set by Typst: page numbers, bookmarks, tags, and no text of a record read as markup."""

import json
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.dot_plot import Colours, dot_plot
from app.review.document import Dots, Paragraphs, Table, said
from app.wording import plain
from model.language import spoken

if TYPE_CHECKING:
    from app.review.document import Block, Document

TEMPLATE = Path(__file__).with_name("templates") / "review.typ"
# A file of the same review is the same file: it carries no moment of its own.
NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
INK = "#111111"
NARROWEST, WIDEST = 8, 40  # letters
LONG = 100  # sections


def review_pdf(document: "Document") -> bytes:
    """The review as the bytes of a PDF file, tagged for screen readers."""
    data = _data(document)
    if len(document.sections) <= LONG:
        return _pdf(data)
    # Setting hundreds of pages takes more memory than making the review; a process of its own gives all of it back.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_pdf, data).result()


def _pdf(data: str) -> bytes:
    import typst

    made: bytes = typst.compile(
        TEMPLATE.read_bytes(), sys_inputs={"data": data}, ignore_system_fonts=True, format="pdf", timestamp=NO_MOMENT
    )
    return made


def _data(document: "Document") -> str:
    # The text goes in as data, never as a part of the source: nothing in it can be a command.
    data = {
        "language": spoken(),
        "title": document.title,
        "subtitle": plain(document.subtitle),
        "sections": [
            {"title": plain(s.title), "level": s.level, "blocks": [_block(block) for block in s.blocks]}
            for s in document.sections
        ],
    }
    return json.dumps(data)


def _block(block: "Block") -> dict[str, Any]:
    match block:
        case Paragraphs():
            return {"kind": "points" if block.points else "text", "sentences": [plain(s) for s in block.sentences]}
        case Table():
            rows = [
                [said(cell, column.kind) for cell, column in zip(row, block.columns, strict=True)] for row in block.rows
            ]
            return {
                "kind": "table",
                "caption": plain(block.caption),
                "columns": [
                    {"title": plain(c.title), "right": c.kind != "text", "share": _share(c.title, [r[i] for r in rows])}
                    for i, c in enumerate(block.columns)
                ],
                "rows": rows,
            }
        case Dots():
            colours = Colours(ink=INK, line="#999999", dots=(INK,) * len(block.rows))
            alt = plain(block.alt)
            return {
                "kind": "dots",
                "svg": dot_plot(block.rows, unit=block.unit, alt=alt, colours=colours),
                "alt": alt,
                "unit": block.unit,
            }
        case _:
            return {"kind": "verbatim", "text": "\n".join(map(plain, block.text.split("\n")))}


def _share(title: str, cells: list[str]) -> int:
    # A column is as wide as what is in it, within reason; headings break between words, and are set in wide letters.
    return min(WIDEST, max([NARROWEST, *(round(1.4 * len(word)) + 1 for word in title.split()), *map(len, cells)]))
