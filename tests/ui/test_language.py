"""Every text of every page goes through the catalogues: in a language that marks what it says, nothing is unmarked."""

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from app.checkup import PACKAGES
from app.opened import Opened
from app.store import open_portfolio
from app.wording import LANGUAGES
from model import language

Pages = Callable[..., AppTest]
PARTS = (
    ("this_month", ""), ("client", ""), ("scenario", ""), ("scenario", "prospects"), ("scenario", "search-first"),
    ("scenario", "screening"), ("check_in", "all"), ("check_in", "one"), ("plan", ""), ("review", ""), ("data", ""),
)  # fmt: skip
# Fields of a page's elements that hold no text for people.
UNREAD = {
    "id", "key", "formId", "userKey", "icon", "arrowData", "type", "mediaUrl", "pageScriptHash", "url", "queryParamKey",
    "elementId", "format", "data", "columns", "page", "queryString", "theme", "name",
}  # fmt: skip
MARKUP = re.compile(r"<style>.*?</style>|</?[a-zA-Z][^>]*>|:material/\w+:|:[\w-]*badge\[", re.DOTALL)
# What is no text of the program: an enumeration of the page's format, a day, a currency, a path, a blank in a line.
NO_WORDS = re.compile(
    r"\b(?:[A-Z_]{3,}|hidden)\b|\d*\.? ?\b[a-z]{3,9}\.? \d{4}|\b(?:august|(?:septem|okto|novem)ber)\b|\b[A-Z]{3}\b|/\S+"
    r"|\{\w+\}"
)


@pytest.fixture
def marked(example: Opened, marking: Callable[[str], str]) -> Iterator[Opened]:
    """The example in Danish, and Danish being the language that marks what it says."""
    portfolio = open_portfolio(example.where)
    portfolio.save_settings(replace(portfolio.settings, language="da"))
    # The page's own thread is told what to speak; the test asks its elements from this one.
    with language.speaking("da"):
        yield example


def unmarked(app: AppTest, spared: set[str], outside: Callable[[str], str]) -> set[str]:
    """What a page says outside of the brackets, in letters."""
    found = set()
    for text in _texts(app):
        said = outside(html.unescape(MARKUP.sub("\n", text)))
        for name in sorted(spared, key=len, reverse=True):
            said = said.replace(name, "")
        found |= {line.strip() for line in said.split("\n") if re.search("[A-Za-z]{2}", NO_WORDS.sub("", line))}
    return found


def _texts(app: AppTest) -> Iterator[str]:
    for element in _elements(app._tree):
        proto = getattr(element, "proto", None)
        if proto is not None:
            yield from _strings(MessageToDict(proto))
        if type(element).__name__ == "Dataframe":
            yield from (str(column) for column in element.value.columns)
            yield from (str(cell) for cell in element.value.to_numpy().ravel())


def _elements(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _elements(child)


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for field, value in part.items():
            if field == "spec":
                yield from _titles(json.loads(value))
            elif field not in UNREAD:
                yield from _strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from _strings(value)
    elif isinstance(part, str):
        yield part


def _titles(spec: Any) -> Iterator[str]:
    # What a chart says: titles of axes, legends and tips, and labels among its data.
    if isinstance(spec, dict):
        for field, value in spec.items():
            if field in ("title", "label") and isinstance(value, str):
                yield value
            elif field != "locale":
                yield from _titles(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from _titles(value)


@pytest.mark.parametrize(("view", "part"), PARTS)
def test_every_text_of_a_page_can_be_translated(
    pages: Pages, marked: Opened, marking: Callable[[str], str], view: str, part: str
) -> None:
    app = pages(marked, view, part)
    for toggle in app.toggle:
        if not toggle.disabled:
            toggle.set_value(True)
    app.run()
    assert not app.exception
    records = open_portfolio(marked.where).records()
    names = {one.name for one in (*records.clients, *records.prospects)}
    # Summaries of writes are kept in the language they were written in.
    written = {batch.summary for batch in open_portfolio(marked.where).history()}
    assert not unmarked(app, names | written | set(LANGUAGES.values()) | set(PACKAGES), marking)


def test_what_a_button_does_before_the_page_is_drawn_is_said_in_its_language(pages: Pages, marked: Opened) -> None:
    app = pages(marked, "data")
    next(button for button in app.button if button.label == "⟦Undo it⟧").click().run()
    assert not app.exception
    assert any("⟦Taken back: " in success.value.replace("\\", "") for success in app.success)
    # The settings that were taken back had chosen the language.
    assert any(title.value == "Data and settings" for title in app.title)
