"""One call of `bush`: what was asked of every command alike, and how a refusal ends it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model.errors import BushError, StoreError
from model.language import phrase, speak
from model.rules import FIRST_DATE, LAST_DATE

if TYPE_CHECKING:
    from pathlib import Path

    from app.desk import Desk
    from app.store import Portfolio

EXAMPLE = "example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What holds for one run of the program.

    Parameters
    ----------
    db
        Database URL, file or portfolio folder; `example` for the example, None for the user's own.
    json
        Whether standard output is to hold JSON and nothing else.
    as_of
        The day to answer on; None for today, or for the last day of the example.
    seed
        Of all random numbers.
    """

    db: str | None = None
    json: bool = False
    as_of: date | None = None
    seed: int = 1

    @property
    def where(self) -> str:
        """The place the records are in."""
        from app.store import default_url, example_url

        return example_url() if self.db == EXAMPLE else self.db or default_url()

    def portfolio(self, *, create: bool = False) -> "Portfolio":
        """The portfolio, opened.

        Raises
        ------
        StoreError
            If there is none and it is not to be created, or it cannot be used.
        """
        from app.store import open_portfolio

        if self.db == EXAMPLE:
            from app.opened import example

            return _spoken_to(open_portfolio(example().where))
        if not create and not self._exists():
            raise StoreError(
                phrase(
                    "there is no portfolio at {file} yet; `bush init` starts one, `bush demo` shows the example.",
                    file=self._file(),
                )
            )
        return _spoken_to(open_portfolio(self.where, create=create))

    def desk(self) -> "Desk":
        """The portfolio on the desk, on the day of this call."""
        from app.desk import Desk

        portfolio = self.portfolio()
        return Desk(self.where, today=self.day(portfolio), seed=self.seed)

    def day(self, portfolio: "Portfolio") -> date:
        """The day to answer on."""
        from app.opened import EXAMPLE_FOLDER, newest_day
        from app.store import example_url
        from app.store.places import home_of

        # The example has a last day; on a later one its clients would all look abandoned.
        examples = (home_of(example_url()).resolve(), EXAMPLE_FOLDER.resolve())
        if self.as_of is None and portfolio.path.resolve() in examples:
            return newest_day(portfolio.records()) or self.today
        return self.today

    @property
    def today(self) -> date:
        """The day said, else today."""
        return self.as_of or date.today()  # noqa: DTZ011 - the user's own calendar day is meant

    def _exists(self) -> bool:
        from pathlib import Path

        from app.store.places import is_team

        where = self.where
        # Whether a team's database is there shows when it is opened.
        return is_team(where) or ("://" not in where and Path(where).expanduser().is_dir()) or self._file().exists()

    def _file(self) -> "Path":
        from app.store.places import home_of

        return home_of(self.where)


def _spoken_to(portfolio: "Portfolio") -> "Portfolio":
    # From here on in the language of the portfolio; until then, in that of the terminal.
    speak(portfolio.settings.language)
    return portfolio


def read_day(text: str) -> date:
    """A day the user typed."""
    try:
        if len(text) == len("2026-11-01"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(phrase("a day that exists, written YYYY-MM-DD, was expected; {text!r} came.", text=text))


def read_as_of(text: str) -> date:
    """A day to answer on: one that a record may have."""
    day = read_day(text)
    if not FIRST_DATE <= day <= LAST_DATE:
        raise typer.BadParameter(
            phrase(
                "a day between {first_date} and {last_date} was expected; {day} came.",
                first_date=FIRST_DATE, last_date=LAST_DATE, day=day,
            )
        )  # fmt: skip
    return day


def read_month(text: str) -> date:
    """The first day of a month the user typed."""
    try:
        if len(text) == len("2026-11"):
            return date.fromisoformat(f"{text}-01")
    except ValueError:
        pass
    raise typer.BadParameter(phrase("a month written YYYY-MM was expected; {text!r} came.", text=text))


def read_amount(text: str) -> Decimal:
    """An amount the user typed, with a decimal point.

    The language of the portfolio is not known yet: what a point means in one and in another is refused.
    """
    from app.entries import meant_two_ways

    if said := meant_two_ways(text):
        raise typer.BadParameter(said)
    return read_figure(text)


def read_figure(text: str) -> Decimal:
    """A number the user typed, with a decimal point."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise typer.BadParameter(phrase("an amount such as 1234.50 was expected; {text!r} came.", text=text))
    return amount


CLIENT_HELP = "Name of the client; after `--` if it begins with a dash."
ClientName = Annotated[str, typer.Argument(metavar="CLIENT", help=CLIENT_HELP)]
DB = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="Database file or URL, a portfolio folder, or `example`."),
]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
AS_OF = Annotated[
    date | None, typer.Option("--as-of", parser=read_as_of, metavar="DATE", help="Answer as of this day.")
]
SEED = Annotated[int | None, typer.Option("--seed", min=0, metavar="N", help="Seed of all random numbers.")]

_EVERYWHERE: dict[str, Any] = {"db": DB, "json": JSON, "as_of": AS_OF, "seed": SEED}


def command(function: Callable[..., None]) -> Callable[..., None]:
    """A function as Typer wants it: the options of every call are accepted after the command too.

    A refusal becomes its sentence on standard error and exit code 1.
    """
    own = signature(function, eval_str=True).parameters
    _, *mine = own.values()

    def run(ctx: typer.Context, **given: Any) -> None:
        said = {name: value for name in _EVERYWHERE if (value := given.pop(name)) not in (None, False)}
        before = ctx.find_root().obj
        call = replace(before if isinstance(before, Call) else Call(), **said)
        try:
            function(call, **given)
        except BushError as error:
            refuse(error)

    parameters = [
        Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *(parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in mine),
        *(
            Parameter(name, Parameter.KEYWORD_ONLY, default=False if name == "json" else None, annotation=annotation)
            for name, annotation in _EVERYWHERE.items()
        ),
    ]
    run.__signature__ = signature(function).replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__, run.__name__ = function.__doc__, function.__name__
    return run


def refuse(error: BushError) -> None:
    """End the program with the sentence of an error."""
    from app.wording import plain

    sentence = "\n".join(plain(line) for line in str(error).split("\n"))
    # A sentence may begin with the name of a file, which stays as it is spelt.
    begins_with_a_word = sentence.split(" ", 1)[0].isalpha()
    typer.echo(sentence[:1].upper() + sentence[1:] if begins_with_a_word else sentence, err=True)
    raise typer.Exit(1)
