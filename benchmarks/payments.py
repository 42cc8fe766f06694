"""Out of sample on real payments: days to pay of each customer's last invoices, predicted from its first ones.

Any table of invoices with paid dates will do; give a column map where its headers are not understood.

    python benchmarks/payments.py [FILE] [--map NAME_OR_FILE] [--prior] [--fit KEPT]

Without a file the invented example is scored, which shows that the command works and nothing else.

Scored are the logarithmic score (nats, higher is better), the continuous ranked probability score (days, lower is
better) and the share of payments inside the 80 % interval, against the customer's mean, the mean over all customers
and the customer's last value, each with a normal spread measured on the same training invoices, and against gradient
boosting on what was known of the customer when the invoice was issued.
"""

import argparse
import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy.special import logit, logsumexp
from scipy.stats import norm

from app.imports.folder import read_folder
from app.imports.mapping import load_map
from app.imports.table import preview_table, store_preview
from app.store import open_portfolio
from model import catalogue, fit, population
from model.belief import believe
from model.catalogue import DATA
from model.days import PAYMENT_RUN_DAYS, log_days
from model.observations import LEFT_AFTER_A_MONTH, Observations, month_number, observe
from model.parameters import INVOICE_SCALE, INVOICE_SHIFT, INVOICE_SLOPE, PAYMENT, Array
from model.population import Population
from model.records import Invoice, Records

TRAIN_SHARE = 0.7
LEAST_INVOICES = 5
N_SAMPLES = 500  # draws of the population, each with a strain of its own
LEVELS = 20  # payments to each draw, at the middles of equal shares of their distribution
CATALOGUE = catalogue.load()


def main() -> None:
    """Read the file, predict, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--map", default=None)
    parser.add_argument("--prior", action="store_true", help="leave the population at the prior")
    parser.add_argument("--fit", type=Path, default=None, help="where the fit is kept; used again if it is there")
    options = parser.parse_args()
    records = read(options.file, options.map) if options.file else read_folder(DATA / "example")
    train, test = split(records)
    known = replace(records, invoices=tuple(train))
    last = max(invoice.paid_on or invoice.due for invoice in train)
    rng = np.random.default_rng(1)
    if options.prior:
        draws = population.from_prior(CATALOGUE, rng=rng, n_samples=N_SAMPLES)
    else:
        draws = fitted(observe(known, CATALOGUE, last), options.fit)
        print(draws.diagnostics)
        draws = draws.thinned(N_SAMPLES)
    print(f"{len(records.clients)} customers, {len(train)} invoices to learn from, {len(test)} to predict")
    print(f"{'':18}{'log score':>10}{'CRPS':>8}{'80 % covers':>13}   lead of this program, with its standard error")
    days = np.array([float((invoice.paid_on - invoice.issued).days) for invoice in test if invoice.paid_on])
    rivals = {"this program": model_of(draws, known, test, days, rng), **plain(train, test, days)}
    rivals["gradient boosting"] = boosted(train, test, days)
    ours, ours_off = rivals["this program"][0], crps(rivals["this program"][1], days)
    for name, (scores, samples) in rivals.items():
        low, high = np.quantile(samples, (0.1, 0.9), axis=0)
        inside = np.mean((days >= np.floor(low)) & (days <= np.ceil(high)))
        off = crps(samples, days)
        lead = f"{lead_of(ours, scores)} nats, {lead_of(off, ours_off)} days" if scores is not ours else ""
        print(f"{name:18}{scores.mean():10.3f}{off.mean():8.2f}{inside:13.1%}   {lead}")


def lead_of(ours: Array, theirs: Array) -> str:
    """Mean difference of paired scores with its standard error."""
    gap = ours - theirs
    return f"{gap.mean():+.3f} ± {gap.std(ddof=1) / np.sqrt(len(gap)):.3f}"


def read(file: Path, name: str | None) -> Records:
    """All records of the file, through the program's own import."""
    with tempfile.TemporaryDirectory() as folder:
        portfolio = open_portfolio(Path(folder) / "payments.db")
        mapping = load_map(Path(name)) if name else None
        store_preview(portfolio, preview_table(file, portfolio, mapping=mapping, create_clients=True))
        return portfolio.records()


def fitted(seen: Observations, kept: Path | None) -> Population:
    """The population fitted to the training records, or the one kept from such a fit before."""
    if kept and kept.exists():
        return population.load(kept, CATALOGUE)
    draws = fit.fit(seen, CATALOGUE)
    if kept:
        population.save(draws, kept)
    return draws


def split(records: Records) -> tuple[list[Invoice], list[Invoice]]:
    """Each customer's first invoices to learn from and the paid ones among its last to predict."""
    mine: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in sorted(records.invoices, key=lambda i: (i.issued, i.number)):
        mine[invoice.client].append(invoice)
    train, test = [], []
    for invoices in mine.values():
        n = int(TRAIN_SHARE * len(invoices)) if len(invoices) >= LEAST_INVOICES else len(invoices)
        train += invoices[:n]
        test += [invoice for invoice in invoices[n:] if invoice.paid_on is not None]
    return train, test


