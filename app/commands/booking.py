"""Scoring a book of clients of many firms."""

import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.book import PART_CLIENTS
from app.commands.call import Call
from app.commands.screen import as_json, remark, say
from model.errors import StoreError
from model.language import phrase, phrase_of

if TYPE_CHECKING:
    from app.book.run import Progress
    from app.book.scoring import Part
    from app.book.source import Faulty

DRAWS = 128
RECENT_PARTS = 32  # that the rate is taken of: how long workers take to start is soon left out


def score(
    call: Call,
    *,
    source: Annotated[
        str, typer.Option("--in", metavar="BOOK", help="The book: a folder of Parquet tables, or a PostgreSQL URL.")
    ],
    target: Annotated[
        str, typer.Option("--out", metavar="PLACE", help="Where the scores go: a folder, or a PostgreSQL URL.")
    ],
    draws: Annotated[int, typer.Option(min=16, max=4000, help="Joint draws of everything unknown.")] = DRAWS,
    population: Annotated[
        Path | None, typer.Option("--fit", metavar="FILE", help="Saved fit to judge by; the prior if not given.")
    ] = None,
    states: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Keep beliefs here, and carry on from those of last month."),
    ] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Consider waiting as well; takes far longer.")] = False,
    part_clients: Annotated[
        int, typer.Option(min=1, max=100_000, help="Clients in a part, about: what is lost when a worker dies.")
    ] = PART_CLIENTS,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes; one a core if not given.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler to give the parts to instead.")
    ] = None,
) -> None:
    """Score every client of a book of firms.

    Parts that are done are not done again: stopped at any point, the same command goes on from there.
    """
    import os

    needed()
    from app.book.run import plan, run
    from app.book.scoring import Question, forget_others
    from app.store.places import is_team
    from app.workers import cluster, processes

    question = Question(
        as_of=call.today, draws=draws, seed=call.seed, waiting=waiting,
        population=None if population is None else str(population.resolve()),
    )  # fmt: skip
    if population is not None and not population.exists():
        raise StoreError(
            phrase("there is no fit at {population}; `bush fit` makes one beside the portfolio.", population=population)
        )
    where = None if states is None else states.resolve()
    # Workers elsewhere know a folder by its whole name only.
    places = [place if is_team(place) else str(Path(place).resolve()) for place in (source, target)]
    parts = plan(places[0], places[1], question, part_clients=part_clients, before=where, after=where)
    crew = cluster(scheduler) if scheduler else processes(workers or os.cpu_count() or 1)
    began = time.monotonic()
    last = None
    recent: deque[tuple[float, Progress]] = deque(maxlen=RECENT_PARTS)
    with crew as hands:
        for last in run(parts, hands):
            recent.append((time.monotonic(), last))
            _tell(call, *recent[0], *recent[-1])
    if last is None:
        return
    forget_others(parts)
    _ended(call, last, parts, places[0], time.monotonic() - began)


def _tell(call: Call, since: float, before: "Progress", until: float, now: "Progress") -> None:
    seconds, fresh = until - since, now.parts - before.parts
    if call.json or fresh == 0:
        if now.kept and not call.json:
            remark(phrase("{kept:,} of {of:,} parts are done already.", kept=now.kept, of=now.of))
        return
    left = (now.of - now.parts) * seconds / fresh
    remark(
        phrase(
            "{parts:,} of {of:,} parts, {clients:,} clients, {rate:,.0f} a second, about {left} left.",
            parts=now.parts,
            of=now.of,
            clients=now.clients,
            rate=(now.clients - before.clients) / max(seconds, 1e-9),
            left=_span(left),
        )
    )


def _ended(call: Call, last: "Progress", parts: "list[Part]", source: str, seconds: float) -> None:
    from app.book.scoring import done_already
    from app.book.source import Book

    book = Book(source)
    faulty = [fault for part in parts if (done := done_already(part)) for fault in done.faulty]
    # Nothing scored is no failure where firms have no active client.
    failed = last.clients == 0 and faulty and {firm for firm, _ in book.firms()} <= {fault.firm for fault in faulty}
    faulty += book.strays()
    _say(call, last, faulty, seconds)
    if failed:
        raise typer.Exit(1)


def _say(call: Call, last: "Progress", faulty: "list[Faulty]", seconds: float) -> None:
    if call.json:
        as_json(
            {
                "clients": last.clients,
                "parts": last.of,
                "done_before": last.kept,
                "seconds": round(seconds, 3),
                "faulty": [{"firm": fault.firm, "why": fault.sentence} for fault in faulty],
            }
        )
        return
    say(phrase("{clients:,} clients scored in {of:,} parts.", clients=last.clients, of=last.of))
    for fault in faulty[:20]:
        say(
            phrase("Left out: firm {firm!r}: {sentence}", firm=fault.firm, sentence=fault.sentence)
            if fault.firm
            else phrase("Left out: {sentence}", sentence=fault.sentence)
        )
    if len(faulty) > 20:
        say(phrase("and {count:,} more firms; --json lists them all.", count=len(faulty) - 20))


def _span(seconds: float) -> str:
    if seconds < 90:
        return phrase_of(round(seconds), "{count} second", "{count} seconds")
    if seconds < 5400:
        return phrase_of(round(seconds / 60), "{count} minute", "{count} minutes")
    return phrase("{seconds:.1f} hours", seconds=seconds / 3600)


def needed() -> None:
    """Refuse where the packages for books are not installed."""
    from importlib.util import find_spec

    for name in ("pyarrow", "distributed"):
        if find_spec(name) is None:
            raise StoreError(
                phrase(
                    "scoring a book needs the package {name}; install it with `pip install 'two-in-the-bush[book]'`.",
                    name=name,
                )
            )
