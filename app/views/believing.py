"""What you believe: the priors as questions with two numbers, the sets to start from, and what they imply."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
import streamlit as st

from app.beliefs import Held, held, stated, taken_back
from app.range_charts import Interval, intervals
from app.views import frame
from app.wording import plain
from model import catalogue, priors
from model.prior_check import Implied, prior_predictive
from model.settings import Belief, Settings

# Groups of figures that share an axis: how their names begin, the axis, and whether they are shares.
_GROUPS = (("share of invoices paid late", "share paid late", True), ("days", "days", False), ("hours", "ratio", False))
_SCALES = {
    "percent": "in a hundred",
    "factor": "times",
    "hundredth": "%",
    "day of thirty": "day",
    "days later": "days",
}


def show() -> None:
    """Show the set, one question at a time with its two numbers, all of them, and what they imply."""
    st.text(
        "Before the first record speaks, the answers rest on what is believed of clients in general. Each belief is a "
        "question with two numbers: 90 % sure that the answer lies between them. Records then move it."
    )
    desk = frame.desk()
    settings = desk.records().settings
    rows = held(settings)
    if desk.portfolio.read_only:
        st.info(desk.portfolio.why_read_only)
    else:
        _choose_a_set(settings)
        _state_one(settings, rows)
        _take_back(settings, rows)
    with st.expander(f"All {len(rows)} beliefs, with reason and source", icon=":material/table:"):
        frame.records_table(
            {
                "Question": [plain(row.question) for row in rows],
                "From": [f"{row.low:.3g}" for row in rows],
                "To": [f"{row.high:.3g}" for row in rows],
                "Set by": [row.set_by for row in rows],
                "Reason": [row.reason for row in rows],
                "Source": [row.source for row in rows],
            },
            "Every belief: question, interval, who set it, reason and source",
        )
    _implied(settings)


def _choose_a_set(settings: Settings) -> None:
    names = [known.name for known in priors.sets()]
    with st.form(f"set-{frame.form_key('prior-set')}"):
        chosen = st.radio(
            "Start from",
            names,
            index=names.index(settings.prior_set),
            format_func=str.capitalize,
            captions=[known.reason for known in priors.sets()],
        )
        done = st.form_submit_button("Use this set", icon=":material/tune:")
    if done:
        _store("prior-set", lambda: replace(settings, prior_set=str(chosen)))


def _state_one(settings: Settings, rows: tuple[Held, ...]) -> None:
    st.markdown("**Your own answer to one question**")
    by_name = {row.name: row for row in rows}
    name = st.selectbox(
        "Question", list(by_name), format_func=lambda name: by_name[name].question, key="believed",
    )  # fmt: skip
    row = by_name[name]
    scale = _SCALES.get(row.asked_as, row.asked_as)
    st.caption(plain(f"Now {row.low:.3g} to {row.high:.3g} ({scale}), set by {row.set_by}. {row.reason} {row.source}"))
    with st.form(f"belief-{name}-{frame.form_key('belief')}"):
        left, right = st.columns(2)
        low = left.number_input(f"It is more than this, {scale}", value=_tidy(row.low), step=_step(row), format="%.4g")
        high = right.number_input(
            f"It is less than this, {scale}", value=_tidy(row.high), step=_step(row), format="%.4g"
        )
        st.caption("Choose them so that nine answers in ten would lie between.")
        done = st.form_submit_button("Believe this", type="primary", icon=":material/save:")
    if done:
        _store("belief", lambda: stated(settings, name, low, high))


def _take_back(settings: Settings, rows: tuple[Held, ...]) -> None:
    mine = [row for row in rows if row.set_by == "you"]
    if not mine:
        return
    st.markdown("**Your own answers**")
    frame.table(
        ("Question", "from", "to"), [(row.question, f"{row.low:.3g}", f"{row.high:.3g}") for row in mine],
        "Your own answers",
    )  # fmt: skip
    with st.container(horizontal=True):
        for row in mine:
            if st.button(f"Take back: {row.name.replace('_', ' ')}", key=f"take-back-{row.name}"):
                _store("take-back", partial(taken_back, settings, row.name))
        if len(mine) > 1 and st.button("Take all back", key="take-back-all"):
            _store("take-back", lambda: replace(settings, beliefs=()))


def _store(form: str, made: Callable[[], Settings]) -> None:
    # Made within the write, so that what is wrong with an interval is said where every other refusal is.
    portfolio = frame.desk().portfolio
    frame.store(form, lambda: portfolio.save_settings(made(), key=frame.form_key(form)), None)


def _implied(settings: Settings) -> None:
    st.header("What this implies of clients nobody has met")
    st.caption(
        "Bars: where 90 % of imagined portfolios have the figure, with the middle marked. Diamonds: the figure in "
        "published sources; where those disagree among themselves, docs/model.md says why."
    )
    with st.spinner("Imagining portfolios …", show_time=True):
        found = _report(settings.prior_set, settings.beliefs)
    for begins, axis, percent in _GROUPS:
        rows = tuple(
            Interval(
                label=f"{row.what}: {row.of}" if axis == "days" else row.of,
                low=row.low,
                middle=row.middle,
                high=row.high,
                against=row.known,
            )
            for row in found
            if row.known is not None and row.what.startswith(begins)
        )
        outside = sum(row.outside for row in rows)
        words = f"{axis}: {len(rows)} figures implied by what you believe; {outside} published ones lie outside."
        frame.chart(intervals(rows, axis, "published", percent), words, key=f"implied-{axis}")
    with st.expander("All implied figures as a table", icon=":material/table:"):
        frame.records_table(
            {
                "Figure": [row.what for row in found],
                "Of": [row.of for row in found],
                "Middle": [f"{row.middle:.3g}" for row in found],
                "90 % of portfolios": [f"{row.low:.3g} to {row.high:.3g}" for row in found],
                "Published": ["" if row.known is None else f"{row.known:.3g}" for row in found],
            },
            "Figures implied by the beliefs, beside published ones",
        )


@lru_cache(maxsize=8)
def _report(prior_set: str, beliefs: tuple[Belief, ...]) -> tuple[Implied, ...]:
    table = priors.of(Settings(prior_set=prior_set, beliefs=beliefs))
    return prior_predictive(catalogue.load(), rng=np.random.default_rng(1), priors=table)


def _tidy(value: float) -> float:
    return float(f"{value:.4g}")


def _step(row: Held) -> float:
    return float(f"{(row.high - row.low) / 20:.1g}")
