"""Reference case R31."""

import math

import pytest

from model import bookkeeping as books


def test_the_figures_of_an_agency():
    income = books.adjusted_gross_income(12_000, 2_000)
    assert income == 10_000
    assert books.effective_rate(income, 110) == pytest.approx(90.9091, abs=1e-4)
    assert books.effective_rate(12_000, 110) == pytest.approx(109.0909, abs=1e-4)
    assert books.delivery_margin(income, 110, 55) == pytest.approx(0.395)
    assert books.over_servicing(110, 100) == pytest.approx(0.10)
    assert books.utilisation(95, 140) == pytest.approx(0.67857, abs=1e-5)
    assert books.days_sales_outstanding(18_000, 60_000, 90) == pytest.approx(27)
    assert books.value_weighted_lateness([4_000, 6_000, 2_000], [10, -2, 45]) == pytest.approx(10.8333, abs=1e-4)
    assert books.concentration([40, 25, 15, 10, 10]) == pytest.approx(0.265)
    assert books.effective_clients([40, 25, 15, 10, 10]) == pytest.approx(3.7736, abs=1e-4)


def test_nothing_recorded_is_no_figure_rather_than_zero():
    assert math.isnan(books.effective_rate(100, 0)) and math.isnan(books.concentration([]))
