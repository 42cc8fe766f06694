"""What each recorded month of a client holds, as a digest: by it a later belief tells which months are as they were."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.likelihood import KernelData
from model.observations import Observations

_BY_ROW = ("hours_log_ratio", "energy", "exposure", "referrals", "relief_scope", "relief_terms", "early")


def month_digests(observations: Observations, data: KernelData) -> tuple[tuple[tuple[int, str], ...], ...]:
    """The recorded months of every client, each with a digest of everything that speaks of its strain."""
    # One piece of bytes for each month, invoice and ask, of which every digest takes its own.
    months, signs = _bytes_of([getattr(data, name) for name in _BY_ROW]), _bytes_of([data.signs])
    invoices = _bytes_of([data.invoice_state, data.invoice_log_days, data.invoice_log_terms])
    asks = _bytes_of([data.ask_outcome, data.ask_price, data.ask_scope, data.ask_terms])
    numbers, first = observations.month.tolist(), data.first_row.tolist()
    invoice_first, ask_first = data.invoice_first.tolist(), data.ask_first.tolist()
    found = []
    for c in range(len(observations.clients)):
        whole = sha256(observations.standing[c].tobytes() + observations.sign_weight[c].tobytes()).digest()
        mine = []
        for row in range(first[c], first[c + 1]):
            billed, asked = slice(*invoice_first[row : row + 2]), slice(*ask_first[row : row + 2])
            # Their number as well, or what moves from one list to the next would leave the digest as it was.
            many = (billed.stop - billed.start).to_bytes(4)
            text = b"".join((whole, months[row], signs[row], many, *invoices[billed], *asks[asked]))
            mine.append((numbers[row], sha256(text).hexdigest()[:16]))
        found.append(tuple(mine))
    return tuple(found)


def _bytes_of(columns: Sequence[NDArray[Any]]) -> list[bytes]:
    table = np.column_stack(columns)
    whole, width = table.tobytes(), table.shape[1] * table.itemsize
    return [whole[at : at + width] for at in range(0, len(whole), width)]
