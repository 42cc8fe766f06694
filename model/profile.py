"""What a simulated client is like: terms and habits, and what of its strain is given instead of drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from model.agreed import Billing
from model.catalogue import TRAITS, Trait
from model.errors import InvalidRecord
from model.language import phrase
from model.observations import month_number, month_start
from model.records import Event, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Terms and habits of one simulated client.

    Parameters
    ----------
    name, currency, billing, rate_per_hour, fee_per_month, agreed_hours_per_month, payment_terms_days, notice_days,
    committed_hours, standing_signs
        As in `model.records.Client`; a rise that is agreed on the way changes the price from the next month on.
    months
        Months to record, the last one ending by the day the world ends; None takes the world's number.
    strain
        Traits whose strain is not left to the model: a number is the mean around which the process drifts (by `drift`
        standard deviations), a tuple is the strain itself, spread evenly over the client's months.
    drift
        Standard deviation of the process around a mean that was given.
    volume, season
        Factors on the hours and on the fee of fixed-price work: spread evenly over the months, and by calendar month.
    pauses
        First days of months in which nothing was recorded at all.
    checkin_odds
        Probability that the check-in of a month is done.
    invoices, hours
        Whether invoices are issued and hours are logged.
    hours_entries
        Dated entries a month the hours are logged in; 0 logs whole months.
    write_off_after_days
        Age at which an invoice that will never be paid is given up; None leaves it open.
    leaves
        Whether the client may leave by itself.
    sightings, events
        Further ones. A renegotiation without a result gets one from the model.
    """

    name: str
    currency: str = "EUR"
    billing: Billing = "hourly"
    rate_per_hour: Decimal | None = None
    fee_per_month: Decimal | None = None
    agreed_hours_per_month: float = 16.0
    payment_terms_days: int = 30
    notice_days: int | None = 30
    committed_hours: float | None = None
    standing_signs: tuple[str, ...] = ()
    months: int | None = None
    strain: Mapping[Trait, float | tuple[float, ...]] = field(default_factory=dict)
    drift: float = 0.3
    volume: tuple[float, ...] = (1.0,)
    season: tuple[float, ...] = (1.0,) * 12
    pauses: tuple[date, ...] = ()
    checkin_odds: float = 0.85
    invoices: bool = True
    hours: bool = True
    hours_entries: int = 0
    write_off_after_days: int | None = None
    leaves: bool = True
    sightings: tuple[Sighting, ...] = ()
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        if unknown := set(self.strain) - set(TRAITS):
            raise InvalidRecord(
                phrase(
                    "profile {name!r}: there is no trait called {unknown}.",
                    name=self.name,
                    unknown=", ".join(sorted(unknown)),
                )
            )
        if len(self.season) != 12 or not self.volume:
            raise InvalidRecord(
                phrase("profile {name!r}: a season has twelve factors and a volume at least one.", name=self.name)
            )


def ordinary_profiles(n: int, *, months: int, until: date, rng: np.random.Generator) -> list[Profile]:
    """`n` clients on ordinary terms whose strain the model decides.

    Half of them are asked for something once, so that asks and the relief they bring are part of every world.
    """
    width = len(str(n))
    profiles = []
    for i in range(n):
        hours = float(rng.choice([8, 12, 16, 24, 40]))
        rate = Decimal(int(rng.integers(50, 120)))
        billing: Billing = ("hourly", "retainer", "fixed")[int(rng.integers(3))]
        name = f"client {i + 1:0{width}d}"
        asked = rng.random(3) < 0.5
        month = month_start(last_whole_month(until) - int(rng.integers(0, months)))
        ask = Event(
            client=name, on=month.replace(day=15), kind="renegotiation",
            ask_price_pct=10.0 if asked[1] else None, ask_scope=bool(asked[2]), ask_terms=not asked[2],
        )  # fmt: skip
        profiles.append(
            Profile(
                name=name,
                billing=billing,
                rate_per_hour=rate if billing == "hourly" else None,
                fee_per_month=None if billing == "hourly" else rate * int(hours),
                agreed_hours_per_month=hours,
                payment_terms_days=int(rng.choice([14, 30])),
                hours_entries=int(rng.choice([0, 4])),
                events=(ask,) if asked[0] else (),
            )
        )
    return profiles


def last_whole_month(until: date) -> int:
    """Number of the last month that is over at the end of the day `until`."""
    return month_number(until + timedelta(days=1)) - 1
