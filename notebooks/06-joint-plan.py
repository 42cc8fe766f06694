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
# # All clients at once
#
# What is best for each client alone need not be possible for all together: hours, cash and searches are shared. The
# joint plan is a mixed-integer program over the same draws the verdicts rest on. The example portfolio is invented.

# %%
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from app.planning import binding_sentences, plan_sentences, step_words
from app.store import open_portfolio
from model import catalogue, population
from model.catalogue import DATA
from model.judgement import judge
from model.plan import binding, bounds_of, make_plan

today = date(2026, 10, 31)
records = open_portfolio(DATA / "example").records(as_of=today)
draws = population.from_prior(catalogue.load(), rng=np.random.default_rng(1), n_samples=200)
judgement = judge(records, draws, today=today)

# %% [markdown]
# ## Each client alone
#
# The verdicts, as if every client were the only one to decide on.

# %%
for decision in judgement.decisions:
    print(f"{decision.client:30} {decision.verdict:13} best by its mean: {decision.best.action}")

# %% [markdown]
# ## The limits
#
# Those of the settings; None is no limit.

# %%
bounds = bounds_of(judgement)
print(bounds)

# %% [markdown]
# ## The plan
#
# One option for every client: keep, renegotiate, or leave in one of the next months. It gives up something of a client
# only where a limit is in the way.

# %%
plan = make_plan(judgement, bounds)
print(*plan_sentences(plan, today), sep="\n")
for step in plan.steps:
    print(f"{step.client:30} {step_words(step):32} gives up {step.costs:7.0f}")

# %% [markdown]
# ## What is in the way
#
# Each limit is lifted in turn, and eased by one unit: an hour a month, 1,000 in cash, one more search.

# %%
print(*binding_sentences(plan, binding(plan)), sep="\n")

# %% [markdown]
# ## Less money in the bank
#
# The same portfolio with five times its fixed costs. Where no plan keeps every limit, the one that breaks them least is
# shown, and by how much.

# %%
poorer = replace(bounds, costs_per_month=5 * bounds.costs_per_month)
tight = make_plan(judgement, poorer)
print(*plan_sentences(tight, today), sep="\n")
for before, after in zip(plan.steps, tight.steps, strict=True):
    if before.option != after.option:
        print(f"{after.client:30} {step_words(before)} -> {step_words(after)}")

# %% [markdown]
# ## Cash
#
# Its middle, and the ends of 8 in 10 futures, at the end of each month: with the plan and if nothing is done.

# %%
months = pd.period_range("2026-11", periods=plan.fan.shape[1], freq="M")
fan = {
    "plan, low": plan.fan[0], "plan": plan.fan[len(plan.fan) // 2], "plan, high": plan.fan[-1],
    "nothing, low": plan.fan_of_nothing[0], "nothing": plan.fan_of_nothing[len(plan.fan) // 2],
}  # fmt: skip
print(pd.DataFrame(fan, index=months).round(-2).iloc[::3].to_string())

# %% [markdown]
# ## Who brings what, and who takes what
#
# Shares of income, hours and strain if nothing is done.

# %%
shares = pd.DataFrame(
    [(step.client, step.income_share, step.hours_share, step.strain_share) for step in plan.steps],
    columns=["client", "income", "hours", "strain"],
).set_index("client")
print(shares.sort_values("income", ascending=False).round(2).to_string())
