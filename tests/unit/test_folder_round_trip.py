"""A portfolio folder holds everything: what is exported reads back equal, whatever the text."""

import csv
import os
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exports.folder import export_folder
from app.imports.cells import with_escape, without_escape
from app.imports.folder import import_folder, read_folder
from app.settings_file import read_settings, write_settings
from app.store import open_portfolio
from model import catalogue
from model.agreed import Billing, EarlierTerms
from model.choice import Advice, Choice, Way
from model.errors import StoreError
from model.records import (
    CheckIn,
    Client,
    Event,
    Hours,
    Invoice,
    Prospect,
    Records,
    Search,
    Sighting,
)
from model.settings import (
    Alias,
    Belief,
    DealBreaker,
    ExchangeRate,
    ExitLine,
    Limits,
    PriorSet,
    Replacement,
    Settings,
    Situation,
    TableMap,
)  # fmt: skip

PORTFOLIOS = int(os.environ.get("BUSH_EXAMPLES", "60"))
SIGNS = [sign.id for sign in catalogue.load().signs]
STANDING = [sign.id for sign in catalogue.load().standing]

# Text that has hurt importers before, mixed with any text at all.
hostile = st.sampled_from(
    [
        "=1+1",
        "'=1+1",
        "''@x",
        "'quoted'",
        "'",
        " padded ",
        "a;b,c",
        'say "hi"',
        "line\nbreak",
        "\r\nx",
        "\tx",
        "\ufeffBOM",
    ]
)
texts = st.one_of(hostile, st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20))
names = texts.filter(lambda text: bool(text.strip()))
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
months = days.map(lambda day: day.replace(day=1))
amounts = st.decimals(0, 10**9, places=2) | st.just(Decimal("0.000001")) | st.just(Decimal("1E+3"))
quantities = st.floats(0, 700, allow_nan=False) | st.just(5e-07)
maybe = lambda strategy: st.none() | strategy  # noqa: E731


@st.composite
def clients(draw: st.DrawFn, name: str) -> Client:
    since = draw(days)
    ended_on = draw(maybe(st.dates(since, date(2101, 1, 1))))
    return Client(
        name=name,
        currency=draw(st.sampled_from(["EUR", "USD"])),
        since=since,
        billing=draw(st.sampled_from(["hourly", "retainer", "fixed"])),
        rate_per_hour=draw(maybe(amounts)),
        fee_per_month=draw(maybe(amounts)),
        agreed_hours_per_month=draw(maybe(quantities)),
        payment_terms_days=draw(maybe(st.integers(0, 120))),
        notice_days=draw(maybe(st.integers(0, 120))),
        contract_end=draw(maybe(days)),
        committed_hours=draw(maybe(quantities)),
        prepaid_amount=draw(maybe(amounts)),
        standing_signs=tuple(draw(st.lists(st.sampled_from(STANDING), unique=True))),
        ended_on=ended_on,
        ended_by=None if ended_on is None else draw(st.sampled_from(["client", "me"])),
    )


@st.composite
def invoices(draw: st.DrawFn, client: st.SearchStrategy[str]) -> Invoice:
    issued = draw(days)
    amount = draw(amounts)
    lost = draw(maybe(st.just(amount)))
    return Invoice(
        client=draw(client),
        number=draw(names),
        issued=issued,
        due=draw(st.dates(issued, date(2101, 1, 1))),
        amount=amount,
        currency=draw(st.sampled_from(["EUR", "USD"])),
        paid_on=draw(maybe(st.dates(issued, date(2101, 1, 1)))),
        written_off=lost,
        written_off_on=None if lost is None else draw(maybe(st.dates(issued, date(2101, 1, 1)))),
        disputed=draw(st.booleans()),
    )


@st.composite
def hours(draw: st.DrawFn, client: st.SearchStrategy[str]) -> Hours:
    whole_month = draw(st.booleans())
    return Hours(
        client=draw(client),
        on=draw(months if whole_month else days),
        hours=draw(quantities),
        billable=draw(st.none() | st.booleans()),
        whole_month=whole_month,
    )


