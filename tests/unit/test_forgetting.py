"""A client forgotten by the whole name alone, though called like a setting, a currency or a part of a word."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.store import open_portfolio
from app.store.forgetting import FORGOTTEN, forget
from app.store.portfolio import Portfolio
from model.errors import StoreError
from model.records import Client, Event, Prospect
from model.remembered import Alias, TableMap
from model.settings import ExitLine, Scenario, Settings

DAY = date(2024, 1, 1)


def portfolio_of(folder: Path, *names: str, settings: Settings | None = None) -> Portfolio:
    portfolio = open_portfolio(folder / "portfolio.db")
    portfolio.add(*(Client(name=name, currency="EUR", since=DAY, billing="fixed") for name in names))
    if settings is not None:
        portfolio.save_settings(settings)
    return portfolio


@pytest.mark.parametrize("name", ["keep", "EUR", "e", "drop", "name", "client", "fee", "scenarios", "2024"])
def test_a_client_called_like_a_word_of_the_settings_leaves_them_as_they_are(tmp_path: Path, name: str) -> None:
    settings = Settings(
        horizon_months=12,
        exit_lines=(ExitLine(situation="ordinary", moment="price", text="Dear {client}, it was good."),),
        scenarios=(Scenario(name="alone", others="keep", drop=("Other",)),),
    )
    portfolio = portfolio_of(tmp_path, name, "Other", settings=settings)
    document = json.dumps({
        "currency": "EUR",
        "clients": [{"client": name, "verdict": "keep"}, {"client": "Other", "verdict": "keep"}],
        "summary": [f"{name} and Other."],
    })  # fmt: skip
    portfolio.keep_review(document, as_of=DAY, first_day=DAY, fingerprint="x")
    forget(portfolio.database, name)
    assert portfolio.settings == settings
    assert json.loads(portfolio.reviews()[0].document) == {
        "currency": "EUR",
        "clients": [{"client": "Other", "verdict": "keep"}],
        "summary": [f"{FORGOTTEN} and Other."],
    }


def test_a_name_that_begins_another_takes_nothing_from_it(tmp_path: Path) -> None:
    settings = Settings(
        scenarios=(Scenario(name="Ann or Anna", drop=("Ann", "Anna Annual")),),
        aliases=(Alias(written="AA", client="Anna Annual"), Alias(written="A", client="Ann")),
        table_maps=(
            TableMap(target="hours", header=("Day", "Anna Annual"), constants=("client=Anna Annual",)),
            TableMap(target="hours", header=("Day",), constants=("client=Ann",)),
        ),
    )
    portfolio = portfolio_of(tmp_path, "Ann", "Anna Annual", settings=settings)
    portfolio.add(Event(client="Anna Annual", on=DAY, kind="note", note="Ann's sister Anna, not Ann"))
    document = json.dumps({
        "clients": [{"client": "Anna Annual", "reason": "Anna Annual is not Ann."}],
        "settings": 'currency = "EUR"\n[[scenarios]]\nname = "x"\nothers = "best"\ndrop = ["Ann", "Anna Annual"]\n',
    })  # fmt: skip
    portfolio.keep_review(document, as_of=DAY, first_day=DAY, fingerprint="x")
    forget(portfolio.database, "Ann")
    assert portfolio.records().events[0].note == f"{FORGOTTEN}'s sister Anna, not {FORGOTTEN}"
    kept = portfolio.settings
    assert kept.scenarios == (Scenario(name=f"{FORGOTTEN} or Anna", drop=("Anna Annual",)),)
    assert kept.aliases == (Alias(written="AA", client="Anna Annual"),)
    assert kept.table_maps == settings.table_maps[:1]
    review = json.loads(portfolio.reviews()[0].document)
    assert review["clients"] == [{"client": "Anna Annual", "reason": f"Anna Annual is not {FORGOTTEN}."}]
    assert '"Anna Annual"' in review["settings"] and '"Ann"' not in review["settings"]


def test_a_scenario_goes_with_the_client_it_was_about_and_others_only_lose_the_name(tmp_path: Path) -> None:
    scenarios = (
        Scenario(name="dearer without Ann", raise_pct=10.0, drop=("Ann",)),
        Scenario(name="dearer without Bob", raise_pct=10.0, drop=("Bob",)),
        Scenario(name="without Ann", drop=("Ann",)),
    )
    portfolio = portfolio_of(tmp_path, "Ann", "Bob", "Cy", settings=Settings(scenarios=scenarios))
    forget(portfolio.database, "Ann")
    forget(portfolio.database, "Bob")
    left = portfolio.settings.scenarios
    # Two of one name would be no settings at all.
    assert {one.name for one in left} == {f"dearer without {FORGOTTEN}", f"dearer without {FORGOTTEN} 2"}
    assert all(one.raise_pct == 10 and one.drop == () for one in left)


def test_a_prospect_is_forgotten_alone_or_with_the_client_of_the_same_name(tmp_path: Path) -> None:
    scenarios = (Scenario(name="new", raise_pct=5.0, take=("Maybe Ltd",), odds=0.5),)
    portfolio = portfolio_of(tmp_path, "Ann", "Bob", settings=Settings(scenarios=scenarios))
    for name in ("Maybe Ltd", "Ann"):
        portfolio.add(Prospect(name=name, fee_per_month=Decimal(900), hours_per_month=20.0))
    assert forget(portfolio.database, "Maybe Ltd").rows == 1
    assert [one.name for one in portfolio.records().prospects] == ["Ann"]
    assert portfolio.settings.scenarios == (Scenario(name="new", raise_pct=5.0),)
    assert forget(portfolio.database, "Ann").rows == 2
    assert portfolio.records().prospects == ()
    assert b"Maybe" not in portfolio.path.read_bytes() and b"Ann" not in portfolio.path.read_bytes()


def test_what_was_erased_is_not_said_to_be_taken_back(tmp_path: Path) -> None:
    portfolio = portfolio_of(tmp_path, "Ann", "Bob")
    forget(portfolio.database, "Ann")
    before = portfolio.history()
    with pytest.raises(StoreError, match="erased for good"):
        portfolio.undo()
    assert portfolio.history() == before
    portfolio.add(Event(client="Bob", on=DAY, kind="note", note="later"))
    undone = portfolio.undo()
    assert undone is not None and undone.batch.kind == "add" and portfolio.records().events == ()


def test_a_portfolio_folder_says_of_copies_and_forgetting_what_it_says_of_other_writes(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("name,currency,since,billing\nAnn,EUR,2024-01-01,fixed\n", encoding="utf-8")
    portfolio = open_portfolio(tmp_path)
    with pytest.raises(StoreError, match="portfolio folder, which is only read here"):
        forget(portfolio.database, "Ann")
