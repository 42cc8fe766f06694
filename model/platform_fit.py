"""The fit of a platform: one population of many firms with levels of their own, and whether the clients sufficed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from model import priors as prior_table
from model.belief import seed_of
from model.errors import FitError
from model.firms import Firms
from model.fit import names_of_free
from model.kernel import digest
from model.language import phrase
from model.levels import Levels, levels_of
from model.observations import Observations
from model.parameters import Array, Layout
from model.platform import Platform
from model.population import Basis, Diagnostics, Population, fingerprint_of, library_versions
from model.priors import Priors
from model.sampling import CHAINS, Progress, Sampled, sample_until_reliable, two_tries
from model.stratified import normals
from model.subsample_size import Contraction, scored, size_check

# More steps than for one firm: how far a dozen firms differ goes with where each of them stands, and mixes slowly.
TUNE, DRAWS = 400, 1000
FEWEST_FIRMS, FEWEST_CLIENTS = 3, 12
# Of the second, larger fit in the time both take.
WHOLE_SHARE = 2 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFit:
    """What comes of a fit: the platform, and what it says of the firms in it.

    Parameters
    ----------
    platform
        The draws.
    own
        By firm, draws of its levels, shape (sample, level), in standard deviations of the levels' priors.
    fitted
        By firm, what was fitted.
    contraction
        How far each parameter was learned.
    """

    platform: Platform
    own: Mapping[str, Array]
    fitted: Mapping[str, Observations]
    contraction: Contraction

    def thetas(self, firms: tuple[str, ...]) -> dict[str, Array]:
        """Draws of the population of each firm; one that was not fitted has that of any firm."""
        unit, centre = self.platform.levels.unit, self.platform.centre
        return {
            name: centre + self.own[name] @ unit if name in self.own else self.platform.population.theta
            for name in firms
        }


def fit_platform(
    firms: Firms,
    *,
    as_of: date,
    seed: int = 1,
    priors: Priors | None = None,
    tune: int | None = None,
    draws: int | None = None,
    tries: int = 2,
    keep: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PlatformFit:
    """Sample the population of a platform, how far its firms differ, and the levels of each, all at once.

    Parameters
    ----------
    firms
        Clients of several firms.
    as_of
        The day they were observed.
    seed
        Of the sampler.
    priors
        Other priors than the shipped ones.
    tune, draws
        Per chain, of which there are four; the gate and the second try are those of `model.fit.fit`.
    tries
        1 leaves the second try out, and more chains than four.
    keep, on_progress, cancelled
        As in `model.fit.fit`.

    Raises
    ------
    FitError
        If there are too few firms or clients, the fit was cancelled, or the sampler failed.
    """
    enough_to_fit(firms)
    table = priors or prior_table.load()
    levels, layout = levels_of(firms.catalogue, table), Layout.of(firms.catalogue)
    say, stop = on_progress or (lambda progress: None), cancelled or (lambda: False)
    began = time.monotonic()
    fingerprint = fingerprint_of(firms.observations, table)
    about = (fingerprint, firms.first_client.tolist(), firms.catalogue, digest(), library_versions(), seed)
    planned = two_tries(keep, about, seed=seed, tune=tune or TUNE, draws=draws or DRAWS)
    if tries == 1:
        planned = (replace(planned[0], most=CHAINS),)
    say(Progress(stage=phrase("compiling the model"), share_done=0.0, seconds_left=None))
    model = _compiled(firms, levels, table)
    if stop():
        raise FitError(phrase("the fit was cancelled; what was in use stays in use."))
    plain = names_of_free(layout, firms.catalogue)
    names = (
        *plain[: layout.free],
        *(f"apart[{level}]" for level in levels.names),
        *(f"own[{firm},{level}]" for firm in firms.names for level in levels.names),
        *plain[layout.free :],
    )
    found = sample_until_reliable(model, planned, names, began=began, say=say, stop=stop, behind=("z", "apart", "own"))
    return _fitted(firms, found, levels, table, as_of=as_of)


def fit_and_check(
    half: Firms, whole: Firms, held_out: Firms, *, as_of: date, seed: int = 1, tune: int | None = None,
    draws: int | None = None, tries: int = 2, keep: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> PlatformFit:  # fmt: skip
    """Fit half of a subsample and all of it, and score both on a second one: whether it is large enough.

    Parameters
    ----------
    half, whole, held_out
        Half of the subsample, all of it, and clients that are in neither.
    as_of, seed, tune, draws, tries, on_progress, cancelled
        As in `fit_platform`; half of the subsample always has one try.
    keep
        Path the names of complete chains begin with, of both fits: one that was interrupted goes on from those.

    Raises
    ------
    FitError
        As by `fit_platform`.
    """

    def fitted(name: str, firms: Firms, first: float, last: float, tries: int) -> PlatformFit:
        return fit_platform(
            firms, as_of=as_of, seed=seed, tune=tune, draws=draws, tries=tries,
            on_progress=part_of(on_progress, first, last),
            keep=None if keep is None else keep.with_name(f"{keep.name}.{name}"), cancelled=cancelled,
        )  # fmt: skip

    # The half is only scored, which asks less of its draws than using them does: one try will do.
    first = fitted("half", half, 0.0, 1.0 - WHOLE_SHARE, 1)
    return checked(first, fitted("whole", whole, 1.0 - WHOLE_SHARE, 1.0, tries), held_out)


def checked(half: PlatformFit, whole: PlatformFit, held_out: Firms) -> PlatformFit:
    """The fit to all of a subsample, with how it fares on a second one beside the fit to half of the first."""
    anyone = dict.fromkeys(held_out.names, whole.platform.population.theta)
    size = size_check(
        whole.contraction,
        held_out,
        half=scored(held_out, half.thetas(held_out.names), half.platform.clients),
        whole=scored(held_out, whole.thetas(held_out.names), whole.platform.clients),
        anyone=scored(held_out, anyone, whole.platform.clients),
    )
    return replace(whole, platform=replace(whole.platform, size=size))


def part_of(
    on_progress: Callable[[Progress], None] | None, first: float, last: float
) -> Callable[[Progress], None] | None:
    """What tells how far all is, given how far the part from `first` to `last` of it is."""
    if on_progress is None:
        return None

    def told(now: Progress) -> None:
        left = now.seconds_left
        if left is not None and last < 1.0:
            left = left + (left / max(1.0 - now.share_done, 1e-9)) * (1.0 - last) / (last - first)
        on_progress(replace(now, share_done=first + (last - first) * now.share_done, seconds_left=left))

    return told


def enough_to_fit(firms: Firms) -> None:
    """Refuse too few firms or clients.

    Raises
    ------
    FitError
        If there are too few.
    """
    if len(firms.names) < FEWEST_FIRMS or firms.n_clients < FEWEST_CLIENTS:
        raise FitError(
            phrase(
                "a fit of many firms needs at least {least} clients with records, of at least {least_firms} firms; "
                "there are {clients} of {firms}.",
                least=FEWEST_CLIENTS,
                least_firms=FEWEST_FIRMS,
                clients=firms.n_clients,
                firms=len(firms.names),
            )
        )


def put_together(
    firms: Firms, levels: Levels, priors: Priors, *, as_of: date, basis: Basis, centre: Array, apart: Array,
    own: Array, ratio: Array, diagnostics: Diagnostics | None = None,
) -> PlatformFit:  # fmt: skip
    """A fit of its draws.

    Parameters
    ----------
    firms, levels, priors, as_of
        What was fitted.
    basis
        "fit" of sampled draws, "quick" of an approximation.
    centre, apart
        As in `Platform`.
    own
        Shape (sample, firm, level): levels of each firm, in standard deviations of their priors.
    ratio
        Posterior over prior standard deviation of each parameter.
    diagnostics
        Of sampled draws.
    """
    # A firm nobody has met stands anywhere its platform's firms do.
    met = apart * normals(seed_of("levels of any firm", 1), *apart.shape)
    layout = Layout.of(firms.catalogue)
    population = Population(
        theta=np.ascontiguousarray(centre + met @ levels.unit),
        names=layout.names(firms.catalogue),
        basis=basis,
        fingerprint=fingerprint_of(firms.observations, priors),
        made_on=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=library_versions(),
        diagnostics=diagnostics,
    )
    return PlatformFit(
        platform=Platform(
            population=population, centre=np.ascontiguousarray(centre), apart=np.ascontiguousarray(apart),
            levels=levels, as_of=as_of, firms=len(firms.names), clients=firms.n_clients,
            months=firms.observations.n_rows,
        ),
        own={name: np.ascontiguousarray(own[:, f]) for f, name in enumerate(firms.names)},
        fitted=dict(zip(firms.names, firms.parts, strict=True)),
        contraction=Contraction(names=names_of_free(layout, firms.catalogue), ratio=ratio),
    )  # fmt: skip


def _compiled(firms: Firms, levels: Levels, priors: Priors) -> object:
    import nutpie

    from model.firms_story import platform

    compiled: object = nutpie.compile_pymc_model(platform(firms, levels, priors))
    return compiled


def _fitted(firms: Firms, found: Sampled, levels: Levels, priors: Priors, *, as_of: date) -> PlatformFit:
    free, n_levels = Layout.of(firms.catalogue).free, levels.count
    behind = np.concatenate([chain.z for chain in found.chains])
    apart = behind[:, free : free + n_levels]
    own = behind[:, free + n_levels :].reshape(len(behind), len(firms.names), n_levels) * apart[:, None, :]
    shape = priors.partial_correlation_shape()
    partial = np.concatenate([chain.partials for chain in found.chains])
    return put_together(
        firms, levels, priors, as_of=as_of, basis="fit",
        centre=np.concatenate([chain.theta for chain in found.chains]), apart=apart, own=own,
        ratio=np.concatenate(
            [behind[:, :free].std(axis=0), partial.std(axis=0) * np.sqrt(4.0 * (2.0 * shape + 1.0))]
        ),
        diagnostics=found.diagnostics,
    )  # fmt: skip
