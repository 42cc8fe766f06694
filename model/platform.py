"""A platform of firms: what clients are like there in general, how far firms differ, and each firm's own population."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from model.belief import seed_of
from model.catalogue import Catalogue
from model.errors import PopulationError
from model.language import phrase
from model.levels import Levels
from model.likelihood import kernel_data
from model.observations import observe
from model.own_levels import expansion
from model.parameters import Array
from model.population import Population
from model.population import load as load_population
from model.population import save as save_population
from model.priors import Interval
from model.records import Records
from model.stratified import normals
from model.subsample_size import SizeCheck

_ARRAYS = ("centre", "apart", "unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Draws of the population of a whole platform, from which each firm has its own.

    Parameters
    ----------
    population
        Of a firm nobody has met: the platform's, with levels drawn anew in every draw.
    centre
        Shape (sample, parameter): the firm in the middle.
    apart
        Shape (sample, level): how far firms differ, in standard deviations of the levels' priors.
    levels
        Which ways they differ.
    as_of
        The day whose records the fit knew. Those of that day make a firm's own population too, so that it holds still
        from month to month until the next fit.
    firms, clients, months
        How many were fitted, and client-months.
    size
        Whether these were enough; None where nobody asked.
    """

    population: Population
    centre: Array
    apart: Array
    levels: Levels
    as_of: date
    firms: int
    clients: int
    months: int
    size: SizeCheck | None = None

    def thinned(self, n_samples: int) -> "Platform":
        """Evenly spaced draws, the same of everything; or all where there are no more."""
        if n_samples >= len(self.centre):
            return self
        chosen = np.linspace(0, len(self.centre) - 1, n_samples).round().astype(int)
        return replace(
            self, population=self.population.thinned(n_samples), centre=self.centre[chosen], apart=self.apart[chosen]
        )

    def with_market(self, market: tuple[Interval, ...]) -> "Platform":
        """The same, with what its firms' searches say of the market, as by `model.platform_market`."""
        return replace(self, population=replace(self.population, market=market))

    def own_population(self, firm: str, records: Records, catalogue: Catalogue) -> Population:
        """The population of one firm, given its records as of the day of the fit.

        Depends on the firm's name, its records and the draws, and on nothing else: neither on which firms are asked
        for beside it nor on who asks. A firm without records by then has the population of any other.

        Parameters
        ----------
        firm
            Its name; random numbers go by it.
        records
            Its records; later ones are not used.
        catalogue
            The signs.
        """
        observations = observe(records, catalogue, self.as_of)
        if observations.n_rows == 0:
            return self.population
        known = expansion(
            self.centre.mean(axis=0), self.apart.mean(axis=0), self.levels, kernel_data(observations, catalogue)
        )
        own = known.draws(self.centre, self.apart, normals(seed_of(f"levels of {firm}", 1), *self.apart.shape))
        return replace(self.population, theta=np.ascontiguousarray(self.centre + own @ self.levels.unit))


def save(platform: Platform, path: Path) -> None:
    """Write the platform to one file, all or nothing, which reads as ordinary fitted draws too.

    Raises
    ------
    PopulationError
        If the file cannot be written.
    """
    about = {name: getattr(platform, name) for name in ("firms", "clients", "months")}
    about |= {"as_of": platform.as_of.isoformat(), "levels": platform.levels.names}
    about |= {"size": None if platform.size is None else asdict(platform.size)}
    arrays = {"centre": platform.centre, "apart": platform.apart, "unit": platform.levels.unit}
    save_population(platform.population, path, beside={**arrays, "platform": np.array(json.dumps(about))})


def load(path: Path, catalogue: Catalogue) -> Platform | None:
    """Read a platform; None where the file holds the fit of a single firm.

    Raises
    ------
    PopulationError
        If the file is missing, damaged, or made for another catalogue.
    """
    population = load_population(path, catalogue)
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        if "platform" not in file:
            return None
        try:
            about: dict[str, Any] = json.loads(str(file["platform"]))
            centre, apart, unit = (np.ascontiguousarray(file[name], dtype=np.float64) for name in _ARRAYS)
            size = about["size"]
            found = Platform(
                population=population, centre=centre, apart=apart,
                levels=Levels(names=tuple(about["levels"]), unit=unit), as_of=date.fromisoformat(about["as_of"]),
                firms=about["firms"], clients=about["clients"], months=about["months"],
                size=None if size is None else SizeCheck(**size | {"untold": tuple(size["untold"])}),
            )  # fmt: skip
        except (KeyError, ValueError, TypeError) as error:
            raise PopulationError(
                phrase("{name} cannot be read as fitted draws ({error}); fit again.", name=path.name, error=error)
            ) from error
    whole = centre.shape == population.theta.shape and apart.shape == (len(centre), len(unit))
    if not whole or unit.shape != (len(found.levels.names), centre.shape[1]):
        raise PopulationError(phrase("{name} holds draws that do not belong together; fit again.", name=path.name))
    if not all(np.isfinite(array).all() for array in (centre, apart, unit)):
        raise PopulationError(phrase("{name} holds values that are not finite; fit again.", name=path.name))
    return found
