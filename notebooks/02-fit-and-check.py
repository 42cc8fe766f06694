# ---
# jupyter:
#   jupytext:
#     formats: py:percent,ipynb
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A fit, and whether to believe it
#
# The population is learned from all clients at once: how often each sign comes, what it says, how long trouble lasts.
# A fit has to pass a gate before anyone uses it, and its model has to look like the records it was made from. Here is
# a small invented world whose truth is known, so that the fit can be held against it as well.

# %%
from datetime import date

import numpy as np
import pandas as pd

from app.parameter_words import shortcoming
from model import catalogue, population, priors
from model.fit import fit
from model.observations import observe
from model.parameters import Layout
from model.predictive_check import predictive_check, told
from model.simulate import simulate
from model.staleness import staleness

today, months_later = date(2026, 10, 31), date(2027, 1, 31)
signs = catalogue.load()
rng = np.random.default_rng(4)

# %% [markdown]
# ## A world and its records
#
# One population drawn from the prior, six clients, thirteen months; the fit is made after the first ten.

# %%
prior = population.from_prior(signs, rng=rng, n_samples=500)
truth = prior.theta[0]
records = simulate(truth, signs, clients=6, months=13, until=months_later, rng=rng).records
seen = observe(records, signs, today)
print(len(records.clients), "clients,", seen.n_rows, "client-months,", len(records.invoices), "invoices")

# %% [markdown]
# ## The fit
#
# NUTS, four chains. The settings are far smaller than those of `bush fit` (300 + 600 draws a chain), to keep the
# notebook short, so the gate is not likely to open: it asks for an R-hat of at most 1.01, a bulk ESS of at least 400
# for every parameter and no divergence. What the program says of a fit that misses it, and misses it again with
# shorter steps, is the last line.

# %%
fitted = fit(seen, signs, tune=60, draws=60, seed=2)
found = fitted.diagnostics
print(f"R-hat up to {found.worst_rhat:.3f}, bulk ESS from {found.worst_ess:.0f}, {found.divergences} divergences")
print("reliable" if found.reliable else shortcoming(found.worst_parameter, signs))

# %% [markdown]
# ## What was learned
#
# The posterior beside the prior, and the truth, which only an invented world has. The last column is what is left of
# the prior's doubt: near 1, these records teach nothing of it, and the prior speaks.

# %%
names = Layout.of(signs).names(signs)
rows = pd.DataFrame(
    {
        "truth": truth,
        "prior": prior.theta.mean(axis=0),
        "posterior": fitted.theta.mean(axis=0),
        "±": fitted.theta.std(axis=0),
        "doubt left": fitted.theta.std(axis=0) / np.where(prior.theta.std(axis=0) > 0, prior.theta.std(axis=0), np.nan),
    },
    index=names,
).dropna()
print(rows.sort_values("doubt left").head(12).round(2))
inside = (np.abs(rows["truth"] - rows["posterior"]) < 1.645 * rows["±"]).mean()
print(f"{inside:.0%} of all parameters have the truth within about 90 % of the posterior")

# %% [markdown]
# ## Do its records look like these?
#
# The same months lived once more from every draw, and the same figures taken of both (Gelman, Meng and Stern 1996). A
# figure far outside what the replications have is something the model cannot say. `bush check` does this for a
# portfolio.

# %%
check = predictive_check(fitted.thinned(200), records, signs, today=today, rng=rng)
print(check.summary)
for row in check.figures[:8]:
    low, middle, high = (told(value, row.unit) for value in (row.low, row.middle, row.high))
    print(f"{row.what}, {row.of}: {told(row.observed, row.unit)} seen, {middle} expected ({low} to {high})")

# %% [markdown]
# Pairs of signs that were seen together more often than the model expects: those it would count twice.

# %%
for row in check.pairs[:5]:
    low, high = (told(value, row.unit) for value in (row.low, row.high))
    print(f"{row.of}: together {told(row.observed, row.unit)}, expected {low} to {high}")
print(*check.sentences or ["No pair and no figure stands out more than luck would have it."], sep="\n")

# %% [markdown]
# ## When is the next fit due?
#
# The fit keeps an anonymous ledger of what it knew. Later records are held against it: how many are new, and how
# unlikely they are under the fit.

# %%
stale = staleness(fitted, records, observe(records, signs, months_later), signs, priors.load(), today=months_later)
print("A new fit is due:" if stale.due else "No new fit is due.", "; ".join(stale.reasons))
