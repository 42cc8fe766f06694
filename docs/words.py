"""Gather every text people read into `data/words/bush.pot`, and bring the catalogue of each language up to it.

Texts are found where the program says them: the literals given to `phrase` and its kin in `model.language`, the help of
every command, and what the data files hold. Translations that are there are kept; those of a text that is no more
stay at the end of the file, as obsolete. An editor of catalogues brings one up to the template to translate the rest.

    make words
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "data" / "words"
TEMPLATE = WORDS / "bush.pot"
PAIRS = {"Plurals"}
# Fields of the data files that people read, beside the signs, whose words are said by what they are of.
FIELDS = {
    "leaving.toml": ("title", "what", "text", "moment"), "probes.toml": ("title",), "prior_sets.toml": ("reason",),
    "screening.toml": ("title", "what"),
}  # fmt: skip

type Text = str | tuple[str, str]


def main() -> None:
    """Write the template, and merge it into every catalogue."""
    template = gathered()
    TEMPLATE.write_bytes(as_file(template))
    for path in sorted(WORDS.glob("*.po")):
        catalogue = merged(read(path), template)
        path.write_bytes(as_file(catalogue))
        said = sum(bool(message.id) for message in catalogue)
        sys.stdout.write(f"{path.stem}: {said} of {len(template)} texts are translated.\n")


def merged(catalogue: Catalog, template: Catalog) -> Catalog:
    """A catalogue with what it translates of the template; the rest is in the template, and needs no second place."""
    catalogue.update(template, no_fuzzy_matching=True)
    for message in list(catalogue):
        if message.id and not any(message.string if isinstance(message.string, tuple) else (message.string,)):
            catalogue.delete(message.id, message.context)
    return catalogue


def gathered() -> Catalog:
    """Every text, with the file it is said in."""
    found = Catalog(project="two-in-the-bush", charset="utf-8", fuzzy=False)
    for text, context, where in (*_of_code(), *_of_signs(), *_of_data(), *_of_commands()):
        found.add(text, context=context, locations=[(where, None)])
    return found


def read(path: Path) -> Catalog:
    """A catalogue as it is on the disk."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def as_file(catalogue: Catalog) -> bytes:
    """A catalogue as the bytes of its file: sorted, and without a moment in it, so that only texts change it."""
    written = BytesIO()
    write_po(written, catalogue, sort_output=True, include_lineno=False, width=120, omit_header=True)
    head = {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    if catalogue.locale is not None:
        head |= {"Language": catalogue.locale_identifier, "Plural-Forms": catalogue.plural_forms}
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in head.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + written.getvalue()


type Found = Iterator[tuple[Text, str | None, str]]


def _of_code() -> Found:
    for path in sorted((*(ROOT / "app").rglob("*.py"), *(ROOT / "model").rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for text in _texts(node):
                    yield text, None, path.relative_to(ROOT).as_posix()


def _texts(call: ast.Call) -> Iterator[Text]:
    name = call.func.value if isinstance(call.func, ast.Subscript) else call.func
    name = name.id if isinstance(name, ast.Name) else ""
    if name in PAIRS:
        for node in ast.walk(call):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and all(map(_is_text, node.elts)):
                one, many = (element.value for element in node.elts)
                yield one, many
    elif name == "phrase_of" and len(call.args) == 3 and all(map(_is_text, call.args[1:])):
        yield call.args[1].value, call.args[2].value
    elif name in ("phrase", "Later", "marked") and call.args and _is_text(call.args[0]):
        yield call.args[0].value
    elif name in ("refuse", "_refuse") and call.args and _is_text(call.args[-1]):
        yield call.args[-1].value
    elif name == "Headings":
        yield from (node.value for node in call.args if _is_text(node))
    elif name == "Phrases":
        for table in call.args:
            if isinstance(table, ast.Dict):
                yield from (node.value for node in table.values if _is_text(node))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _of_signs() -> Found:
    from model.catalogue import load

    for sign in load().signs:
        yield sign.label, sign.id, "data/signs.toml"
        yield sign.question, sign.id, "data/signs.toml"


def _of_data() -> Found:
    from app.imports.columns import FILES
    from model import priors

    for name, wanted in FIELDS.items():
        for rows in tomllib.loads((ROOT / "data" / name).read_text(encoding="utf-8")).values():
            for row in rows if isinstance(rows, list) else ():
                yield from ((row[field], None, f"data/{name}") for field in wanted if row.get(field))
    for kind in FILES:
        yield from ((column.title, None, "app/imports/columns.py") for column in kind.columns)
    for chosen in priors.sets():
        yield from ((reason, None, "data/prior_sets.toml") for *_, reason in chosen.intervals)
    for prior in priors.load().every:
        yield from (
            (text, None, "data/priors.toml")
            for text in (prior.question, prior.reason, prior.source, prior.unit)
            if text
        )


def _of_commands() -> Found:
    from app.cli import texts

    yield from ((text, None, "app/cli.py") for text in texts())


if __name__ == "__main__":
    main()
