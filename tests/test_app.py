"""The composition root opens what the settings name."""

import asyncio
import time
from datetime import timedelta

import pytest

from splitshelf.app import open_shop
from splitshelf.cli.init import write_settings
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product
from splitshelf.core.requests import ShelfRequest
from splitshelf.learn.training.training import Run, train


def test_a_shop_opens_beside_its_settings(tmp_path):
    """The store's file lies where the settings lie, whatever the working directory."""
    write_settings(tmp_path / "splitshelf.toml")
    with open_shop(tmp_path / "splitshelf.toml") as shop:
        assert shop.store.count() == 0
    assert (tmp_path / "splitshelf.sqlite").exists()


def test_missing_settings_name_the_command_that_writes_them(tmp_path):
    """A newcomer who skipped `init` is told about it."""
    with pytest.raises(InputError, match="`splitshelf init` writes one"), open_shop(tmp_path / "x"):
        pass


async def shelf(shop, number=0):
    """A shelf for somebody."""
    context = Context(at=shop.clock())
    request = ShelfRequest(id=f"r{number}", shopper="ann", placement="home", context=context, n=3)
    return await shop.recommend(request)


def test_a_shop_that_trained_nothing_shows_its_own_list(tmp_path):
    """First the list of the settings, then the rest of the catalogue; what is sold out never."""
    (tmp_path / "splitshelf.toml").write_text(
        '[serve]\nfallback = ["tea", "gone", "mug"]\npatience = 2\n', encoding="utf-8"
    )
    with open_shop(tmp_path / "splitshelf.toml") as shop:
        stocks = {"ant": 1, "gone": 0, "mug": 1, "tea": 1}
        shop.store.put_products([Product(id=name, stock=n) for name, n in stocks.items()])
        slate = asyncio.run(shelf(shop))
        assert [item.product for item in slate.items] == ["tea", "mug", "ant"]
        assert slate.stage == "fallback"
        assert slate.logged
        reason = shop.ready()
        assert reason is not None
        assert "`splitshelf train` makes one" in reason
        with pytest.raises(Unavailable):
            _ = shop.artefact


def test_the_first_training_takes_over_without_a_restart(tmp_path):
    """Within seconds of the artefact's arrival the shelves are made by it."""
    (tmp_path / "splitshelf.toml").write_text("[serve]\npatience = 2\n", encoding="utf-8")
    with open_shop(tmp_path / "splitshelf.toml") as shop:
        shop.store.put_products([Product(id=f"p{n}", stock=1) for n in range(4)])
        assert asyncio.run(shelf(shop)).stage == "fallback"
        now = shop.clock()
        events = [
            Event(
                id=f"{s}.{n}", at=now - timedelta(days=2, minutes=s), type=EventType.VIEW,
                shopper=f"s{s}", product=f"p{(s + n) % 3}",
            )
            for s in range(12) for n in range(2)
        ]  # fmt: skip
        shop.store.append(events)
        train(shop.store, Run(shop.models, shop.settings.model, shop.clock), lambda _: None)
        end = time.monotonic() + 60  # kernels may have to be compiled first
        number = 1
        while asyncio.run(shelf(shop, number)).stage == "fallback":
            assert time.monotonic() < end
            number += 1
            time.sleep(0.1)
        assert shop.ready() is None


def test_a_damaged_model_is_named_and_the_one_before_answers(tmp_path, caplog):
    """One flipped byte: the file is named once on standard error, and shelves go on."""
    (tmp_path / "splitshelf.toml").write_text("[serve]\npatience = 2\n", encoding="utf-8")
    with open_shop(tmp_path / "splitshelf.toml") as shop:
        now = shop.clock()
        shop.store.put_products([Product(id=name) for name in ("mug", "tea")])
        shop.store.append(
            [
                Event(id=str(n), at=now, type=EventType.VIEW, shopper="bob", product=product)
                for n, product in enumerate(("mug", "tea"))
            ]
        )
        for _ in range(2):
            train(shop.store, Run(shop.models, shop.settings.model, shop.clock), lambda _: None)
    current = (shop.models / "CURRENT").read_text(encoding="utf-8").strip()
    broken = shop.models / current / "models" / "popular" / "scores.npy"
    body = bytearray(broken.read_bytes())
    body[-1] ^= 1
    broken.write_bytes(body)
    with open_shop(tmp_path / "splitshelf.toml") as shop:
        assert asyncio.run(shelf(shop)).logged
        assert shop.ready() is None
        assert "popular/scores.npy" in shop.passed_over[0]
    assert sum("popular/scores.npy" in one for one in caplog.messages) == 1
