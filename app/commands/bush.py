"""Two in the bush: whether to look for a replacement before dropping the client in hand."""

from dataclasses import asdict
from typing import Annotated

import typer

from app.commands.call import Call
from app.commands.screen import as_json, say, table
from model.language import phrase


def search_value(
    call: Call,
    in_hand: Annotated[float, typer.Option(help="Worth of the client in hand.")],
    mean: Annotated[float, typer.Option(help="Expected worth of a replacement.")],
    sd: Annotated[float, typer.Option(help="How far a replacement's worth scatters (standard deviation).")],
    cost: Annotated[float, typer.Option(help="Price of finding and inspecting one.")],
) -> None:
    """Whether to look for a replacement before dropping the client in hand.

    Needs no portfolio; all four amounts are in the same money, over the same months.
    """
    from app.presenting import bush_rows
    from model.two_in_the_bush import two_in_the_bush

    bush = two_in_the_bush(in_hand=in_hand, mean=mean, sd=sd, cost=cost)
    if call.json:
        as_json(asdict(bush))
        return
    say(bush.reason)
    table((phrase("What"), phrase("Figure")), bush_rows(bush), right=(phrase("Figure"),))
