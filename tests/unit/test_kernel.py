"""Compiled code is kept for the kernels it was compiled from, and a folder that cannot be written costs only time."""

import os
from pathlib import Path

import pytest

from model import kernel

SOURCE = '"""A kernel."""\n\n\n@compiled\ndef twice(x):\n    return 2 * x\n'


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules in which `kernel` believes to lie."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "loops.py").write_text(SOURCE)
    (folder / "words.py").write_text('"""Nothing is compiled here."""\n')
    monkeypatch.setattr(kernel, "__file__", str(folder / "kernel.py"))
    monkeypatch.setattr(kernel, "user_cache_path", lambda *names, **options: tmp_path / "cache")
    monkeypatch.setattr(kernel.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    return folder


def test_a_change_in_any_kernel_changes_the_folder_of_the_compiled_code(kernels: Path):
    before = kernel.cache_folder()
    assert before == kernel.cache_folder() and before.is_dir()
    (kernels / "loops.py").write_text(SOURCE.replace("2 * x", "x + x"))
    assert kernel.cache_folder() != before


@pytest.mark.parametrize("mark", ["@inlined", "@intrinsic()"])
def test_a_new_kernel_changes_the_folder_and_a_module_without_one_does_not(kernels: Path, mark: str):
    before = kernel.cache_folder()
    (kernels / "words.py").write_text('"""Still nothing."""\n')
    assert kernel.cache_folder() == before
    (kernels / "more.py").write_text(SOURCE.replace("@compiled", mark))
    assert kernel.cache_folder() != before


@pytest.mark.parametrize("names", ["LONGEST", "(\n    LONGEST,\n    said,\n)"])
def test_a_constant_that_a_kernel_takes_from_elsewhere_counts_as_its_source(kernels: Path, names: str):
    (kernels / "loops.py").write_text(f"from model.words import {names}\n{SOURCE}")
    before = kernel.cache_folder()
    (kernels / "words.py").write_text("LONGEST = 3\n")
    assert kernel.cache_folder() != before


def test_another_version_of_numba_compiles_anew(kernels: Path, monkeypatch: pytest.MonkeyPatch):
    before = kernel.digest()
    monkeypatch.setattr(kernel.numba, "__version__", "0.0.1")
    assert kernel.digest() != before and len(before) == 12


def test_a_cache_that_cannot_be_written_is_replaced_by_a_temporary_one(kernels: Path, tmp_path: Path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    folder = kernel.cache_folder()
    assert folder.is_dir() and folder.is_relative_to(tmp_path / "temporary")


def test_where_no_common_folder_can_be_written_a_fresh_one_is_made(
    kernels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "cache").write_text("")
    (tmp_path / "temporary").write_text("")
    (tmp_path / "fresh").mkdir()
    monkeypatch.setattr(kernel.tempfile, "mkdtemp", lambda prefix: str(tmp_path / "fresh"))
    assert kernel.cache_folder() == tmp_path / "fresh"


def test_the_real_kernels_are_among_those_that_are_watched():
    watched = [p.name for p in Path(kernel.__file__).parent.glob("*.py") if "\n@compiled\n" in p.read_text("utf-8")]
    assert {"smoother.py", "likelihood.py", "drift.py", "walk.py"} <= set(watched)


def test_compiled_code_that_is_a_month_old_and_of_another_version_is_removed(kernels: Path):
    current = kernel.cache_folder()
    young, old = (current.with_name(f"kernels-{name}") for name in ("young", "old"))
    for folder in (young, old):
        folder.mkdir()
    os.utime(old, (0, 0))
    os.utime(current, (0, 0))
    kernel.forget_old()
    assert current.is_dir() and young.is_dir() and not old.exists()
