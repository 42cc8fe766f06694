"""A review written to a folder, each file whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import StoreError
from model.language import phrase, speak, spoken

if TYPE_CHECKING:
    from app.review.content import Review
    from app.review.document import Document

FORMATS = ("html", "pdf", "xlsx", "csv", "json", "md")


def write_review(
    review: "Review", folder: Path, formats: Sequence[str], names: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """Write a review in each of `formats`, named by its day; an earlier one of that day is replaced.

    CSV is a folder of one file for each table; all others are one file.

    Parameters
    ----------
    review, folder
        What to write, and where.
    formats
        Some of `FORMATS`.
    names
        What to write in place of names, from `app.pseudonyms`.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    # Two at a time: a PDF is set outside of Python, and the others are written meanwhile.
    with ThreadPoolExecutor(2, initializer=speak, initargs=(spoken(),)) as writers:
        made = list(writers.map(lambda name: rendered(review, name, names), formats))
    contents = {folder / f"review-{review.as_of}{end}": content for files in made for end, content in files.items()}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(path.name + ".part")
            aside.write_bytes(content)
            aside.replace(path)
    except OSError as error:
        raise StoreError(
            phrase(
                "the review cannot be written to {folder}: {strerror}. Choose another folder, or free some space.",
                folder=folder,
                strerror=error.strerror,
            )
        ) from error
    return tuple(contents)


def rendered(review: "Review", name: str, names: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """A review in one format: what each file holds, by the end of its name."""
    from app.pseudonyms import pseudonymous

    review = pseudonymous(review, names or {})
    if name == "json":
        from app.review.json import review_document, review_text

        return {".json": _text(review_text(review_document(review)))}
    from app.review.sections import document_of

    document = document_of(review)
    if name == "csv":
        from app.review.spreadsheet import review_csvs

        return {f"-csv/{table}.csv": _text(text) for table, text in review_csvs(document).items()}
    return {f".{name}": _writers()[name](document)}


def _writers() -> "dict[str, Callable[[Document], bytes]]":
    from app.review.html import review_page
    from app.review.markdown import review_markdown
    from app.review.pdf import review_pdf
    from app.review.spreadsheet import review_workbook

    return {
        "html": lambda document: _text(review_page(document)),
        "pdf": review_pdf,
        "xlsx": review_workbook,
        "md": lambda document: _text(review_markdown(document)),
    }


def _text(text: str) -> bytes:
    # Half a surrogate pair has no UTF-8 form; what was typed may hold one.
    return text.encode("utf-8", errors="backslashreplace")
