"""How long a fit of the example takes, and how well it mixes; prints how far it is."""

import os
import platform
import sys
import time

from app.recipe import TODAY, example_records
from model import catalogue
from model.fit import CHAINS, Progress, fit
from model.observations import observe

BUDGET_SECONDS = 300.0


def main() -> None:
    """Fit, and hold it to its gate and its budget."""
    signs = catalogue.load()
    seen = observe(example_records(), signs, TODAY)
    began = time.monotonic()
    stages: dict[str, float] = {}
    shown = [-1]

    def tell(progress: Progress) -> None:
        stages.setdefault(progress.stage, time.monotonic() - began)
        tenth = int(10 * progress.share_done)
        if tenth != shown[0]:
            shown[0] = tenth
            print(f"  {time.monotonic() - began:6.1f} s  {progress.stage}, {10 * tenth} %", file=sys.stderr, flush=True)

    made = fit(seen, signs, on_progress=tell)
    told = made.diagnostics
    assert told is not None
    compiling = stages["sampling"] - stages["compiling the model"]
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores; ",
        end="",
    )
    print(f"{len(seen.clients)} clients, {seen.n_rows} client-months, {CHAINS} chains of {told.draws} draws")
    print(f"  compiling     {compiling:8.1f} s")
    print(f"  sampling      {told.seconds - compiling:8.1f} s" + (", in two tries" if len(stages) > 2 else ""))
    print(f"  worst R-hat   {told.worst_rhat:8.4f}")
    print(f"  least bulk ESS{told.worst_ess:8.0f}  ({told.worst_parameter})")
    print(f"  divergences   {told.divergences:8d}")
    if not told.reliable or told.seconds > BUDGET_SECONDS:
        sys.exit(f"the fit misses its gate or its budget of {BUDGET_SECONDS:.0f} s")


main()
