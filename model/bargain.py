"""What a client who is asked for something is worth, at every price and for every wish, compiled.

Asks are compared by the hundred: eight wishes, nine prices, agreed to in full or in part. One pass over the draws does
all prices side by side, and the chance of each answer needs no exponential of its own: what is asked for adds up on the
scale of logits, so that its odds are a product.
"""

import numpy as np
from numpy.typing import NDArray

from model.kernel import compiled, inlined
from model.parameters import ASK_CUTS, ASK_PRICE, ASK_SCOPE, ASK_SLOPES, ASK_TERMS
from model.quadrature import MAX_LOG_RATE
from model.slot import comes_in

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Beyond this, in logits, any part of an ask is as good as out of the question; products of four stay finite.
LARGEST_PART = 150.0


@compiled
def worth_at_prices(
    hours: Array, never_paid: Array, days: Array, energy: Array, referrals: Array, alive: Array, after: Array,
    fixed_fee: Array, fee_per_ratio: Array, cost_of_hours: Array, strain: float, most_leads: float, lead: Array,
    per_day: float, discount: Array, rises: Array, wear: Array, out: Array,
) -> None:  # fmt: skip
    """Worth of staying until the client leaves by itself, at each of several prices.

    Parameters
    ----------
    hours, never_paid, days, energy, referrals : arrays (sample, client, month)
    alive, after : arrays (sample, client, month 0..H)
        As for `model.worth.stays`.
    fixed_fee, fee_per_ratio, cost_of_hours, strain, most_leads, lead, per_day
        As for `model.worth.month_values`.
    discount : array (month 0..H,)
    rises : array (rise,)
        How much more is paid, as a share of the fee; at least four.
    wear : array (sample,)
        Chance to leave each month for a rise of a tenth.
    out : array (client, sample, rise)
        Overwritten with the worth.
    """
    n_samples, n_clients = hours.shape[:2]
    months, n_rises = len(discount) - 1, len(rises)
    by_month, by_fee = np.empty(months + 1), np.empty(months)
    steadiness = np.empty(n_rises)
    for s in range(n_samples):
        for r in range(n_rises):
            steadiness[r] = max(0.0, 1.0 - 10.0 * wear[s] * rises[r])
        for c in range(n_clients):
            fixed, by_hours, cost = fixed_fee[c], fee_per_ratio[c], cost_of_hours[c]
            there, freed = alive[s, c], after[s, c]
            for m in range(months):
                ratio = hours[s, c, m]
                fee = (fixed + by_hours * ratio) * comes_in(1.0 - never_paid[s, c, m], days[s, c, m], per_day)
                value = fee - ratio * cost + strain * (energy[s, c, m] - 3.0)
                value += min(referrals[s, c, m], most_leads) * lead[m]
                by_month[m] = there[m] * discount[m] * value + there[m] * (freed[m + 1] - freed[m])
                by_fee[m] = there[m] * discount[m] * fee
            by_month[0] += there[0] * freed[0]
            by_month[months] = -there[months] * freed[months]
            for r in range(0, n_rises, 4):
                _at_four(by_month, by_fee, rises, steadiness, min(r, n_rises - 4), out[c, s])


@inlined
def _at_four(by_month: Array, by_fee: Array, rises: Array, steadiness: Array, r: int, out: Array) -> None:
    # Month m counts by the m-th power of what a price leaves of staying: summed from the last one backward. Four prices
    # are written out, for a loop over them would keep their sums in memory from month to month.
    total = by_month[-1]
    first, second, third, fourth = total, total, total, total
    for m in range(len(by_fee) - 1, -1, -1):
        value, fee = by_month[m], by_fee[m]
        first = first * steadiness[r] + (value + rises[r] * fee)
        second = second * steadiness[r + 1] + (value + rises[r + 1] * fee)
        third = third * steadiness[r + 2] + (value + rises[r + 2] * fee)
        fourth = fourth * steadiness[r + 3] + (value + rises[r + 3] * fee)
    out[r], out[r + 1], out[r + 2], out[r + 3] = first, second, third, fourth


