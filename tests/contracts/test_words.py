"""The catalogues of translations: what they hold is what the program says, and can be filled in."""

import ast
import importlib.util
import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog

from model import errors

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("words", ROOT / "docs" / "words.py")
words = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(words)
LANGUAGES = sorted(path.stem for path in words.WORDS.glob("*.po"))


@pytest.fixture(scope="module")
def template() -> Catalog:
    return words.gathered()


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_template_holds_every_text_of_the_program(template):
    assert words.TEMPLATE.read_bytes() == words.as_file(template), "`make words` brings it up to date"
    said = {message.id for message in template}
    assert {
        "Keep",
        "Pays late",
        "Send a friendly reminder and note when they pay",
        "Print JSON and nothing else.",
    } <= said
    assert ("{count:,} client", "{count:,} clients") in said


def test_what_a_database_is_told_is_no_text_to_be_translated(template):
    said = [text for message in template for text in ([message.id] if isinstance(message.id, str) else message.id)]
    assert [text for text in said if re.search(r"current_setting|\b(SELECT|INSERT|CREATE|GRANT)\b", text)] == []


def test_every_text_can_be_filled_in(template):
    for message in template:
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            assert all(name.isidentifier() for name in places(text)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_translates_texts_there_are_with_places_there_are(template, language: str):
    catalogue = words.read(words.WORDS / f"{language}.po")
    assert not catalogue.obsolete, "texts that are no more"
    for message in catalogue:
        if not message.id:
            continue
        source = template.get(message.id, message.context)
        assert source is not None, message.id
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        for said in message.string if isinstance(message.string, tuple) else (message.string,):
            assert said and places(said) <= places(ids[-1]), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_bringing_a_catalogue_up_to_date_twice_changes_nothing(template, language: str, tmp_path: Path):
    catalogue = words.read(words.WORDS / f"{language}.po")
    assert words.as_file(words.merged(catalogue, template)) == (words.WORDS / f"{language}.po").read_bytes()


def test_every_refusal_is_said_in_the_language_of_who_is_refused():
    refusals = {name for name, error in vars(errors).items() if isinstance(error, type)} | {
        "BadParameter", "Fault", "UnreadableCell",
    }  # fmt: skip
    glued = []
    for path in (*(ROOT / "app").rglob("*.py"), *(ROOT / "model").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # The simulator is asked by programs alone.
            if not isinstance(node, ast.Call) or path.name == "simulate.py":
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for said in node.args if name in refusals else ():
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                words = "".join(
                    part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
                )
                if re.search("[a-z]{2}.* ", words):
                    glued.append(f"{path.name}, line {node.lineno}: {words}")
    assert not glued
