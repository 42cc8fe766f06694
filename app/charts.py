"""Charts as Vega-Lite specifications: dots for plausible futures, strain with its band, bars for weights.

Built by Altair and kept as plain dictionaries, so that a page shown again builds nothing. No text of a user enters a
specification but as data.
"""

import json
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from app.wording import ACTION_COLOURS
from model.language import ENGLISH, kept, marks_and_months, phrase, spoken

KEEP, OTHER, THIRD, MUTED = ACTION_COLOURS["keep"], ACTION_COLOURS["drop"], ACTION_COLOURS["renegotiate"], "#808890"
GOOD, WARNING = "#2c8a57", "#c8641b"
_ROW_HEIGHT, _AXIS_HEIGHT = 44, 52
FEW_MONTHS = 5
NAMED_ROW = 38  # pixels of a bar and its name above
PANEL_WIDTH, PAGE_WIDTH = 215, 420
_BINS = (22, 28, 36, 46, 60, 80)

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """One row of a dot plot: an action, its label, and its equally likely outcomes in order."""

    action: str
    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrainPoint:
    """Strain of one trait in one month: the mean, and the ends of the band that holds it with 80 %."""

    month: date
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something seen on a day, put on the line at the height of its month."""

    on: date
    height: float
    label: str
    is_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A level beside the bars, such as the hours agreed: for all time, or from a day and until one."""

    amount: float
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A labelled amount; `on` is used where bars stand in time."""

    label: str
    amount: float
    on: date | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A labelled range of amounts; `changes` marks one within which the choice changes."""

    label: str
    low: float
    high: float
    changes: bool


def dot_plot(rows: tuple[Dots, ...], currency: str, width: int = PANEL_WIDTH) -> Spec:
    """Quantile dots of each row above one shared scale of money; every dot is equally likely.

    `width` is what the dots may take, in pixels: it sets how wide a dot is and so how high they stack.
    """
    return json.loads(_dot_plot(rows, currency, width))  # type: ignore[no-any-return]


def strain_line(points: tuple[StrainPoint, ...], marks: tuple[Mark, ...], title: str) -> Spec:
    """Strain through the months with its band; triangles are warning signs, circles good ones."""
    return json.loads(_strain_line(points, marks, title))  # type: ignore[no-any-return]


def bars_in_time(bars: tuple[Bar, ...], axis: str, rules: tuple[Rule, ...] = ()) -> Spec:
    """Bars by month or day, with dashed rules at what was agreed; `kind` sets the shade and the legend."""
    return json.loads(_bars_in_time(bars, axis, rules))  # type: ignore[no-any-return]


def weight_bars(bars: tuple[Bar, ...], currency: str) -> Spec:
    """Horizontal bars to both sides of zero, in the order given."""
    return json.loads(_weight_bars(bars, currency))  # type: ignore[no-any-return]


def tornado_bars(spans: tuple[Span, ...], currency: str, now: float) -> Spec:
    """Horizontal ranges around a dashed line at today's value, in the order given."""
    return json.loads(_tornado_bars(spans, currency, now))  # type: ignore[no-any-return]


@kept(256)
def _dot_plot(rows: tuple[Dots, ...], currency: str, width: int) -> str:
    everything = [value for row in rows for value in row.values]
    low, high = min(everything), max(everything)
    span = (high - low) or max(1.0, abs(high))
    bins, stacks = _stacked(rows, low, span, width)
    size = width / bins
    per_row = max(_ROW_HEIGHT / size, *(max(y for _, y in stack) + 1.5 for stack in stacks))
    data, base = [], [(len(rows) - 1 - i) * per_row for i in range(len(rows))]
    for row, stack, start in zip(rows, stacks, base, strict=True):
        data += [
            {"x": x, "y": start + y + 0.5, "outcome": value, "what": row.label, "action": row.action}
            for (x, y), value in zip(stack, row.values, strict=True)
        ]
    labels = " : ".join(f"datum.value < {start + per_row / 2} ? {json.dumps(row.label)}"
                        for row, start in sorted(zip(rows, base, strict=True), key=lambda pair: pair[1]))  # fmt: skip
    actions = [row.action for row in rows]
    dots = (
        alt.Chart(data_of(data))
        .mark_circle(opacity=0.95, size=(size * 0.92) ** 2 * 0.785, clip=False)
        .encode(
            x=alt.X("x:Q", title=currency, scale=alt.Scale(domain=[low - span * 0.03, high + span * 0.03], nice=False),
                    axis=alt.Axis(format="~s", tickCount=5, grid=False)),
            y=alt.Y("y:Q", title=None, scale=alt.Scale(domain=[0, per_row * len(rows)], nice=False),
                    axis=alt.Axis(values=[start + 0.6 for start in base], labelExpr=f"{labels} : ''", grid=False,
                                  ticks=False, domain=False)),
            color=alt.Color("action:N", legend=None, scale=alt.Scale(
                domain=actions, range=[ACTION_COLOURS.get(action, MUTED) for action in actions])),
            tooltip=[alt.Tooltip("what:N", title=phrase("Action")),
                     alt.Tooltip("outcome:Q", title=currency, format=",.0f")],
        )
    )  # fmt: skip
    zero = low < 0 < high
    rule = alt.Chart(data_of([{"x": 0}])).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x="x:Q")
    whole = alt.layer(rule, dots) if zero else dots
    return as_text(whole.properties(height=_ROW_HEIGHT * len(rows) + _AXIS_HEIGHT))


