"""Records to a portfolio folder, the exact inverse of reading one."""

import csv
import io
import os
from pathlib import Path

from app.imports.cells import write_cell
from app.imports.columns import FILES, SETTINGS_FILE, FileKind
from app.settings_file import write_settings
from model.errors import StoreError
from model.language import phrase
from model.records import Records


def export_folder(records: Records, folder: Path, *, overwrite: bool = False) -> tuple[Path, ...]:
    """Write a portfolio folder; files without rows are left out, but for `clients.csv`.

    Parameters
    ----------
    records
        What to write, its settings included.
    folder
        Created if it is missing.
    overwrite
        Whether files of a portfolio folder that are there may be replaced.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    StoreError
        If the folder holds a portfolio and `overwrite` is not given, or cannot be written.
    """
    contents = {kind.file: _table(records, kind) for kind in FILES}
    contents[SETTINGS_FILE] = write_settings(records.settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = [name for name in contents if (folder / name).exists()]
        if there and not overwrite:
            raise StoreError(
                phrase("{folder} holds {there} already; give an empty folder.", folder=folder, there=", ".join(there))
            )
        for name in there:
            (folder / name).unlink()
        return tuple(_write(folder / name, text) for name, text in contents.items() if text)
    except OSError as error:
        raise StoreError(
            phrase(
                "the folder {folder} cannot be written: {strerror}. Choose another folder, or free some space.",
                folder=folder,
                strerror=error.strerror,
            )
        ) from error


def _table(records: Records, kind: FileKind) -> str:
    rows = getattr(records, kind.attribute)
    if not rows and kind is not FILES[0]:
        return ""
    text = io.StringIO(newline="")
    # Every cell with a line break inside must be quoted; quoting by need does so for both kinds of break.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in kind.columns])
    writer.writerows([write_cell(record, column) for column in kind.columns] for record in rows)
    return text.getvalue()


def _write(path: Path, text: str) -> Path:
    # Written aside and renamed: an export that breaks off leaves no file that looks whole.
    aside = path.with_name(path.name + ".part")
    with aside.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return aside.replace(path)