@st.composite
def events(draw: st.DrawFn, client: st.SearchStrategy[str]) -> Event:
    asked = draw(st.booleans())
    return Event(
        client=draw(client),
        on=draw(days),
        kind="renegotiation" if asked else draw(st.sampled_from(["referral", "complaint", "note"])),
        ask_price_pct=draw(maybe(st.floats(-99, 500))) if asked else None,
        ask_scope=asked and draw(st.booleans()),
        result=draw(maybe(st.sampled_from(["accepted", "partly", "refused_left"]))) if asked else None,
        amount=draw(maybe(amounts)),
        note=draw(texts),
    )


@st.composite
def searches(draw: st.DrawFn) -> Search:
    opened_on = draw(days)
    won_on = draw(maybe(st.dates(opened_on, date(2101, 1, 1))))
    return Search(opened_on=opened_on, won_on=won_on, fee_per_month=draw(maybe(amounts)), cost=draw(maybe(amounts)))


said = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
economics = st.builds(
    Settings,
    horizon_months=st.integers(1, 120),
    discount_rate=st.floats(0, 1),
    cash=st.decimals(-1000, 1000, places=2),
    risk_tolerance=maybe(st.decimals(1, 1000, places=2)),
    deal_breakers=st.lists(st.builds(DealBreaker, sign=st.sampled_from(SIGNS), sightings=st.integers(1, 9))).map(tuple),
    replacement=st.builds(
        Replacement, fee_per_month=maybe(st.decimals(0, 9000, places=1)), months_to_win=st.floats(1, 9)
    ),
    limits=st.builds(Limits, largest_client_share=maybe(st.floats(0, 1)), searches_at_once=st.integers(0, 9)),
    least_lead=st.floats(0, 1),
    least_p_best=st.floats(0, 1),
    reputation_cost=st.decimals(0, 5000, places=2),
    exit_lines=st.lists(
        st.builds(
            ExitLine,
            situation=st.sampled_from(get_args(Situation)),
            moment=said.filter(str.strip),
            text=said.filter(str.strip),
        ),
        max_size=3,
        unique_by=lambda line: (line.situation, line.moment),
    ).map(tuple),
    prior_set=st.sampled_from(get_args(PriorSet)),
    beliefs=st.lists(
        st.builds(
            lambda name, low, width: Belief(name=name, low=low, high=low + width),
            name=st.sampled_from(["half_life", "invoice_shift", "leave_base", "grave_strength"]),
            low=st.floats(0.01, 50),
            width=st.floats(0.01, 50),
        ),
        max_size=3,
        unique_by=lambda belief: belief.name,
    ).map(tuple),
    aliases=st.lists(
        st.builds(Alias, written=texts, client=texts), max_size=2, unique_by=lambda alias: alias.written
    ).map(tuple),
    table_maps=st.lists(
        st.builds(
            TableMap,
            header=st.lists(texts, max_size=3).map(tuple),
            target=st.just("hours"),
            columns=st.lists(texts, max_size=3).map(tuple),
            decimal=maybe(st.just(",")),
        ),
        max_size=2,
        unique_by=lambda known: known.header,
    ).map(tuple),
    exchange_rates=st.just((ExchangeRate(currency="USD", on=date(2024, 1, 1), rate=Decimal("0.91")),)),
)


