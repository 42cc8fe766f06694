"""The review: the same records give the same files, every number is the engine's, and a name is only ever text."""

import csv
import io
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from app.imports.cells import with_escape
from app.naming import renamed
from app.pseudonyms import pseudonyms
from app.review.document import said
from app.review.period import period_of
from model.errors import InvalidSettings

NAME = "<img src=x onerror=alert(1)>"
HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "#include[a](http://x)",
    "\\pdfliteral $x$ *b* `c`",
    "@SUM(1)",
)
ROOT = Path(__file__).parents[2]


def test_new_terms_and_what_was_given_up_are_new_since_the_last_review(filled, tmp_path):
    filled("log", "invoice", "Anchor Bakery", "A-0", "90", "--issued", "2026-07-01", "--due", "2026-07-15")
    filled("review", "--out", str(tmp_path), "--format", "json", "--period", "2026-08")

    def fresh() -> int:
        filled("review", "--out", str(tmp_path), "--format", "json", "--no-keep")
        since = json.loads((tmp_path / "review-2026-10-31.json").read_text(encoding="utf-8"))["since"]
        return sum(change["new_records"] for change in since["changes"])

    before = fresh()
    filled("log", "paid", "Anchor Bakery", "A-0", "--never")
    filled("edit", "client", "Moody Museum", "--fee", "1600", "--from", "2026-10-01")
    assert fresh() == before + 2


FILE = "review-2026-10-31"
EVERY = "html,pdf,xlsx,csv,json,md"


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
    for words in (
        "Anchor Bakery", "Moody Museum", "Record next:", "Energy ratings", "80 %", "No hour is recorded", "The plan",
        "Cash at the end of each month", "Share of income", "is best only while",
    ):  # fmt: skip
        assert words in parsed.text, words
    assert parsed.tags.count("svg") == 3 and parsed.tags.count("circle") == 3 * 4 * 20
    assert parsed.text.count("equally likely outcomes of keeping") == 3


def test_the_review_is_the_same_to_the_letter_when_written_again(filled, tmp_path):
    for folder in ("one", "two"):
        filled("review", "--out", str(tmp_path / folder), "--format", EVERY)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert {path.suffix for path in files} == {".html", ".pdf", ".xlsx", ".csv", ".json", ".md"}
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path
    document = json.loads((tmp_path / "one" / f"{FILE}.json").read_text(encoding="utf-8"))
    assert [client["client"] for client in document["clients"]] == ["Anchor Bakery", "Moody Museum"]
    assert document["clients"][0]["actions"] == filled.json("decide")[0]["actions"]
    assert document["as_of"] == "2026-10-31" and document["seed"] == 1
    assert len(filled.json("review", "--list")) == 1


def test_every_figure_in_every_kind_of_file_is_the_engines(filled, tmp_path):
    filled("review", "--out", str(tmp_path), "--format", EVERY)
    decisions = filled.json("decide")
    book = CalamineWorkbook.from_path(tmp_path / f"{FILE}.xlsx")
    values = next(row for row in book.get_sheet_by_name("values").to_python() if row[0] == "Anchor Bakery")
    actions = decisions[0]["actions"]
    told = [actions[action][figure] for action in actions for figure in ("mean", "p10", "p90")]
    assert values[1:-1] == pytest.approx(told) and values[-1] == pytest.approx(decisions[0]["evpi"])
    with (tmp_path / f"{FILE}-csv" / "values.csv").open(encoding="utf-8", newline="") as file:
        rows = {row[0]: row[1:] for row in csv.reader(file)}
    assert [float(cell) for cell in rows["Anchor Bakery"][:-1]] == told
    page = Page()
    page.feed((tmp_path / f"{FILE}.html").read_text(encoding="utf-8"))
    markdown = (tmp_path / f"{FILE}.md").read_text(encoding="utf-8")
    pdf = _pdf_text(tmp_path / f"{FILE}.pdf")
    from app.review.document import Range

    for action in actions.values():
        words = said(Range(expected=action["mean"], low=action["p10"], high=action["p90"]), "range")
        assert words in page.text and words in markdown and words in pdf, words


