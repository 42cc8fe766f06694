"""Whatever parameter a fit leaves unsettled, a person is told in words which one."""

import pytest

from app.parameter_words import in_words, shortcoming
from model import catalogue as signs
from model.fit import names_of_free
from model.parameters import Layout

CATALOGUE = signs.load()
LAYOUT = Layout.of(CATALOGUE)


@pytest.mark.parametrize("place", range(LAYOUT.free + 6))
def test_every_parameter_has_words(place: int):
    name = names_of_free(LAYOUT, CATALOGUE)[place]
    words = in_words(name, CATALOGUE)
    assert words != "one of the figures behind the answers" and "[" not in words and "_" not in words, name


def test_a_parameter_of_a_later_version_still_gives_a_sentence():
    assert "unsettled" in shortcoming("brand_new[3]", CATALOGUE)


def test_the_sentence_names_the_sign_and_what_to_do():
    said = shortcoming("sign_strength[disrespect]", CATALOGUE)
    assert CATALOGUE["disrespect"].label in said and "Record more months" in said and "fit again" in said
