"""The text of a table some tool wrote: its encoding, its delimiter, its rows."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from model.errors import ImportRefused

MAX_BYTES = 50_000_000
DELIMITERS = ",;\t|"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and its rows; `numbers` holds each row's place in the file, the header's first line being 1."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    encoding: str
    delimiter: str
    blank_rows: int


def read_table(path: Path) -> Table:
    """Read a delimited text file in whatever encoding and with whatever delimiter it was saved.

    Raises
    ------
    ImportRefused
        If the file is missing, empty, binary or a workbook, or its header names a column twice.
    """
    text, encoding = _decoded(_content(path), path.name)
    text, delimiter, skipped = _delimited(text)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ImportRefused(f"{path.name} is not a table of text: {error}.") from error
    filled = [(n, tuple(cell.strip() for cell in line)) for n, line in enumerate(lines, 1 + skipped) if any(line)]
    filled = [(number, line) for number, line in filled if any(line)]
    if not filled:
        raise ImportRefused(f"{path.name} is empty; a header row was expected.")
    (_, header), *rest = filled
    doubled = next((name for name in header if name and header.count(name) > 1), None)
    if doubled is not None:
        raise ImportRefused(f"{path.name}, row 1, column {doubled}: the header names this column twice.")
    if not rest:
        raise ImportRefused(f"{path.name} has a header and no rows; nothing can be imported.")
    return Table(
        file=path.name,
        header=header,
        rows=tuple(line for _, line in rest),
        numbers=tuple(number for number, _ in rest),
        encoding=encoding,
        delimiter=delimiter,
        blank_rows=len(lines) - len(filled),
    )


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImportRefused(f"{path.name} is larger than {MAX_BYTES:,} bytes; split it.")
        content = path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{path.name} cannot be read: {error.strerror}.") from error
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ImportRefused(f"{path.name} is a workbook or an archive; save the sheet as CSV and import that.")
    return content


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            try:
                return _readable(content[len(bom) :].decode(encoding), name), encoding
            except UnicodeDecodeError as error:
                raise ImportRefused(f"{name} says it is {encoding}, and is not: {error.reason}.") from error
    for encoding in ("utf-8", "cp1252"):
        try:
            return _readable(content.decode(encoding), name), encoding
        except UnicodeDecodeError:
            continue
    raise ImportRefused(f"{name} is binary, or text in an unknown encoding; save it as CSV in UTF-8.")


def _readable(text: str, name: str) -> str:
    for letter in text:
        if letter < " " and letter not in "\t\r\n":
            row = text[: text.index(letter)].count("\n") + 1
            raise ImportRefused(f"{name}, row {row}: the file is binary, not text; a CSV file was expected.")
    return text


def _delimited(text: str) -> tuple[str, str, int]:
    first, _, rest = text.partition("\n")
    told = first.strip()
    # Some spreadsheets write the delimiter itself into a line of its own.
    if len(told) == 5 and told.lower().startswith("sep=") and told[4] in DELIMITERS:
        return rest, told[4], 1
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return text, max(DELIMITERS, key=heading.count), 0