def model_of(
    draws: Population, known: Records, test: list[Invoice], days: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Log density of each payment and samples of it, shapes (invoice,) and (sample, invoice)."""
    months = sorted({invoice.issued.replace(day=1) for invoice in test})
    strains: dict[tuple[str, date], Array] = {}
    for month in months:
        # The strain of a later month is the one after the last learned month, drifting back to the population.
        belief = believe(draws, observe_until(known, month), CATALOGUE)
        for c, client in enumerate(belief.clients):
            sd = np.sqrt(belief.cov[:, c, PAYMENT, PAYMENT])
            strains[client, month] = belief.mean[:, c, PAYMENT] + sd * rng.standard_normal(len(sd))
    theta = draws.theta
    levels = logit((np.arange(LEVELS) + 0.5) / LEVELS)[:, None]
    scores, samples = np.zeros(len(test)), np.zeros((LEVELS * len(theta), len(test)))
    for i, invoice in enumerate(test):
        x = strains[invoice.client, invoice.issued.replace(day=1)]
        centre = log_days((invoice.due - invoice.issued).days) + theta[:, INVOICE_SHIFT] + theta[:, INVOICE_SLOPE] * x
        scale = theta[:, INVOICE_SCALE]
        z = (log_days(days[i]) - centre) / scale
        density = -z - 2.0 * np.logaddexp(0.0, -z) - np.log(scale) - log_days(days[i])
        scores[i] = logsumexp(density) - np.log(len(theta))
        samples[:, i] = np.maximum(np.exp(centre + scale * levels) - PAYMENT_RUN_DAYS, 0.0).ravel()
    return scores, samples


def observe_until(known: Records, month: date) -> Observations:
    """The training records, seen from a later month: payments made by then or not, all of them are known."""
    seen = observe(known, CATALOGUE, date(2200, 1, 1))
    today = month_number(month)
    # What beginnings are like fades until then, and not until all is known.
    early = seen.early_now * LEFT_AFTER_A_MONTH ** (today - seen.today)
    return replace(seen, today=today, early_now=early)


def plain(train: list[Invoice], test: list[Invoice], days: Array) -> dict[str, tuple[Array, Array]]:
    """The baselines, each a normal distribution for every payment."""
    mine: dict[str, list[float]] = defaultdict(list)
    for invoice in train:
        if invoice.paid_on is not None:
            mine[invoice.client].append(float((invoice.paid_on - invoice.issued).days))
    everything = np.concatenate([np.array(v) for v in mine.values()])
    within = np.sqrt(np.mean([np.var(v, ddof=1) for v in mine.values() if len(v) > 1]))
    steps = np.sqrt(np.mean(np.concatenate([np.diff(v) ** 2 for v in mine.values() if len(v) > 1])))
    clients = [invoice.client for invoice in test]
    mean = np.array([np.mean(mine[c]) for c in clients])
    own = np.array([np.std(mine[c], ddof=1) if len(mine[c]) > 2 else within for c in clients])
    last = np.array([mine[c][-1] for c in clients])
    spreads = {
        "customer's mean": (mean, np.maximum(own, 1.0)),
        "mean of all": (np.full(len(test), everything.mean()), np.full(len(test), everything.std())),
        "last value": (last, np.full(len(test), steps)),
    }
    levels = (np.arange(N_SAMPLES) + 0.5) / N_SAMPLES
    return {
        name: (norm.logpdf(days, centre, sd), np.maximum(norm.ppf(levels[:, None], centre, sd), 0.0))
        for name, (centre, sd) in spreads.items()
    }


def boosted(train: list[Invoice], test: list[Invoice], days: Array) -> tuple[Array, Array]:
    """Gradient-boosted trees on the customer's history; a normal spread for each customer from held-out residuals.

    The trees see what the model sees: how many invoices the customer had before, the mean, spread, last and
    last-but-one days of those, and the agreed days. For invoices to predict, the history ends with the training ones.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.model_selection import cross_val_predict

    paid = [invoice for invoice in train if invoice.paid_on is not None]
    mine: dict[str, list[float]] = defaultdict(list)
    rows, target, owner = [], [], []
    for invoice in sorted(paid, key=lambda i: (i.issued, i.number)):
        if mine[invoice.client]:
            rows.append(features(invoice, mine[invoice.client]))
            target.append(days_of(invoice))
            owner.append(invoice.client)
        mine[invoice.client].append(days_of(invoice))
    trees = HistGradientBoostingRegressor(max_iter=100, learning_rate=0.05, max_leaf_nodes=8, random_state=1)
    held_out = np.array(target) - cross_val_predict(trees, np.array(rows), np.array(target), cv=5)
    trees.fit(np.array(rows), np.array(target))
    centre = trees.predict(np.array([features(invoice, mine[invoice.client]) for invoice in test]))
    common = float(np.std(held_out))
    own: dict[str, float] = {}
    for client in mine:
        residuals = held_out[[name == client for name in owner]]
        # Few residuals say little of a customer: they are weighed against ten of the common spread.
        own[client] = float(np.sqrt((10 * common**2 + np.sum(residuals**2)) / (10 + len(residuals))))
    sd = np.array([own[invoice.client] for invoice in test])
    levels = (np.arange(N_SAMPLES) + 0.5) / N_SAMPLES
    return norm.logpdf(days, centre, sd), np.maximum(norm.ppf(levels[:, None], centre, sd), 0.0)


def features(invoice: Invoice, history: list[float]) -> list[float]:
    """What is known of an invoice when it is issued, and of its customer's days to pay until then."""
    return [
        float(len(history)), float(np.mean(history)), float(np.std(history)), history[-1], history[-2:][0],
        float((invoice.due - invoice.issued).days),
    ]  # fmt: skip


def days_of(invoice: Invoice) -> float:
    """Days from issue to payment."""
    assert invoice.paid_on is not None
    return float((invoice.paid_on - invoice.issued).days)


def crps(samples: Array, truth: Array) -> Array:
    """Continuous ranked probability score of each column of samples (Gneiting and Raftery 2007)."""
    ordered = np.sort(samples, axis=0)
    n = len(ordered)
    weight = (2 * np.arange(1, n + 1) - n - 1)[:, None]
    return np.abs(samples - truth).mean(axis=0) - (weight * ordered).sum(axis=0) / n**2


if __name__ == "__main__":
    main()
