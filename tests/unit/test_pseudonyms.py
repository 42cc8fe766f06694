"""A review to show to others: letters for names, and every word of ours as it was, whoever is called like it."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.naming import reworded
from app.review.content import ClientPart, Figures, MadeOf, Review
from app.review.files import rendered
from app.review.past import Back, Change, Earlier, Since
from app.settings_file import write_settings
from model.action_summary import ActionSummary
from model.decision import Decision, StrainSummary
from model.forecast import Ask
from model.remembered import Alias
from model.settings import Scenario, Settings

DAY = date(2026, 9, 30)
FIGURES = Figures(
    earned_an_hour=50.0, hours_a_month=9.0, over_servicing=0.1, days_late=3.0, energy=3.0, income_share=0.4
)


def part_of(name: str) -> ClientPart:
    actions = tuple(
        ActionSummary(
            action=action, mean=1.0, sd=1.0, p10=0.0, p50=1.0, p90=2.0, p_best=0.3, expected_loss=0.1, cvar10=0.0,
            dots=(1.0,) * 20,
        )
        for action in ("keep", "renegotiate", "drop")
    )  # fmt: skip
    decision = Decision(
        client=name, verdict="keep", reason=f"Of {name} nothing is owed.", currency="EUR", horizon_months=24, as_of=DAY,
        basis="prior", actions=actions, ask=Ask(), exit_month=DAY, evpi=1.0,
        strain=(StrainSummary(trait="payment", mean=0.0, sd=1.0),), deal_breakers=(), caveats=(), next_record="hours",
    )  # fmt: skip
    return ClientPart(
        name=name, decision=decision, fee_per_month=900.0, hours_per_month=9.0, figures=FIGURES, dots=("",),
        weights=(), break_evens=(), ahead=(), worth=(), exit_steps=(),
    )  # fmt: skip


def review_of(*names: str) -> Review:
    settings = Settings(
        scenarios=(Scenario(name=f"without {names[0]}", drop=(names[0],)),),
        aliases=(Alias(written=f"{names[0]} Ltd", client=names[0]),),
    )
    change = Change(
        client=names[0], verdict_then="Keep", verdict_now="Keep", keep_then=1.0, keep_now=1.0, new_records=1, why=""
    )
    earlier = Earlier(said_on=DAY, client=names[0], verdict="keep", done="kept", followed="yes", money=None)
    return Review(
        as_of=DAY, first_day=None, currency="EUR", horizon_months=24, basis="prior", seed=1,
        summary=(f"Look at {names[0]} first.",), clients=tuple(map(part_of, names)), remarks=(),
        settings=write_settings(settings), plan=None, money=(), fit=(),
        made_of=MadeOf(program="1", draws="x", records="y"),
        since=Since(as_of=DAY, sentences=(), changes=(change,)),
        back=Back(sentences=(), scores=(), advice=(), verdicts=(earlier,)),
    )  # fmt: skip


def shape(value: Any) -> Any:
    """Keys, and the words of ours."""
    match value:
        case dict():
            return {
                key: shape(entry)
                for key, entry in value.items()
                if key not in ("client", "reason", "summary", "settings")
            }
        case list():
            return [shape(entry) for entry in value]
    return value


@pytest.mark.parametrize("name", ["a", "keep", "fee", "money", "text", "EUR", "prior", "client", "The portfolio"])
def test_a_client_called_like_a_word_of_ours_leaves_every_format_whole(name: str) -> None:
    review, names = review_of(name, "Other"), {name: "Client A", "Other": "Client B"}
    plain = json.loads(rendered(review, "json")[".json"])
    told = json.loads(rendered(review, "json", names)[".json"])
    assert shape(told) == shape(plain)
    assert [client["client"] for client in told["clients"]] == ["Client A", "Client B"]
    assert told["clients"][0]["reason"] == "Of Client A nothing is owed."
    assert told["since"]["changes"][0]["client"] == told["looking_back"]["verdicts"][0]["client"] == "Client A"
    assert rendered(review, "csv", names).keys() == rendered(review, "csv").keys()
    assert rendered(review, "xlsx", names)[".xlsx"]
    page = rendered(review, "md", names)[".md"].decode()
    assert all(title in page for title in ("The portfolio", "What changed", "Client by client", "### Client A"))


def test_no_name_is_left_in_any_text() -> None:
    review, names = review_of("Zebulon", "Quartz"), {"Zebulon": "Client A", "Quartz": "Client B"}
    review = replace(review, remarks=("Zebulon's hours are missing, and Quartz (late) is late.",))
    for kind in ("json", "md", "html", "csv"):
        for text in rendered(review, kind, names).values():
            assert b"Zebulon" not in text and b"Quartz" not in text


def test_names_are_whole_words_and_the_longest_counts() -> None:
    names = {"Ann": "Client A", "Ann Lee": "Client B", "C++": "Client C", "田中": "Client D"}
    assert reworded("Ann Lee and Ann's Annual for C++, C++17", names) == (
        "Client B and Client A's Annual for Client C, Client C17"
    )
    # Where words have no borders between them, a name is found within.
    assert reworded("田中さんは", names) == "Client Dさんは"
    assert reworded("Ann", {}) == "Ann"
