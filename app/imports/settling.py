"""Which invoice a payment belongs to, where a file of invoices and payments does not say."""

from collections import Counter
from decimal import Decimal, InvalidOperation

from model.language import phrase

Row = tuple[int, dict[str, str]]


def tied(rows: list[Row]) -> tuple[list[Row], dict[str, int]]:
    """The invoices, each with the day of its payment where only one can be meant, and what was done, counted.

    A payment belongs to the only invoice of its client, or to the next one of the same amount. Whoever has a payment
    that fits none is left with invoices of which nobody knows whether they are paid: they are left out.

    Parameters
    ----------
    rows
        Invoices and payments, each with its place in the file; a payment has an amount below zero.
    """
    kept: list[Row] = []
    counts: Counter[str] = Counter()
    for client in dict.fromkeys(row["client"] for _, row in rows):
        theirs = [(number, row) for number, row in rows if row["client"] == client]
        bills = [(number, {**row, "paid_on": ""}) for number, row in theirs if not _is_payment(row)]
        paid = [row for _, row in theirs if _is_payment(row)]
        left_over = _tie(bills, paid, counts)
        unsure = [entry for entry in bills if left_over and not entry[1]["paid_on"]]
        counts[
            phrase("invoices left out: their client has payments that fit none of them, so that they may be paid")
        ] += len(unsure)
        counts[phrase("payments tied to the only invoice of their client, or to the next one of the same amount")] += (
            sum(bool(row["paid_on"]) for _, row in bills)
        )
        kept += [entry for entry in bills if entry not in unsure]
    return kept, {what: count for what, count in counts.items() if count}


def _tie(bills: list[Row], paid: list[dict[str, str]], counts: Counter[str]) -> bool:
    """Give bills the days of their payments; whether any payment is left over."""
    if len(bills) == 1:
        try:
            came = -sum((Decimal(row["amount"]) for row in paid), Decimal(0))
            owed = Decimal(bills[0][1]["amount"])
        except InvalidOperation:
            return False  # told as a fault, with its row and column
        if came >= owed > 0:
            bills[0][1]["paid_on"] = paid[-1]["issued"]
        elif came > 0:
            counts[phrase("invoices paid in part, still open")] += 1
        return False
    left = False
    for row in paid:
        same = (bill for _, bill in bills if not bill["paid_on"] and bill["amount"] == row["amount"].lstrip("-"))
        if (bill := next(same, None)) is None:
            left = True
        else:
            bill["paid_on"] = row["issued"]
    return left


def _is_payment(row: dict[str, str]) -> bool:
    return row["amount"].startswith("-")
