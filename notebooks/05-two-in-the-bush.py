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
# # Two in the bush
#
# Whether to look for a replacement before dropping anyone. The client stays while you look, so a search is an option: a
# worse find costs only the search, a better one replaces the client. `bush search-value` and the What if page give
# the same figures.

# %%
from model.two_in_the_bush import two_in_the_bush

bush = two_in_the_bush(in_hand=6.92, mean=8, sd=6, cost=2)
print(f"index {bush.index:.6f}, value {bush.value:.6f}, gain {bush.gain:.6f}, switch {bush.switch:.6f}")
print(bush.reason)

# %% [markdown]
# Comparing means says stay: the average replacement, less its cost, is worth 6.00, less than the 6.92 in hand. That
# compares with having to take whoever is found. The scatter is what you pay for, and without it nothing is left of the
# gain.

# %%
for sd in (0, 2, 4, 6, 9):
    found = two_in_the_bush(in_hand=6.92, mean=8, sd=sd, cost=2)
    print(
        f"scatter {sd}: look with less than {found.index:5.2f} in hand, gain {found.gain:+.2f}, search {found.search}"
    )

# %% [markdown]
# The same holds where the average replacement is the worse one even before its cost.

# %%
print(two_in_the_bush(in_hand=9, mean=8, sd=9, cost=2).reason)

# %% [markdown]
# ## With your own numbers
#
# The four numbers above stand for one look. With a portfolio there is more to go by: how long a search takes, what a
# new client brings, how long one stays and how sure all of that is. `search_first` keeps a client, looks month by
# month, and takes an offer where it is worth more than going on.

# %%
from datetime import date

from app.desk import Desk
from model.search_first import search_first

judgement = Desk("../data/example", today=date(2026, 10, 31)).judgement()
for decision in judgement.decisions:
    found = search_first(judgement, decision.client)
    if found.search or found.switches > 0.5:
        print(f"{found.client}: keep {found.keep:,.0f}, drop {found.drop:,.0f}, search first {found.value:,.0f}")
        print("  ", found.reason)

# %% [markdown]
# ## The birds one can name
#
# Prospects bring their own fee, hours, odds and early signs. Their strain comes from the same update as that of any
# client.

# %%
from model.prospects import exchanges, valued

for prospect in judgement.records.prospects:
    print(valued(judgement, prospect).reason)
for exchange in exchanges(judgement, judgement.records.prospects)[:3]:
    names = " and ".join(exchange.prospects)
    print(f"{names} in the place of {exchange.client}: {exchange.gain:+,.0f}, better in {exchange.p_better:.0%}")

# %% [markdown]
# ## How choosy to be
#
# Taking only those whose early signs are good makes for calmer clients and a longer search.

# %%
from model.screening import screening

for rule in screening(judgement).rules:
    print(f"accept {rule.accepted:4.0%}: {rule.months_to_win:4.1f} months to win one, a slot gains {rule.gain:+7,.0f}")

# %% [markdown]
# ## Scenarios
#
# The same for the whole portfolio at once, on the same random numbers.

# %%
from model.scenarios import ADVISED, AS_TODAY, compare
from model.settings import Scenario

raised = Scenario(name="Raise by 15 %", others="renegotiate", raise_pct=15.0)
two = Scenario(name="Drop one, two new", drop=("Velvet Handshake Studio",), replacements=2)
for played in compare(judgement, (AS_TODAY, ADVISED, raised, two)):
    worth = f"{played.value:9,.0f}  ({played.low:,.0f} to {played.high:,.0f})"
    print(f"{played.scenario.name:20s} {worth}  {played.gain:+8,.0f}")
