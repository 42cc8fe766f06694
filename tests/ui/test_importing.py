"""The import tab: pasted tables, names like recorded ones, columns nobody knows, currencies without a rate."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.opened import Opened
from app.store import open_portfolio
from model.records import Client

Pages = Callable[..., AppTest]
BILLS = "Customer\tInvoice No\tInvoice Date\tDue Date\tAmount\tCurrency\n"


@pytest.fixture
def mine(empty: Opened) -> Opened:
    acme = Client(name="Acme", currency="EUR", since=date(2024, 1, 1), billing="fixed")
    open_portfolio(empty.where).add(acme)
    return empty


def pasted(pages: Pages, opened: Opened, text: str) -> AppTest:
    app = pages(opened, "data")
    source = next(c for c in app.segmented_control if c.label == "Where is it?")
    source.set_value("Pasted from a spreadsheet").run()
    next(area for area in app.text_area if area.label.startswith("Copy the cells")).set_value(text).run()
    return app


def select(app: AppTest, label: str) -> Any:
    return next(box for box in app.selectbox if box.label.startswith(label))


def store(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Store it").click().run()
    assert not app.exception and not app.error


def test_a_pasted_list_of_clients_is_shown_and_stored(pages: Pages, empty: Opened) -> None:
    app = pasted(pages, empty, "Name\tFee per month\tHours per month\nAnchor Bakery\t1500\t30\nKite\t900\t12\n")
    assert any("2 clients" in text.value for text in app.text)
    assert open_portfolio(empty.where).records().clients == ()
    store(app)
    assert [client.name for client in open_portfolio(empty.where).records().clients] == ["Anchor Bakery", "Kite"]


def test_a_name_like_a_recorded_one_is_asked_about(pages: Pages, mine: Opened) -> None:
    app = pasted(pages, mine, BILLS + "ACME Inc.\t1\t2024-01-31\t2024-02-29\t10.00\tEUR\n")
    asked = select(app, "ACME Inc")
    assert asked.options[asked.index] == "a new client"  # nobody is taken for somebody else by default
    asked.set_value("Acme").run()
    store(app)
    records = open_portfolio(mine.where).records()
    assert [client.name for client in records.clients] == ["Acme"]
    assert records.invoices[0].client == "Acme" and records.settings.aliases[0].written == "ACME Inc."


def test_columns_nobody_knows_are_said_once(pages: Pages, mine: Opened) -> None:
    app = pasted(pages, mine, "Wer\tBeleg\tTag\tSumme\nAcme\t1\t2024-01-31\t10.00\n")
    assert any("headings do not say" in warning.value for warning in app.warning)
    select(app, "What is it a list of?").set_value("invoices").run()
    for ours, theirs in (("Client", "Wer"), ("Number", "Beleg"), ("Issued", "Tag"), ("Amount", "Summe")):
        select(app, f"{ours} (needed)").set_value(theirs).run()
    store(app)
    assert open_portfolio(mine.where).records().invoices[0].amount == Decimal("10.00")
    again = pasted(pages, mine, "Wer\tBeleg\tTag\tSumme\nAcme\t2\t2024-02-28\t20.00\n")
    assert not again.warning and any("earlier table" in text.value for text in again.text)


def test_a_currency_without_a_rate_is_asked_for(pages: Pages, mine: Opened) -> None:
    app = pasted(pages, mine, BILLS + "Acme\t1\t2024-01-31\t2024-02-29\t10.00\tUSD\n")
    worth = next(box for box in app.text_input if box.label.startswith("What was one USD worth on 2024-01-31, in EUR"))
    worth.set_value("much").run()
    assert any("rate such as 0" in error.value for error in app.error)
    worth.set_value("0.92").run()
    store(app)
    (rate,) = open_portfolio(mine.where).settings.exchange_rates
    assert (rate.currency, rate.rate) == ("USD", Decimal("0.92"))


def test_settings_saved_elsewhere_meanwhile_are_not_overwritten_unseen(pages: Pages, mine: Opened) -> None:
    app = pages(mine, "data")
    portfolio = open_portfolio(mine.where)
    portfolio.save_settings(replace(portfolio.settings, cooling_off_days=9))
    next(n for n in app.number_input if n.label.startswith("How many months ahead")).set_value(12)
    next(button for button in app.button if button.label == "Save the settings").click().run()
    assert any("changed meanwhile" in error.value for error in app.error)
    assert portfolio.settings.cooling_off_days == 9 and portfolio.settings.horizon_months != 12
    next(button for button in app.button if button.label == "Show the settings as they are now").click().run()
    next(n for n in app.number_input if n.label.startswith("How many months ahead")).set_value(12)
    next(button for button in app.button if button.label == "Save the settings").click().run()
    assert not app.error
    assert (portfolio.settings.cooling_off_days, portfolio.settings.horizon_months) == (9, 12)
