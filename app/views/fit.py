"""The population fit: start it, watch it, stop it; no page waits for it."""

import streamlit as st

from app import fitting
from app.presenting import escaped, fit_in_words
from app.views import expecting, frame
from app.wording import BASES, plain
from model.errors import BushError
from model.language import phrase


def show() -> None:
    """Show the state of the fit and what can be done about it."""
    st.text(
        phrase(
            "A fit learns from all your records what clients are like in general: how often "
            "late payers pay late, how much scope creeps, how long clients stay. A quick one "
            "is in use within seconds; the whole one takes some minutes, in a process of its "
            "own. Go on working meanwhile."
        )
    )
    freshness = frame.desk().freshness()
    if freshness.basis != "prior":
        base = BASES[freshness.basis]
        st.text(
            phrase("In use: {base}.", base=base)
            if freshness.stale
            else phrase("In use: {base}, up to date.", base=base)
        )
        for sentence in freshness.sentences:
            st.text(plain(sentence))
    else:
        st.text(phrase("In use: judgement and a few published figures; no reliable fit of your records yet."))
    if freshness.problem:
        st.warning(escaped(plain(f"{freshness.problem[:1].upper()}{freshness.problem[1:]}.")))
    _watched()
    if frame.desk().records().clients:
        expecting.check()


@st.fragment(run_every=2)
def _watched() -> None:
    status = fitting.status(frame.desk().portfolio.path)
    was_running = st.session_state.get("fit-was-running", False)
    st.session_state["fit-was-running"] = status.state == "running"
    basis = frame.desk().freshness().basis
    # The quick fit comes into use while the whole one is still running.
    if st.session_state.setdefault("fit-basis", basis) != basis:
        st.session_state["fit-basis"] = basis
        st.rerun()
    if status.state == "running":
        if status.seconds_left is None:
            told = (
                f"{plain(status.message)[:1].upper()}{plain(status.message)[1:]} …"
                if status.message
                else phrase("Starting …")
            )
        else:
            stage = _sentence(status.message, ": ") if status.message else ""
            told = phrase(
                "{stage}{share_done:.0f} % done, about {seconds_left} left",
                stage=stage,
                share_done=100 * status.share_done,
                seconds_left=_time(status.seconds_left),
            )
        st.progress(min(max(status.share_done, 0.0), 1.0), text=told)
        if st.session_state.get("fit-stopping", False):
            st.text(phrase("Stopping; while the model is being compiled that can take a minute."))
            return
        st.button(phrase("Stop the fit"), on_click=_cancel, icon=":material/stop:", key="fit-cancel")
        return
    st.session_state.pop("fit-stopping", None)
    if was_running:
        st.rerun()
    if status.message and status.state == "failed":
        st.warning(escaped(_sentence(status.message)), icon=":material/warning:")
    elif status.state != "done" and status.message:
        st.text(_sentence(status.message))
    if status.diagnostics is not None:
        st.text(fit_in_words(status.diagnostics))
    if not frame.desk().records().clients:
        st.info(phrase("There is nothing to learn from yet. Record a client first."))
        return
    st.button(phrase("Start a fit"), on_click=_start, type="primary", icon=":material/model_training:", key="fit-start")
    if sentence := st.session_state.pop("fit-refused", ""):
        st.error(escaped(plain(sentence)))


def _start() -> None:
    try:
        fitting.start(frame.opened().where, frame.desk().today)
    except BushError as error:
        st.session_state["fit-refused"] = str(error)


def _cancel() -> None:
    try:
        fitting.cancel(frame.desk().portfolio.path)
        st.session_state["fit-stopping"] = True
    except BushError as error:
        st.session_state["fit-refused"] = str(error)


def _sentence(message: str, end: str = ".") -> str:
    return plain(f"{message[:1].upper()}{message[1:].rstrip('.')}{end or ' …'}")


def _time(seconds: float) -> str:
    return (
        phrase("{seconds:.0f} minutes", seconds=seconds / 60)
        if seconds >= 90
        else phrase("{seconds:.0f} seconds", seconds=max(seconds, 1))
    )
