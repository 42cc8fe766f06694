"""A whole book in parts: what is done is not done again, and who does it makes no difference."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from app.book import PART_CLIENTS
from app.book.own import check_fit
from app.book.scoring import Done, Part, Question, asked, done_already, score
from app.book.source import Book
from app.store.places import is_team
from app.workers import ATTEMPTS, Workers
from model.errors import StoreError
from model.language import phrase

PARTS_FILE = "parts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a book is: parts and clients done, of them `kept` parts from before, and parts in all."""

    parts: int
    of: int
    kept: int
    clients: int
    faulty: int


def plan(
    source: str | Path, target: str | Path, question: Question, *, part_clients: int = PART_CLIENTS,
    before: Path | None = None, after: Path | None = None,
) -> list[Part]:  # fmt: skip
    """The parts of a book, by the names of its firms.

    Parameters
    ----------
    source, target
        Where the book is and where the scores go: folders, or databases.
    question
        What is asked.
    part_clients
        Clients in a part, about; a firm is never split. Where states were kept, their parts are kept as well.
    before, after
        Folders of the beliefs to carry on from, and to keep; may be the same.

    Raises
    ------
    ImportRefused
        If the folder is no book.
    PopulationError
        If the fit cannot be read.
    StoreError
        If a folder to write into cannot be written.
    """
    check_fit(question)
    book = Book(source)
    ends = _ends(book.firms(), part_clients, before)
    for folder in (None if is_team(target) else Path(target), after):
        if folder is not None:
            _check_writable(folder)
    if after is not None:
        (after / PARTS_FILE).write_text(json.dumps(ends), encoding="utf-8")
    told = f"{asked(question)} {book.fingerprint()}"
    parts, first = [], ""
    for number, last in enumerate(ends):
        name = f"part-{number:05d}"
        digest = sha256(f"{told} {first!r} {last!r}".encode("utf-8", errors="surrogatepass")).hexdigest()[:16]
        parts.append(
            Part(
                source=str(source), target=_target(target, name), first=first, last=last,
                question=question, fingerprint=digest,
                before=None if before is None else str(before / f"{name}.beliefs"),
                after=None if after is None else str(after / f"{name}.beliefs"),
            )
        )  # fmt: skip
        # The next part begins right after the last name of this one.
        first = f"{last}\x00"
    return parts


def _check_writable(folder: Path) -> None:
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return
    raise StoreError(phrase("{folder} cannot be written; choose a folder you may write to.", folder=folder))


def _target(target: str | Path, name: str) -> str:
    return f"{target}#{name}" if is_team(target) else str(Path(target) / f"{name}.parquet")


def run(parts: list[Part], workers: Workers) -> Iterator[Progress]:
    """Score every part that is not done yet; tells after each.

    A part that a worker died over is given to another one, up to three times.

    Raises
    ------
    StoreError
        If a part fails every time, what is written cannot be, or a cluster's scheduler is gone.
    """
    done = [found for part in parts if (found := done_already(part)) is not None]
    there = {found.target for found in done}
    due = [part for part in parts if part.target not in there]
    kept = len(done)
    tally = Progress(
        parts=kept, of=len(parts), kept=kept, clients=sum(d.clients for d in done),
        faulty=sum(len(d.faulty) for d in done),
    )  # fmt: skip
    yield tally
    running: dict[Future[Done], tuple[Part, int]] = {}
    queue = [(part, 1) for part in due]
    queue.reverse()
    while queue or running:
        while queue and len(running) < workers.at_once:
            part, attempt = queue.pop()
            running[workers.submit(score, part)] = (part, attempt)
        ended, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in ended:
            part, attempt = running.pop(future)
            try:
                found = future.result()
            except CancelledError as error:
                raise StoreError(
                    phrase(
                        "the scheduler that was given the parts is gone; what is done stays done, and "
                        "once it is back the same command goes on from there."
                    )
                ) from error
            except (BrokenProcessPool, OSError, MemoryError) as error:
                if attempt >= ATTEMPTS:
                    raise StoreError(
                        phrase(
                            "the part up to {last!r} failed {attempts} times ({error}); what is done stays "
                            "done, and the same command goes on from there.",
                            last=part.last,
                            attempts=ATTEMPTS,
                            error=error,
                        )
                    ) from error
                queue.append((part, attempt + 1))
                continue
            tally = Progress(
                parts=tally.parts + 1, of=tally.of, kept=kept, clients=tally.clients + found.clients,
                faulty=tally.faulty + len(found.faulty),
            )  # fmt: skip
            yield tally


def _ends(firms: list[tuple[str, int]], part_clients: int, before: Path | None) -> list[str]:
    """The last firm of each part."""
    names = [name for name, _ in firms]
    if before is not None and (kept := _kept_ends(before / PARTS_FILE)):
        if names and names[-1] > kept[-1]:
            kept[-1] = names[-1]
        return kept
    ends, held = [], 0
    for name, clients in firms:
        held += clients
        if held >= part_clients:
            ends.append(name)
            held = 0
    if held:
        ends.append(names[-1])
    return ends


def _kept_ends(path: Path) -> list[str]:
    """The last firms of the parts that states were kept of; none where the file is missing or does not say."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    told = isinstance(kept, list) and all(isinstance(name, str) for name in kept)
    return kept if told and sorted(set(kept)) == kept else []