def _stacked(rows: tuple[Dots, ...], low: float, span: float, width: int) -> tuple[int, list[list[tuple[float, int]]]]:
    for bins in _BINS:
        stacks = [_stack(row.values, low, span, bins) for row in rows]
        if max(y for stack in stacks for _, y in stack) + 1.5 <= _ROW_HEIGHT * bins / width:
            break
    return bins, stacks


def _stack(values: Sequence[float], low: float, span: float, bins: int) -> list[tuple[float, int]]:
    width, heights, places = span / bins, dict[int, int](), []
    for value in values:
        place = min(int((value - low) / width), bins - 1)
        places.append((low + (place + 0.5) * width, heights.get(place, 0)))
        heights[place] = heights.get(place, 0) + 1
    return places


@kept(256)
def _strain_line(points: tuple[StrainPoint, ...], marks: tuple[Mark, ...], title: str) -> str:
    months = [
        {"month": p.month.isoformat(), "mean": round(p.mean, 3), "low": round(p.low, 3), "high": round(p.high, 3)}
        for p in points
    ]
    x = alt.X("month:T", title=None, axis=months_axis(len(points)))
    base = alt.Chart(data_of(months))
    top = max(2.0, *(p.high for p in points)) + 0.2
    bottom = min(-2.0, *(p.low for p in points)) - 0.2
    y = alt.Y("mean:Q", title=phrase("strain"), scale=alt.Scale(domain=[bottom, top], nice=False))
    layers = [
        alt.Chart(data_of([{"y": 0}])).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(y="y:Q"),
        base.mark_area(opacity=0.25, color=KEEP, interpolate="monotone").encode(
            x=x, y=alt.Y("low:Q", title=phrase("strain")), y2="high:Q"
        ),
        base.mark_line(color=KEEP, interpolate="monotone", point=alt.OverlayMarkDef(size=16, color=KEEP)).encode(
            x=x, y=y, tooltip=[alt.Tooltip("month:T", format="%B %Y"), alt.Tooltip("mean:Q", title=title)]
        ),
    ]
    if marks:
        seen = [{"month": m.on.isoformat(), "mean": round(m.height, 3), "sign": m.label, "is": _side(m)} for m in marks]
        sides = alt.Scale(domain=[phrase("warning sign"), phrase("good sign")], range=[WARNING, GOOD])
        shapes = alt.Scale(domain=[phrase("warning sign"), phrase("good sign")], range=["triangle-up", "circle"])
        layers.append(
            alt.Chart(data_of(seen))
            .mark_point(filled=True, size=80, opacity=1)
            .encode(
                x=x,
                y=y,
                color=alt.Color("is:N", scale=sides, legend=None),
                shape=alt.Shape("is:N", scale=shapes, legend=None),
                tooltip=[alt.Tooltip("month:T", title=phrase("Day")), alt.Tooltip("sign:N", title=phrase("Sign"))],
            )
        )
    return as_text(alt.layer(*layers).properties(height=170))


def months_axis(months: int = FEW_MONTHS) -> alt.Axis:
    """The axis of all that goes by months; where there are few of them, each is named once."""
    ticks = 5 if months >= FEW_MONTHS else alt.TimeIntervalStep(interval="month", step=1)
    return alt.Axis(format="%b %y", tickCount=ticks, grid=False, labelFlush=True, labelOverlap=True)


def _side(mark: Mark) -> str:
    return phrase("good sign") if mark.is_good else phrase("warning sign")


@kept(256)
def _bars_in_time(bars: tuple[Bar, ...], axis: str, rules: tuple[Rule, ...]) -> str:
    data = [{"on": bar.on.isoformat(), "amount": bar.amount, "label": bar.label, "kind": bar.kind}
            for bar in bars if bar.on is not None]  # fmt: skip
    kinds = sorted({bar.kind for bar in bars})
    chart = (
        alt.Chart(data_of(data))
        .mark_bar(width={"band": 0.7} if len(data) > 40 else 7)
        .encode(
            x=alt.X(
                "on:T",
                title=None,
                axis=months_axis(len({(bar.on.year, bar.on.month) for bar in bars if bar.on is not None})),
            ),
            y=alt.Y("amount:Q", title=axis),
            color=alt.Color(
                "kind:N",
                title=None,
                legend=alt.Legend(orient="bottom") if len(kinds) > 1 else None,
                scale=alt.Scale(domain=kinds, range=[KEEP, OTHER, THIRD][: len(kinds)]),
            ),
            tooltip=[
                alt.Tooltip("label:N", title=phrase("Record")),
                alt.Tooltip("amount:Q", title=axis, format=",.1f"),
            ],
        )
    )
    lines = [line for rule in rules if (line := _line(rule, data)) is not None]
    return as_text((alt.layer(chart, *lines) if lines else chart).properties(height=170))


