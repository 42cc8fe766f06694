"""What is agreed and owed with one client, as plain numbers in the portfolio's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, inf, isfinite

import numpy as np

from model.agreed import Billing, EarlierTerms, in_force
from model.days import log_days
from model.forecast import Array
from model.language import phrase
from model.records import Client, Hours, Invoice, Records
from model.settings import Settings

DAYS_PER_MONTH = 365.25 / 12
RECENT_DAYS = 365
DEFAULT_PAYMENT_TERMS_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An invoice that is not paid: what is open of it, for how many days, and in how many it was payable."""

    amount: float
    days_open: int
    terms_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Terms of one client as the decision uses them.

    Parameters
    ----------
    fee_per_month
        What a month at the agreed hours brings, before losses and lateness.
    agreed_hours
        Hours per month the fee is agreed for; 0 where nothing is known of them (see `caveats`).
    rate_per_hour
        Price of a billable hour of an hourly client, else None.
    billable_share
        Share of the hours worked that is billed, for hourly clients.
    notice_months
        Months of notice, from the day the client is told; endless where a contract with an end binds until then.
    exit_date
        The last day of a client who is told today; `leaving_in` says how many months that is.
    owed
        The open invoices, in the order of their issue.
    prepaid
        Amount received for work not yet done.
    months_left_of_contract
        Months until the contract ends, None where no end is agreed.
    caveats
        Sentences on what the numbers leave out or assume.
    monthly_hours
        Hours of each month logged of the last twelve, the running one left out, of a client who has agreed on none;
        else empty.
    """

    client: str
    billing: Billing
    fee_per_month: float
    agreed_hours: float
    rate_per_hour: float | None
    billable_share: float
    notice_months: float
    exit_date: date
    payment_terms_days: float
    owed: tuple[OpenInvoice, ...]
    prepaid: float
    committed_hours: float
    months_left_of_contract: float | None
    caveats: tuple[str, ...]
    monthly_hours: tuple[float, ...] = ()

    def leaving_in(self, wait: float = 0.0) -> float:
        """Months from today until the last day of a client who is told in `wait` months.

        Notice begins when the client is told; the end of a contract, which is the last day at the latest, and the work
        that is committed do not move. Who is told after that end is in a contract that was renewed without one, and
        has the notice that is recorded.
        """
        ends = inf if self.months_left_of_contract is None else self.months_left_of_contract
        if wait <= ends:
            notice = min(wait + self.notice_months, ends)
        else:
            notice = wait + (self.notice_months if isfinite(self.notice_months) else 0.0)
        return max(notice, self.committed_hours / self.agreed_hours) if self.agreed_hours > 0 else notice

    @property
    def open_invoices(self) -> float:
        """Amount invoiced and neither paid nor written off."""
        return sum(invoice.amount for invoice in self.owed)


def terms_of(records: Records, client: str, today: date) -> Terms:
    """Terms of `client` as recorded up to the end of `today`.

    Retainers bring their agreed fee, hourly clients rate x hours, fixed-price ones what they were invoiced a month
    over the last year. What was not agreed is taken from what was logged or invoiced, and a caveat says so.

    Parameters
    ----------
    records
        The portfolio; records later than `today` are ignored.
    client
        Name of the client.
    today
        The day the terms are read on.

    Raises
    ------
    UnknownClient
        If the portfolio holds no such client.
    MissingRate
        If an amount is in a currency the settings give no exchange rate for.
    """
    return _terms(records.of(client).as_of(today), today)


def _terms(known: Records, today: date) -> Terms:
    # Of what was known today of one client.
    agreed, settings = known.clients[0], known.settings
    client = agreed.name
    caveats: list[str] = []
    rate = _money(agreed.rate_per_hour, agreed.currency, settings, today)
    invoiced = _invoiced_per_month(known.invoices, agreed, settings, today, caveats)
    hours = _agreed_hours(known, rate, invoiced, today, caveats)
    billable = _billable_share(known) if agreed.billing == "hourly" else 1.0
    fee = _fee_per_month(agreed, rate, hours * billable, invoiced, settings, today, caveats)
    months_left = None
    if agreed.contract_end is not None:
        months_left = (agreed.contract_end - today).days / DAYS_PER_MONTH
        if months_left >= 0:
            said = phrase(
                "The contract ends on {contract_end}; keeping assumes that it is renewed.",
                contract_end=agreed.contract_end,
            )
        else:
            said = phrase(
                "The contract ended on {contract_end}; it counts as renewed without an end.",
                contract_end=agreed.contract_end,
            )
        caveats.append(said)
    if agreed.notice_days is None and agreed.contract_end is None:
        caveats.append(phrase("No notice is recorded, so that none is counted: the last day could be today."))
    terms_days = agreed.payment_terms_days
    found = Terms(
        client=client,
        billing=agreed.billing,
        fee_per_month=fee,
        agreed_hours=hours,
        rate_per_hour=rate if agreed.billing == "hourly" and hours > 0 else None,
        billable_share=billable,
        notice_months=_notice_months(agreed),
        exit_date=today,
        payment_terms_days=float(DEFAULT_PAYMENT_TERMS_DAYS if terms_days is None else terms_days),
        owed=invoices_owed(known.invoices, settings, today),
        prepaid=_money(agreed.prepaid_amount, agreed.currency, settings, today) or 0.0,
        committed_hours=agreed.committed_hours or 0.0,
        months_left_of_contract=months_left,
        caveats=tuple(caveats),
        monthly_hours=_monthly_hours(known, today) if hours > 0 else (),
    )
    return replace(found, exit_date=today + timedelta(days=ceil(found.leaving_in() * DAYS_PER_MONTH - 1e-9)))


def terms_of_all(
    mine: Mapping[str, Records], clients: Sequence[str], settings: Settings, today: date
) -> tuple[Terms, ...]:
    """The terms of each client, from what `mine` holds of them as known today, in the order of `clients`."""
    return tuple(_terms(replace(mine[name], settings=settings), today) for name in clients)


def log_terms_of(terms: Sequence[Terms], names: Sequence[str]) -> Array:
    """Days to payment agreed with each client named, on the scale of `log_days` (client)."""
    days = {term.client: term.payment_terms_days for term in terms}
    return np.array([log_days(days[name]) for name in names])


def _money(amount: Decimal | None, currency: str, settings: Settings, on: date) -> float | None:
    return None if amount is None else float(settings.in_portfolio_currency(amount, currency, on))


def _invoiced_per_month(
    invoices: tuple[Invoice, ...],
    client: Client,
    settings: Settings,
    today: date,
    caveats: list[str],
    earlier: Sequence[EarlierTerms] = (),
) -> float | None:
    # Hours billed at the rate of an earlier time count at today's, where `earlier` tells of it.
    if not invoices:
        return None
    first, last = min(i.issued for i in invoices), max(i.issued for i in invoices)
    until = today
    if (today - last).days >= RECENT_DAYS:
        until = last
        caveats.append(
            phrase("The last invoice is from {last}; what a month brings is taken from the year before it.", last=last)
        )
    start = until - timedelta(days=RECENT_DAYS)
    # A year from one day of invoicing to the next holds twelve of what is invoiced monthly, not thirteen.
    both_ends = first > start or all(i.issued != until for i in invoices)
    if first > start:
        # The first invoice bills a month of work already done.
        start = max(start, min(first, max(client.since, first - timedelta(days=30))))
    total = sum(
        _dearer_now(client, earlier, i.issued) * float(settings.in_portfolio_currency(i.amount, i.currency, i.issued))
        for i in invoices
        if i.issued > start or (i.issued == start and both_ends)
    )
    return total / max(1.0, (until - start).days / DAYS_PER_MONTH)


def _dearer_now(client: Client, earlier: Sequence[EarlierTerms], issued: date) -> float:
    # An invoice bills work of the days before it.
    terms = in_force(earlier, issued - timedelta(days=1))
    if terms is None or terms.billing != "hourly" or not terms.rate_per_hour or not client.rate_per_hour:
        return 1.0
    return float(client.rate_per_hour / terms.rate_per_hour)


def _agreed_hours(known: Records, rate: float | None, invoiced: float | None, today: date, caveats: list[str]) -> float:
    client = known.clients[0]
    if client.agreed_hours_per_month is not None:
        return client.agreed_hours_per_month
    months = _monthly_hours(known, today)
    last = max((t for t in known.earlier_terms if t.agreed_hours_per_month), key=lambda t: t.until, default=None)
    if last is not None and last.agreed_hours_per_month and _free_from(last) == _month(today):
        caveats.append(phrase("No hours are agreed any more; the last ones agreed are used until a month is over."))
        return last.agreed_hours_per_month
    # Of a client who began this month, what is logged so far is all there is.
    hours = sum(months) / len(months) if months else sum(h.hours for h in known.hours if _this_month(h, today))
    if hours > 0:
        caveats.append(phrase("No hours are agreed; the mean of the logged ones is used."))
        return hours
    if rate and invoiced:
        caveats.append(phrase("No hours are recorded; they are taken from the invoices and the rate."))
        anew = _invoiced_per_month(known.invoices, client, known.settings, today, [], known.earlier_terms)
        return (anew or invoiced) / rate
    caveats.append(phrase("No hours are recorded, so the value leaves your time out."))
    return 0.0


def _monthly_hours(known: Records, today: date) -> tuple[float, ...]:
    if known.clients[0].agreed_hours_per_month is not None:
        return ()
    # Of months in which hours were agreed, no more is known than that they were.
    since = max((_free_from(terms) for terms in known.earlier_terms if terms.agreed_hours_per_month), default=0)
    total: dict[int, float] = {}
    for entry in sorted(known.hours, key=lambda h: (h.on, h.hours)):
        # Whole months: the days of one that a year ago cuts in two would look like a month of little work.
        ago = _month(today) - _month(entry.on)
        if 0 < ago <= 12 and _month(entry.on) >= since:
            total[ago] = total.get(ago, 0.0) + entry.hours
    return tuple(hours for hours in total.values() if hours > 0)


def _free_from(terms: EarlierTerms) -> int:
    # The first month that goes by other terms: that of the day after them, for a month goes by those it ended with.
    return _month(terms.until + timedelta(days=1))


def _this_month(entry: Hours, today: date) -> bool:
    # It is not over, so that it says nothing of a whole month.
    return _month(entry.on) == _month(today)


def _month(day: date) -> int:
    return 12 * day.year + day.month


def _billable_share(known: Records) -> float:
    # Under a fee no hour is billed, which says nothing of those that are billed one by one.
    hours = [h for h in known.hours if _billed_by(known.earlier_terms, h.on) == "hourly"]
    total = sum(h.hours for h in hours)
    unbilled = sum(h.hours for h in hours if h.billable is False)
    return 1.0 - unbilled / total if total > 0 else 1.0


def _billed_by(earlier: Sequence[EarlierTerms], on: date) -> Billing:
    # Of a client who is billed by the hour now.
    terms = in_force(earlier, on)
    return "hourly" if terms is None else terms.billing


def _fee_per_month(
    client: Client,
    rate: float | None,
    billed_hours: float,
    invoiced: float | None,
    settings: Settings,
    today: date,
    caveats: list[str],
) -> float:
    if client.billing == "hourly" and rate is not None and billed_hours > 0:
        return rate * billed_hours
    agreed = _money(client.fee_per_month, client.currency, settings, today)
    if client.billing == "retainer" and agreed is not None:
        return agreed
    if invoiced is not None:
        if client.billing != "fixed":
            caveats.append(phrase("What a month brings is taken from the invoices."))
        return invoiced
    if agreed is not None:
        return agreed
    caveats.append(phrase("Neither a fee nor an invoice is recorded, so the value leaves the income out."))
    return 0.0


def _notice_months(client: Client) -> float:
    if client.notice_days is not None:
        return client.notice_days / DAYS_PER_MONTH
    # A contract with an end and no notice binds until its end.
    return 0.0 if client.contract_end is None else inf


def invoices_owed(invoices: Sequence[Invoice], settings: Settings, today: date) -> tuple[OpenInvoice, ...]:
    """What is open of each invoice that is neither paid nor written off whole, in the order of their issue."""
    left = ((i, i.amount - (i.written_off or Decimal(0))) for i in invoices if i.paid_on is None)
    return tuple(
        OpenInvoice(
            amount=float(settings.in_portfolio_currency(amount, i.currency, i.issued)),
            days_open=(today - i.issued).days,
            terms_days=(i.due - i.issued).days,
        )
        for i, amount in sorted(left, key=lambda one: (one[0].issued, one[0].number))
        if amount > 0
    )
