"""What the pages show and do, without a browser."""

import html
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.entries import lesson
from app.opened import Opened, desk_of, newest_day
from app.store import open_portfolio
from model.advice import Stage, screening_items
from model.records import CheckIn, Client, Hours, Invoice, Prospect, Search
from model.settings import ExchangeRate

VIEWS = ("this_month", "client", "scenario", "check_in", "plan", "review", "data")
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "![](http://x/p.png)",
    "[a](javascript:alert(1))",
    ":red[x] $x$ :smile:",
)
Pages = Callable[..., AppTest]


def shown(app: AppTest) -> str:
    """Everything the page says, as a person reads it."""
    parts = [html.unescape(block.proto.body) for block in app.get("html")]
    parts += [element.value for kind in (app.text, app.info, app.success, app.error, app.caption) for element in kind]
    return "\n".join(parts)


def tables(app: AppTest) -> list[str]:
    return [block.proto.body for block in app.get("html") if 'bush-table" aria-label' in block.proto.body]


def button(app: AppTest, label: str) -> Any:
    return next(found for found in app.button if found.label == label)


def box(app: AppTest, label: str) -> Any:
    return next(
        found
        for found in (*app.selectbox, *app.multiselect, *app.text_input, *app.number_input)
        if found.label.startswith(label)
    )


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_shows_the_example_without_a_fault(pages: Pages, looked_at: Opened, view: str) -> None:
    app = pages(looked_at, view)
    assert not app.exception
    assert not app.error
    assert "This is the example" in shown(app)


def test_the_first_page_judges_every_client_and_says_what_to_record_next(pages: Pages, looked_at: Opened) -> None:
    said = shown(pages(looked_at))
    names = [decision.client for decision in desk_of(looked_at).judgement().decisions]
    assert len(names) == 12
    assert all(name in said for name in names)
    assert said.count("Record next:") == 12
    assert said.count("of 20 plausible futures keeping") == 12
    assert "12 clients:" in said


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_portfolio_is_met_with_a_sentence_and_a_way_on(pages: Pages, empty: Opened, view: str) -> None:
    app = pages(empty, view)
    assert not app.exception and not app.error
    assert "No client is recorded" in shown(app)
    assert app.button


def test_every_card_says_where_it_is_going_and_one_sentence_whom_to_look_into(pages: Pages, looked_at: Opened) -> None:
    said = shown(pages(looked_at))
    assert said.count("Trend: ") == 12
    best = max(desk_of(looked_at).judgement().decisions, key=lambda decision: decision.evpi)
    assert f"Most worth finding out about: {best.client}" in said


def test_an_entry_is_corrected_or_taken_out_and_that_is_undone(pages: Pages, example: Opened) -> None:
    before = open_portfolio(example.where).records()
    app = pages(example, "client")
    name = app.selectbox(key="client").value
    which = next(found for found in app.selectbox if found.label == "Which entry?")
    hours = next(place for place, label in enumerate(which.options) if " · Hours · " in label)
    which.select_index(hours).run()
    app.number_input[-1].set_value(11.25)
    button(app, "Store the correction").click().run()
    assert not app.exception and not app.error
    after = open_portfolio(example.where).records()
    changed = set(after.hours) - set(before.hours)
    assert [(entry.client, entry.hours) for entry in changed] == [(name, 11.25)] and len(after.hours) == len(
        before.hours
    )
    assert "Stored: corrected" in shown(app).replace("\\", "")
    button(app, "Undo").click().run()
    assert set(open_portfolio(example.where).records().hours) == set(before.hours)
    which = next(found for found in app.selectbox if found.label == "Which entry?")
    which.select_index(hours).run()
    button(app, "Take it out").click().run()
    assert len(open_portfolio(example.where).records().hours) == len(before.hours) - 1


def test_new_terms_from_a_day_on_keep_the_ones_before_which_can_be_put_right(pages: Pages, example: Opened) -> None:
    before = open_portfolio(example.where).records()
    known = before.active(desk_of(example).today)[0]
    since = desk_of(example).today - timedelta(days=40)
    app = pages(example, "client")
    app.selectbox(key="client").set_value(known.name).run()
    box(app, "Hours a month agreed, if any").set_value(1.5)
    next(found for found in app.date_input if found.label.startswith("Agreed anew")).set_value(since)
    button(app, "Store the terms").click().run()
    assert not app.exception and not app.error
    after = open_portfolio(example.where).records()
    assert after.client(known.name).agreed_hours_per_month == 1.5
    assert after.earlier_terms == (known.terms_until(since - timedelta(days=1)),)
    which = box(app, "Which entry?")
    which.select_index(next(i for i, told in enumerate(which.options) if "Earlier terms" in told)).run()
    assert not app.exception
    next(found for found in app.date_input if found.label.startswith("Held until")).set_value(since)
    button(app, "Store the correction").click().run()
    assert not app.exception and not app.error
    assert open_portfolio(example.where).records().earlier_terms == (known.terms_until(since),)


