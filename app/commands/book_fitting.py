"""Fitting the population to a book of clients of many firms."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
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
    from model.parameters import Array
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
) -> None:
    """Learn from a book of firms what clients are like, and how far firms differ.

    Takes half an hour or so; where it was stopped the same command goes on. `bush score --fit FILE` then judges every
    firm by a population of its own.
    """
    needed()
    from app.book.source import Book
    from app.book.subsample import subsample
    from app.parameter_words import in_words
    from model import catalogue, platform, platform_fit
    from model.chains import forget, kept_at

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
            if unchecked:
                made = platform_fit.fit_platform(
                    drawn.whole, as_of=as_of, seed=call.seed, keep=target, on_progress=show
                )
            else:
                made = platform_fit.fit_and_check(
                    drawn.half, drawn.whole, drawn.held_out, as_of=as_of, seed=call.seed, keep=target,
                    on_progress=show,
                )  # fmt: skip
    except KeyboardInterrupt:
        remark(
            phrase_of(
                len(kept_at(target)),
                "The fit was stopped; the same command goes on from the chain that is complete.",
                "The fit was stopped; the same command goes on from the {count} chains that are complete.",
            )
        )
        raise typer.Exit(1) from None
    forget(target)
    found = made.platform.population.diagnostics
    assert found is not None
    # What may not be used is not left where a score would take it from.
    if found.reliable:
        platform.save(made.platform, target)
    if call.json:
        as_json(_document(drawn, made, target, time.monotonic() - began))
    else:
        _say(made, drawn, time.monotonic() - began)
    if not found.reliable:
        raise FitError(
            phrase(
                "the fit is not reliable: {parameter} stayed unsettled; nothing was written. Take more clients, or "
                "another --seed.",
                parameter=in_words(found.worst_parameter, signs),
            )
        )


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

    found, signs = made.platform.population.diagnostics, catalogue.load()
    assert found is not None
    say(
        phrase(
            "The fit of {clients} clients of {firms} firms ({months:,} months) is done: {draws:,} draws of {chains} "
            "chains in {minutes:.1f} minutes.",
            clients=made.platform.clients, firms=made.platform.firms, months=made.platform.months, draws=found.draws,
            chains=found.chains, minutes=seconds / 60,
        ),
        phrase(
            "Worst R-hat {worst_rhat:.3f} (at most 1.01), smallest bulk ESS {worst_ess:.0f} (at least 400), "
            "{divergences} divergences (none).",
            worst_rhat=found.worst_rhat, worst_ess=found.worst_ess, divergences=found.divergences,
        ),
        learned(made, lambda name: in_words(name, signs)),
    )  # fmt: skip
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
    assert found is not None
    size = platform.size
    return {
        "file": str(target) if found.reliable else None,
        "firms": platform.firms,
        "clients": platform.clients,
        "months": platform.months,
        "seconds": round(seconds, 3),
        "diagnostics": {"reliable": found.reliable, **asdict(found)},
        "contraction": dict(
            zip(made.contraction.names, (round(float(r), 4) for r in made.contraction.ratio), strict=True)
        ),
        "firms_apart": _rounded(platform.levels.names, platform.apart.mean(axis=0)),
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
