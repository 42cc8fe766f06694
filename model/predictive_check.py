"""Posterior predictive checks: whether records drawn from the model look like the ones there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.catalogue import Catalogue
from model.days import PAYMENT_RUN_DAYS
from model.language import Phrases, capital, phrase, written
from model.observations import LEFT, NOT_EXPOSED, OPEN, OUTCOMES, WRITTEN_OFF
from model.population import Population
from model.records import Records
from model.replica import Replica, replicate

Array = NDArray[Any]  # counts, shares and masks alike
Unit = Literal["share", "days", "ratio", "number", "months"]

RARE = 0.01  # tail probability from which a figure is said to stick out
ENOUGH = 200  # replications before a tail can be as thin as that
FEWEST_TOGETHER = 3  # months; fewer say nothing of a pair
FEWEST = 5  # records; fewer have no quantiles and no spread worth looking at
PAIRS_SHOWN = 10
# Beside the scatter among replications: a pair never seen together in any of them would be infinitely surprising.
PAIR_FLOOR = 0.5
QUANTILES = Phrases({0.1: "10 % point", 0.5: "median", 0.9: "90 % point", 1.0: "longest"})
TENTHS = (0.1, 0.5, 0.9)


_OUTCOMES = Phrases(
    {
        "accepted": "accepted",
        "partly": "partly",
        "refused_stayed": "refused and stayed",
        "refused_left": "refused and left",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One figure of the records, held against the same figure of replicated ones.

    Parameters
    ----------
    what, of
        The figure in words, and what or whom it is of.
    unit
        Share, days, ratio, number or months.
    observed
        The figure of the records themselves.
    low, middle, high
        The 5 %, 50 % and 95 % points of the same figure in replicated records.
    tail
        Two-sided tail probability: twice the chance that a replication is at least as far out on that side, at most 1.
        For a pair of signs, the chance that the most striking of all pairs stands out as much.
    sticks_out
        Whether that is too rare to be luck.
    sentence
        What was seen and expected, for a figure that sticks out; empty for all others.
    """

    what: str
    of: str
    unit: Unit
    observed: float
    low: float
    middle: float
    high: float
    tail: float
    sticks_out: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveCheck:
    """All figures: of single signs and channels, and the pairs of signs that go together most beyond expectation."""

    figures: tuple[Check, ...]
    pairs: tuple[Check, ...]
    n_replications: int

    @property
    def outside(self) -> int:
        """How many figures lie outside of their 90 % interval; about a tenth may, by luck alone."""
        return sum(not check.low <= check.observed <= check.high for check in self.figures)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for every figure and pair that sticks out."""
        return tuple(check.sentence for check in (*self.figures, *self.pairs) if check.sticks_out)

    @property
    def summary(self) -> str:
        """How many figures lie outside, in words, and whether there were replications enough to call one rare."""
        few = (
            ""
            if self.n_replications >= ENOUGH
            else phrase(
                " With {n_replications} replications nothing can be called rare; {enough} or more can.",
                n_replications=self.n_replications,
                enough=ENOUGH,
            )
        )
        return phrase(
            "{outside} of {count} figures lie outside of their 90 % interval; by luck alone "
            "about {lucky:.0f} may.{few}",
            outside=self.outside,
            count=len(self.figures),
            lucky=len(self.figures) / 10,
            few=few,
        )


def predictive_check(
    population: Population,
    records: Records,
    catalogue: Catalogue,
    *,
    today: date,
    rng: np.random.Generator,
) -> PredictiveCheck:
    """Replicate the records once per draw of the population and compare figures of both (Gelman, Meng, Stern 1996).

    The strain behind the replications is the one believed given these very records, so that the checks rather forgive
    too much than too little; what sticks out all the same is something the model cannot say.

    Parameters
    ----------
    population
        Draws of the population; those of a fit ask whether the model fits, those of the prior whether it could.
    records
        The portfolio; later records than `today` are not used.
    catalogue
        The signs.
    today
        Date of the answer.
    rng
        Source of randomness.

    Raises
    ------
    UnknownSign
        If a record names a sign the catalogue does not hold.
    """
    made = replicate(population, records, catalogue, today=today, rng=rng)
    figures = (*_signs(made, catalogue), *_payments(made), *_work(made), *_energy(made), *_staying(made), *_asks(made))
    return PredictiveCheck(
        figures=tuple(figures), pairs=_pairs(made, catalogue), n_replications=population.n_samples
    )  # fmt: skip


def told(value: float, unit: Unit) -> str:
    """A figure in words, as its unit is read."""
    return {
        "share": written(value, ".0%"), "days": phrase("{value:.0f} days", value=value), "ratio": written(value, ".2f"),
        "number": written(value, ".2g"), "months": phrase("{value:.0f} months", value=value),
    }[unit]  # fmt: skip


def _signs(made: Replica, catalogue: Catalogue) -> Iterator[Check]:
    seen = made.observed
    # Months without a check-in hold only what was seen, never what was not: their rate says nothing.
    asked = (seen.signs >= 0) & (seen.signs == 0).any(axis=1, keepdims=True)
    present = asked & (seen.signs == 1)
    drawn = made.signs & asked
    what = phrase("share of months with a sign")
    for k, sign in enumerate(catalogue.ticked):
        if n := int(asked[:, k].sum()):
            yield _check(what, sign.label, "share", present[:, k].sum() / n,
                         drawn[..., k].sum(axis=1) / n)  # fmt: skip
    for what, good in ((phrase("warning signs a month"), False), (phrase("good signs a month"), True)):
        chosen = np.array([sign.is_good == good for sign in catalogue.ticked])
        rows = asked.any(axis=1)
        if rows.sum() >= FEWEST:
            yield from _spread(what, "number", made, rows, present[:, chosen].sum(axis=1),
                               drawn[..., chosen].sum(axis=2))  # fmt: skip


def _pairs(made: Replica, catalogue: Catalogue) -> tuple[Check, ...]:
    seen = made.observed
    asked = (seen.signs >= 0) & (seen.signs == 0).any(axis=1, keepdims=True)
    together = _together((asked & (seen.signs == 1))[None], asked)
    n_signs = asked.shape[1]
    upper = np.triu_indices(n_signs, 1)
    months, beyond = (part[0][upper] for part in together)
    drawn_months, drawn_beyond = (part[:, *upper] for part in _together(made.signs & asked, asked))
    if not beyond.size or not len(drawn_beyond):
        return ()
    # Standardised with the records among the replications: were they one more of them, nothing would tell them apart.
    every = np.concatenate([beyond[None], drawn_beyond])
    standard = (every - every.mean(axis=0)) / (every.std(axis=0) + PAIR_FLOOR)
    # More than a thousand pairs: one stands out only if it does among the most striking pairs of replications.
    striking, most = standard[0], standard[1:].max(axis=1)
    found: list[Check] = []
    for place in np.argsort(-striking, kind="stable"):
        if months[place] < FEWEST_TOGETHER:
            continue
        if len(found) == PAIRS_SHOWN:
            break
        a, b = (catalogue.ticked[upper[side][place]].label for side in (0, 1))
        tail = float((1 + (most >= striking[place]).sum()) / (1 + len(most)))
        low, middle, high = np.quantile(drawn_months[:, place], (0.05, 0.5, 0.95))
        out = tail <= RARE
        sentence = phrase(
            "“{a}” and “{b}” were seen together in {month:.0f} months, where the model "
            "expects {low:.0f} to {high:.0f}: they may tell of the same thing twice.",
            a=a,
            b=b,
            month=months[place],
            low=low,
            high=high,
        )
        found.append(
            Check(what=phrase("months with both signs"), of=f"{a} + {b}", unit="months", observed=float(months[place]),
                  low=float(low), middle=float(middle), high=float(high), tail=tail, sticks_out=out,
                  sentence=sentence if out else "")
        )  # fmt: skip
    return tuple(found)


def _together(present: Array, asked: Array) -> tuple[Array, Array]:
    # Months both signs were seen in, and how many more that is than chance makes of the rates of the two.
    ones, cells = present.astype(np.float32), asked.astype(np.float32)
    both = ones.transpose(0, 2, 1) @ ones
    one_where_both_asked = ones.transpose(0, 2, 1) @ cells
    months = np.maximum(cells.T @ cells, 1.0)
    return both, both - one_where_both_asked * one_where_both_asked.transpose(0, 2, 1) / months


def _payments(made: Replica) -> Iterator[Check]:
    seen = made.observed
    n = len(seen.invoice_state)
    if not n:
        return
    unpaid = (seen.invoice_state == OPEN) | (seen.invoice_state == WRITTEN_OFF)
    days = np.where(unpaid, np.inf, np.maximum(np.exp(seen.invoice_log_days) - PAYMENT_RUN_DAYS, 0.0).round())
    terms = (np.exp(seen.invoice_log_terms) - PAYMENT_RUN_DAYS).round()
    drawn = made.invoice_days
    yield _check(
        phrase("share of invoices not paid yet"),
        phrase("all invoices"),
        "share",
        unpaid.mean(),
        np.isinf(drawn).mean(axis=1),
    )
    # An invoice is late once its day has passed, paid or not; one not due yet is not late.
    late, drawn_late = (np.minimum(d, made.age_days) > terms for d in (days, drawn))
    yield _check(
        phrase("share of invoices late"), phrase("all invoices"), "share", late.mean(), drawn_late.mean(axis=1)
    )
    late_by = _within(days, terms, made.age_days), _within(drawn, terms, made.age_days)
    if n < FEWEST:
        return
    for q, of in QUANTILES.items():
        yield _check(phrase("days after the due date, so far"), of, "days", np.quantile(late_by[0], q),
                     np.quantile(late_by[1], q, axis=1))  # fmt: skip
    client = made.client_of_row[np.repeat(np.arange(seen.n_rows), np.diff(seen.invoice_first))]
    yield from _between(phrase("days after the due date, so far"), "days", client, late_by[0], late_by[1])


def _within(days: Array, terms: Array, age_days: Array) -> Array:
    return np.minimum(days, age_days) - terms


def _work(made: Replica) -> Iterator[Check]:
    rows = np.isfinite(made.observed.hours_log_ratio)
    if rows.sum() < FEWEST:
        return
    ratio, drawn = np.exp(made.observed.hours_log_ratio[rows]), np.exp(np.minimum(made.hours_log_ratio[:, rows], 20.0))
    for q in TENTHS:
        yield _check(
            phrase("hours worked per hour agreed"),
            QUANTILES[q],
            "ratio",
            np.quantile(ratio, q),
            np.quantile(drawn, q, axis=1),
        )
    yield from _between(phrase("hours worked per hour agreed"), "ratio", made.client_of_row[rows], ratio, drawn)


def _energy(made: Replica) -> Iterator[Check]:
    rows = made.observed.energy > 0
    if not rows.any():
        return
    rated, drawn = made.observed.energy[rows], made.energy[:, rows]
    for rating in range(1, 6):
        yield _check(
            phrase("share of check-ins by energy"),
            phrase("rating {rating}", rating=rating),
            "share",
            (rated == rating).mean(),
            (drawn == rating).mean(axis=1),
        )
    yield from _between(phrase("energy"), "number", made.client_of_row[rows], rated, drawn)


def _staying(made: Replica) -> Iterator[Check]:
    seen = made.observed
    if (seen.exposure != NOT_EXPOSED).any():
        yield _check(
            phrase("clients that left by themselves"),
            phrase("all clients"),
            "number",
            (seen.exposure == LEFT).sum(),
            made.left.sum(axis=1),
        )
    # A month without a check-in is known for its referral only when there was one.
    rows = (seen.referrals >= 0) & (seen.signs == 0).any(axis=1)
    if rows.any():
        yield _check(phrase("referrals"), phrase("all clients"), "number", seen.referrals[rows].sum(),
                     made.referrals[:, rows].sum(axis=1))  # fmt: skip


def _asks(made: Replica) -> Iterator[Check]:
    if not len(made.observed.ask_outcome):
        return
    for k, outcome in enumerate(OUTCOMES):
        yield _check(phrase("asks that were"), _OUTCOMES[outcome], "number",
                     (made.observed.ask_outcome == k).sum(), (made.outcome == k).sum(axis=1))  # fmt: skip


def _spread(what: str, unit: Unit, made: Replica, rows: Array, seen: Array, drawn: Array) -> Iterator[Check]:
    yield _check(what, phrase("all clients"), unit, seen[rows].mean(), drawn[:, rows].mean(axis=1))
    yield from _between(what, unit, made.client_of_row[rows], seen[rows], drawn[:, rows])


def _between(what: str, unit: Unit, client: Array, seen: Array, drawn: Array) -> Iterator[Check]:
    # Standard deviation of the clients' own means: do clients differ as much as the model says?
    names = np.unique(client)
    if len(names) < 2:
        return
    means = np.array([seen[client == c].mean() for c in names])
    drawn_means = np.stack([drawn[:, client == c].mean(axis=1) for c in names], axis=1)
    yield _check(what, phrase("spread between clients"), unit, means.std(), drawn_means.std(axis=1))


def _check(what: str, of: str, unit: Unit, observed: float, drawn: Array) -> Check:
    low, middle, high = np.quantile(drawn, (0.05, 0.5, 0.95))
    rarer = min(int((drawn >= observed).sum()), int((drawn <= observed).sum()))
    tail = min(1.0, 2.0 * (1 + rarer) / (1 + len(drawn)))
    out = tail <= RARE
    seen = {
        "figure": f"{capital(what)}, {of}", "observed": told(observed, unit),
        "low": told(low, unit), "high": told(high, unit),
    }  # fmt: skip
    if observed > middle:
        sentence = phrase("{figure}: {observed}, more than the {low} to {high} the model expects.", **seen)
    else:
        sentence = phrase("{figure}: {observed}, less than the {low} to {high} the model expects.", **seen)
    return Check(
        what=what, of=of, unit=unit, observed=float(observed), low=float(low), middle=float(middle),
        high=float(high), tail=float(tail), sticks_out=out, sentence=sentence if out else "",
    )  # fmt: skip
