"""Recording, taking back, importing and exporting from the command line."""

from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "ar_invoices.csv"


def test_a_new_portfolio_is_started_with_its_own_currency_and_only_once(bush):
    said = bush("init", "--currency", "chf", "--hours", "100", "--horizon", "12", "--yes")
    assert "CHF" in said
    bush("init", "--yes", code=1)
    assert "holds a portfolio already" in bush.stderr
    bush("export", str(bush.database.parent / "out"))
    settings = (bush.database.parent / "out" / "settings.toml").read_text(encoding="utf-8")
    assert 'currency = "CHF"' in settings and "horizon_months = 12" in settings


def test_nobody_is_asked_where_nobody_can_answer(bush):
    assert bush.json("init")["currency"] == "EUR"


def test_every_kind_of_record_is_logged_and_exported_again(bush, tmp_path):
    bush("init", "--yes")
    bush("add", "client", "Anchor", "--fee", "2000", "--hours", "40", "--since", "2026-01-01", "--terms", "14")
    bush("add", "prospect", "Maybe", "--fee", "1500", "--hours", "30", "--odds", "0.4")
    bush("log", "sign", "Anchor", "late_payment", "--on", "2026-10-03", "--note", "again")
    bush("log", "checkin", "Anchor", "--month", "2026-09", "--energy", "4", "--sign", "rushed_deadlines")
    bush("log", "invoice", "Anchor", "A-1", "2000.50", "--issued", "2026-09-30")
    bush("log", "paid", "Anchor", "A-1", "--on", "2026-10-20")
    bush("log", "hours", "Anchor", "38.5", "--month", "2026-09")
    answered = bush("log", "event", "Anchor", "renegotiation", "--price", "10", "--scope", "--result", "partly")
    assert "bush edit client" in answered
    bush("log", "search", "--opened", "2026-05-01")
    bush("log", "search", "--opened", "2026-05-01", "--won", "2026-07-01", "--fee", "1800", "--hours", "30")
    bush("log", "end", "Anchor", "--by", "client", "--on", "2026-10-31")
    bush("export", str(tmp_path / "out"))
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()}
    assert "Anchor,A-1,2026-09-30,2026-10-14,2000.50,EUR,2026-10-20" in written["invoices.csv"]
    assert "rushed_deadlines" in written["signs.csv"] and "late_payment" in written["signs.csv"]
    assert written["searches.csv"].count("2026-05-01") == 1
    assert "2026-10-31,client" in written["clients.csv"]
    assert "2026-09,38.5" in written["hours.csv"]
    assert "partly" in written["events.csv"] and "Maybe" in written["prospects.csv"]


def test_terms_are_changed_by_what_is_given_and_nothing_else_and_taken_back(filled, tmp_path):
    before = filled.json("decide", "Anchor Bakery")[0]
    said = filled("edit", "client", "Anchor Bakery", "--fee", "1200", "--hours", "30", "--contract-end", "2027-06-30")
    assert "changed the terms of client 'Anchor Bakery'" in said
    filled("export", str(tmp_path / "out"))
    written = (tmp_path / "out" / "clients.csv").read_text(encoding="utf-8")
    assert "Anchor Bakery,EUR,2026-01-01,retainer,,1200,30.0,14,30,2027-06-30" in written
    assert filled.json("decide", "Anchor Bakery")[0]["actions"] != before["actions"]
    filled("undo")
    assert filled.json("decide", "Anchor Bakery")[0]["actions"] == before["actions"]


def test_new_terms_hold_from_their_day_on_and_those_before_are_kept(filled, tmp_path):
    def written(name):
        filled("export", str(tmp_path / "out"), "--overwrite")
        return (tmp_path / "out" / name).read_text(encoding="utf-8")

    said = filled("edit", "client", "Anchor Bakery", "--fee", "1200", "--hours", "20", "--from", "2026-10-01")
    assert "new terms of 'Anchor Bakery' from 2026-10-01 on" in said
    assert "Anchor Bakery,2026-09-30,retainer,,2000,40.0" in written("earlier_terms.csv")
    assert "Anchor Bakery,EUR,2026-01-01,retainer,,1200,20.0" in written("clients.csv")
    filled("undo")
    assert "Anchor Bakery,EUR,2026-01-01,retainer,,2000,40.0" in written("clients.csv")
    assert not (tmp_path / "out" / "earlier_terms.csv").exists()


