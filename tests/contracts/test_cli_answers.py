"""What the command line answers, and how it prints it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import ADD, COMMANDS, EDIT, LOG, PRIORS, SCENARIO, app

ROOT = Path(__file__).resolve().parents[2]
FIGURES = {"mean", "sd", "p10", "p50", "p90", "p_best", "expected_loss", "cvar10"}
VERDICTS = {"keep", "renegotiate", "drop", "wait", "too_close", "deal_breaker"}
HOSTILE = [
    "-rf",
    "[bold red]Bold[/bold red]",
    "<img src=x onerror=alert(1)>",
    "![](http://x/p.png)",
    "=1+1",
    ":smile: \u202egnp.exe",
    "Ünïcødé 😀 {client}",
]


def test_decide_prints_what_the_interface_promises(filled):
    decisions = filled.json("decide")
    assert [d["client"] for d in decisions] == ["Anchor Bakery", "Moody Museum"]
    for decision in decisions:
        assert decision["verdict"] in VERDICTS
        assert decision["reason"].endswith(".")
        assert decision["currency"] == "EUR" and decision["horizon_months"] == 24
        assert decision["as_of"] == "2026-10-31" and decision["basis"] == "prior"
        actions = decision["actions"]
        assert set(actions) == {"keep", "renegotiate", "drop", "wait"}
        assert actions["wait"]["months"] in (1, 2, 3, 6)
        assert all(set(figures) >= FIGURES for figures in actions.values())
        ask = actions["renegotiate"]["ask"]
        assert set(ask) == {"price_pct", "scope", "terms"} and 0 <= ask["price_pct"] <= 50
        # Something is asked for, and the reason of a verdict to renegotiate says what.
        assert ask["price_pct"] or ask["scope"] or ask["terms"] or actions["renegotiate"]["office_hours"]
        assert re.fullmatch(r"\d{4}-\d{2}", actions["drop"]["exit_month"])
        now = [figures["p_best"] for action, figures in actions.items() if action != "wait"]
        assert sum(now) == pytest.approx(1.0)
        assert all(figures["p10"] <= figures["p50"] <= figures["p90"] for figures in actions.values())
        assert decision["evpi"] >= 0
        assert set(decision["strain"]) == {"payment", "demand", "conduct", "fit"}
        assert all(set(strain) == {"mean", "sd"} for strain in decision["strain"].values())
        assert decision["deal_breakers"] == []


def test_the_joint_plan_is_printed_and_given_as_json(filled):
    plan = filled.json("plan")
    assert [row["client"] for row in plan["clients"]] == ["Anchor Bakery", "Moody Museum"]
    assert len(plan["cash"]) == 24 and plan["cash"][0]["month"] == "2026-11"
    assert plan["keeps_every_limit"] and not plan["shortfalls"]
    said = filled("plan", "--cash-floor", "1000000")
    assert "In the way: the cash floor, by" in said and "Anchor Bakery" in said
    tight = filled.json("plan", "--cash-floor", "1000000")
    assert {row["limit"] for row in tight["shortfalls"]} >= {"cash"}


def test_the_same_seed_gives_the_same_answer_and_options_may_follow_the_command(filled):
    before = filled("--json", "--seed", "3", "decide", "Anchor Bakery")
    after = filled("decide", "Anchor Bakery", "--seed", "3", "--json")
    assert before == after
    assert json.loads(before) != filled.json("decide", "Anchor Bakery", "--seed", "4")


def test_a_late_payment_raises_the_strain_of_payment_and_lowers_the_value_of_keeping(filled):
    (before,) = filled.json("decide", "Anchor Bakery")
    filled("log", "paid", "Anchor Bakery", "A-2", "--on", "2026-10-14")
    (on_time,) = filled.json("decide", "Anchor Bakery")
    filled("undo")
    filled("log", "invoice", "Anchor Bakery", "A-0", "2000", "--issued", "2026-07-31", "--paid-on", "2026-10-30")
    (late,) = filled.json("decide", "Anchor Bakery")
    assert late["strain"]["payment"]["mean"] > before["strain"]["payment"]["mean"]
    assert late["actions"]["keep"]["mean"] < before["actions"]["keep"]["mean"]
    assert on_time["strain"]["payment"]["mean"] < late["strain"]["payment"]["mean"]


def test_a_deal_breaker_stands_above_the_money(filled):
    filled("log", "sign", "Anchor Bakery", "physical_abuse")
    (decision,) = filled.json("decide", "Anchor Bakery")
    assert decision["verdict"] == "deal_breaker" and decision["deal_breakers"] == ["physical_abuse"]


def test_later_records_are_unknown_on_an_earlier_day(filled):
    earlier = filled.json("decide", "--as-of", "2026-09-13", "Moody Museum")
    assert earlier[0]["as_of"] == "2026-09-13"
    assert earlier != filled.json("decide", "Moody Museum")


def test_verdicts_are_a_table_for_people_with_currency_interval_and_basis(filled):
    printed = filled("decide")
    assert "Anchor Bakery" in printed and "Keep (EUR)" in printed
    assert re.search(r"\d[\d,]* to -?\d", printed)
    assert "2026-10-31" in printed and "80 % interval" in printed and "published figures" in printed
    one = filled("decide", "Moody Museum")
    assert "Next: " in one and "Anchor" not in one


def test_explain_weighs_every_kind_of_record_by_leaving_it_out(filled):
    explained = filled.json("explain", "Moody Museum")
    weights = {weight["subject"]: weight for weight in explained["weights"]}
    assert {"disrespect", "energy", "invoices", "check_ins"} <= set(weights)
    assert weights["invoices"]["strain"]["payment"] > 0
    assert explained["next_record"]
    printed = filled("explain", "Moody Museum")
    assert "Energy ratings" in printed and "Decibans" in printed and "Next: " in printed


def test_the_hours_of_a_month_are_weighed_too(filled):
    filled("log", "hours", "Moody Museum", "52", "--month", "2026-09")
    found = filled.json("explain", "Moody Museum")["record_weights"]
    assert [one["records"] for one in found if one["subject"] == "month_hours"] == [1]


def test_explain_says_what_would_change_the_answer_and_what_to_find_out(filled):
    explained = filled.json("explain", "Moody Museum")
    wait = explained["actions"]["wait"]
    assert wait["months"] >= 1 and wait["mean"] >= explained["actions"]["keep"]["mean"] - 1e-6
    assert {"fee", "hour_value", "days_to_pay"} <= {found["name"] for found in explained["break_evens"]}
    assert set(explained["evppi"]) == {"payment", "demand", "conduct", "fit", "answers", "market", "population"}
    assert len(explained["probes"]) == 5 and explained["tornado"] and explained["certainty_equivalents"] == {}
    assert "invoice" in {weight["subject"] for weight in explained["record_weights"]}
    printed = filled("explain", "Moody Museum")
    for section in ("What would have to change", "Sleep on it?", "What to find out next", "What the answer hangs on"):
        assert section in printed


def test_a_portfolio_without_clients_says_so(bush):
    bush("init", "--yes")
    assert "no active client" in bush("decide")
    assert bush.json("decide") == []


def test_the_catalogue_is_listed_with_the_ids_to_log(bush):
    assert len(bush.json("signs")) == 51
    assert "late_payment" in bush("signs")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_ever_text(bush, name):
    bush("init", "--yes")
    bush("add", "client", "--fee", "2000", "--hours", "40", "--since", "2026-01-01", "--", name)
    assert [d["client"] for d in bush.json("decide")] == [name]
    printed = bush("decide", "--", name)
    shown = name.replace("\u202e", "\\x202e")
    assert shown in printed
    assert "\u202e" not in printed and "\x1b" not in printed


def test_a_folder_is_judged_without_being_written_to(folder, tmp_path):
    result = CliRunner().invoke(app, ["--db", str(folder), "--as-of", "2026-10-31", "--json", "decide"])
    assert result.exit_code == 0 and len(json.loads(result.stdout)) == 2
    refused = CliRunner().invoke(app, ["--db", str(folder), "log", "hours", "Anchor Bakery", "3"])
    assert refused.exit_code == 1 and "only read" in refused.stderr


def test_every_command_explains_itself():
    groups = [((name,), COMMANDS) for name in COMMANDS]
    groups += [(("add", name), ADD) for name in ADD] + [(("log", name), LOG) for name in LOG]
    groups += [(("edit", name), EDIT) for name in EDIT] + [(("priors", name), PRIORS) for name in PRIORS]
    groups += [(("scenario", name), SCENARIO) for name in SCENARIO]
    for words, _ in groups:
        result = CliRunner().invoke(app, [*words, "--help"])
        assert result.exit_code == 0 and "--as-of" in result.stdout, words


def test_the_readme_lists_every_command_and_no_other():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`bush .*?) \| .+ \|$", readme, re.MULTILINE)
    named = set(re.findall(r"`bush ([a-z-]+)", " ".join(rows)))
    assert named == {*COMMANDS, "add", "edit", "log", "priors", "scenario", "team"}
    listed = CliRunner().invoke(app, ["--help"]).stdout
    assert all(re.search(rf"^  {command} ", listed, re.MULTILINE) for command in named)


def test_the_program_runs_as_a_module_and_a_refusal_is_one_sentence_with_exit_code_one(tmp_path):
    run = [sys.executable, "-m", "app", "--db", str(tmp_path / "none.db"), "--json"]
    refused = subprocess.run([*run, "decide"], cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 1 and refused.stdout == ""
    assert refused.stderr.count("\n") == 1 and "bush init" in refused.stderr
    version = subprocess.run([sys.executable, "-m", "app", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert version.returncode == 0 and version.stdout.startswith("bush ")


def test_what_nobody_foresaw_ends_in_a_sentence_and_a_log(monkeypatch, capsys, tmp_path):
    from app import cli

    def broken() -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and "Traceback" not in said and said.count("\n") == 1
    log = Path(said.split("The details are in ")[1].strip().rstrip("."))
    assert "ZeroDivisionError: seven" in log.read_text(encoding="utf-8") and "Traceback" in log.read_text(
        encoding="utf-8"
    )


def test_the_doctor_says_of_each_thing_whether_it_is_well_and_what_to_do(filled):
    result = CliRunner().invoke(app, ["--db", str(filled.database), "--json", "doctor"])
    findings = {finding["what"]: finding for finding in json.loads(result.stdout)}
    assert {"Python", "Catalogue", "Folder", "Compile cache", "Database", "Portfolio", "Fit"} <= set(findings)
    assert findings["Database"]["found"] == "whole"
    assert result.exit_code == (0 if all(finding["ok"] for finding in findings.values()) else 1)
    filled.database.chmod(0o644)
    assert "chmod 600" in filled("doctor", code=1)


def test_a_damaged_database_is_a_sentence(filled):
    filled.database.write_bytes(filled.database.read_bytes()[:4096] + b"\x00" * 4096)
    filled("decide", code=1)
    assert "Traceback" not in filled.stderr and str(filled.database) in filled.stderr
    assert "Database" in filled("doctor", code=1)


def test_exit_dates_every_step_and_writes_a_calendar(filled, tmp_path):
    file = tmp_path / "leaving.ics"
    plan = filled.json("exit", "Moody Museum", "--ics", str(file), "--alternative", "Jo")
    assert plan["client"] == "Moody Museum" and plan["currency"] == "EUR"
    assert plan["tell_on"] >= "2026-10-31" and plan["last_day"] >= plan["tell_on"]
    assert {day["occasion"] for day in plan["dates"]} >= {"now", "later"}
    days = [step["on"] for step in plan["steps"]]
    assert days == sorted(days) and all(step["sources"] for step in plan["steps"])
    assert file.read_bytes().count(b"BEGIN:VEVENT") == len(days)
    told = filled("exit", "Moody Museum")
    assert "Leaving now is worth most" in told or "worth about" in told or "no good day" in told
    assert "Get paid first" in told and "Words to say" in told
    assert plan["pays_back"]["most_behind"] >= 0 and "In expectation leaving now" in told


def test_exit_refuses_with_a_sentence(filled, tmp_path):
    filled("exit", "Nobody", code=1)
    assert "no active client called 'Nobody'" in filled.stderr
    filled("exit", "Moody Museum", "--ics", str(tmp_path / "no" / "such" / "x.ics"), code=1)
    assert "choose another file" in filled.stderr


def test_two_in_the_bush_needs_no_portfolio_and_gives_the_published_figures():
    asked = ["search-value", "--in-hand", "6.92", "--mean", "8", "--sd", "6", "--cost", "2"]
    told = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert told["search"] is True
    assert [round(told[key], 6) for key in ("index", "value", "gain", "switch")] == [
        8.833416, 7.892327, 0.972327, 0.571424,
    ]  # fmt: skip
    assert "Search first" in CliRunner().invoke(app, asked).stdout
    refused = CliRunner().invoke(app, [*asked[:-1], "0"])
    assert refused.exit_code == 1 and "must cost something" in refused.output


def test_prospects_and_scenarios_are_answered_as_json_and_as_tables(filled):
    tried = filled.json("prospect", "Lamp", "--fee", "1500", "--hours", "10", "--odds", "0.5", "--sign", "disrespect")
    assert [one["prospect"] for one in tried["prospects"]] == ["Lamp"]
    assert tried["prospects"][0]["answer"] in {"take", "decline", "too_close"}
    assert {one["client"] for one in tried["exchanges"]} == {"Anchor Bakery", "Moody Museum"}
    assert tried["screening"]["rules"][0]["accepted"] == 1
    assert "early_pressure" in [one["id"] for one in tried["before_yes"]["look_at"]]
    filled("log", "event", "Anchor Bakery", "note", "--note", "Lesson: ask for a deposit")
    said = filled("prospect")
    assert "- Your first excitement: " in said and "- ask for a deposit" in said
    filled("prospect", "Lamp", code=1)
    assert "No prospect called 'Lamp'" in filled.stderr
    first = filled.json("search-first")
    assert [one["client"] for one in first] == ["Anchor Bakery", "Moody Museum"]
    filled("scenario", "save", "Fifteen", "--others", "renegotiate", "--raise", "15")
    filled("scenario", "save", "One less", "--drop", "Moody Museum", "--replacements", "2")
    filled("scenario", "save", "x", "--drop", "Nobody", code=1)
    assert "who is not an active client" in filled.stderr
    compared = filled.json("scenario", "compare")
    assert [one["scenario"]["name"] for one in compared] == ["As today", "As advised", "Fifteen", "One less"]
    assert compared[0]["gain"] == 0 and compared[3]["actions"]["Moody Museum"] == "drop"
    filled("log", "end", "Moody Museum", "--by", "me", "--on", "2026-10-30")
    compared = filled.json("scenario", "compare")
    assert [one["scenario"]["name"] for one in compared] == ["As today", "As advised", "Fifteen"]
    assert "Left out: scenario 'One less' drops 'Moody Museum'" in filled.stderr
    filled("scenario", "delete", "One less")
    filled("scenario", "compare", "One less", code=1)
    assert "There is no scenario called" in filled.stderr
