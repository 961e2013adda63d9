"""`shopper forget` on a small real shop: out of the log, and out of the model."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from splitshelf.app import open_shop
from splitshelf.cli.init import write_settings
from splitshelf.cli.main import cli
from splitshelf.core.errors import InputError
from splitshelf.core.events import Event, EventType
from splitshelf.learn.artefacts.reading import load
from splitshelf.learn.neighbours import NeighbourModel


@pytest.fixture
def config(tmp_path):
    """A shop of eight products that forty shoppers viewed in pairs; trained."""
    path = tmp_path / "splitshelf.toml"
    write_settings(path)
    with open_shop(path) as shop:
        for number in range(40):
            shop.store.append(viewed(f"s{number}", f"p{number % 4}", f"p{number % 4 + 4}"))
    run("train", path)
    return path


def viewed(shopper, *products):
    """Views a minute apart, on one day of two weeks."""
    day = datetime.now(UTC) - timedelta(days=1 + len(shopper) * sum(map(ord, shopper)) % 14)
    return [
        Event(
            id=f"{shopper}-{place}",
            at=day + timedelta(minutes=place),
            type=EventType.VIEW,
            shopper=shopper,
            product=product,
        )
        for place, product in enumerate(products)
    ]


def run(command, config, *arguments):
    """The JSON document of a command."""
    line = [*command.split(), "--config", str(config), "--json", *arguments]
    result = CliRunner().invoke(cli, line, catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def pair(config, source, target):
    """How many shoppers stand behind a pair in the current model."""
    with open_shop(config) as shop:
        artefact = load(shop.models)
    covisits = artefact.models["covisits"]
    assert isinstance(covisits, NeighbourModel)
    rows = covisits.neighbours
    entry = rows.entry(artefact.products.find(source), artefact.products.find(target))
    return 0 if entry < 0 else int(rows.supporters[entry])


def test_forgetting_takes_a_shopper_out_of_the_counts_at_once(config):
    """The pair loses its supporter; what waits for a training is named; twice is an error."""
    before = pair(config, "p1", "p5")
    report = run("shopper forget", config, "s1")
    assert report["removed"] == 2
    assert pair(config, "p1", "p5") == before - 1
    assert report["holding"] == ["additive", "slim"]
    with open_shop(config) as shop:
        folder = load(shop.models).folder
    assert '"s1"' not in (folder / "manifest.json").read_text()
    with pytest.raises(InputError, match="Nothing is kept"):
        run("shopper forget", config, "s1")
