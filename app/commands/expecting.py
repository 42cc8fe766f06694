"""What the model expects: of the records there are, and of the months ahead."""

from dataclasses import asdict

from app.commands.call import Call, ClientName
from app.commands.screen import as_json, say, table


def check(call: Call) -> None:
    """Hold the records against records drawn from the model.

    The same clients, months and invoices are lived once more in every draw; what the model cannot say sticks out, and
    so do pairs of signs that go together more than it expects.
    """
    from app.expected import CHECK_COLUMNS, check_rows

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
    for checks in (found.figures, found.pairs):
        if checks:
            table(CHECK_COLUMNS, check_rows(checks), right=CHECK_COLUMNS[2:])
    say(*found.sentences, found.summary)


def forecast(call: Call, client: ClientName) -> None:
    """The months ahead of one client: still there, payments, hours, energy, strain.

    Each with the 80 % interval of what may come, given that the client is still there.
    """
    from app.expected import MONTH_COLUMNS, how_to_read_months, month_rows
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
    table(MONTH_COLUMNS, month_rows(ahead), right=MONTH_COLUMNS[1:])
    say(how_to_read_months())
