"""The population of each firm of a book, where the fit it is judged by is one of many firms."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.book.scoring import Question
    from model.catalogue import Catalogue
    from model.platform import Platform
    from model.population import Population
    from model.records import Records


def own_population(question: "Question", firm: str, records: "Records", otherwise: "Population") -> "Population":
    """The population of one firm; `otherwise` itself where the fit knows no firms apart, or nothing of this one."""
    if question.population is None:
        return otherwise
    signs = _signs()
    path = Path(question.population)
    platform = _platform(str(path), path.stat().st_mtime_ns, question.draws)
    if platform is None:
        return otherwise
    own = platform.own_population(firm, records, signs)
    return otherwise if own is platform.population else own


def check_fit(question: "Question") -> None:
    """Refuse a fit that cannot be read: judged by it, every firm would be left out one by one.

    Raises
    ------
    PopulationError
        If the file is missing, damaged, or made for another catalogue.
    """
    if question.population is not None:
        from model.platform import load

        load(Path(question.population), _signs())


def draws_digest(population: "Population") -> str:
    """A digest of the draws a firm is judged by: beliefs are carried on under the very same ones only."""
    return sha256(population.theta.tobytes()).hexdigest()[:16]


@cache
def _signs() -> "Catalogue":
    from model import catalogue

    return catalogue.load()


@cache
def _platform(path: str, written: int, draws: int) -> "Platform | None":
    # Read once for all firms; `written` tells a file from another of that name before it.
    from model.platform import load

    found = load(Path(path), _signs())
    return None if found is None else found.thinned(draws)