def test_earlier_terms_are_put_right_in_the_money_of_the_client(pages: Pages, example: Opened) -> None:
    portfolio = open_portfolio(example.where)
    settings = portfolio.settings
    rate = ExchangeRate(currency="CHF", on=date(2020, 1, 1), rate=Decimal("1.05"))
    portfolio.save_settings(replace(settings, exchange_rates=(*settings.exchange_rates, rate)))
    known = portfolio.records().active(desk_of(example).today)[0]
    portfolio.correct(known, replace(known, currency="CHF"))
    portfolio.add(known.terms_until(desk_of(example).today - timedelta(days=40)))
    app = pages(example, "client")
    app.selectbox(key="client").set_value(known.name).run()
    which = box(app, "Which entry?")
    which.select_index(next(i for i, told in enumerate(which.options) if "Earlier terms" in told)).run()
    assert not app.exception
    assert sum(field.label == "Fee a month, CHF" for field in app.text_input) == 2


@pytest.mark.parametrize("view", ["client", "data"])
def test_terms_are_changed_where_the_client_is_looked_at_and_that_is_undone(
    pages: Pages, example: Opened, view: str
) -> None:
    before = open_portfolio(example.where).records()
    name = before.active(desk_of(example).today)[0].name
    app = pages(example, view)
    app.selectbox(key="client" if view == "client" else "terms-of").set_value(name).run()
    box(app, "Fee a month").set_value("777.50")
    box(app, "Hours a month agreed, if any").set_value(None)
    next(found for found in app.date_input if found.label.startswith("End of the contract")).set_value(date(2027, 6, 1))
    button(app, "Store the terms").click().run()
    assert not app.exception and not app.error
    after = open_portfolio(example.where).records().client(name)
    assert after == replace(
        before.client(name), fee_per_month=Decimal("777.50"), agreed_hours_per_month=None, contract_end=date(2027, 6, 1)
    )
    assert f"What that changes for {name}" in shown(app)
    button(app, "Undo").click().run()
    assert open_portfolio(example.where).records().clients == before.clients


def test_the_health_of_the_installation_is_looked_at_on_demand(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "data")
    next(toggle for toggle in app.toggle if toggle.label == "Check everything").set_value(True).run()
    assert not app.exception
    table = next(body for body in tables(app) if "What was looked at" in body)
    assert all(what in table for what in ("Python", "Database", "Portfolio", "Fit"))


@pytest.mark.parametrize("days", [90, 91])
def test_records_of_long_ago_are_said_to_be_old_with_a_way_to_newer_ones(
    pages: Pages, example: Opened, days: int
) -> None:
    newest = newest_day(open_portfolio(example.where).records())
    app = pages(replace(example, today=newest + timedelta(days=days)))
    said = [warning.value for warning in app.warning if "days ago" in warning.value]
    assert said == ([f"The newest record is of {newest}, 91 days ago: the answers are about how things were then. "
                     "Check in, or bring in what happened since."] if days > 90 else [])  # fmt: skip
    assert not app.exception


def test_no_hours_for_clients_is_a_portfolio_like_any_other(pages: Pages, example: Opened) -> None:
    portfolio = open_portfolio(example.where)
    portfolio.save_settings(replace(portfolio.settings, capacity_hours_per_month=0.0))
    for view in ("this_month", "client", "plan", "scenario"):
        app = pages(example, view)
        assert not app.exception and not app.error, view
    assert "of 0 hours a month are booked, so you are overbooked" in shown(pages(example))


def test_the_example_opens_from_an_empty_portfolio_and_is_left_in_one_click(pages: Pages, empty: Opened) -> None:
    app = pages(empty)
    button(app, "Look at the example").click().run()
    assert "This is the example" in shown(app)
    button(app, "Leave the example").click().run()
    assert "This is the example" not in shown(app)
    # A page that is loaded again, from a bookmark too, is the same portfolio.
    assert "This is the example" not in shown(AppTest.from_file(app._script_path, default_timeout=90).run())


