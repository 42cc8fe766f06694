"""The user's policies: how often a client asked to bend one."""

from datetime import date

from app.prospecting import exceptions_sentence
from model.policy import exceptions
from model.records import Client, Records, Sighting
from model.settings import Settings

TODAY = date(2026, 10, 31)


def asked(client: str, *days: date, sign: str = "special_requests") -> tuple[Sighting, ...]:
    return tuple(Sighting(client=client, on=day, sign=sign) for day in days)


def portfolio(*sightings: Sighting) -> Records:
    gone = {"Gone": {"ended_on": date(2026, 9, 1), "ended_by": "me"}}
    return Records(
        settings=Settings(),
        clients=tuple(
            Client(name=name, currency="EUR", since=date(2024, 1, 1), billing="fixed", **gone.get(name, {}))
            for name in ("Anna", "Ben", "Carl", "Gone")
        ),
        sightings=sightings,
    )


def test_days_of_a_year_are_counted_of_those_still_there_the_most_often_first():
    day, other = date(2026, 5, 1), date(2026, 8, 1)
    records = portfolio(
        *asked("Anna", day),
        *asked("Ben", day, day, other),
        *asked("Carl", day, other, sign="late_payment"),
        *asked("Gone", day),
        *asked("Anna", date(2025, 10, 31), date(2026, 11, 1)),
    )
    assert exceptions(records, TODAY) == (("Ben", 2), ("Anna", 1))
    assert "Ben twice and Anna once" in exceptions_sentence(records, TODAY)


def test_where_none_is_logged_it_says_so():
    assert exceptions(portfolio(), TODAY) == ()
    assert "nobody is logged" in exceptions_sentence(portfolio(), TODAY)
