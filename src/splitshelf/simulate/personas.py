"""A few shoppers of the past whose eyes a visitor of the demo may borrow."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from splitshelf.core.events import EventType
from splitshelf.core.protocols import Store
from splitshelf.simulate.stage import Stage

KIND, NAME = "simulation", "personas"
NAMES = ("Ines", "Jonas", "Amira", "Tomasz", "Lena", "Kofi")


class Persona(msgspec.Struct, frozen=True):
    """A shopper with a past, under a name that is not theirs."""

    id: str
    name: str
    about: str


def choose(stage: Stage, store: Store, count: int = 4, among: int = 400) -> list[Persona]:
    """Shoppers with a long past, each fond of other families than the ones before."""
    pasts = {
        person.id: _fond_of(stage, store, person.id)
        for person in map(stage.people, range(min(among, stage.known)))
    }
    taken: set[str] = set()
    chosen = []
    for shopper, counts in sorted(pasts.items(), key=lambda row: (-row[1].total(), row[0])):
        loved = [name for name, _ in counts.most_common(2)]
        if len(chosen) < count and loved and not taken & set(loved):
            taken |= set(loved)
            about = " and ".join(name.lower() for name in loved)
            chosen.append(Persona(shopper, NAMES[len(chosen)], f"Looks at {about}"))
    return chosen


def _fond_of(stage: Stage, store: Store, shopper: str) -> Counter[str]:
    """What a shopper did with each family; purchases count thrice."""
    counts: Counter[str] = Counter()
    for event in store.history(shopper, 50):
        place = stage.world.index.get(event.product or "")
        if place is not None:
            product = stage.world.products[place]
            name = product.category[-1] if product.category else "this and that"
            counts[name] += 3 if event.type is EventType.PURCHASE else 1
    return counts


def remember(store: Store, personas: Sequence[Persona]) -> None:
    """Keep them where the shop's pages look."""
    store.put_document(KIND, NAME, msgspec.json.encode(personas))
