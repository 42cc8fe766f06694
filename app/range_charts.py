"""Charts of ranges: intervals below each other, bands through the months, cash with and without a plan, shares."""

import json
from dataclasses import dataclass

import altair as alt

from app.charts import (
    GOOD,
    KEEP,
    MUTED,
    NAMED_ROW,
    THIRD,
    WARNING,
    Bar,
    Spec,
    StrainPoint,
    as_text,
    data_of,
    months_axis,
    names_above,
)
from model.language import kept, phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A labelled figure: the ends of its interval, its middle, and what it is held against, if anything."""

    label: str
    low: float
    middle: float
    high: float
    against: float | None = None

    @property
    def outside(self) -> bool:
        """Whether what it is held against lies outside."""
        return self.against is not None and not self.low <= self.against <= self.high


def intervals(rows: tuple[Interval, ...], axis: str, against: str, percent: bool = False) -> Spec:
    """Intervals below each other, with a diamond where the figure they are held against lies."""
    return json.loads(_intervals(rows, axis, against, percent))  # type: ignore[no-any-return]


def bands(points: tuple[StrainPoint, ...], axis: str, low: float | None = None, high: float | None = None) -> Spec:
    """A figure month by month with its 80 % band; `low` and `high` are the ends of the axis, where it has any."""
    return json.loads(_bands(points, axis, low, high))  # type: ignore[no-any-return]


def cash_fan(
    plan: tuple[StrainPoint, ...], nothing: tuple[StrainPoint, ...], floor: float | None, currency: str
) -> Spec:
    """Cash at the end of each month with the plan and if nothing is done, each with its band, and the floor."""
    return json.loads(_cash_fan(plan, nothing, floor, currency))  # type: ignore[no-any-return]


def share_bars(bars: tuple[Bar, ...]) -> Spec:
    """Shares of several kinds for each label, side by side; `kind` sets the shade."""
    return json.loads(_share_bars(bars))  # type: ignore[no-any-return]


@kept(64)
def _intervals(rows: tuple[Interval, ...], axis: str, against: str, percent: bool) -> str:
    data = [
        {"label": r.label, "low": r.low, "middle": r.middle, "high": r.high, "against": r.against,
         "lies": phrase("outside") if r.outside else phrase("inside")}
        for r in rows
    ]  # fmt: skip
    form = ".0%" if percent else ".3~g"
    base = alt.Chart(data_of(data)).encode(
        y=names_above(),
        tooltip=[alt.Tooltip("label:N", title=phrase("Figure")), alt.Tooltip("low:Q", format=form),
                 alt.Tooltip("middle:Q", format=form), alt.Tooltip("high:Q", format=form),
                 alt.Tooltip("against:Q", title=against, format=form)],
    )  # fmt: skip
    layers = [
        base.mark_bar(height=10, opacity=0.35, color=KEEP).encode(
            x=alt.X("low:Q", title=axis, axis=alt.Axis(format=form, tickCount=5), scale=alt.Scale(zero=False)),
            x2="high:Q",
        ),
        base.mark_tick(thickness=2, size=14, color=KEEP).encode(x="middle:Q"),
        base.transform_filter("isValid(datum.against)").mark_point(shape="diamond", filled=True, size=80, opacity=1)
        .encode(x="against:Q", color=alt.Color("lies:N", legend=alt.Legend(orient="bottom", title=against),
                scale=alt.Scale(domain=[phrase("inside"), phrase("outside")], range=[GOOD, WARNING]))),
    ]  # fmt: skip
    return as_text(alt.layer(*layers).properties(height=NAMED_ROW * len(rows) + 140))


@kept(256)
def _bands(points: tuple[StrainPoint, ...], axis: str, low: float | None, high: float | None) -> str:
    months = [
        {"month": p.month.isoformat(), "mean": round(p.mean, 3), "low": round(p.low, 3), "high": round(p.high, 3)}
        for p in points
    ]
    ends = alt.Scale(zero=False) if low is None or high is None else alt.Scale(domain=[low, high], nice=False)
    base = alt.Chart(data_of(months)).encode(x=alt.X("month:T", title=None, axis=months_axis()))
    layers = [
        base.mark_area(opacity=0.25, color=KEEP).encode(y=alt.Y("low:Q", title=axis, scale=ends), y2="high:Q"),
        base.mark_line(color=KEEP).encode(
            y=alt.Y("mean:Q", title=axis, scale=ends),
            tooltip=[alt.Tooltip("month:T", format="%B %Y"), alt.Tooltip("mean:Q", title=axis, format=".3~g")],
        ),
    ]
    return as_text(alt.layer(*layers).properties(height=150))


@kept(32)
def _cash_fan(
    plan: tuple[StrainPoint, ...], nothing: tuple[StrainPoint, ...], floor: float | None, currency: str
) -> str:
    data = [
        {"month": p.month.isoformat(), "mean": round(p.mean), "low": round(p.low), "high": round(p.high), "of": of}
        for of, points in ((phrase("with the plan"), plan), (phrase("if you do nothing"), nothing))
        for p in points
    ]
    shades = alt.Color(
        "of:N", title=None, legend=alt.Legend(orient="bottom"),
        scale=alt.Scale(domain=[phrase("with the plan"), phrase("if you do nothing")], range=[KEEP, WARNING]),
    )  # fmt: skip
    base = alt.Chart(data_of(data)).encode(x=alt.X("month:T", title=None, axis=months_axis()), color=shades)
    axis = alt.Axis(format="~s")
    layers = [
        base.mark_area(opacity=0.2).encode(
            y=alt.Y("low:Q", title=phrase("cash, {currency}", currency=currency), axis=axis), y2="high:Q"
        ),
        base.mark_line().encode(
            y=alt.Y("mean:Q", title=phrase("cash, {currency}", currency=currency)),
            strokeDash=alt.StrokeDash(
                "of:N",
                legend=None,
                scale=alt.Scale(domain=[phrase("with the plan"), phrase("if you do nothing")], range=[[1, 0], [5, 3]]),
            ),
            tooltip=[
                alt.Tooltip("month:T", format="%B %Y"),
                alt.Tooltip("of:N", title=phrase("Cash")),
                alt.Tooltip("mean:Q", title=phrase("middle"), format=",.0f"),
                alt.Tooltip("low:Q", format=",.0f"),
                alt.Tooltip("high:Q", format=",.0f"),
            ],
        ),
    ]
    if floor is not None:
        layers.append(
            alt.Chart(data_of([{"y": floor}])).mark_rule(color=MUTED, strokeDash=[2, 2]).encode(y="y:Q")
        )  # fmt: skip
    return as_text(alt.layer(*layers).properties(height=280))


@kept(32)
def _share_bars(bars: tuple[Bar, ...]) -> str:
    kinds = list(dict.fromkeys(bar.kind for bar in bars))
    data = [{"label": bar.label, "amount": bar.amount, "kind": bar.kind} for bar in bars]
    rows = len({bar.label for bar in bars})
    chart = (
        alt.Chart(data_of(data))
        .mark_bar()
        .encode(
            x=alt.X("amount:Q", title=phrase("share"), axis=alt.Axis(format=".0%")),
            y=alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=180, labelOverlap=False)),
            yOffset=alt.YOffset("kind:N", sort=kinds),
            color=alt.Color("kind:N", title=None, legend=alt.Legend(orient="bottom"),
                            scale=alt.Scale(domain=kinds, range=[KEEP, THIRD, WARNING][: len(kinds)])),
            tooltip=[alt.Tooltip("label:N", title=phrase("Client")), alt.Tooltip("kind:N", title=phrase("Share of")),
                     alt.Tooltip("amount:Q", title=phrase("share"), format=".0%")],
        )
    )  # fmt: skip
    return as_text(chart.properties(height=30 * max(2, rows) + 90))
