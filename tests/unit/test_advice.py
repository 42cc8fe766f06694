from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from model import advice, catalogue
from model.errors import CatalogueError


def numbered(prefix: str, last: int, suffix: str = "") -> set[str]:
    return {f"{prefix}{number}{suffix}" for number in range(1, last + 1)}


def lettered(prefix: str, letters: str) -> set[str]:
    return {prefix + letter for letter in letters}


ITEMS = (
    numbered("DA", 5) | numbered("DA", 5, "n")
    | numbered("HU", 8) | numbered("HUF", 5) | numbered("HUT", 15)
    | lettered("DE", "abcd") | numbered("DE", 6)
    | numbered("RO", 10) | {"ROx"}
    | numbered("BG", 6) | numbered("BG+", 6) | lettered("BG", "abcdef")
)  # fmt: skip
WHOLE_ARTICLES = {"DA", "HU", "DE", "RO", "BG"}

# The notes on the five articles count this item and say nothing of what it holds. Remove it here once it is described.
NOT_DESCRIBED = {"BGc"}


def test_every_item_of_the_five_articles_is_a_sign_an_exit_step_or_a_screening_item():
    cited = {
        code
        for entry in (*catalogue.load().signs, *advice.exit_steps(), *advice.screening_items())
        for code in entry.sources
    }
    assert ITEMS - cited == NOT_DESCRIBED
    assert cited - ITEMS <= WHOLE_ARTICLES


def test_lines_to_say_cite_known_items_only():
    assert {code for line in advice.script_lines() for code in line.sources} <= ITEMS


def test_leaving_well_starts_with_cooling_off_and_ends_with_not_looking_back():
    steps = [step.id for step in advice.exit_steps()]
    assert len(steps) == 12
    assert (steps[0], steps[-1]) == ("cool_off", "do_not_look_back")


def test_the_money_owed_is_collected_before_anyone_gives_notice():
    steps = [step.id for step in advice.exit_steps()]
    assert steps.index("get_paid") < steps.index("give_notice") < steps.index("thank_them")


def test_there_are_words_for_every_situation_and_none_of_them_recommends_an_abuser_to_a_colleague():
    lines = advice.script_lines()
    assert {line.situation for line in lines} == set(get_args(advice.Situation))
    assert all(
        any(line.moment == "the talk" for line in lines if line.situation == s) for s in get_args(advice.Situation)
    )
    assert not [line for line in lines if line.situation == "abuse" and "{alternative}" in line.text]


def test_lines_to_say_leave_only_blanks_the_plan_can_fill():
    blanks = {name for line in advice.script_lines() for _, name, _, _ in Formatter().parse(line.text) if name}
    assert blanks <= {"client", "last_day", "alternative", "open_amount"}


def test_screening_holds_something_for_prospects_for_every_client_and_for_renegotiations():
    items = advice.screening_items()
    assert len(items) == 12
    assert {item.stage for item in items} == set(get_args(advice.Stage))


STEP = '[[step]]\nid = "a"\ntitle = "A"\nwhat = "Do a."\nsources = ["DE1"]\n'
LINE = '[[line]]\nsituation = "ordinary"\nmoment = "thanks"\ntext = "Thank you."\nsources = ["HUF4"]\n'
ITEM = '[[item]]\nid = "a"\nstage = "screening"\ntitle = "A"\nwhat = "Look."\nsources = ["ROx"]\n'


@pytest.mark.parametrize(
    ("load", "wrong", "told"),
    [
        (advice.exit_steps, STEP + STEP, "same id twice"),
        (advice.exit_steps, STEP.replace('title = "A"\n', ""), "step 1.*title"),
        (advice.exit_steps, STEP.replace('"Do a."', '" "'), "step 1: what must be a text"),
        (advice.exit_steps, STEP.replace('["DE1"]', '"DE1"'), "sources must be a list"),
        (advice.exit_steps, STEP + 'cost = "1"\n', "step 1.*cost"),
        (advice.exit_steps, ITEM, "cannot be read: 'step'"),
        (advice.script_lines, LINE.replace("ordinary", "awkward"), "'awkward' is not one of ordinary"),
        (advice.screening_items, ITEM.replace('"screening"', '"later"'), "'later' is not one of screening"),
        (advice.screening_items, "= nothing", "cannot be read"),
    ],
)
def test_malformed_advice_is_refused_with_a_sentence(tmp_path: Path, load, wrong: str, told: str):
    path = tmp_path / "advice.toml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(CatalogueError, match=told):
        load(path)
