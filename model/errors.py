"""The error tree: everything this project raises on purpose.

Each message is a sentence for a person: what was expected, what came, and for which client, sign, file or row.
"""


class BushError(Exception):
    """Root of every error that carries a sentence meant for the user."""


class InvalidRecord(BushError):
    """A record breaks a rule of its type, such as a payment before its invoice.

    `column` names the field at fault where one can be named, so that an import can point at the cell.
    """

    def __init__(self, sentence: str, *, column: str | None = None) -> None:
        super().__init__(sentence)
        self.column = column


class UnknownSign(InvalidRecord):
    """A sign id is not in the catalogue."""


class UnknownClient(BushError):
    """A record or a question names a client the portfolio does not hold."""


class InvalidSettings(BushError):
    """A setting is outside what the model can work with."""


class MissingRate(BushError):
    """Amounts in two currencies meet and the user has given no exchange rate for them."""


class CatalogueError(BushError):
    """The catalogue file of signs, exit steps or screening items is malformed."""


class PopulationError(BushError):
    """Saved population draws cannot be used: damaged, of another version, or of another shape."""


class FitError(BushError):
    """The population fit could not be started, was cancelled, or failed."""


class ImportRefused(BushError):
    """A file was refused as a whole; nothing of it is stored. The sentence says file, row and column."""


class StoreError(BushError):
    """The database cannot be used: locked, full, read-only, truncated or newer than this program."""
