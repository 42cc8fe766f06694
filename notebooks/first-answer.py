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
# # A first answer
#
# From recorded evidence to keep, renegotiate or drop, one step at a time. Everything here is a call into the package;
# the command line and the app take the same way.

# %%
from datetime import date

import numpy as np

from app.store import open_portfolio
from model import catalogue, population
from model.belief import update
from model.catalogue import DATA, TRAITS
from model.evidence import weights
from model.forecast import Ask
from model.judgement import judge, rejudge
from model.observations import observe
from model.quick_fit import quick_fit

# %% [markdown]
# ## The records
#
# A portfolio folder is read as it stands. Nothing later than the day of the answer is looked at.

# %%
today = date(2026, 10, 31)
records = open_portfolio(DATA / "example").records(as_of=today)
len(records.clients), len(records.invoices), len(records.checkins), len(records.sightings)

# %% [markdown]
# ## The population
#
# What clients are like in general, before looking at any one of them. These draws come from the prior; `bush fit`
# replaces them with draws that have seen your own records.

# %%
signs = catalogue.load()
draws = population.from_prior(signs, rng=np.random.default_rng(1), n_samples=300)
draws.theta.shape

# %% [markdown]
# ## The belief about each client
#
# Strain of each trait today, in standard deviations of the population: 0 is the usual client, more is worse. One joint
# draw of strain goes with each draw of the population.

# %%
belief = update(draws, records, signs, today=today)
for client in belief.clients:
    mean, sd = belief.summary(client)
    print(f"{client:30}", "  ".join(f"{t} {m:+.1f} ± {s:.1f}" for t, m, s in zip(TRAITS, mean, sd, strict=True)))

# %% [markdown]
# ## The decision
#
# `judge` does the update and goes on: months ahead, what each action is worth in each draw, and the verdict.

# %%
judgement = judge(records, draws, today=today)
for decision in judgement.decisions:
    print(f"{decision.client:30} {decision.verdict:13} {decision.reason}")

# %% [markdown]
# Expected values, in the portfolio's currency. The array behind them has the axes sample, client and action.

# %%
judgement.net_benefit.mean("sample").to_pandas().round(-2)

# %% [markdown]
# ## A fit of these records
#
# What these clients say of clients in general, taken from all of them together: the normal distribution nearest to the
# posterior, in seconds. `bush fit` goes on to sample the posterior itself; [02-fit-and-check](02-fit-and-check.ipynb)
# does, and tells when to believe it.

# %%
fitted = quick_fit(observe(records, signs, today), signs)
for name in ("invoice_shift", "hours_shift", "leave_base"):
    before, after = (known.theta[:, known.names.index(name)] for known in (draws, fitted))
    print(f"{name:15} {before.mean():+.2f} ± {before.std():.2f} -> {after.mean():+.2f} ± {after.std():.2f}")

# %% [markdown]
# The update and the decision take the fitted draws in the same way.

# %%
again = judge(records, fitted, today=today)
for before, after in zip(judgement.decisions, again.decisions, strict=True):
    print(f"{before.client:30} {before.verdict:13} -> {after.verdict}")

# %% [markdown]
# ## What if
#
# Other settings or another ask take no new belief and use the same random numbers, so the difference is the change's
# own.

# %%
bolder = rejudge(judgement, ask=Ask(price_pct=25.0, scope=True))
(bolder.net_benefit - judgement.net_benefit).sel(action="renegotiate").mean("sample").to_pandas().round(-1)

# %% [markdown]
# ## Why
#
# Each kind of evidence is weighed by leaving it out.

# %%
newest = max(records.active(today), key=lambda client: client.since)
for weight in weights(judgement, newest.name)[:5]:
    print(f"{weight.label:45} {weight.money:+8.0f} {judgement.settings.currency}  {weight.decibans:+.1f} decibans")