def test_what_is_looked_at_in_the_example_lasts_when_it_is_loaded_again_and_is_gone_when_it_is_left(
    pages: Pages, empty: Opened
) -> None:
    app = pages(empty)
    button(app, "Look at the example").click().run()
    assert "This is the example" in shown(AppTest.from_file(app._script_path, default_timeout=90).run())
    app.session_state["review-shown"] = app.session_state["plan"] = "of the example"
    button(app, "Leave the example").click().run()
    assert "review-shown" not in app.session_state and "plan" not in app.session_state
    # Back to where it began, not to a file the user never opened.
    assert desk_of(app.session_state["opened"]).where == empty.where


def test_with_those_who_left_what_is_open_can_still_be_paid_and_learned(pages: Pages, empty: Opened) -> None:
    portfolio, day = open_portfolio(empty.where), empty.today or date(2026, 10, 31)
    began = day - timedelta(days=400)
    portfolio.add(
        Client(name="Gone", currency="EUR", since=began, billing="fixed", ended_on=day, ended_by="client"),
        Invoice(client="Gone", number="7", issued=began, due=day, amount=Decimal(900), currency="EUR"),
    )
    assert "Check-in" in shown(pages(empty, "client"))
    app = pages(empty, "check_in")
    assert not app.exception and not app.error
    button(app, "Mark as paid").click().run()
    assert portfolio.records().invoices[0].paid_on == day
    box(app, "What will you look for").set_value("ask for a deposit")
    button(app, "Log the lesson").click().run()
    assert [event.note for event in portfolio.records().events] == ["Lesson: ask for a deposit"]
    box(app, "Which entry?").select_index(0).run()
    assert not app.exception and not app.error
    next(found for found in app.date_input if found.label.startswith("Left on")).set_value(None)
    button(app, "Store the terms").click().run()
    assert portfolio.records().active(day)


def test_what_is_stored_is_seen_wherever_one_is_and_the_form_is_empty(pages: Pages, example: Opened) -> None:
    app = pages(example, "check_in", part="one")
    before = len(open_portfolio(example.where).records().hours)
    hours = box(app, "Hours")
    hours.set_value(3.5)
    button(app, "Store the hours").click().run()
    assert len(open_portfolio(example.where).records().hours) == before + 1
    assert any("3.5 hours" in told.value.replace("\\", "") for told in app.toast)
    assert box(app, "Hours").value is None
    button(app, "Store the hours").click().run()
    assert any("Say how many hours" in error.value for error in app.error)
    assert len(open_portfolio(example.where).records().hours) == before + 1


def test_an_open_search_is_said_to_be_won_instead_of_told_twice(pages: Pages, example: Opened) -> None:
    portfolio = open_portfolio(example.where)
    opened = date(2026, 6, 1)
    portfolio.add(Search(opened_on=opened))
    count = len(portfolio.records().searches)
    app = pages(example, "check_in", part="one")
    which = box(app, "Which one?")
    which.select_index(list(which.options).index("started 2026-06-01, open")).run()
    won = [found for found in app.date_input if found.label == "Won on, if it was"][-1]
    won.set_value(date(2026, 8, 1))
    button(app, "Store the correction").click().run()
    assert not app.exception and not app.error
    found = portfolio.records().searches
    assert len(found) == count and Search(opened_on=opened, won_on=date(2026, 8, 1)) in found


def test_a_prospect_is_corrected_on_their_page(pages: Pages, example: Opened) -> None:
    portfolio = open_portfolio(example.where)
    portfolio.add(Prospect(name="Aaa Maybe", fee_per_month=Decimal(900), hours_per_month=10.0))
    app = pages(example, "scenario", part="prospects")
    names = box(app, "Which one?")
    names.select_index(list(names.options).index("Aaa Maybe")).run()
    box(app, "Chance that they say yes").set_value(25.0)
    button(app, "Store the correction").click().run()
    assert not app.exception and not app.error
    assert next(p for p in portfolio.records().prospects if p.name == "Aaa Maybe").odds == 0.25


