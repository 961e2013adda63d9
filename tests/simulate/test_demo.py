"""The demo's steps and the simulate command, on a small generated shop."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from splitshelf.app import open_shop
from splitshelf.cli import demo, demo_steps
from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product
from splitshelf.prove.aggregation import refresh
from splitshelf.simulate import truth
from splitshelf.simulate.counter import OverHttp
from splitshelf.simulate.personas import choose
from splitshelf.simulate.stage import stage_of
from web.browsing import serving

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = str(Path(__file__).parents[2] / "src")


def run(*arguments):
    """What a command prints; fails where the command does."""
    done = subprocess.run(
        [sys.executable, "-m", "splitshelf", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": SOURCE},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def experiment_of(shop):
    """The demo's experiment, begun yesterday by whichever test came first."""
    begun = demo_steps.running(shop)
    return begun or demo_steps.start(shop, shop.clock() - timedelta(days=1))


@pytest.mark.slow
def test_the_past_of_a_test_and_its_truth(shop_config, monkeypatch):
    """A test that began yesterday has data when the demo opens, and a truth is found."""
    monkeypatch.setattr(demo_steps, "SHOPPERS", 240)
    monkeypatch.setattr(demo_steps, "TRUTH_SHOPPERS", 120)
    with open_shop(shop_config) as shop:
        scene = stage_of(shop.store)
        experiment = experiment_of(shop)
        demo_steps.catch_up(shop, scene)
        tally = refresh(experiment, shop.store, shop.clock())
        assert len(tally.units) > 150
        assert not tally.switched.any()
        newest = next(iter(shop.store.latest(1)))
        assert experiment.started < newest.at <= shop.clock()
        demo_steps.find_truth(shop, scene, threading.Event())
        found = msgspec.json.decode(shop.store.document(truth.KIND, truth.NAME), type=truth.Truth)
    assert found.experiment == "home-shelf"
    assert found.lift.keys() == found.error.keys() == set(experiment.outcomes)
    assert 60 < found.shoppers <= 120
    assert found.lift["click_through"] > -0.2


def test_the_truth_is_not_worked_out_for_one_who_has_left(shop_config):
    """Stopping the demo stops the search, and nothing half-true is stored."""
    stop = threading.Event()
    stop.set()
    with open_shop(shop_config) as shop:
        experiment_of(shop)
        shop.store.delete_document(truth.KIND, truth.NAME)
        demo_steps.find_truth(shop, stage_of(shop.store), stop)
        assert shop.store.document(truth.KIND, truth.NAME) is None


def test_personas_love_different_things(shop_config):
    """Each has a past, and none shares a favourite with another."""
    with open_shop(shop_config) as shop:
        chosen = choose(stage_of(shop.store), shop.store)
        assert all(shop.store.history(persona.id, 5) for persona in chosen)
    loved = [part for one in chosen for part in one.about.removeprefix("Looks at ").split(" and ")]
    assert len(chosen) == 4
    assert len(loved) == len(set(loved))


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path):
    """--fresh removes a demo, and nothing else."""
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(InputError, match="is no demo"):
        demo.remove(tmp_path)
    (tmp_path / demo.MARK).touch()
    demo.remove(tmp_path)
    assert not tmp_path.exists()


@pytest.mark.server
def test_simulate_visits_in_process_and_over_http(shop_config):
    """Both ways leave events of many types, and exposures."""
    here = json.loads(
        run("simulate", "--config", str(shop_config), "--visits", "3", "--rate", "50",
            "--minutes", "0.3", "--json")
    )  # fmt: skip
    assert here["visits"] == 3
    with open_shop(shop_config) as shop:
        before = shop.store.count_exposures()
    with serving(shop_config) as address:
        there = json.loads(
            run("simulate", "--config", str(shop_config), "--url", address, "--visits", "8",
                "--rate", "20", "--minutes", "0.3", "--json")
        )  # fmt: skip
    assert there["visits"] == 8
    with open_shop(shop_config) as shop:
        assert shop.store.count_exposures() > before


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://shop", "http://"])
def test_an_address_must_be_one(url):
    """One sentence that says what it should look like."""
    with pytest.raises(InputError, match="must be like http://127"):
        OverHttp(url)


def test_a_server_that_is_not_there_is_said_so():
    """No traceback, and the address that did not answer."""
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:9 does not answer"):
        OverHttp("http://127.0.0.1:9").record(
            [Event(id="1", at=NOW, type=EventType.SEARCH, shopper="s")]
        )


def test_a_real_log_makes_a_world_of_its_customers(tmp_path):
    """Customers keep their names; what they bought they like; newcomers take after them."""
    config = tmp_path / "splitshelf.toml"
    demo_steps.write_config(config, "A shop", 8000)
    titles = ("RED MUG", "BLUE MUG", "HEART BUNTING", "PARTY BUNTING", "JUMBO BAG", "LUNCH BAG")
    goods = [
        Product(id=f"{n}", title=title, price=Decimal(2), currency="GBP")
        for n, title in enumerate(titles)
    ]
    with open_shop(config) as shop:
        shop.store.put_products(goods)
        shop.store.append(
            [
                Event(
                    id=f"{customer}-{line}",
                    at=shop.clock() - timedelta(days=9 - customer),
                    type=EventType.PURCHASE,
                    shopper=f"customer-{customer}",
                    product=f"{2 * (customer % 3) + line}",
                    order=f"o{customer}",
                )
                for customer in range(6)
                for line in range(2)
            ]
        )
        scene = stage_of(shop.store)
        assert demo_steps.currency_of(shop.store) == "GBP"
    assert demo_steps.name_of(Path("data/online_retail")) == "Online Retail"
    assert scene.known == 6
    for number in range(6):
        person = scene.people(number)
        assert person.id == f"customer-{number}"
        best = {scene.world.products[place].id for place in person.liking.argsort()[-2:]}
        assert best == {f"{2 * (number % 3)}", f"{2 * (number % 3) + 1}"}
    assert scene.people(6).id == scene.people(6).id == "new-000006"


def test_a_shop_is_filled_once(shop_config, tmp_path):
    """A demo that was stopped while it was being made is made to its end."""
    config = tmp_path / "splitshelf.toml"
    demo_steps.write_config(config, "Alder & Finch", 8000)
    with open_shop(config) as shop:
        shop.store.put_products([Product(id="half", title="Half")])
        assert not demo_steps.filled(shop)
    with open_shop(shop_config) as shop:
        assert demo_steps.filled(shop)
