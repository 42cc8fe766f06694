from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from app.imports.folder import read_folder
from app.opened import EXAMPLE_FOLDER
from model.catalogue import TRAITS, Catalogue, load, spoken
from model.errors import CatalogueError, InvalidRecord, InvalidSettings, UnknownSign
from model.evidence import weights
from model.judgement import judge
from model.population import from_prior
from model.settings import DEFAULT_DEAL_BREAKERS, Language, Settings

SIGN = """
[[sign]]
id = "late_payment"
trait = "payment"
kind = "measured"
measured_by = "invoices"
grade = "serious"
label = "Pays late"
question = "Did they pay late?"
sources = ["HU5"]
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def test_the_catalogue_knows_fifty_one_signs_of_four_traits(catalogue):
    by_trait = {trait: sum(sign.trait == trait for sign in catalogue.signs) for trait in TRAITS}
    assert by_trait == {"payment": 8, "demand": 13, "conduct": 13, "fit": 17}


def test_three_facts_are_asked_once_and_four_signs_are_measured_where_records_allow(catalogue):
    assert {sign.id for sign in catalogue.standing} == {"friends_or_family", "incompatible_values", "outgrown"}
    assert {sign.id: sign.measured_by for sign in catalogue.signs if sign.kind == "measured"} == {
        "late_payment": "invoices",
        "underpays": "hours+invoices",
        "scope_creep": "hours",
        "takes_most_of_time": "hours",
    }
    assert len(catalogue.ticked) == 48


def test_six_good_signs_all_speak_for_the_fit(catalogue):
    good = [sign for sign in catalogue.signs if sign.is_good]
    assert len(good) == 6
    assert {sign.trait for sign in good} == {"fit"}


def test_every_deal_breaker_of_the_default_policy_is_a_grave_sign(catalogue):
    assert {catalogue[breaker.sign].grade for breaker in DEFAULT_DEAL_BREAKERS} == {"grave"}


def test_changing_ones_mind_weighs_less_when_the_client_pays_by_the_hour(catalogue):
    assert [sign.id for sign in catalogue.signs if sign.weaker_when_hourly] == ["changes_mind"]


def test_every_sign_is_asked_as_one_plain_question_under_a_short_label(catalogue):
    for sign in catalogue.signs:
        assert sign.question.endswith("?") and sign.question.count("?") == 1, sign.id
        assert len(sign.question) <= 110, sign.id
        assert 0 < len(sign.label) <= 30, sign.id
    assert len({sign.label for sign in catalogue.signs}) == len(catalogue.signs)
    assert len({sign.question for sign in catalogue.signs}) == len(catalogue.signs)


def test_a_mistyped_sign_is_refused_with_the_nearest_one_as_a_hint(catalogue):
    with pytest.raises(UnknownSign, match=r"'late_payments' is not a sign.*Did you mean 'late_payment'\?"):
        catalogue["late_payments"]
    assert issubclass(UnknownSign, InvalidRecord)


def test_a_sign_far_from_every_known_one_gets_no_misleading_hint(catalogue):
    with pytest.raises(UnknownSign) as refusal:
        catalogue["zzzz"]
    assert "Did you mean" not in str(refusal.value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("not toml at all [", "cannot be read"),
        ("", "cannot be read"),
        (SIGN + SIGN, "same sign id twice"),
        (SIGN.replace('trait = "payment"', 'trait = "money"'), "'money' is not one of payment"),
        (SIGN.replace('grade = "serious"', 'grade = "awful"'), "'awful' is not one of good"),
        (SIGN.replace('measured_by = "invoices"', 'measured_by = "gossip"'), "'gossip' is not one of invoices"),
        (SIGN.replace('measured_by = "invoices"', ""), "measured signs, and only they"),
        (SIGN.replace('kind = "measured"', 'kind = "monthly"'), "measured signs, and only they"),
        (SIGN.replace('label = "Pays late"', ""), "label"),
        (SIGN.replace('["HU5"]', '"HU5"'), "sources must be a list"),
        (SIGN + 'weight = "2"', "weight"),
    ],
)
def test_a_malformed_catalogue_is_refused_with_a_sentence(tmp_path: Path, wrong: str, told: str):
    path = tmp_path / "signs.toml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(CatalogueError, match=told):
        load(path)


def test_a_missing_or_binary_catalogue_is_refused_with_a_sentence(tmp_path: Path):
    with pytest.raises(CatalogueError, match="cannot be read"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(CatalogueError, match="cannot be read"):
        load(tmp_path / "binary.toml")


@pytest.mark.parametrize("language", [code for code in get_args(Language) if code != "en"])
def test_every_language_has_words_of_its_own_for_every_sign(catalogue, language):
    there = spoken(language)
    assert [sign.id for sign in there.signs] == [sign.id for sign in catalogue.signs]
    for words in ("label", "question"):
        said = [getattr(sign, words) for sign in there.signs]
        assert len(set(said)) == len(said) and all(text.strip() == text and text for text in said)
        assert not set(said) & {getattr(sign, words) for sign in catalogue.signs} - {"Sabotage"}
    assert all(sign.question.endswith("?") for sign in there.signs)
    # Words are no part of a sign: an answer given in one language holds in every other.
    assert there == catalogue


def test_a_language_without_words_is_refused():
    with pytest.raises(CatalogueError, match="'xx'"):
        spoken("xx")
    with pytest.raises(InvalidSettings, match="language must be one of"):
        Settings(language="xx")


def test_a_language_changes_no_number_and_is_heard_in_the_weights():
    records = read_folder(EXAMPLE_FOLDER)
    danish = replace(records, settings=replace(records.settings, language="da"))
    draws = from_prior(load(), rng=np.random.default_rng(1), n_samples=24)
    ours, theirs = (judge(r, draws, today=date(2026, 10, 31)) for r in (records, danish))
    assert np.array_equal(ours.net_benefit.values, theirs.net_benefit.values)
    name = ours.decisions[0].client
    here, there = ({w.subject: w for w in weights(j, name)} for j in (ours, theirs))
    assert {s: w.money for s, w in here.items()} == {s: w.money for s, w in there.items()}
    assert {w.label for w in there.values()} & {sign.label for sign in spoken("da").signs}
