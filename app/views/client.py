"""One client: the verdict and its reason, the futures behind it, what was recorded, and what if."""

import streamlit as st

from app.charts import PAGE_WIDTH, Bar, Dots, bars_in_time, dot_plot, strain_line
from app.evidence_timeline import Timeline, timeline
from app.presenting import CARD_DOTS, PAGE_DOTS, card, dots_in_words, quantiles, strain_rows
from app.views import asking, choosing, expecting, frame, leaving, understanding, what_if
from app.wording import rounded
from model.catalogue import TRAITS
from model.decision import Decision
from model.judged import Judgement
from model.search_first import search_first


def show() -> None:
    """Show the page."""
    st.title("Client")
    frame.last_change()
    if not frame.someone_is_active():
        return
    judged = frame.judgement()
    names = [decision.client for decision in judged.decisions]
    name = st.selectbox("Client", names, key="client", on_change=what_if.forget_the_ask, bind="query-params")
    decision = judged.of(name)
    _verdict(judged, decision)
    frame.notes(of_prior=False)
    _futures(judged, decision)
    what_if.show(judged, name)
    _search(judged, name)
    asking.show(judged, name)
    choosing.show(judged, name)
    leaving.show(judged, name)
    drawn = timeline(judged.records, frame.desk().strain_path(name), name, judged.catalogue, judged.as_of)
    _strain(decision, drawn)
    _recorded(drawn)
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
        st.text(f"Record next: {decision.next_record}")
        sure = rounded(decision.evpi)
        st.text(f"Knowing everything for certain would be worth about {sure} {decision.currency} in this choice.")


def _futures(judged: Judgement, decision: Decision) -> None:
    st.header("What each action may bring")
    shown, currency = card(judged, decision), decision.currency
    frame.table(
        ("Action", f"expected, {currency}", "likely (80 %)", "best in", "worst tenth"),
        [
            (row.label, row.value, row.likely, row.best_in, rounded(decision.action(row.action).cvar10))
            for row in shown.rows
        ],
        "Value of each action",
    )
    many = st.toggle(f"{PAGE_DOTS} dots instead of {CARD_DOTS}", value=True, key="many-dots")
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
        f"Each dot is one of {count} equally likely futures of {decision.horizon_months} months. Expected is the "
        "average future; the worst tenth is the average of the worst futures, one in ten."
    )


def _search(judged: Judgement, name: str) -> None:
    st.header("Two in the bush")
    st.text(search_first(judged, name).reason)
    st.page_link(
        "views/scenario.py", label="Possible clients, and looking for one", icon=":material/travel_explore:",
        query_params={"part": "Search first"},
    )  # fmt: skip


def _strain(decision: Decision, drawn: Timeline) -> None:
    st.header("Strain, month by month")
    st.caption(
        "Strain is what a client costs beyond the agreement, in standard deviations of the usual client: 0 is usual, "
        "higher is worse. The band holds the true value with 80 %. Triangles are warning signs, circles good signs."
    )
    rows = strain_rows(decision)
    columns = [*st.columns(2), *st.columns(2)]
    for row, points, marks, column in zip(rows, drawn.strain, drawn.marks, columns, strict=True):
        with column:
            st.markdown(f"**{row.label}**: {row.words}")
            if not points:
                st.caption("Nothing is recorded yet; the next check-in starts this line.")
                continue
            words = f"Strain, {row.label.lower()}: now {row.mean:.1f}, give or take {1.28 * row.sd:.1f}, {row.words}."
            frame.chart(strain_line(points, marks, row.label), words, key=f"strain-{row.trait}")
    with st.expander("Strain as a table", icon=":material/table:"):
        if drawn.strain[0]:
            months: dict[str, list[object]] = {"Month": [f"{point.month:%Y-%m}" for point in drawn.strain[0]]}
            for trait, points in zip(TRAITS, drawn.strain, strict=True):
                months[trait.capitalize()] = [f"{p.mean:.1f} ({p.low:.1f} to {p.high:.1f})" for p in points]
            frame.records_table(months, "Strain by month and trait, with 80 % bands")


def _recorded(drawn: Timeline) -> None:
    st.header("What was recorded")
    panels = (
        ("Payments, days after the due date", drawn.payments, "days late", None),
        ("Hours a month", drawn.hours, "hours", drawn.agreed_hours),
        ("Energy at the check-ins, 1 drained to 5 energised", drawn.energy, "energy", 3.0),
    )
    for column, (title, bars, axis, rule) in zip(st.columns(3), panels, strict=True):
        with column:
            st.markdown(f"**{title}**")
            if bars:
                frame.chart(bars_in_time(bars, axis, rule), _in_words(bars, title, axis), key=f"record-{axis}")
            else:
                st.caption("Nothing is recorded.")
    st.caption("Dashed: the hours agreed, and the middle of the energy scale.")
    with st.expander(f"All {len(drawn.entries)} records as a table", icon=":material/table:"):
        entries: dict[str, list[object]] = {
            "Date": [entry.on for entry in drawn.entries],
            "Record": [entry.what for entry in drawn.entries],
            "Detail": [entry.detail for entry in drawn.entries],
        }
        frame.records_table(entries, "Everything recorded of this client, newest first")


def _in_words(bars: tuple[Bar, ...], title: str, axis: str) -> str:
    amounts = sorted(bar.amount for bar in bars)
    middle = amounts[len(amounts) // 2]
    return f"{title}: {len(bars)} records, from {amounts[0]:g} to {amounts[-1]:g} {axis}, the middle one {middle:g}."


if __name__ == "__main__":
    show()
