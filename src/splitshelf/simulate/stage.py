"""The world behind one installation, remembered so that every process finds the same shoppers."""

from dataclasses import dataclass

import msgspec

from splitshelf.core.protocols import Store
from splitshelf.simulate.people import People, people_of
from splitshelf.simulate.reality import customers_of, world_of_log
from splitshelf.simulate.schedule import Crowd
from splitshelf.simulate.world import World, world_of

KIND, NAME = "simulation", "world"


class Setting(msgspec.Struct, frozen=True):
    """What a generated world is made from."""

    seed: int = 7
    shoppers: int = 2600
    """How many have a past."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A world and its people."""

    world: World
    people: People
    known: int
    """Shoppers 0 to known - 1 have a past in the log."""

    def crowd(self, name: str, seed: int) -> Crowd:
        """Shoppers who remember nothing but their tastes; `name` begins the ids of visits."""
        return Crowd(self.world, self.people, name, seed)


def generated(store: Store, setting: Setting) -> Stage:
    """The stage of a generated shop whose products the store holds."""
    world = world_of(store.products(), setting.seed)
    return Stage(world, people_of(world), setting.shoppers)


def remember(store: Store, setting: Setting) -> None:
    """Note that this shop is generated, and from what."""
    store.put_document(KIND, NAME, msgspec.json.encode(setting))


def stage_of(store: Store) -> Stage:
    """The stage of an installation: generated where it was noted so, else that of its log."""
    noted = store.document(KIND, NAME)
    if noted is not None:
        return generated(store, msgspec.json.decode(noted, type=Setting))
    log = store.scan()
    world = world_of_log([product for product in store.products() if product.title], log)
    people, known = customers_of(world, log)
    return Stage(world, people, known)