def test_a_list_typed_in_on_the_first_page_is_judged_at_once_and_taken_back_as_one(pages: Pages, empty: Opened) -> None:
    app = pages(empty)

    def fill(label: str, text: str) -> None:
        next(found for found in app.text_input if found.label == label).set_value(text)

    fill("Fee a month, line 2", "900")
    button(app, "Show the answers").click().run()
    assert any("Line 2 has no name" in error.value for error in app.error)
    fill("Client, line 2", "Second & Co")
    fill("Client", "First")
    fill("Fee a month", "1500")
    fill("Hours a month", "twenty")
    button(app, "Show the answers").click().run()
    assert any("Line 1" in error.value for error in app.error)
    fill("Hours a month", "20")
    fill("Which currency do you count in?", "dkk")
    button(app, "Show the answers").click().run()
    assert not app.error and not app.exception
    assert "2 clients:" in shown(app)
    records = open_portfolio(empty.where).records()
    assert [(c.name, c.billing, c.currency) for c in records.clients] == [
        ("First", "retainer", "DKK"), ("Second & Co", "retainer", "DKK")
    ]  # fmt: skip
    button(app, "Undo").click().run()
    assert open_portfolio(empty.where).records().clients == ()
    assert "No client is recorded" in shown(app)


def test_more_lines_keep_what_is_typed(pages: Pages, empty: Opened) -> None:
    app = pages(empty)
    next(found for found in app.text_input if found.label == "Client, line 4").set_value("Fourth")
    button(app, "More lines").click().run()
    assert next(found for found in app.text_input if found.label == "Client, line 4").value == "Fourth"
    assert any(found.label == "Client, line 8" for found in app.text_input)


def test_a_client_typed_in_is_judged_at_once(pages: Pages, empty: Opened) -> None:
    app = pages(empty, "data")
    box(app, "Name").set_value("First & Only")
    box(app, "Price").set_value("1 500")
    button(app, "Add the client").click().run()
    assert not app.error
    assert "What that changes for First & Only" in shown(app)
    app.switch_page("views/this_month.py").run()
    assert "1 client, " in shown(app)
    assert "With one client" in shown(app)


def test_a_slider_changes_the_numbers_and_stores_nothing(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "client")
    before, revision = tables(app), open_portfolio(looked_at.where).revision()
    app.slider(key="if-months").set_value(6).run()
    after = tables(app)
    assert after[0] == before[0], "the saved answer stays"
    assert after[1] != before[1], "the what-if answer moves"
    assert open_portfolio(looked_at.where).revision() == revision


def test_sliders_begin_with_what_is_saved_however_far_it_lies(pages: Pages, example: Opened) -> None:
    portfolio = open_portfolio(example.where)
    held = portfolio.settings
    portfolio.save_settings(
        replace(held, horizon_months=72, replacement=replace(held.replacement, months_to_win=30.0, at_most=8))
    )
    app = pages(example, "client")
    assert "This is the answer under your saved settings" in shown(app)
    assert app.slider(key="if-months").value == 72 and app.slider(key="if-win").value == 30
    assert pages(example, "scenario").slider(key="sc-n").value == 8


def test_a_check_in_changes_the_answer_and_undo_takes_it_back(pages: Pages, example: Opened) -> None:
    app = pages(example, "check_in", part="one")
    client = app.selectbox(key="check-in-client").value
    before = desk_of(example).judgement().of(client)
    worst = "Did they speak to you rudely"
    conduct = box(app, "Conduct")
    chosen = next((option for option in conduct.options if option.startswith(worst)), conduct.options[0])
    conduct.set_value([chosen] if chosen in conduct.options else [])
    button(app, "Store the check-in").click().run()
    assert not app.error
    after = desk_of(example).judgement().of(client)
    assert after.strain[2].mean > before.strain[2].mean
    assert "●" in shown(app), "the change is marked"
    button(app, "Undo").click().run()
    assert desk_of(example).judgement().of(client).strain == before.strain


def test_a_form_sent_twice_is_stored_once(pages: Pages, example: Opened) -> None:
    app = pages(example, "check_in", part="one")
    revision = open_portfolio(example.where).revision()
    button(app, "Nothing new").click().run()
    assert open_portfolio(example.where).revision() == revision + 1


