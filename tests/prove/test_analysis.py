"""Anybody's table gets the right verdict, or one clear sentence."""

import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from click.testing import CliRunner

from data import datasets, reference
from splitshelf.cli.experiment import experiment
from splitshelf.core.errors import InputError
from splitshelf.prove.analysis import analyse
from splitshelf.prove.requests import Analysis, parse_outcome, parse_split, turned
from splitshelf.prove.statistics import means, ratios
from splitshelf.prove.summaries import Summary

VALUES = json.loads(reference("vectors/reference_values.json").read_text())["cookie_cats"]


def ask(path, *outcomes: str, **more) -> Analysis:
    """An analysis of a file with the columns that these tests write."""
    columns = {"unit": "who", "variant": "arm", "control": "a"} | more
    return Analysis(path=path, outcomes=[parse_outcome(text) for text in outcomes], **columns)


def test_r5_cookie_cats():
    """R5: the real Cookie Cats file, through the command, to the printed digits."""
    path = datasets("cookie_cats/cookie_cats.csv")
    arguments = ["analyze", str(path), "--unit", "userid", "--variant", "version", "--json"]
    asked = ["--control", "gate_30", "--outcome", "retention_7:proportion"]
    more = ["--outcome", "retention_1:proportion", "--outcome", "rounds:mean:sum_gamerounds"]
    result = CliRunner().invoke(experiment, [*arguments, *asked, *more], catch_exceptions=False)
    document = json.loads(result.output)
    for name in ("retention_1", "retention_7"):
        got, expected = document["outcomes"][name]["gate_40"], VALUES[f"{name}_test"]
        assert [got["control"], got["value"]] == pytest.approx(expected["rates"], rel=1e-12)
        assert got["statistic"] == pytest.approx(expected["z"], rel=1e-9)
        assert got["p"] == pytest.approx(expected["p"], rel=1e-9)
        assert [got["low"], got["high"]] == pytest.approx(expected["wald_ci"], rel=1e-9)
    assert document["outcomes"]["rounds"]["gate_40"]["p"] == pytest.approx(
        VALUES["sum_game_rounds_raw"]["p"], rel=1e-9
    )
    guard = document["guards"]["sample_ratio"]
    assert guard["p"] == pytest.approx(VALUES["srm"]["p"], rel=1e-9)
    assert guard["status"] == "warn"
    assert document["decision"] == "keep"


def test_r5_the_whale_is_seen():
    """R5: one player of 49,854 rounds makes most of the variance of gate_30, and is warned of."""
    path = datasets("cookie_cats/cookie_cats.csv")
    more = {"unit": "userid", "variant": "version", "control": "gate_30"}
    found = analyse(ask(path, "rounds:mean:sum_gamerounds", **more)).guards
    assert found["outliers"].status == "warn"
    assert found["outliers"].statistic == pytest.approx(0.84, abs=0.01)
    assert not {"bots", "interference"} & found.keys()  # a table tells nothing of either


@pytest.fixture
def visits(tmp_path):
    """Many rows a unit: who, arm, clicks, views, and what each bought before."""
    rng = np.random.default_rng(3)
    lines = ["who,arm,clicks,views,before"]
    table = {"a": [], "b": []}
    for who in range(400):
        arm = "ab"[who % 2]
        before = rng.lognormal()
        totals = np.zeros(2)
        for _ in range(rng.integers(1, 5)):
            views = rng.integers(1, 9)
            clicks = rng.binomial(views, 0.2 if arm == "a" else 0.4)
            lines.append(f"{who},{arm},{clicks},{views},{before}")
            totals += (clicks, views)
        table[arm].append(totals)
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines))
    return path, {arm: np.array(rows) for arm, rows in table.items()}


