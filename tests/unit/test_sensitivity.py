"""Whether the beliefs one starts from decide the answer."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from app.explaining import robustness_sentence
from model import catalogue as signs
from model import priors as prior_table
from model.judged import Judgement
from model.judgement import judge
from model.parameters import INVOICE_SHIFT
from model.population import Population, from_prior
from model.records import Client, Records
from model.sensitivity import Sensitivity, sensitivity, under_every_set, weights_of
from model.settings import Settings

CATALOGUE, TODAY = signs.load(), date(2026, 6, 20)
SETS = tuple(known.name for known in prior_table.sets())


def client(name: str, fee: int) -> Client:
    return Client(
        name=name, currency="EUR", since=date(2026, 1, 1), billing="retainer", fee_per_month=Decimal(fee),
        agreed_hours_per_month=20.0,
    )  # fmt: skip


RECORDS = Records(clients=(client("Anchor", 4000), client("Barge", 700)))


def judged(population: Population | None = None, **settings: object) -> Judgement:
    draws = population or from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=150)
    return judge(replace(RECORDS, settings=Settings(**settings)), draws, today=TODAY)


def test_the_set_in_use_gives_the_answer_in_use_and_the_others_give_their_own():
    judgement = judged()
    found = {under.name: under.judgement for under in under_every_set(judgement)}
    assert tuple(found) == SETS and found["neutral"] is judgement
    keep = {name: float(j.net_benefit.sel(action="keep").mean()) for name, j in found.items()}
    assert keep["sceptical"] < keep["neutral"] < keep["hopeful"]


def test_draws_of_a_fit_weighed_by_other_priors_are_draws_under_those():
    held, other = (prior_table.of(Settings(prior_set=name)) for name in ("neutral", "sceptical"))
    theta = from_prior(CATALOGUE, rng=np.random.default_rng(2), n_samples=20_000, priors=held).theta
    wanted = from_prior(CATALOGUE, rng=np.random.default_rng(3), n_samples=20_000, priors=other).theta
    weights = weights_of(theta, held, other)
    assert weights.sum() == pytest.approx(1.0)
    error = 4 * wanted[:, INVOICE_SHIFT].std() * np.sqrt((weights**2).sum())
    assert weights @ theta[:, INVOICE_SHIFT] == pytest.approx(wanted[:, INVOICE_SHIFT].mean(), abs=error)
    assert np.allclose(weights_of(theta, held, held), 1 / len(theta))


@pytest.mark.parametrize("name", SETS)
def test_every_shipped_set_can_be_weighed_by(name: str):
    neutral = prior_table.of(Settings())
    theta = from_prior(CATALOGUE, rng=np.random.default_rng(4), n_samples=10).theta
    assert np.isfinite(weights_of(theta, neutral, prior_table.of(Settings(prior_set=name)))).all()


def test_where_few_draws_of_a_fit_speak_for_a_set_it_says_so():
    draws = from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=150)
    judgement = judged(replace(draws, basis="fit"))
    sceptical = next(under for under in under_every_set(judgement) if under.name == "sceptical")
    assert sceptical.judgement is None and sceptical.ess < 100
    found = sensitivity(judgement, "Anchor")
    assert found.robust is not True and "cannot be told" in robustness_sentence(replace(found, actions=(
        ("neutral", "keep"), ("sceptical", None), ("hopeful", "keep"))))  # fmt: skip


@pytest.mark.parametrize(
    ("actions", "robust", "said"),
    [
        (("keep", "keep", "keep"), True, "Robust"),
        (("keep", "drop", "keep"), False, "hangs on what is believed"),
        (("keep", "drop", None), False, "hangs on what is believed"),
        (("keep", "keep", None), None, "cannot be told"),
    ],
)
def test_it_is_robust_only_if_every_set_agrees(actions: tuple[str | None, ...], robust: bool | None, said: str):
    named = tuple(zip(SETS, actions, strict=True))
    found = Sensitivity(client="Anchor", held="neutral", actions=named, leads=())
    assert found.robust is robust and said in robustness_sentence(found)
