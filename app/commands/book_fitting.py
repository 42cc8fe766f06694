"""Fitting the population to a book of clients of many firms."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.booking import needed
from app.commands.call import Call
from app.commands.screen import as_json, console, remark, say
from model.errors import FitError, PopulationError
from model.language import phrase, phrase_of

if TYPE_CHECKING:
    from app.book.subsample import Subsample
    from model.market import Searched
    from model.parameters import Array
    from model.platform import Platform
    from model.platform_fit import PlatformFit
    from model.sampling import Progress
    from model.subsample_size import SizeCheck

CLIENTS = 120
MOST_NAMED = 8


def fit_book(
    call: Call,
    *,
    source: Annotated[
        str, typer.Option("--in", metavar="BOOK", help="The book: a folder of Parquet tables, or a PostgreSQL URL.")
    ],
    target: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the fit goes.")],
    clients: Annotated[
        int, typer.Option(min=24, max=2000, help="Clients to fit; as many others are drawn to check the fit by.")
    ] = CLIENTS,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Leave out the check whether these are enough; takes a third less.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Only an approximation, in a minute or two.")] = False,
) -> None:
    """Learn from a book of firms what clients are like, how far firms differ, and what their searches came to.

    Takes half an hour or so; where it was stopped the same command goes on. `bush score --fit FILE` then judges every
    firm by a population of its own.
    """
    needed()
    from app.book.source import Book
    from app.book.subsample import subsample
    from app.parameter_words import in_words
    from model import catalogue, platform, priors
    from model.chains import forget, kept_at
    from model.platform_market import market_of_firms

    signs, as_of = catalogue.load(), call.today
    _check_writable(target)
    drawn = subsample(Book(source), signs, as_of=as_of, clients=clients, seed=call.seed)
    if not call.json:
        remark(
            phrase(
                "{clients} clients of {firms} firms are fitted, {unseen} others are kept to check the fit by.",
                clients=drawn.whole.n_clients,
                firms=len(drawn.whole.names),
                unseen=drawn.held_out.n_clients,
            )
        )
    began = time.monotonic()
    try:
        with _shown(call) as show:
            made = _made(drawn, call, target, show, quick=quick, unchecked=unchecked)
    except KeyboardInterrupt:
        remark(
            phrase("The quick fit was stopped; nothing was written.")
            if quick
            else phrase_of(
                len(kept_at(target)),
                "The fit was stopped; the same command goes on from the chain that is complete.",
                "The fit was stopped; the same command goes on from the {count} chains that are complete.",
            )
        )
        raise typer.Exit(1) from None
    if not quick:
        forget(target)
    made = replace(made, platform=made.platform.with_market(market_of_firms(drawn.searches, priors.load())))
    found = made.platform.population.diagnostics
    # What may not be used is not left where a score would take it from; a quick fit has nothing to pass.
    reliable = found is None or found.reliable
    if reliable:
        platform.save(made.platform, target)
    if call.json:
        as_json(_document(drawn, made, target, time.monotonic() - began))
    else:
        _say(made, drawn, time.monotonic() - began)
    if found is not None and not reliable:
        raise FitError(
            phrase(
                "the fit is not reliable: {parameter} stayed unsettled; nothing was written. Take more clients, or "
                "another --seed.",
                parameter=in_words(found.worst_parameter, signs),
            )
        )


def _made(
    drawn: "Subsample", call: Call, target: Path, show: "Callable[[Progress], None]", *, quick: bool, unchecked: bool
) -> "PlatformFit":
    from model.platform_fit import fit_and_check, fit_platform
    from model.quick_platform import quick_and_check, quick_platform

    as_of, seed = call.today, call.seed
    if quick and unchecked:
        return quick_platform(drawn.whole, as_of=as_of, seed=seed, on_progress=show)
    if quick:
        return quick_and_check(drawn.half, drawn.whole, drawn.held_out, as_of=as_of, seed=seed, on_progress=show)
    if unchecked:
        return fit_platform(drawn.whole, as_of=as_of, seed=seed, keep=target, on_progress=show)
    return fit_and_check(drawn.half, drawn.whole, drawn.held_out, as_of=as_of, seed=seed, keep=target, on_progress=show)


def _check_writable(target: Path) -> None:
    """Refuse a place where nothing can be written before half an hour is spent on it."""
    if not target.is_dir():
        with suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            if os.access(target if target.exists() else target.parent, os.W_OK):
                return
    raise PopulationError(phrase("{path} cannot be written; choose a file in a folder you may write to.", path=target))


@contextmanager
def _shown(call: Call) -> "Iterator[Callable[[Progress], None]]":
    """A bar of progress; none where the answer is for a program."""
    if call.json:
        yield lambda now: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn(phrase("Fitting")), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda now: bar.update(task, completed=now.share_done, description=_left(now))


def _left(now: "Progress") -> str:
    if now.seconds_left is None:
        return now.stage
    minutes, seconds = divmod(round(now.seconds_left), 60)
    return phrase("{minutes}:{seconds:02d} left", minutes=minutes, seconds=seconds)


def _say(made: "PlatformFit", drawn: "Subsample", seconds: float) -> None:
    from app.parameter_words import in_words
    from model import catalogue

    signs, platform = catalogue.load(), made.platform
    found = platform.population.diagnostics
    fitted = {
        "clients": platform.clients, "firms": platform.firms, "months": platform.months, "minutes": seconds / 60,
    }  # fmt: skip
    if found is None:
        say(
            phrase(
                "The quick fit of {clients} clients of {firms} firms ({months:,} months) is done, in {minutes:.1f} "
                "minutes. It approximates the whole fit, which the same command makes without --quick.",
                **fitted,
            )
        )
    else:
        say(
            phrase(
                "The fit of {clients} clients of {firms} firms ({months:,} months) is done: {draws:,} draws of "
                "{chains} chains in {minutes:.1f} minutes.",
                **fitted, draws=found.draws, chains=found.chains,
            ),
            phrase(
                "Worst R-hat {worst_rhat:.3f} (at most 1.01), smallest bulk ESS {worst_ess:.0f} (at least 400), "
                "{divergences} divergences (none).",
                worst_rhat=found.worst_rhat, worst_ess=found.worst_ess, divergences=found.divergences,
            ),
        )  # fmt: skip
    say(learned(made, lambda name: in_words(name, signs)), market_sentence(made.platform, drawn.searches))
    if made.platform.size is not None:
        say(*size_sentences(made.platform.size))
    for fault in drawn.faulty:
        say(phrase("Left out: firm {firm!r}: {sentence}", firm=fault.firm, sentence=fault.sentence))


def learned(made: "PlatformFit", words: Callable[[str], str]) -> str:
    """How far the records settled the parameters, as one sentence."""
    ratio = made.contraction.ratio
    untold = list(dict.fromkeys(words(name) for name in made.contraction.untold))
    said = phrase(
        "Against what was believed before, the parameter in the middle is {median:.0%} as uncertain and the least "
        "settled {worst:.0%}.",
        median=float(sorted(ratio)[len(ratio) // 2]),
        worst=float(ratio.max()),
    )
    if not untold:
        return said
    some = "; ".join(untold[:MOST_NAMED])
    more = phrase(
        "{untold} of {all} parameters learned next to nothing: {some}",
        untold=len(made.contraction.untold), all=len(ratio), some=some,
    )  # fmt: skip
    rest = phrase(", and others.") if len(untold) > MOST_NAMED else "."
    return f"{said} {more}{rest}"


def market_sentence(platform: "Platform", searches: "Sequence[Searched]") -> str:
    """What the searches of the firms say of the market for new clients."""
    logged = sum(1 for one in searches if one.months or one.won)
    if not platform.population.market:
        return phrase("No search for a client is logged in these firms: their market is what each expects.")
    ends = {name: (low, high) for name, low, high in platform.population.market}
    said = phrase(
        "{searching} of the firms logged searches, of {months:,.0f} months and {won} clients won: a firm of this book "
        "wins clients {low:.2f} to {high:.2f} times as readily as it expects",
        searching=logged, months=sum(one.months for one in searches), won=sum(one.won for one in searches),
        low=ends["market_win_rate_factor"][0], high=ends["market_win_rate_factor"][1],
    )  # fmt: skip
    if "market_fee_factor" not in ends:
        return phrase("{said}.", said=said)
    low, high = ends["market_fee_factor"]
    return phrase("{said}, at {low:.2f} to {high:.2f} times the hourly fee.", said=said, low=low, high=high)


def size_sentences(size: "SizeCheck") -> tuple[str, ...]:
    """Whether the subsample was large enough, in words."""
    own = phrase(
        "Judging each firm by its own levels instead of those of any firm adds {gain:+.4f} ± {error:.4f}.",
        gain=size.own_gain,
        error=size.own_gain_error,
    )
    measured = phrase(
        "On {unseen} other clients ({months:,} months) the log score of a month is {score:.3f}, and {half:.3f} after "
        "a fit of {clients}: the second half adds {gain:+.4f} ± {error:.4f}.",
        unseen=size.unseen, months=size.months, score=size.score, half=size.score_half, clients=size.half,
        gain=size.gain, error=size.gain_error,
    )  # fmt: skip
    said = {"more": max(size.more, 0.0), "most": size.most, "twice": 2 * size.whole}
    verdict = (
        phrase("Twice as many clients would add about {more:.4f}, and {most:.4f} at most: this size is enough.", **said)
        if size.enough
        else phrase(
            "Twice as many clients would add about {more:.4f}, and up to {most:.4f}: take more, by --clients {twice}.",
            **said,
        )
    )
    return measured, verdict, own


def _document(drawn: "Subsample", made: "PlatformFit", target: Path, seconds: float) -> dict[str, Any]:
    platform, found = made.platform, made.platform.population.diagnostics
    size = platform.size
    return {
        "file": str(target) if found is None or found.reliable else None,
        "basis": platform.population.basis,
        "firms": platform.firms,
        "clients": platform.clients,
        "months": platform.months,
        "seconds": round(seconds, 3),
        "diagnostics": None if found is None else {"reliable": found.reliable, **asdict(found)},
        "contraction": dict(
            zip(made.contraction.names, (round(float(r), 4) for r in made.contraction.ratio), strict=True)
        ),
        "firms_apart": _rounded(platform.levels.names, platform.apart.mean(axis=0)),
        "market": {name: [round(low, 4), round(high, 4)] for name, low, high in platform.population.market},
        "size": None
        if size is None
        else {**asdict(size), "twice_as_many_add": size.more, "at_most": size.most, "enough": size.enough},
        "subsample": [
            {**kind._asdict(), "clients": there, "fitted": taken} for kind, (there, taken) in drawn.chances.items()
        ],
        "faulty": [{"firm": fault.firm, "why": fault.sentence} for fault in drawn.faulty],
    }


def _rounded(names: Sequence[str], values: "Array") -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}