def test_all_clients_are_checked_in_as_one_batch_that_is_taken_back_as_one(pages: Pages, example: Opened) -> None:
    later = replace(example, today=date(2026, 11, 30))
    app = pages(later, "check_in")
    assert "Due: November 2026 for 12 clients" in shown(app)
    app.multiselect[0].set_value(["disrespect"])
    app.get("button_group")[1].set_value(1)
    next(tick for tick in app.checkbox if tick.label == "Nothing new at all others").check()
    revision = open_portfolio(later.where).revision()
    button(app, "Store all check-ins").click().run()
    assert not app.exception and not app.error
    assert open_portfolio(later.where).revision() == revision + 1
    assert "Every month is checked in." in shown(app)
    (changed,) = (table for table in tables(app) if "Answer before and after" in table)
    assert changed.count("<tr>") == 13 and "Verdict before" in changed
    asked = {
        (c.client, c.energy) for c in open_portfolio(later.where).records().checkins if c.month == date(2026, 11, 1)
    }
    assert len(asked) == 12 and {energy for _, energy in asked} == {1, None}
    button(app, "Undo").click().run()
    assert "Due: November 2026 for 12 clients" in shown(app)


def test_a_check_in_that_contradicts_itself_is_told_by_row_and_keeps_what_was_filled_in(
    pages: Pages, example: Opened
) -> None:
    app = pages(example, "check_in")
    revision = open_portfolio(example.where).revision()
    app.multiselect[0].set_value(["disrespect"])
    next(tick for tick in app.checkbox if tick.label == "Nothing new").check()
    button(app, "Store all check-ins").click().run()
    assert any("Nothing is stored yet" in error.value for error in app.error)
    assert any("take one of them back" in table and "2026" in table for table in tables(app))
    assert app.multiselect[0].value == ["disrespect"]
    assert open_portfolio(example.where).revision() == revision


def test_what_another_window_writes_does_not_lose_a_check_in_of_one_client(pages: Pages, example: Opened) -> None:
    app = pages(example, "check_in", part="one")
    app.get("button_group")[-1].set_value(2)
    box(app, "Note").set_value("a hard month")
    client = next(found.value for found in app.selectbox if found.label == "Client")
    open_portfolio(example.where).add(Hours(client=client, on=date(2026, 10, 1), hours=1.0))
    button(app, "Store the check-in").click().run()
    assert not app.exception and not app.error
    stored = open_portfolio(example.where).records().of(client).checkins
    assert any(checkin.note == "a hard month" and checkin.energy == 2 for checkin in stored)


def test_what_another_window_writes_does_not_empty_the_check_in(pages: Pages, example: Opened) -> None:
    app = pages(example, "check_in")
    app.multiselect[0].set_value(["disrespect"])
    name = desk_of(example).records().active(desk_of(example).today)[0].name
    open_portfolio(example.where).add(Hours(client=name, on=date(2026, 10, 30), hours=1.0))
    button(app, "Store all check-ins").click().run()
    assert any("1 sighting" in told.value for told in app.success)


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_names_are_shown_letter_by_letter_and_never_as_markup(pages: Pages, hostile: Opened, view: str) -> None:
    app = pages(hostile, view)
    if view == "review":
        button(app, "Make the review").click().run()
    assert not app.exception
    said = shown(app)
    listed = [option for chosen in (*app.selectbox, *app.multiselect) for option in chosen.options]
    cells = [str(cell) for frame in app.dataframe for cell in frame.value.to_numpy().ravel()]
    for name in HOSTILE:
        assert name in said or name in listed or name in cells
    for block in app.get("html"):
        assert "<img" not in block.proto.body
    for element in (*app.markdown, *app.caption, *app.info, *app.success, *app.error, *app.warning):
        assert not any(name in element.value for name in HOSTILE)


def test_the_sentence_on_what_was_stored_escapes_hostile_names(pages: Pages, hostile: Opened) -> None:
    app = pages(hostile, "check_in")
    next(tick for tick in app.checkbox if tick.label == "Nothing new at all others").check()
    button(app, "Store all check-ins").click().run()
    assert any("check-ins" in element.value.replace("\\", "") for element in app.success)
    for element in (*app.success, *app.error):
        assert not any(name in element.value for name in HOSTILE)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("abc", "An amount such as"), ("", "An amount such as"), ("-5", "from 0 up"), ("1e99", "must be an amount")],
)
def test_a_bad_amount_is_refused_with_a_sentence_and_nothing_is_stored(
    pages: Pages, example: Opened, amount: str, expected: str
) -> None:
    app = pages(example, "check_in", part="one")
    revision = open_portfolio(example.where).revision()
    box(app, "Number").set_value("X-1")
    box(app, "Amount").set_value(amount)
    button(app, "Store the invoice").click().run()
    assert any(expected in error.value.replace("\\", "") for error in app.error)
    assert open_portfolio(example.where).revision() == revision