def test_every_setting_is_listed_and_set_by_name_and_taken_back(filled):
    before = filled.json("settings")
    assert before["replacement.hours_per_month"] == "" and before["price_of_strain"] == "150"
    assert "month of looking" not in filled("settings")
    filled("log", "search", "--opened", "2026-06-01", "--cost", "200")
    assert "month of looking has cost 40 EUR" in filled("settings")
    said = filled(
        "settings", "--set", "replacement.hours_per_month=30", "--set", "price_of_strain = 180", "--set", "language=de"
    )
    assert "replacement.hours_per_month: " in said and " 30" in said
    after = filled.json("settings")
    changed = {"replacement.hours_per_month": "30.0", "price_of_strain": "180", "language": '"de"'}
    assert after == before | changed
    filled("settings", "--set", "replacement.hours_per_month=")
    assert filled.json("settings")["replacement.hours_per_month"] == ""
    filled("undo")
    filled("undo")
    assert filled.json("settings") == before
    assert "price_of_strain" in filled("settings")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("price_of_strian=5", "Did you mean 'price_of_strain'?"),
        ("price_of_strain=", "price_of_strain must be an amount"),
        ("price_of_strain=much", "price_of_strain must be an amount"),
        ("horizon_months=500", "horizon_months must lie between"),
        ("deal_breakers=[]", "list of several columns"),
        ("limits", "NAME=VALUE was expected"),
        ("cash=1\ncash_floor=2", "NAME=VALUE was expected"),
        ("nothing.cash=1", "there is no setting called 'nothing'"),
    ],
)
def test_a_setting_that_is_none_is_refused_and_changes_nothing(filled, said, sentence):
    before = filled.json("settings")
    filled("settings", "--set", said, code=1)
    assert sentence.lower() in filled.stderr.lower()
    assert filled.json("settings") == before


def test_a_folder_changes_the_settings_it_names_and_no_others_and_says_so(filled, tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "clients.csv").write_text("name,currency,since,billing\nNew,EUR,2026-01-01,fixed\n")
    (folder / "settings.toml").write_text('cooling_off_days = 9\n[[deal_breakers]]\nsign = "late_payment"\n')
    filled("settings", "--set", "price_of_strain=180")
    before = filled.json("export", str(tmp_path / "before")) and (tmp_path / "before" / "settings.toml").read_text()
    filled("import", str(folder), "--yes")
    assert "- cooling_off_days: " in filled.stderr and "deal_breakers: 4 go, 1 come" in filled.stderr
    filled("export", str(tmp_path / "after"))
    after = (tmp_path / "after" / "settings.toml").read_text()
    assert "cooling_off_days = 9" in after
    kept = [line for line in before.splitlines() if line.startswith(("currency", "[limits]", "price_of_strain"))]
    assert all(line in after for line in kept)
    filled("undo")
    assert filled.json("export", str(tmp_path / "undone"))
    assert (tmp_path / "undone" / "settings.toml").read_text() == before


def test_a_prospect_is_changed_by_what_is_given(bush, tmp_path):
    bush("init", "--yes")
    bush("add", "prospect", "Maybe", "--fee", "1500", "--hours", "30")
    bush("edit", "prospect", "Maybe", "--odds", "0.4")
    bush("export", str(tmp_path / "out"))
    assert "Maybe,1500,30.0,0.4" in (tmp_path / "out" / "prospects.csv").read_text(encoding="utf-8")


def test_a_second_look_at_a_month_keeps_what_the_first_one_said(filled):
    filled("log", "checkin", "Anchor Bakery", "--month", "2026-09", "--sign", "rushed_deadlines")
    for _ in range(2):
        filled("log", "checkin", "Anchor Bakery", "--month", "2026-09", "--sign", "cannot_afford")
    month = [entry for entry in filled.json("entries", "Anchor Bakery") if entry["date"].startswith("2026-09")]
    assert [entry["values"]["energy"] for entry in month if entry["what"] == "Check-in"] == ["4"]
    assert len([entry for entry in month if entry["what"] == "Sign"]) == 2


def test_an_invoice_that_will_never_be_paid_is_written_off(filled):
    assert "wrote off 2000 EUR" in filled("log", "paid", "Anchor Bakery", "A-2", "--never", "--on", "2026-10-30")


