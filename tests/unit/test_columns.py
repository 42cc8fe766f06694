"""Records made of whole columns are those made one by one, and what is wrong with one is said in the same words."""

from datetime import date
from decimal import Decimal

import pytest

from model.columns import records_of
from model.errors import InvalidRecord
from model.records import CheckIn, Client, Event, Hours, Invoice, Sighting

DAY, LONG_AGO = date(2026, 3, 1), date(1969, 12, 31)
GOOD = {
    CheckIn: {"client": "Ada", "month": DAY, "energy": 3, "note": "Grüße"},
    Sighting: {"client": "Ada", "on": DAY, "sign": "pays_late", "angry": True, "note": ""},
    Invoice: {
        "client": "Ada", "number": "2026-ä1", "issued": DAY, "due": date(2026, 3, 31), "amount": Decimal(900),
        "currency": "EUR", "paid_on": date(2026, 4, 2), "written_off": Decimal(10), "disputed": False,
    },
    Hours: {"client": "Ada", "on": DAY, "hours": 7.5, "billable": None, "whole_month": True},
    Event: {
        "client": "Ada", "on": DAY, "kind": "renegotiation", "ask_price_pct": 10.0, "ask_scope": True,
        "ask_terms": False, "result": "partly", "amount": Decimal(5), "note": "",
    },
    Client: {"name": "Ada", "currency": "EUR", "since": DAY, "billing": "retainer"},
}  # fmt: skip
BAD = [
    (CheckIn, {"month": date(2026, 3, 2)}), (CheckIn, {"month": LONG_AGO}), (CheckIn, {"energy": 6}),
    (CheckIn, {"energy": 0}), (CheckIn, {"note": "\x00"}), (CheckIn, {"note": "\ud800"}),
    (Sighting, {"on": LONG_AGO}), (Sighting, {"sign": " "}), (Sighting, {"sign": "s" * 201}),
    (Sighting, {"sign": "\ud800"}), (Sighting, {"note": "a\x00"}),
    (Invoice, {"number": ""}), (Invoice, {"number": "n" * 201}), (Invoice, {"issued": LONG_AGO}),
    (Invoice, {"due": date(2201, 1, 1)}), (Invoice, {"paid_on": date(2201, 1, 1)}),
    (Invoice, {"due": date(2026, 2, 28)}), (Invoice, {"paid_on": date(2026, 2, 28)}),
    (Invoice, {"amount": Decimal(-1)}), (Invoice, {"amount": Decimal("NaN")}), (Invoice, {"amount": Decimal("2e12")}),
    (Invoice, {"written_off": Decimal(901)}), (Invoice, {"written_off": Decimal(-1)}), (Invoice, {"currency": "eur"}),
    (Invoice, {"written_off": Decimal("sNaN")}), (Invoice, {"currency": "EURO"}),
    (Hours, {"on": LONG_AGO}), (Hours, {"hours": -0.5}), (Hours, {"hours": 745.0}), (Hours, {"hours": float("nan")}),
    (Hours, {"hours": float("inf")}), (Hours, {"on": date(2026, 3, 2)}),
    (Event, {"on": LONG_AGO}), (Event, {"kind": "quarrel"}), (Event, {"note": "\x00"}),
    (Event, {"amount": Decimal(-1)}),
    (Event, {"ask_price_pct": -100.0}), (Event, {"ask_price_pct": 1001.0}), (Event, {"ask_price_pct": float("nan")}),
    (Event, {"result": "maybe"}), (Event, {"kind": "referral"}),
    (Event, {"kind": "note", "ask_price_pct": None, "ask_scope": False}), (Client, {"currency": ""}),
]  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_records_of_columns_are_those_made_one_by_one(kind):
    rows = [GOOD[kind]] * 3
    made = records_of(kind, {name: [row[name] for row in rows] for name in GOOD[kind]})
    assert made == [kind(**row) for row in rows]
    assert hash(made[0]) == hash(kind(**rows[0]))
    assert records_of(kind, {name: [] for name in GOOD[kind]}) == []


@pytest.mark.parametrize(("kind", "wrong"), BAD)
def test_what_is_wrong_with_one_record_is_said_in_its_own_words(kind, wrong):
    rows = [GOOD[kind], GOOD[kind] | wrong, GOOD[kind]]
    with pytest.raises(InvalidRecord) as alone:
        kind(**rows[1])
    with pytest.raises(InvalidRecord) as among:
        records_of(kind, {name: [row[name] for row in rows] for name in GOOD[kind]})
    assert (str(among.value), among.value.column) == (str(alone.value), alone.value.column)


@pytest.mark.parametrize(
    ("kind", "column"), [(kind, name) for kind, row in GOOD.items() for name in row if kind is not Client]
)
def test_nothing_in_a_cell_means_what_it_means_to_one_record(kind, column):
    row = GOOD[kind] | {column: None}
    columns = {name: [value] * 2 for name, value in row.items()}
    try:
        expected = [kind(**row)] * 2
    except (InvalidRecord, TypeError, AttributeError) as error:
        with pytest.raises(type(error)):
            records_of(kind, columns)
    else:
        assert records_of(kind, columns) == expected


def test_what_is_not_given_is_as_it_is_where_nothing_is_said():
    assert records_of(Hours, {"client": ["Ada"], "on": [DAY], "hours": [2.0]}) == [Hours(client="Ada", on=DAY, hours=2)]
    assert records_of(Event, {"client": ["Ada"], "on": [DAY], "kind": ["note"]}) == [
        Event(client="Ada", on=DAY, kind="note")
    ]
    with pytest.raises(TypeError):
        records_of(Hours, {"client": ["Ada"], "on": [DAY]})
