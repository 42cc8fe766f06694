"""What the priors imply of the records of clients nobody has met, held against what is known of such records."""

from dataclasses import dataclass

import numpy as np

from model import parameters as at
from model.belief import factors
from model.catalogue import Catalogue
from model.days import PAYMENT_RUN_DAYS
from model.forecast import Ask
from model.language import Phrases, phrase
from model.parameters import CONDUCT, DEMAND, FIT, N_TRAITS, PAYMENT, Array, Layout
from model.population import from_prior
from model.priors import Priors
from model.reply import outcome_probabilities

LONGEST_MEAN_SCALE = 0.9  # the mean of log-logistic days is infinite from scale 1 on
TENTHS = Phrases({0.1: "10 % point", 0.5: "median", 0.9: "90 % point"})
# What the sources say of a figure and a quantile of it.
KNOWN = {
    ("late", 0.1): 0.02, ("late", 0.5): 0.20, ("late", 0.9): 0.62,
    ("later", 0.1): -16.0, ("later", 0.5): 10.0, ("later", 0.9): 39.0,
    ("days", 0.5): 33.0,
    ("ratio", 0.1): 0.36, ("ratio", 0.5): 1.0, ("ratio", 0.9): 2.0,
}  # fmt: skip
_GRADED = Phrases(
    {
        "mild": "share of months with a sign graded mild",
        "moderate": "share of months with a sign graded moderate",
        "serious": "share of months with a sign graded serious",
        "grave": "share of months with a sign graded grave",
        "good": "share of months with a sign graded good",
    }
)
_NAMES = Phrases(
    {
        "late": "share of invoices paid late",
        "later": "days paid after the due date",
        "days": "days to pay",
        "ratio": "hours worked per hour agreed",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implied:
    """One figure the priors imply: its median over populations, and where 90 % of populations have it.

    `known` is the same figure in the sources, or None where they hold none, and `kind` which of those it is.
    """

    what: str
    of: str
    low: float
    middle: float
    high: float
    known: float | None = None
    kind: str = ""


def prior_predictive(
    catalogue: Catalogue,
    *,
    rng: np.random.Generator,
    n_samples: int = 500,
    n_clients: int = 400,
    terms_days: int = 30,
    priors: Priors | None = None,
) -> tuple[Implied, ...]:
    """Figures of imagined portfolios, one for each draw from the prior.

    A client is looked at in one month, so its share paid late is a chance and has no luck of the draw in it. Its days
    are the mean over the invoices it pays, as reports of payment practices state them.

    Parameters
    ----------
    catalogue
        The signs.
    rng
        Source of randomness.
    n_samples, n_clients
        Populations drawn, and clients in each.
    terms_days
        Payment terms of every client.
    priors
        Other priors than the shipped ones.
    """
    theta = from_prior(catalogue, rng=rng, n_samples=n_samples, priors=priors).theta
    standard = rng.standard_normal((n_samples, n_clients, N_TRAITS))
    strain = np.einsum("sij,scj->sci", factors(theta), standard)
    figures = _payments(theta, strain, terms_days) + _hours(theta, strain, rng) + _months(theta, strain)
    figures += _signs(theta, catalogue)
    return tuple(figures)


def _implied(what: str, of: str, values: Array, *, kind: str = "", known: float | None = None) -> Implied:
    low, middle, high = (float(q) for q in np.quantile(values, [0.05, 0.5, 0.95]))
    return Implied(what=what, of=of, low=low, middle=middle, high=high, kind=kind, known=known)


def _payments(theta: Array, strain: Array, terms_days: int) -> list[Implied]:
    shift, slope, scale, never_base, never_slope = (
        theta[:, place, None]
        for place in (at.INVOICE_SHIFT, at.INVOICE_SLOPE, at.INVOICE_SCALE, at.NEVER_BASE, at.NEVER_SLOPE)
    )
    x = strain[..., PAYMENT]
    never = _sigmoid(never_base + never_slope * x)
    past_terms = shift + slope * x  # log days of the middle invoice, less log terms
    late = never + (1.0 - never) * _sigmoid(past_terms / scale)
    tail = np.pi * np.minimum(scale, LONGEST_MEAN_SCALE)
    middle = (terms_days + PAYMENT_RUN_DAYS) * np.exp(past_terms)
    days = np.maximum(middle * tail / np.sin(tail) - PAYMENT_RUN_DAYS, 0.0)
    return [
        *(_quantile("late", q, late) for q in TENTHS),
        *(_quantile("later", q, days - terms_days) for q in TENTHS),
        _quantile("days", 0.5, days),
        _implied(phrase("share of invoices never paid"), phrase("all clients"), never.mean(axis=1)),
    ]


def _hours(theta: Array, strain: Array, rng: np.random.Generator) -> list[Implied]:
    centre = theta[:, at.HOURS_SHIFT, None] + theta[:, at.HOURS_SLOPE, None] * strain[..., DEMAND]
    worked = np.exp(centre + theta[:, at.HOURS_SCALE, None] * rng.standard_normal(centre.shape))
    return [_quantile("ratio", q, worked) for q in TENTHS]


def _months(theta: Array, strain: Array) -> list[Implied]:
    pull = np.einsum("scj,sj->sc", strain[..., DEMAND:], theta[:, at.ENERGY_SLOPES : at.ENERGY_SLOPES + 3])
    below = _sigmoid(theta[:, None, at.ENERGY_CUTS : at.ENERGY_CUTS + 4] + pull[..., None]).mean(axis=1)
    ratings = np.diff(below, axis=1, prepend=0.0, append=1.0)
    slopes = theta[:, at.LEAVE_SLOPES : at.LEAVE_SLOPES + N_TRAITS]
    leaving = _sigmoid(theta[:, at.LEAVE_BASE, None] + np.einsum("scj,sj->sc", strain, slopes))
    conduct, fit = (theta[:, at.REFERRAL_SLOPES + i, None] for i in range(2))
    recommended = np.exp(theta[:, at.REFERRAL_BASE, None] - conduct * strain[..., CONDUCT] - fit * strain[..., FIT])
    outcomes = outcome_probabilities(theta, strain, [Ask(price_pct=10.0, scope=False)]).mean(axis=1)
    return [
        *(
            _implied(phrase("share of months by energy"), phrase("rating {rating}", rating=k + 1), ratings[:, k])
            for k in range(5)
        ),
        _implied(phrase("share of clients leaving in a month"), phrase("all clients"), leaving.mean(axis=1)),
        _implied(phrase("referrals a year from one client"), phrase("all clients"), 12.0 * recommended.mean(axis=1)),
        _implied(phrase("outcome of asking 10 % more"), phrase("accepted"), outcomes[:, 0]),
        _implied(phrase("outcome of asking 10 % more"), phrase("refused and left"), outcomes[:, 3]),
    ]


def _signs(theta: Array, catalogue: Catalogue) -> list[Implied]:
    layout = Layout.of(catalogue)
    figures: list[Implied] = []
    for grade in dict.fromkeys(sign.grade for sign in catalogue.ticked):
        place = np.array([k for k, sign in enumerate(catalogue.ticked) if sign.grade == grade])
        base, strength = theta[:, layout.sign_base + place], theta[:, layout.sign_strength + place]
        for strain in (0.0, 1.0):
            rate = _sigmoid(base + strength * strain).mean(axis=1)
            figures.append(
                _implied(
                    _GRADED[grade],
                    phrase("strain {strain:.0f}", strain=strain),
                    rate,
                )
            )
    return figures


def _quantile(kind: str, q: float, values: Array) -> Implied:
    figure = np.quantile(values, q, axis=1)
    return _implied(_NAMES[kind], TENTHS[q], figure, kind=kind, known=KNOWN.get((kind, q)))


def _sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))
