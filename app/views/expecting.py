"""What the model expects: the months ahead of one client, and the records held against records drawn from it."""

import streamlit as st

from app.charts import StrainPoint
from app.expected import CHECK_COLUMNS, MONTH_COLUMNS, check_rows, how_to_read_months, month_rows
from app.presenting import escaped
from app.range_charts import Interval, bands, intervals
from app.views import frame
from app.wording import TRAITS as NAMES
from app.wording import plain
from model.ahead import MonthAhead, Range, months_ahead
from model.catalogue import TRAITS
from model.judged import Judgement
from model.language import Phrases, phrase
from model.predictive_check import Check

SHOWN = 12  # figures of a kind in a picture: those farthest out
AXES = Phrases(
    {
        "share": "share",
        "days": "days",
        "ratio": "ratio",
        "number": "number",
        "months": "months seen together",
    }
)


def months(judged: Judgement, client: str) -> None:
    """The months ahead of one client as bands, and as a table."""
    st.header(phrase("The months ahead"))
    ahead = months_ahead(judged, client)
    st.caption(
        phrase(
            "{how_to_read_months} Still there is the chance that the client has not left by itself.",
            how_to_read_months=how_to_read_months(),
        )
    )
    panels = [
        (
            phrase("Still there"),
            tuple(_certain(month, month.still_there) for month in ahead),
            phrase("chance"),
            (0.0, 1.0),
        ),
        (phrase("Days to pay"), tuple(_point(month, month.days_to_pay) for month in ahead), phrase("days"), None),
        (phrase("Energy"), tuple(_point(month, month.energy) for month in ahead), phrase("energy, 1 to 5"), (1.0, 5.0)),
    ]
    if any(month.hours.high > 0 for month in ahead):
        panels.insert(2, (phrase("Hours"), tuple(_point(month, month.hours) for month in ahead), phrase("hours"), None))
    _panels(panels, "ahead")
    with st.expander(phrase("Strain in the months ahead"), icon=":material/trending_up:"):
        _panels(
            [
                (NAMES[trait], tuple(_point(month, month.strain[j]) for month in ahead), phrase("strain"), None)
                for j, trait in enumerate(TRAITS)
            ],
            "strain-ahead",
        )
    with st.expander(phrase("The months ahead as a table"), icon=":material/table:"):
        columns = zip(MONTH_COLUMNS, zip(*month_rows(ahead), strict=True), strict=True)
        frame.records_table(
            {name: list(column) for name, column in columns}, phrase("The months ahead, each with its 80 % interval")
        )


def check() -> None:
    """Whether records drawn from the model look like the ones there are; made when asked for."""
    st.header(phrase("Do the records look like the model's?"))
    st.text(
        phrase(
            "The same clients, months and invoices are lived once more in every draw. What "
            "the model cannot say sticks out, and so do signs that go together more often "
            "than it expects: those it counts twice."
        )
    )
    # Some seconds of work, so that it is asked for once and then kept on the desk.
    if not st.session_state.get("check-asked", False):
        st.button(
            phrase("Hold the records against the model"), key="check-start", icon=":material/balance:", on_click=_ask
        )
        return
    with st.spinner(phrase("Living the months once more …"), show_time=True):
        found = frame.desk().predictive_check()
    st.text(found.summary)
    for sentence in found.sentences:
        st.markdown(f"- {escaped(plain(sentence))}")
    if not found.sentences:
        st.text(phrase("No figure and no pair of signs stands out more than luck would have it."))
    units = dict.fromkeys(figure.unit for figure in found.figures)
    for unit in units:
        of = [figure for figure in found.figures if figure.unit == unit]
        _picture(
            of,
            f"check-{unit}",
            phrase("{count} figures", count=len(of))
            if len(of) <= SHOWN
            else phrase("The {shown} farthest out", shown=SHOWN),
        )
    if found.pairs:
        _picture(list(found.pairs), "check-pairs", phrase("Pairs of signs"))
    with st.expander(phrase("All figures as a table"), icon=":material/table:"):
        rows = zip(*check_rows((*found.figures, *found.pairs)), strict=True)
        frame.records_table(
            {name: list(column) for name, column in zip(CHECK_COLUMNS, rows, strict=True)},
            phrase("Figures of the records beside those of records drawn from the model"),
        )


def _ask() -> None:
    st.session_state["check-asked"] = True


def _picture(figures: list[Check], key: str, title: str) -> None:
    farthest = sorted(figures, key=lambda figure: figure.tail)[:SHOWN]
    unit = figures[0].unit
    rows = tuple(
        Interval(label=_label(f), low=f.low, middle=f.middle, high=f.high, against=f.observed) for f in farthest
    )
    outside = sum(row.outside for row in rows)
    st.markdown(f"**{title}**, {AXES[unit]}")
    words = phrase(
        "{title}, {axis}: {count} figures with the 90 % interval of replications; {outside} lie outside.",
        title=title,
        axis=AXES[unit],
        count=len(rows),
        outside=outside,
    )
    frame.chart(intervals(rows, AXES[unit], phrase("recorded"), percent=unit == "share"), words, key=key)


def _label(figure: Check) -> str:
    # As short as it can be told: a phone has little room beside the bars.
    if figure.unit == "months" or figure.what == phrase("share of months with a sign"):
        return plain(figure.of)
    return (
        figure.what
        if figure.of in (phrase("all clients"), phrase("all invoices"))
        else plain(f"{figure.what}, {figure.of}")
    )


def _panels(panels: list[tuple[str, tuple[StrainPoint, ...], str, tuple[float, float] | None]], key: str) -> None:
    # In twos, so that a narrow window shows them in this order.
    columns = [column for _ in range(0, len(panels), 2) for column in st.columns(2)]
    for (title, points, axis, ends), column in zip(panels, columns, strict=False):
        first, last = points[0], points[-1]
        words = phrase(
            "{title}: {mean:.3g} next month, between {low:.3g} and {high:.3g}; in {count} "
            "months {last_mean:.3g}, between {last_low:.3g} and {last_high:.3g}.",
            title=title,
            mean=first.mean,
            low=first.low,
            high=first.high,
            count=len(points),
            last_mean=last.mean,
            last_low=last.low,
            last_high=last.high,
        )
        with column:
            st.markdown(f"**{title}**")
            frame.chart(bands(points, axis, *(ends or (None, None))), words, key=f"{key}-{title}")


def _certain(month: MonthAhead, value: float) -> StrainPoint:
    return StrainPoint(month=month.month, mean=value, low=value, high=value)


def _point(month: MonthAhead, figure: Range) -> StrainPoint:
    return StrainPoint(month=month.month, mean=figure.expected, low=figure.low, high=figure.high)
