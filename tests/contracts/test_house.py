"""What the documents promise about building and running is there."""

import re
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from model.catalogue import load
from model.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "data").glob("*.md")),
]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_target_and_file_a_document_names_exists(document: Path):
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:`|^|\s)(?:FAST=1 )?make ([a-z-]+)`", text)) | set(
        re.findall(r"^make ([a-z-]+)$", text, re.MULTILINE)
    )
    assert targets <= TARGETS
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_make_alone_lists_every_public_target_with_what_it_does():
    listing = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in listing.splitlines()} == TARGETS
    assert {"app", "test", "check", "bench"} <= TARGETS


def test_every_decision_is_in_the_list_of_decisions():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in folder.glob("0*.md") if f"({page.name})" not in index] == []


def test_the_lock_holds_a_hash_for_everything_and_the_address_of_nobody():
    assert "://" not in LOCK
    assert not re.search(r"^\s*--(?!hash=sha256:)", LOCK, re.MULTILINE)
    pinned = re.split(r"\n(?=[a-z0-9])", LOCK)
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_the_lock_covers_what_the_project_asks_for():
    asked = {
        re.split(r"[\[<>=~!; ]", requirement)[0].lower()
        for requirement in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"])
    }
    pinned = set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.MULTILINE))
    assert asked - pinned == set()


def test_the_data_dictionary_names_every_setting():
    dictionary = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    listed = dictionary.split("`settings.toml` holds")[1]
    assert [field.name for field in fields(Settings) if field.name not in listed] == []


def test_the_table_of_signs_is_the_catalogue():
    table = (ROOT / "docs" / "signs.md").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{sign.id}` | {sign.label} | {sign.question} | {sign.kind} | {sign.grade} | {' '.join(sign.sources)} |"
        for sign in load().signs
    ]
