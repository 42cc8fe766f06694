"""What the model expects: of the records there are, and of the months ahead."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from app.commands.call import Call, ClientName
from app.commands.screen import as_json, say, table

if TYPE_CHECKING:
    from model.ahead import Range

SHOWN_ON_SCREEN = 12


def check(call: Call) -> None:
    """Hold the records against records drawn from the model.

    The same clients, months and invoices are lived once more in every draw; what the model cannot say sticks out, and
    so do pairs of signs that go together more than it expects.
    """
    from model.predictive_check import told

    desk = call.desk()
    found = desk.predictive_check()
    if call.json:
        as_json(
            {
                "as_of": desk.today.isoformat(),
                "basis": desk.population().basis,
                "replications": found.n_replications,
                "figures": [asdict(checked) for checked in found.figures],
                "pairs": [asdict(checked) for checked in found.pairs],
                "sentences": list(found.sentences),
            }
        )
        return
    columns = ("Figure", "Of", "Recorded", "Expected", "90 % interval", "Tail probability")
    for checks in (found.figures, found.pairs):
        if checks:
            table(
                columns,
                [
                    (
                        checked.what,
                        checked.of,
                        told(checked.observed, checked.unit),
                        told(checked.middle, checked.unit),
                        f"{told(checked.low, checked.unit)} to {told(checked.high, checked.unit)}",
                        f"{checked.tail:.3f}",
                    )
                    for checked in checks
                ],
                right=columns[2:],
            )
    say(*found.sentences, found.summary)


def forecast(call: Call, client: ClientName) -> None:
    """The months ahead of one client: still there, payments, hours, energy, strain.

    Each with the 80 % interval of what may come, given that the client is still there.
    """
    from app.wording import TRAITS as NAMES
    from model.ahead import months_ahead
    from model.catalogue import TRAITS

    desk = call.desk()
    judgement = desk.judgement()
    ahead = months_ahead(judgement, client)
    if call.json:
        as_json(
            {
                "client": client,
                "as_of": judgement.as_of.isoformat(),
                "basis": judgement.basis,
                "months": [
                    {
                        **asdict(month),
                        "month": f"{month.month:%Y-%m}",
                        "strain": {trait: asdict(s) for trait, s in zip(TRAITS, month.strain, strict=True)},
                    }
                    for month in ahead
                ],
            }
        )
        return
    columns = ("Month", "Still there", "Days to pay", "Late", "Hours", "Energy", *(NAMES[trait] for trait in TRAITS))
    table(
        columns,
        [
            (
                f"{month.month:%Y-%m}",
                f"{month.still_there:.0%}",
                _interval(month.days_to_pay, 0),
                f"{month.share_late:.0%}",
                _interval(month.hours, 0),
                _interval(month.energy, 1),
                *(_interval(strain, 1) for strain in month.strain),
            )
            for month in ahead
        ],
        right=columns[1:],
    )
    say("Expected, and between which two it comes to lie in 80 % of the futures in which the client is still there.")


def _interval(figure: "Range", digits: int) -> str:
    return f"{figure.expected:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