def test_many_rows_a_unit_are_summed_up_per_unit(visits):
    """Means are of unit totals and ratios of their sums, so rows are never taken as independent."""
    path, table = visits
    got = analyse(ask(path, "ctr:ratio:clicks/views", "clicks:mean")).outcomes
    control, treatment = (Summary.of(table[arm]) for arm in "ab")
    assert got["ctr"]["b"].p == pytest.approx(ratios.compare(control, treatment, 0.05).p, rel=1e-9)
    assert got["clicks"]["b"].p == pytest.approx(
        means.compare(control, treatment, 0.05).p, rel=1e-9
    )


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_every_format_gives_the_same_verdict(visits, tmp_path, ending):
    """Parquet and JSON lines say what the csv says."""
    import duckdb  # noqa: PLC0415 (only this test writes files with it)

    path, _ = visits
    other = tmp_path / f"other.{ending}"
    option = "FORMAT parquet" if ending == "parquet" else "FORMAT json"
    duckdb.execute(f"COPY (FROM read_csv('{path}')) TO '{other}' ({option})")
    asked = ("ctr:ratio:clicks/views", "half:quantile:views")
    left, right = (analyse(ask(one, *asked)).outcomes for one in (path, other))
    for name in left:
        assert left[name]["b"].low == pytest.approx(right[name]["b"].low, rel=1e-12)
        assert left[name]["b"].p == pytest.approx(right[name]["b"].p, rel=1e-9)


def test_units_of_two_variants_are_left_out_and_counted(tmp_path):
    """A unit with rows in both arms counts in neither."""
    path = tmp_path / "switch.csv"
    rows = [f"{who},{'ab'[who % 2]},{who % 3}" for who in range(200)]
    path.write_text("\n".join(["who,arm,y", *rows, "0,b,100", "1,a,100", "3,a,5"]))
    got = analyse(ask(path, "y:mean"))
    assert got.shoppers == {"a": 99, "b": 98}
    assert got.guards["multiple_exposures"].status == "warn"


def test_a_split_that_was_not_even_is_no_mismatch(tmp_path):
    """With 90 to 10 asked for and found, the sample ratio is fine; assumed even, it is void."""
    path = tmp_path / "uneven.csv"
    rows = [f"{who},{'b' if who % 10 == 0 else 'a'},{who % 7}" for who in range(1000)]
    path.write_text("\n".join(["who,arm,y", *rows]))
    fair = analyse(ask(path, "y:mean", split=parse_split(["a=0.9", "b=0.1"])))
    assert fair.guards["sample_ratio"].status == "ok"
    assert analyse(ask(path, "y:mean")).decision == "void"


