"""What is believed before any record: the priors listed, set to one's own intervals, and held against known figures."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.call import Call
from app.commands.screen import as_json, say, table
from app.wording import SET_BY, SETS
from model.language import phrase, translated, written

if TYPE_CHECKING:
    from app.beliefs import Held
    from app.store import Portfolio
    from model.settings import Settings

NameOfPrior = Annotated[str, typer.Argument(metavar="NAME", help="Name of the prior, as `bush priors` lists it.")]


def listed(call: Call) -> None:
    """What is believed before any record, and who said so.

    Each is an interval: 90 % sure it lies between the two.
    """
    from app.beliefs import held
    from model import priors

    settings = call.portfolio().settings
    rows = held(settings)
    if call.json:
        own = {prior.name: {"low": prior.low, "high": prior.high, "unit": prior.unit}
               for prior in priors.of(settings).every}  # fmt: skip
        as_json({"set": settings.prior_set, "priors": [{**asdict(row), "own_unit": own[row.name]} for row in rows]})
        return
    say(
        phrase(
            "The {prior_set} set: {reason}",
            prior_set=SETS[settings.prior_set],
            reason=translated(priors.set_called(settings.prior_set).reason),
        ),
        "",
    )
    table(
        (phrase("Prior"), phrase("90 % sure that the answer lies in"), phrase("Question"), phrase("Set by")),
        [(row.name, _interval(row), row.question, SET_BY[row.set_by]) for row in rows],
    )
    say(phrase("`bush priors set NAME LOW HIGH` states your own; `bush priors use SET` changes the set."))


def put(
    call: Call,
    name: NameOfPrior,
    low: Annotated[float, typer.Argument(metavar="LOW", help="You are 95 % sure that it is more; after `--` if < 0.")],
    high: Annotated[float, typer.Argument(metavar="HIGH", help="You are 95 % sure that it is less.")],
) -> None:
    """State your own interval: you are 90 % sure that the answer to the prior's question lies between the two."""
    from app.beliefs import stated

    portfolio = call.portfolio()
    _save(call, portfolio, stated(portfolio.settings, name, low, high))


def use(
    call: Call,
    chosen: Annotated[str, typer.Argument(metavar="SET", help="`sceptical`, `neutral` or `hopeful`.")],
) -> None:
    """Start from another set of priors; your own intervals stay."""
    from model import priors

    portfolio = call.portfolio()
    _save(call, portfolio, replace(portfolio.settings, prior_set=priors.set_called(chosen).name))


def reset(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One prior only; without it, all of them.")] = None,
) -> None:
    """Take your own interval back, or all of them and the set."""
    from app.beliefs import taken_back

    portfolio = call.portfolio()
    _save(call, portfolio, taken_back(portfolio.settings, name))


def check(call: Call) -> None:
    """What these priors imply of clients nobody has met, held against known figures."""
    import numpy as np

    from model import catalogue, priors
    from model.prior_check import prior_predictive

    table_of = priors.of(call.portfolio().settings)
    found = prior_predictive(catalogue.load(), rng=np.random.default_rng(call.seed), priors=table_of)
    if call.json:
        as_json([asdict(row) for row in found])
        return
    table(
        (phrase("Figure"), phrase("Of"), phrase("Middle"), phrase("90 % of portfolios"), phrase("Known"), ""),
        [
            (
                row.what,
                row.of,
                written(row.middle, ".3g"),
                phrase("{low:.3g} to {high:.3g}", low=row.low, high=row.high),
                "" if row.known is None else written(row.known, ".3g"),
                "" if row.known is None or row.low <= row.known <= row.high else phrase("outside"),
            )
            for row in found
        ],
        right=(phrase("Middle"), phrase("90 % of portfolios"), phrase("Known")),
    )
    say(phrase("Where figures disagree among themselves, or are of another kind, docs/model.md says why."))


def _interval(row: "Held") -> str:
    return phrase("{low:.3g} to {high:.3g}", low=row.low, high=row.high)


def _save(call: Call, portfolio: "Portfolio", settings: "Settings") -> None:
    stored = portfolio.save_settings(settings)
    if call.json:
        as_json({"changed": stored.batch is not None, "set": settings.prior_set})
    elif stored.batch is None:
        say(phrase("Nothing changed: that is what you believe already."))
    else:
        say(phrase("Stored; every answer goes by it from now on. `bush undo` takes it back."))