def test_an_entry_is_listed_put_right_taken_out_and_brought_back(filled):
    ids = {
        entry["what"]: entry["id"] for entry in filled.json("entries", "Moody Museum") if "2026-08" not in entry["date"]
    }
    assert ids["Sign"] in filled("entries", "Moody Museum") and "older" not in filled.stderr
    assert ids["Sign"] not in filled("entries", "Moody Museum", "--as-of", "2026-09-13")
    filled("entries", "--limit", "2")
    assert "older ones are not listed" in filled.stderr
    assert "energy" in filled("correct", ids["Check-in"]) and "bush correct" in filled("correct", ids["Check-in"])
    assert "corrected" in filled("correct", ids["Check-in"], "--set", "energy=5", "--set", "note=after the holidays")
    now = [entry["values"] for entry in filled.json("entries", "Moody Museum") if entry["what"] == "Check-in"]
    assert {"energy": "5", "note": "after the holidays"} in now
    before = filled.json("decide", "Moody Museum")[0]["actions"]
    assert "withdrew" in filled("correct", ids["Sign"], "--out")
    assert ids["Sign"] not in filled("entries")
    assert filled.json("decide", "Moody Museum")[0]["actions"] != before
    filled("undo")
    assert ids["Sign"] in filled("entries")
    assert filled.json("decide", "Moody Museum")[0]["actions"] == before


def test_the_last_write_is_taken_back_whole_and_stays_in_the_history(filled):
    filled("log", "hours", "Anchor Bakery", "3")
    assert "hours" in filled("undo")
    assert [batch["undone"] for batch in filled.json("history")] == [False, True, False]
    filled("undo")
    assert "nothing to take back" in filled("undo")
    assert "taken back" in filled("history")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("log", "sign", "Nobody", "late_payment"), "'Nobody'"),
        (("log", "sign", "Anchor Bakery", "late_paymnt"), "Did you mean 'late_payment'?"),
        (("log", "hours", "Anchor Bakery", "--", "-3"), "hours"),
        (("log", "paid", "Anchor Bakery", "A-9"), "no invoice 'A-9'"),
        (("log", "paid", "Anchor Bakery", "A-2", "--on", "2026-09-01"), "lies before issued"),
        (("log", "checkin", "Anchor Bakery", "--energy", "9"), "from 1 to 5"),
        (("add", "client", "  "), "must not be empty"),
        (("add", "client", "X", "--fee", "-5"), "fee_per_month"),
        (("edit", "client", "Nobody", "--fee", "5"), "'Nobody'"),
        (("edit", "client", "Anchor Bakery", "--fee", "-5"), "fee_per_month"),
        (("edit", "client", "Anchor Bakery"), "what is to change"),
        (
            ("edit", "client", "Anchor Bakery", "--fee", "5", "--from", "2026-01-01"),
            "began on 2026-01-01: give a later",
        ),
        (("edit", "client", "Anchor Bakery", "--fee", "5", "--from", "2199-01-01"), "lies ahead"),
        (("edit", "prospect", "Nobody", "--fee", "5"), "'Nobody'"),
        (("entries", "Nobody"), "'Nobody'"),
        (("correct", "00000000", "--out"), "bush entries"),
        (("log", "invoice", "Anchor Bakery", "A-3", "10", "--currency", "usd"), "exchange rate"),
        (("log", "invoice", "Anchor Bakery", "A-3", "10", "--issued", "2199-01-01"), "lies ahead"),
        (("log", "invoice", "Anchor Bakery", "A-3", "10", "--paid-on", "2199-01-01"), "lies ahead"),
        (("log", "search", "--opened", "2199-01-01"), "lies ahead"),
        (("log", "search", "--opened", "2026-01-01", "--won", "2199-01-01"), "lies ahead"),
        (("add", "client", "Later", "--since", "2199-01-01"), "lies ahead"),
        (("log", "checkin", "Anchor Bakery", "--month", "2025-06", "--sign", "late_payment"), "before the client"),
        (("log", "paid", "Anchor Bakery", "A-1", "--never"), "was paid on 2026-09-10"),
        (("settings", "--set", "cash=1.234"), "write 1234"),
        (("settings", "--set", "exchange_rates=1"), "list of several columns"),
        (("import", "no-such-folder", "--yes"), "no file or folder"),
        (("decide", "Nobody"), "'Nobody'"),
        (("explain", "Nobody"), "'Nobody'"),
    ],
)
def test_what_is_refused_is_refused_with_a_sentence_and_nothing_is_stored(filled, arguments, sentence):
    before = filled.json("history")
    printed = filled(*arguments, code=1)
    assert printed == ""
    assert sentence in filled.stderr and "Traceback" not in filled.stderr
    assert filled.json("history") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("log", "paid", "Anchor Bakery", "A-2", "--on", "13/15/2024"),
        ("log", "paid", "Anchor Bakery", "A-2", "--on", "2026-02-30"),
        ("log", "invoice", "Anchor Bakery", "A-3", "abc"),
        ("log", "invoice", "Anchor Bakery", "A-3", "NaN"),
        ("log", "invoice", "Anchor Bakery", "A-3", "2.500"),
        ("log", "checkin", "Anchor Bakery", "--month", "2026-13"),
        ("log", "event", "Anchor Bakery", "party"),
        ("review", "--out", "x", "--format", "docx"),
        ("fit", "--status", "--cancel"),
        ("decide", "--as-of", "yesterday"),
        ("no-such-command",),
    ],
)
def test_wrong_usage_ends_with_two(filled, arguments):
    filled(*arguments, code=2)
    assert "Traceback" not in filled.stderr


