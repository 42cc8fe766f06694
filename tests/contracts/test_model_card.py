"""The model card says what the priors say and what they imply."""

import re
from pathlib import Path

import numpy as np

from model import catalogue
from model import priors as prior_table
from model.prior_check import Implied, prior_predictive
from model.priors import Prior

CARD = (Path(__file__).resolve().parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
PRIORS = prior_table.load()


def rows_under(header: str) -> list[str]:
    found = re.search(rf"^\| {header} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", CARD, re.MULTILINE)
    assert found, f"no table {header!r} in docs/model.md"
    return found.group(1).splitlines()


def prior_row(prior: Prior) -> str:
    times = f" × {prior.size}" if prior.size > 1 else ""
    interval = f"{prior.low} to {prior.high}"
    return f"| `{prior.name}`{times} | {prior.shape} | {interval} | {prior.unit} | {prior.reason} | {prior.source} |"


def grade_row(grade: str, base: Prior, strength: Prior) -> str:
    return f"| {grade} | {base.low} to {base.high} | {strength.low} to {strength.high} | {base.reason} |"


def implied_row(row: Implied) -> str:
    def told(value: float) -> str:
        kind = {"share of invoices paid late": ".0%", "days paid after the due date": "+.0f", "days to pay": ".0f"}
        return format(value, kind.get(row.what, ".2f"))

    known = "" if row.known is None else told(row.known)
    return f"| {row.what} | {row.of} | {told(row.middle)} | {told(row.low)} to {told(row.high)} | {known} |"


def test_the_table_of_priors_is_the_file():
    assert rows_under("prior") == [prior_row(prior) for prior in PRIORS.rows]


def test_the_table_of_grades_is_the_file():
    assert rows_under("grade") == [grade_row(*row) for row in PRIORS.grades]


def test_the_prior_of_the_correlations_is_the_file():
    assert f"LKJ with η = {PRIORS.correlation_eta:g}." in CARD


def test_the_table_of_what_the_priors_imply_is_computed_from_them():
    implied = prior_predictive(catalogue.load(), rng=np.random.default_rng(1))
    wanted = [row for row in implied if row.known is not None]
    assert rows_under("figure") == [implied_row(row) for row in wanted]
