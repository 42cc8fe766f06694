"""What the user chose to do about a client, beside what was advised: made from an answer, and told row by row."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

from app.wording import ACTIONS, VERDICTS, rounded
from model.choice import Choice, Way
from model.language import Headings
from model.records import Records

if TYPE_CHECKING:
    from model.decision import Decision

CENT = Decimal("0.01")
COLUMNS = Headings("Date", "Client", "Decided", "Advised", "Expected", "Instead", "Why")


def choice_of(decision: "Decision", action: Way, *, on: date, note: str = "") -> Choice:
    """The choice of an action, with what was advised and expected that day.

    Parameters
    ----------
    decision
        The answer of that day on the client.
    action
        What was chosen; one that was not considered is kept without a figure.
    on
        The day.
    note
        Why, in the user's words.
    """
    worth = {summary.action: summary.mean for summary in decision.actions}
    others = [mean for name, mean in worth.items() if name != action]
    return Choice(
        client=decision.client,
        on=on,
        action=action,
        advised=decision.verdict,
        expected=_money(worth[action]) if action in worth else None,
        instead=_money(max(others)) if others else None,
        note=note,
    )


def first_choice(decision: "Decision") -> Way:
    """What is chosen in a form before anybody chose: what the verdict says, the best action where it is too close."""
    match decision.verdict:
        case "deal_breaker":
            return "drop"
        case "too_close":
            best: Way = next(way for way in get_args(Way) if way == decision.best.action)
            return best
        case verdict:
            return verdict


def choice_rows(records: Records, *, client: str | None = None, since: date | None = None) -> list[tuple[object, ...]]:
    """Every decision, newest first, as rows of `COLUMNS`; of one client or from a day on where that is given."""
    chosen = [
        choice
        for choice in records.choices
        if (client is None or choice.client == client) and (since is None or choice.on >= since)
    ]
    return [
        (
            choice.on,
            choice.client,
            ACTIONS[choice.action],
            "" if choice.advised is None else VERDICTS[choice.advised],
            _told(choice.expected),
            _told(choice.instead),
            choice.note,
        )
        for choice in sorted(chosen, key=lambda c: (c.on, c.client), reverse=True)
    ]


def against(choice: Choice) -> bool:
    """Whether the user chose otherwise than advised; an answer too close to call advises nothing."""
    if choice.advised is None or choice.advised == "too_close":
        return False
    return choice.action != ("drop" if choice.advised == "deal_breaker" else choice.advised)


def _told(amount: Decimal | None) -> str:
    return "" if amount is None else rounded(float(amount))


def _money(worth: float) -> Decimal:
    return Decimal(repr(round(worth, 2))).quantize(CENT)
