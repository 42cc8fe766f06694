"""The rows of a table some tool wrote, out of text in any encoding, a workbook, or a list of time spans in JSON."""

import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from app.imports.extent import reach
from model.errors import ImportRefused
from model.language import phrase

MAX_BYTES = 50_000_000
TOP = 20  # rows looked at to find the delimiter
MAX_UNPACKED, MAX_CELLS = 300_000_000, 20_000_000
DELIMITERS = ",;\t|"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and its rows; `numbers` holds each row's place in the file, the header's first line being 1.

    `doubled` are columns the header names more than once: nobody can say which is meant.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    encoding: str
    delimiter: str
    blank_rows: int
    doubled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Every row of a file that holds anything, with its place in the file; `blank` rows do not."""

    file: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str
    delimiter: str
    blank: int


def read_lines(path: Path) -> Lines:
    """Read a table in whatever form it was saved: delimited text, an Excel workbook, or JSON of Timewarrior.

    Raises
    ------
    ImportRefused
        If the file is missing, empty, too large, binary, or no table.
    """
    content = _content(path)
    if content.startswith(b"PK\x03\x04"):
        return _lines(path.name, _workbook(content, path.name), "xlsx", "", 0)
    text, encoding = _decoded(content, path.name)
    if text.lstrip()[:1] == "[":
        return _lines(path.name, _spans(text, path.name), encoding, "", 0)
    text, delimiter, skipped = _delimited(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ImportRefused(phrase("{name} is not a table of text: {error}.", name=path.name, error=error)) from error
    return _lines(path.name, rows, encoding, delimiter, skipped)


def table_of(lines: Lines) -> Table:
    """The table of a file whose first row is its header.

    Raises
    ------
    ImportRefused
        If there is no row below the header.
    """
    (_, header), *rest = lines.rows
    if not rest:
        raise ImportRefused(phrase("{file} has a header and no rows; nothing can be imported.", file=lines.file))
    return Table(
        file=lines.file,
        header=header,
        rows=tuple(row for _, row in rest),
        numbers=tuple(number for number, _ in rest),
        encoding=lines.encoding,
        delimiter=lines.delimiter,
        blank_rows=lines.blank,
        doubled=tuple(sorted({name for name in header if name and header.count(name) > 1})),
    )


def _lines(name: str, rows: list[list[str]], encoding: str, delimiter: str, skipped: int) -> Lines:
    filled = [(n, tuple(cell.strip() for cell in row)) for n, row in enumerate(rows, 1 + skipped)]
    filled = [(n, row) for n, row in filled if any(row)]
    if not filled:
        raise ImportRefused(phrase("{name} is empty; a header row was expected.", name=name))
    return Lines(
        file=name, rows=tuple(filled), encoding=encoding, delimiter=delimiter, blank=len(rows) - len(filled)
    )  # fmt: skip


# What zipfile raises of a damaged workbook, beside calamine's own error: a part that ends early, and, as kinds of
# RuntimeError, one that is locked or packed in a way it does not know.
_UNREADABLE = (zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError)


def _workbook(content: bytes, name: str) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    too_many = ImportRefused(
        phrase("{name} has more than {max_cells:,} cells; split it.", name=name, max_cells=MAX_CELLS)
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            # A small file can unpack to more than a machine holds.
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise ImportRefused(
                    phrase(
                        "{name} unpacks to more than {max_unpacked:,} bytes; save the sheet as CSV.",
                        name=name,
                        max_unpacked=MAX_UNPACKED,
                    )
                )
            # Of two cells far apart, room would be made for all between them.
            if reach(parts, MAX_CELLS) > MAX_CELLS:
                raise too_many
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        # Workbooks of other makers name their cells otherwise.
        if sheet.height * sheet.width > MAX_CELLS:
            raise too_many
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, *_UNREADABLE) as error:
        raise ImportRefused(
            phrase("{name} is no workbook that can be read; save the sheet as CSV and import that.", name=name)
        ) from error
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float() if abs(value) < 1e15 and value == int(value):
            return str(int(value))
        case datetime():
            return (
                value.isoformat(sep=" ", timespec="seconds") if value.time() != value.min.time() else str(value.date())
            )
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _spans(text: str, name: str) -> list[list[str]]:
    """Timewarrior's export: its times are UTC, the client is a tag `client:NAME`, or else the first tag."""
    try:
        spans = json.loads(text)
        rows = [["timewarrior client", "timewarrior start", "timewarrior end"]]
        for span in spans:
            tags = [str(tag) for tag in span.get("tags", [])]
            named = next((tag.partition(":")[2] for tag in tags if tag.casefold().startswith("client:")), "")
            rows.append([named or next(iter(tags), ""), *(_local(span.get(end, "")) for end in ("start", "end"))])
    except (ValueError, AttributeError, TypeError, RecursionError, OverflowError, OSError) as error:
        raise ImportRefused(
            phrase("{name} is JSON, and not what `timew export` writes; a CSV file was expected.", name=name)
        ) from error
    return rows


def _local(moment: str) -> str:
    if not moment:
        return ""
    utc = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    # The day an hour was worked on is the one on the user's own calendar.
    return utc.astimezone().replace(tzinfo=None).isoformat(sep=" ")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImportRefused(
                phrase("{name} is larger than {max_bytes:,} bytes; split it.", name=path.name, max_bytes=MAX_BYTES)
            )
        content = path.read_bytes()
    except OSError as error:
        raise ImportRefused(
            phrase("{name} cannot be read: {strerror}.", name=path.name, strerror=error.strerror)
        ) from error
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportRefused(
            phrase(
                "{name} is a workbook of an old kind; save the sheet as CSV or XLSX and import that.", name=path.name
            )
        )
    return content


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            try:
                return _readable(content[len(bom) :].decode(encoding), name), encoding
            except UnicodeDecodeError as error:
                raise ImportRefused(
                    phrase(
                        "{name} says it is {encoding}, and is not: {reason}.",
                        name=name,
                        encoding=encoding,
                        reason=error.reason,
                    )
                ) from error
    for encoding in ("utf-8", "cp1252"):
        try:
            return _readable(content.decode(encoding), name), encoding
        except UnicodeDecodeError:
            continue
    raise ImportRefused(phrase("{name} is binary, or text in an unknown encoding; save it as CSV in UTF-8.", name=name))


def _readable(text: str, name: str) -> str:
    if (found := _CONTROL.search(text)) is not None:
        row = text[: found.start()].count("\n") + 1
        raise ImportRefused(
            phrase("{name}, row {row}: the file is binary, not text; a CSV file was expected.", name=name, row=row)
        )
    return text


def _delimited(text: str) -> tuple[str, str, int]:
    first, _, rest = text.partition("\n")
    told = first.strip()
    # Some spreadsheets write the delimiter itself into a line of its own.
    if len(told) == 5 and told.lower().startswith("sep=") and told[4] in DELIMITERS:
        return rest, told[4], 1
    # Titles above a header hold few delimiters: the line with most of one kind tells.
    top = [line for line in text.splitlines()[:TOP] if line.strip()]
    return text, max(DELIMITERS, key=lambda mark: max((line.count(mark) for line in top), default=0)), 0
