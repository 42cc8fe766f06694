"""Care of the installation: compiling ahead, and a check-up."""

from pathlib import Path

import typer

from app.commands.call import Call
from app.commands.screen import as_json, remark, say, table
from model.language import phrase


def warm_up(call: Call) -> None:
    """Compile the numerical kernels ahead of the first answer."""
    from time import perf_counter

    from model.warm import warm_up as compile_kernels

    if not call.json:
        remark(phrase("Compiling the numerical kernels; this takes up to a minute, once."))
    began = perf_counter()
    compile_kernels()
    seconds = perf_counter() - began
    if call.json:
        as_json({"seconds": seconds})
    else:
        say(phrase("Ready after {seconds:.0f} s.", seconds=seconds))


def doctor(call: Call) -> None:
    """Check the installation and the portfolio.

    Says of each thing whether it is well, and what to do about it where it is not.
    """
    from app.checkup import check_up
    from app.store.places import home_of

    where = call.where
    is_folder = "://" not in where and Path(where).expanduser().is_dir()
    file = Path(where).expanduser() if is_folder else home_of(where)
    day = call.day(call.portfolio()) if call.db == "example" else call.today
    findings = list(check_up(where, file, day))
    if call.json:
        as_json([{"what": f.what, "ok": f.ok, "found": f.found, "advice": f.advice or None} for f in findings])
    else:
        rows = [(f.what, phrase("ok") if f.ok else phrase("look"), f.found, f.advice) for f in findings]
        table((phrase("What"), "", phrase("Found"), phrase("What to do")), rows)
        wanting = sum(not f.ok for f in findings)
        say(
            phrase("All is well.")
            if not wanting
            else phrase("{wanting} of {count} want looking at.", wanting=wanting, count=len(findings))
        )
    if any(not f.ok for f in findings):
        raise typer.Exit(1)
