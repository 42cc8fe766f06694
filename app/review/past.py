"""Earlier reviews read again: what changed since, what was forecast and what came of it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.review.money import money_in_words, realised_since
from app.wording import VERDICTS, rounded, signed
from model.language import capital, phrase

if TYPE_CHECKING:
    from app.store.kept import KeptReview
    from model.decision import Decision
    from model.evidence import Weight
    from model.judged import Judgement
    from model.looking_back import Score
    from model.realised import AdviceWorth, Realised
    from model.records import Records

SMALL = 0.02  # of the width of the 80 % interval: less is no change worth a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the answer on one client moved since an earlier review; amounts are None where they were not judged then."""

    client: str
    verdict_then: str
    verdict_now: str
    keep_then: float | None
    keep_now: float | None
    new_records: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What changed since the review of `as_of`."""

    as_of: date
    sentences: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier verdict and what became of it; `money` is None where no month is over or nothing was forecast."""

    said_on: date
    client: str
    verdict: str
    done: str
    followed: str
    money: "Realised | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Looking back over all earlier reviews."""

    sentences: tuple[str, ...]
    scores: "tuple[Score, ...]"
    advice: "tuple[AdviceWorth, ...]"
    verdicts: tuple[Earlier, ...]


def listed(kept: "Sequence[KeptReview]") -> list[tuple[str, str, str, str]]:
    """Every review that was kept, newest first: last and first day, when it was made, how many of each verdict."""
    rows = []
    for review in reversed(kept):
        counts = Counter(VERDICTS[client["verdict"]] for client in json.loads(review.document)["clients"])
        told = ", ".join(f"{count} {verdict.lower()}" for verdict, count in counts.most_common())
        first = "" if review.first_day == review.as_of else review.first_day.isoformat()
        rows.append(
            (review.as_of.isoformat(), first, phrase("{made_at:%Y-%m-%d %H:%M} UTC", made_at=review.made_at), told)
        )
    return rows


def changes_since(
    earlier: "KeptReview", judgement: "Judgement", weights: "dict[str, tuple[Weight, ...]]"
) -> Since:  # fmt: skip
    """What changed since an earlier review, client by client, and which evidence moved it most.

    Parameters
    ----------
    earlier
        The review to compare with.
    judgement
        The answer of today.
    weights
        Of the evidence of each client, today.
    """
    document = json.loads(earlier.document)
    then = {client["client"]: client for client in document["clients"]}
    now = {decision.client: decision for decision in judgement.decisions}
    found = []
    for name in sorted({*then, *now}):
        told, decision = then.get(name), now.get(name)
        fresh = _new_records(judgement.records, name, earlier.as_of)
        if told is None or decision is None or _moved(told, decision) or fresh:
            found.append(_change(name, told, decision, weights.get(name, ()), fresh))
    turned = [
        c for c in found if c.verdict_then != c.verdict_now and phrase("none") not in (c.verdict_then, c.verdict_now)
    ]
    said = [
        phrase(
            "Since the review of {as_of}: {total:,} new records; the verdict changed for {count} of {clients} clients.",
            as_of=earlier.as_of,
            total=sum(c.new_records for c in found),
            count=len(turned),
            clients=len(now),
        )
    ]
    if document["currency"] != judgement.settings.currency:
        said.append(phrase("Amounts then were in {currency}.", currency=document["currency"]))
    said += [
        phrase(
            "{client}: from {verdict_then} to {verdict_now}. {why}",
            client=c.client,
            verdict_then=c.verdict_then,
            verdict_now=c.verdict_now,
            why=c.why,
        ).strip()
        for c in turned
    ]
    joined = sorted(set(now) - set(then))
    left = sorted(set(then) - set(now))
    if joined:
        said.append(phrase("New since: {joined}.", joined=", ".join(joined)))
    if left:
        said.append(phrase("No longer a client: {left}.", left=", ".join(left)))
    return Since(as_of=earlier.as_of, sentences=tuple(said), changes=tuple(found))


def looking_back(kept: "Sequence[KeptReview]", records: "Records", today: date) -> Back | None:
    """Score every earlier review by what is known today; None where there is none.

    Of several reviews of one day the last counts.
    """
    from model.looking_back import followed, scores
    from model.realised import advice_worth

    by_day = {review.as_of: json.loads(review.document) for review in kept if review.as_of < today}
    if not by_day:
        return None
    told = [one for document in by_day.values() for one in _told(document)]
    found = scores(told, records, today)
    verdicts = []
    for day, document in by_day.items():
        for client in document["clients"]:
            what = followed(client["verdict"], client["client"], day, records, today)
            verdicts.append(
                Earlier(
                    said_on=day, client=client["client"], verdict=client["verdict"], done=what.done,
                    followed=what.followed, money=realised_since(document, client["client"], records, today),
                )
            )  # fmt: skip
    advice = advice_worth([one.money for one in verdicts if one.money is not None])
    said = (*_back_in_words(found, verdicts), *money_in_words(advice, records.settings.currency), _unseen())
    return Back(sentences=said, scores=found, advice=advice, verdicts=tuple(verdicts))


