"""What is new since a fit is told apart, kind by kind, and a new fit is due where it could say something new."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from model import catalogue as signs
from model import priors
from model.fit import with_ledger
from model.observations import observe
from model.population import Population, from_prior, load, save
from model.records import CheckIn, Client, Event, Hours, Invoice, Records, Sighting
from model.simulate import simulate, typical_population
from model.staleness import Surprise, invoice_ages, staleness, surprise

CATALOGUE, PRIORS = signs.load(), priors.load()
JUNE, JULY = date(2026, 6, 20), date(2026, 7, 25)
ANNA = Client(
    name="Anna & Söhne", currency="EUR", since=date(2026, 1, 1), billing="retainer", agreed_hours_per_month=20.0
)
BO = Client(name="Bo", currency="EUR", since=date(2026, 7, 1), billing="hourly")


def invoice(number: str, month: int, paid: date | None = None, client: Client = ANNA) -> Invoice:
    issued = date(2026, month, 3)
    return Invoice(
        client=client.name, number=number, issued=issued, due=date(2026, month, 28), amount=Decimal(900),
        currency="EUR", paid_on=paid,
    )  # fmt: skip


def checkin(month: int, energy: int | None = 3, client: Client = ANNA) -> CheckIn:
    return CheckIn(client=client.name, month=date(2026, month, 1), energy=energy)


THEN = Records(
    clients=(ANNA,),
    checkins=tuple(checkin(month) for month in (2, 3, 4, 5)),
    sightings=(Sighting(client=ANNA.name, on=date(2026, 3, 9), sign="disrespect"),),
    invoices=(invoice("1", 4, date(2026, 5, 2)), invoice("2", 5), invoice("3", 6)),
    hours=(Hours(client=ANNA.name, on=date(2026, 5, 9), hours=22.0),),
    events=(Event(client=ANNA.name, on=date(2026, 5, 5), kind="referral"),),
)


@pytest.fixture(scope="module")
def fitted() -> Population:
    """Draws from the prior in the place of a fit of what was known in June."""
    drawn = replace(from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=200), basis="fit", fingerprint="salt")
    return with_ledger(drawn, observe(THEN, CATALOGUE, JUNE), CATALOGUE, PRIORS)


def news_of(fitted: Population, records: Records, today: date = JULY) -> tuple[dict[str, int], int]:
    told = staleness(fitted, records, observe(records, CATALOGUE, today), CATALOGUE, PRIORS, today=today).news
    return dict(told.new), told.changed


def test_the_passing_of_time_is_no_news(fitted: Population):
    for today in (JUNE, JULY, date(2026, 12, 24)):
        assert news_of(fitted, THEN, today) == ({}, 0)


def test_each_kind_of_record_is_told_apart(fitted: Population):
    now = replace(
        THEN,
        clients=(ANNA, BO),
        checkins=(*THEN.checkins, checkin(6), checkin(7, None, BO)),
        sightings=(*THEN.sightings, Sighting(client=ANNA.name, on=date(2026, 6, 9), sign="disrespect")),
        invoices=(THEN.invoices[0], invoice("2", 5, date(2026, 7, 9)), invoice("3", 6, JULY), invoice("4", 7)),
        hours=(*THEN.hours, Hours(client=ANNA.name, on=date(2026, 6, 9), hours=30.0)),
        events=(
            *THEN.events,
            Event(client=ANNA.name, on=date(2026, 7, 5), kind="referral"),
            Event(client=ANNA.name, on=date(2026, 7, 6), kind="renegotiation", ask_price_pct=10.0, result="accepted"),
        ),
    )
    new, changed = news_of(fitted, now)
    assert changed == 0
    assert new == {
        "client": 1, "check-in": 2, "sighting": 1, "invoice": 1, "payment": 2, "month of hours": 1,
        "answer to an ask": 1, "referral": 1,
    }  # fmt: skip


def test_what_is_new_is_one_sentence(fitted: Population):
    now = replace(
        THEN, clients=(ANNA, BO), checkins=(checkin(2, 1), *THEN.checkins[1:], checkin(6)),
        invoices=(THEN.invoices[0], invoice("2", 5, date(2026, 7, 9)), invoice("3", 6, JULY)),
    )  # fmt: skip
    told = staleness(fitted, now, observe(now, CATALOGUE, JULY), CATALOGUE, PRIORS, today=JULY)
    assert told.news.sentence() == (
        "1 client, 1 check-in and 2 payments are new since the fit; "
        "1 record of an earlier month was changed or taken back."
    )


@pytest.mark.parametrize(
    "now",
    [
        replace(THEN, checkins=(checkin(2, 1), *THEN.checkins[1:])),
        replace(THEN, checkins=THEN.checkins[1:]),
        replace(THEN, sightings=()),
        replace(THEN, invoices=(invoice("1", 4, date(2026, 6, 2)), *THEN.invoices[1:])),
        replace(THEN, hours=(*THEN.hours, Hours(client=ANNA.name, on=date(2026, 5, 20), hours=9.0))),
        replace(THEN, events=()),
    ],
    ids=["energy", "check-in gone", "sighting gone", "payment moved", "hours added to a past month", "referral gone"],
)
def test_a_past_that_was_changed_is_no_new_evidence_and_a_reason_for_a_new_fit(fitted: Population, now: Records):
    told = staleness(fitted, now, observe(now, CATALOGUE, JUNE), CATALOGUE, PRIORS, today=JUNE)
    assert told.news.changed == 1 and not told.news.new
    assert told.due and "changed or taken back" in told.reasons[0]


def test_no_name_is_kept_with_the_fit(fitted: Population, tmp_path: Path):
    save(fitted, tmp_path / "fit.npz")
    with np.load(tmp_path / "fit.npz") as file:
        kept = b"".join(file[name].tobytes() for name in file.files)
    assert not any(ANNA.name.encode(coding) in kept for coding in ("utf-8", "utf-16-le", "utf-32-le"))


def test_a_saved_fit_still_tells_what_is_new(fitted: Population, tmp_path: Path):
    save(fitted, tmp_path / "fit.npz")
    read = load(tmp_path / "fit.npz", CATALOGUE)
    now = replace(THEN, checkins=(*THEN.checkins, checkin(6)))
    assert news_of(read, now) == news_of(fitted, now) == ({"check-in": 1}, 0)
    seen, rng = observe(now, CATALOGUE, JULY), np.random.default_rng
    odd = [surprise(f, seen, invoice_ages(now, seen, JULY), CATALOGUE, rng(1)) for f in (read, fitted)]
    assert odd[0] == odd[1] and odd[0].what


def test_a_fifth_of_new_records_makes_a_new_fit_due(fitted: Population):
    assert fitted.ledger is not None
    known = fitted.ledger.entries().total()
    some = replace(THEN, clients=(ANNA, *(replace(BO, name=f"B{n}") for n in range(known // 4))))
    more = replace(THEN, clients=(ANNA, *(replace(BO, name=f"B{n}") for n in range(known // 4 + 2))))
    for now, due in ((some, False), (more, True)):
        told = staleness(fitted, now, observe(now, CATALOGUE, JULY), CATALOGUE, PRIORS, today=JULY)
        assert (told.news.share > 0.2) is due and any("are new" in reason for reason in told.reasons) is due


def test_other_priors_make_a_new_fit_due(fitted: Population):
    leaves = PRIORS["leave_base"]
    other = PRIORS.believing({"leave_base": (leaves.low, leaves.high + 1)})
    told = staleness(fitted, THEN, observe(THEN, CATALOGUE, JUNE), CATALOGUE, other, today=JUNE)
    assert told.reasons == ("the priors were changed",) and not told.news


UNTIL, FITTED_ON = date(2026, 10, 31), date(2026, 7, 31)


def surprises(
    worlds: int, clients: int, change: Callable[[Records], Records] = lambda records: records
) -> list[Surprise]:
    """Of three months in worlds of the usual population, to fits that believe in it; `change` comes after the fit."""
    usual = typical_population(CATALOGUE)
    believed = Population(theta=np.tile(usual, (150, 1)), names=(), basis="fit", fingerprint="salt")
    found = []
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        world = simulate(usual, CATALOGUE, clients=clients, months=12, until=UNTIL, rng=rng).records
        fit = with_ledger(believed, observe(world.as_of(FITTED_ON), CATALOGUE, FITTED_ON), CATALOGUE, PRIORS)
        now = change(world)
        seen = observe(now, CATALOGUE, UNTIL)
        found.append(surprise(fit, seen, invoice_ages(now, seen, UNTIL), CATALOGUE, rng))
    return found


def test_months_that_follow_the_fit_seldom_surprise_it():
    chances = np.array([found.chance for found in surprises(50, 5)])
    # The rule errs at most once in a hundred by design; four in fifty worlds would be a chance of one in five hundred.
    assert (chances < 0.01).sum() <= 3, np.sort(chances)
    # Nor does it sleep: by Bonferroni a share of at most a half falls below a half, and not far less.
    assert 0.15 < (chances < 0.5).mean() < 0.65, np.sort(chances)


def more_hours(records: Records) -> Records:
    later = tuple(replace(h, hours=3 * h.hours) if h.on > FITTED_ON else h for h in records.hours)
    return replace(records, hours=later)


def unpaid(records: Records) -> Records:
    new = tuple(replace(i, paid_on=None, written_off=None) if i.issued > FITTED_ON else i for i in records.invoices)
    return replace(records, invoices=new)


def many_signs(records: Records) -> Records:
    monthly = [sign for sign in CATALOGUE.ticked if sign.kind == "monthly" and not sign.is_good][:8]
    new = [
        Sighting(client=c.client, on=c.month, sign=sign.id)
        for c in records.checkins if c.month > FITTED_ON for sign in monthly
    ]  # fmt: skip
    return replace(records, sightings=tuple({(s.client, s.on, s.sign): s for s in (*records.sightings, *new)}.values()))


@pytest.mark.parametrize(
    ("change", "what"), [(more_hours, "hours"), (unpaid, "payments"), (many_signs, "signs")], ids=["h", "p", "s"]
)
def test_months_of_another_kind_surprise_the_fit_and_it_is_said_what_does(
    change: Callable[[Records], Records], what: str
):
    for found in surprises(3, 12, change):
        assert found.chance < 0.01 and found.what == what


def test_a_surprise_is_a_reason_for_a_new_fit(fitted: Population):
    usual = replace(THEN, checkins=(*THEN.checkins, checkin(6)))
    assert not staleness(fitted, usual, observe(usual, CATALOGUE, JULY), CATALOGUE, PRIORS, today=JULY).due
    everything = tuple(
        Sighting(client=ANNA.name, on=date(2026, 6, 9), sign=sign.id) for sign in CATALOGUE.ticked if not sign.is_good
    )
    odd = replace(THEN, checkins=(*THEN.checkins, checkin(6, 5)), sightings=(*THEN.sightings, *everything))
    told = staleness(fitted, odd, observe(odd, CATALOGUE, JULY), CATALOGUE, PRIORS, today=JULY)
    assert any("signs of the new months" in reason for reason in told.reasons), told
