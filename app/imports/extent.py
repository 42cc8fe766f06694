"""How far the cells of a workbook reach, read off their places before anything makes room for them."""

import re
import zipfile
import zlib
from codecs import BOM_UTF8
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate

AT_ONCE = 65_536  # bytes
_PLACE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,10})")


def reach(parts: zipfile.ZipFile, most: int) -> int:
    """Cells of the largest rectangle that a sheet spans from its first cell, counting what holds anything.

    Parameters
    ----------
    parts
        The workbook.
    most
        Beyond so many cells nothing is counted further.

    Raises
    ------
    ValueError
        If a part is not well formed, or not packed as a workbook's are.
    """
    found = 0
    for about in parts.infolist():
        if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("a part is packed in a way no workbook is")
        # A sheet may bear any name; only drawings of an old kind may be no XML.
        with parts.open(about) as part:
            found = max(found, _reach(part, most, strict=not about.filename.endswith(".vml")))
        if found > most:
            break
    return found


def _reach(part: IO[bytes], most: int, *, strict: bool) -> int:
    cells, parser = _Cells(), ParserCreate()
    parser.StartElementHandler = cells.begin
    try:
        block = part.read(AT_ONCE)
        # Pictures and the like begin otherwise.
        while block and (parser.CurrentByteIndex >= 0 or block.removeprefix(BOM_UTF8).lstrip()[:1] in (b"<", b"")):
            parser.Parse(block)
            if cells.reach > most:
                break
            block = part.read(AT_ONCE)
    except zlib.error as error:
        raise ValueError("a part cannot be unpacked") from error
    except ExpatError as error:
        if strict:
            raise ValueError("a part is not well formed") from error
    return cells.reach


class _Cells:
    """Where the cell being read stands, and how far those that hold something reach."""

    def __init__(self) -> None:
        self.row = self.column = self.last_row = self.last_column = 0

    @property
    def reach(self) -> int:
        return self.last_row * self.last_column

    def begin(self, name: str, about: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                told = about.get("r", "")
                self.row, self.column = int(told) if told.isdecimal() else self.row + 1, 0
            case "c":
                self.column += 1
                if place := _PLACE.fullmatch(about.get("r", "")):
                    self.column, self.row = _number(place[1]), int(place[2])
            case "v" | "is" | "f":
                # What is only coloured takes no room.
                self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)


def _number(letters: str) -> int:
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - ord("A") + 1
    return found
