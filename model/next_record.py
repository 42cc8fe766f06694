"""What to record next about a client, as one sentence."""

import re
from datetime import date, timedelta

from model.language import listed, phrase, phrase_of, written
from model.months_due import months_due, next_to_come
from model.records import Invoice, Records, first_of_month

LONG_OVERDUE_DAYS = 30
PLAIN_NUMBER = re.compile(r"[\w/ -]{1,30}")


def next_record(known: Records, today: date) -> str:
    """The record that is missing most: a payment long due, the check-ins that are due, hours, any payment due.

    Parameters
    ----------
    known
        What was known today of one client.
    today
        The day of the question.
    """
    last_month = first_of_month(first_of_month(today) - timedelta(days=1))
    was_there = first_of_month(known.clients[0].since) <= last_month
    overdue = sorted((i for i in known.invoices if _is_open(i) and i.due < today), key=lambda i: (i.due, i.number))
    if overdue and (today - overdue[0].due).days > LONG_OVERDUE_DAYS:
        return _unpaid(overdue[0], today)
    done = {checkin.month for checkin in known.checkins}
    if due := months_due(known.clients[0], done, today):
        return phrase_of(
            len(due),
            "Do the check-in for {months}.",
            "Do the check-ins for {months}.",
            months=listed([written(month, "%B") for month in due]),
        )
    if was_there and all(first_of_month(hours.on) != last_month for hours in known.hours):
        return phrase("Log the hours of {last_month:%B}: none are recorded.", last_month=last_month)
    if overdue:
        return _unpaid(overdue[0], today)
    return phrase(
        "Nothing is missing: the next is the check-in for {month:%B}, when the month ends.",
        month=next_to_come(done, today),
    )


def _is_open(invoice: Invoice) -> bool:
    return invoice.paid_on is None and (invoice.written_off is None or invoice.written_off < invoice.amount)


def _unpaid(invoice: Invoice, today: date) -> str:
    days = (today - invoice.due).days
    # A number is free text from a file; one that could be markup is left out of the sentence.
    plain = PLAIN_NUMBER.fullmatch(invoice.number)
    name = (
        phrase("Invoice {number}", number=invoice.number)
        if plain
        else phrase("The invoice due on {due}", due=invoice.due)
    )
    return phrase_of(
        days,
        "{name} is {count} day past due: note when it is paid.",
        "{name} is {count} days past due: note when it is paid.",
        name=name,
    )
