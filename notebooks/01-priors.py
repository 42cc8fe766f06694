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
# # The priors and what they imply
#
# What the model believes before any record, and what that says of records. Everything here is a call into the package;
# [the model card](../docs/model.md) gives every reason and source.

# %%
from dataclasses import asdict

import numpy as np
import pandas as pd

from model import catalogue, priors
from model.prior_check import prior_predictive

# %% [markdown]
# ## The priors
#
# Each is an interval someone can disagree with: 90 % sure it lies between these two.

# %%
table = priors.load()
for prior in table.rows:
    print(f"{prior.name:26} {prior.low:6} to {prior.high:<6} {prior.unit}")

# %% [markdown]
# ## What they imply
#
# Portfolios of imagined clients, one for each draw from the prior: the middle over populations, and where 90 % of
# populations have the figure. The last column is what the sources say, where they say anything.

# %%
signs = catalogue.load()
implied = pd.DataFrame([asdict(row) for row in prior_predictive(signs, rng=np.random.default_rng(1))])
implied.set_index(["what", "of"]).round(3)

# %% [markdown]
# Known figures that fall outside what 90 % of populations have. Single tasks scatter more than the months the model
# speaks of, so their 10 % point is expected here.

# %%
known = implied.dropna(subset="known")
outside = known[(known["known"] < known["low"]) | (known["known"] > known["high"])]
print(outside.round(3).to_string(index=False))

# %% [markdown]
# ## Believing something else
#
# Sure that clients change within months, and that they pay late? Then imagine other portfolios.

# %%
gloomy = table.believing({"half_life": (3.0, 12.0), "invoice_shift": (0.0, 0.4)})
others = prior_predictive(signs, rng=np.random.default_rng(1), priors=gloomy)
for row in others[:3]:
    print(f"{row.what}, {row.of}: {row.middle:.0%} instead of {implied['middle'][others.index(row)]:.0%}")