def test_names_are_text_in_every_kind_of_file(filled, tmp_path):
    for name in HOSTILE:
        filled("add", "client", "--fee", "900", "--hours", "20", "--since", "2026-02-01", "--", name)
    filled("review", "--out", str(tmp_path), "--format", EVERY)
    book = CalamineWorkbook.from_path(tmp_path / f"{FILE}.xlsx")
    names = [row[0] for row in book.get_sheet_by_name("portfolio").to_python()]
    assert set(HOSTILE) <= set(names)
    import zipfile

    with zipfile.ZipFile(tmp_path / f"{FILE}.xlsx") as parts:
        sheets = "".join(parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/"))
        assert "<f>" not in sheets and "<hyperlink" not in sheets and "externalLink" not in "".join(parts.namelist())
    for path in (tmp_path / f"{FILE}-csv").iterdir():
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
            assert not any(cell.startswith(("=", "@", "+c")) for cell in row)
    text = _pdf_text(tmp_path / f"{FILE}.pdf")
    assert all(name in text for name in ("#include[a](http://x)", "\\pdfliteral $x$ *b* `c`"))
    markdown = (tmp_path / f"{FILE}.md").read_text(encoding="utf-8")
    assert "[a](http" not in markdown and "\\$x\\$" in markdown
    assert with_escape("=1") == "'=1" and with_escape("A=1") == "A=1"


def test_a_review_is_written_in_the_formats_asked_for(filled, tmp_path):
    written = filled.json("review", "--out", str(tmp_path / "only"), "--format", "json")["files"]
    assert written == [str(tmp_path / "only" / f"{FILE}.json")]
    (tmp_path / "taken").write_text("a file, not a folder", encoding="utf-8")
    filled("review", "--out", str(tmp_path / "taken"), code=1)
    assert "cannot be written" in filled.stderr
    filled("review", "--out", str(tmp_path), "--format", "doc", code=2)


def test_with_letters_for_names_no_name_is_left(filled, tmp_path):
    filled("add", "prospect", "--fee", "900", "--hours", "20", "--", "Secret Prospect")
    filled("review", "--out", str(tmp_path / "out"), "--format", "html,json,md,csv", "--pseudonyms")
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(texts) > 5
    assert not any(name in text for text in texts for name in ("Anchor Bakery", "Moody Museum", "Secret Prospect"))
    assert sum("Client B" in text for text in texts) >= 4
    many = pseudonyms([f"name {i}" for i in range(28)])
    assert (many["name 0"], many["name 25"], many["name 26"]) == ("Client A", "Client Z", "Client AA")
    names = {"Ann": "Client A", "Ann Lee": "Client B", "Keep": "Client C"}
    assert renamed({"summary": ("Ann Lee and Ann",), "client": "Keep", "verdict": "Keep"}, names) == {
        "summary": ("Client B and Client A",),
        "client": "Client C",
        "verdict": "Keep",
    }


def test_the_second_review_says_what_changed_and_the_third_how_both_did(filled, tmp_path):
    for period in ("2026-06", "2026-08"):
        filled("review", "--out", str(tmp_path), "--format", "json", "--period", period)
    filled("review", "--out", str(tmp_path), "--format", "json")
    first, second, third = (
        json.loads((tmp_path / f"review-{day}.json").read_text(encoding="utf-8"))
        for day in ("2026-06-30", "2026-08-31", "2026-10-31")
    )
    assert first["since"] is None and first["looking_back"] is None
    assert second["since"]["as_of"] == "2026-06-30" and "new records" in second["since"]["sentences"][0]
    assert third["since"]["as_of"] == "2026-08-31"
    assert {verdict["said_on"] for verdict in third["looking_back"]["verdicts"]} == {"2026-06-30", "2026-08-31"}
    assert third["looking_back"]["scores"]
    days = [row["as_of"] for row in filled.json("review", "--list")]
    assert days == ["2026-10-31", "2026-08-31", "2026-06-30"]
    compared = filled("review", "--out", str(tmp_path), "--format", "md", "--compare", "2026-07-15", "--no-keep")
    assert "Since the review of 2026-06-30" in compared


def test_the_json_is_what_its_schema_says(filled, tmp_path):
    from jsonschema import Draft202012Validator

    filled("review", "--out", str(tmp_path), "--format", "json", "--period", "2026-08")
    filled("review", "--out", str(tmp_path), "--format", "json")
    schema = json.loads((ROOT / "docs" / "review.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for day in ("2026-08-31", "2026-10-31"):
        document = json.loads((tmp_path / f"review-{day}.json").read_text(encoding="utf-8"))
        Draft202012Validator(schema).validate(document)
        assert set(document) == set(schema["properties"])


def test_a_review_of_an_earlier_day_uses_nothing_recorded_later(filled, tmp_path):
    arguments = ("review", "--period", "2026-06", "--format", "json,html", "--no-keep", "--out")
    filled(*arguments, str(tmp_path / "before"))
    filled("log", "sign", "Anchor Bakery", "disrespect", "--on", "2026-07-03")
    filled("log", "hours", "Anchor Bakery", "20", "--on", "2026-08-03")
    filled("log", "invoice", "Anchor Bakery", "X-9", "700", "--issued", "2026-07-05", "--due", "2026-08-05")
    filled(*arguments, str(tmp_path / "after"))
    for kind in ("json", "html"):
        one, two = ((tmp_path / when / f"review-2026-06-30.{kind}").read_bytes() for when in ("before", "after"))
        assert one == two


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("month", date(2026, 10, 1), date(2026, 10, 31)),
        ("quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2025-11..2026-01", date(2025, 11, 1), date(2026, 1, 31)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 14)),
    ],
)
def test_periods_are_whole_months_and_end_no_later_than_today(text, first, last):
    found = period_of(text, date(2026, 11, 14))
    assert (found.first_day, found.last_day) == (first, last)


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-05..2026-03", "2027-01", "year"])
def test_a_period_that_is_none_is_refused(text):
    with pytest.raises(InvalidSettings):
        period_of(text, date(2026, 11, 14))


