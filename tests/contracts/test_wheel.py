"""The wheel carries everything that is not code but that the code reads."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


def test_every_file_of_the_three_folders_is_in_the_wheel(wheel: Path):
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing to compare the wheel with")
    command = ["git", "ls-files", "model", "app", "data"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    tracked = {path for path in listing if (ROOT / path).exists()}
    assert tracked
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert tracked - packed == set()


def test_the_wheel_holds_nothing_else_at_its_top(wheel: Path):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"model", "app", "data", "two_in_the_bush-0.1.0.dist-info"}


def test_the_command_bush_is_declared(wheel: Path):
    entry_points = zipfile.ZipFile(wheel).read("two_in_the_bush-0.1.0.dist-info/entry_points.txt").decode()
    assert "bush = app.cli:main" in entry_points


def test_the_installed_catalogue_is_found_far_from_the_checkout(wheel: Path, tmp_path: Path):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    script = (
        "import model.catalogue as c, model.advice as a;"
        "print(c.__file__, len(c.load().signs), len(a.exit_steps()), len(a.screening_items()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == [str(site / "model" / "catalogue.py"), "51", "12", "12"]
