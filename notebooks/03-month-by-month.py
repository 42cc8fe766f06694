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
# # One client, month by month
#
# How each month's evidence moved the belief about one client. The example portfolio is invented, so what is said of
# its clients is too.

# %%
from datetime import date, timedelta

import numpy as np
import pandas as pd

from app.store import open_portfolio
from model import catalogue, population
from model.belief import update
from model.catalogue import DATA, TRAITS
from model.evidence import record_weights, weights
from model.judgement import judge
from model.observations import month_number, month_start
from model.path import strain_path

today = date(2026, 10, 31)
signs = catalogue.load()
portfolio = open_portfolio(DATA / "example")
records = portfolio.records(as_of=today)
draws = population.from_prior(signs, rng=np.random.default_rng(1), n_samples=300)

# %% [markdown]
# ## Who was hardest to judge?
#
# The client whose latest half year moved the belief most.

# %%
before = update(draws, portfolio.records(as_of=date(2026, 4, 30)), signs, today=date(2026, 4, 30))
now = update(draws, records, signs, today=today)
both = [client.name for client in records.active(today) if client.name in before.clients]
moved = {name: np.abs(now.summary(name)[0] - before.summary(name)[0]).max() for name in both}
client = max(moved, key=moved.get)
print(f"{client}: a trait moved by {moved[client]:.1f} standard deviations")

# %% [markdown]
# ## What was recorded
#
# Signs, payments and energy of the last year.

# %%
mine = records.of(client)
for sighting in sorted(mine.sightings, key=lambda s: s.on)[-10:]:
    print(sighting.on, signs[sighting.sign].label)
for invoice in sorted(mine.invoices, key=lambda i: i.issued)[-6:]:
    paid = f"paid after {(invoice.paid_on - invoice.issued).days} days" if invoice.paid_on else "open"
    print(invoice.issued, "invoice,", paid, "of", (invoice.due - invoice.issued).days, "agreed")

# %% [markdown]
# ## The belief as it stood at each month's end
#
# The instant update, given only what was known by then. Strain is in standard deviations between clients; 0 is the
# usual client, more is worse.

# %%
ends = [month_start(month_number(today) - back + 1) - timedelta(days=1) for back in range(11, -1, -1)]
table = {}
for end in ends:
    belief = update(draws, portfolio.records(as_of=end), signs, today=end)
    if client in belief.clients:
        mean, sd = belief.summary(client)
        table[end] = {trait: f"{m:+.1f} ± {s:.1f}" for trait, m, s in zip(TRAITS, mean, sd, strict=True)}
print(pd.DataFrame(table).T.to_string())

# %% [markdown]
# ## Looking back
#
# The same months in the light of all that came after: the smoother. Where the two differ, later months have told
# something of earlier ones.

# %%
path = strain_path(draws, records, client, signs, today=today)
back = pd.DataFrame(path.mean, index=[month_start(int(month)) for month in path.month], columns=TRAITS)
print(back.tail(12).round(1).to_string())

# %% [markdown]
# ## What moved it
#
# Each kind of evidence is weighed by leaving it out: in money, in decibans (ten are ten to one) and in strain.

# %%
judgement = judge(records, draws, today=today)
for weight in weights(judgement, client)[:8]:
    strain = ", ".join(f"{trait} {s:+.2f}" for trait, s in zip(TRAITS, weight.strain, strict=True) if abs(s) >= 0.05)
    print(f"{weight.label:48} {weight.money:+8.0f} {judgement.settings.currency} {weight.decibans:+6.1f} dB  {strain}")

# %% [markdown]
# And the single records of the last twelve months that weigh most.

# %%
for weight in record_weights(judgement, client)[:8]:
    print(f"{weight.label:48} {weight.money:+8.0f} {judgement.settings.currency}")

# %% [markdown]
# The verdict that comes of it.

# %%
print(judgement.of(client).verdict, "·", judgement.of(client).reason)
