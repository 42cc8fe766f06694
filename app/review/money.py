"""Money in hindsight: what came of every earlier verdict and of the user's own decisions, from the reviews kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.choosing import against
from app.wording import rounded
from model.language import phrase, phrase_of

if TYPE_CHECKING:
    from app.store.kept import KeptReview
    from model.ahead import MonthAhead
    from model.choice import Choice
    from model.judged import Judgement
    from model.realised import AdviceWorth, MonthWorth, Realised
    from model.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision of the user, and what came since; None where no review of before tells what was expected."""

    choice: "Choice"
    against: bool
    since: "Realised | None"


def worth_ahead(
    judgement: "Judgement", ahead: "Mapping[str, Sequence[MonthAhead]]"
) -> "dict[str, tuple[MonthWorth, ...]]":
    """What keeping and leaving are expected to have brought by the end of each month ahead, by client.

    Parameters
    ----------
    judgement
        The answer.
    ahead
        The months ahead of every client, as many of each.
    """
    from model.payback import build_up
    from model.realised import MonthWorth

    settings = judgement.settings
    built = build_up(
        judgement.outlook.within(settings.horizon_months), judgement.terms, settings, calendar=judgement.calendar,
        months=max(map(len, ahead.values()), default=0),
    )  # fmt: skip
    return {
        name: tuple(
            MonthWorth(
                month=month.month, keep=float(built.keep[c, h]), drop=float(built.drop[c, h]),
                freed=float(built.freed[c, h]), lead=float(built.lead[h]), hours=month.hours.expected,
                energy=month.energy.expected,
            )
            for h, month in enumerate(ahead[name])
        )
        for c, name in enumerate(built.clients)
    }  # fmt: skip


def realised_since(document: dict[str, Any], client: str, records: "Records", today: date) -> "Realised | None":
    """What came of one client since a review; None where no month is over, or the review does not tell of it."""
    from model.realised import realised

    told = next((one for one in document["clients"] if one["client"] == client), None)
    known = next((one for one in records.clients if one.name == client), None)
    if told is None or known is None or not (worth := _worth(told)):
        return None
    said_on = date.fromisoformat(document["as_of"])
    return realised(known, said_on, told["verdict"], worth, records.of(client), today)


def decided(kept: "Sequence[KeptReview]", records: "Records", today: date) -> tuple[Decided, ...]:
    """Every decision of the user, the latest first, with what came since the last review before it."""
    documents = {review.as_of: json.loads(review.document) for review in kept if review.as_of < today}
    found = []
    for choice in sorted(records.choices, key=lambda c: (c.on, c.client), reverse=True):
        told_on = max((day for day in documents if day <= choice.on), default=None)
        since = None if told_on is None else realised_since(documents[told_on], choice.client, records, today)
        found.append(Decided(choice=choice, against=against(choice), since=since))
    return tuple(found)


def money_in_words(scored: "Sequence[AdviceWorth]", currency: str) -> tuple[str, ...]:
    """What the advice was worth, seen on those who stayed, in sentences."""
    said = []
    for one in scored:
        who = (
            phrase("it said to stay with")
            if one.advice == "stay"
            else phrase("it said to leave, and who stayed all the same,")
        )
        cases = phrase_of(one.cases, "{count} case", "{count:,} cases")
        months = phrase_of(one.months, "{count} month", "{count:,} months")
        sure = (
            phrase(", give or take {resolution}", resolution=rounded(one.resolution))
            if one.resolution == one.resolution
            else ""
        )
        told = {
            "who": who, "amount": rounded(abs(one.a_month)), "currency": currency, "sure": sure,
            "cases": cases, "months": months,
        }  # fmt: skip
        said.append(
            phrase(
                "Clients {who} brought {amount} {currency} a month more than leaving was expected "
                "to{sure} ({cases}, {months} in all).",
                **told,
            )
            if one.a_month >= 0
            else phrase(
                "Clients {who} brought {amount} {currency} a month less than leaving was expected "
                "to{sure} ({cases}, {months} in all).",
                **told,
            )
        )
    return tuple(said)


def _worth(told: dict[str, Any]) -> "tuple[MonthWorth, ...]":
    from model.realised import MonthWorth

    # Reviews of the first version tell nothing of money month by month.
    return tuple(
        MonthWorth(
            month=date.fromisoformat(month["month"]), hours=month["hours"]["expected"],
            energy=month["energy"]["expected"], **month["worth"],
        )
        for month in told["ahead"]
        if "worth" in month
    )  # fmt: skip
