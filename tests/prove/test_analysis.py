"""Anybody's table gets the right verdict, or one clear sentence."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from data import datasets, reference
from splitshelf.cli.experiment import experiment
from splitshelf.core.errors import InputError
from splitshelf.prove.analysis import Analysis, analyse, parse_split
from splitshelf.prove.requests import parse_outcome
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
