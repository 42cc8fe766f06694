"""What a person sees in the terminal: sentences, tables and questions, in which a client's name is only ever text."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from app.wording import plain

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_A_PIPE = 160


def say(*sentences: str) -> None:
    """Sentences for a person, one to a line, on standard output."""
    for sentence in sentences:
        typer.echo(plain(sentence))


def remark(*sentences: str) -> None:
    """The same beside the answer, on standard error."""
    for sentence in sentences:
        typer.echo(plain(sentence), err=True)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = (), lines: bool = False
) -> None:
    """A table; `right` names the columns of figures, `lines` draws one between rows."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=lines)
    for column in columns:
        grid.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        # Text is never read as markup, so a name such as [red] stays a name.
        grid.add_row(*(Text("\n".join(map(plain, cell.split("\n")))) for cell in row))
    console().print(grid)


def console(*, stderr: bool = False) -> "Console":
    """A terminal without markup, emoji codes or colours of its own choosing."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_OF_A_PIPE
    return Console(file=stream, markup=False, emoji=False, highlight=False, width=width)


def as_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """A document as JSON on standard output; what is not a finite number becomes null."""
    from app.review.json import finite

    typer.echo(json.dumps(finite(document), indent=2, allow_nan=False))


def can_ask() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()
