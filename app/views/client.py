"""One client: the verdict and its reason, the futures behind it, what was recorded, and what if."""

import streamlit as st

from app.charts import PAGE_WIDTH, Bar, Dots, Rule, bars_in_time, dot_plot, strain_line
from app.checking_in import recently_left
from app.evidence_timeline import Timeline, timeline
from app.explaining import cheapest_sentence, loss_sentence
from app.presenting import CARD_DOTS, PAGE_DOTS, card, dots_in_words, quantiles, strain_rows
from app.views import advising, asking, choosing, correcting, expecting, frame, leaving, understanding, what_if
from app.wording import TRAITS as NAMES
from app.wording import rounded
from model.catalogue import TRAITS
from model.decision import Decision
from model.judged import Judgement
from model.language import phrase
from model.search_first import search_first
from model.unknowns import probe_values

MIDDLE = Rule(amount=3.0)  # of the scale of energy


def show() -> None:
    """Show the page."""
    st.title(phrase("Client"))
    frame.last_change()
    if not frame.someone_is_active():
        return
    judged = frame.judgement()
    names = [decision.client for decision in judged.decisions]
    name = st.selectbox(
        phrase("Client"), names, key="client", on_change=what_if.begin_with_their_ask, bind="query-params"
    )
    if recently_left(judged.records, judged.as_of):
        st.page_link(
            "views/check_in.py", label=phrase("Clients who left"), icon=":material/logout:",
            query_params={"part": phrase("One client")},
        )  # fmt: skip
    decision = judged.of(name)
    _verdict(judged, decision)
    frame.notes(of_prior=False)
    _futures(judged, decision)
    what_if.show(judged, name)
    _search(judged, name)
    asking.show(judged, name)
    advising.asking()
    choosing.show(judged, name)
    leaving.show(judged, name)
    drawn = timeline(judged.records, frame.desk().strain_path(name), name, judged.catalogue, judged.as_of)
    _strain(decision, drawn)
    _recorded(drawn)
    correcting.terms(name)
    correcting.show(drawn.entries, name)
    expecting.months(judged, name)
    understanding.show(judged, name)


def _verdict(judged: Judgement, decision: Decision) -> None:
    shown = card(judged, decision)
    with st.container(border=True, key="verdict"):
        frame.heading(decision.client, 2)
        st.badge(shown.label, icon=f":material/{shown.icon}:", color=shown.colour)  # type: ignore[arg-type]
        st.text(decision.reason)
        for caveat in decision.caveats:
            st.text(caveat)
        st.text(phrase("Record next: {next_record}", next_record=decision.next_record))
        st.text(loss_sentence(decision))
        if decision.verdict == "too_close":
            st.text(cheapest_sentence(probe_values(judged, decision.client), decision.currency))


def _futures(judged: Judgement, decision: Decision) -> None:
    st.header(phrase("What each action may bring"))
    shown, currency = card(judged, decision), decision.currency
    frame.table(
        (
            phrase("Action"),
            phrase("expected, {currency}", currency=currency),
            phrase("likely (80 %)"),
            phrase("best in"),
            phrase("worst tenth"),
            phrase("lost if wrong"),
        ),
        [
            (row.label, row.value, row.likely, row.best_in, rounded(of.cvar10), rounded(of.expected_loss))
            for row, of in ((row, decision.action(row.action)) for row in shown.rows)
        ],
        phrase("Value of each action"),
    )
    many = st.toggle(
        phrase("{page_dots} dots instead of {card_dots}", page_dots=PAGE_DOTS, card_dots=CARD_DOTS),
        value=True,
        key="many-dots",
    )
    count = PAGE_DOTS if many else CARD_DOTS
    paths = judged.futures.sel(client=decision.client)
    rows = tuple(
        Dots(action=row.action, label=row.label, values=quantiles(paths.sel(action=row.action).values, count))
        for row in shown.rows
    )
    words = " ".join(dots_in_words(row.values, row.action, currency) for row in rows)
    frame.chart(dot_plot(rows, currency, PAGE_WIDTH), words, key="futures")
    st.text(shown.comparison.sentence)
    st.caption(
        phrase(
            "Each dot is one of {count} equally likely futures of {horizon_months} months. "
            "Expected is the average future; the worst tenth is the average of the worst "
            "futures, one in ten.",
            count=count,
            horizon_months=decision.horizon_months,
        )
    )


