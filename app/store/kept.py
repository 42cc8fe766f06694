"""Reviews that were made, kept as they were made: never changed, never made again by the program of another day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, insert, select

from app.store.schema import reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReview:
    """A review of the days from `first_day` to `as_of`; `document` is its JSON text, `made_at` in UTC."""

    id: int
    made_at: datetime
    as_of: date
    first_day: date
    fingerprint: str
    document: str


def keep(connection: Connection, document: str, *, as_of: date, first_day: date, fingerprint: str) -> KeptReview:
    """Append a review, or find the one that was made of the same things for the same days."""
    same = (reviews.c.as_of == as_of) & (reviews.c.first_day == first_day) & (reviews.c.fingerprint == fingerprint)
    row = connection.execute(select(reviews).where(same).limit(1)).one_or_none()
    if row is None:
        values = {
            "made_at": datetime.now(UTC), "as_of": as_of, "first_day": first_day, "fingerprint": fingerprint,
            "document": document,
        }  # fmt: skip
        connection.execute(insert(reviews).values(values))
        row = connection.execute(select(reviews).where(same).limit(1)).one()
    return KeptReview(**row._mapping)


def every(connection: Connection) -> tuple[KeptReview, ...]:
    """All of them, by the day they speak of, then in the order they were made."""
    rows = connection.execute(select(reviews).order_by(reviews.c.as_of, reviews.c.id))
    return tuple(KeptReview(**row._mapping) for row in rows)
