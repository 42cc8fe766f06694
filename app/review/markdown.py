"""A review as Markdown: text and tables, in which nothing of a record is markup."""

import re
from typing import TYPE_CHECKING

from app.review.document import Dots, Paragraphs, Table, said
from app.wording import plain

if TYPE_CHECKING:
    from app.review.document import Block, Document

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&!@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What would begin a list, a heading or a rule at the start of a line.
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])")


def review_markdown(document: "Document") -> str:
    """The review as the text of a Markdown file."""
    parts = [f"# {escaped(document.title)}", escaped(document.subtitle)]
    for section in document.sections:
        parts.append(f"{'#' * section.level} {escaped(section.title)}")
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text on one line of which nothing is markup; what is none anyway stays as it is, to be read."""
    marked = _SPECIAL.sub(lambda found: "\\" + found.group(), plain(text))
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", marked)


def _block(block: "Block") -> str:
    match block:
        case Paragraphs():
            start = "- " if block.points else ""
            return ("\n" if block.points else "\n\n").join(f"{start}{escaped(s)}" for s in block.sentences)
        case Table():
            head = " | ".join(escaped(column.title) for column in block.columns)
            rule = " | ".join("---" if column.kind == "text" else "---:" for column in block.columns)
            rows = [
                " | ".join(escaped(said(cell, column.kind)) for cell, column in zip(row, block.columns, strict=True))
                for row in block.rows
            ]
            return "\n".join([f"*{escaped(block.caption)}*", "", *(f"| {line} |" for line in (head, rule, *rows))])
        case Dots():
            return escaped(block.alt)
        case _:
            # Indented text is shown as it stands, whatever is in it.
            return "\n".join(f"    {plain(line)}" for line in block.text.split("\n"))
