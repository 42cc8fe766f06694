"""What you believe: the priors as questions with two numbers, the sets to start from, and what they imply."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from app.beliefs import Held, held, stated, taken_back
from app.range_charts import Interval, intervals
from app.views import frame
from app.wording import SET_BY, SETS, plain
from model import catalogue, priors
from model.language import Phrases, capital, kept, phrase, translated, written
from model.prior_check import Implied, prior_predictive
from model.settings import Belief, Settings

# Figures that share an axis, and what it is called.
_AXES = (("late",), ("later", "days"), ("ratio",))
_AXIS = Phrases({"late": "share paid late", "later": "days", "ratio": "ratio"})
_SCALES = Phrases(
    {
        "percent": "in a hundred",
        "factor": "times",
        "hundredth": "%",
        "day of thirty": "day",
        "days later": "days",
    }
)


def show() -> None:
    """Show the set, one question at a time with its two numbers, all of them, and what they imply."""
    st.text(
        phrase(
            "Before the first record speaks, the answers rest on what is believed of clients "
            "in general. Each belief is a question with two numbers: 90 % sure that the "
            "answer lies between them. Records then move it."
        )
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
    with st.expander(phrase("All {count} beliefs, with reason and source", count=len(rows)), icon=":material/table:"):
        frame.records_table(
            {
                phrase("Question"): [plain(row.question) for row in rows],
                phrase("From"): [written(row.low, ".3g") for row in rows],
                phrase("To"): [written(row.high, ".3g") for row in rows],
                phrase("Set by"): [SET_BY[row.set_by] for row in rows],
                phrase("Reason"): [row.reason for row in rows],
                phrase("Source"): [row.source for row in rows],
            },
            phrase("Every belief: question, interval, who set it, reason and source"),
        )
    _implied(settings)


def _choose_a_set(settings: Settings) -> None:
    names = [known.name for known in priors.sets()]
    with st.form(f"set-{frame.form_key('prior-set')}"):
        chosen = st.radio(
            phrase("Start from"),
            names,
            index=names.index(settings.prior_set),
            format_func=lambda name: capital(SETS[name]),
            captions=[translated(known.reason) for known in priors.sets()],
        )
        done = st.form_submit_button(phrase("Use this set"), icon=":material/tune:")
    if done:
        _store("prior-set", lambda: replace(settings, prior_set=str(chosen)))


def _state_one(settings: Settings, rows: tuple[Held, ...]) -> None:
    st.markdown(phrase("**Your own answer to one question**"))
    by_name = {row.name: row for row in rows}
    name = st.selectbox(
        phrase("Question"), list(by_name), format_func=lambda name: by_name[name].question, key="believed",
    )  # fmt: skip
    row = by_name[name]
    scale = _SCALES.get(row.asked_as) or translated(row.asked_as)
    st.caption(
        plain(
            phrase(
                "Now {low:.3g} to {high:.3g} ({scale}), set by {set_by}. {reason} {source}",
                low=row.low,
                high=row.high,
                scale=scale,
                set_by=SET_BY[row.set_by],
                reason=row.reason,
                source=row.source,
            )
        )
    )
    with st.form(f"belief-{name}-{frame.form_key('belief')}"):
        left, right = st.columns(2)
        low = left.number_input(
            phrase("It is more than this, {scale}", scale=scale), value=_tidy(row.low), step=_step(row), format="%.4g"
        )
        high = right.number_input(
            phrase("It is less than this, {scale}", scale=scale), value=_tidy(row.high), step=_step(row), format="%.4g"
        )
        st.caption(phrase("Choose them so that nine answers in ten would lie between."))
        done = st.form_submit_button(phrase("Believe this"), type="primary", icon=":material/save:")
    if done:
        _store("belief", lambda: stated(settings, name, low, high))


def _take_back(settings: Settings, rows: tuple[Held, ...]) -> None:
    mine = [row for row in rows if row.set_by == "you"]
    if not mine:
        return
    st.markdown(phrase("**Your own answers**"))
    frame.table(
        (phrase("Question"), phrase("from"), phrase("to")),
        [(row.question, written(row.low, ".3g"), written(row.high, ".3g")) for row in mine],
        phrase("Your own answers"),
    )
    with st.container(horizontal=True):
        for row in mine:
            if st.button(phrase("Take back: {name}", name=row.name.replace("_", " ")), key=f"take-back-{row.name}"):
                _store("take-back", partial(taken_back, settings, row.name))
        if len(mine) > 1 and st.button(phrase("Take all back"), key="take-back-all"):
            _store("take-back", lambda: replace(settings, beliefs=()))


def _store(form: str, made: Callable[[], Settings]) -> None:
    # Made within the write, so that what is wrong with an interval is said where every other refusal is.
    portfolio = frame.desk().portfolio
    frame.store(form, lambda: portfolio.save_settings(made(), key=frame.form_key(form)), None)


def _implied(settings: Settings) -> None:
    st.header(phrase("What this implies of clients nobody has met"))
    st.caption(
        phrase(
            "Bars: where 90 % of imagined portfolios have the figure, with the middle "
            "marked. Diamonds: the figure in published sources; where those disagree among "
            "themselves, docs/model.md says why."
        )
    )
    with st.spinner(phrase("Imagining portfolios …"), show_time=True):
        found = _report(settings.prior_set, settings.beliefs)
    for kinds in _AXES:
        axis = _AXIS[kinds[0]]
        rows = tuple(
            Interval(
                label=f"{row.what}: {row.of}" if len(kinds) > 1 else row.of,
                low=row.low,
                middle=row.middle,
                high=row.high,
                against=row.known,
            )
            for row in found
            if row.known is not None and row.kind in kinds
        )
        outside = sum(row.outside for row in rows)
        words = phrase(
            "{axis}: {count} figures implied by what you believe; {outside} published ones lie outside.",
            axis=axis,
            count=len(rows),
            outside=outside,
        )
        frame.chart(intervals(rows, axis, phrase("published"), kinds == ("late",)), words, key=f"implied-{kinds[0]}")
    with st.expander(phrase("All implied figures as a table"), icon=":material/table:"):
        frame.records_table(
            {
                phrase("Figure"): [row.what for row in found],
                phrase("Of"): [row.of for row in found],
                phrase("Middle"): [written(row.middle, ".3g") for row in found],
                phrase("90 % of portfolios"): [
                    phrase("{low:.3g} to {high:.3g}", low=row.low, high=row.high) for row in found
                ],
                phrase("Published"): ["" if row.known is None else written(row.known, ".3g") for row in found],
            },
            phrase("Figures implied by the beliefs, beside published ones"),
        )


@kept(8)
def _report(prior_set: str, beliefs: tuple[Belief, ...]) -> tuple[Implied, ...]:
    table = priors.of(Settings(prior_set=prior_set, beliefs=beliefs))
    return prior_predictive(catalogue.load(), rng=np.random.default_rng(1), priors=table)


def _tidy(value: float) -> float:
    return float(f"{value:.4g}")


def _step(row: Held) -> float:
    return float(f"{(row.high - row.low) / 20:.1g}")
