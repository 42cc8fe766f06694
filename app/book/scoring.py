"""One part of a book: its firms judged one after the other by the engine of every other answer, and written whole."""

import gc
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.book.own import draws_digest, own_population
from app.book.source import Faulty, opened
from app.book.states import Carried, earlier_belief, keep_beliefs
from app.store.places import is_team
from model.errors import BushError

if TYPE_CHECKING:
    from pyarrow import Schema

    from model.decision import Decision
    from model.outlook import Newcomers
    from model.population import Population
    from model.records import Records

ABOUT = b"two-in-the-bush"
OBJECTS_UNTIL_COLLECTION = 100_000
# A part that was being written when its worker was killed.
_BEGUN = re.compile(r"part-\d+\.parquet\.\d+\.part")
_FIGURES = ("mean", "sd", "p10", "p50", "p90", "p_best", "expected_loss", "cvar10")
_ACTIONS = ("keep", "renegotiate", "drop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every firm alike.

    Parameters
    ----------
    as_of
        Day of the answer.
    draws
        Joint draws of everything unknown.
    seed
        Of all random numbers.
    population
        File of a fit, None for the prior of each firm's settings.
    waiting
        Whether waiting is considered as well; takes three times as long.
    """

    as_of: date
    draws: int
    seed: int = 1
    population: str | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the work: firms from `first` to `last`, to the file `target`; beliefs of `before` are carried on."""

    source: str
    target: str
    first: str
    last: str
    question: Question
    fingerprint: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A part that is written: how many clients were scored, and the firms that could not be."""

    target: str
    clients: int
    faulty: tuple[Faulty, ...]


def score(part: Part) -> Done:
    """Score one part and write it, whole or not at all.

    Raises
    ------
    BushError
        If the book or the fit cannot be read.
    """
    with _seldom_collected():
        return _score(part)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    # Records of a part are ten thousands of objects that come and go together; to look through them for garbage again
    # and again finds none.
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_UNTIL_COLLECTION, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _score(part: Part) -> Done:
    rows: list[dict[str, Any]] = []
    faulty: list[Faulty] = []
    beliefs: dict[str, Carried] = {}
    before = earlier_belief(part.before, part.question) if part.before else {}
    for found in opened(part.source).records(part.first, part.last):
        if isinstance(found, Faulty):
            faulty.append(found)
            continue
        firm, records = found
        try:
            scored, belief = _scored(firm, records, part.question, before.get(firm))
        except BushError as error:
            faulty.append(Faulty(firm=firm, sentence=str(error)))
            continue
        rows += scored
        if part.after and belief is not None:
            beliefs[firm] = belief
    if part.after:
        keep_beliefs(part.after, part.question, beliefs)
    done = Done(target=part.target, clients=len(rows), faulty=tuple(faulty))
    _write(part.target, rows, done, part.fingerprint)
    return done


def done_already(part: Part) -> Done | None:
    """What a part came to that was written before, of the same question and the same book; None where it is due."""
    about = _about(part.target)
    if about is None or about.get("fingerprint") != part.fingerprint or (part.after and not Path(part.after).exists()):
        return None
    faulty = tuple(Faulty(firm=firm, sentence=sentence) for firm, sentence in about["faulty"])
    return Done(target=part.target, clients=about["clients"], faulty=faulty)


def forget_others(parts: Sequence[Part]) -> None:
    """Remove the scores of parts that are none of these, as a run that cut the book another way leaves them behind.

    They would stand beside the new ones and count their clients twice. What the program has not written stays.
    """
    kept = {part.target for part in parts}
    for place in {_place(part.target) for part in parts}:
        if is_team(place):
            from app.book.postgres import keep_only

            keep_only(place, kept)
            continue
        for path in Path(place).glob("part-*.parquet*"):
            begun = _BEGUN.fullmatch(path.name) is not None
            if begun or (path.suffix == ".parquet" and str(path) not in kept and _about(str(path))):
                path.unlink(missing_ok=True)


def _place(target: str) -> str:
    return target.partition("#")[0] if is_team(target) else str(Path(target).parent)


def _about(target: str) -> dict[str, Any] | None:
    if is_team(target):
        from app.book.postgres import stored

        return stored(target)
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_schema

    try:
        told: dict[str, Any] = json.loads((read_schema(target).metadata or {}).get(ABOUT, b"{}"))
    except (OSError, ArrowInvalid, ValueError):
        return None
    return told


def asked(question: Question) -> str:
    """A digest of a question, the program that answers it and the fit it rests on."""
    fit = "" if question.population is None else sha256(Path(question.population).read_bytes()).hexdigest()
    told = json.dumps([_version(), asdict(question), fit], default=str)
    return sha256(told.encode()).hexdigest()[:16]


@cache
def _version() -> str:
    return version("two-in-the-bush")


def _scored(
    firm: str, records: "Records", question: Question, before: "Carried | None"
) -> "tuple[list[dict[str, Any]], Carried | None]":
    from model.judgement import judge
    from model.waiting import deliberated

    if not records.active(question.as_of):
        return [], None
    population, digest = _population(question, records)
    own = own_population(question, firm, records, population)
    # Who may come to a firm of its own kind is nobody another firm has met.
    met = [] if own is not population else _met.setdefault(records.settings.horizon_months, [])
    # A past that was edited moves a firm's own draws, and other settings its priors: beliefs under others do not count.
    draws = digest if own is population else draws_digest(own)
    earlier = before.belief if before is not None and before.draws == draws else None
    judgement = judge(records, own, today=question.as_of, seed=question.seed, earlier=earlier, met=met, every_ask=False)
    if all(one is not judgement.newcomers for one in met):
        met.append(judgement.newcomers)
    if question.waiting:
        judgement = deliberated(judgement)
    return [_row(firm, decision) for decision in judgement.decisions], Carried(judgement.belief, draws)


_kept: "dict[object, tuple[Population, str]]" = {}
# Newcomers of these draws, by the horizon: what the firms usually agree on differs in a few ways only.
_met: "dict[int, list[Newcomers]]" = {}


def _population(question: Question, records: "Records") -> "tuple[Population, str]":
    """The draws, made once for all firms that believe the same, as the other answers have them; and their digest."""
    from app.desk import draws_of
    from model import population, priors

    held = None if question.population else (records.settings.prior_set, records.settings.beliefs)
    key = (question.population, question.draws, question.seed, held)
    if key not in _kept:
        from model import catalogue

        _kept.clear()
        _met.clear()
        if question.population is None:
            drawn = draws_of(priors.of(records.settings), n_samples=question.draws, seed=question.seed)
        else:
            drawn = population.load(Path(question.population), catalogue.load()).thinned(question.draws)
        _kept[key] = drawn, draws_digest(drawn)
    return _kept[key]


def _row(firm: str, decision: "Decision") -> dict[str, Any]:
    row: dict[str, Any] = {
        "firm": firm, "client": decision.client, "as_of": decision.as_of, "verdict": decision.verdict,
        "currency": decision.currency, "horizon_months": decision.horizon_months, "basis": decision.basis,
        "evpi": decision.evpi, "deal_breakers": ";".join(decision.deal_breakers),
        "ask_price_pct": decision.ask.price_pct, "ask_scope": decision.ask.scope, "ask_terms": decision.ask.terms,
        "ask_office_hours": decision.ask.office_hours, "exit_date": decision.exit_month,
        "wait_months": decision.wait_months,
    }  # fmt: skip
    for summary in decision.actions:
        row |= {f"{summary.action}_{name}": getattr(summary, name) for name in _FIGURES}
    for strain in decision.strain:
        row |= {f"{strain.trait}_mean": strain.mean, f"{strain.trait}_sd": strain.sd}
    return row


def schema() -> "Schema":
    """The columns of a scored book."""
    import pyarrow as pa

    from model.catalogue import TRAITS

    number = pa.float64()
    return pa.schema(
        [
            ("firm", pa.string()), ("client", pa.string()), ("as_of", pa.date32()), ("verdict", pa.string()),
            ("currency", pa.string()), ("horizon_months", pa.int32()), ("basis", pa.string()), ("evpi", number),
            ("deal_breakers", pa.string()), ("ask_price_pct", number), ("ask_scope", pa.bool_()),
            ("ask_terms", pa.bool_()), ("ask_office_hours", pa.bool_()), ("exit_date", pa.date32()),
            ("wait_months", pa.int32()),
            *((f"{action}_{name}", number) for action in (*_ACTIONS, "wait") for name in _FIGURES),
            *((f"{trait}_{name}", number) for trait in TRAITS for name in ("mean", "sd")),
        ]
    )  # fmt: skip


def _write(target: str, rows: list[dict[str, Any]], done: Done, fingerprint: str) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    about = {
        "fingerprint": fingerprint,
        "clients": done.clients,
        "faulty": [[fault.firm, fault.sentence] for fault in done.faulty],
    }
    if is_team(target):
        from app.book.postgres import store

        store(target, rows, about)
        return
    path = Path(target)
    table = pa.Table.from_pylist(rows, schema=schema()).replace_schema_metadata({ABOUT: json.dumps(about).encode()})
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two workers given the same part do not write into one another.
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    write_table(table, aside)
    aside.replace(path)
