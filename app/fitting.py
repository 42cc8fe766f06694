"""The population fit in a process of its own: start it, watch it, cancel it. Nothing else waits for it.

The worker tells how far it is in a small file beside the portfolio; a file of another name asks it to stop. Both
survive a crash of either side, and the draws replace the last ones only when they are complete.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from model.errors import BushError, FitError

if TYPE_CHECKING:
    from model.population import Diagnostics

POLL_SECONDS, GRACE_SECONDS = 0.3, 2.0
CANCELLED = "the fit was cancelled; the last one stays in use."
State = Literal["none", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitStatus:
    """How a fit stands. `seconds_left` is None where it cannot be told yet."""

    state: State
    share_done: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    diagnostics: "Diagnostics | None" = None


def start(where: str | Path, today: date) -> None:
    """Start a fit of the portfolio as of `today` in the background.

    Raises
    ------
    FitError
        If one is running already, or the folder of the portfolio cannot be written.
    """
    path = _path(where)
    if status(path).state == "running":
        raise FitError("a fit of this portfolio is running already; cancel it first or let it finish.")
    try:
        _cancel_file(path).unlink(missing_ok=True)
        # Until the worker is there, this process stands in for it: were it to die now, so would the fit.
        _tell(path, FitStatus(state="running", message="starting"), pid=os.getpid())
        with _log_file(path).open("w", encoding="utf-8") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "app.fitting", str(path), today.isoformat()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parent.parent),
                                                                os.environ.get("PYTHONPATH", "")])},
            )  # fmt: skip
    except OSError as error:
        with suppress(OSError):
            _status_file(path).unlink(missing_ok=True)
        raise FitError(f"the fit cannot be started from {path.parent}: {error}") from error
    _tell(path, FitStatus(state="running", message="starting"), pid=worker.pid)


def status(path: Path) -> FitStatus:
    """How the last fit of this portfolio stands."""
    try:
        told = json.loads(_status_file(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return FitStatus(state="none", message="no fit has been made yet")
    found = _status(told)
    if found.state == "running" and not _alive(told["pid"]):
        return FitStatus(
            state="failed", message=f"the fit ended unexpectedly; start it again. Details: {_log_file(path).name}"
        )
    return found


def cancel(path: Path) -> None:
    """Ask a running fit to stop; does nothing where none is running."""
    if status(path).state == "running":
        _cancel_file(path).touch()


def wait(path: Path, on_progress: Callable[[FitStatus], None], *, seconds: float = 0.5) -> FitStatus:
    """Watch a running fit until it ends, telling how far it is every `seconds`."""
    while (now := status(path)).state == "running":
        on_progress(now)
        time.sleep(seconds)
    return now


def work(path: Path, today: date, *, tune: int | None = None, draws: int | None = None) -> FitStatus:
    """Fit in this process, telling how far it is; what the worker runs.

    Parameters
    ----------
    path
        The portfolio's database file.
    today
        Later records are not used.
    tune, draws
        Other numbers of steps per chain than a fit takes by itself.
    """
    from app.desk import Desk
    from model import catalogue, fit, population

    pid = os.getpid()

    def tell(progress: fit.Progress) -> None:
        shown = FitStatus(
            state="running", share_done=progress.share_done, seconds_left=progress.seconds_left, message=progress.stage
        )
        _tell(path, shown, pid=pid)

    try:
        desk = Desk(path, today=today)
        made = fit.fit(
            desk.observations(), catalogue.load(), tune=tune or fit.TUNE, draws=draws or fit.DRAWS, on_progress=tell,
            cancelled=_cancel_file(path).exists,
        )  # fmt: skip
        population.save(made, desk.fit_path)
        assert made.diagnostics is not None
        good = made.diagnostics.reliable
        ended = FitStatus(
            state="done" if good else "failed", share_done=1.0, seconds_left=0.0, diagnostics=made.diagnostics,
            message="done" if good else "not reliable yet: the draws are not used. Record more months, or fit again.",
        )  # fmt: skip
    except BushError as error:
        stopped = _cancel_file(path).exists()
        ended = FitStatus(state="cancelled" if stopped else "failed", message=str(error))
    except Exception as error:
        _tell(path, FitStatus(state="failed", message=f"the fit failed: {error}"), pid=pid)
        raise
    _cancel_file(path).unlink(missing_ok=True)
    _tell(path, ended, pid=pid)
    return ended


def _path(where: str | Path) -> Path:
    from app.store.places import database_file

    return database_file(where)


def _status_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.fit.json")


def _cancel_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.fit.cancel")


def _log_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.fit.log")


def _tell(path: Path, shown: FitStatus, *, pid: int) -> None:
    told = {**asdict(shown), "pid": pid}
    partial = path.with_name(f"{path.name}.fit.{os.getpid()}.part")
    partial.write_text(json.dumps(told), encoding="utf-8")
    partial.replace(_status_file(path))


def _status(told: dict[str, object]) -> FitStatus:
    from model.population import Diagnostics

    fields = {name: value for name, value in told.items() if name != "pid"}
    made = fields.get("diagnostics")
    return FitStatus(**{**fields, "diagnostics": Diagnostics(**made) if isinstance(made, dict) else None})  # type: ignore[arg-type]


def _alive(pid: int) -> bool:
    try:
        # A child of ours that ended stays a zombie until it is waited for.
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    except OSError:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end_when_cancelled(path: Path) -> None:
    # Sampling asks for itself whether to stop; compiling cannot, and has nothing worth finishing.
    while not _cancel_file(path).exists():
        time.sleep(POLL_SECONDS)
    time.sleep(GRACE_SECONDS)
    _cancel_file(path).unlink(missing_ok=True)
    _tell(path, FitStatus(state="cancelled", message=CANCELLED), pid=os.getpid())
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_when_cancelled, args=(Path(sys.argv[1]),), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)  # pages and answers go first
    sys.exit(0 if work(Path(sys.argv[1]), date.fromisoformat(sys.argv[2])).state == "done" else 1)
