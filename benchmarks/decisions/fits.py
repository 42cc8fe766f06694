"""What a firm's own records teach of its clients, by a quick fit or a sampled one, and what its platform's do."""

import time

import numpy as np

from benchmarks.decisions import platforms
from benchmarks.decisions.firms import UNTIL, Firm, recorded
from benchmarks.worlds.kinds import Kind
from model import fit, priors
from model.catalogue import Catalogue
from model.errors import FitError
from model.firms import side_by_side
from model.observations import observe
from model.parameters import Layout
from model.platform import Platform
from model.platform_market import market_of_firms, searches_of
from model.population import Population
from model.quick_fit import quick_fit
from model.quick_platform import quick_platform

TUNE, DRAWS = 200, 200
FITTED = 1000  # number of the first firm a platform is fitted to; those advised come before


class Fits:
    """Fits of the firms of all worlds; sampled ones share one compiled model.

    Parameters
    ----------
    catalogue
        The signs.
    n_samples
        Draws of a quick fit.
    firms
        How many firms of each world get a sampled fit.

    Attributes
    ----------
    seconds
        That each sampled fit took.
    unsettled
        How many quick fits did not settle.
    platforms
        Of each platform fit, its seconds; nan where it did not settle.
    """

    def __init__(self, catalogue: Catalogue, *, n_samples: int, firms: int) -> None:
        self.catalogue, self.n_samples, self.firms = catalogue, n_samples, firms
        self.graph: fit.Graph | None = None
        self.seconds: list[float] = []
        self.unsettled = 0
        self.platforms: list[float] = []

    def quick(self, one: Firm, number: int) -> Population | None:
        """A quick fit to all records of the firm of that number, None where it does not settle."""
        seen = observe(one.records, self.catalogue, UNTIL)
        try:
            return quick_fit(seen, self.catalogue, seed=number + 1, draws=self.n_samples)
        except FitError:
            self.unsettled += 1
            return None

    def platform(self, kind: Kind, platform: platforms.Platform, *, firms: int, seed: int) -> Platform | None:
        """A quick fit to other firms of the platform and their searches, None where it does not settle."""
        records = {
            f"fitted {n:03d}": recorded(kind, platform, self.catalogue, FITTED + n, seed=seed) for n in range(firms)
        }
        seen = {name: observe(one, self.catalogue, UNTIL) for name, one in records.items()}
        began = time.perf_counter()
        try:
            found = quick_platform(side_by_side(seen, self.catalogue), as_of=UNTIL, seed=seed).platform
        except FitError:
            self.platforms.append(float("nan"))
            return None
        self.platforms.append(time.perf_counter() - began)
        market = market_of_firms([searches_of(one, UNTIL) for one in records.values()], priors.load())
        return found.with_market(market).thinned(self.n_samples)

    def sampled(self, one: Firm, number: int) -> Population | None:
        """A sampled fit to them, None for later firms than those that get one."""
        import nutpie

        if number >= self.firms:
            return None
        seen = observe(one.records, self.catalogue, UNTIL)
        if self.graph is None:
            self.graph = fit.compile_model(seen, self.catalogue, priors.load())
        began = time.perf_counter()
        trace = nutpie.sample(
            self.graph.holding(seen).model, draws=DRAWS, tune=TUNE, chains=1, cores=1, seed=number + 1,
            adaptation="low_rank", progress_bar=False, save_warmup=False,
        )  # fmt: skip
        self.seconds.append(time.perf_counter() - began)
        theta = np.ascontiguousarray(np.asarray(trace.posterior.ds["theta"])[0])
        return Population(theta=theta, names=Layout.of(self.catalogue).names(self.catalogue), basis="fit")
