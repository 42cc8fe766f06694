"""The review as one HTML file that asks nothing of the network and runs nothing."""

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app import wording
from app.dot_plot import dot_plot

if TYPE_CHECKING:
    from app.review.content import ClientPart, Review


def review_page(review: "Review") -> str:
    """The whole page; every text of a record is escaped, and direction or control characters are spelt out."""
    environment = Environment(
        loader=PackageLoader("app.review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # Text of records passes here before it is escaped.
        finalize=lambda value: value if isinstance(value, Markup) or not isinstance(value, str) else _readable(value),
    )
    return environment.get_template("review.html.jinja").render(review=review, words=wording, plot=_plot)


def _readable(text: str) -> str:
    return "\n".join(map(wording.plain, text.split("\n")))


def _plot(part: "ClientPart") -> Markup:
    rows = [(wording.ACTIONS[action.action], action.dots) for action in part.decision.actions]
    # The plot escapes what it is given; there is no other text in it.
    return Markup(dot_plot(rows, unit=part.decision.currency, alt=" ".join(part.dots)))
