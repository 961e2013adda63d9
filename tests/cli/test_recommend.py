"""`recommend` and `explain` on a small real shop: store, training and artefact included."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from splitshelf.app import open_shop
from splitshelf.cli.init import write_settings
from splitshelf.cli.main import cli
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A trained shop of 20 products, where even shoppers view even products."""
    folder = tmp_path_factory.mktemp("shop")
    path = folder / "splitshelf.toml"
    write_settings(path)
    start = datetime.now(UTC) - timedelta(days=2)
    with open_shop(path) as shop:
        shop.store.put_products(
            Product(id=f"p{i:02d}", title=f"Thing {i}", brand="AB"[i % 2]) for i in range(20)
        )
        for shopper in range(60):
            shop.store.append(
                [
                    Event(
                        id=f"{shopper}-{step}",
                        at=start + timedelta(minutes=10 * shopper + step),
                        type=EventType.VIEW,
                        shopper=f"s{shopper}",
                        product=f"p{(shopper * 6 + step * 2) % 20 // 2 * 2 + shopper % 2:02d}",
                    )
                    for step in range(6)
                ]
            )
    run("train", path)
    return path


def run(command, config, *arguments):
    """The JSON document of a command."""
    line = [command, "--config", str(config), "--json", *arguments]
    result = CliRunner().invoke(cli, line, catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_a_slate_can_be_explained_to_the_last_part(config):
    """The account of a slate is exact: every score comes out as logged, as the sum of its parts."""
    slate = run("recommend", config, "--shopper", "s2", "--n", "5")
    account = run("explain", config, slate["id"])
    assert account["exact"], account["differs"]
    assert [item["product"] for item in account["items"]] == [i["product"] for i in slate["items"]]
    for item, shown in zip(account["items"], slate["items"], strict=True):
        total = sum(part["value"] for part in item["parts"])
        assert total == pytest.approx(shown["score"], abs=1e-6)
        assert item["reason"] == shown["reason"]["text"]
    cited = [item for item in account["items"] if item["what_if"]]
    assert cited
    for item in cited:
        largest = max(part["value"] for part in item["parts"] if part.get("product"))
        assert item["what_if"]["score"] == pytest.approx(item["score"] - largest, abs=1e-6)


def test_the_same_id_replays_across_processes(config):
    """A new process answers an old id with the old slate."""
    first = run("recommend", config, "--shopper", "s3", "--id", "again")
    assert run("recommend", config, "--shopper", "s3", "--id", "again") == first


def test_seeds_make_a_product_page(config):
    """Products on the command line are what the page is about."""
    slate = run("recommend", config, "--shopper", "new", "--placement", "also_viewed", "p02")
    assert slate["stage"] == "product"
    assert "p02" not in [item["product"] for item in slate["items"]]


def test_why_a_product_would_stand_or_not(config):
    """The score, its parts, and what keeps it off."""
    standing = run("explain", config, "--shopper", "s2", "--product", "p04", "--n", "20")
    assert standing["score"] == pytest.approx(sum(part["value"] for part in standing["parts"]))
    with open_shop(config) as shop:
        shop.store.put_products([Product(id="p04", title="Thing 4", stock=0)])
    gone = run("explain", config, "--shopper", "s2", "--product", "p04")
    assert gone["position"] is None
    assert gone["hindered_by"] == ["it is not for sale or out of stock"]


def test_tables_for_people(config):
    """Without --json both commands print tables and the sentence that matters."""
    line = ["recommend", "--config", str(config), "--shopper", "s2", "--id", "people"]
    assert "splitshelf explain people" in CliRunner().invoke(cli, line).output
    told = CliRunner().invoke(cli, ["explain", "--config", str(config), "people"]).output
    assert "Every score came out as it was logged." in told


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["explain", "nothing"], InputError, "'nothing': No slate with this id is in the log"),
        (["explain"], InputError, "Give the id of a request, or --shopper"),
        (
            ["explain", "--shopper", "a", "--product", "p99"],
            InputError,
            "The catalogue has no product 'p99'",
        ),
        (["recommend", "--shopper", "a", "--placement", "hom"], UnknownName, "Did you mean 'home'"),
    ],
)
def test_wrong_calls_are_told_in_a_sentence(config, arguments, error, message):
    """What is wrong, and what to do."""
    command, *rest = arguments
    result = CliRunner().invoke(cli, [command, "--config", str(config), *rest])
    assert isinstance(result.exception, error)
    assert message in str(result.exception)


def test_a_batch_gives_everybody_a_shelf_and_nothing_twice(config, tmp_path):
    """Two mailings in a row, one as CSV and one as JSON lines, share no product for anybody."""
    people = tmp_path / "people.csv"
    people.write_text("name,shopper\nA,s1\nB,s2\nC,stranger\nA,s1\n", encoding="utf-8")
    table, lines = tmp_path / "one.csv", tmp_path / "two.jsonl"
    words = ("--batch", str(people), "--placement", "email", "--n", "4")
    report = run("recommend", config, *words, "--out", str(table), "--mailing", "one")
    assert (report["shoppers"], report["products"], report["short"]) == (3, 12, 0)
    run("recommend", config, *words, "--out", str(lines), "--mailing", "two")
    first: dict[str, set[str]] = {}
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        first.setdefault(row["shopper"], set()).add(row["product"])
    second = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [one["shopper"] for one in second] == ["s1", "s2", "stranger"]
    for one in second:
        assert len(one["items"]) == 4
        assert not first[one["shopper"]] & {item["product"] for item in one["items"]}


@pytest.mark.parametrize(
    ("content", "out", "message"),
    [
        ("", "x.csv", "holds no shopper"),
        ("s1", "x.txt", "written as .jsonl or .csv"),
        ("id,email\ns1,a@b.example", "x.csv", "none is called `shopper`"),
    ],
)
def test_a_wrong_batch_is_refused_in_a_sentence(config, tmp_path, content, out, message):
    """Before anything is shown to anybody."""
    people = tmp_path / "people.txt"
    people.write_text(content, encoding="utf-8")
    line = ["recommend", "--config", str(config), "--batch", str(people)]
    result = CliRunner().invoke(cli, [*line, "--out", str(tmp_path / out)])
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_a_list_is_re_ranked(config):
    """All of it comes back."""
    words = ("--shopper", "s1", "--placement", "search", "--list", "p03", "p07", "p09")
    slate = run("recommend", config, *words)
    assert sorted(item["product"] for item in slate["items"]) == ["p03", "p07", "p09"]
