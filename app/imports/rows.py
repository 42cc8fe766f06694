"""The rows of a foreign table on their way to records."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.imports.cells import UnreadableCell, read_month, read_signs
from app.imports.columns import Column
from app.imports.faults import Fault, from_error, not_yet, unreadable
from app.imports.mapping import OPTIONAL, TARGETS, ColumnMap
from app.imports.spelling import Spelling, read_flag
from app.imports.text import Table
from app.store.writes import Record
from model.errors import BushError
from model.language import phrase
from model.records import Records, first_of_month

MAX_TERMS_DAYS = 3650


class RowReader:
    """The rows of one table on their way to records, and the faults met on the way."""

    def __init__(
        self,
        table: Table,
        mapping: ColumnMap,
        places: Mapping[str, int],
        spelling: Spelling,
        held: Records,
        today: date | None = None,
    ) -> None:
        self.table = table
        self._today = today
        self.held = held
        self.faults: list[Fault] = []
        self._mapping = mapping
        self._places = places
        self._spelling = spelling
        self.kind = TARGETS[mapping.target]
        self._clients = {client.name: client for client in held.clients}
        self._readers: dict[str, Callable[[str], object]] = {
            "date": spelling.day,
            "month": self._month,
            "day_or_month": self._day_or_month,
            "decimal": spelling.amount,
            "number": spelling.hours,
            "integer": self._whole,
            "flag": read_flag,
            "signs": read_signs,
            "code": str.upper,
        }

    def rows(self) -> list[tuple[int, Record]]:
        """Every row that reads as a record, with its number."""
        found = []
        for number, cells in zip(self.table.numbers, self.table.rows, strict=True):
            record = self._record(number, cells)
            if record is not None:
                found.append((number, record))
        return found

    def fault(self, row: int, error: BushError) -> None:
        """Note that the record of a row was refused, pointing at the file's own column."""
        fault = from_error(error, self.table.file, row)
        self.faults.append(replace(fault, column=None if fault.column is None else self.header_of(fault.column)))

    def header_of(self, ours: str) -> str:
        """What the file calls one of our columns; our own name where the file has none."""
        place = self._places.get(ours)
        return ours if place is None else self.table.header[place]

    def _record(self, number: int, cells: tuple[str, ...]) -> Record | None:
        width = len(self.table.header)
        if any(cells[width:]):
            sentence = phrase(
                "{width} cells were expected, one per column; {count} came.", width=width, count=len(cells)
            )
            self.faults.append(Fault(file=self.table.file, row=number, sentence=sentence))
            return None
        before = len(self.faults)
        texts = {column.name: self._text(column, cells) for column in self.kind.columns}
        values: dict[str, Any] = {}
        for column in self.kind.columns:
            values[column.field] = self._value(column, texts[column.name], number)
            if column.kind == "day_or_month":
                values["whole_month"] = _is_month(texts[column.name])
        if len(self.faults) > before:
            return None
        if self._mapping.target == "invoices":
            self._complete(values, texts, number)
        if self._mapping.target == "clients":
            self._agreed(values, number)
        if len(self.faults) > before:
            return None
        try:
            record: Record = self.kind.record(**values)
        except BushError as error:
            self.fault(number, error)
            return None
        for ahead in () if self._today is None else not_yet(record, self.kind.columns, self._today):
            self.fault(number, ahead)
        return record if len(self.faults) == before else None

    def _text(self, column: Column, cells: tuple[str, ...]) -> str:
        place = self._places.get(column.name)
        if place is not None and place < len(cells) and cells[place]:
            return cells[place]
        return self._mapping.constants.get(column.name, "")

    def _value(self, column: Column, text: str, number: int) -> object:
        if not text:
            if column.required and column.name not in OPTIONAL.get(self._mapping.target, ()):
                self._unreadable(column.name, number, phrase("a value"), text)
            return column.empty
        try:
            reader = self._readers.get(column.kind)
            return text if reader is None else reader(text)
        except UnreadableCell as error:
            self._unreadable(column.name, number, str(error), text)
            return column.empty

    def _complete(self, values: dict[str, Any], texts: Mapping[str, str], number: int) -> None:
        client = self._clients.get(values["client"])
        if values["currency"] is None:
            values["currency"] = client.currency if client else self.held.settings.currency
        try:
            self._spelling.amount(texts["amount"], values["currency"])
        except UnreadableCell as error:
            self._unreadable("amount", number, str(error), texts["amount"])
        if values["due"] is None:
            constants = self._mapping.constants
            own = client.payment_terms_days if client else None
            terms = constants.get("terms_days") or own or constants.get("usual_terms_days")
            if terms is None or not str(terms).isdecimal() or int(terms) > MAX_TERMS_DAYS:
                expected = phrase("a due date, or terms_days among the constants of the map,")
                self._unreadable("due", number, expected, texts["due"])
            else:
                values["due"] = values["issued"] + timedelta(days=int(terms))

    def _agreed(self, values: dict[str, Any], number: int) -> None:
        fee, rate = values["fee_per_month"], values["rate_per_hour"]
        values["currency"] = values["currency"] or self.held.settings.currency
        values["billing"] = values["billing"] or ("retainer" if fee else "hourly" if rate else "fixed")
        if values["since"] is None and self._today is not None:
            values["since"] = first_of_month(self._today)
        elif values["since"] is None:
            self._unreadable("since", number, phrase("a day"), "")

    def _unreadable(self, ours: str, number: int, expected: str, came: str) -> None:
        self.faults.append(unreadable(self.table.file, number, self.header_of(ours), expected, came))

    def _month(self, text: str) -> date:
        return read_month(text) if _is_month(text) else first_of_month(self._spelling.day(text))

    def _day_or_month(self, text: str) -> date:
        return read_month(text) if _is_month(text) else self._spelling.day(text)

    def _whole(self, text: str) -> int:
        amount = self._spelling.amount(text)
        if amount != int(amount):
            raise UnreadableCell(phrase("a whole number"))
        return int(amount)


def _is_month(text: str) -> bool:
    return len(text) == 7 and text[4] == "-" and text[:4].isdigit() and text[5:].isdigit()
