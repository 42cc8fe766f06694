"""Why, and what would change it: weights of the evidence, break-evens, what to find out, and the tornado."""

import streamlit as st

from app.charts import Bar, Span, tornado_bars, weight_bars
from app.explaining import (
    BARS,
    SINGLE,
    break_even_sentences,
    equivalent_rows,
    probe_rows,
    robustness_sentence,
    swing_label,
    swing_rows,
    unknown_rows,
    wait_sentences,
    weight_rows,
)
from app.views import frame
from app.wording import rounded
from model.judged import Judgement
from model.language import phrase, written
from model.sensitivity import UnderSet, sensitivity, under_every_set
from model.understanding import Understanding, understand


@st.fragment
def show(judged: Judgement, name: str) -> None:
    """Show the section, once asked for.

    Parameters
    ----------
    judged
        The judgement.
    name
        The client.
    """
    st.header(phrase("Why, and what would change it"))
    st.caption(
        phrase(
            "Each kind of record is left out in turn; the difference it makes is its weight. Weights need not add up."
        )
    )
    if not st.toggle(phrase("Weigh the records"), key="weigh"):
        return
    desk = frame.desk()
    with st.spinner(phrase("Taking the answer apart …"), show_time=True):
        key = repr((frame.opened().where, desk.rests_on()))
        found = _understood(key, name, judged)
        sets = _every_set(key, judged)
    st.text(robustness_sentence(sensitivity(judged, name, sets)))
    _weights(found)
    _more(found)


def _weights(found: Understanding) -> None:
    currency = found.decision.currency
    if not found.weights:
        st.info(phrase("Nothing is recorded of this client yet, so nothing weighs. Do a check-in first."))
        return
    bars = tuple(Bar(label=weight.label, amount=weight.money) for weight in found.weights[:BARS])
    heaviest = ", ".join(f"{weight.label} {rounded(weight.money)}" for weight in found.weights[:3])
    words = phrase(
        "What records add to the value of keeping, {currency}: {heaviest}.", currency=currency, heaviest=heaviest
    )
    frame.chart(weight_bars(bars, currency), words, key="weigh-bars")
    columns: dict[str, list[object]] = {
        phrase("Record"): [weight.label for weight in found.weights],
        phrase("How many"): [weight.records for weight in found.weights],
        phrase("Money, {currency}", currency=currency): [rounded(weight.money) for weight in found.weights],
        phrase("Decibans"): [written(weight.decibans, "+.1f") for weight in found.weights],
    }
    frame.records_table(columns, phrase("Weight of each kind of record, the heaviest first"))
    st.caption(phrase("Decibans measure evidence: +10 makes the odds that keeping beats dropping ten times as good."))
    if found.record_weights:
        rows = weight_rows(found.record_weights, SINGLE)
        frame.table(
            (phrase("Record"), phrase("Entries"), phrase("Money, {currency}", currency=currency), phrase("Decibans")),
            rows,
            phrase("The heaviest single records"),
        )


def _more(found: Understanding) -> None:
    currency = found.decision.currency
    st.markdown(phrase("**What would have to change**"))
    for sentence in break_even_sentences(found):
        st.text(sentence)
    st.markdown(phrase("**Sleep on it?**"))
    for sentence in wait_sentences(found):
        st.text(sentence)
    st.markdown(phrase("**What to find out next**"))
    headings = (
        phrase("What to do"),
        phrase("Minutes"),
        phrase("Worth, {currency}", currency=currency),
        phrase("A minute"),
    )
    frame.table(headings, probe_rows(found), phrase("Cheap ways to find out"))
    frame.table(
        (phrase("To know for certain"), phrase("Worth, {currency}", currency=currency)),
        unknown_rows(found),
        phrase("Worth of knowing each"),
    )
    if found.equivalents:
        frame.table(
            (phrase("Action"), phrase("Sure amount, {currency}", currency=currency)),
            equivalent_rows(found),
            phrase("Worth to someone as cautious"),
        )
    st.markdown(phrase("**What the answer hangs on**"))
    swings = found.swings[:BARS]
    spans = tuple(Span(label=swing_label(s), low=s.value_low, high=s.value_high, changes=s.changes) for s in swings)
    widest = ", ".join(
        phrase(
            "{label}: {low} to {high}",
            label=swing_label(s),
            low=rounded(s.value_low),
            high=rounded(s.value_high),
        )
        for s in swings[:3]
    )
    words = phrase(
        "Value of the best action, {currency}, as each input moves. {widest}.", currency=currency, widest=widest
    )
    frame.chart(tornado_bars(spans, currency, found.decision.best.mean), words, key="tornado")
    frame.table(
        (phrase("Moves"), phrase("Low"), phrase("High"), phrase("Other choice")),
        swing_rows(swings),
        phrase("Value of the best action at either end"),
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _understood(rests_on: str, name: str, _judged: Judgement) -> Understanding:
    # The arguments name what the answer depends on; the judgement is only computed with.
    del rests_on
    return understand(_judged, name)


@st.cache_data(max_entries=4, show_spinner=False)
def _every_set(rests_on: str, _judged: Judgement) -> tuple[UnderSet, ...]:
    # Of all clients at once, so that the next one costs nothing.
    del rests_on
    return under_every_set(_judged)
