"""How the inner loops are compiled, and where the compiled code is kept between runs."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numba
import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

KEPT_SECONDS = 30 * 24 * 3600.0


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile by Numba: no Python objects, no interpreter lock, kept on disk between runs.

    That sums may not be rearranged is said outright: a function that says nothing is compiled as its first caller is,
    and the sampler's are compiled to be fast rather than exact.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=False)(function))


def fused[F: Callable[..., Any]](function: F) -> F:
    """Like `compiled`, but a product and the sum it goes into may be rounded once instead of twice.

    For polynomials, in which every sum has one product: there is one way to do it, so that draws beside one another and
    draws alone are still the same to the last bit. A machine that cannot do it rounds twice.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})(function))


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Like `compiled`, but written into its caller: handing over the observations would cost more than the work."""
    return cast(F, numba.njit(inline="always", nogil=True, error_model="numpy", fastmath=False)(function))


def packed[T: np.generic](array: NDArray[T]) -> NDArray[T]:
    """The array in one piece, as compiled functions are given theirs, so that each is compiled once."""
    return np.ascontiguousarray(array)


def digest() -> str:
    """Twelve hexadecimal digits that change with the source of any kernel, its constants, and Numba's version.

    Numba notices a change in the file of a function, but not in the functions it calls: a kernel compiled against an
    older smoother would go on using it. Nor does it notice another value of a constant, so the modules kernels take
    constants from count as well. Whatever keeps compiled code has to be keyed by this.
    """
    sources = {path.stem: path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))}
    kernels = [name for name, source in sources.items() if any(mark in source for mark in _MARKS)]
    constants = {
        module.decode()
        for name in kernels
        for module, names in _IMPORTS.findall(sources[name])
        if _CONSTANT.search(names)
    }
    found = sha256(numba.__version__.encode())
    for name in sorted({*kernels, *constants} & sources.keys()):
        found.update(sources[name])
    return found.hexdigest()[:12]


_MARKS = (b"@compiled", b"@fused", b"@inlined", b"intrinsic(")
_IMPORTS = re.compile(rb"^from model\.(\w+) import (\([^)]*\)|.*)$", re.MULTILINE)
_CONSTANT = re.compile(rb"\b[A-Z][A-Z0-9_]*\b")


def cache_folder() -> Path:
    """Folder of the compiled code, one for each version of the kernels; made if need be."""
    name = f"kernels-{digest()}"
    # An unwritable cache must cost time, not the answer.
    for parent in (
        user_cache_path("two-in-the-bush", appauthor=False),
        Path(tempfile.gettempdir()) / "two-in-the-bush",
    ):
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="two-in-the-bush-"))


def forget_old() -> None:
    """Remove the compiled code of kernels that nobody has compiled for a month; who still wants it compiles again."""
    current, oldest = cache_folder(), time.time() - KEPT_SECONDS
    for folder in current.parent.glob("kernels-*"):
        if folder != current and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


# Read by Numba when a function is decorated, so it has to stand before the first one is.
if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
