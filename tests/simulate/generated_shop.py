"""A small generated shop with a past and a trained model, for tests of several rooms."""

from datetime import timedelta

from splitshelf.app import open_shop
from splitshelf.cli import demo_steps as steps
from splitshelf.simulate import stage
from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.personas import Persona, remember
from splitshelf.simulate.schedule import history


def make(folder):
    """The settings file of a shop with 400 products, 250 shoppers and two months of past."""
    config = folder / "splitshelf.toml"
    steps.write_config(config, "Alder & Finch", 8000)
    calm = config.read_text(encoding="utf-8").replace("patience = 0.035", "patience = 2")
    calm = calm.replace("worker = true", "worker = false")
    config.write_text(calm, encoding="utf-8")  # for a busy machine
    with open_shop(config) as shop:
        shop.store.put_products(catalogue(400))
        setting = stage.Setting(shoppers=250)
        scene = stage.generated(shop.store, setting)
        until = shop.clock() - timedelta(days=1)
        shop.store.append(
            list(history(scene.world, scene.people, shoppers=setting.shoppers, until=until))
        )
        stage.remember(shop.store, setting)
        remember(shop.store, [Persona("s00003", "Ines", "Looks at tea")])
        steps.learn(shop)
    return config
