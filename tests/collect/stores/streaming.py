"""A writer to be killed: appends events for ever and says after each batch what is durable.

Called as `streaming.py URL FOLDER START FOLD RUN`; prints the number after the last event.
"""

import sys
from pathlib import Path

from splitshelf.collect.stores import events, memory
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import moment
from splitshelf.core.events import Event, EventType


def event(number: int) -> Event:
    """Event e<number>, by one of ten shoppers."""
    return Event(
        id=f"e{number}",
        at=moment(number * 1_000_000),
        type=EventType.VIEW,
        shopper=f"s{number % 10}",
        product=f"p{number % 7}",
    )


def main() -> None:
    """Append until killed; every third batch repeats the one before, as a retry would."""
    url, folder, start, memory.FOLD, events.RUN = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    store = open_store(url, Path(folder))
    size = 1 + start % 5
    while True:
        batch = [event(n) for n in range(start, start + size)]
        store.append(batch)
        if start % 3 == 0:
            store.append(batch)
        start += size
        sys.stdout.write(f"{start}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
