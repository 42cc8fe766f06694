"""What the command line says of records drawn from the model and of the months ahead."""


def test_check_holds_every_figure_against_replications(filled):
    found = filled.json("check")
    assert found["replications"] >= 200 and found["basis"] == "prior"
    assert {"what", "of", "observed", "low", "high", "tail", "sticks_out"} <= set(found["figures"][0])
    assert all(0 < figure["tail"] <= 1 for figure in found["figures"])
    assert "by luck alone" in filled("check")


def test_forecast_tells_every_month_until_the_horizon_with_its_interval(filled):
    found = filled.json("forecast", "Moody Museum")
    assert [month["month"] for month in found["months"]][:3] == ["2026-11", "2026-12", "2027-01"]
    assert len(found["months"]) == 24
    there = [month["still_there"] for month in found["months"]]
    assert there == sorted(there, reverse=True) and 0 < there[-1] < there[0] <= 1
    assert set(found["months"][0]["strain"]) == {"payment", "demand", "conduct", "fit"}
    assert "2026-11" in filled("forecast", "Moody Museum")


def test_a_client_nobody_knows_has_no_forecast(filled):
    filled("forecast", "Nobody", code=1)
    assert "Nobody" in filled.stderr
