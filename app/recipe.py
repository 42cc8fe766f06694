"""How the example portfolio is made: twelve invented clients, each with a story, from the simulator and a fixed seed.

`python -m app.recipe FOLDER` writes it as a portfolio folder; the one under `data/example` was made this way.
"""

import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from app.exports.folder import export_folder
from model import catalogue as signs
from model.catalogue import Catalogue
from model.observations import month_number, month_start
from model.parameters import Array, Layout
from model.profile import Profile
from model.records import Event, Outcome, Prospect, Records, Search, Sighting
from model.settings import Limits, Replacement, Settings
from model.simulate import World, simulate, typical_population

TODAY = date(2026, 10, 31)
SEED = 20261031
MONTHS = 24
UNHEARD_OF = -12.0  # logit

# Work for the shop window before Christmas and for the summer, hardly any in between.
SEASON = (0.0, 0.3, 0.6, 1.0, 1.3, 1.6, 1.2, 0.4, 0.6, 1.3, 1.9, 1.6)

SETTINGS = Settings(
    currency="EUR",
    horizon_months=24,
    reserve_value_per_hour=Decimal(15),
    price_of_strain=Decimal(180),
    capacity_hours_per_month=155.0,
    cash=Decimal(9000),
    cash_floor=Decimal(3000),
    fixed_costs_per_month=Decimal(1900),
    replacement=Replacement(
        fee_per_month=Decimal(980),
        hours_per_month=14.0,
        months_to_win=3.0,
        search_cost_per_month=Decimal(60),
        search_hours_per_month=6.0,
        ramp_up_months=1.0,
    ),
    limits=Limits(largest_client_share=0.35),
)


def example_records(today: date = TODAY) -> Records:
    """The records of the example as of `today`; the same for the same day, always."""
    return example_world(today).records


def example_world(today: date = TODAY) -> World:
    """The example with the truth behind it: population and strains."""
    catalogue = signs.load()
    world = simulate(
        _population(catalogue), catalogue, clients=_profiles(today), months=MONTHS, until=today,
        rng=np.random.default_rng(SEED), settings=SETTINGS,
    )  # fmt: skip
    return replace(world, records=replace(world.records, searches=_searches(today), prospects=_prospects(today)))


def write(folder: Path) -> tuple[Path, ...]:
    """Write the example as a portfolio folder, over the one that is there."""
    return export_folder(example_records(), folder, overwrite=True)


def _population(catalogue: Catalogue) -> Array:
    # Grave signs are for the one client whose story they are: a portfolio of a dozen seldom holds a second one.
    theta = typical_population(catalogue).copy()
    base = Layout.of(catalogue).sign_base
    for place, sign in enumerate(catalogue.ticked):
        if sign.grade == "grave":
            theta[base + place] = UNHEARD_OF
    return theta


