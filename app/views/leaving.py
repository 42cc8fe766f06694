"""If you leave: the best day, the steps with their dates, the words to say, and the lesson for the next client."""

import streamlit as st

from app import entries
from app.leaving import (
    calendar_file,
    cost_words,
    file_name,
    occasion_words,
    paid_back,
    payback_words,
    plan_for,
    said_on,
)
from app.presenting import escaped
from app.views import frame
from model.exit_lines import lines_for
from model.exit_plan import ExitPlan, lessons
from model.judged import Judgement
from model.language import Phrases, capital, phrase, translated, written
from model.records import Records

_SITUATIONS = Phrases(
    {
        "ordinary": "an ordinary parting",
        "late_payer": "one who pays late",
        "friend_or_family": "a friend or family",
        "abuse": "one who abused you",
    }
)


@st.fragment
def show(judged: Judgement, name: str) -> None:
    """Show the section.

    Parameters
    ----------
    judged
        The judgement.
    name
        The client.
    """
    st.header(phrase("If you leave"))
    st.caption(phrase("How to leave well: every step with its day, what waiting costs, and words to say."))
    leaves = judged.of(name).verdict in ("drop", "deal_breaker")
    if not st.toggle(phrase("Show the exit plan"), leaves, key=f"exit-plan-{name}"):
        return
    alternative = st.text_input(
        phrase("Whom would you recommend in your place? A name or a kind"), key=f"exit-alternative-{name}"
    )
    plan = plan_for(judged, name, alternative)
    _days(plan, payback_words(paid_back(judged, name), plan.timing.currency, judged.as_of))
    _steps(plan)
    _lines(plan)
    lesson(judged.records, name)


def _days(plan: ExitPlan, payback: str) -> None:
    st.text(plan.timing.reason)
    st.text(
        phrase(
            "The talk: {tell_on}. The last day: {last_day}. {waiting}",
            tell_on=said_on(plan.day.tell_on),
            last_day=plan.day.last_day,
            waiting=plan.timing.waiting,
        )
    )
    st.text(payback)
    with st.expander(phrase("Every day considered"), icon=":material/event:"):
        frame.table(
            (phrase("Leaving"), phrase("tell them on"), phrase("last day"), phrase("against leaving now")),
            [
                (
                    occasion_words(day),
                    written(day.tell_on),
                    written(day.last_day),
                    cost_words(day, plan.timing.currency),
                )
                for day in plan.timing.dates
            ],
            phrase("Days to leave and what each costs"),
        )


def _steps(plan: ExitPlan) -> None:
    for step in plan.steps:
        with st.container(border=True):
            st.markdown(f"**{written(step.on)} · {step.title}**")
            st.text(step.here)
            st.caption(step.what)
    st.download_button(
        phrase("Put the steps into your calendar"),
        calendar_file(plan),
        file_name(plan),
        "text/calendar",
        icon=":material/calendar_add_on:",
        key="exit-calendar",
    )


def _lines(plan: ExitPlan) -> None:
    st.markdown(phrase("**Words to say**, for {situation}", situation=_SITUATIONS[plan.situation]))
    for line in plan.lines:
        st.caption(f"{escaped(capital(translated(line.moment)))}{phrase(', your own words') if line.own else ''}")
        st.text(line.text)
    desk = frame.desk()
    if desk.portfolio.read_only:
        return
    settings = desk.records().settings
    with st.expander(phrase("Use your own words"), icon=":material/edit:"), st.form("exit-lines"):
        st.caption(
            phrase(
                "{{client}}, {{last_day}}, {{alternative}} and {{open_amount}} are filled in. An "
                "emptied field brings the usual words back."
            )
        )
        texts = {
            line.moment: st.text_area(escaped(capital(translated(line.moment))), line.text, max_chars=1500)
            for line in lines_for(plan.situation, settings)
        }
        done = st.form_submit_button(phrase("Save these words"), icon=":material/save:")
    if done:
        frame.store(
            "exit-lines",
            lambda: desk.portfolio.save_settings(
                entries.own_lines(settings, plan.situation, texts), key=frame.form_key("exit-lines")
            ),
            None,
        )


def lesson(records: Records, name: str) -> None:
    """Show the form for what was learned from a client, there or gone, and the lessons so far."""
    earlier = lessons(records)
    if earlier:
        with st.expander(phrase("Lessons so far, to screen the next client by"), icon=":material/school:"):
            for learned in earlier:
                st.text(learned)
    desk = frame.desk()
    if desk.portfolio.read_only:
        return
    with st.form("lesson", clear_on_submit=True):
        text = st.text_input(phrase("What will you look for in the next client before you say yes?"), max_chars=500)
        done = st.form_submit_button(phrase("Log the lesson"), icon=":material/school:")
    if done:
        frame.store(
            "lesson",
            lambda: desk.portfolio.add(
                entries.lesson(client=name, on=desk.today, text=text), key=frame.form_key("lesson")
            ),
            name,
        )
