"""How far a book is from what its arithmetic alone would take.

    python benchmarks/compute_bound.py [FIRMS]        one of twelve clients if none is given; some minutes each

The very kernels a score runs are run as plain Python on numbers that count: exponentials and logarithms, sums and
products, divisions and roots, of clients whose beliefs of last month are kept. How fast this machine does each of
these, many at once and in registers, then says how long a client would take at least. A product and a sum count as one
operation, as of a machine that fuses every pair, which makes the bound a low one.
"""

import math
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import Any

import numpy as np

from app.workers import processes

TODAY, BEFORE = date(2026, 10, 31), date(2026, 9, 30)
DRAWS = 128
ROUNDS, LARGER = 7, 20
A_SECOND = 1000
done: Counter[str] = Counter()


def main(arguments: Sequence[str]) -> None:
    firms = int(arguments[0]) if arguments else 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source, size in (("book", firms), ("larger", LARGER * firms)):
            book(folder / source, size)
            _of_a_worker(before, folder, source)
        clients, found = _of_a_worker(counted, folder)
        took = _of_a_worker(measured, folder)
    each = {kind: number / clients for kind, number in found.items()}
    each["fused"] = max(each.pop("products"), each.pop("sums"))
    told = {"exponentials": "exponentials, logarithms", "fused": "products and sums", "divisions": "divisions, roots"}
    least = {kind: 1e3 * each[kind] / rate() for kind, rate in rates().items()}
    print(f"{'':26}{'a client':>12}{'a second':>12}{'ms a client':>13}")
    for kind, words in told.items():
        print(f"{words:26}{each[kind]:12,.0f}{1e3 * each[kind] / least[kind]:12.2e}{least[kind]:13.3f}")
    bound = sum(least.values())
    print(
        f"a client with last month's beliefs and {DRAWS} draws: {bound:.2f} ms of a core by its arithmetic at the least"
    )
    print(f"it takes {took:.2f} ms, of which that is {bound / took:.0%}")
    print(f"two cores: {2e3 / bound:,.0f} clients a second at most, {A_SECOND:,} aimed for, {2e3 / took:,.0f} reached")


def _of_a_worker[T](function: Callable[..., T], *given: Any) -> T:
    # As the parts of a book are scored: in a process of its own, which uses one core.
    with processes(1) as crew:
        return crew.submit(partial(_called, function), given).result()


def _called[T](function: Callable[..., T], given: Sequence[Any]) -> T:
    return function(*given)


def book(folder: Path, firms: int) -> None:
    """A book of that many firms, as `benchmarks/book.py` makes them."""
    from app.book.source import write_book
    from benchmarks.book import SETTINGS
    from benchmarks.book import firms as made

    write_book(folder, made(firms), settings=SETTINGS)


def scored(folder: Path, source: str, day: date) -> int:
    """Score a book in this process, from the beliefs of the month before if there are any; clients scored."""
    from app.book.run import plan
    from app.book.scoring import Question, score

    before, after = folder / f"{source} of {BEFORE}", folder / f"{source} of {day}"
    parts = plan(
        folder / source, folder / f"{source} scored {day}", Question(as_of=day, draws=DRAWS), part_clients=10**9,
        before=before if before.exists() else None, after=after,
    )  # fmt: skip
    return sum(score(part).clients for part in parts)


def before(folder: Path, source: str) -> None:
    """Score a book as of the month before, so that its beliefs are there."""
    scored(folder, source, BEFORE)


def measured(folder: Path) -> float:
    """Milliseconds of a core a client with last month's beliefs takes, least of several rounds."""
    scored(folder, "larger", TODAY)
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        clients = scored(folder, "larger", TODAY)
        took.append(1e3 * (time.process_time() - began) / clients)
    return min(took)


