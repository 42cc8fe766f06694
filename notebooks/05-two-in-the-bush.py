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
# worse find costs only the search, a better one replaces the client. `bush search-value` and the client's page give
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
