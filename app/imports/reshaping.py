"""A file in a known format brought into one row for each record, its noise left out and counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.imports import figures
from app.imports.cells import UnreadableCell
from app.imports.formats import Found, bare
from app.imports.mapping import ColumnMap
from app.imports.settling import tied
from app.imports.spelling import Spelling, decide
from app.imports.text import Lines, Table
from model.errors import ImportRefused
from model.language import phrase

USUAL_TERMS_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshaped:
    """A file as one row for each record: the table, which column is where, and what was left out, as sentences."""

    table: Table
    mapping: ColumnMap
    places: dict[str, int]
    notes: tuple[str, ...]


def reshape(
    lines: Lines, found: Found, *, date_order: str | None, decimal: str | None, payments: "Payments | None" = None
) -> Reshaped:
    """The records of a file in a known format, one row each, its noise left out and counted.

    Raises
    ------
    ImportRefused
        If no value settles how numbers or dates are written.
    """
    return _Reshaping(lines, found, date_order, decimal, payments).result()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Payments of another file: what came for each invoice number, and the last day as that file writes it, in ISO."""

    of: Mapping[str, tuple[Decimal, str]]


def payments_of(lines: Lines, found: Found, *, date_order: str | None, decimal: str | None) -> Payments:
    """What came for every invoice, from a file of payments.

    Raises
    ------
    ImportRefused
        If a day or an amount cannot be read.
    """
    shaped = reshape(lines, found, date_order=date_order, decimal=decimal)
    place, rows = shaped.places["paid_on"], zip(shaped.table.numbers, shaped.table.rows, strict=True)
    days = [(number, shaped.table.header[place], row[place]) for number, row in rows]
    spelling = decide(days, [], file=lines.file, date_order=date_order)
    total: dict[str, tuple[Decimal, str]] = {}
    for number, row in zip(shaped.table.numbers, shaped.table.rows, strict=True):
        invoice, amount, day = (row[shaped.places[name]] for name in ("number", "amount", "paid_on"))
        try:
            came, on = Decimal(amount), spelling.day(day).isoformat()
        except (UnreadableCell, ArithmeticError) as error:
            raise ImportRefused(
                phrase(
                    "{file}, row {number}: {day!r} or {amount!r} cannot be read.",
                    file=lines.file,
                    number=number,
                    day=day,
                    amount=amount,
                )
            ) from error
        before, last = total.get(invoice, (Decimal(0), ""))
        total[invoice] = (before + came, max(last, on))
    return Payments(of=total)