def rates() -> dict[str, Callable[[], float]]:
    """How often a second a core does each, on numbers that lie in its nearest cache, least time of several rounds."""
    import numba

    from model.quadrature import exponentials

    x, out, times = np.linspace(-2.0, 2.0, 512), np.empty(512), 200

    @numba.njit(fastmath={"contract"})
    def fused(x: Any, out: Any) -> None:
        # Eight sums beside one another, so that none waits for itself.
        for i in range(x.shape[0]):
            y = x[i]
            a, b, c, d, e, f, g, h = y + 0.1, y + 0.2, y + 0.3, y + 0.4, y + 0.5, y + 0.6, y + 0.7, y + 0.8
            for _ in range(16):
                a, b, c, d = a * y + 0.9, b * y + 0.9, c * y + 0.9, d * y + 0.9
                e, f, g, h = e * y + 0.9, f * y + 0.9, g * y + 0.9, h * y + 0.9
            out[i] = a + b + c + d + e + f + g + h

    @numba.njit(error_model="numpy")
    def divided(x: Any, out: Any) -> None:
        for i in range(x.shape[0]):
            y = x[i]
            for _ in range(8):
                y = 1.0 / (y + 3.0)
            out[i] = y

    def rate(kernel: Callable[[Any, Any], Any], each: int) -> Callable[[], float]:
        def measured() -> float:
            kernel(x, out)
            best = math.inf
            for _ in range(50):
                began = time.perf_counter()
                for _ in range(times):
                    kernel(x, out)
                best = min(best, time.perf_counter() - began)
            return times * len(x) * each / best

        return measured

    return {"exponentials": rate(exponentials, 1), "fused": rate(fused, 8 * 16), "divisions": rate(divided, 8)}


def counted(folder: Path) -> tuple[int, dict[str, int]]:
    """Clients of the small book, and what kernels that count do to score them."""
    counted_kernels()
    # Once before counting: what the draws say of newcomers and of signs not seen is made for all firms of a book alike.
    scored(folder, "book", TODAY)
    done.clear()
    return scored(folder, "book", TODAY), dict(done)


class Number:
    """A floating-point number that counts what is done with it."""

    __slots__ = ("value",)
    __array_ufunc__ = None  # NumPy's own numbers leave it to this one

    def __init__(self, value: Any) -> None:
        self.value = float(value)

    def __float__(self) -> float:
        return self.value

    def __int__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __neg__(self) -> "Number":
        return Number(-self.value)

    def __abs__(self) -> "Number":
        return Number(abs(self.value))


def _operation(kind: str, of: Callable[[float, float], float]) -> Callable[[Any, Any], Number]:
    def run(one: Any, other: Any) -> Number:
        done[kind] += 1
        return Number(of(float(one), float(other)))

    return run


