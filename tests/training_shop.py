"""A log that training can learn from, with a catalogue."""

from datetime import UTC, datetime, timedelta

import numpy as np

from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=30)


def fill(store):
    """Sixty shoppers who each look at products of one colour, and a catalogue."""
    rng = np.random.default_rng(0)
    store.put_products(
        Product(id=f"p{number:02}", title="even" if number % 2 == 0 else "odd")
        for number in range(40)
    )
    store.append(
        [
            Event(
                id=f"{shopper}-{place}",
                at=START + timedelta(hours=int(rng.integers(600))),
                type=EventType.VIEW,
                shopper=f"s{shopper}",
                product=f"p{number:02}",
            )
            for shopper in range(60)
            for place, number in enumerate(rng.choice(np.arange(shopper % 2, 40, 2), 10))
        ]
    )
