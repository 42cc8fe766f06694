"""Whoever shares the work: processes on this machine, or the workers of a Dask cluster."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Lock, Thread
from typing import Any, Protocol

from model.errors import StoreError
from model.language import phrase

ATTEMPTS = 3
_STARTING = Lock()


class Workers(Protocol):
    """Whoever takes parts of the work, so many at once."""

    at_once: int

    def submit[P, R](self, function: Callable[[P], R], part: P) -> Future[R]:
        """Hand over one part."""
        ...


@contextmanager
def processes(count: int) -> Iterator[Workers]:
    """Worker processes on this machine, each with one thread, begun anew if one of them dies."""
    pool = _Pool(count)
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def cluster(address: str, *, timeout: str = "10s") -> Iterator[Workers]:
    """The workers of a Dask cluster; source and target must be folders all of them reach by the same name.

    Raises
    ------
    StoreError
        If there is no scheduler at that address.
    """
    from distributed import Client

    # What it would say of a scheduler that is gone is said in a sentence.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=timeout, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise StoreError(
            phrase("no scheduler answers at {address}; start one with `dask scheduler`.", address=address)
        ) from error
    try:
        yield _Cluster(client)
    finally:
        client.close()


class _Pool:
    def __init__(self, count: int) -> None:
        self.at_once = count
        self._count = count
        self._pool = self._begun()

    def submit[P, R](self, function: Callable[[P], R], part: P) -> Future[R]:
        # A process starts when it is first needed, which is here.
        with _as_workers():
            try:
                return self._pool.submit(function, part)
            except BrokenProcessPool:
                self._pool = self._begun()
                return self._pool.submit(function, part)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _begun(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._count, mp_context=get_context("spawn"), initializer=_end_with_the_program)


def _end_with_the_program() -> None:
    """In a worker: end as soon as the program is gone, which cannot say so where it was killed."""
    program = parent_process()
    if program is not None:
        Thread(target=_end_after, args=(program,), daemon=True).start()


def _end_after(program: BaseProcess) -> None:
    program.join()
    # What a part has written so far stands aside, under a name that nobody reads.
    os._exit(1)


# Read when a process starts. Each worker uses one core, and two workers use two. Memory that was given back is kept for
# what comes next, within limits: to get a page anew from the system takes longer than to fill it, and a firm's arrays
# fill hundreds.
_OF_WORKERS = {
    "PYTHON_CPU_COUNT": "1", "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
}  # fmt: skip


@contextmanager
def _as_workers() -> Iterator[None]:
    # Whatever else is started by this process counts all cores, so it holds no longer than it takes, and one thread at
    # a time.
    with _STARTING:
        before = {name: os.environ.get(name) for name in _OF_WORKERS}
        os.environ.update(_OF_WORKERS)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


class _Cluster:
    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False, retries=ATTEMPTS)
        self.at_once = max(1, 2 * sum(client.ncores().values()))

    def submit[P, R](self, function: Callable[[P], R], part: P) -> Future[R]:
        future: Future[R] = self._executor.submit(function, part)
        return future