def _line(rule: Rule, bars: Sequence[Mapping[str, Any]]) -> Any:
    if rule.since is None and rule.until is None:
        return _dashes({"y": rule.amount}).encode(y="y:Q")
    days = [date.fromisoformat(bar["on"]) for bar in bars]
    # Beside the bars alone, of which the last stands for all of its month.
    last = max(days).replace(day=monthrange(max(days).year, max(days).month)[1])
    x, x2 = max(rule.since or min(days), min(days)), min(rule.until or last, last)
    if x > x2:
        return None
    return _dashes({"y": rule.amount, "x": str(x), "x2": str(x2)}).encode(y="y:Q", x="x:T", x2="x2:T")


def _dashes(ends: dict[str, Any]) -> Any:
    return alt.Chart(data_of([ends])).mark_rule(color=MUTED, strokeDash=[4, 3])


@kept(256)
def _weight_bars(bars: tuple[Bar, ...], currency: str) -> str:
    data = [
        {"label": b.label, "amount": b.amount, "speaks": phrase("for") if b.amount >= 0 else phrase("against")}
        for b in bars
    ]
    chart = (
        alt.Chart(data_of(data))
        .mark_bar(height=14)
        .encode(
            x=alt.X(
                "amount:Q",
                title=phrase("adds to the value of keeping, {currency}", currency=currency),
                axis=alt.Axis(format="~s", tickCount=6),
            ),
            y=names_above(),
            color=alt.Color(
                "speaks:N",
                legend=alt.Legend(orient="bottom", title=phrase("speaks")),
                scale=alt.Scale(domain=[phrase("for"), phrase("against")], range=[GOOD, WARNING]),
            ),
            tooltip=[
                alt.Tooltip("label:N", title=phrase("Record")),
                alt.Tooltip("amount:Q", title=currency, format="+,.0f"),
            ],
        )
        .properties(height=NAMED_ROW * len(bars) + 130)
    )
    return as_text(chart)


@kept(64)
def _tornado_bars(spans: tuple[Span, ...], currency: str, now: float) -> str:
    data = [
        {"label": s.label, "low": min(s.low, s.high), "high": max(s.low, s.high),
         "choice": phrase("changes") if s.changes else phrase("stays")}
        for s in spans
    ]  # fmt: skip
    bars = (
        alt.Chart(data_of(data))
        .mark_bar(height=14)
        .encode(
            x=alt.X(
                "low:Q",
                title=phrase("value of the best action, {currency}", currency=currency),
                axis=alt.Axis(format="~s", tickCount=6),
                scale=alt.Scale(zero=False),
            ),
            x2="high:Q",
            y=names_above(),
            color=alt.Color(
                "choice:N",
                legend=alt.Legend(orient="bottom", title=phrase("the choice")),
                scale=alt.Scale(domain=[phrase("changes"), phrase("stays")], range=[WARNING, KEEP]),
            ),
            tooltip=[
                alt.Tooltip("label:N", title=phrase("Moves")),
                alt.Tooltip("low:Q", format=",.0f"),
                alt.Tooltip("high:Q", format=",.0f"),
            ],
        )
    )
    line = alt.Chart(data_of([{"x": now}])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x="x:Q")
    return as_text(alt.layer(bars, line).properties(height=NAMED_ROW * len(spans) + 130))


def names_above() -> Any:
    """Names above their bars: beside them a phone would have no room left for the bars."""
    beyond = alt.Axis(labelAlign="left", labelPadding=0, labelOffset=-16, labelLimit=330, labelOverlap=False,
                      ticks=False, domain=False)  # fmt: skip
    return alt.Y("label:N", title=None, sort=None, axis=beyond)


def data_of(rows: list[Spec]) -> Any:
    """Rows as data within the specification: nothing is loaded from anywhere."""
    return alt.InlineData(values=rows)


def as_text(chart: Any) -> str:
    """A chart as its specification in JSON."""
    # The page's own theme sets fonts and axis colours, so Altair's is left out.
    spec = chart.to_dict()
    spec.pop("config", None)
    if spoken() != ENGLISH:
        spec["config"] = {"locale": marks_and_months()}
    spec["padding"] = {"left": 2, "right": 4, "top": 4, "bottom": 0}
    return json.dumps(spec)
