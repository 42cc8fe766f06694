"""What is typed in must be plausible: stricter than what a record may hold, for a row of a file may sum up a week."""

from model.language import Later
from model.records import Hours, Invoice
from model.rules import refuse

HOURS_OF_A_DAY = 24.0


def says_nothing(record: object) -> bool:
    """Whether a record is of no hours, or of an invoice over nothing."""
    match record:
        case Hours(hours=hours):
            return hours == 0
        case Invoice(amount=amount):
            return amount == 0
        case _:
            return False


def check_entered(record: object) -> None:
    """Refuse what nobody can have meant, with what to do instead.

    Raises
    ------
    InvalidRecord
        If a day has more than 24 hours, nothing was worked, or an invoice is over nothing.
    """
    match record:
        case Hours(client=client, hours=hours):
            where = Later("hours for {client!r}", client=client)
            if says_nothing(record):
                refuse("hours", "{where}: say how many hours were worked, or leave the entry out.", where=where)
            if hours > HOURS_OF_A_DAY and not record.whole_month:
                refuse(
                    "hours",
                    "{where}: a day has 24 hours; {hours:g} came. Hours of a whole month are entered as such.",
                    where=where,
                    hours=hours,
                )
        case Invoice(client=client, number=number):
            if says_nothing(record):
                refuse(
                    "amount",
                    "{where}: an invoice over nothing says nothing of how they pay; give its amount, or leave it out.",
                    where=Later("invoice {number!r} of {client!r}", number=number, client=client),
                )
        case _:
            pass
