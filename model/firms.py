"""The clients of several firms as one set of observations, firm after firm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.catalogue import Catalogue
from model.observations import Observations
from model.told import Ints

# Where flat records begin is told by row, and where rows begin by client; all else lies end to end.
_STARTS = ("first_row", "invoice_first", "ask_first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Firms:
    """Observations of several firms, end to end.

    Parameters
    ----------
    names
        Of the firms, sorted.
    parts
        Observations of each.
    first_client
        Shape (firm + 1,): clients of firm `f` are `first_client[f]:first_client[f + 1]`.
    observations
        All clients.
    catalogue
        The signs.
    """

    names: tuple[str, ...]
    parts: tuple[Observations, ...]
    first_client: Ints
    observations: Observations
    catalogue: Catalogue

    @property
    def n_clients(self) -> int:
        """Number of clients."""
        return len(self.observations.clients)


def side_by_side(firms: Mapping[str, Observations], catalogue: Catalogue) -> Firms:
    """Observations of each firm as one set, by the name of the firm.

    Raises
    ------
    ValueError
        If there is no firm, or they are not of the same month.
    """
    names = tuple(sorted(firms))
    parts = tuple(firms[name] for name in names)
    return Firms(
        names=names,
        parts=parts,
        first_client=np.cumsum([0, *(len(part.clients) for part in parts)]).astype(np.int64),
        observations=_end_to_end(parts),
        catalogue=catalogue,
    )


def _end_to_end(parts: Sequence[Observations]) -> Observations:
    if not parts or len({part.today for part in parts}) > 1:
        raise ValueError("observations of the same month are wanted, of one firm at least.")
    joined: dict[str, object] = {"clients": tuple(client for part in parts for client in part.clients)}
    for name in Observations.__dataclass_fields__:
        if name in _STARTS:
            ends = np.cumsum([0, *(getattr(part, name)[-1] for part in parts)])
            starts = [getattr(part, name)[:-1] + end for part, end in zip(parts, ends, strict=False)]
            joined[name] = np.concatenate([*starts, ends[-1:]]).astype(np.int64)
        elif name not in ("today", *joined):
            joined[name] = np.concatenate([getattr(part, name) for part in parts])
    return replace(parts[0], **joined)  # type: ignore[arg-type]
