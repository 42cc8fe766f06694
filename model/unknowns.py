"""What is not known of a client, in groups: what knowing each would be worth, and cheap ways to find out."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from model.catalogue import TRAITS
from model.errors import CatalogueError
from model.forecast import Array, Ask
from model.foresight import Foresight, foresee
from model.judged import Judgement
from model.language import phrase
from model.parameters import ENERGY_CUTS, HOURS_SHIFT, INVOICE_SHIFT, LEAVE_BASE, NEVER_BASE, PERSISTENCE, REFERRAL_BASE
from model.priors import of as priors_of
from model.reply import log_odds, outcome_probabilities, relief, resistance, unlearned
from model.voi import evpi, evppi, evppi_of_sets, evsi, evsi_of_answer

DATA = Path(__file__).resolve().parents[1] / "data"
# What clients are like in general: how lasting character is, and the usual level of everything that counts.
POPULATION = (*range(PERSISTENCE, PERSISTENCE + 4), HOURS_SHIFT, INVOICE_SHIFT, NEVER_BASE, ENERGY_CUTS, LEAVE_BASE,
              REFERRAL_BASE)  # fmt: skip
STRAIN = tuple(TRAITS)
# The groups of unknowns that decide what shows; to know them is worth at least as much as to see it.
TELLS_OF = {
    "reminder": ("payment", "population"), "deposit": (*STRAIN, "answers"), "scope": (*STRAIN, "answers"),
    "check_in": (*STRAIN, "population"), "hours": ("demand", "population"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What knowing more of one client would be worth for the choice, in money.

    `groups` are pairs of a group of unknowns and its EVPPI, which is an estimate; none exceeds `evpi`, which is what
    knowing everything is worth.
    """

    evpi: float
    groups: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A cheap way to find out: what it takes, in minutes, and what it shows."""

    id: str
    title: str
    minutes: float
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeValue:
    """What a probe is expected to be worth (EVSI) in money, and by the minute it takes."""

    probe: Probe
    evsi: float

    @property
    def per_minute(self) -> float:
        """Money per minute."""
        return self.evsi / self.probe.minutes


def groups(judgement: Judgement, client: str) -> dict[str, Array]:
    """Draws of each group of unknowns (sample, unknown): strain by trait, answers, the market, and clients in general.

    Of the many parameters behind the answer to an ask, `answers` holds what they come to for what this client is asked:
    the log odds of each answer at the strain expected of them, what it would ease, and how a rise would wear.

    Parameters
    ----------
    judgement
        The answer for the portfolio.
    client
        Name of an active client.
    """
    strain = judgement.belief.strain[:, judgement.belief.place(client)]
    market = judgement.outlook.market
    found: dict[str, Array] = {trait: strain[:, [j]] for j, trait in enumerate(TRAITS)}
    found["answers"] = _answers(judgement, client)
    found["market"] = np.column_stack([
        np.log(market.win_rate), np.log(np.maximum(market.fee_per_month, 1e-9)),
        np.log(np.maximum(market.hours_per_month, 1e-9)),
    ])  # fmt: skip
    found["population"] = judgement.population.theta[:, list(POPULATION)]
    return found


def knowledge(judgement: Judgement, client: str) -> Knowledge:
    """EVPI, and EVPPI of each group of unknowns, for the choice between keep, renegotiate and drop.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    draws = _draws(judgement, client)
    worth = [(name, evppi(draws, known)) for name, known in groups(judgement, client).items()]
    return Knowledge(evpi=evpi(draws), groups=tuple(sorted(worth, key=lambda pair: (-pair[1], pair[0]))))


def probe_values(judgement: Judgement, client: str) -> tuple[ProbeValue, ...]:
    """Cheap probes, worth most by the minute first; each is worth no more than knowing what it tells of.

    Logging hours is none where no hours are agreed.

    Raises
    ------
    UnknownClient
        If the client is not an active one.
    """
    draws, seen, known = _draws(judgement, client), foresee(judgement, client, 1), groups(judgement, client)
    possible = [probe for probe in probes() if probe.shows != "hours" or seen.hours_ratio is not None]
    told = [TELLS_OF[probe.shows] for probe in possible]
    most = evppi_of_sets(draws, known, [*told, *((name,) for name in known)])
    found = [
        ProbeValue(probe=probe, evsi=min(_worth(judgement, client, draws, probe, seen), bound))
        for probe, bound in zip(possible, most, strict=False)
    ]
    return tuple(sorted(found, key=lambda value: (-value.per_minute, value.probe.id)))


@cache
def probes(path: Path = DATA / "probes.toml") -> tuple[Probe, ...]:
    """The probes there are.

    Raises
    ------
    CatalogueError
        If the file is missing, not TOML, or a probe lacks a field, takes no time or shows nothing known.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["probe"]
        found = tuple(Probe(**row) for row in rows)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CatalogueError(
            phrase("the probes in {name} cannot be read: {error}", name=path.name, error=error)
        ) from error
    for probe in found:
        if probe.shows not in TELLS_OF or not probe.minutes > 0:
            raise CatalogueError(
                phrase(
                    "{name}, probe {id!r}: it must take more than 0 minutes and show one of {shows}.",
                    name=path.name,
                    id=probe.id,
                    shows=", ".join(TELLS_OF),
                )
            )
    return found


def _answers(judgement: Judgement, client: str) -> Array:
    theta, ask = judgement.population.theta, judgement.of(client).ask
    usual = judgement.belief.strain[:, judgement.belief.place(client)].mean(axis=0)
    against = resistance(theta, np.broadcast_to(usual, (len(theta), 1, len(usual))), [ask])[:, 0]
    apart = unlearned(len(theta), seed=judgement.seed, priors=priors_of(judgement.settings))
    wear = apart.wear * ask.price_pct / 10
    return np.column_stack([log_odds(theta, against), relief(theta, [ask], apart)[:, 0], wear])


def _draws(judgement: Judgement, client: str) -> Array:
    judgement.of(client)
    return np.asarray(judgement.net_benefit.sel(client=client).values)


def _worth(judgement: Judgement, client: str, draws: Array, probe: Probe, seen: Foresight) -> float:
    match probe.shows:
        case "reminder":
            # Told of the due date, they pay soon or not: what shows is how many days it takes.
            return evsi(draws, np.minimum(seen.days_late[:, [0]], 60.0))
        case "hours":
            return evsi(draws, seen.hours(1))
        case "check_in":
            return evsi(draws, seen.moods(1))
    ask = Ask(price_pct=0.0, scope=probe.shows == "scope", terms=probe.shows == "deposit")
    strain = judgement.belief.strain[:, [judgement.belief.place(client)]]
    return evsi_of_answer(draws, outcome_probabilities(judgement.population.theta, strain, [ask])[:, 0])
