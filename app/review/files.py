"""A review written to a folder, each file whole or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import StoreError

if TYPE_CHECKING:
    from app.review.content import Review


def write_review(review: "Review", folder: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Write a review in each of `formats` ("html", "json"), named by its day; an earlier one of that day is replaced.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    from app.review.html import review_page
    from app.review.json import review_text

    writers = {"html": review_page, "json": review_text}
    texts = {folder / f"review-{review.as_of}.{name}": writers[name](review) for name in formats}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            aside = path.with_name(path.name + ".part")
            aside.write_text(text, encoding="utf-8", newline="\n")
            aside.replace(path)
    except OSError as error:
        raise StoreError(
            f"the review cannot be written to {folder}: {error.strerror}. Choose another folder, or free some space."
        ) from error
    return tuple(texts)
