"""What asks gain is what plain NumPy says of every price and wish."""

import numpy as np

from model import catalogue
from model.asks import PRICES, WISHES
from model.bargain import gains, worth_at_prices
from model.parameters import ASK_PRICE, ASK_SCOPE, ASK_SLOPES, ASK_TERMS, Array
from model.population import from_prior
from model.reply import outcomes_given
from model.worth import month_values, stays

DRAWS, CLIENTS, MONTHS = 7, 3, 9
RNG = np.random.default_rng(1)


def ahead() -> dict[str, Array]:
    shape = DRAWS, CLIENTS, MONTHS
    alive = np.cumprod(np.concatenate([np.ones((*shape[:2], 1)), RNG.uniform(0.8, 1, shape)], axis=2), axis=2)
    return {
        "hours": RNG.uniform(0.5, 2, shape), "never": RNG.uniform(0, 0.2, shape), "days": RNG.uniform(0, 90, shape),
        "energy": RNG.uniform(1, 5, shape), "referrals": RNG.uniform(0, 4, shape), "alive": alive,
        "after": RNG.normal(0, 1000, (DRAWS, CLIENTS, MONTHS + 1)),
    }  # fmt: skip


def test_a_client_who_agreed_to_a_price_is_worth_their_months_at_it_and_what_follows():
    a, rises, wear = ahead(), np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.5]), RNG.uniform(0, 0.3, DRAWS)
    fixed, by_hours, cost = np.array([2000.0, 0.0, 500.0]), np.array([0.0, 900.0, 300.0]), np.array([500.0, 700.0, 0.0])
    lead, discount = RNG.uniform(0, 900, MONTHS), 0.99 ** np.arange(MONTHS + 1)
    found = np.empty((CLIENTS, DRAWS, len(rises)))
    worth_at_prices(
        a["hours"], a["never"], a["days"], a["energy"], a["referrals"], a["alive"], a["after"], fixed, by_hours, cost,
        300.0, 2.0, lead, 1e-4, discount, rises, wear, found,
    )  # fmt: skip
    for r, rise in enumerate(rises):
        month = month_values(
            a["hours"], a["never"], a["days"], a["energy"], a["referrals"], fixed * (1 + rise),
            by_hours * (1 + rise), cost, 300.0, 2.0, lead, 1e-4, MONTHS,
        )  # fmt: skip
        steady = np.broadcast_to(np.maximum(0, 1 - 10 * wear * rise)[:, None], (DRAWS, CLIENTS)).copy()
        np.testing.assert_allclose(found[..., r].T, stays(month, a["alive"], a["after"], discount, steady), rtol=1e-9)


def test_every_ask_gains_what_its_answers_bring_in_their_proportion():
    theta = from_prior(catalogue.load(), rng=np.random.default_rng(3), n_samples=DRAWS).theta.copy()
    # One draw answers no whatever is asked, and one yes: their odds are beyond any number.
    theta[0, ASK_PRICE], theta[1, ASK_PRICE] = 1e4, -1e4
    rises, part = np.array(PRICES) / 100, 0.4
    strain = RNG.standard_normal((DRAWS, CLIENTS, 4))
    kept = RNG.normal(20_000, 8_000, (len(WISHES), CLIENTS, DRAWS, 2 * len(rises)))
    drop, gone = RNG.normal(20_000, 9_000, (2, DRAWS, CLIENTS))
    lines = np.array([float(wish.scope) + float(wish.office_hours) for wish in WISHES])
    sooner = np.array([float(wish.terms) for wish in WISHES])
    resistance = (
        np.einsum("scj,sj->sc", strain, theta[:, ASK_SLOPES : ASK_SLOPES + 4])[:, :, None, None]
        + (theta[:, ASK_SCOPE, None] * lines + theta[:, ASK_TERMS, None] * sooner)[:, None, :, None]
        + (theta[:, ASK_PRICE, None] * rises * 10)[:, None, None, :]
    )
    share = outcomes_given(theta, resistance)
    whole, half = (np.transpose(some, (2, 1, 0, 3)) for some in (kept[..., : len(rises)], kept[..., len(rises) :]))
    keep, leave = whole[:, :, :1, :1], drop[:, :, None, None]
    partly = (1 - part) * half[:, :, :1] + part * half
    keeps = (share[..., 2] * (keep - leave)).mean(axis=0) >= 0
    assert keeps.any() and not keeps.all()
    worth = share[..., 0] * whole + share[..., 1] * partly + share[..., 2] * np.where(keeps, keep, leave)
    worth += share[..., 3] * gone[:, :, None, None]
    full, halves = np.arange(len(rises)), len(rises) + np.arange(len(rises))
    possible = RNG.random((CLIENTS, len(WISHES), len(PRICES))) < 0.5
    possible[0, 3] = False
    place = np.arange(len(WISHES) * CLIENTS).reshape(len(WISHES), CLIENTS).T.copy()
    by_draw = worth - keep

    def found(place):
        return gains(
            theta, strain, lines, sooner, rises, kept.reshape(-1, DRAWS, 2 * len(rises)), place, full, halves, drop,
            gone, part, possible,
        )  # fmt: skip

    gain, behind, error = found(place)
    np.testing.assert_allclose(gain, by_draw.mean(axis=0), rtol=1e-9, atol=1e-7)
    for c in range(CLIENTS):
        open_gain = np.where(possible[c], gain[c], -np.inf)
        best = np.unravel_index(open_gain.argmax(), open_gain.shape)
        for w in range(len(WISHES)):
            if not possible[c, w].any():
                assert behind[c, w] == np.inf and error[c, w] == 0.0
                continue
            apart = by_draw[:, c, *best] - by_draw[:, c, w, open_gain[w].argmax()]
            np.testing.assert_allclose(behind[c, w], apart.mean(), rtol=1e-9, atol=1e-7)
            np.testing.assert_allclose(error[c, w], apart.std() / np.sqrt(DRAWS), rtol=1e-9, atol=1e-7)
    # What is not looked at gains nothing, and moves no other.
    some = np.where(np.arange(len(WISHES)) % 3, -1, place)
    fewer = found(some)[0]
    assert np.array_equal(fewer[some >= 0], gain[some >= 0]) and (fewer[some < 0] == -np.inf).all()
