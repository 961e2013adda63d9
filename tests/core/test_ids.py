"""New ids are unique and sort by the time they were made."""

import re
import uuid
from time import sleep

from splitshelf.core.ids import new_id


def test_ids_are_version_7_uuids():
    """What other systems expect of an id that sorts by time."""
    name = new_id()
    assert re.fullmatch("[0-9a-f]{32}", name)
    assert uuid.UUID(name).version == 7
    assert uuid.UUID(name).variant == uuid.RFC_4122


def test_ids_sort_by_time_and_differ():
    """Later ids are larger; none comes twice within a millisecond."""
    first = new_id()
    sleep(0.002)
    assert first < new_id()
    assert len({new_id() for _ in range(10_000)}) == 10_000
