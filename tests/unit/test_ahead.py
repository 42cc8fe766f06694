"""The months ahead are told with the very numbers the decision rests on."""

from datetime import date

import numpy as np
import pytest

from model import catalogue as signs
from model import parameters as at
from model.ahead import draws_ahead, months_ahead, strain_ahead
from model.errors import UnknownClient
from model.judged import Judgement
from model.judgement import judge
from model.population import from_prior
from model.simulate import simulate, typical_population

CATALOGUE = signs.load()
TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def judged() -> Judgement:
    records = simulate(
        typical_population(CATALOGUE), CATALOGUE, clients=3, months=8, until=TODAY, rng=np.random.default_rng(8)
    ).records
    draws = from_prior(CATALOGUE, rng=np.random.default_rng(1), n_samples=400)
    return judge(records, draws, today=TODAY)


def test_strain_ahead_is_the_strain_the_simulated_hours_were_worked_under(judged):
    strain, theta = strain_ahead(judged), judged.population.theta[:, None, None]
    log_hours = np.log(judged.outlook.base_paths.hours_ratio)
    left = log_hours - theta[..., at.HOURS_SHIFT] - theta[..., at.HOURS_SLOPE] * strain[..., at.DEMAND]
    noise = left / theta[..., at.HOURS_SCALE]
    # Were it another path of strain, what is left over would not be a standard normal number.
    assert noise.std() == pytest.approx(1.0, abs=0.03) and abs(noise.mean()) < 0.03
    assert abs(np.corrcoef(noise.ravel(), strain[..., at.DEMAND].ravel())[0, 1]) < 0.03


def test_strain_ahead_starts_near_today_and_returns_towards_the_usual_client(judged):
    strain, today = strain_ahead(judged), judged.belief.strain
    tied = [np.corrcoef(today[..., 0].ravel(), strain[:, :, h, 0].ravel())[0, 1] for h in (0, 11, 23)]
    assert tied[0] > 0.85 and tied[0] > tied[1] > tied[2] > 0


def test_the_labelled_draws_are_the_arrays_of_the_outlook(judged):
    drawn, base, paths = draws_ahead(judged), judged.outlook.base, judged.outlook.base_paths
    assert drawn["energy"].dims == ("sample", "client", "month")
    assert drawn["strain"].dims == ("sample", "client", "month", "trait")
    months = judged.settings.horizon_months
    assert np.array_equal(drawn["energy"], paths.energy[..., :months])
    assert np.array_equal(drawn["days_to_pay"], paths.days_to_pay[..., :months])
    assert np.array_equal(drawn["chance_there"], base.alive[..., :months])
    assert str(drawn["month"].values[0])[:7] == "2026-07"


def test_the_table_of_a_client_tells_the_expectations_behind_the_decision(judged):
    name = judged.belief.clients[1]
    months = months_ahead(judged, name)
    assert len(months) == judged.settings.horizon_months and months[0].month == date(2026, 7, 1)
    alive = judged.outlook.base.alive[:, 1].astype(float)
    assert [m.still_there for m in months] == pytest.approx(list(alive.mean(axis=0)[1 : len(months) + 1]))
    first = judged.outlook.base.energy[:, 1, 0].mean()
    assert months[0].energy.expected == pytest.approx(first, rel=1e-5)
    for month in months:
        assert 0 <= month.share_late <= 1 and month.energy.low <= month.energy.high
        assert all(s.low < s.expected < s.high for s in month.strain)


def test_a_client_that_is_not_active_has_no_months_ahead(judged):
    with pytest.raises(UnknownClient):
        months_ahead(judged, "Nobody")
