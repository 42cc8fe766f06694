"""A review as tables of exact figures: an XLSX workbook, or a folder of CSV files."""

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.imports.cells import with_escape
from app.review.document import Column, Paragraphs, Range, Table, Verbatim
from app.wording import plain
from model.language import phrase

if TYPE_CHECKING:
    from app.review.document import Cell, Document

FORMATS = {
    "money": "#,##0", "signed": "+#,##0;-#,##0;0", "number": "#,##0.0", "share": "0%", "points": "+0.0;-0.0;0.0",
    "count": "#,##0", "odds": "0%", "range": "#,##0", "fine": "#,##0.00",
}  # fmt: skip
WIDEST = 60
# A workbook of the same review is the same workbook: it carries no moment of its own.
NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def review_workbook(document: "Document") -> bytes:
    """The review as the bytes of an XLSX file: a sheet of sentences, and one for each table.

    Nothing that comes from a record can be a formula or a link: text is written as text.
    """
    import xlsxwriter

    target = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": document.title, "created": NO_MOMENT})
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True})
        formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
        sheet = book.add_worksheet("review")
        sheet.set_column(0, 0, 110, wrapped)
        for line, (text, is_title) in enumerate(_sentences(document)):
            sheet.write_string(line, 0, text[:32_000], bold if is_title else wrapped)
        for table in document.tables.values():
            sheet = book.add_worksheet(table.name[:31])
            columns = _spread(table.columns)
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column.title, head)
            widths = [len(column.title) for column in columns]
            for number, row in enumerate(table.rows, 1):
                for place, cell in enumerate(_flat(row, table.columns)):
                    if isinstance(cell, str):
                        sheet.write_string(number, place, cell[:32_000])
                    elif cell is not None and cell == cell:
                        sheet.write_number(number, place, cell, formats.get(columns[place].kind))
                    widths[place] = max(widths[place], len(str(cell)) if isinstance(cell, str) else 10)
            for place, width in enumerate(widths):
                sheet.set_column(place, place, min(WIDEST, width + 2))
            sheet.freeze_panes(1, 1)
            if table.rows:
                sheet.autofilter(0, 0, len(table.rows), len(columns) - 1)
    return target.getvalue()


def review_csvs(document: "Document") -> dict[str, str]:
    """Every table of the review as the text of a CSV file, by its name; figures are exact.

    A text that a spreadsheet would take for a formula has an apostrophe before it, as in a portfolio folder.
    """
    return {name: _csv(table) for name, table in document.tables.items()}


def _csv(table: Table) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([column.title for column in _spread(table.columns)])
    for row in table.rows:
        flat = _flat(row, table.columns)
        writer.writerow(
            ["" if c is None or c != c else with_escape(c) if isinstance(c, str) else repr(c) for c in flat]
        )  # fmt: skip
    return target.getvalue()


def _spread(columns: tuple[Column, ...]) -> list[Column]:
    spread: list[Column] = []
    for column in columns:
        if column.kind == "range":
            ends = ("expected", phrase("80 % from"), phrase("80 % to"))
            spread += [Column(title=f"{column.title}, {end}", kind="range") for end in ends]
        else:
            spread.append(column)
    return spread


def _flat(row: "tuple[Cell, ...]", columns: tuple[Column, ...]) -> list[str | float | int | None]:
    flat: list[str | float | int | None] = []
    for cell, column in zip(row, columns, strict=True):
        if isinstance(cell, Range):
            flat += [cell.expected, cell.low, cell.high]
        elif column.kind == "range":
            flat += [None, None, None]
        else:
            flat.append(plain(cell) if isinstance(cell, str) else cell)
    return flat


def _sentences(document: "Document") -> list[tuple[str, bool]]:
    found = [(document.title, True), (plain(document.subtitle), False)]
    for section in document.sections:
        found.append((plain(section.title), True))
        for block in section.blocks:
            if isinstance(block, Paragraphs):
                found += [(plain(sentence), False) for sentence in block.sentences]
            elif isinstance(block, Verbatim):
                found += [(plain(line), False) for line in block.text.split("\n")]
    return found
