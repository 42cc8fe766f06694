"""The joint plan on its page."""

import html
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app.opened import Opened, desk_of
from app.planning import plan_sentences
from model.plan import make_plan

Pages = Callable[..., AppTest]


def said(app: AppTest) -> str:
    parts = [html.unescape(block.proto.body) for block in app.get("html")]
    return "\n".join([*parts, *(found.value for kind in (app.text, app.markdown, app.caption) for found in kind)])


def test_the_page_says_what_the_engine_plans(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "plan")
    assert not app.exception and not app.error
    judged = desk_of(looked_at).judgement()
    made = make_plan(judged)
    assert all(sentence in said(app).replace("\\", "") for sentence in plan_sentences(made, judged.as_of))
    assert all(step.client in said(app) for step in made.steps)
    assert "days sales outstanding" in said(app)


def test_a_limit_no_plan_can_keep_is_named_with_how_far_it_is_missed(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "plan")
    next(found for found in app.number_input if found.label.startswith("Least cash")).set_value(10_000_000.0)
    next(found for found in app.button if found.label == "Plan within these limits").click().run()
    assert not app.exception
    assert "keeps every limit" in said(app) and "the cash floor" in said(app)


def test_hostile_names_are_only_ever_text_on_the_plan(pages: Pages, hostile: Opened) -> None:
    app = pages(hostile, "plan")
    assert not app.exception
    assert "<img src=x" not in "".join(block.proto.body for block in app.get("html"))