def test_a_quarter_that_ends_today_is_over():
    assert period_of("quarter", date(2026, 9, 30)).last_day == date(2026, 9, 30)


def test_a_schedule_is_shown_written_only_on_a_yes_and_taken_back(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    arguments = ("review", "--install-schedule", "quarter", "--out", str(tmp_path / "100 % reviews"))
    told = filled(*arguments, code=1)
    units = tmp_path / ".config" / "systemd" / "user"
    assert "OnCalendar=*-01,04,07,10-01 08:00:00" in told and "0 8 1 1,4,7,10 *" in told and not units.exists()
    assert "enable --now" in filled(*arguments, "--yes")
    service, clock = (
        (units / f"two-in-the-bush-review.{kind}").read_text(encoding="utf-8") for kind in ("service", "timer")
    )
    assert '"--period" "quarter"' in service and '100 %% reviews"' in service and "Persistent=true" in clock
    filled("review", "--remove-schedule")
    assert not list(units.iterdir())
    written = filled.json(*arguments, "--yes")["written"]
    assert sorted(written) == sorted(map(str, units.iterdir()))
    assert sorted(filled.json("review", "--remove-schedule")["removed"]) == sorted(written)
    filled("review", "--install-schedule", "year", "--out", str(tmp_path), code=2)


def test_a_reminder_for_the_calendar_comes_back_every_month_and_quarter(filled, tmp_path):
    from icalendar import Calendar

    assert filled.json("review", "--reminder", str(tmp_path / "review.ics")) == {
        "reminder": str(tmp_path / "review.ics")
    }
    events = Calendar.from_ical((tmp_path / "review.ics").read_bytes()).walk("VEVENT")
    days = {str(event["summary"])[:8]: event.decoded("dtstart") for event in events}
    assert days == {"Check-in": date(2026, 10, 31), "Client r": date(2027, 1, 1)}
    assert [int(event["rrule"]["interval"][0]) for event in events if "interval" in event["rrule"]] == [3]


def _pdf_text(path: Path) -> str:
    from pypdf import PdfReader

    reader = PdfReader(path)
    assert reader.outline  # bookmarks
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
