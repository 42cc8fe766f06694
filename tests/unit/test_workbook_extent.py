"""A small workbook that names a cell far away would take more than a machine holds: it is refused before it is read."""

import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from app.imports.text import read_lines

MEMORY = 4_000_000_000
READ = """
import sys
from pathlib import Path
from app.imports.text import read_lines
from model.errors import ImportRefused
try:
    read_lines(Path(sys.argv[1]))
except ImportRefused as refusal:
    print(refusal)
"""


def told(path: Path) -> str:
    """What reading comes to where there is no memory without end; nothing where the process died over it."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )  # fmt: skip
    return done.stdout


def workbook(path: Path, cells: str, sheet: str = "xl/worksheets/sheet1.xml") -> Path:
    """A workbook of one sheet in which these cells stand."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write(0, 0, 1)
    with zipfile.ZipFile(path) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    before, _, after = parts.pop("xl/worksheets/sheet1.xml").partition(
        b'<row r="1" spans="1:1"><c r="A1"><v>1</v></c></row>'
    )
    parts[sheet] = before + cells.encode() + after
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"worksheets/sheet1.xml", sheet.removeprefix("xl/").encode())
    with zipfile.ZipFile(path, "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content)
    return path


FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "cells",
    [
        FIRST + '<row r="1048575"><c r="XFD1048575"><v>1</v></c></row>',
        FIRST + "<row r='1048575'><c  t='str' r='&#88;FD1048575'><v>1</v></c></row>",
        FIRST + '<row r="1048575"><c r="XFC1048575"/><c><v>1</v></c></row>',
        '<row r="1048575"><c r="XFD1048575"><v>1</v></c></row>',
    ],
    ids=["with a first", "spelt otherwise", "placed by the one before", "alone"],
)
def test_a_cell_far_away_is_refused(tmp_path, cells: str):
    said = told(workbook(tmp_path / "far.xlsx", cells))
    assert said == "far.xlsx has more than 20,000,000 cells; split it.\n"


def test_a_sheet_by_any_other_name_is_refused_as_well(tmp_path):
    cells = FIRST + '<row r="1048575"><c r="XFD1048575"><v>1</v></c></row>'
    assert "more than 20,000,000 cells" in told(workbook(tmp_path / "far.xlsx", cells, sheet="xl/sheet.data"))


def test_a_cell_far_away_that_is_only_coloured_does_not_matter(tmp_path):
    path = workbook(tmp_path / "plain.xlsx", FIRST + '<row r="1048575"><c r="XFD1048575" s="1"/></row>')
    assert [row for _, row in read_lines(path).rows] == [("1",)]