def _search(judged: Judgement, name: str) -> None:
    st.header(phrase("Two in the bush"))
    st.text(search_first(judged, name).reason)
    st.page_link(
        "views/scenario.py", label=phrase("Possible clients, and looking for one"), icon=":material/travel_explore:",
        query_params={"part": phrase("Search first")},
    )  # fmt: skip


def _strain(decision: Decision, drawn: Timeline) -> None:
    st.header(phrase("Strain, month by month"))
    st.caption(
        phrase(
            "Strain is what a client costs beyond the agreement, in standard deviations of "
            "the usual client: 0 is usual, higher is worse. The band holds the true value "
            "with 80 %. Triangles are warning signs, circles good signs."
        )
    )
    rows = strain_rows(decision)
    columns = [*st.columns(2), *st.columns(2)]
    for row, points, marks, column in zip(rows, drawn.strain, drawn.marks, columns, strict=True):
        with column:
            st.markdown(f"**{row.label}**: {row.words}")
            if not points:
                st.caption(phrase("Nothing is recorded yet; the next check-in starts this line."))
                continue
            words = phrase(
                "Strain, {label}: now {mean:.1f}, give or take {sd:.1f}, {words}.",
                label=row.label.lower(),
                mean=row.mean,
                sd=1.28 * row.sd,
                words=row.words,
            )
            frame.chart(strain_line(points, marks, row.label), words, key=f"strain-{row.trait}")
    with st.expander(phrase("Strain as a table"), icon=":material/table:"):
        if drawn.strain[0]:
            months: dict[str, list[object]] = {phrase("Month"): [f"{point.month:%Y-%m}" for point in drawn.strain[0]]}
            for trait, points in zip(TRAITS, drawn.strain, strict=True):
                months[NAMES[trait]] = [
                    phrase("{mean:.1f} ({low:.1f} to {high:.1f})", mean=p.mean, low=p.low, high=p.high) for p in points
                ]
            frame.records_table(months, phrase("Strain by month and trait, with 80 % bands"))


def _recorded(drawn: Timeline) -> None:
    st.header(phrase("What was recorded"))
    panels = (
        (phrase("Payments, days after the due date"), drawn.payments, phrase("days late"), ()),
        (phrase("Hours a month"), drawn.hours, phrase("hours"), drawn.agreed_hours),
        (phrase("Energy at the check-ins, 1 drained to 5 energised"), drawn.energy, phrase("energy"), (MIDDLE,)),
    )
    for column, (title, bars, axis, rules) in zip(st.columns(3), panels, strict=True):
        with column:
            st.markdown(f"**{title}**")
            if bars:
                frame.chart(bars_in_time(bars, axis, rules), _in_words(bars, title, axis), key=f"record-{axis}")
            else:
                st.caption(phrase("Nothing is recorded."))
    st.caption(phrase("Dashed: the hours agreed, and the middle of the energy scale."))
    with st.expander(phrase("All {count} records as a table", count=len(drawn.entries)), icon=":material/table:"):
        entries: dict[str, list[object]] = {
            phrase("Date"): [entry.on for entry in drawn.entries],
            phrase("Record"): [entry.what for entry in drawn.entries],
            phrase("Detail"): [entry.detail for entry in drawn.entries],
        }
        frame.records_table(entries, phrase("Everything recorded of this client, newest first"))


def _in_words(bars: tuple[Bar, ...], title: str, axis: str) -> str:
    amounts = sorted(bar.amount for bar in bars)
    middle = amounts[len(amounts) // 2]
    return phrase(
        "{title}: {count} records, from {least:g} to {most:g} {axis}, the middle one {middle:g}.",
        title=title,
        count=len(bars),
        least=amounts[0],
        most=amounts[-1],
        axis=axis,
        middle=middle,
    )


if __name__ == "__main__":
    show()
