"""The tree, the imports and ARCHITECTURE.md tell the same story."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pymc", "pytensor", "nutpie", "arviz", "pandas", "matplotlib", "streamlit")
# Row of the module map: | `model/errors.py` | 0 | what it holds |. A row that ends in / stands for all below it.
ROW = re.compile(r"^\| `((?:model|app)/[^`]*)` \| (\d+|app) \| .+ \|$", re.MULTILINE)


@cache
def module_map() -> dict[str, str]:
    rows = ROW.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    assert len(rows) == len(dict(rows)), "ARCHITECTURE.md lists a module twice"
    return dict(rows)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module with something in it, by its path; a package that is only a docstring needs no row."""
    trees = {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for package in ("model", "app")
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    return {path: tree for path, tree in trees.items() if not (path.endswith("__init__.py") and len(tree.body) <= 1)}


def listed(path: str) -> str | None:
    """The row of the map that speaks for a module."""
    rows = module_map()
    if path in rows:
        return path
    return next((row for row in rows if row.endswith("/") and path.startswith(row)), None)


def imported(tree: ast.Module) -> set[str]:
    """Dotted names a module imports anywhere, `from a import b` giving both a and a.b."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import; name the package in full"
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def siblings(tree: ast.Module) -> set[str]:
    """Paths of the modules of this project that a module imports."""
    paths = (name.replace(".", "/") + ".py" for name in imported(tree))
    return {path for path in paths if path in modules()}


def test_every_module_has_its_row_in_the_module_map():
    missing = [path for path in modules() if listed(path) is None]
    assert not missing, "add to the module map of ARCHITECTURE.md:\n" + "\n".join(missing)


def test_every_row_of_the_module_map_has_its_module():
    gone = [row for row in module_map() if not (ROOT / row).exists()]
    assert not gone, "ARCHITECTURE.md lists modules that do not exist:\n" + "\n".join(gone)


def test_the_model_never_imports_what_faces_the_world():
    wrong = {
        path: faced
        for path, tree in modules().items()
        if path.startswith("model/")
        and (faced := {name for name in imported(tree) if name.split(".")[0] in ("app", "streamlit", "sqlalchemy")})
    }
    assert not wrong


def test_a_module_of_the_model_imports_lower_levels_only():
    levels = {row: int(level) for row, level in module_map().items() if level.isdigit()}
    wrong = [
        f"{path} (level {levels[path]}) imports {other} (level {levels[other]})"
        for path, tree in modules().items()
        if path in levels
        for other in sorted(siblings(tree))
        if other in levels and levels[other] >= levels[path]
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_of_the_model_carry_a_level_and_those_of_the_app_do_not():
    assert all((level == "app") == row.startswith("app/") for row, level in module_map().items())


@pytest.mark.parametrize("name", ["model.decision", "model.actions", "model.belief", "app.cli"])
def test_what_answers_at_once_loads_no_heavy_library(name):
    if not (ROOT / (name.replace(".", "/") + ".py")).exists():
        pytest.skip(f"{name} is not written yet")
    script = f"import sys, {name}; print(*sorted({{m.split('.')[0] for m in sys.modules}} & set({HEAVY!r})))"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
