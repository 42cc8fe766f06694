"""Making a review: the answer of its last day, written up, and kept so that later reviews can look back on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from model.errors import UnknownClient
from model.language import phrase

if TYPE_CHECKING:
    from app.desk import Desk
    from app.review.content import Review
    from app.store.kept import KeptReview


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A review, and where it was kept; None where that was not wanted or the records are only read."""

    review: "Review"
    kept: "KeptReview | None"


def make_review(
    desk: "Desk",
    *,
    first_day: date | None = None,
    compare: date | None = None,
    keep: bool = True,
    on_client: Callable[[], object] = lambda: None,
) -> Made:
    """The review as of the desk's day.

    Parameters
    ----------
    desk
        The portfolio; its day is the last one of the review.
    first_day, compare, on_client
        As for `app.review.content.review_of`.
    keep
        Whether to keep it with the portfolio.

    Raises
    ------
    UnknownClient
        If nobody is a client on that day.
    StoreError
        If it cannot be kept.
    """
    from app.review.content import review_of
    from app.review.json import review_document, review_text

    if not desk.records().active(desk.today):
        raise UnknownClient(phrase("there is no active client on {today} to review.", today=desk.today))
    review = review_of(
        desk.judgement(), desk.freshness(), first_day=first_day, kept=desk.portfolio.reviews(), compare=compare,
        on_client=on_client,
    )  # fmt: skip
    if not keep or desk.portfolio.read_only:
        return Made(review=review, kept=None)
    kept = desk.portfolio.keep_review(
        review_text(review_document(review)),
        as_of=review.as_of,
        first_day=review.first_day or review.as_of,
        fingerprint=review.made_of.fingerprint,
    )
    return Made(review=review, kept=kept)


def one_line(review: "Review") -> str:
    """The review in one line, for scripts and mails: the day, the verdicts, and what changed."""
    changed = "" if review.since is None else f" {review.since.sentences[0]}"
    return f"{review.as_of}: {review.summary[0]}{changed}"