def test_anger_without_a_sign_is_asked_what_it_is_about(pages: Pages, example: Opened) -> None:
    app = pages(example, "check_in", part="one")
    next(tick for tick in app.checkbox if tick.label == "I am angry right now").check()
    button(app, "Store the check-in").click().run()
    assert any("choose at least one sign" in error.value for error in app.error)


def test_a_folder_that_is_none_is_refused_with_a_sentence(pages: Pages, empty: Opened) -> None:
    app = pages(empty, "data")
    box(app, "Folder").set_value("/no/such/folder")
    button(app, "Look at the folder").click().run()
    assert any("is not a folder" in error.value for error in app.error)


def test_a_folder_says_what_it_would_store_and_which_settings_it_changes_before_it_does(
    pages: Pages, empty: Opened, tmp_path: Path
) -> None:
    portfolio = open_portfolio(empty.where)
    held = replace(portfolio.settings, price_of_strain=Decimal(180), cash=Decimal(9000))
    portfolio.save_settings(held)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "clients.csv").write_text("name,currency,since,billing\nNew,EUR,2026-01-01,fixed\n")
    (folder / "settings.toml").write_text("price_of_strain = 77\n[limits]\nsearches_at_once = 3\n")
    app = pages(empty, "data")
    box(app, "Folder").set_value(str(folder))
    button(app, "Look at the folder").click().run()
    said = [text.value for text in app.text]
    assert "folder: 1 client." in said
    assert {"- price_of_strain: 180 to 77", "- limits.searches_at_once: 1 to 3"} <= set(said)
    assert open_portfolio(empty.where).settings == held
    button(app, "Import the folder").click().run()
    assert not app.exception and not app.error
    now = open_portfolio(empty.where).settings
    limits = replace(held.limits, searches_at_once=3)
    assert now == replace(held, price_of_strain=Decimal(77), limits=limits)


def test_settings_are_saved_and_refused_as_sentences(pages: Pages, example: Opened) -> None:
    app = pages(example, "data")
    next(n for n in app.number_input if n.label.startswith("How many months ahead")).set_value(12)
    button(app, "Save the settings").click().run()
    assert not app.error
    assert open_portfolio(example.where).settings.horizon_months == 12
    box(app, "Which currency").set_value("E1")
    button(app, "Save the settings").click().run()
    assert any("three\\-letter code" in error.value for error in app.error)


def test_what_a_new_client_brings_and_how_cautious_one_is_are_asked_and_kept(pages: Pages, example: Opened) -> None:
    before = open_portfolio(example.where).settings
    finer = replace(
        before, limits=replace(before.limits, cash_probability=0.87654321, largest_client_share=0.123456789)
    )
    open_portfolio(example.where).save_settings(finer)
    app = pages(example, "data")
    typed = {
        "How many hours a month would": 30.0, "How many months until they pay": 2.5, "How many may take the place": 2,
        "What share of your hours may": 25.0, "A coin toss": "4000",
    }  # fmt: skip
    for label, value in typed.items():
        box(app, label).set_value(value)
    button(app, "Save the settings").click().run()
    assert not app.exception and not app.error
    after = open_portfolio(example.where).settings
    market = replace(before.replacement, hours_per_month=30.0, ramp_up_months=2.5, at_most=2)
    limits = replace(finer.limits, low_paying_hours_share=0.25)
    assert after == replace(finer, replacement=market, limits=limits, risk_tolerance=Decimal(4000))


def test_weights_come_on_demand_with_a_table_beside_the_chart(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "client")
    app.toggle(key="weigh").set_value(True).run()
    assert not app.exception
    assert any("Decibans" in frame.value.columns for frame in app.dataframe)


