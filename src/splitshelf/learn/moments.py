"""The names that a moment and its circumstances have: what evidence of context is counted by.

A name is a dimension and its value, as in "part=evening"; names that go together stand side
by side, as in "country=DE slot=friday evening".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from splitshelf.core.circumstances import CIRCUMSTANCES

PARTS: Final = ("night", "morning", "afternoon", "evening")
"""Of a day, six hours each, from midnight."""
WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
SEASONS: Final = ("december", "march", "june", "september")
"""Three months each, by the first of them."""
TIMES: Final = ("part", "weekday", "slot", "season")
"""A slot is a part of a weekday, as in "friday evening"."""
CROSSED: Final = (("country", "slot"), ("device", "part"))
"""Dimensions whose values are also counted together, beyond what each of them says alone."""
QUARTER: Final = 900_000_000
"""Microseconds: clocks of all zones agree on when a quarter of an hour begins."""


@lru_cache(100_000)
def names_of_time(quarter: int, zone: str) -> tuple[str, str, str, str]:
    """The names in TIMES of a quarter of an hour since 1970, UTC, by the clocks of a zone.

    >>> names_of_time(1_780_000_000 // 900, "Europe/Berlin")
    ('part=evening', 'weekday=thursday', 'slot=thursday evening', 'season=march')
    """
    local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(ZoneInfo(zone))
    part, weekday = PARTS[local.hour // 6], WEEKDAYS[local.weekday()]
    season = SEASONS[local.month % 12 // 3]
    return f"part={part}", f"weekday={weekday}", f"slot={weekday} {part}", f"season={season}"


def made_of(name: str) -> tuple[str, ...]:
    """The names that a name of a time is made of; none but for a slot.

    >>> made_of("slot=friday evening")
    ('weekday=friday', 'part=evening')
    """
    kind, _, value = name.partition("=")
    weekday, _, part = value.partition(" ")
    return (f"weekday={weekday}", f"part={part}") if kind == "slot" else ()


def names_of(quarter: int, zone: str, said: Mapping[str, str]) -> list[str]:
    """Every name of a moment in its circumstances.

    >>> names_of(1_780_000_000 // 900, "UTC", {"country": "DE"})[-2:]
    ['country=DE', 'country=DE slot=thursday evening']
    """
    single = dict(zip(TIMES, names_of_time(quarter, zone), strict=True))
    single |= {name: f"{name}={said[name]}" for name in CIRCUMSTANCES if name in said}
    crossed = [f"{single[a]} {single[b]}" for a, b in CROSSED if a in single and b in single]
    return [*single.values(), *crossed]
