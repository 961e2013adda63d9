"""Machines: one rule for imports, training and experiments."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splitshelf.collect.importing import ImportOptions, run_import
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import microseconds
from splitshelf.core.events import EVENT_CODES, Event, EventType
from splitshelf.core.machines import machines, marked, tempo, without
from splitshelf.core.settings import CleaningSettings

MORNING = microseconds(datetime(2026, 5, 1, 23, 59, 50, tzinfo=UTC))
"""Ten seconds before midnight, so that days part what is done in a row."""
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LIMIT = 25

walks = st.lists(
    st.tuples(
        st.integers(10, 45),
        st.sampled_from([0, 1, 300, 499, 500, 501, 900, 2_000, 60_000]),
        st.sampled_from(["view", "click", "search", "impression", "cart_view"]),
        st.integers(0, 20_000),
    ),
    min_size=1,
    max_size=5,
)
"""For each shopper: how many acts, milliseconds between them, of what type, from when on."""


def rows_of(walk) -> list[dict]:
    """The acts of some shoppers, oldest first."""
    rows = [
        {
            "at": MORNING + 1_000 * (start + number * (gap + number % 2)) + 7,
            "shopper": f"s{place}",
            "type": kind,
        }
        for place, (acts, gap, kind, start) in enumerate(walk)
        for number in range(acts)
    ]
    return sorted(rows, key=lambda row: row["at"])


@pytest.mark.parametrize("seed", range(3))
def test_imports_and_the_live_log_find_the_same(seed, tmp_path):
    """What an import leaves out by SQL is what the arrays tell of the same events."""
    rng = np.random.default_rng(seed)
    gaps, kinds = [0, 1, 300, 499, 500, 501, 900, 2_000], ["view", "click", "search", "impression"]
    walk = [
        (int(rng.integers(10, 45)), int(rng.choice(gaps)), str(rng.choice(kinds)), int(start))
        for start in rng.integers(0, 20_000, 60)
    ]
    path = tmp_path / "june.csv"
    lines = [
        f"{np.datetime64(row['at'], 'us')}Z,{row['shopper']},{row['type']},mug\n"
        for row in rows_of(walk)
    ]
    path.write_text("at,shopper,type,product\n" + "".join(lines))
    every, cleaned = (open_store(f"sqlite:///{name}.sqlite", tmp_path) for name in "ab")
    for store, bots in ((every, False), (cleaned, True)):
        options = ImportOptions(
            cleaning=CleaningSettings(duplicates=False, bots=bots, bot_views_per_minute=LIMIT)
        )
        run_import([path], store, options, clock=lambda: NOW)
    log = every.scan()
    found = machines(log, LIMIT)
    left = without(log, found)
    assert list(left.shoppers) == list(cleaned.scan().shoppers)
    assert 5 < found.sum() < 55
    assert len(left) == cleaned.count()
    every.close()
    cleaned.close()


@settings(max_examples=60, deadline=None)
@given(walks, st.integers(1, 30))
def test_the_arrays_say_what_a_plain_count_says(walk, limit):
    """Minutes and steps of each shopper, counted one by one."""
    rows = [row for row in rows_of(walk) if row["type"] in {"view", "click", "search"}]
    plain = set()
    for shopper in {row["shopper"] for row in rows}:
        times = [row["at"] for row in rows if row["shopper"] == shopper]
        minutes = [at // 60_000_000 for at in times]
        days = {}
        for at in times:
            days.setdefault(at // 86_400_000_000, []).append(at // 1000)
        gaps = [np.diff(day) for day in days.values() if len(day) > 20]
        if max(map(minutes.count, minutes)) > limit or any(np.median(gap) < 500 for gap in gaps):
            plain.add(shopper)
    assert plain == found_in(walk, limit)


def found_in(walk, limit) -> set[str]:
    """Who is a machine by the arrays."""
    rows = rows_of(walk)
    names = [f"s{place}" for place in range(len(walk))]
    most, hasty = tempo(
        np.array([row["at"] for row in rows]),
        np.array([EVENT_CODES[EventType(row["type"])] for row in rows], dtype=np.int8),
        np.array([names.index(row["shopper"]) for row in rows], dtype=np.int32),
        len(names),
    )
    return {name for name, one in zip(names, (most > limit) | hasty, strict=True) if one}


def test_an_event_that_names_its_own_agent_is_not_marked():
    """The agent of the call is then somebody else's."""
    plain = Event(id="1", at=NOW, type=EventType.SEARCH, shopper="ann", context={"query": "mug"})
    own = Event(id="2", at=NOW, type=EventType.SEARCH, shopper="ann", context={"agent": "Firefox"})
    first, second = marked([plain, own])
    assert first.context == {"query": "mug", "bot": True}
    assert second is own


def test_a_mark_survives_the_log_and_its_segments(tmp_path):
    """A marked shopper is a machine with one event; a text that looks like the mark is none."""
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    said = {
        "door": {"bot": True},
        "agent": {"agent": "HeadlessChrome/130"},
        "text": {"page": "x|bot=1"},
        "firefox": {"agent": "Firefox/130"},
    }
    store.append(
        [
            Event(id=name, at=at, type=EventType.CART_VIEW, shopper=name, context=context)
            for name, context in said.items()
        ]
    )
    log = store.scan()
    found = machines(log, LIMIT)
    assert [name for name, one in zip(log.shoppers, found, strict=True) if one] == ["agent", "door"]
    assert not machines(log, 0).any()
    assert without(log, np.zeros(4, dtype=bool)) is log
    store.close()