class _Reshaping:
    def __init__(
        self, lines: Lines, found: Found, date_order: str | None, decimal: str | None, payments: Payments | None
    ) -> None:
        self.lines, self.format, self.payments = lines, found.format, payments
        self.header = [cell.strip() for cell in lines.rows[found.row][1]]
        self.body = lines.rows[found.row + 1 :]
        self.above = found.row
        self.order = date_order
        self._place = {bare(name): place for place, name in reversed(list(enumerate(self.header))) if name}
        self._found: dict[tuple[str, ...], list[int]] = {}
        self.counts: dict[str, int] = {}
        self.remarks: list[str] = []
        self._credits: dict[tuple[str, str], tuple[Decimal, str]] = {}
        self.spelling = self._spelling(decimal)

    def result(self) -> Reshaped:
        one = self.format
        names = [*one.columns]
        if one.start and "hours" not in names:
            names.append("hours")
        made = {
            "client": one.group_rows, "paid_on": bool(self.payments), "written_off": bool(one.lost_words),
            "disputed": bool(one.disputed_by),
        }  # fmt: skip
        names += [extra for extra, wanted in made.items() if wanted and extra not in names]
        rows = [(number, dict(zip(names, cells, strict=True))) for number, cells in self._rows(names)]
        if one.ledger:
            rows = self._ledger(rows)
        elif one.one_by:
            rows = self._joined(rows)
        elif one.payments:
            rows, told = tied(rows)
            self.counts |= told
        rows = self._credited(rows)
        if one.target == "invoices":
            rows = self._paid(rows)
        if not rows:
            raise ImportRefused(
                phrase("{file} was read as {title} and holds no row to import.", file=self.lines.file, title=one.title)
            )
        header = tuple(self._named(name) for name in names)
        table = Table(
            file=self.lines.file,
            header=header,
            rows=tuple(tuple(row[name] for name in names) for _, row in rows),
            numbers=tuple(number for number, _ in rows),
            encoding=self.lines.encoding,
            delimiter=self.lines.delimiter,
            blank_rows=self.lines.blank,
        )
        columns = {name: (head,) for name, head in zip(names, header, strict=True)}
        target = "invoices" if one.target == "payments" else one.target
        undated = target == "invoices" and "due" not in one.columns
        mapping = ColumnMap(
            target=target, columns=columns, decimal="." if "amount" in names else None,
            constants={"usual_terms_days": str(USUAL_TERMS_DAYS)} if undated else {},
        )  # fmt: skip
        if undated:
            due = phrase(
                "the file has no due dates: {usual_terms_days} days after issue, unless other terms are agreed",
                usual_terms_days=USUAL_TERMS_DAYS,
            )
            self.remarks.append(due)
        return Reshaped(
            table=table, mapping=mapping, places={name: place for place, name in enumerate(names)}, notes=self._notes()
        )  # fmt: skip

    def _rows(self, names: list[str]) -> Iterable[tuple[int, list[str]]]:
        one, group = self.format, ""
        sides = [self._places(headers) for headers in (one.start, one.end)]
        for number, cells in self.body:
            filled = [cell for cell in cells if cell]
            if one.lines_below and filled and not self._first(cells, one.columns["number"]):
                self._count(phrase("further lines of invoices skipped"))
                continue
            if self._is_noise(cells, filled):
                if one.group_rows and filled and not figures.is_total(filled[0]):
                    group = filled[0]
                self._count(phrase("rows of titles, groups and totals skipped"))
                continue
            if _says(one.credits, cells, self._first) or (one.negative_credits and self._is_negative(cells)):
                self._note_credit(cells, group)
                continue
            if not self._wanted(cells):
                continue
            row = []
            for name in names:
                text = group if name == "client" and one.group_rows else self._first(cells, one.columns.get(name, ()))
                if name == "hours" and one.start:
                    text = self._span(cells, *sides) or text
                elif name in ("amount", "written_off") and text:
                    text = self._amount(text, cells if name == "amount" else None)
                elif name == "disputed":
                    text = "1" if self._first(cells, one.disputed_by) else "0"
                elif one.utc and name in ("issued", "due", "paid_on"):
                    text = text.split(" ")[0].split("T")[0]
                elif name == "date":
                    text = text.split(" ")[0].split("T")[0] if one.start else text
                row.append(text)
            if _says(one.payments, cells, self._first):
                place = names.index("amount")
                row[place] = f"-{row[place].lstrip('-')}"
            if "hours" in names and not row[names.index("hours")]:
                self._count(phrase("entries without an end skipped"))
                continue
            yield number, row

    def _is_noise(self, cells: Sequence[str], filled: list[str]) -> bool:
        if not filled or [cell.strip() for cell in cells] == self.header:
            return True
        dated = next(name for name in ("date", "issued", "paid_on") if name in self.format.columns)
        if self._first(cells, self.format.columns[dated]):
            # A client may be called Total, too.
            return False
        # A row without its day is the name of a group, a sum or a footer.
        return figures.is_total(filled[0]) or len(filled) <= max(2, len(self.header) // 3)

    def _wanted(self, cells: Sequence[str]) -> bool:
        for rules, wanted in ((self.format.keep, True), (self.format.drop, False)):
            for header, words in rules.items():
                if not self._places((header,)):
                    continue
                said = self._first(cells, (header,)).casefold()
                if (said in words) is not wanted:
                    self._count(
                        phrase(
                            "rows of {header} {cells!r} left out",
                            header=header,
                            cells=self._first(cells, (header,)) or "nothing",
                        )
                    )
                    return False
        return True

    def _joined(self, rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
        first: dict[str, tuple[int, dict[str, str]]] = {}
        unread: list[tuple[int, dict[str, str]]] = []
        for number, row in rows:
            key = row[self.format.one_by]
            if key not in first:
                first[key] = (number, row)
            elif self.format.sum and not figures.is_amount(row[self.format.sum], first[key][1][self.format.sum]):
                # Stays a row of its own, so that it is told as a fault at its place.
                unread.append((number, row))
            elif self.format.sum and row[self.format.sum]:
                held = first[key][1]
                held[self.format.sum] = figures.text(
                    Decimal(held[self.format.sum] or 0) + Decimal(row[self.format.sum])
                )
        if len(rows) > len(first):
            self.counts["lines joined to their invoice"] = len(rows) - len(first)
        return [*first.values(), *unread]

    def _ledger(self, rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
        first: dict[str, tuple[int, dict[str, str]]] = {}
        owed: dict[str, Decimal] = {}
        for number, row in rows:
            key = row[self.format.one_by]
            if not key:
                self._count(phrase("rows of no invoice skipped"))
                continue
            if not figures.is_amount(row["amount"]):
                first[f"{key} in row {number}"] = (number, row)
                continue
            amount = Decimal(row["amount"])
            owed[key] = owed.get(key, Decimal(0)) + amount
            day = row["paid_on"]
            if amount > 0 and key not in first:
                first[key] = (number, {**row, "paid_on": ""})
            elif amount > 0:
                first[key][1]["amount"] = figures.text(Decimal(first[key][1]["amount"]) + amount)
            elif key in first and owed[key] <= 0:
                first[key][1]["paid_on"] = day
        return list(first.values())

    def _note_credit(self, cells: Sequence[str], group: str) -> None:
        one = self.format
        if _says(one.drop, cells, self._first):
            return
        client, number = (self._first(cells, one.columns.get(name, ())) for name in ("client", "number"))
        amount = self._amount(self._first(cells, one.columns["amount"]), cells).lstrip("-")
        if not figures.is_amount(amount):
            raise ImportRefused(
                phrase(
                    "{file}: the credit note {number!r} says {amount!r} where an amount belongs.",
                    file=self.lines.file,
                    number=number,
                    amount=amount,
                )
            )
        # A note of several lines says its sum on each of them.
        self._credits[client or group, number] = (Decimal(amount), self._first(cells, one.credit_for))

    def _credited(self, rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
        for (client, _), (credit, invoice) in self._credits.items():
            theirs = [row for _, row in rows if row["client"] == client and figures.is_amount(row["amount"])]
            named = [row for row in theirs if row["number"] == invoice]
            large = [row for row in named or reversed(theirs) if Decimal(row["amount"]) >= credit]
            if not large:
                self._count(
                    phrase("credit notes left out, no invoice of {client!r} in the file being as large", client=client)
                )
                continue
            large[0]["amount"] = figures.text(Decimal(large[0]["amount"]) - credit)
            self._count(phrase("credit notes taken off their invoices"))
        kept = [entry for entry in rows if not (self._credits and entry[1].get("amount") == "0.00")]
        if len(kept) < len(rows):
            self.counts["invoices left out that a credit note cancels"] = len(rows) - len(kept)
        return kept

    def _paid(self, rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
        kept = []
        cells_of = dict(self.body)
        for number, row in rows:
            cells = cells_of[number]
            if self.payments is not None:
                came, on = self.payments.of.get(row["number"], (Decimal(0), ""))
                if came and figures.is_amount(row["amount"]) and came >= Decimal(row["amount"]) - Decimal("0.005"):
                    row["paid_on"] = on
            if self.format.open_amount and row.get("paid_on"):
                owed = self._first(cells, self.format.open_amount)
                if owed and self._owes(owed):
                    row["paid_on"] = ""
                    self._count(phrase("invoices paid in part, still open"))
            if _says(self.format.lost_words, cells, self._first) and not row.get("written_off"):
                # What was paid and taken back was not paid.
                row |= {"written_off": row["amount"], "paid_on": ""}
            if _says(self.format.paid_words, cells, self._first) and not row.get("paid_on"):
                # Open would be untrue, and any day would be made up.
                self._count(
                    phrase("invoices left out that are paid on a day the file does not tell (give the payments too)")
                )
                continue
            kept.append((number, row))
        return kept

    def _is_negative(self, cells: Sequence[str]) -> bool:
        return self._amount(self._first(cells, self.format.columns["amount"]), cells).startswith("-")

    def _owes(self, text: str) -> bool:
        try:
            return self.spelling.amount(text) > 0
        except UnreadableCell:
            # Whether anything is owed cannot be told: better open than paid.
            return True

    def _span(self, cells: Sequence[str], start: list[int], end: list[int]) -> str:
        began, ended = (" ".join(cells[p] for p in places if p < len(cells)).strip() for places in (start, end))
        return figures.span(began, ended) if began and ended else ""

    def _amount(self, text: str, cells: Sequence[str] | None) -> str:
        try:
            amount = self.spelling.amount(text)
            for place in self._places(self.format.less) if cells is not None else ():
                tax = cells[place] if cells is not None and place < len(cells) else ""
                amount -= self.spelling.amount(tax) if tax else Decimal(0)
        except UnreadableCell:
            return text  # told as a fault, with its row and column
        return figures.text(amount)

    def _spelling(self, decimal: str | None) -> Spelling:
        headers = (*self.format.columns.get("amount", ()), *self.format.less, *self.format.open_amount)
        places = [place for header in headers for place in self._places((header,))]
        numbers = [
            (number, self.header[place], cells[place])
            for number, cells in self.body
            if not self._is_noise(cells, [cell for cell in cells if cell])
            for place in places
            if place < len(cells) and cells[place]
        ]
        return decide([], numbers, file=self.lines.file, decimal_mark=decimal)

    def _places(self, headers: Sequence[str]) -> list[int]:
        # Asked of every cell of every row, and the same few each time.
        key = tuple(headers)
        if key not in self._found:
            self._found[key] = [self._place[bare(name)] for name in key if bare(name) in self._place]
        return self._found[key]

    def _first(self, cells: Sequence[str], headers: Sequence[str]) -> str:
        # The first that is filled: a client's name, or failing that the project's.
        found = (cells[place].strip() for place in self._places(headers) if place < len(cells))
        return next((text for text in found if text), "")

    def _named(self, name: str) -> str:
        places = self._places(self.format.columns.get(name, ()))
        return self.header[places[0]] if places else name

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _notes(self) -> tuple[str, ...]:
        title = phrase("title rows skipped: {above}", above=self.above) if self.above else ""
        return (
            self.format.title,
            *filter(None, [title]),
            *(phrase("{what}: {n:,}", what=what, n=n) for what, n in self.counts.items()),
            *self.remarks,
        )


def _says(
    rules: Mapping[str, tuple[str, ...]], cells: Sequence[str], first: Callable[[Sequence[str], Sequence[str]], str]
) -> bool:
    return any(first(cells, (header,)).casefold() in words for header, words in rules.items())