@compiled
def gains(
    theta: Array, strain: Array, lines: Array, sooner: Array, rises: Array, kept: Array, place: Ints, full: Ints,
    half: Ints, drop: Array, gone: Array, part: float, possible: Flags,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """What each ask gains over keeping the client as they are, in expectation and in money.

    Parameters
    ----------
    theta : array (sample, parameter)
    strain : array (sample, client, trait)
    lines, sooner : arrays (wish,)
        How many lines a wish draws, and whether it is to be paid sooner.
    rises : array (price,)
        How much more is asked for, as a share of the fee.
    kept : array (option, sample, rise)
        Worth of a client who agreed to a wish and to each of several rises.
    place : array (client, wish)
        Which option that is of each client, -1 where a wish is not looked at; the first wish is none, and looked at.
    full, half : arrays (price,)
        Which rise each price is, and which half of it is; the first price is none.
    drop, gone : arrays (sample, client)
        Worth of leaving one who refused, and of being left by them.
    part : float
        Share of a wish that one who agrees in part grants.
    possible : array (client, wish, price)
        What can be asked for; of each client something can.

    Returns
    -------
    gain : array (client, wish, price)
        Minus infinity for wishes not looked at.
    behind, error : arrays (client, wish)
        By how much a wish, at the price that suits it best, gains less than the best ask of all, and the standard error
        of that; infinite and 0 for wishes that cannot be asked for.
    """
    (n_samples, n_clients), n_wishes, n_prices = drop.shape, len(lines), len(rises)
    gain = np.full((n_clients, n_wishes, n_prices), -np.inf)
    behind, error = np.full((n_clients, n_wishes), np.inf), np.zeros((n_clients, n_wishes))
    of_wish, of_price = np.empty((n_samples, n_wishes)), np.empty((n_samples, n_prices))
    odds = np.empty((n_samples, 3))
    for s in range(n_samples):
        for w in range(n_wishes):
            of_wish[s, w] = _odds(theta[s, ASK_SCOPE] * lines[w] + theta[s, ASK_TERMS] * sooner[w])
        for p in range(n_prices):
            of_price[s, p] = _odds(theta[s, ASK_PRICE] * rises[p] * 10.0)
        for k in range(3):
            odds[s, k] = _odds(-theta[s, ASK_CUTS + k])
    least, most = np.exp(-MAX_LOG_RATE), np.exp(MAX_LOG_RATE)
    # Of one client: what each ask gains in each draw, and the share of those who refuse and stay.
    gained, stays = np.empty((n_wishes, n_prices, n_samples)), np.empty((n_wishes, n_prices, n_samples))
    for c in range(n_clients):
        for s in range(n_samples):
            resistance = 0.0
            for i in range(4):
                resistance += theta[s, ASK_SLOPES + i] * strain[s, c, i]
            of_client, keep, left = _odds(resistance), kept[place[c, 0], s, full[0]], gone[s, c]
            for w in range(n_wishes):
                option = place[c, w]
                if option < 0:
                    continue
                against = of_client * of_wish[s, w]
                for p in range(n_prices):
                    both = against * of_price[s, p]
                    # Chances to do at least so well: agree, agree in part, stay.
                    first = 1.0 / (1.0 + min(max(both * odds[s, 0], least), most))
                    second = 1.0 / (1.0 + min(max(both * odds[s, 1], least), most))
                    third = 1.0 / (1.0 + min(max(both * odds[s, 2], least), most))
                    partly = (1.0 - part) * kept[place[c, 0], s, half[p]] + part * kept[option, s, half[p]]
                    worth = first * kept[option, s, full[p]] + (second - first) * partly + (1.0 - third) * left
                    gained[w, p, s], stays[w, p, s] = worth - keep, third - second
        for w in range(n_wishes):
            if place[c, w] < 0:
                continue
            for p in range(n_prices):
                # A refusal is seen, the draw is not: the choice is made on the mean of the draws.
                regret, total = 0.0, 0.0
                for s in range(n_samples):
                    regret += stays[w, p, s] * (kept[place[c, 0], s, full[0]] - drop[s, c])
                for s in range(n_samples):
                    then = kept[place[c, 0], s, full[0]] if regret >= 0.0 else drop[s, c]
                    gained[w, p, s] += stays[w, p, s] * then
                    total += gained[w, p, s]
                gain[c, w, p] = total / n_samples
        _compare(gain[c], gained, possible[c], behind[c], error[c])
    return gain, behind, error


@inlined
def _compare(gain: Array, gained: Array, possible: Flags, behind: Array, error: Array) -> None:
    # Every wish beside the best ask, draw by draw: they share most of what differs from draw to draw.
    n_wishes, n_prices, n_samples = gained.shape
    best_wish, best_price, top = 0, 0, -np.inf
    for w in range(n_wishes):
        for p in range(n_prices):
            if possible[w, p] and gain[w, p] > top:
                best_wish, best_price, top = w, p, gain[w, p]
    for w in range(n_wishes):
        price, most = -1, -np.inf
        for p in range(n_prices):
            if possible[w, p] and gain[w, p] > most:
                price, most = p, gain[w, p]
        if price < 0:
            continue
        behind[w], squares = top - most, 0.0
        for s in range(n_samples):
            squares += (gained[best_wish, best_price, s] - gained[w, price, s] - behind[w]) ** 2
        error[w] = np.sqrt(squares) / n_samples


@compiled
def _odds(logit: float) -> float:
    return float(np.exp(min(max(logit, -LARGEST_PART), LARGEST_PART)))
