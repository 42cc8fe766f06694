"""Every prior is an interval someone can disagree with, with a reason and a source."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import catalogue as signs
from model import priors as prior_table
from model.days import log_days
from model.errors import CatalogueError, InvalidSettings
from model.parameters import Layout
from model.priors import Z95, Prior
from model.settings import Belief, Settings

CATALOGUE = signs.load()
PRIORS = prior_table.load()
ENDS = np.array([-Z95, 0.0, Z95])


@given(shape=st.sampled_from(["normal", "positive"]), low=st.floats(0.01, 50), width=st.floats(0.01, 50))
def test_the_stated_ends_are_the_5_and_95_percent_points(shape, low: float, width: float):
    prior = Prior(name="a", shape=shape, low=low, high=low + width)
    found = prior.from_standard(ENDS)
    middle = np.sqrt(low * (low + width)) if shape == "positive" else low + width / 2
    assert found == pytest.approx([low, middle, low + width])


def test_every_shipped_prior_says_why_and_from_where():
    assert all(prior.reason.endswith(".") and prior.source.endswith(".") for prior in PRIORS.rows)
    assert all(base.reason and strength.reason for _, base, strength in PRIORS.grades)
    assert len({prior.name for prior in PRIORS.rows}) == len(PRIORS.rows)


def test_a_graver_sign_is_rarer_and_tells_more():
    order = ("mild", "moderate", "serious", "grave")
    by_grade = {grade: (base, strength) for grade, base, strength in PRIORS.grades}
    assert set(by_grade) == {sign.grade for sign in CATALOGUE.signs}
    bases = [by_grade[grade][0].location for grade in order]
    strengths = [by_grade[grade][1].location for grade in order]
    assert bases == sorted(bases, reverse=True) and strengths == sorted(strengths)


def test_every_parameter_has_a_prior_of_its_size():
    layout = Layout.of(CATALOGUE)
    location, scale, positive = PRIORS.location_and_scale(CATALOGUE, layout)
    assert len(location) == len(scale) == len(positive) == layout.free
    assert (scale > 0).all() and set(positive) == {0.0, 1.0}
    sized = dict(layout.free_blocks)
    apart = ("market", "volume", "standing", "relief_office_hours", "price_wear")
    stated = [prior for prior in PRIORS.rows if not prior.name.startswith(apart)]
    assert all(sized[prior.name] == prior.size for prior in stated)


def test_a_user_may_believe_something_else_about_a_named_parameter():
    other = PRIORS.believing({"half_life": (3.0, 6.0)})
    assert (other["half_life"].low, other["half_life"].high) == (3.0, 6.0)
    assert other["half_life"].reason == PRIORS["half_life"].reason
    assert other["hours_shift"] == PRIORS["hours_shift"]


@pytest.mark.parametrize("interval", [(2.0, 2.0), (3.0, 1.0), (-1.0, 5.0), (0.0, 5.0)])
def test_an_interval_the_wrong_way_round_or_below_zero_is_refused_by_name(interval: tuple[float, float]):
    with pytest.raises(InvalidSettings, match=r"half_life.*low end must lie below the high end and above zero"):
        PRIORS.believing({"half_life": interval})


def test_an_unknown_prior_or_shape_is_refused():
    with pytest.raises(InvalidSettings, match="'charm'"):
        PRIORS.believing({"charm": (0.0, 1.0)})
    with pytest.raises(InvalidSettings, match="normal or positive"):
        Prior(name="a", shape="uniform", low=0.0, high=1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["not toml [", "[[prior]]\nname = 'a'\n", "[correlation]\neta = 4.0\n"])
def test_a_broken_table_of_priors_is_refused_with_its_name(text: str, tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"mine\.toml"):
        prior_table.load(path)
    with pytest.raises(CatalogueError, match=r"nowhere\.toml"):
        prior_table.load(tmp_path / "nowhere.toml")


def test_every_prior_asks_a_question_and_hears_the_answer_it_tells():
    for prior in PRIORS.every:
        assert prior.question.endswith("?") and prior.reason and prior.source
        assert [prior.heard(prior.told(end)) for end in (prior.low, prior.high)] == pytest.approx(
            [prior.low, prior.high]
        )
    assert len({prior.name for prior in PRIORS.every}) == len(PRIORS.every)


WORSE_WHEN_HIGHER = {"invoice_shift", "never_paid_base", "hours_shift", "energy_first_cut", "leave_base"}


@pytest.mark.parametrize(("chosen", "sign"), [("sceptical", 1.0), ("hopeful", -1.0)])
def test_a_set_moves_each_opinion_half_a_standard_deviation_its_own_way_and_narrows_none(chosen: str, sign: float):
    moved = prior_table.of(Settings(prior_set=chosen))
    names = [name for name, _, _, reason in prior_table.set_called(chosen).intervals if reason.endswith(".")]
    assert len(names) == len(prior_table.set_called(chosen).intervals) == 10
    for name in names:
        shipped = PRIORS[name]
        steps = (moved[name].location - shipped.location) / shipped.scale
        assert steps * (sign if name in WORSE_WHEN_HIGHER else -sign) == pytest.approx(0.5, abs=0.1), name
        assert moved[name].scale == pytest.approx(shipped.scale, rel=0.02), name
    assert prior_table.set_called(chosen).reason.endswith(".")


def test_the_neutral_set_is_the_shipped_one_and_ones_own_interval_stands_above_any_set():
    assert prior_table.of(Settings()) == PRIORS
    mine = Belief(name="invoice_shift", low=0.0, high=0.1)
    held = prior_table.of(Settings(prior_set="sceptical", beliefs=(mine,)))
    assert (held["invoice_shift"].low, held["invoice_shift"].high) == (0.0, 0.1)
    assert held["leave_base"] != PRIORS["leave_base"]


def test_the_prior_of_a_grade_goes_by_its_name_into_every_sign_of_that_grade():
    held = prior_table.of(Settings(beliefs=(Belief(name="grave_strength", low=2.0, high=3.0),)))
    grave = next(sign for sign in CATALOGUE.signs if sign.grade == "grave")
    assert (held.of_sign(grave)[1].low, held.of_sign(grave)[1].high) == (2.0, 3.0)


def test_payment_priors_are_asked_for_in_days():
    day, later = PRIORS["invoice_shift"], PRIORS["invoice_slope"]
    assert (day.told(0.0), later.told(0.0)) == (pytest.approx(30.0), pytest.approx(0.0))
    assert log_days(day.told(0.1)) == pytest.approx(log_days(30) + 0.1)
    assert later.told(0.1) == pytest.approx(day.told(0.1) - 30)


@pytest.mark.parametrize("prior", PRIORS.rows, ids=lambda prior: prior.name)
def test_an_interval_is_heard_as_it_is_told(prior):
    assert [prior.heard(prior.told(end)) for end in (prior.low, prior.high)] == pytest.approx([prior.low, prior.high])


def test_a_payment_before_its_invoice_is_refused():
    with pytest.raises(InvalidSettings, match="before it is issued"):
        PRIORS["invoice_shift"].heard(-1.0)
