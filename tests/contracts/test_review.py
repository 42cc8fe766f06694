"""The review: the same records give the same files, and a name in them is only ever text."""

import json
import re
from html.parser import HTMLParser

import pytest

NAME = "<img src=x onerror=alert(1)>"
FILE = "review-2026-10-31"


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def page(filled, tmp_path):
    """The review of the small portfolio, with a client who would like to be markup."""
    filled("add", "client", "--fee", "900", "--hours", "20", "--since", "2026-02-01", "--", NAME)
    filled("review", "--out", str(tmp_path / "review"))
    return (tmp_path / "review" / f"{FILE}.html").read_text(encoding="utf-8")


def test_the_review_runs_nothing_and_asks_nothing_of_the_network(page):
    parsed = Page()
    parsed.feed(page)
    assert {"script", "img", "link", "iframe", "object", "form", "base"} & set(parsed.tags) == set()
    assert [name for name, _ in parsed.attributes if name.startswith("on") or name in ("src", "href")] == []
    assert "url(" not in page and "@import" not in page
    assert re.findall(r"https?://[^\"]*", page) == ["http://www.w3.org/2000/svg"] * page.count("<svg")
    assert "default-src 'none'" in page
    assert NAME in parsed.text and NAME not in page


def test_the_review_says_verdict_reason_weights_and_what_to_record_next(page):
    parsed = Page()
    parsed.feed(page)
    assert "3 clients" in parsed.text
    for words in ("Anchor Bakery", "Moody Museum", "Record next:", "Energy ratings", "80 %", "No hour is recorded"):
        assert words in parsed.text
    assert parsed.tags.count("svg") == 3 and parsed.tags.count("circle") == 3 * 4 * 20
    assert parsed.text.count("equally likely outcomes of keeping") == 3


def test_the_review_is_the_same_to_the_letter_when_written_again(filled, tmp_path):
    filled("review", "--out", str(tmp_path / "one"))
    filled("review", "--out", str(tmp_path / "two"))
    for kind in ("html", "json"):
        one, two = ((tmp_path / folder / f"{FILE}.{kind}").read_bytes() for folder in ("one", "two"))
        assert one == two
    document = json.loads((tmp_path / "one" / f"{FILE}.json").read_text(encoding="utf-8"))
    assert [client["client"] for client in document["clients"]] == ["Anchor Bakery", "Moody Museum"]
    assert document["clients"][0]["actions"] == filled.json("decide")[0]["actions"]
    assert document["as_of"] == "2026-10-31" and document["seed"] == 1


def test_a_review_is_written_in_the_formats_asked_for(filled, tmp_path):
    written = filled.json("review", "--out", str(tmp_path / "only"), "--format", "json")["files"]
    assert written == [str(tmp_path / "only" / f"{FILE}.json")]
    (tmp_path / "taken").write_text("a file, not a folder", encoding="utf-8")
    filled("review", "--out", str(tmp_path / "taken"), code=1)
    assert "cannot be written" in filled.stderr
