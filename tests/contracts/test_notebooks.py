"""Notebooks and the Python of the README run as they stand."""

import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXTS = sorted((ROOT / "notebooks").glob("*.py"))
# Words each notebook prints when it has come to its end.
PRINTED = {
    "01-priors": ("half_life", "10 % point", "instead of"),
    "02-fit-and-check": ("reliable", "figures lie outside", "new fit is"),
    "03-month-by-month": ("a trait moved by", "2026-10-31", "Months in which other signs were absent", "dB"),
    "04-calibration": ("belief", "clients in each tenth", "inside their band"),
    "05-two-in-the-bush": (
        "8.833416",
        "7.892327",
        "0.972327",
        "0.571424",
        "Search first, and",
        "accept",
        "Raise by 15 %",
    ),
    "06-joint-plan": ("worth about", "gives up", "strain"),
    "first-answer": ("renegotiate", "invoice_shift", "decibans"),
}


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_a_notebook_is_the_same_as_its_text(text: Path):
    written, shown = jupytext.read(text), jupytext.read(text.with_suffix(".ipynb"))
    assert [(cell.cell_type, cell.source) for cell in written.cells] == [
        (cell.cell_type, cell.source) for cell in shown.cells
    ]


def test_every_notebook_has_its_text():
    assert [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))] == [path.stem for path in TEXTS]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing_of_its_own(text: Path):
    assert re.findall(r"^(?:def|class) .*", text.read_text(encoding="utf-8"), re.MULTILINE) == []


@pytest.mark.slow
@pytest.mark.timeout(700)
@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
# The kernel's own machinery warns of its future; what the cells warn of fails in the kernel.
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs_from_top_to_bottom(text: Path):
    from nbclient import NotebookClient

    notebook = jupytext.read(text.with_suffix(".ipynb"))
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(text.parent)}}).execute()
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert [word for word in PRINTED[text.stem] if word not in printed] == []


def test_the_python_of_the_readme_runs_and_prints_a_verdict_per_client(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert (
        len(re.findall(r"^.+: (?:keep|renegotiate|drop|wait|too_close|deal_breaker), ", capsys.readouterr().out, re.M))
        == 12
    )
