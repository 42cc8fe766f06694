"""Five thousand names that would rather be something else: in every kind of file they are text and nothing more."""

import csv
import io
import json
import random
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser

import pytest

from app.imports.cells import without_escape
from app.review.document import Column, Document, Dots, Paragraphs, Section, Table
from app.review.html import review_page
from app.review.json import review_text
from app.review.markdown import review_markdown
from app.review.pdf import review_pdf
from app.review.spreadsheet import review_csvs, review_workbook
from app.wording import plain

PIECES = (
    "=", "+", "-", "@", "'", '"', "`", "|", "<", ">", "&", "&amp;", "&#x3C;", "\\", "\n", "\r", "\t", ";", ",", "#",
    "$", "*", "_", "[", "]", "(", ")", "{", "}", "{{", "}}", "{%", "%}", "<script>", "</script>", "<!--", "-->",
    "<img src=x onerror=alert(1)>", "javascript:", "http://x.example/", "cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")",
    "@SUM(1)", "#include", "#raw(", "\\input{x}", "]]>", "<?xml", "\u202e", "\u200b", "\u2028", "\x07", "\x1b[31m",
    "\ufeff",
    "Ærø", "株", "🙂", " ", "a", "DROP TABLE", "../", "%0a", "null", "0x", "1e308", "nan",
)  # fmt: skip


def names(count: int, seed: int = 7) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(PIECES, k=rng.randint(1, 6))) for _ in range(count)]


def review(every: list[str]) -> Document:
    columns = (Column(title="Client"), Column(title="Fee", kind="money"), Column(title="Why"))
    table = Table(name="names", caption="Names", columns=columns, rows=tuple((n, 1.0, n) for n in every))
    parts = [
        Section(title=name, level=3, blocks=(
            Paragraphs(sentences=(name,), points=True), Dots(rows=((name, (1.0, 2.0)),), unit="EUR", alt=name),
        ))
        for name in every[:50]
    ]  # fmt: skip
    return Document(title="Client review", subtitle=every[0], sections=(Section(title="All", blocks=(table,)), *parts))


@pytest.fixture(scope="module")
def hostile() -> list[str]:
    return names(5000)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.values: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes.update(name for name, _ in attrs)
        self.values += [value or "" for name, value in attrs if name in ("src", "href", "action", "style")]


def test_a_page_has_the_tags_and_attributes_it_has_for_plain_names(hostile):
    pages = []
    for every in (hostile, [f"Client {place}" for place in range(len(hostile))]):
        page = Page()
        page.feed(review_page(review(every)))
        pages.append(page)
    assert pages[0].tags == pages[1].tags and pages[0].attributes == pages[1].attributes
    assert not pages[0].tags["script"] and not any(name.startswith("on") for name in pages[0].attributes)
    assert not any("//" in value or "javascript" in value for value in pages[0].values)


def test_a_workbook_holds_no_formula_no_link_and_no_other_part(hostile):
    from python_calamine import CalamineWorkbook

    book = review_workbook(review(hostile))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        inside = {name: parts.read(name) for name in parts.namelist()}
    assert not any("external" in name.lower() or "hyperlink" in name.lower() for name in inside)
    sheets = [text for name, text in inside.items() if name.startswith("xl/worksheets/")]
    assert sheets and not any(re.search(rb"<f[ >]|<hyperlink", text) for text in sheets)
    assert not any(b"http://x" in text for name, text in inside.items() if name.endswith(".rels"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("names").to_python()[1:]
    assert [str(row[0]) for row in rows] == [plain(name) for name in hostile]


def test_cells_of_a_csv_file_run_nothing_and_come_back_as_they_were(hostile):
    text = review_csvs(review(hostile))["names"]
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert [without_escape(cell) for cell in cells] == [plain(name) for name in hostile]


def test_json_holds_the_names_letter_by_letter(hostile):
    assert json.loads(review_text({"names": hostile}))["names"] == hostile


def test_markdown_has_the_lines_it_has_for_plain_names_and_no_tag_and_no_link(hostile):
    ours = review_markdown(review(hostile))
    plainly = review_markdown(review([f"Client {place}" for place in range(len(hostile))]))
    assert ours.count("\n") == plainly.count("\n")
    assert not re.search(r"(?<!\\)<[a-zA-Z!/?]", ours) and not re.search(r"(?<!\\)\](?<!\\)\(", ours)


def test_a_pdf_is_set_whatever_the_names_are():
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(review_pdf(review(names(300, seed=8)))))
    # A link to a place in the document is the program's own; one to somewhere else would be a name's.
    actions = [
        note.get_object().get("/A", {})
        for page in reader.pages
        for note in page.get("/Annots") or ()
    ]  # fmt: skip
    assert len(reader.pages) > 3 and not any("/URI" in action for action in actions)


def test_a_name_without_a_space_breaks_in_its_column_of_the_pdf():
    from pypdf import PdfReader

    name = "W" * 200
    columns = (Column(title="Client"), *(Column(title=f"Month {n}", kind="money") for n in range(6)))
    table = Table(name="names", caption="Names", columns=columns, rows=((name, *range(6)),))
    told = Document(title="Client review", subtitle="", sections=(Section(title="All", blocks=(table,)),))
    text = PdfReader(io.BytesIO(review_pdf(told))).pages[0].extract_text()
    lines = [line.count("W") for line in text.splitlines()]
    assert sum(lines) == 200
    assert max(lines) < 60