def test_where_there_is_no_portfolio_the_next_step_is_said_and_no_file_is_made(bush):
    bush("decide", code=1)
    assert "bush init" in bush.stderr and not bush.database.exists()


def test_an_import_is_shown_first_and_stored_only_after_a_yes(bush, folder):
    bush("import", str(folder), code=1)
    assert "2 clients" in bush.stderr and "--yes" in bush.stderr
    assert bush.json("history") == []
    assert "9 new" in bush("import", str(folder), "--yes") or bush.json("history")[0]["records"] == 11
    assert "nothing changed" in bush("import", str(folder), "--yes")


def test_a_folder_comes_back_out_as_it_went_in(filled, folder, tmp_path):
    filled("export", str(tmp_path / "one"))
    second = type(filled)(tmp_path / "second.db")
    second("import", str(tmp_path / "one"), "--yes")
    second("export", str(tmp_path / "two"))
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    filled("export", str(tmp_path / "one"), code=1)
    assert "already" in filled.stderr


def test_a_table_of_invoices_brings_its_clients_along_when_asked_to(bush, tmp_path):
    table = tmp_path / "bills.csv"
    table.write_text(
        "Customer,Invoice No,Invoice Date,Due Date,Amount,Paid Date\n"
        'Zinc & Co,7,25/01/2026,24/02/2026,"1,200.00",26/02/2026\n',
        encoding="utf-8",
    )
    bush("import", str(table), "--yes", code=1)
    assert "row 2" in bush.stderr and "'Zinc & Co'" in bush.stderr
    assert bush.json("import", str(table), "--create-clients", "--yes")["added"] == 2
    bush("import", str(table), "--as", "hours", "--yes", code=1)


def test_a_bad_cell_is_named_by_file_row_and_column_and_nothing_is_stored(bush, folder):
    invoices = folder / "invoices.csv"
    invoices.write_text(invoices.read_text(encoding="utf-8").replace("1500,EUR", "abc,EUR"), encoding="utf-8")
    bush("import", str(folder), "--yes", code=1)
    assert "invoices.csv, row 4, column amount" in bush.stderr
    assert bush.json("history") == []


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLE.exists(), reason="the public sample of receivables is not here")
def test_sixty_customers_are_judged_from_a_list_of_receivables(bush):
    from scipy.stats import spearmanr

    bush("import", str(SAMPLE), "--map", "ar_invoices", "--create-clients", "--yes")
    decisions = bush.json("--as-of", "2013-12-31", "decide")
    assert len(decisions) == 60
    from app.store import open_portfolio

    late: dict[str, list[int]] = {}
    for invoice in open_portfolio(bush.database).records().invoices:
        if invoice.paid_on is not None:
            late.setdefault(invoice.client, []).append((invoice.paid_on - invoice.due).days)
    means = [sum(late[d["client"]]) / len(late[d["client"]]) for d in decisions]
    assert spearmanr(means, [d["strain"]["payment"]["mean"] for d in decisions]).statistic >= 0.9
