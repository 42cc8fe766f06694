"""What was not foreseen: its traceback goes to a log file, a sentence to the user."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from model.language import phrase


def explained(error: Exception) -> str:
    """One sentence on an error nobody expected, after writing its traceback to a log."""
    from app.wording import plain

    what = plain(f"{type(error).__name__}: {error}")
    try:
        log = _written(error)
    except OSError:
        return phrase("Something went wrong in the program ({what}), and no log could be written.", what=what)
    return phrase("Something went wrong in the program ({what}). The details are in {log}.", what=what, log=log)


def _written(error: Exception) -> Path:
    from platformdirs import user_log_path

    from app.store.places import FOLDER_NAME

    folder = user_log_path(FOLDER_NAME, appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "errors.log"
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n")
        file.write("".join(traceback.format_exception(error)) + "\n")
    return log
