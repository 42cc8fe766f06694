"""Every text of the terminal and of a review goes through the catalogues; help is in the language of the terminal."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import texts
from app.store import open_portfolio
from model import catalogue, priors

COMMANDS = (
    ("decide",), ("decide", "Anchor Bakery"), ("explain", "Anchor Bakery"), ("forecast", "Anchor Bakery"), ("check",),
    ("exit", "Anchor Bakery"), ("plan",), ("prospect",), ("search-first",), ("search-first", "Anchor Bakery"),
    ("scenario", "compare"), ("signs",), ("priors",), ("priors", "check"), ("history",), ("fit", "--status"),
    ("review", "--list"),
)  # fmt: skip


@pytest.fixture
def marked(filled, marking, monkeypatch: pytest.MonkeyPatch):
    """The small portfolio in a language that marks what it says."""
    monkeypatch.setenv("COLUMNS", "4000")
    filled("add", "prospect", "Fresh Ferry", "--fee", "900", "--hours", "20")
    filled("scenario", "save", "Raise", "--raise", "15")
    portfolio = open_portfolio(filled.database)
    portfolio.save_settings(replace(portfolio.settings, language="da"))
    return filled


def unmarked(said: str, spared: tuple[str, ...]) -> set[str]:
    for name in spared:
        said = said.replace(name, "")
    # A day, or a month, as Danish writes it.
    said = re.sub(r"\d+\. [a-z]{3}\. \d{4}|\b(?:september|oktober|november)\b", "", said)
    said = re.sub(r"\b[0-9a-f]{16}\b", "", said)  # a digest
    return {line.strip() for line in said.split("\n") if re.search("[A-Za-z]{2}", line)}


# What no language changes: names, amounts and ids.
SPARED = (
    *("Anchor Bakery", "Moody Museum", "Fresh Ferry", "EUR"),
    *(sign.id for sign in catalogue.load().signs),
    *(prior.name for prior in priors.load().every),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_text_of_a_command_can_be_translated(marked, marking, command: tuple[str, ...]):
    # What was written before is told in the language it was written in.
    written = [batch.summary for batch in open_portfolio(marked.database).history()]
    assert not unmarked(marking(marked(*command)), (*written, *SPARED))


def test_every_text_of_a_review_can_be_translated(marked, marking, tmp_path: Path):
    marked("review", "--out", str(tmp_path), "--format", "md", "--compare", "2026-10-31")
    said = next(tmp_path.glob("*.md")).read_text(encoding="utf-8")
    # The settings stand in it as the file they could be read from.
    read = "\n".join(line for line in said.split("\n") if not line.startswith("    "))
    assert "Anchor Bakery" in read and not unmarked(marking(read.replace("\\", "")), SPARED)


def test_a_web_page_of_a_review_says_what_language_it_is_in(filled, tmp_path: Path):
    portfolio = open_portfolio(filled.database)
    portfolio.save_settings(replace(portfolio.settings, language="hu"))
    filled("review", "--out", str(tmp_path), "--format", "html,pdf")
    page = next(tmp_path.glob("*.html")).read_text(encoding="utf-8")
    assert '<html lang="hu">' in page and "2026. okt" in page
    assert next(tmp_path.glob("*.pdf")).read_bytes().startswith(b"%PDF")


def test_a_language_changes_no_number_of_a_document(filled):
    before = filled.json("decide")
    portfolio = open_portfolio(filled.database)
    portfolio.save_settings(replace(portfolio.settings, language="de"))
    after = filled.json("decide")
    assert [one["actions"] for one in after] == [one["actions"] for one in before]


def test_help_is_given_in_the_language_of_the_terminal(tmp_path: Path):
    # A catalogue of two texts, in a copy of nothing but its folder.
    (tmp_path / "da.po").write_text(HELP, encoding="utf-8")
    code = (
        "import sys, pathlib; from model import language; language.FOLDER = pathlib.Path(sys.argv.pop(1));"
        "from app.cli import main; main()"
    )
    asked = [sys.executable, "-c", code, str(tmp_path), "decide", "--help"]
    for variables, heard in (({"LANG": "da_DK.UTF-8"}, True), ({"LANG": "C.UTF-8"}, False), ({"LANG": "xx"}, False)):
        clean = {name: value for name, value in os.environ.items() if name not in ("LANGUAGE", "LC_ALL", "LC_MESSAGES")}
        said = subprocess.run(asked, env=clean | variables, capture_output=True, text=True, check=True).stdout
        assert ("Svar som af denne dag." in said) == heard
        assert ("Answer as of this day." in said) != heard


def test_every_command_has_help_to_translate():
    assert len(set(texts())) > 150 and "Print JSON and nothing else." in set(texts())


HELP = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: da\\n"

msgid "Answer as of this day."
msgstr "Svar som af denne dag."
"""
