"""Chains of a fit, each kept on disk as soon as it is complete: a fit that was interrupted goes on from those.

A chain depends on the records, the priors, the catalogue, the settings and its own seed alone, so that one taken up
again is the very chain an uninterrupted fit would have drawn. All of these are part of the name it is kept under.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from model.parameters import Array

SUFFIX = ".chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The draws of one chain.

    Parameters
    ----------
    z
        Shape (draw, free): the standard normal numbers behind the parameters, on which mixing is judged.
    partials
        Shape (draw, pair): those behind the correlations of traits.
    theta
        Shape (draw, parameter).
    divergences
        How many draws diverged.
    """

    z: Array
    partials: Array
    theta: Array
    divergences: int


class KeptChains:
    """Where the chains of one try are kept.

    Parameters
    ----------
    base
        Path all names begin with; None keeps nothing.
    settings
        Everything the draws depend on but the number of the chain.
    """

    def __init__(self, base: Path | None, *settings: object) -> None:
        self.base = base
        self.key = sha256(repr(settings).encode()).hexdigest()[:16]

    def load(self, number: int) -> Chain | None:
        """The chain of that number; None where it is not complete or cannot be read."""
        path = self._path(number)
        if path is None or not path.exists():
            return None
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                return Chain(
                    z=file["z"],
                    partials=file["partials"],
                    theta=file["theta"],
                    divergences=int(file["divergences"]),
                )
        except (
            OSError,
            ValueError,
            KeyError,
            BadZipFile,
        ):  # a file cut short by a full disk, or not of ours: the chain is drawn again
            return None

    def save(self, number: int, chain: Chain) -> None:
        """Keep a complete chain, all or nothing; where the disk will not have it the fit goes on without."""
        path = self._path(number)
        if path is None:
            return
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with partial.open("wb") as file:
                np.savez(
                    file, z=chain.z, partials=chain.partials, theta=chain.theta, divergences=np.array(chain.divergences)
                )
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def _path(self, number: int) -> Path | None:
        return self.base and self.base.with_name(f"{self.base.name}.{self.key}.{number}{SUFFIX}")


def kept_at(base: Path) -> tuple[Path, ...]:
    """Files of complete chains at `base`, of whatever records and settings."""
    return tuple(sorted(p for p in base.parent.glob(f"*{SUFFIX}") if p.name.startswith(f"{base.name}.")))


def forget(base: Path, *, but: tuple[KeptChains, ...] = ()) -> None:
    """Remove the chains at `base`, but for those of the tries named: they belong to records that have changed since."""
    keys = {kept.key for kept in but}
    for path in kept_at(base):
        if path.name.removeprefix(f"{base.name}.").split(".")[0] not in keys:
            with suppress(OSError):
                path.unlink(missing_ok=True)
