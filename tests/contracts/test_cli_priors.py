"""What a person believes before any record, stated at the command line and used in every answer."""

import pytest


def keeping(bush):
    return {decision["client"]: decision["actions"]["keep"]["mean"] for decision in bush.json("decide")}


def test_a_belief_is_stated_in_the_words_of_its_question_used_exported_and_taken_back(filled, tmp_path):
    before = keeping(filled)
    filled("priors", "set", "hours_shift", "1.5", "2.5")
    row = next(row for row in filled.json("priors")["priors"] if row["name"] == "hours_shift")
    assert (row["low"], row["high"]) == pytest.approx((1.5, 2.5)) and row["set_by"] == "you"
    after = keeping(filled)
    assert all(after[client] < before[client] for client in before)
    filled("export", str(tmp_path / "out"))
    assert "[[beliefs]]" in (tmp_path / "out" / "settings.toml").read_text(encoding="utf-8")
    filled("undo")
    assert keeping(filled) == before


def test_a_sceptic_and_a_hopeful_person_get_answers_either_side(filled):
    neutral = keeping(filled)
    filled("priors", "use", "sceptical")
    sceptical = keeping(filled)
    filled("priors", "use", "hopeful")
    hopeful = keeping(filled)
    assert all(sceptical[client] < neutral[client] < hopeful[client] for client in neutral)
    assert {row["set_by"] for row in filled.json("priors")["priors"]} == {"hopeful", "neutral"}
    filled("priors", "reset")
    assert keeping(filled) == neutral


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("set", "charm", "1", "2"), "no prior called 'charm'"),
        (("set", "half_lif", "1", "2"), "Did you mean 'half_life'?"),
        (("set", "half_life", "9", "3"), "must lie below the high end"),
        (("set", "half_life", "0", "3"), "above zero"),
        (("set", "half_life", "nan", "3"), "below the high end"),
        (("set", "leave_base", "2", "200"), "between 0 and 100"),
        (("use", "gloomy"), "choose neutral, sceptical, hopeful"),
        (("reset", "charm"), "no prior called 'charm'"),
    ],
)
def test_what_cannot_be_believed_is_refused_with_a_sentence_and_changes_nothing(filled, arguments, sentence):
    before = filled.json("priors")
    filled("priors", *arguments, code=1)
    assert sentence in filled.stderr and filled.json("priors") == before


def test_one_interval_is_taken_back_by_name_and_the_others_stay(filled):
    filled("priors", "set", "half_life", "3", "6")
    filled("priors", "set", "leave_base", "2", "9")
    filled("priors", "reset", "half_life")
    mine = [row["name"] for row in filled.json("priors")["priors"] if row["set_by"] == "you"]
    assert mine == ["leave_base"]


def test_the_check_holds_ones_own_priors_against_known_figures(filled):
    shipped = {(row["what"], row["of"]): row for row in filled.json("priors", "check")}
    late = shipped["share of invoices paid late", "median"]
    assert late["low"] < late["known"] == 0.2 < late["high"]
    filled("priors", "set", "invoice_shift", "1.2", "1.6")
    assert "outside" in filled("priors", "check")


def test_the_list_is_a_table_for_people(filled):
    shown = filled("priors")
    assert "lost half its weight?" in shown and "7 to 46" in shown and "The neutral set:" in shown