def _back_in_words(found: "tuple[Score, ...]", verdicts: list[Earlier]) -> tuple[str, ...]:
    said = []
    held = [score for score in found if score.covered == score.covered]
    if held:
        cases = sum(score.cases for score in held)
        within = sum(score.covered * score.cases for score in held) / cases
        said.append(
            phrase(
                "Of {cases:,} figures forecast with 80 %, {within:.0%} came within their interval.",
                cases=cases,
                within=within,
            )
        )
    for score in found:
        if score.brier == score.brier:
            said.append(
                phrase(
                    "{what}: {forecast:.0%} was forecast and {came:.0%} came, of "
                    "{cases:,} cases; Brier score {brier:.3f}, where a coin flip gets 0.250; "
                    "{miscalibration:.3f} of it is for probabilities that were not those that came "
                    "true.",
                    what=capital(score.what),
                    forecast=score.forecast,
                    came=score.came,
                    cases=score.cases,
                    brier=score.brier,
                    miscalibration=score.miscalibration,
                )
            )
    if not found:
        said.append(phrase("No month that was forecast is over yet; the next review can look back."))
    advised = [one for one in verdicts if one.followed != "no advice"]
    if advised:
        yes = sum(one.followed == "yes" for one in advised)
        said.append(phrase("{yes} of {count} verdicts were followed.", yes=yes, count=len(advised)))
    return tuple(said)


def _unseen() -> str:
    return phrase(
        "Of a client who was dropped nothing can come any more: what a good decision to drop saved is not seen here, "
        "and what a bad one cost is not either."
    )


def _change(
    name: str, told: dict[str, Any] | None, decision: "Decision | None", weights: "tuple[Weight, ...]", fresh: int
) -> Change:  # fmt: skip
    return Change(
        client=name,
        verdict_then=phrase("none") if told is None else VERDICTS[told["verdict"]],
        verdict_now=phrase("none") if decision is None else VERDICTS[decision.verdict],
        keep_then=None if told is None else told["actions"]["keep"]["mean"],
        keep_now=None if decision is None else decision.action("keep").mean,
        new_records=fresh,
        why="" if told is None or decision is None else _why(told, decision, weights),
    )


def _why(told: dict[str, Any], decision: "Decision", weights: "tuple[Weight, ...]") -> str:
    if decision.deal_breakers and not told["deal_breakers"]:
        return phrase("By your own policy, whatever the money says.")
    before = {weight["subject"]: weight for weight in told["weights"]}
    moved = []
    for weight in weights:
        then = before.get(weight.subject, {"money": 0.0, "records": 0})
        moved.append((weight.money - then["money"], weight.records - then["records"], weight.label))
    if not moved:
        return ""
    by, more, label = max(moved, key=lambda entry: abs(entry[0]))
    if rounded(by) == "0":
        return ""
    count = phrase(", {more} new", more=more) if more > 0 else ""
    return f"{label}: {signed(by)}{count}"


def _moved(told: dict[str, Any], decision: "Decision") -> bool:
    keep = decision.action("keep")
    return bool(
        told["verdict"] != decision.verdict
        or abs(told["actions"]["keep"]["mean"] - keep.mean) > SMALL * (keep.p90 - keep.p10)
    )


def _new_records(records: "Records", client: str, since: date) -> int:
    # A check-in is of its whole month, and known when that is over.
    checked = sum(
        c.client == client and (c.month.year, c.month.month) >= (since.year, since.month) for c in records.checkins
    )
    seen = sum(s.client == client and s.on > since for s in records.sightings)
    billed = sum(
        i.client == client and any(day is not None and day > since for day in (i.issued, i.paid_on, i.written_off_on))
        for i in records.invoices
    )
    agreed = sum(terms.client == client and terms.until >= since for terms in records.earlier_terms)
    worked = sum(h.client == client and h.on > since for h in records.hours)
    return checked + seen + billed + agreed + worked + sum(e.client == client and e.on > since for e in records.events)


def _told(document: dict[str, Any]) -> "list[Any]":
    from model.looking_back import Expected, MonthTold

    said_on = date.fromisoformat(document["as_of"])
    return [
        MonthTold(
            client=client["client"], said_on=said_on, month=date.fromisoformat(month["month"]),
            still_there=month["still_there"], share_late=month["share_late"],
            days_to_pay=Expected(**month["days_to_pay"]), hours=Expected(**month["hours"]),
            energy=Expected(**month["energy"]),
        )
        for client in document["clients"]
        for month in client["ahead"]
    ]  # fmt: skip
