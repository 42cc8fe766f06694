"""From the last recorded month to today: the strain drifts back towards the population, and is drawn; compiled."""

import numpy as np

from model.kernel import compiled, inlined
from model.lanes import place
from model.parameters import DEMAND, EARLY, FACTOR, FIT, PAYMENT, PERSISTENCE, RELIEF_SCOPE, RELIEF_TERMS


@compiled
def carry_to_today(
    theta, data, gap, relief_now, early_now, mean_after, cov_after, latent_mean, latent_cov, shift, early,
):  # fmt: skip
    """The latent processes today, from the belief after the last recorded month.

    Parameters
    ----------
    theta : array (sample, parameter)
    data : KernelData
    gap : array (client,)
        Months from the last recorded one to today.
    relief_now : array (client, 2)
        How many accepted asks lie behind, scope and terms.
    early_now : array (client,)
        How much is left of what the beginning is like.
    mean_after, cov_after : arrays (sample, row, latent), (sample, row, latent, latent)
        Belief after each month.
    latent_mean, latent_cov : arrays (sample, client, latent), (sample, client, latent, latent)
    shift, early : arrays (sample, client, trait)
        Zeros, all of them; overwritten with the belief today, with what standing facts and accepted asks add to the
        strain, and with what the beginning still does.
    """
    for s in range(theta.shape[0]):
        for c in range(gap.shape[0]):
            first, stop = data.first_row[c], data.first_row[c + 1]
            m, P = mean_after[s, first:stop], cov_after[s, first:stop]
            _today(theta[s], data, c, gap[c], relief_now[c], m, P, latent_mean[s, c], latent_cov[s, c], shift[s, c])
            for i in range(4):
                early[s, c, i] = theta[s, EARLY + i] * early_now[c]


@compiled
def _today(theta, data, client, gap, relief, m, P, mean, cov, shift):
    # From the last recorded month to today nothing is known: the strain drifts back towards the population.
    n = m.shape[0]
    for k in range(data.standing.shape[1]):
        shift[FIT] += theta[data.standing_place + k] * data.standing[client, k]
    shift[DEMAND] -= theta[RELIEF_SCOPE] * relief[0]
    shift[PAYMENT] -= theta[RELIEF_TERMS] * relief[1]
    for i in range(4):
        if n == 0:
            cov[i, i] = 1.0
            continue
        fade = theta[PERSISTENCE + i] ** gap
        mean[i] = fade * m[n - 1, i]
        for j in range(4):
            cov[i, j] = fade * theta[PERSISTENCE + j] ** gap * P[n - 1, i, j]
        cov[i, i] += 1.0 - fade * fade


@compiled
def spread(
    theta, latent_mean, latent_cov, shift, early, noise, first_row, mean_after, cov_after, latent, strain, mean, cov,
    kept,
):  # fmt: skip
    """A draw of each client, the draw and the belief as strain, and the beliefs after the last months.

    Parameters
    ----------
    theta, latent_mean, latent_cov, shift, early, mean_after, cov_after : arrays
        As for `carry_to_today`, which fills the belief today.
    noise : array (sample, client, latent)
        Standard normal numbers.
    first_row : array (client + 1,)
        Where the months of each client begin; all alike where beliefs after single months are not kept.
    latent, strain, mean, cov, kept : arrays
        Overwritten; as in `model.belief.Belief`, where the last one is `after`.
    """
    n_kept, root, turned = kept.shape[2], np.empty((4, 4)), np.empty((4, 4))
    for s in range(latent_mean.shape[0]):
        A = theta[s, FACTOR : FACTOR + 16].copy().reshape(4, 4)
        for c in range(latent_mean.shape[1]):
            _root(latent_cov[s, c], root)
            for i in range(4):
                drawn = 0.0
                for j in range(i + 1):
                    drawn += root[i, j] * noise[s, c, j]
                latent[s, c, i] = latent_mean[s, c, i] + drawn
            for i in range(4):
                of_draw, of_mean = 0.0, 0.0
                for j in range(4):
                    of_draw += A[i, j] * latent[s, c, j]
                    of_mean += A[i, j] * latent_mean[s, c, j]
                    turned[i, j] = 0.0
                    for k in range(4):
                        turned[i, j] += A[i, k] * latent_cov[s, c, k, j]
                apart = shift[s, c, i] + early[s, c, i]
                strain[s, c, i], mean[s, c, i] = apart + of_draw, apart + of_mean
            for i in range(4):
                for j in range(4):
                    total = 0.0
                    for k in range(4):
                        total += turned[i, k] * A[j, k]
                    cov[s, c, i, j] = total
            stop = first_row[c + 1]
            for k in range(1, min(n_kept, stop - first_row[c]) + 1):
                for i in range(4):
                    kept[s, c, n_kept - k, i] = mean_after[s, stop - k, i]
                    for j in range(i + 1):
                        kept[s, c, n_kept - k, 4 + place(i, j)] = cov_after[s, stop - k, i, j]


@compiled
def put_back(kept, client, months, first, mean_after, cov_after):
    """Of one client, beliefs that were kept put where `spread` took them from.

    Parameters
    ----------
    kept : array (sample, client, kept, number)
        As in `model.belief.Belief`.
    client : int
    months : tuple of two integers
        The first of the months kept, and the one after the last.
    first : int
        Row of the first of them.
    mean_after, cov_after : arrays (sample, row, latent), (sample, row, latent, latent)
        Overwritten in as many rows.
    """
    for s in range(kept.shape[0]):
        for k in range(months[0], months[1]):
            row = first + k - months[0]
            for i in range(4):
                mean_after[s, row, i] = kept[s, client, k, i]
                for j in range(4):
                    cov_after[s, row, i, j] = kept[s, client, k, 4 + place(i, j)]


@inlined
def _root(P, root):
    # Cholesky factor of a covariance.
    for i in range(4):
        for j in range(i + 1):
            total = P[i, j]
            for k in range(j):
                total -= root[i, k] * root[j, k]
            if i == j:
                root[i, j] = np.sqrt(max(total, 0.0))
            else:
                # What is known for sure goes with nothing.
                root[i, j] = total / root[j, j] if root[j, j] > 0.0 else 0.0
