"""One client in hand against two in the bush: whether to look for a replacement before dropping anyone."""

from dataclasses import dataclass

from model.errors import InvalidSettings
from model.language import phrase
from model.rules import MAX_AMOUNT
from model.search import Normal, reservation_value, value_of_looking


@dataclass(frozen=True, slots=True, kw_only=True)
class Bush:
    """What looking once, with the client still in hand, is worth. All but the last three in money.

    Parameters
    ----------
    in_hand
        Worth of the client in hand.
    mean, sd
        Expected worth of a replacement, and how far it scatters.
    cost
        Price of finding and inspecting one.
    index
        Reservation value: with less than this in hand, looking is right.
    value
        Expected worth of the better course.
    gain
        What looking adds to the client in hand; negative where it is not worth its cost.
    switch
        Probability that the replacement found is worth more than the client in hand, in [0, 1].
    search
        Whether to look.
    reason
        The same as sentences.
    """

    in_hand: float
    mean: float
    sd: float
    cost: float
    index: float
    value: float
    gain: float
    switch: float
    search: bool
    reason: str


def two_in_the_bush(*, in_hand: float, mean: float, sd: float, cost: float) -> Bush:
    """Look for a replacement while the client is kept, and switch only to one that turns out worth more.

    The gain is `E[(X - in_hand)+] - cost` with X normal; looking is right while `in_hand` is below the reservation
    value z, where `E[(X - z)+] = cost` (Weitzman 1979).

    Parameters
    ----------
    in_hand
        Worth of the client in hand, in money.
    mean, sd
        Expected worth of a replacement and its standard deviation, in money.
    cost
        Price of finding and inspecting one, in money.

    Raises
    ------
    InvalidSettings
        If a number is not finite or beyond what an amount may be, the scatter is negative, or looking costs nothing.
    """
    most = float(MAX_AMOUNT)
    if not all(abs(number) <= most for number in (in_hand, mean, sd, cost)):
        raise InvalidSettings(
            phrase(
                "all four must be numbers between {least:g} and {most:g}; {in_hand}, {mean}, {sd} and {cost} came.",
                least=-most,
                most=most,
                in_hand=in_hand,
                mean=mean,
                sd=sd,
                cost=cost,
            )
        )
    if sd < 0:
        raise InvalidSettings(phrase("the scatter of a replacement's worth must be 0 or more; {sd:g} came.", sd=sd))
    if cost <= 0:
        raise InvalidSettings(
            phrase(
                "looking must cost something, if only hours; {cost:g} came. A free look is always worth it.", cost=cost
            )
        )
    box = Normal(mean, sd)
    index = reservation_value(box, cost)
    gain = value_of_looking(box, cost, in_hand) - in_hand
    search, switch = in_hand < index, box.above(in_hand)
    return Bush(
        in_hand=in_hand,
        mean=mean,
        sd=sd,
        cost=cost,
        index=index,
        value=max(in_hand, in_hand + gain),
        gain=gain,
        switch=switch,
        search=search,
        reason=_reason(in_hand, mean - cost, index, switch, search),
    )


def _reason(in_hand: float, net: float, index: float, switch: float, search: bool) -> str:
    if not search:
        return phrase(
            "Stay: looking pays only with less than {index:,.2f} in hand, and you have {in_hand:,.2f}.",
            index=index,
            in_hand=in_hand,
        )
    found = phrase(
        "Search first, and drop nobody yet: you have {in_hand:,.2f} in hand, and looking pays below {index:,.2f}.",
        in_hand=in_hand,
        index=index,
    )
    if net < in_hand:
        return phrase(
            "{found} The average replacement, less its cost, is worth only {net:,.2f}. But "
            "you switch only to one that is worth more, which happens {switch:.0%} of the "
            "time; otherwise you keep the client you have.",
            found=found,
            net=net,
            switch=switch,
        )
    return phrase(
        "{found} The average replacement, less its cost, is worth {net:,.2f}; you switch {switch:.0%} of the time.",
        found=found,
        net=net,
        switch=switch,
    )
