"""What imports were told and remember: who a name in a file is, and which column is what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What a client is called in files of other tools; the user said that they are the same."""

    written: str
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMap:
    """What the columns of a table mean, said once and known again by the table's header.

    `columns` and `constants` hold our name and the header, or the text that holds for every row, as `name=text`.
    """

    target: str
    header: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    date_order: str | None = None
    decimal: str | None = None
