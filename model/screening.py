"""Screening: take only new clients whose early signs are good enough, and search longer for one.

Strangers are drawn from the population, their first month of signs is simulated as the model tells it, and each is
ranked by what the signs lead one to expect of them. A stricter rule means calmer clients, more noes and a longer
search; what is best is what makes an open slot worth most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.belief import seed_of
from model.catalogue import TRAITS, Sign
from model.decision import MONTE_CARLO_ERRORS
from model.forecast import Array, Forecast
from model.judged import Judgement
from model.judgement import rejudge
from model.language import phrase
from model.outlook import among, chosen_among, strangers
from model.parameters import Layout
from model.slot import OpenSlot, discounts, net_income, open_slot
from model.voi import conditional_mean

STRANGERS = 12
SHARES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One strictness of screening.

    Parameters
    ----------
    accepted
        Share of new clients that pass.
    least
        The expected worth of a client, in money until the horizon, from which on they pass.
    strain
        Mean strain of those who pass, of each trait, in population standard deviations (trait).
    months_to_win
        Expected months of search until one who passes is won.
    slot
        Worth of an open slot of one newcomer's hours under the rule, in money.
    gain
        What that is more than under no screening, and `resolution` twice its Monte Carlo error.
    """

    accepted: float
    least: float
    strain: tuple[float, ...]
    months_to_win: float
    slot: float
    gain: float
    resolution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Every strictness considered, from none on, and the best one.

    `enough` are the signs that alone, seen early, put a client below the best rule, the worst first.
    """

    rules: tuple[Rule, ...]
    best: Rule
    enough: tuple[Sign, ...]

    @property
    def pays(self) -> bool:
        """Whether the best rule is worth more than none, beyond what the simulation can tell."""
        return self.best.gain > self.best.resolution


def screening(judgement: Judgement, shares: Sequence[float] = SHARES) -> Screening:
    """The best strictness of screening new clients by their early signs.

    Parameters
    ----------
    judgement
        The answer for the portfolio: its population, market and economics.
    shares
        Shares of new clients to let pass; 1 is no screening.
    """
    met = _met(judgement, judgement.settings.horizon_months)
    rules: list[Rule] = []
    unscreened = None
    for share in shares:
        least = _least(met, share)
        passes = met.told >= least
        slot = _slot(judgement, met.ahead, passes)
        accepted = float(passes.mean())
        if rules and accepted >= rules[-1].accepted - 1e-9:
            continue
        unscreened = slot if unscreened is None else unscreened
        gap = slot - unscreened
        rate = judgement.outlook.market.win_rate * accepted
        rules.append(
            Rule(
                accepted=accepted, least=least, strain=tuple(float(s) for s in met.strain[passes].mean(axis=0)),
                months_to_win=float(np.median(1.0 / np.maximum(rate, 1e-9))), slot=float(slot.mean()),
                gain=float(gap.mean()), resolution=MONTE_CARLO_ERRORS * float(gap.std()) / float(np.sqrt(len(gap))),
            )
        )  # fmt: skip
    best = max(rules, key=lambda rule: rule.slot)
    return Screening(rules=tuple(rules), best=best, enough=_enough(judgement, met, best))


def screened(judgement: Judgement, share: float) -> Judgement:
    """The same answer if of new clients only the best `share` is taken, by their early signs.

    The same economics and the same ask for every client; who comes in is calmer, and takes longer to find.
    """
    months = judgement.outlook.base.energy.shape[2]
    met = _met(judgement, months)
    passes = met.told >= _least(met, share)
    taken = chosen_among(
        judgement.population, met.ahead, passes, log_terms=judgement.newcomers.log_terms,
        horizon_months=months, seed=judgement.seed,
    )  # fmt: skip
    return rejudge(judgement, met=taken, accepted=float(passes.mean()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    # Strangers, their early signs, and what those lead one to expect each to be worth (sample, client).
    strain: Array
    ahead: Forecast
    told: Array
    scores: Array
    early: list[int]
    weight: Array
    trait: NDArray[np.int64]


def _met(judgement: Judgement, months: int) -> _Met:
    strain, ahead = strangers(
        judgement.population, STRANGERS, log_terms=judgement.newcomers.log_terms, horizon_months=months,
        seed=judgement.seed,
    )  # fmt: skip
    layout, ticked = Layout.of(judgement.catalogue), judgement.catalogue.ticked
    early = [place for place, sign in enumerate(ticked) if sign.measured_by is None]
    theta = judgement.population.theta
    strength, base = theta[:, layout.sign_strength + np.array(early)], theta[:, layout.sign_base + np.array(early)]
    trait = np.array([TRAITS.index(ticked[place].trait) for place in early])
    uniform = seed_of("early signs of strangers", judgement.seed).random((*strain.shape[:2], len(early)))
    seen = uniform < 1.0 / (1.0 + np.exp(-(base[:, None] + strength[:, None] * strain[:, :, trait])))
    weight = strength.mean(axis=0)
    belongs = np.eye(len(TRAITS))[trait]
    scores = (seen * weight) @ belongs
    worth = _worth(judgement, ahead.within(judgement.settings.horizon_months))
    # Draws differ in what everybody is worth; within a draw, strangers differ by what they are like.
    centred = (worth - worth.mean(axis=1, keepdims=True)).reshape(-1, 1)
    told = conditional_mean(centred, scores.reshape(-1, len(TRAITS))).reshape(worth.shape) + worth.mean()
    return _Met(strain=strain, ahead=ahead, told=told, scores=scores, early=early, weight=weight, trait=trait)


def _least(met: _Met, share: float) -> float:
    return float(np.quantile(met.told, 1.0 - share)) if share < 1 else -np.inf


def _worth(judgement: Judgement, ahead: Forecast) -> Array:
    """What each stranger brings until the horizon, in money (sample, client)."""
    settings, market = judgement.settings, judgement.outlook.market
    months = settings.horizon_months
    income = net_income(
        market.fee_per_month[:, None, None], 1.0 - ahead.never_paid, ahead.days_to_pay, settings.discount_rate
    )
    hours = market.hours_per_month[:, None, None] * ahead.hours_ratio * float(settings.reserve_value_per_hour)
    month = income - hours + float(settings.price_of_strain) * (ahead.energy - 3.0)
    return np.asarray((ahead.alive[:, :, :-1] * month) @ discounts(settings.discount_rate, months)[:-1])


def _slot(judgement: Judgement, ahead: Forecast, passes: NDArray[np.bool_]) -> Array:
    """Worth of an open slot of a newcomer's hours when only those who pass are taken (sample)."""
    settings, market = judgement.settings, judgement.outlook.market
    months = settings.horizon_months
    rarer = type(market)(
        win_rate=market.win_rate * float(passes.mean()), fee_per_month=market.fee_per_month,
        hours_per_month=market.hours_per_month, fee_log_sd=market.fee_log_sd,
    )  # fmt: skip
    hours = market.hours_per_month[:, None] * ahead.hours_ratio.mean(axis=(1, 2))[:, None]
    solved: OpenSlot = open_slot(among(ahead, passes, phrase("those who pass")), rarer, hours, settings, months)
    return solved.value[0, :, 0]


def _enough(judgement: Judgement, met: _Met, best: Rule) -> tuple[Sign, ...]:
    if not np.isfinite(best.least):
        return ()
    ticked = judgement.catalogue.ticked
    flat, expected = met.scores.reshape(-1, len(TRAITS)), met.told.ravel()
    found = []
    for i, place in enumerate(met.early):
        alone = np.zeros(len(TRAITS))
        alone[met.trait[i]] = met.weight[i]
        # Strangers who showed about as much of this trait, and nothing else, say what the sign alone means.
        near = np.argsort(np.abs(flat - alone).sum(axis=1), kind="stable")[:25]
        said = float(expected[near].mean())
        if met.weight[i] > 0 and said < best.least:
            found.append((said, ticked[place]))
    return tuple(sign for _, sign in sorted(found, key=lambda pair: pair[0]))
