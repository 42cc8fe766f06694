"""Sliders, switches and choices that the address of a page keeps, and how they are set all together.

A value that is only forgotten comes back from the address, so that to reset one is to set it to where it starts.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Final

import streamlit as st

_STARTS: Final = "where-it-starts"


def slider(
    label: str, low: float, high: float, start: float, step: float, key: str, *, disabled: bool = False
) -> float:  # fmt: skip
    """A slider of whole numbers where `step` is one, else of fractions.

    Parameters
    ----------
    label, low, high, step
        As of Streamlit's.
    start
        Where it begins; the range reaches as far, for an answer that nobody moved is the saved one.
    key
        Its name in the address.
    disabled
        Whether it cannot be moved for now. One that is not drawn would take its value from the address again later.
    """
    kind = int if isinstance(step, int) else float
    first = begins(key, kind(start))
    low, high = min(low, start), max(high, start)
    shown = "%.1f" if step == 0.5 else "%d"
    return kind(
        st.slider(
            label, kind(low), kind(high), first, kind(step), shown, key, bind="query-params", disabled=disabled
        )
    )  # fmt: skip


def toggle(label: str, start: bool, key: str, *, disabled: bool = False, tip: str | None = None) -> bool:
    """A switch; the parameters are those of `slider`, and `tip` explains it."""
    return st.toggle(label, begins(key, start), key, bind="query-params", disabled=disabled, help=tip)


def begins[Value](key: str, start: Value) -> Value:
    """Note where one begins that is drawn elsewhere; gives the start back."""
    _starts()[key] = start
    return start


def set_again(prefix: str, said: Mapping[str, Any] | None = None, only: Collection[str] = ()) -> None:
    """Set all that were drawn to where they start, or to what is said of them; for use in a callback.

    Parameters
    ----------
    prefix
        What their keys begin with.
    said
        Values by key without the prefix; what is None is not said.
    only
        Keys without the prefix, where not all are meant.
    """
    said = said or {}
    for key, start in _starts().items():
        name = key.removeprefix(prefix)
        if key.startswith(prefix) and (not only or name in only):
            value = said.get(name)
            st.session_state[key] = start if value is None else float(value) if isinstance(value, Decimal) else value


def _starts() -> dict[str, Any]:
    starts: dict[str, Any] = st.session_state.setdefault(_STARTS, {})
    return starts