@st.composite
def portfolios(draw: st.DrawFn) -> Records:
    known = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    client = st.sampled_from(known)
    prospects = st.builds(
        Prospect, name=names, fee_per_month=amounts, hours_per_month=quantities, odds=maybe(st.floats(0, 1)),
        start=maybe(days), early_signs=st.lists(st.sampled_from(SIGNS), max_size=3).map(tuple),
    )  # fmt: skip
    checkins = st.builds(CheckIn, client=client, month=months, energy=maybe(st.integers(1, 5)), note=texts)
    sightings = st.builds(
        Sighting, client=client, on=days, sign=st.sampled_from(SIGNS), angry=st.booleans(), note=texts
    )
    choices = st.builds(
        Choice, client=client, on=days, action=st.sampled_from(get_args(Way)),
        advised=maybe(st.sampled_from(get_args(Advice))), expected=maybe(st.decimals(-9000, 9000, places=2)),
        instead=maybe(st.decimals(-9000, 9000, places=2)), note=texts,
    )  # fmt: skip
    earlier = st.builds(
        EarlierTerms, client=client, until=days, billing=st.sampled_from(get_args(Billing)),
        rate_per_hour=maybe(amounts), fee_per_month=maybe(amounts), agreed_hours_per_month=maybe(quantities),
    )  # fmt: skip
    return Records(
        clients=tuple(draw(clients(name)) for name in known),
        earlier_terms=tuple(draw(st.lists(earlier, max_size=3, unique_by=lambda t: (t.client, t.until)))),
        checkins=tuple(draw(st.lists(checkins, max_size=3, unique_by=lambda c: (c.client, c.month)))),
        sightings=tuple(draw(st.lists(sightings, max_size=4))),
        invoices=tuple(draw(st.lists(invoices(client), max_size=4, unique_by=lambda i: (i.client, i.number)))),
        hours=tuple(draw(st.lists(hours(client), max_size=4))),
        events=tuple(draw(st.lists(events(client), max_size=3))),
        choices=tuple(draw(st.lists(choices, max_size=2, unique_by=lambda c: (c.client, c.on)))),
        searches=tuple(draw(st.lists(searches(), max_size=2))),
        prospects=tuple(draw(st.lists(prospects, max_size=2, unique_by=lambda p: p.name))),
        settings=draw(economics),
    )


@given(portfolios())
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=PORTFOLIOS)
def test_what_is_exported_reads_back_equal(records: Records) -> None:
    with tempfile.TemporaryDirectory() as folder:
        export_folder(records, Path(folder))
        assert read_folder(Path(folder)) == records


@given(portfolios())
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=max(12, PORTFOLIOS // 5))
def test_the_store_keeps_what_a_folder_brings_and_a_second_import_changes_nothing(records: Records) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        export_folder(records, folder)
        portfolio = open_portfolio(Path(place) / "portfolio.db")
        import_folder(portfolio, folder)
        assert portfolio.records() == records
        revision = portfolio.revision()
        again = import_folder(portfolio, folder)
        assert (again.batch, again.added, portfolio.revision()) == (None, 0, revision)
        assert open_portfolio(folder).records() == records


@given(texts)
def test_any_text_survives_the_escape_and_none_is_left_a_formula(text: str) -> None:
    cell = with_escape(text)
    assert without_escape(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(economics)
def test_settings_read_back_equal(economy: Settings) -> None:
    assert read_settings(write_settings(economy), "settings.toml") == economy


def test_settings_without_deal_breakers_stay_without() -> None:
    none = Settings(deal_breakers=())
    assert read_settings(write_settings(none), "settings.toml").deal_breakers == ()


def test_a_client_named_like_a_formula_is_written_as_text(tmp_path: Path) -> None:
    evil = Client(name="=cmd|'/c calc'!A0", currency="EUR", since=date(2024, 1, 1), billing="fixed")
    export_folder(Records(clients=(evil,)), tmp_path)
    with (tmp_path / "clients.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["name"] == "'=cmd|'/c calc'!A0"
    assert read_folder(tmp_path).clients == (evil,)


def test_entries_alike_but_distinct_all_stay_and_are_not_added_again(tmp_path: Path) -> None:
    client = Client(name="A", currency="EUR", since=date(2024, 1, 1), billing="hourly")
    two_hours = Hours(client="A", on=date(2024, 1, 2), hours=2.0)
    portfolio = open_portfolio(tmp_path / "portfolio.db")
    portfolio.add(client, two_hours)
    export_folder(Records(clients=(client,), hours=(two_hours, two_hours, two_hours)), tmp_path / "folder")
    assert import_folder(portfolio, tmp_path / "folder").added == 2
    assert import_folder(portfolio, tmp_path / "folder").added == 0
    assert portfolio.records().hours == (two_hours,) * 3


def test_an_export_does_not_write_over_another_portfolio(tmp_path: Path) -> None:
    export_folder(Records(), tmp_path)
    with pytest.raises(StoreError, match=r"clients\.csv"):
        export_folder(Records(), tmp_path)


def test_a_folder_without_settings_takes_the_currency_of_its_clients(tmp_path: Path) -> None:
    text = "name,currency,since,billing\nA,USD,2024-01-01,fixed\n"
    (tmp_path / "clients.csv").write_text(text, encoding="utf-8-sig")
    assert read_folder(tmp_path).settings.currency == "USD"
