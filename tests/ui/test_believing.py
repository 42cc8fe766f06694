"""What one believes and what the model expects, on the pages."""

import html
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from app.opened import Opened, desk_of

Pages = Callable[..., AppTest]


def button(app: AppTest, label: str) -> Any:
    return next(found for found in app.button if found.label == label)


def number(app: AppTest, label: str) -> Any:
    return next(found for found in app.number_input if found.label.startswith(label))


def shown(app: AppTest) -> str:
    parts = [html.unescape(block.proto.body) for block in app.get("html")]
    parts += [
        element.value for kind in (app.text, app.success, app.error, app.caption, app.markdown) for element in kind
    ]
    return "\n".join(parts)


def test_a_belief_is_stated_in_the_words_of_its_question_and_taken_back(pages: Pages, example: Opened) -> None:
    app = pages(example, "data")
    app.selectbox(key="believed").set_value("invoice_shift").run()
    number(app, "It is more than this, day").set_value(40.0)
    number(app, "It is less than this, day").set_value(50.0)
    button(app, "Believe this").click().run()
    assert not app.exception and not app.error
    (mine,) = desk_of(example).portfolio.settings.beliefs
    assert mine.name == "invoice_shift" and mine.low > 0
    assert "Your own answers" in shown(app)
    button(app, "Take back: invoice shift").click().run()
    assert desk_of(example).portfolio.settings.beliefs == ()


def test_an_interval_the_wrong_way_round_is_refused_and_changes_nothing(pages: Pages, example: Opened) -> None:
    app = pages(example, "data")
    app.selectbox(key="believed").set_value("invoice_shift").run()
    number(app, "It is more than this, day").set_value(50.0)
    number(app, "It is less than this, day").set_value(40.0)
    button(app, "Believe this").click().run()
    assert any("below the high end" in error.value for error in app.error)
    assert desk_of(example).portfolio.settings.beliefs == ()


def test_another_set_of_priors_is_one_click_and_one_undo(pages: Pages, example: Opened) -> None:
    app = pages(example, "data")
    next(found for found in app.radio if found.label == "Start from").set_value("sceptical")
    button(app, "Use this set").click().run()
    assert desk_of(example).portfolio.settings.prior_set == "sceptical"
    button(app, "Undo").click().run()
    assert desk_of(example).portfolio.settings.prior_set == "neutral"


def test_records_are_held_against_the_model_when_asked(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "data")
    assert "lie outside of their 90 % interval" not in shown(app)
    button(app, "Hold the records against the model").click().run()
    assert not app.exception
    found = desk_of(looked_at).predictive_check()
    assert found.summary in shown(app)


def test_the_months_ahead_of_a_client_are_told_in_words_as_well(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "client")
    assert not app.exception
    alts = [element.proto.alt for element in app.get("vega_lite_chart") if "next month, between" in element.proto.alt]
    assert len(alts) == 8 and alts[0].startswith("Still there: ")