def _profiles(today: date) -> tuple[Profile, ...]:
    return (
        Profile(  # pays, but months late; a quarter of the income hangs on it
            name="Gigantic Umbrella Group", billing="retainer", fee_per_month=Decimal(2850),
            agreed_hours_per_month=34, notice_days=60, hours_entries=8, leaves=False,
            strain={"payment": 2.2, "demand": 0.1, "conduct": 0.2, "fit": 0.3},
            events=(_ask(_day(today, 8, 12), "partly", terms=True, note="Asked for 14 days; got 'we will try'."),),
        ),
        Profile(  # always one more thing, never in the fee
            name="Just One More Thing Ltd", billing="fixed", fee_per_month=Decimal(1350), agreed_hours_per_month=14,
            hours_entries=6, leaves=False,
            strain={"payment": 0.0, "demand": (0.8, 1.4, 2.0), "conduct": -0.2, "fit": 0.1},
            events=(_ask(_day(today, 14, 9), "refused_stayed", scope=True, note="A cap? But it is one more thing."),),
        ),
        Profile(  # delightful people; every hour of it costs money
            name="Velvet Handshake Studio", billing="retainer", fee_per_month=Decimal(380), agreed_hours_per_month=10,
            hours_entries=5, leaves=False,
            strain={"payment": 0.2, "demand": 1.6, "conduct": -1.4, "fit": -0.7},
        ),
        Profile(  # a policy, not a sum
            name="Thunder and Grumble Freight", rate_per_hour=Decimal(88), agreed_hours_per_month=10, months=20,
            leaves=False, strain={"payment": 0.3, "demand": 0.6, "conduct": (0.8, 1.6, 2.6), "fit": 1.2},
            sightings=(
                Sighting(client="", on=_day(today, 4, 3), sign="mental_abuse", note="Shouted through the whole call."),
                Sighting(
                    client="", on=_day(today, 1, 22), sign="physical_abuse", angry=True,
                    note="Threw a stapler across the room.",
                ),
            ),
        ),
        Profile(  # less work every month, and less heart in it on both sides
            name="Slow Fade Furniture", rate_per_hour=Decimal(45), agreed_hours_per_month=10, hours_entries=3,
            leaves=False, volume=(1.1, 1.0, 0.7, 0.35),
            strain={"payment": 0.4, "demand": 0.0, "conduct": 0.7, "fit": (-0.2, 0.8, 2.2)},
        ),
        Profile(  # one sighting, nothing else
            name="Fresh Paint Observatory", billing="retainer", fee_per_month=Decimal(560), agreed_hours_per_month=8,
            payment_terms_days=14, months=1, checkin_odds=0.0, invoices=False, hours=False, leaves=False,
            sightings=(Sighting(client="", on=_day(today, 0, 19), sign="special_requests"),),
        ),
        Profile(  # nobody else gets this rate
            name="Cousin Kite Repairs", rate_per_hour=Decimal(40), agreed_hours_per_month=6, payment_terms_days=14,
            notice_days=None, months=22, standing_signs=("friends_or_family",), leaves=False,
            strain={"payment": 0.9, "demand": 0.7, "conduct": -0.4, "fit": 0.6},
        ),
        Profile(
            name="Harbour Lights Bakery", rate_per_hour=Decimal(84), agreed_hours_per_month=16,
            payment_terms_days=14, hours_entries=6, leaves=False,
            strain={"payment": -1.0, "demand": -0.6, "conduct": -0.9, "fit": -0.8},
            events=(
                _ask(_day(today, 9, 5), "accepted", price=8.0, note="'Of course. Flour is dearer, too.'"),
                Event(client="", on=_day(today, 6, 20), kind="referral", note="Named us to Lantern Cartographers."),
            ),
        ),
        Profile(
            name="Copper Kettle Insurance", rate_per_hour=Decimal(92), agreed_hours_per_month=14, hours_entries=5,
            notice_days=60, leaves=False,
            strain={"payment": -0.4, "demand": -0.3, "conduct": -0.5, "fit": 0.2},
        ),
        Profile(  # half the going rate, twice the joy
            name="Moonbeam Snail Theatre", billing="fixed", fee_per_month=Decimal(400), agreed_hours_per_month=9,
            hours_entries=4, leaves=False,
            strain={"payment": 0.3, "demand": -0.5, "conduct": -1.6, "fit": -2.3},
        ),
        Profile(
            name="Tinsel and Tide Events", rate_per_hour=Decimal(84), agreed_hours_per_month=8, hours_entries=3,
            season=SEASON, leaves=False,
            strain={"payment": -0.2, "demand": 0.2, "conduct": -0.2, "fit": -0.2},
        ),
        Profile(  # no word for half a year
            name="Paused Pendulum Museum", rate_per_hour=Decimal(70), agreed_hours_per_month=8, leaves=False,
            pauses=tuple(_day(today, months, 1) for months in range(6)),
            strain={"payment": 0.2, "demand": 0.2, "conduct": -0.3, "fit": 0.1},
        ),
    )  # fmt: skip


def _searches(today: date) -> tuple[Search, ...]:
    return (
        Search(
            opened_on=_day(today, 21, 6), won_on=_day(today, 18, 20), fee_per_month=Decimal(1120), hours_per_month=15.0,
            cost=Decimal(220),
        ),
        Search(
            opened_on=_day(today, 9, 2), won_on=_day(today, 6, 15), fee_per_month=Decimal(860), hours_per_month=12.0,
            cost=Decimal(150),
        ),
        Search(opened_on=_day(today, 2, 24), cost=Decimal(90)),
    )  # fmt: skip


def _prospects(today: date) -> tuple[Prospect, ...]:
    return (
        Prospect(
            name="Lantern Cartographers", fee_per_month=Decimal(1150), hours_per_month=15.0, odds=0.4,
            start=_day(today, -3, 1), early_signs=("same_direction",),
        ),
        Prospect(
            name="Bureau of Lost Socks", fee_per_month=Decimal(900), hours_per_month=16.0, odds=0.6,
            early_signs=("special_requests", "rushed_deadlines"),
        ),
    )  # fmt: skip


def _ask(
    on: date, result: Outcome, *, price: float | None = None, scope: bool = False, terms: bool = False, note: str = ""
) -> Event:
    return Event(
        client="", on=on, kind="renegotiation", ask_price_pct=price, ask_scope=scope, ask_terms=terms, result=result,
        note=note,
    )  # fmt: skip


def _day(today: date, months_ago: int, day: int) -> date:
    return month_start(month_number(today) - months_ago).replace(day=day)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
