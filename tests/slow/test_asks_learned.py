"""What came of earlier asks moves what is believed of the next one, through the likelihood the fit samples."""

import warnings
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from model import catalogue as signs
from model.asks import PRICES
from model.judgement import judge
from model.likelihood import kernel_data
from model.observations import observe
from model.population import Population, from_prior
from model.records import CheckIn, Client, Event, Hours, Records
from model.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

CATALOGUE = signs.load()
TODAY = date(2026, 6, 20)
NAMES = tuple(f"client {i:02}" for i in range(10))
PRIOR = from_prior(CATALOGUE, rng=np.random.default_rng(8), n_samples=1500)


def portfolio(result: str | None) -> Records:
    events = tuple(
        Event(client=name, on=date(2026, 3, 3), kind="renegotiation", ask_price_pct=20.0, result=result)
        for name in NAMES[:4]
        if result is not None
    )
    return Records(
        clients=tuple(
            Client(
                name=name, currency="EUR", since=date(2026, 1, 1), billing="retainer", fee_per_month=Decimal(2400),
                agreed_hours_per_month=30.0,
            )
            for name in NAMES
        ),
        checkins=tuple(CheckIn(client=name, month=date(2026, 5, 1), energy=3) for name in NAMES),
        hours=tuple(Hours(client=name, on=date(2026, 5, 28), hours=30.0) for name in NAMES),
        events=events,
        settings=Settings(capacity_hours_per_month=300.0),
    )  # fmt: skip


def learned(records: Records) -> Population:
    """Draws of the posterior: those of the prior, drawn again in proportion to their likelihood."""
    with warnings.catch_warnings():
        # PyMC and its compilers warn about themselves.
        warnings.simplefilter("ignore")
        from model.bound import TOLERANCE, bound_of

    # Of the asks alone: the other records would leave no draw of the prior standing beside the best one.
    asks = replace(records, checkins=(), hours=())
    data = kernel_data(observe(asks, CATALOGUE, TODAY), CATALOGUE)
    bound = np.array([bound_of(theta, data, TOLERANCE)[0] for theta in PRIOR.theta])
    weight = np.exp(bound - bound.max())
    assert weight.sum() ** 2 / (weight**2).sum() > 20, "too few draws carry the weight"
    chosen = np.random.default_rng(3).choice(len(weight), 100, p=weight / weight.sum())
    return replace(PRIOR, theta=np.ascontiguousarray(PRIOR.theta[chosen]))


def test_yeses_make_the_next_ask_bolder_and_worth_more_and_noes_the_reverse():
    # The same records are judged every time: only what was learned of asking differs.
    judged = {
        result: judge(portfolio(None), learned(portfolio(result)), today=TODAY)
        for result in ("accepted", None, "refused_stayed")
    }
    gains, prices, bold = [], [], []
    for judgement in judged.values():
        value = judgement.net_benefit.mean("sample")
        gains.append(float((value.sel(action="renegotiate") - value.sel(action="keep")).mean()))
        prices.append(float(np.mean([decision.ask.price_pct for decision in judgement.decisions])))
        # Twenty percent more and nothing else.
        bold.append(float(judgement.asks.gain[:, 0, PRICES.index(20.0)].mean()))
    assert gains == sorted(gains, reverse=True) and gains[0] > gains[2] + 200
    assert prices == sorted(prices, reverse=True) and prices[0] > prices[2]
    assert bold == sorted(bold, reverse=True)
