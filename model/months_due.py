"""The months of a client that wait for their check-in."""

from collections.abc import Collection
from datetime import date, timedelta

from model.records import Client, first_of_month

# Of longer ago people recall what they think of the client by now, not what happened then.
REMEMBERED = 3
LAST_DAYS = 3
MONTHS_BACK = 12


def months_due(client: Client, done: Collection[date], today: date) -> tuple[date, ...]:
    """First days of the months that are due, newest first.

    A month is due when it is over, or in its last three days, and no check-in was made for it. The last three such
    months are asked.

    Parameters
    ----------
    client
        The client.
    done
        First days of the months checked in.
    today
        The day of the question.
    """
    return _waiting(client, done, _over(today)[:REMEMBERED])


def months_long_ago(client: Client, done: Collection[date], today: date) -> tuple[date, ...]:
    """First days of the months of the last year without a check-in that are too long ago to be asked."""
    return _waiting(client, done, _over(today)[REMEMBERED:])


def months_back(today: date) -> tuple[date, ...]:
    """First days of the last twelve months, newest first, the running one included."""
    months = [first_of_month(today)]
    while len(months) < MONTHS_BACK:
        months.append(first_of_month(months[-1] - timedelta(days=1)))
    return tuple(months)


def next_to_come(done: Collection[date], today: date) -> date:
    """First day of the month whose check-in comes next where none is due."""
    running = first_of_month(today)
    return first_of_month(running + timedelta(days=31)) if running in done else running


def _over(today: date) -> tuple[date, ...]:
    # Those that will be over in a moment too.
    ends_soon = first_of_month(today + timedelta(days=LAST_DAYS)) > first_of_month(today)
    return months_back(today)[0 if ends_soon else 1 :]


def _waiting(client: Client, done: Collection[date], months: tuple[date, ...]) -> tuple[date, ...]:
    first = first_of_month(client.since)
    return tuple(month for month in months if month >= first and month not in done)
