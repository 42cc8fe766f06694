"""A piece of evidence weighs what the answer loses without it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from model import catalogue as signs
from model.belief import update
from model.catalogue import TRAITS
from model.errors import UnknownClient
from model.evidence import N_SAMPLES_OF_RECORDS, Weight, decibans, record_weights, weights
from model.judged import Judgement
from model.judgement import judge
from model.population import from_prior
from model.records import CheckIn, Client, Event, Hours, Invoice, Records, Sighting

CATALOGUE = signs.load()
TODAY = date(2026, 6, 20)
POPULATION = from_prior(CATALOGUE, rng=np.random.default_rng(8), n_samples=80)
ANNA = Client(
    name="Anna", currency="EUR", since=date(2026, 1, 1), billing="retainer", fee_per_month=Decimal(2400),
    agreed_hours_per_month=30.0,
)  # fmt: skip
BARE = Records(clients=(ANNA, replace(ANNA, name="Bo")))
CHECKED = replace(BARE, checkins=tuple(CheckIn(client="Anna", month=date(2026, m, 1), energy=3) for m in range(1, 6)))


def judged(records: Records) -> Judgement:
    return judge(records, POPULATION, today=TODAY)


def weighed(records: Records, client: str = "Anna") -> dict[str, Weight]:
    return {w.subject: w for w in weights(judged(records), client)}


def sighting(sign: str, month: int = 4) -> Sighting:
    return Sighting(client="Anna", on=date(2026, month, 9), sign=sign)


def invoice(month: int, days: int) -> Invoice:
    issued = date(2026, month, 1)
    return Invoice(
        client="Anna", number=str(month), issued=issued, due=date.fromordinal(issued.toordinal() + 14),
        amount=Decimal(2400), currency="EUR", paid_on=date.fromordinal(issued.toordinal() + days),
    )  # fmt: skip


def test_independent_evidence_adds_up_in_decibans():
    # Two signs seen and one absent move a chance of one in five to a little better than even.
    odds = 0.2 / 0.8 * 3 * 2.5 * (0.6 / 0.9)
    posterior = odds / (1 + odds)
    assert posterior == pytest.approx(0.5555556, abs=1e-7)
    assert decibans(posterior) == pytest.approx(0.9691, abs=1e-4)
    ratios = (3, 2.5, 0.6 / 0.9)
    assert decibans(0.2) + sum(decibans(r / (1 + r)) for r in ratios) == pytest.approx(decibans(posterior))
    assert decibans(0.5) == 0 and decibans(10 / 11) == pytest.approx(10)


@pytest.mark.parametrize("sign", [s for s in CATALOGUE.ticked if s.grade in ("serious", "good")], ids=lambda s: s.id)
def test_a_warning_sign_speaks_against_the_client_and_a_good_sign_for_it(sign: signs.Sign):
    weight = weighed(replace(CHECKED, sightings=(sighting(sign.id),)))[sign.id]
    direction = 1 if sign.is_good else -1
    assert direction * weight.money > 0 and direction * weight.decibans >= 0
    assert direction * weight.strain[TRAITS.index(sign.trait)] < 0
    assert weight.records == 1 and weight.label == sign.label


def test_the_same_sign_seen_twice_is_one_piece_of_evidence_that_weighs_more():
    once = weighed(replace(CHECKED, sightings=(sighting("disrespect"),)))["disrespect"]
    twice = weighed(replace(CHECKED, sightings=(sighting("disrespect", 2), sighting("disrespect"))))["disrespect"]
    assert twice.records == 2 and twice.money < once.money < 0


def test_late_payments_speak_against_a_client_and_prompt_ones_for_it():
    # Of months without a check-in: in a checked one, "never late" speaks for the client once the invoice is left out.
    late = weighed(replace(BARE, invoices=tuple(invoice(m, 45) for m in range(1, 4))))["invoices"]
    prompt = weighed(replace(BARE, invoices=tuple(invoice(m, 5) for m in range(1, 4))))["invoices"]
    assert late.strain[0] > 0 > late.money and prompt.strain[0] < 0 < prompt.money
    assert late.records == 3


def test_only_what_was_recorded_is_weighed():
    assert weighed(BARE) == {}
    assert set(weighed(CHECKED)) == {"energy", "check_ins"}
    unrated = replace(CHECKED, checkins=tuple(replace(c, energy=None) for c in CHECKED.checkins))
    assert set(weighed(unrated)) == {"check_ins"}
    note = Event(client="Anna", on=date(2026, 3, 1), kind="note")
    assert set(weighed(replace(CHECKED, events=(note,)))) == {"energy", "check_ins"}
    everything = replace(
        CHECKED, invoices=(invoice(1, 20),), sightings=(sighting("disrespect"),),
        hours=(Hours(client="Anna", on=date(2026, 3, 5), hours=40.0),), events=(replace(note, kind="referral"),),
        clients=(replace(ANNA, standing_signs=("friends_or_family",)), BARE.clients[1]),
    )  # fmt: skip
    found = weighed(everything)
    assert set(found) == {
        "energy", "check_ins", "invoices", "disrespect", "hours", "events", "friends_or_family",
    }  # fmt: skip
    assert weighed(everything, "Bo") == {}


def test_records_from_after_today_weigh_nothing():
    tomorrow = Sighting(client="Anna", on=date(2026, 6, 21), sign="disrespect")
    assert weighed(replace(CHECKED, sightings=(tomorrow,))) == weighed(CHECKED)


def test_the_heaviest_piece_of_evidence_comes_first():
    told = replace(CHECKED, sightings=(sighting("disrespect"), sighting("clock_watching")))
    money = [abs(w.money) for w in weights(judged(told), "Anna")]
    assert money == sorted(money, reverse=True) and len(money) == 4


def test_weighing_a_client_who_is_not_there_is_refused_by_name():
    with pytest.raises(UnknownClient, match="Carl"):
        weights(judged(CHECKED), "Carl")


def test_a_record_weighs_what_the_strain_loses_without_it():
    told = replace(
        CHECKED, sightings=(sighting("disrespect"), sighting("clock_watching")),
        invoices=(invoice(1, 45), invoice(2, 20)), hours=(Hours(client="Anna", on=date(2026, 3, 5), hours=40.0),),
    )  # fmt: skip
    found = {w.label: w for w in record_weights(judged(told), "Anna")}
    rests = {
        "Invoice 1 of 2026-01-01": replace(told, invoices=told.invoices[1:]),
        f"{CATALOGUE['disrespect'].label}, 2026-04": replace(told, sightings=told.sightings[1:]),
        "Hours of 2026-03": replace(told, hours=()),
    }
    few = POPULATION.thinned(min(N_SAMPLES_OF_RECORDS, POPULATION.n_samples // 4))
    whole = update(few, told, CATALOGUE, today=TODAY).summary("Anna")[0]
    for label, rest in rests.items():
        # Leaving out the hours uncovers signs that hours had measured; they are not what is weighed.
        without = update(few, rest, CATALOGUE, today=TODAY).summary("Anna")[0]
        far = 0.15 if label.startswith(("Hours", "Invoice")) else 1e-9
        assert found[label].strain == pytest.approx(tuple(whole - without), abs=far)
        assert found[label].records == 1
    assert len(found) == 5


def test_the_late_one_of_two_invoices_is_named():
    told = replace(CHECKED, invoices=(invoice(1, 60), invoice(2, 3)))
    late, prompt = (
        next(w for w in record_weights(judged(told), "Anna") if w.label.startswith(f"Invoice {n}")) for n in (1, 2)
    )
    assert late.money < 0 < prompt.money and late.strain[0] > 0 > prompt.strain[0]


def test_records_older_than_a_year_are_weighed_by_kind_only():
    old = replace(CHECKED, invoices=(replace(invoice(1, 20), issued=date(2024, 1, 1), due=date(2024, 1, 20)),))
    assert weighed(old)["invoices"].records == 1
    assert all(w.subject != "invoice" for w in record_weights(judged(old), "Anna"))
