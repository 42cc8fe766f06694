"""Quantile dot plots as SVG: each dot is one of twenty equally likely outcomes."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from app.wording import rounded

WIDTH, LEFT, RIGHT = 640, 96, 20
BINS = 32
STEP = (WIDTH - LEFT - RIGHT) / BINS
RADIUS = 0.42 * STEP
AXIS, GAP = 26.0, 8.0


def dot_plot(rows: Sequence[tuple[str, Sequence[float]]], *, unit: str, alt: str) -> str:
    """Dots of several actions over one axis, one row each.

    Parameters
    ----------
    rows
        Label and outcomes of each action.
    unit
        What the axis counts.
    alt
        The picture in words, for those who do not see it.
    """
    values = [value for _, dots in rows for value in dots]
    low, high = min(values, default=0.0), max(values, default=0.0)
    # Around a single outcome there is nothing to scale by.
    span = (high - low) or 1.0
    parts, top = [], GAP
    for label, dots in rows:
        stacks = [round((value - low) / span * (BINS - 1)) for value in dots]
        tallest = max((stacks.count(place) for place in set(stacks)), default=1)
        base = top + tallest * STEP
        parts.append(f'<text x="{LEFT - 10}" y="{_n(base - STEP / 4)}" text-anchor="end">{escape(label)}</text>')
        parts += [
            f'<circle cx="{_n(LEFT + (place + 0.5) * STEP)}" cy="{_n(base - (level + 0.5) * STEP)}" r="{_n(RADIUS)}"/>'
            for place in sorted(set(stacks))
            for level in range(stacks.count(place))
        ]
        parts.append(f'<path d="M{LEFT} {_n(base)}H{WIDTH - RIGHT}"/>')
        top = base + GAP
    for share in (0.0, 0.5, 1.0):
        anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[share]
        figure = rounded(low + share * span, spread=span)
        label = f"{figure} {unit}" if share == 1.0 else figure
        x = LEFT + share * (WIDTH - LEFT - RIGHT)
        parts.append(f'<text x="{_n(x)}" y="{_n(top + 10)}" text-anchor="{anchor}">{escape(label)}</text>')
    height = top + AXIS
    return (
        f'<svg viewBox="0 0 {WIDTH} {_n(height)}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(alt)}</title>{''.join(parts)}</svg>"
    )


def _n(value: float) -> str:
    return f"{value:.1f}"
