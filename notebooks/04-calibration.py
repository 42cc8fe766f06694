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
# # Is the belief right? The calibration study
#
# A belief that is right has the truth anywhere within it equally often. Worlds are drawn from the prior and told
# forwards, so the truth is known; then every client is judged as if it were not. The functions are those of
# [benchmarks/calibration.py](../benchmarks/calibration.py), here on a few worlds; the study itself takes 2,500 clients.

# %%
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

BENCHMARKS = Path.cwd().parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import calibration

from model.belief import believe
from model.observations import observe

# %% [markdown]
# ## One client
#
# The true strain of each trait today, and what the records let one believe of it, in standard deviations between
# clients.

# %%
true, world = next(calibration.draw(1, 4, 3))
seen = observe(world.records, calibration.CATALOGUE, calibration.UNTIL)
belief = believe(true, seen, calibration.CATALOGUE)
mean, sd = belief.summary(world.clients[0])
print(pd.DataFrame({"truth": world.strain_today[0], "belief": mean, "±": sd}, index=calibration.TRAITS).round(2))

# %% [markdown]
# ## Many clients
#
# The place of the truth within the belief, from 0 to 1. Were the belief right and the worlds endless, a tenth of all
# places would lie in each tenth of the way.

# %%
places = [
    calibration.of_truth(
        believe(true, observe(world.records, calibration.CATALOGUE, calibration.UNTIL), calibration.CATALOGUE),
        world, true.theta[0], 1.0,
    )
    for true, world in calibration.draw(12, 8, 1)
]  # fmt: skip
payment = np.concatenate([place["strain of payment"] for place in places])
print("clients in each tenth:", np.histogram(payment, bins=10, range=(0.0, 1.0))[0])
print("distance from even and its 95 % band:", [round(x, 3) for x in calibration.distance_and_band(payment)])

# %% [markdown]
# ## The study
#
# What the full runs gave, with the errors planted on purpose. A planted error that was not rejected would mean that the
# check sees nothing.

# %%
for study in sorted((BENCHMARKS / "results").glob("*calibration.json")):
    kept = json.loads(study.read_text(encoding="utf-8"))
    print(kept["command"], "with seed", kept["seed"])
    for error, rows in kept["table"].items():
        told = rows.get("inside")
        inside = sum(row["distance"] <= row["band"] for row in rows.values()) if told is None else told
        print(f"  {error}: {inside} of {rows.get('of', len(rows))} quantities inside their band")
