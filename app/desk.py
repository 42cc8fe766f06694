"""A portfolio on the desk: its records, the population to judge it by, and the judgement, each made once and kept.

Command line, web app and review all ask here, so they all give the same numbers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from app.store import Portfolio, open_portfolio
from model.errors import PopulationError
from model.language import phrase, speaking

if TYPE_CHECKING:
    from model.forecast import Ask
    from model.judged import Judgement
    from model.observations import Observations
    from model.path import StrainPath
    from model.population import Population
    from model.predictive_check import PredictiveCheck
    from model.priors import Priors
    from model.records import Records

N_SAMPLES = 350
# Of many clients fewer draws are enough to tell their answers apart, and more would not fit into a small machine.
MANY_CLIENTS, N_SAMPLES_OF_MANY = 120, 128
KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What the population draws in use know of the records.

    `basis` is "prior", "fit" or "quick"; `stale` says whether records or priors changed since the fit; `problem` why a
    saved fit is not used, empty where there is none; `news` is a sentence on what is new since, and `reasons` say why a
    new fit is due, where one is.
    """

    basis: str
    stale: bool
    problem: str
    news: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def due(self) -> bool:
        """Whether a new fit would tell something new of clients in general."""
        return bool(self.reasons)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is new since the fit, and whether that calls for a new one; empty where the fit is up to date."""
        if not self.stale:
            return ()
        news = (self.news,) if self.news else ()
        if self.due:
            return (*news, phrase("A new fit is due: {reasons}.", reasons="; ".join(self.reasons)))
        return (*news, phrase("The answers take that in already; a new fit is not due yet."))


class Desk:
    """One open portfolio; safe to share between threads.

    Parameters
    ----------
    where
        Database URL, file or portfolio folder; None for the user's own portfolio.
    today
        Date of every answer; None for the real today.
    seed
        Of all random numbers.
    """

    def __init__(self, where: str | Path | None = None, *, today: date | None = None, seed: int = 1) -> None:
        self.where = where
        self.portfolio: Portfolio = open_portfolio(where)
        self.today = today or date.today()  # noqa: DTZ011, the day on the user's own calendar
        self.seed = seed
        self._lock = Lock()
        self._judgements: dict[tuple[object, ...], Judgement] = {}
        self._paths: dict[str, tuple[object, StrainPath]] = {}
        self._check: tuple[object, PredictiveCheck] | None = None
        self._population: tuple[object, Population, Population | None, str] | None = None
        self._taken_up: tuple[object, str, Population] | None = None
        self._freshness: tuple[object, Freshness] | None = None
        self._records: tuple[object, Records] | None = None

    @property
    def fit_path(self) -> Path:
        """Where the fitted draws of this portfolio are kept."""
        path = self.portfolio.path
        return path.with_name(f"{path.name}.fit.npz")

    def let_go(self) -> None:
        """Drop every answer that is kept; the next one is worked out anew."""
        with self._lock:
            self._judgements.clear()
            self._paths.clear()
            self._check = self._population = self._taken_up = self._freshness = self._records = None

    def records(self) -> "Records":
        """Everything known today, read once for each revision of the portfolio."""
        # The revision is read first: what is written in between is then read again, never missed.
        key, kept = (self.portfolio.revision(), self.today), self._records
        if kept is None or kept[0] != key:
            kept = self._records = (key, self.portfolio.records(as_of=self.today))
        return kept[1]

    def priors(self) -> "Priors":
        """What the user believes before any record: the set they chose, and their own intervals."""
        from model import priors

        return priors.of(self.portfolio.settings)

    def population(self) -> "Population":
        """The fitted draws where there is a reliable fit, else draws from the prior.

        What months that ended since a fit say of clients in general is taken up. The month under way moves the belief
        about its own clients alone, so that an answer to a record of today does not wait for those of all others.
        """
        return self._chosen()[1]

    def freshness(self) -> Freshness:
        """Which draws are in use, and whether a new fit is due."""
        saved, drawn, fitted, problem = self._chosen()
        key = (saved, self.portfolio.revision(), self.today)
        with self._lock:
            if self._freshness is None or self._freshness[0] != key:
                plain = Freshness(basis=drawn.basis, stale=False, problem=problem)
                self._freshness = (key, plain if fitted is None else self._since(fitted))
            return self._freshness[1]

    def rests_on(self) -> tuple[object, ...]:
        """What every answer changes with: the records, the day, the draws in use and the seed."""
        # The draws by the file they are from: a second fit of the same records has the fingerprint of the first.
        return self.portfolio.revision(), self.today, self._chosen()[0], self.seed

    def judgement(self, ask: "Ask | None" = None) -> "Judgement":
        """Decisions on every active client, as of today."""
        from model.judgement import judge
        from model.waiting import deliberated

        key, population = (*self.rests_on(), ask), self.population()
        with self._lock:
            if key not in self._judgements:
                last = next(reversed(self._judgements.values()), None)
                records = self.records()
                with speaking(records.settings.language):
                    made = deliberated(
                        judge(records, population, today=self.today, ask=ask, seed=self.seed, previous=last)
                    )
                while len(self._judgements) >= KEPT:
                    self._judgements.pop(next(iter(self._judgements)))
                self._judgements[key] = made
            return self._judgements[key]

    def strain_path(self, client: str) -> "StrainPath":
        """How the strain of an active client went through its recorded months."""
        from model import catalogue
        from model.path import strain_path

        judged = self.judgement()
        with self._lock:
            kept = self._paths.get(client)
            if kept is None or kept[0] is not judged:
                while len(self._paths) >= KEPT:
                    self._paths.pop(next(iter(self._paths)))
                made = strain_path(judged.population, judged.records, client, catalogue.load(), today=judged.as_of)
                kept = self._paths[client] = (judged, made)
            return kept[1]

    def predictive_check(self) -> "PredictiveCheck":
        """The records held against records drawn from the model, with the draws in use."""
        import numpy as np

        from model import catalogue
        from model.predictive_check import predictive_check

        key, population = self.rests_on(), self.population()
        with self._lock:
            if self._check is None or self._check[0] != key:
                rng = np.random.default_rng([self.seed, 0x636865636B])
                records = self.records()
                signs = catalogue.spoken(records.settings.language)
                made = predictive_check(population, records, signs, today=self.today, rng=rng)
                self._check = (key, made)
            return self._check[1]

    def observations(self) -> "Observations":
        """The records as arrays, for a fit; clients that left are part of them."""
        from model import catalogue
        from model.observations import observe

        return observe(self.records(), catalogue.load(), self.today)

    def _chosen(self) -> "tuple[object, Population, Population | None, str]":
        saved = self.fit_path.stat().st_mtime_ns if self.fit_path.exists() else None
        table = self.priors()
        n_samples = self._n_samples()
        key = (saved, table.intervals, n_samples)
        with self._lock:
            if self._population is None or self._population[0] != key:
                self._population = (key, *self._load(saved is not None, table, n_samples))
                self._taken_up = None
            _, drawn, fitted, problem = self._population
            if fitted is not None:
                drawn = self._with_months_over(fitted, drawn, table)
            return key, drawn, fitted, problem

    def _with_months_over(self, fitted: "Population", drawn: "Population", priors: "Priors") -> "Population":
        from model import catalogue
        from model.observations import observe
        from model.population import fingerprint_of
        from model.taking_up import taken_up

        key, last = (self.portfolio.revision(), self.today), self._taken_up
        if last is None or last[0] != key:
            over, signs = self.today.replace(day=1) - timedelta(days=1), catalogue.load()
            seen = observe(self.records().as_of(over), signs, over)
            fingerprint = fingerprint_of(seen, priors)
            if last is None or last[1] != fingerprint:
                moved = taken_up(fitted, seen, signs, priors)
                made = drawn if moved is fitted else moved.thinned(drawn.n_samples)
            else:
                made = last[2]
            last = self._taken_up = (key, fingerprint, made)
        return last[2]

    def _n_samples(self) -> int:
        return N_SAMPLES if len(self.records().active(self.today)) <= MANY_CLIENTS else N_SAMPLES_OF_MANY

    def _since(self, fitted: "Population") -> Freshness:
        """What is new since a fit."""
        from model import catalogue
        from model.observations import observe
        from model.population import fingerprint_of
        from model.staleness import staleness

        records, signs, table = self.records(), catalogue.load(), self.priors()
        seen = observe(records, signs, self.today)
        if fitted.fingerprint == fingerprint_of(seen, table):
            return Freshness(basis=fitted.basis, stale=False, problem="")
        if fitted.ledger is None:
            unknown = phrase(
                "it was saved by an earlier version of this program, which did not note what it was made of"
            )
            return Freshness(basis=fitted.basis, stale=True, problem="", reasons=(unknown,))
        found = staleness(fitted, records, seen, signs, table, today=self.today)
        stale = bool(found.news) or found.due
        return Freshness(basis=fitted.basis, stale=stale, problem="", news=found.news.sentence(), reasons=found.reasons)

    def _load(self, saved: bool, priors: "Priors", n_samples: int) -> "tuple[Population, Population | None, str]":
        """Draws, the whole fit they come from, and why a saved fit is not used.

        It is the very same object until another fit is saved: only then is a judgement carried on.
        """
        from model import catalogue, population

        signs, problem = catalogue.load(), ""
        if saved:
            try:
                fitted = population.load(self.fit_path, signs)
            except PopulationError as error:
                problem = str(error)
            else:
                if fitted.diagnostics is None or fitted.diagnostics.reliable:
                    return fitted.thinned(n_samples), fitted, ""
                problem = phrase("the last fit is not reliable yet, so its draws are not used")
        return draws_of(priors, n_samples=n_samples, seed=self.seed), None, problem


def draws_of(priors: "Priors", *, n_samples: int, seed: int) -> "Population":
    """Draws from a prior, the same for the same seed wherever an answer is given."""
    import numpy as np

    from model import catalogue, population

    return population.from_prior(catalogue.load(), rng=np.random.default_rng(seed), n_samples=n_samples, priors=priors)
