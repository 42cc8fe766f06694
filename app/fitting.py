"""The population fit in a process of its own: start it, watch it, cancel it. Nothing else waits for it.

The worker tells how far it is in a small file beside the portfolio; a file of another name asks it to stop. Both
survive a crash of either side. Chains that are complete are kept beside the portfolio too: a fit that was interrupted
goes on from them when it is started again, and the draws replace the last ones only when all are complete.
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
from model.language import phrase, phrase_of, speak

if TYPE_CHECKING:
    from app.desk import Desk
    from model.population import Diagnostics

FIRST_SEED = 1
PLACE = "BUSH_FIT_PORTFOLIO"
POLL_SECONDS, GRACE_SECONDS = 0.3, 2.0
State = Literal["none", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitStatus:
    """How a fit stands. `seconds_left` is None where it cannot be told yet."""

    state: State
    share_done: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    diagnostics: "Diagnostics | None" = None


def start(where: str | Path, today: date, *, tune: int | None = None, draws: int | None = None) -> None:
    """Start a fit of the portfolio as of `today` in the background, or go on with one that was interrupted.

    Parameters
    ----------
    where
        The portfolio.
    today
        Later records are not used.
    tune, draws
        Other numbers of steps per chain than a fit takes by itself.

    Raises
    ------
    FitError
        If one is running already, or the folder of the portfolio cannot be written.
    """
    path = _path(where)
    if status(path).state == "running":
        raise FitError(phrase("a fit of this portfolio is running already; cancel it first or let it finish."))
    try:
        _cancel_file(path).unlink(missing_ok=True)
        seed, settings = _next_seed(path), [str(n or 0) for n in (tune, draws)]
        starting = FitStatus(state="running", message=_starting(path))
        # Until the worker is there, this process stands in for it: were it to die now, so would the fit.
        _tell(path, starting, pid=os.getpid(), seed=seed)
        paths = (str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", ""))
        with _log_file(path).open("w", encoding="utf-8") as log:
            # Where it is may hold a password, which others see in a list of commands, not in an environment.
            worker = subprocess.Popen(
                [sys.executable, "-m", "app.fitting", today.isoformat(), str(seed), *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, PLACE: str(where), "PYTHONPATH": os.pathsep.join(paths)},
            )  # fmt: skip
    except OSError as error:
        with suppress(OSError):
            _status_file(path).unlink(missing_ok=True)
        raise FitError(
            phrase("the fit cannot be started from {parent}: {error}", parent=path.parent, error=error)
        ) from error
    _tell(path, starting, pid=worker.pid, seed=seed)


def status(path: Path) -> FitStatus:
    """How the last fit of this portfolio stands."""
    try:
        told = json.loads(_status_file(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return FitStatus(state="none", message=phrase("no fit has been made yet"))
    found = _status(told)
    if found.state == "running" and not _alive(told["pid"]):
        return FitStatus(
            state="failed",
            message=_ended_unexpectedly(path),
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


def quickly(desk: "Desk") -> float:
    """Make a quick fit in this process and put it in use; seconds it took.

    Parameters
    ----------
    desk
        The portfolio.

    Raises
    ------
    FitError
        If a fit is running, or a whole one of the same records is in use, which says more.
    """
    from model import catalogue, population
    from model.quick_fit import quick_fit

    if status(desk.portfolio.path).state == "running":
        raise FitError(phrase("a fit of this portfolio is running already; cancel it first or let it finish."))
    freshness = desk.freshness()
    if freshness.basis == "fit" and not freshness.stale:
        raise FitError(phrase("a whole fit of the very same records is in use, which a quick one can only approach."))
    began = time.monotonic()
    population.save(quick_fit(desk.observations(), catalogue.load(), priors=desk.priors()), desk.fit_path)
    return time.monotonic() - began


def work(
    where: str | Path, today: date, *, tune: int | None = None, draws: int | None = None, seed: int = FIRST_SEED
) -> FitStatus:
    """Fit in this process, telling how far it is; what the worker runs.

    Parameters
    ----------
    where
        The portfolio.
    today
        Later records are not used.
    tune, draws
        Other numbers of steps per chain than a fit takes by itself.
    seed
        Of the sampler.
    """
    from app.desk import Desk
    from app.parameter_words import shortcoming
    from model import catalogue, fit, population
    from model.chains import forget
    from model.quick_fit import quick_fit

    pid, path = os.getpid(), _path(where)

    def tell(progress: fit.Progress) -> None:
        shown = FitStatus(
            state="running", share_done=progress.share_done, seconds_left=progress.seconds_left, message=progress.stage
        )
        _tell(path, shown, pid=pid, seed=seed)

    try:
        desk, signs = Desk(where, today=today), catalogue.load()
        seen = desk.observations()
        if desk.population().basis != "fit":
            # Sampling takes minutes, and answers need not rest on the prior meanwhile.
            tell(
                fit.Progress(stage=phrase("a quick fit, in use until this is done"), share_done=0.0, seconds_left=None)
            )
            with suppress(FitError):
                quick = quick_fit(seen, signs, priors=desk.priors(), cancelled=_cancel_file(path).exists)
                population.save(quick, desk.fit_path)
        made = fit.fit(
            seen, signs, seed=seed, tune=tune or fit.TUNE, draws=draws or fit.DRAWS,
            priors=desk.priors(), keep=_chains(path), on_progress=tell, cancelled=_cancel_file(path).exists,
        )  # fmt: skip
        assert made.diagnostics is not None
        good = made.diagnostics.reliable
        # A fit that may be used is worth more than a newer one that may not.
        if good or desk.population().basis == "prior":
            population.save(made, desk.fit_path)
        forget(_chains(path))
        ended = FitStatus(
            state="done" if good else "failed", share_done=1.0, seconds_left=0.0, diagnostics=made.diagnostics,
            message="done" if good else shortcoming(made.diagnostics.worst_parameter, signs),
        )  # fmt: skip
    except BushError as error:
        stopped = _cancel_file(path).exists()
        ended = FitStatus(state="cancelled" if stopped else "failed", message=str(error))
    except Exception as error:
        _tell(
            path, FitStatus(state="failed", message=phrase("the fit failed: {error}", error=error)), pid=pid, seed=seed
        )
        raise
    _cancel_file(path).unlink(missing_ok=True)
    _tell(path, ended, pid=pid, seed=seed)
    return ended


def _path(where: str | Path) -> Path:
    from app.store.places import home_of

    return home_of(where)


def _status_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.fit.json")


def _cancel_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.fit.cancel")


def _log_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.fit.log")


def _chains(path: Path) -> Path:
    return path.with_name(f"{path.name}.fit")


def _complete_chains(path: Path) -> int:
    from model.chains import kept_at

    return len(kept_at(_chains(path)))


def _starting(path: Path) -> str:
    complete = _complete_chains(path)
    if not complete:
        return phrase("starting")
    return phrase_of(
        complete,
        "starting from the {count} chain already complete",
        "starting from the {count} chains already complete",
    )


def _ended_unexpectedly(path: Path) -> str:
    log, complete = _log_file(path).name, _complete_chains(path)
    if not complete:
        return phrase("the fit ended unexpectedly; start it again. Details: {log}", log=log)
    return phrase_of(
        complete,
        "the fit ended unexpectedly; start it again and it goes on from the {count} chain already complete. "
        "Details: {log}",
        "the fit ended unexpectedly; start it again and it goes on from the {count} chains already complete. "
        "Details: {log}",
        log=log,
    )


def _next_seed(path: Path) -> int:
    # A fit that missed its gate would miss it again with the same random numbers; one that was interrupted, or that
    # went well, is made again with its own.
    try:
        told = json.loads(_status_file(path).read_text(encoding="utf-8"))
        last = int(told.get("seed", FIRST_SEED))
        found = _status(told)
    except (OSError, ValueError, TypeError, AttributeError):
        return FIRST_SEED
    missed = found.state == "failed" and found.diagnostics is not None
    return last + 1 if missed else last


def _tell(path: Path, shown: FitStatus, *, pid: int, seed: int = FIRST_SEED) -> None:
    told = {**asdict(shown), "pid": pid, "seed": seed}
    partial = path.with_name(f"{path.name}.fit.{os.getpid()}.part")
    partial.write_text(json.dumps(told), encoding="utf-8")
    partial.replace(_status_file(path))


def _status(told: dict[str, object]) -> FitStatus:
    from model.population import Diagnostics

    fields = {name: value for name, value in told.items() if name not in ("pid", "seed")}
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


def _end_when_cancelled(path: Path, seed: int) -> None:
    # Sampling asks for itself whether to stop; compiling cannot, and has nothing worth finishing.
    while not _cancel_file(path).exists():
        time.sleep(POLL_SECONDS)
    time.sleep(GRACE_SECONDS)
    _cancel_file(path).unlink(missing_ok=True)
    _tell(
        path,
        FitStatus(state="cancelled", message=phrase("the fit was cancelled; what was in use stays in use.")),
        pid=os.getpid(),
        seed=seed,
    )
    os._exit(1)


if __name__ == "__main__":
    _where, (_seed, _tune, _draws) = os.environ[PLACE], (int(argument) for argument in sys.argv[2:5])
    threading.Thread(target=_end_when_cancelled, args=(_path(_where), _seed), daemon=True).start()
    from app.store import open_portfolio

    speak(open_portfolio(_where).settings.language)
    if hasattr(os, "nice"):
        os.nice(10)  # pages and answers go first
    _ended = work(_where, date.fromisoformat(sys.argv[1]), tune=_tune, draws=_draws, seed=_seed)
    sys.exit(0 if _ended.state == "done" else 1)