@pytest.mark.parametrize(
    ("outcome", "control", "message"),
    [
        ("y:mean:missing", "a", "No column of data.csv is called 'missing'"),
        ("y:average", "a", "No kind of outcome is called 'average'"),
        ("y", "a", "must be NAME:KIND"),
        ("y:proportion", "a", "holds 2; a proportion needs 0 and 1"),
        ("y:mean", "c", "needs the control 'c'"),
        ("y:mean:y/y", "a", "only a ratio"),
        ("t:mean", "a", "column 't' holds 'text' and 19 more like it"),
        ("e:mean", "a", "column 'e' holds 'inf'"),
        ("y:quantile@2", "a", "like @0.9"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, outcome, control, message):
    """A wrong column, kind, value or control names itself and what is allowed."""
    path = tmp_path / "data.csv"
    rows = [f"{who},{'ab'[who % 2]},{who % 3},text,{'inf' if who else 1}" for who in range(20)]
    path.write_text("\n".join(["who,arm,y,t,e", *rows]))
    with pytest.raises(InputError, match=message):
        analyse(ask(path, outcome, control=control))


@pytest.mark.parametrize("mark", ["", "NA", "NaN", "null", "None"])
def test_what_is_not_known_takes_no_part(tmp_path, mark):
    """An empty cell is no zero: its unit counts for the split, but not for the outcome."""
    path = tmp_path / "gaps.csv"
    rows = [f"u{who},{'ab'[who % 2]},{mark if who < 20 else who % 7}" for who in range(400)]
    path.write_text("\n".join(["who,arm,y", *rows, ",a,5", "u9,,5"]))
    got = analyse(ask(path, "y:mean"))
    assert got.shoppers == {"a": 200, "b": 200}
    known = [who % 7 for who in range(20, 400) if who % 2 == 0]
    assert got.outcomes["y"]["b"].control == pytest.approx(np.mean(known))
    assert "2 rows without a unit or variant" in got.detail


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8-sig", ","), ("utf-8", ";"), ("utf-8", "\t")]
)
def test_any_spreadsheet_can_have_written_it(tmp_path, encoding, separator):
    """A byte-order mark, semicolons or tabs, blanks around names, and words for yes and no."""
    path = tmp_path / "sheet.csv"
    rows = [(f"u{n}", f" {'ab'[n % 2]} ", "TRUE" if n % 3 else "false") for n in range(300)]
    text = "\n".join(separator.join(row) for row in [("who", "arm", "y"), *rows])
    path.write_text(text, encoding=encoding)
    got = analyse(ask(path, "y:proportion"))
    assert got.shoppers == {"a": 150, "b": 150}
    assert got.outcomes["y"]["b"].control == pytest.approx(2 / 3)


def test_what_the_first_rows_look_like_decides_nothing(tmp_path):
    """Ids that are numbers for 30,000 rows, then names; a guess from the first rows would fail."""
    path = tmp_path / "late.csv"
    rows = [f"{n if n < 30_000 else f'guest-{n}'},{n % 2},{n % 5}" for n in range(31_000)]
    path.write_text("\n".join(["who,arm,y", *rows]))
    assert sum(analyse(ask(path, "y:mean", control="0")).shoppers.values()) == 31_000


def test_arms_written_in_two_ways_are_named(tmp_path):
    """A and a would be two variants, and nobody meant that."""
    path = tmp_path / "dirty.csv"
    rows = [f"{n},{('a', 'b', 'A')[n % 3]},{n % 5}" for n in range(300)]
    path.write_text("\n".join(["who,arm,y", *rows]))
    with pytest.raises(InputError, match="look like one variant"):
        analyse(ask(path, "y:mean"))


@pytest.mark.parametrize("text", ["", "who,arm,y\n"])
def test_a_file_without_rows_says_so(tmp_path, text):
    """Neither a header alone nor nothing at all is an experiment."""
    path = tmp_path / "none.csv"
    path.write_text(text)
    with pytest.raises(InputError, match="holds no row"):
        analyse(ask(path, "y:mean"))


@pytest.mark.parametrize("name", ["absent.csv", "notes.txt"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    """A missing file, or one of an unknown format, is the first thing said."""
    with pytest.raises(InputError, match=name):
        analyse(ask(tmp_path / name, "y:mean"))


@pytest.fixture
def shop(tmp_path):
    """Three arms over ten days, one row an act: c spends more by phone only; b is faster."""
    rng = np.random.default_rng(4)
    lines = ["who,arm,device,when,bought,spent,wait"]
    for who in range(6000):
        arm, device = "abc"[who % 3], ("phone", "desktop")[who // 3 % 2]
        day = int(rng.integers(10))
        for visit in range(int(rng.integers(1, 4))):
            when = f"2026-03-{2 + min(day + visit, 9):02d} 1{visit}:30:00"
            bought = rng.random() < (0.3 if arm == "c" and device == "phone" else 0.15)
            spent = round(float(rng.lognormal(3, 0.5)), 2) if bought else 0
            wait = round(float(rng.gamma(4, 2.5 if arm == "b" else 5)), 3)
            lines.append(f"{who},{arm},{device},{when},{int(bought)},{spent},{wait}")
    lines += [f"{who},{'abc'[who % 3]},tablet,2026-03-11,0,0,20" for who in range(50)]
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(lines))
    return path


def test_segments_are_told_and_what_differs_is_named(shop):
    """The effect of c is on phones; a unit of two devices is in no segment; few make none."""
    found = analyse(ask(shop, "bought:proportion", "wait:ratio", segments=["device"])).segments
    assert [(one.outcome, one.variant) for one in found] == [
        (outcome, arm) for outcome in ("bought", "wait") for arm in "bc"
    ]
    split = {(one.outcome, one.variant): one.segments for one in found}
    assert split["bought", "c"].keys() == {"phone", "desktop"}
    assert split["bought", "c"]["phone"].differs
    assert not any(one.differs for one in split["bought", "b"].values())
    assert sum(sum(one.shoppers.values()) for one in split["wait", "b"].values()) == 6000 - 50


def test_time_tells_the_course_and_lets_more_guards_speak(shop):
    """By the last day the effect so far is that of the verdict; novelty has its ten days."""
    verdict = analyse(ask(shop, "bought:proportion", time="when"))
    days = verdict.days
    assert len(days) == 10
    assert list(days[-1].total) == list(verdict.shoppers.values())
    for code, name in enumerate("bc", 1):
        gap = days[-1].total_value[code] - days[-1].total_value[0]
        assert gap == pytest.approx(verdict.outcomes["bought"][name].difference)
    assert [day.total[0] for day in days] == sorted(day.total[0] for day in days)
    assert verdict.guards["novelty"].status == "ok"
    assert not analyse(ask(shop, "bought:proportion")).days


def test_what_is_no_time_is_named(shop):
    """A column of words cannot say when."""
    with pytest.raises(InputError, match="column 'device' holds 'desktop'; it must hold dates"):
        analyse(ask(shop, "bought:proportion", time="device"))


def test_lower_can_be_better(shop):
    """A shorter wait wins where it is said that lower is better, and loses where it is not."""
    asked = ask(shop, "wait:ratio")
    verdict = analyse(replace(asked, outcomes=turned(asked.outcomes, ["wait"])))
    assert (verdict.decision, verdict.winner) == ("ship", "b")
    assert not analyse(asked).standings["b"].better


def test_a_guardrail_holds_back_a_win(shop):
    """C sells more; whether it spends less is shown to be safe, whether it waits longer is not."""
    more = {"guardrails": {"spent": 0.05}}
    assert analyse(ask(shop, "bought:proportion", "spent:mean", **more)).winner == "c"
    asked = ask(shop, "bought:proportion", "wait:mean", guardrails={"wait": 0.001})
    verdict = analyse(replace(asked, outcomes=turned(asked.outcomes, ["wait"])))
    assert verdict.decision == "undecided"
    assert verdict.why == "c is better in bought, but wait is not yet shown to be safe."


def test_values_are_capped_for_all_arms_alike(tmp_path):
    """The quantile of what is above zero in all arms together holds for each of them."""
    path = tmp_path / "whale.csv"
    rows = [f"{n},{'ab'[n % 2]},{n % 100 if n else 1e6}" for n in range(2000)]
    path.write_text("\n".join(["who,arm,y", *rows]))
    plain, capped = (analyse(ask(path, "y:mean", cap=cap)) for cap in (0.0, 0.99))
    assert plain.guards["outliers"].status == "warn"
    assert capped.guards["outliers"].status == "ok"
    spent = np.array([n % 100 if n else 1e6 for n in range(2000)])
    limit = np.quantile(spent[spent > 0], 0.99)
    assert capped.outcomes["y"]["b"].control == pytest.approx(np.minimum(spent, limit)[::2].mean())


def test_the_smallest_effect_that_is_found_is_told(visits):
    """By the error that was measured: 2.8 of it, relative to the control."""
    path, _ = visits
    verdict = analyse(ask(path, "ctr:ratio:clicks/views"))
    one = verdict.outcomes["ctr"]["b"]
    assert verdict.detectable["ctr"]["b"] == pytest.approx(2.8016 * one.error / one.control, 1e-4)


def test_the_report_of_a_file_stands_alone_and_its_sql_runs(shop, tmp_path):
    """`analyze --report` writes the page and the JSON; the SQL on the page gives the values."""
    import duckdb  # noqa: PLC0415 (only tests of files read them with it)

    page = tmp_path / "shop.html"
    asked = ["--unit", "who", "--variant", "arm", "--control", "a", "--time", "when"]
    outcomes = ["--outcome", "bought:proportion", "--outcome", "spend:mean:spent"]
    more = ["--segment", "device", "--guardrail", "spend=0.05", "--cap", "0.99", "--json"]
    call = ["analyze", str(shop), *asked, *outcomes, *more, "--report", str(page)]
    found = CliRunner().invoke(experiment, call, catch_exceptions=False)
    document = json.loads(found.output)
    assert json.loads(page.with_suffix(".json").read_text()) == document
    text = page.read_text()
    assert not re.search(r"<script|src=|href=|url\(|@import|https?:", text)
    queries = [unescape(one) for one in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)]
    with duckdb.connect() as database:
        source = f"read_csv('{shop}', all_varchar = true)"
        database.execute(f"CREATE VIEW rows AS SELECT * FROM {source}")
        database.execute(queries[0])
        for name, query in zip(("bought", "spend"), queries[1:], strict=True):
            values = dict(database.execute(query).fetchall())
            assert values["c"] == pytest.approx(document["outcomes"][name]["c"]["value"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cap": 1.5}, "cap is 1.5"),
        ({"guardrails": {"z": 0.1}}, "No outcome of this call is called 'z'"),
        ({"guardrails": {"bought": 0.1}}, "'bought' decides"),
        ({"segments": ["colour"]}, "is called 'colour'"),
        ({"time": "hour"}, "is called 'hour'"),
    ],
)
def test_a_wrong_wish_is_named(shop, change, message):
    """Each option says what is wrong with it."""
    with pytest.raises(InputError, match=message):
        analyse(ask(shop, "bought:proportion", **change))