def _comparison(of: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    return lambda one, other: of(float(one), float(other))


def _quotient(one: float, other: float) -> float:
    return one / other if other else math.copysign(math.inf, one) if one else math.nan


for name, kind, of in (
    ("add", "sums", lambda a, b: a + b),
    ("sub", "sums", lambda a, b: a - b),
    ("mul", "products", lambda a, b: a * b),
    ("truediv", "divisions", _quotient),
    ("pow", "products", lambda a, b: a**b),
):
    setattr(Number, f"__{name}__", _operation(kind, of))
    setattr(Number, f"__r{name}__", _operation(kind, lambda a, b, of=of: of(b, a)))
for name, of in (
    ("lt", lambda a, b: a < b),
    ("le", lambda a, b: a <= b),
    ("gt", lambda a, b: a > b),
    ("ge", lambda a, b: a >= b),
    ("eq", lambda a, b: a == b),
    ("ne", lambda a, b: a != b),
):
    setattr(Number, f"__{name}__", _comparison(of))


def _function(kind: str, of: Callable[[float], float]) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        if not isinstance(x, Number):
            return of(x)
        done[kind] += 1
        return Number(of(x.value))

    return run


class Counting:
    """NumPy as kernels see it while they count: arrays of numbers hold those that count."""

    exp, log, log1p = (
        staticmethod(_function("exponentials", of))
        for of in (lambda x: math.exp(min(x, 700.0)), lambda x: math.log(x) if x > 0.0 else -math.inf, math.log1p)
    )
    sin, tanh = (staticmethod(_function("exponentials", of)) for of in (math.sin, math.tanh))
    sqrt = staticmethod(_function("divisions", math.sqrt))
    floor, ceil = (staticmethod(_function("sums", of)) for of in (math.floor, math.ceil))
    isnan = staticmethod(lambda x: math.isnan(float(x)))
    minimum, maximum, abs = min, max, abs

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def zeros(shape: Any, dtype: Any = np.float64) -> Any:
        """As NumPy's."""
        found = np.zeros(shape, dtype=object if dtype is np.float64 else dtype)
        if dtype is np.float64:
            found.fill(Number(0.0))
        return found

    @classmethod
    def ones(cls, shape: Any, dtype: Any = np.float64) -> Any:
        """As NumPy's."""
        found = cls.zeros(shape, dtype)
        found.fill(Number(1.0) if dtype is np.float64 else 1)
        return found

    empty = zeros

    @classmethod
    def empty_like(cls, array: Any) -> Any:
        """As NumPy's."""
        return cls.zeros(array.shape) if array.dtype == object else np.empty_like(array)

    zeros_like = empty_like


def counted_kernels() -> None:
    """Have all kernels run as plain Python, on numbers that count."""
    from model import (
        kernel,
        seeds,  # noqa: F401, read first: whole numbers only, it stays as it is
    )

    kernel.compiled = kernel.fused = _counted  # type: ignore[assignment]
    kernel.inlined = lambda function: function  # type: ignore[assignment]
    from model import bits, quadrature

    bits.bits_of = lambda number: struct.unpack("<q", struct.pack("<d", float(number)))[0]  # type: ignore[assignment]
    bits.number_of = lambda number: Number(struct.unpack("<d", struct.pack("<Q", int(number) & (2**64 - 1)))[0])
    quadrature.exponentials = _many(lambda x: (math.exp(x),))  # type: ignore[assignment]
    quadrature.exponentials_both_ways = _many(lambda x: (math.exp(x), math.exp(-x)))  # type: ignore[assignment]
    quadrature.logarithms = _many(lambda x: (math.log(x),))  # type: ignore[assignment]


def _many(of: Callable[[float], tuple[float, ...]]) -> Callable[..., None]:
    def run(x: Any, *outs: Any) -> None:
        for i in range(len(x)):
            done["exponentials"] += 1
            for out, value in zip(outs, of(min(max(float(x[i]), -700.0), 700.0)), strict=True):
                out[i] = Number(value)

    return run


def _counted(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def run(*given: Any) -> Any:
        seen = function.__globals__
        if isinstance(seen.get("np"), Counting):
            return function(*given)
        lifted = [_lifted(one) for one in given]
        kernels = [module.__dict__ for name, module in sys.modules.items() if name.startswith("model.")]
        held = [(names, names["np"]) for names in kernels if names.get("np") is np]
        for names, _ in held:
            names["np"] = Counting()
        try:
            found = function(*lifted)
        finally:
            for names, real in held:
                names["np"] = real
        for one, other in zip(given, lifted, strict=True):
            if isinstance(other, np.ndarray) and other.dtype == object and one.flags.writeable:
                one[...] = other.astype(float)
        return _lowered(found)

    return run


def _lifted(given: Any) -> Any:
    if isinstance(given, np.ndarray) and given.dtype == np.float64:
        found = np.empty(given.shape, dtype=object)
        found.ravel()[:] = [Number(value) for value in given.ravel()]
        return found
    if isinstance(given, tuple):
        parts = [_lifted(one) for one in given]
        return type(given)(*parts) if hasattr(given, "_fields") else tuple(parts)
    return Number(given) if isinstance(given, float) else given


def _lowered(found: Any) -> Any:
    if isinstance(found, Number):
        return found.value
    if isinstance(found, tuple):
        return tuple(_lowered(one) for one in found)
    return found.astype(float) if isinstance(found, np.ndarray) and found.dtype == object else found


if __name__ == "__main__":
    main(sys.argv[1:])
