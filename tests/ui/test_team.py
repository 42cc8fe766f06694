"""The pages on a team's workspace: who one is there, who else, and what a viewer is not asked."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from app.opened import Opened
from app.store import open_portfolio
from app.store.team import admit, dismiss, found, members
from model.records import Client

Pages = Callable[..., AppTest]
TODAY = date(2026, 11, 1)


@pytest.fixture
def studio(team: str) -> Callable[[str], Opened]:
    found(team.format("anna"), "Studio")
    admit(team.format("anna"), "carl", "viewer")
    acme = Client(name="Acme", currency="EUR", since=date(2026, 1, 1), billing="retainer", fee_per_month=Decimal(900))
    open_portfolio(team.format("anna")).add(acme)
    return lambda login: Opened(where=team.format(login), today=TODAY)


def test_an_owner_lets_people_in_and_out_and_keeps_an_owner(
    pages: Pages, studio: Callable[[str], Opened], team: str
) -> None:
    app = pages(studio("anna"), "data")
    assert any("workspace 'Studio'" in text.value and "you are its owner" in text.value for text in app.text)
    login = next(box for box in app.text_input if box.label.startswith("Login to let in"))
    login.set_value("nobody")
    next(button for button in app.button if button.label == "Let them in").click().run()
    assert any("no login" in error.value for error in app.error)
    next(box for box in app.text_input if box.label.startswith("Login to let in")).set_value("ben")
    next(button for button in app.button if button.label == "Let them in").click().run()
    assert not app.error and {one.login: one.role for one in members(team.format("anna"))}["ben"] == "editor"
    next(box for box in app.selectbox if box.label == "Login to take out").set_value("anna")
    next(button for button in app.button if button.label == "Take them out").click().run()
    assert any("only owner" in error.value for error in app.error)


@pytest.mark.parametrize("view", ["this_month", "client", "scenario", "check_in", "plan", "review", "data"])
def test_a_viewer_sees_every_page_and_is_offered_no_writing(
    pages: Pages, studio: Callable[[str], Opened], view: str
) -> None:
    app = pages(studio("carl"), view)
    assert not app.exception and not app.error
    labels = {button.label for button in app.button}
    assert labels.isdisjoint({"Store the check-in", "Store all check-ins", "Save the settings", "Add the client",
                              "Let them in", "Take them out", "Undo it", "Make a copy now", "Save",
                              "Keep what I decided"})  # fmt: skip


def test_who_is_dismissed_sees_a_sentence_and_no_client(
    pages: Pages, studio: Callable[[str], Opened], team: str
) -> None:
    def names(app: AppTest) -> str:
        return " ".join(block.proto.body for block in app.get("html"))

    assert "Acme" in names(pages(studio("carl")))
    dismiss(team.format("anna"), "carl")
    app = pages(studio("carl"))
    assert any("not a member" in error.value for error in app.error)
    assert "Acme" not in names(app)
