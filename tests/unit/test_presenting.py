"""What pages say, without the pages."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.charts import Bar, Dots, Mark, Rule, StrainPoint, bars_in_time, dot_plot, strain_line, weight_bars
from app.presenting import CARD_DOTS, action_rows, changes, dots_in_words, escaped, labelled, quantiles, trend
from app.wording import plain
from model.action_summary import ActionSummary
from model.catalogue import load
from model.decision import Decision, StrainSummary
from model.forecast import Ask
from model.judgement import judge
from model.population import from_prior
from model.records import CheckIn, Client, Records, Sighting

MONEY = st.floats(-1e7, 1e7, allow_nan=False).map(lambda value: round(value, 2))


def decision(keep: float = 10_000.0, strain: float = 0.0) -> Decision:
    def summary(action: str, mean: float) -> ActionSummary:
        return ActionSummary(
            action=action, mean=mean, sd=2000, p10=mean - 2500, p50=mean, p90=mean + 2500, p_best=0.5,
            expected_loss=100, cvar10=mean - 4000, dots=tuple(mean + 100 * i for i in range(-10, 10)),
        )  # fmt: skip

    return Decision(
        client="Acme", verdict="keep", reason="It is.", currency="EUR", horizon_months=24, as_of=date(2026, 11, 1),
        basis="prior", actions=(summary("keep", keep), summary("drop", 8000.0)), ask=Ask(),
        exit_month=date(2026, 12, 1),
        evpi=100, strain=(StrainSummary(trait="payment", mean=strain, sd=0.5),), deal_breakers=(), caveats=(),
        next_record="Nothing.",
    )  # fmt: skip


def test_a_change_is_told_before_and_after_and_what_stayed_reads_the_same() -> None:
    told = {change.what: change for change in changes(decision(), decision(keep=7000.0, strain=0.4))}
    assert told["Keep, EUR"].before == "10,000" and told["Keep, EUR"].after == "7,000"
    assert told["Drop, EUR"].before == told["Drop, EUR"].after
    assert told["Strain: how they pay"].after == "+0.40"


def test_a_value_reads_the_same_wherever_it_stands_on_a_page() -> None:
    before, after = decision(keep=24_737.0), decision(keep=22_161.0)
    told = {change.what: change for change in changes(before, after)}["Keep, EUR"]
    assert (told.before, told.after) == (action_rows(before)[0].value, action_rows(after)[0].value)


def test_a_new_client_had_no_answer_before() -> None:
    assert {change.before for change in changes(None, decision())} == {"none yet"}


@pytest.mark.parametrize(
    ("rude", "said"),
    [
        ((), "steady over the last three months"),
        ((8, 9, 10), "how they behave got worse over three months, by "),
        ((5, 6, 7), "how they behave got better over three months, by "),
    ],
)
def test_a_trend_is_what_moved_most_since_three_months_ago(rude: tuple[int, ...], said: str) -> None:
    months = [date(2026, month, 1) for month in range(3, 11)]
    records = Records(
        clients=(Client(name="Acme", currency="EUR", since=date(2026, 1, 1), billing="retainer"),),
        checkins=tuple(CheckIn(client="Acme", month=month, energy=3) for month in months),
        sightings=tuple(
            Sighting(client="Acme", on=date(2026, month, 10), sign=sign)
            for month in rude
            for sign in ("disrespect", "blames_you", "boundary_violation")
        ),
    )
    draws = from_prior(load(), rng=np.random.default_rng(1), n_samples=64)
    judged = judge(records, draws, today=date(2026, 11, 1))
    assert said in trend(judged, "Acme")
    young = judge(records.as_of(date(2026, 5, 1)), draws, today=date(2026, 5, 1))
    assert "too few months" in trend(young, "Acme")


@given(values=st.lists(MONEY, min_size=1, max_size=300), count=st.integers(1, 60))
def test_quantile_dots_are_in_order_and_within_the_draws(values: list[float], count: int) -> None:
    dots = quantiles(np.array(values), count)
    assert len(dots) == count
    assert list(dots) == sorted(dots)
    assert min(values) <= dots[0] and dots[-1] <= max(values)


@given(text=st.text(max_size=60))
def test_escaped_text_reads_back_letter_by_letter_and_makes_no_markup(text: str) -> None:
    line = " ".join(plain(text).split())
    tokens = MarkdownIt("commonmark").parseInline(escaped(line))[0].children or []
    assert {token.type for token in tokens} <= {"text", "text_special", "softbreak"}
    assert "".join(token.content for token in tokens).strip() == line.strip()


@given(
    keep=st.lists(MONEY, min_size=CARD_DOTS, max_size=CARD_DOTS).map(sorted),
    drop=st.lists(MONEY, min_size=CARD_DOTS, max_size=CARD_DOTS).map(sorted),
)
def test_a_dot_plot_holds_every_dot_inside_its_axes(keep: list[float], drop: list[float]) -> None:
    rows = (
        Dots(action="keep", label="Keep", values=tuple(keep)),
        Dots(action="drop", label="Drop", values=tuple(drop)),
    )
    spec = dot_plot(rows, "EUR")
    layer = spec["layer"][-1] if "layer" in spec else spec
    dots = spec["datasets"][layer["data"]["name"]]
    assert len(dots) == 2 * CARD_DOTS
    low, high = layer["encoding"]["x"]["scale"]["domain"]
    top = layer["encoding"]["y"]["scale"]["domain"][1]
    assert all(low <= dot["x"] <= high and 0 < dot["y"] < top for dot in dots)
    split = top / 2
    assert all((dot["y"] > split) == (dot["what"] == "Keep") for dot in dots), "the rows keep apart"


def test_equal_outcomes_still_make_a_plot() -> None:
    rows = (Dots(action="keep", label="Keep", values=(0.0,) * CARD_DOTS),)
    (dots,) = dot_plot(rows, "EUR")["datasets"].values()
    assert len(dots) == CARD_DOTS


def test_no_chart_can_load_anything() -> None:
    name = "![](http://x/p.png)"
    point = StrainPoint(month=date(2026, 1, 1), mean=0.1, low=-1, high=1)
    mark = Mark(on=date(2026, 1, 3), height=0.1, label=name, is_good=False)
    bar = Bar(label=name, amount=3.0, on=date(2026, 1, 1), kind="paid")
    for spec in (
        strain_line((point,), (mark,), "How they pay"),
        bars_in_time((bar,), "days late"),
        weight_bars((bar,), "EUR"),
    ):
        assert '"url"' not in json.dumps(spec) and '"href"' not in json.dumps(spec)


def test_dots_are_told_in_words_for_those_who_do_not_see_them() -> None:
    words = dots_in_words([1000.0 * i for i in range(20)], "keep", "EUR")
    assert words.startswith("20 equally likely outcomes of keeping") and "EUR" in words


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_a_change_below_what_the_figures_carry_shows_as_none(shift: float) -> None:
    before = decision()
    after = replace(
        before, actions=(replace(before.actions[0], mean=before.actions[0].mean + shift), before.actions[1])
    )
    keep = next(change for change in changes(before, after) if change.what.startswith("Keep"))
    assert keep.before == keep.after


def test_an_ordinary_name_is_read_out_as_it_is_and_one_that_could_be_markup_is_not_markup() -> None:
    assert labelled("Janes Café & Söhne") == "Janes Café & Söhne"
    for odd in ("![](x)", "a_b_", "&amp;", "$x$", ":red[x]", "www.example.org"):
        assert labelled(odd) == escaped(odd)


def test_a_chart_of_one_month_names_it_once() -> None:
    one = StrainPoint(month=date(2026, 10, 1), mean=0.0, low=-1.0, high=1.0)
    axis = strain_line((one,), (), "Strain")["layer"][1]["encoding"]["x"]["axis"]
    assert axis["tickCount"] == {"interval": "month", "step": 1}


def test_what_was_agreed_is_drawn_beside_the_bars_of_its_time_alone():
    bars = tuple(Bar(label=f"{m}", amount=9.0, on=date(2026, m, 1)) for m in (3, 4, 5))
    ends = ((None, date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 5, 15)),
            (date(2026, 5, 16), None), (date(2026, 6, 1), None))  # fmt: skip
    rules = tuple(Rule(amount=float(n), since=first, until=last) for n, (first, last) in enumerate(ends))
    sets = bars_in_time(bars, "hours", rules)["datasets"].values()
    drawn = sorted((row["y"], row["x"], row["x2"]) for rows in sets for row in rows if "y" in row)
    assert drawn == [(1, "2026-03-01", "2026-03-31"), (2, "2026-04-01", "2026-05-15"), (3, "2026-05-16", "2026-05-31")]
