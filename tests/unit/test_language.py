"""Texts, numbers and days in the language spoken."""

import os
import subprocess
import sys
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from model import language
from model.language import (
    Headings,
    Phrases,
    Plurals,
    capital,
    kept,
    listed,
    marks_and_months,
    number_typed,
    phrase,
    phrase_of,
    speaking,
    spoken,
    translated,
    written,
)

ROMANIAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: ro\\n"
"Plural-Forms: nplurals=3; plural=(n == 1 ? 0 : n == 0 || n != 1 && n % 100 >= 1 && n % 100 <= 19 ? 1 : 2);\\n"

msgid "Keep"
msgstr "Păstrează"

msgid "{name} owes {amount:,.2f} since {day:%d %B %Y}."
msgstr "Din {day:%d %B %Y}, {name} datorează {amount:,.2f}."

msgid "{count} client"
msgid_plural "{count} clients"
msgstr[0] "{count} client"
msgstr[1] "{count} clienți"
msgstr[2] "{count} de clienți"
"""


@pytest.fixture
def romanian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "ro.po").write_text(ROMANIAN, encoding="utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.translations.cache_clear()
    with speaking("ro"):
        yield
    language.translations.cache_clear()


def owed() -> str:
    return phrase(
        "{name} owes {amount:,.2f} since {day:%d %B %Y}.", name="{day}", amount=Decimal("1234.5"), day=date(2026, 3, 4)
    )


def test_english_is_what_the_program_is_written_in():
    assert owed() == "{day} owes 1,234.50 since 04 March 2026."
    assert phrase_of(1, "{count} client", "{count} clients") == "1 client"
    assert phrase_of(0, "{count} client", "{count} clients") == "0 clients"


def test_a_translation_may_turn_the_order_and_writes_numbers_and_days_its_own_way(romanian):
    assert owed() == "Din 4 martie 2026, {day} datorează 1.234,50."


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 client"), (2, "2 clienți"), (20, "20 de clienți"), (101, "101 clienți")]
)
def test_a_language_has_as_many_plurals_as_it_has(romanian, count: int, said: str):
    assert phrase_of(count, "{count} client", "{count} clients") == said
    assert Plurals({"who": ("{count} client", "{count} clients")}).of(count, "who") == said


def test_what_a_catalogue_lacks_is_said_in_english(romanian):
    assert phrase("Drop") == "Drop" and translated("{not} filled in") == "{not} filled in"
    with speaking("da"):  # no catalogue at all in that folder
        assert phrase("Keep") == "Keep"


def test_tables_of_texts_answer_in_the_language_spoken_when_they_are_asked(romanian):
    verdicts, columns = Phrases({"keep": "Keep"}), Headings("Keep", "Drop")
    assert verdicts["keep"] == "Păstrează" and list(columns) == ["Păstrează", "Drop"] and columns[:1] == ("Păstrează",)
    with speaking("en"):
        assert dict(verdicts) == {"keep": "Keep"} and tuple(columns) == ("Keep", "Drop")


def test_answers_that_are_kept_belong_to_a_language(romanian):
    made = []

    @kept(4)
    def said(what: str) -> str:
        made.append(what)
        return phrase("Keep")

    assert [said("x"), said("x")] == ["Păstrează", "Păstrează"]
    with speaking("en"):
        assert said("x") == "Keep"
    assert len(made) == 2


def test_a_thread_speaks_for_itself(romanian):
    heard = []
    other = threading.Thread(target=lambda: heard.append(spoken()))
    other.start()
    other.join()
    assert heard == ["en"] and spoken() == "ro"


@pytest.mark.parametrize(
    ("code", "number", "day"),
    [
        ("en", "1,234.5", "2026-03-04"), ("de", "1.234,5", "04.03.2026"), ("da", "1.234,5", "4. mar. 2026"),
        ("ro", "1.234,5", "4 mar. 2026"), ("hu", "1\xa0234,5", "2026. márc. 4."),
        ("bg", "1\xa0234,5", "4.03.2026\u202fг."),
    ],
)  # fmt: skip
def test_numbers_and_days_by_language(code: str, number: str, day: str):
    with speaking(code):
        assert written(1234.5, ",.1f") == number and written(date(2026, 3, 4)) == day
        # What is no number is written as it is.
        assert written("1,234.5") == "1,234.5"
        for spec in ("%d %B %Y", "%B %Y", "%b %Y", "%b %y", "%d %B", "%d %b", "%B", "%b"):
            assert written(date(2026, 3, 4), spec)


@pytest.mark.parametrize(
    ("code", "typed", "meant"),
    [
        ("de", "1.250", 1250), ("de", "1.250,50", 1250.5), ("de", "12.5", None), ("hu", "1 250,5", 1250.5),
        ("en", "1.250", None), ("de", "nan", None), ("de", "Infinity", None), ("de", "", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_the_language_writes_it(code: str, typed: str, meant: float | None):
    with speaking(code):
        assert number_typed(typed) == meant


def test_charts_know_the_months_of_the_language():
    with speaking("hu"):
        found = marks_and_months()
    assert found["number"]["decimal"] == "," and found["time"]["months"][0] == "január"
    assert found["time"]["days"][0] == "vasárnap"  # a week of d3 begins on Sunday


def test_things_in_a_row():
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert capital("strain, now") == "Strain, now" and capital("") == ""


def test_a_file_that_is_no_catalogue_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "ro.po").write_text("this is no catalogue", encoding="utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.translations.cache_clear()
    with pytest.raises(ValueError, match=r"ro\.po is no catalogue"), speaking("ro"):
        phrase("Keep")
    language.translations.cache_clear()


def test_english_loads_no_catalogue():
    code = "import sys, model.language as l; l.phrase('a'); l.written(1.0, '.1f'); sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False).returncode == 0