def test_a_page_shown_again_judges_nobody_again(
    pages: Pages, looked_at: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = pages(looked_at)
    shown = [text.value for text in app.markdown]

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("judged again, though nothing changed")

    for name in ("model.judgement.judge", "model.waiting.deliberated"):
        monkeypatch.setattr(name, refused)
    app.run()
    assert not app.exception and [text.value for text in app.markdown] == shown and shown


def test_the_exit_plan_comes_with_words_that_can_be_ones_own_and_taken_back(pages: Pages, example: Opened) -> None:
    app = pages(example, "client")
    next(one for one in app.toggle if one.label == "Show the exit plan").set_value(True).run()
    assert not app.exception
    assert any("Get paid first" in part.value for part in app.markdown)
    next(area for area in app.text_area if area.label == "Thanks").set_value("Take care, {client}.")
    button(app, "Save these words").click().run()
    assert not app.exception and not app.error
    (own,) = open_portfolio(example.where).settings.exit_lines
    assert (own.moment, own.text) == ("thanks", "Take care, {client}.")
    button(app, "Undo").click().run()
    assert open_portfolio(example.where).settings.exit_lines == ()


def test_the_exit_plan_shows_hostile_names_letter_by_letter(pages: Pages, hostile: Opened) -> None:
    app = pages(hostile, "client")
    next(one for one in app.toggle if one.label == "Show the exit plan").set_value(True).run()
    assert not app.exception
    for name in HOSTILE:
        assert not any(name in part.value for part in (*app.markdown, *app.caption))


def test_two_in_the_bush_is_solved_on_the_what_if_page(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "scenario", part="search-first")
    figures = next(table for table in tables(app) if "Searching before dropping" in table)
    assert all(figure in figures for figure in ("8.833416", "7.892327", "0.972327", "0.571424"))
    app.number_input("bush-sd").set_value(0.0).run()
    assert "Stay: looking pays only" in shown(app)
    assert "Search first, and drop nobody yet" in shown(app)


def test_a_scenario_is_set_saved_opened_again_and_deleted(pages: Pages, example: Opened) -> None:
    app = pages(example, "scenario")
    app.selectbox("sc-others").set_value("renegotiate").run()
    app.multiselect("sc-drop").set_value(["Cousin Kite Repairs"]).run()
    app.slider("sc-n").set_value(2).run()
    assert not app.exception and not app.error
    side_by_side = next(table for table in tables(app) if "Scenarios side by side" in table)
    assert all(name in side_by_side for name in ("As today", "As set here", "As advised"))
    said = "Renegotiate with everyone else; drop Cousin Kite Repairs; at most 2 new clients in the place of one."
    assert said in shown(app)
    box(app, "Save it as").set_value("Without the cousin")
    button(app, "Save").click().run()
    assert [one.name for one in open_portfolio(example.where).settings.scenarios] == ["Without the cousin"]
    button(app, "Reset").click().run()
    assert said in shown(app)  # of the saved one
    assert app.multiselect("sc-drop").value == []
    button(app, "Open").click().run()
    assert app.multiselect("sc-drop").value == ["Cousin Kite Repairs"] and app.slider("sc-n").value == 2
    button(app, "Delete").click().run()
    assert open_portfolio(example.where).settings.scenarios == ()
    button(app, "Undo").click().run()
    assert len(open_portfolio(example.where).settings.scenarios) == 1


def test_what_could_not_be_undone_is_not_told_as_done(pages: Pages, example: Opened) -> None:
    app = pages(example, "scenario")
    app.slider("sc-n").set_value(2).run()
    box(app, "Save it as").set_value("As Today")
    button(app, "Save").click().run()
    assert any("stands in the table already" in error.value for error in app.error)
    box(app, "Save it as").set_value("Two for one")
    button(app, "Save").click().run()
    assert any("scenario Two for one" in told.value for told in app.success)
    open_portfolio(example.where).add(CheckIn(client="Cousin Kite Repairs", month=date(2026, 11, 1), energy=2))
    button(app, "Undo").click().run()
    assert not app.success
    assert any("Something else was recorded since" in error.value for error in app.error)


def test_a_prospect_is_written_down_and_weighed_against_the_clients(pages: Pages, example: Opened) -> None:
    app = pages(example, "scenario", part="prospects")
    assert "Two in the bush: in whose place?" in [heading.value for heading in app.header]
    box(app, "Name").set_value("Marble Post Office")
    box(app, "Fee a month").set_value("2500")
    button(app, "Write them down").click().run()
    assert not app.error
    assert "Taking Marble Post Office on is worth about" in shown(app).replace("\\", "")
    assert [p.name for p in open_portfolio(example.where).records().prospects][-1] == "Marble Post Office"


def test_screening_says_how_strict_to_be(pages: Pages, looked_at: Opened) -> None:
    app = pages(looked_at, "scenario", part="screening")
    assert "turn away" in shown(app) or "Turning new clients away" in shown(app)
    assert any("everyone" in table for table in tables(app))


def test_every_piece_of_advice_is_shown_where_it_helps_with_the_lessons_learned(pages: Pages, example: Opened) -> None:
    open_portfolio(example.where).add(lesson(client="Cousin Kite Repairs", on=date(2026, 10, 1), text="a *deposit*"))
    places: dict[str, tuple[Stage, ...]] = {
        "prospects": ("screening",), "screening": ("screening", "policy"), "client": ("renegotiation",),
    }  # fmt: skip
    for place, stages in places.items():
        app = pages(example, "client") if place == "client" else pages(example, "scenario", part=place)
        said = [text.value for text in app.text]
        assert not {item.what for item in screening_items() if item.stage in stages} - set(said), place
        assert ("a *deposit*" in said) == (place != "client")


def test_a_review_is_made_read_and_kept(pages: Pages, example: Opened) -> None:
    app = pages(example, "review")
    assert any("None yet" in info.value for info in app.info)
    app.selectbox[0].set_value("quarter")
    button(app, "Make the review").click().run()
    assert not app.exception and not app.error
    said = shown(app)
    assert "2026-07-01 to 2026-09-30" in said
    assert any("What is known of each client" in table for table in tables(app))
    assert [review.as_of.isoformat() for review in open_portfolio(example.where).reviews()] == ["2026-09-30"]
    assert any("Reviews made so far" in table for table in tables(app))
    app.selectbox[0].set_value("own")
    box(app, "The months").set_value("2031-01")
    button(app, "Make the review").click().run()
    assert any("has not begun" in error.value for error in app.error)


def test_a_copy_is_made_and_a_client_forgotten_only_when_named_twice(pages: Pages, example: Opened) -> None:
    app = pages(example, "data")
    button(app, "Make a copy now").click().run()
    assert "Copied to" in shown(app).replace("\\", "")
    box(app, "Client to forget").set_value("Cousin Kite Repairs")
    button(app, "Forget them for good").click().run()
    assert any("Nothing was changed" in error.value for error in app.error)
    box(app, "Client to forget").set_value("Cousin Kite Repairs")
    box(app, "Type the name once more").set_value("Cousin Kite Repairs")
    button(app, "Forget them for good").click().run()
    assert not app.exception
    said = shown(app).replace("\\", "")
    assert "rows are gone" in said and "still hold the name" in said
    assert all(client.name != "Cousin Kite Repairs" for client in open_portfolio(example.where).records().clients)


def test_another_client_brings_their_own_exit_plan_and_the_decision_their_verdict_says(
    pages: Pages, looked_at: Opened
) -> None:
    verdicts = {decision.client: decision.verdict for decision in desk_of(looked_at).judgement().decisions}
    left = next(name for name, verdict in verdicts.items() if verdict == "deal_breaker")
    kept = next(name for name, verdict in verdicts.items() if verdict in ("keep", "renegotiate"))
    app = pages(looked_at, "client")
    for name, leaves in ((kept, False), (left, True), (kept, False)):
        app.selectbox(key="client").set_value(name).run()
        assert next(one for one in app.toggle if one.label == "Show the exit plan").value is leaves
        decided = next(one for one in app.radio if one.label == "What will you do?").value
        assert decided == ("drop" if leaves else verdicts[name])


def test_the_settings_ask_for_all_that_texts_send_people_there_for(pages: Pages, example: Opened) -> None:
    app = pages(example, "data")
    before = open_portfolio(example.where).settings
    button(app, "Save the settings").click().run()
    assert not app.error and not app.exception
    assert open_portfolio(example.where).settings == before, "what was not touched stays as it was"
    app = pages(example, "data")
    for label, value in (("How much cash", 9000.0), ("For how many clients", 2), ("What share of your income", 40.0)):
        next(found for found in app.number_input if found.label.startswith(label)).set_value(value)
    box(app, "What are your fixed costs").set_value("2500")
    rates = next(found for found in app.text_area if found.label.startswith("What is one unit"))
    rates.set_value("dollar")
    button(app, "Save the settings").click().run()
    assert any("line 1" in error.value for error in app.error)
    next(found for found in app.text_area if found.label.startswith("What is one unit")).set_value("usd 0.92")
    button(app, "Save the settings").click().run()
    assert not app.error and not app.exception
    held = open_portfolio(example.where).settings
    assert (held.cash, held.fixed_costs_per_month) == (9000, 2500)
    assert (held.limits.searches_at_once, held.limits.largest_client_share) == (2, 0.4)
    assert [(rate.currency, str(rate.rate), rate.on) for rate in held.exchange_rates] == [
        ("USD", "0.92", example.today)
    ]
