"""A review as one HTML file that runs nothing and asks nothing of the network."""

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app import wording
from app.dot_plot import dot_plot
from app.review.document import Dots, Paragraphs, Table, Verbatim, said
from model.language import spoken

if TYPE_CHECKING:
    from app.review.document import Document


def review_page(document: "Document") -> str:
    """The review as the text of an HTML file."""
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
    kinds = {Table: "table", Dots: "dots", Paragraphs: "paragraphs", Verbatim: "verbatim"}
    return environment.get_template("review.html.jinja").render(
        document=document, language=spoken(), said=said, plot=_plot, kind=lambda block: kinds[type(block)]
    )


def _readable(text: str) -> str:
    return "\n".join(map(wording.plain, text.split("\n")))


def _plot(dots: Dots) -> Markup:
    # The plot escapes what it is given; there is no other text in it.
    return Markup(dot_plot(dots.rows, unit=dots.unit, alt=wording.plain(dots.alt)))
