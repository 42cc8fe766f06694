"""What the user chose to do about a client, beside what was advised."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from model.language import Later
from model.rules import amount_within, dated, noted, one_of

Way = Literal["keep", "renegotiate", "drop", "wait"]
Advice = Literal["keep", "renegotiate", "drop", "wait", "too_close", "deal_breaker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user chose to do about a client, and why.

    `advised` is the verdict of that day; `expected` what the choice and `instead` what the best other action was
    expected to be worth until the horizon, in the portfolio's currency, either of which may be negative.
    """

    client: str
    on: date
    action: Way
    advised: Advice | None = None
    expected: Decimal | None = None
    instead: Decimal | None = None
    note: str = ""

    def __post_init__(self) -> None:
        where = Later("decision on {client!r}", client=self.client)
        dated(self.on, where, "date")
        one_of(self.action, Way, where, "action")
        if self.advised is not None:
            one_of(self.advised, Advice, where, "advised")
        for column in ("expected", "instead"):
            amount_within(getattr(self, column), where, column, signed=True)
        noted(self.note, where)
