"""A new model arrives while shoppers ask: nobody notices."""

import threading

import pytest

from splitshelf.app import open_shop
from splitshelf.core.clock import system_clock
from splitshelf.learn.artefacts.reading import current_version
from splitshelf.learn.training.training import Run, train
from web.browsing import serving
from web.test_pages import ask
from web.web_shop import copy_of

pytestmark = pytest.mark.server


def test_two_models_are_swapped_in_under_load_without_a_failed_request(made_shop, tmp_path):
    """Four clients ask all the time; every answer is a full shelf, and not of the first model."""
    with copy_of(made_shop, tmp_path / "swap") as shop:
        config, first = shop.folder / made_shop.name, current_version(shop.models)
    counts, faults, done = [0] * 4, [], threading.Event()
    with serving(config) as base:

        def shop_on(number):
            while not done.is_set():
                try:
                    slate = ask(f"{base}/v1/recommendations?shopper=s{counts[number]}")
                    assert slate["items"]
                except (AssertionError, OSError) as error:
                    faults.append(repr(error))
                counts[number] += 1

        clients = [threading.Thread(target=shop_on, args=(number,)) for number in range(4)]
        for client in clients:
            client.start()
        try:
            for _ in range(2):
                with open_shop(config) as shop:
                    run = Run(shop.models, shop.settings.model, system_clock)
                    train(shop.store, run, lambda _: None)
                done.wait(2.5)  # the server looks once a second
        finally:
            done.set()
            for client in clients:
                client.join()
        slate = ask(f"{base}/v1/recommendations?shopper=last")
        with open_shop(config) as shop:
            version = shop.store.exposure(slate["id"]).model
            assert version == current_version(shop.models) != first
    assert faults == []
    assert min(counts) > 0
