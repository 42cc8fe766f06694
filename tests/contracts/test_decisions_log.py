"""Decisions written down: kept with the advice of the day, told again in reviews with what came."""

import json
from datetime import date

from app.store import open_portfolio


def test_a_decision_is_kept_with_what_was_advised_and_expected_that_day(filled):
    filled("log", "decision", "Moody Museum", "keep", "--why", "they gave me my start", "--on", "2026-09-15")
    (choice,) = open_portfolio(filled.database).records().choices
    advice = json.loads(filled("--json", "--as-of", "2026-09-15", "decide", "Moody Museum"))[0]
    worth = {name: action["mean"] for name, action in advice["actions"].items()}
    assert (choice.action, choice.advised, choice.note) == ("keep", advice["verdict"], "they gave me my start")
    assert float(choice.expected) == round(worth["keep"], 2)
    assert float(choice.instead) == round(max(worth[name] for name in worth if name != "keep"), 2)


def test_a_second_decision_of_the_same_day_takes_the_place_of_the_first(filled):
    for action in ("keep", "drop"):
        filled("log", "decision", "Moody Museum", action)
    (choice,) = open_portfolio(filled.database).records().choices
    assert choice.action == "drop"
    filled("undo")
    (choice,) = open_portfolio(filled.database).records().choices
    assert choice.action == "keep"


def test_a_review_tells_the_decision_its_reason_and_what_came_since(filled, tmp_path):
    filled("review", "--period", "2026-08", "--format", "json", "--out", str(tmp_path))
    filled("log", "decision", "Moody Museum", "drop", "--on", "2026-09-01", "--why", "Anchor Bakery pays better")
    filled("review", "--format", "json,md", "--out", str(tmp_path))
    document = json.loads((tmp_path / "review-2026-10-31.json").read_text(encoding="utf-8"))
    (told,) = document["decided"]
    assert (told["client"], told["action"], told["note"]) == ("Moody Museum", "drop", "Anchor Bakery pays better")
    assert told["against"] == (told["advised"] not in ("drop", "deal_breaker", "too_close"))
    assert told["since"]["months"] == 1  # October is not over on its last day
    earlier = json.loads((tmp_path / "review-2026-08-31.json").read_text(encoding="utf-8"))
    (then,) = (client for client in earlier["clients"] if client["client"] == "Moody Museum")
    assert told["since"]["left"] == then["ahead"][0]["worth"]["drop"]
    assert "What you decided" in (tmp_path / "review-2026-10-31.md").read_text(encoding="utf-8")
    filled("review", "--format", "json,md,html", "--pseudonyms", "--no-keep", "--out", str(tmp_path / "shared"))
    for file in (tmp_path / "shared").iterdir():
        text = file.read_text(encoding="utf-8")
        assert "pays better" not in text and "Moody" not in text


def test_decisions_leave_with_the_records_and_come_back(filled, tmp_path):
    filled("log", "decision", "Moody Museum", "wait", "--on", "2026-09-15", "--why", "until the summer")
    filled("export", str(tmp_path / "taken"))
    there = open_portfolio(tmp_path / "taken").records().choices
    assert there == open_portfolio(filled.database).records().choices and there[0].on == date(2026, 9, 15)
