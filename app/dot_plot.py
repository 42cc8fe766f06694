"""Quantile dot plots as SVG: each dot is one of twenty equally likely outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from app.wording import plain, rounded

AXIS, GAP = 26.0, 8.0
CHARACTER = 7.0  # pixels of one figure on the axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Pixels of a plot, `left` and `right` of its dots included; `bins` stacks stand side by side."""

    width: int
    left: int
    right: int
    bins: int


PAGE = Size(width=640, left=96, right=20, bins=32)
CARD = Size(width=280, left=84, right=10, bins=26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """Colours of a plot that no page lends its own: of text, of lines, and of the dots of each row."""

    ink: str
    line: str
    dots: tuple[str, ...]


def dot_plot(
    rows: Sequence[tuple[str, Sequence[float]]],
    *,
    unit: str,
    alt: str,
    size: Size = PAGE,
    colours: Colours | None = None,
) -> str:
    """Dots of several actions over one axis, one row each.

    Parameters
    ----------
    rows
        Label and outcomes of each action.
    unit
        What the axis counts.
    alt
        The picture in words, for those who do not see it.
    size
        How large to draw.
    colours
        Colours written into the picture; without them the page that holds it sets them.
    """
    values = [value for _, dots in rows for value in dots]
    low, high = min(values, default=0.0), max(values, default=0.0)
    # Around a single outcome there is nothing to scale by.
    span = (high - low) or 1.0
    across = size.width - size.left - size.right
    step = across / size.bins
    parts, top = [_style(colours)], GAP
    for row, (label, dots) in enumerate(rows):
        stacks = [round((value - low) / span * (size.bins - 1)) for value in dots]
        tallest = max((stacks.count(place) for place in set(stacks)), default=1)
        base = top + max(tallest * step, 2 * GAP)
        fill = f' fill="{colours.dots[row]}"' if colours else ""
        parts.append(
            f'<text x="{size.left - 10}" y="{_n(base - step / 4)}" text-anchor="end">{escape(plain(label))}</text>'
        )
        parts += [
            f'<circle cx="{_n(size.left + (place + 0.5) * step)}" cy="{_n(base - (level + 0.5) * step)}" '
            f'r="{_n(0.42 * step)}"{fill}/>'
            for place in sorted(set(stacks))
            for level in range(stacks.count(place))
        ]
        parts.append(f'<path d="M{size.left} {_n(base)}H{size.width - size.right}"/>')
        top = base + GAP
    figures = [rounded(low + share * span, spread=span) for share in (0.0, 0.5, 1.0)]
    figures[-1] = f"{figures[-1]} {unit}".rstrip()
    shown = [*zip((0.0, 0.5, 1.0), ("start", "middle", "end"), figures, strict=True)]
    if CHARACTER * sum(map(len, figures)) > across:
        del shown[1]
    parts += [
        f'<text x="{_n(size.left + share * across)}" y="{_n(top + 10)}" text-anchor="{anchor}">{_text(figure)}</text>'
        for share, anchor, figure in shown
    ]
    height = top + AXIS
    measures = f' width="{size.width}" height="{_n(height)}"' if colours else ""
    return (
        f'<svg viewBox="0 0 {size.width} {_n(height)}"{measures} role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{_text(alt)}</title>{''.join(parts)}</svg>"
    )


def _style(colours: Colours | None) -> str:
    if colours is None:
        return ""
    text = f"text{{fill:{colours.ink};font:12px 'Source Sans',sans-serif}}"
    return f"<style>{text}path{{stroke:{colours.line};fill:none}}</style>"


def _text(text: str) -> str:
    return escape(plain(text))


def _n(value: float) -> str:
    return f"{value:.1f}"
