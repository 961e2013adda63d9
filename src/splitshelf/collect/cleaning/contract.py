"""What a cleaning step is: SQL over the staged events, and the words it has for what it does.

The SQL sees the view `kept`: what the steps before it kept, one row an event with `seq`, `file`,
`line`, `named`, `id`, `at`, `type`, `shopper`, `session`, `product`, `quantity`, `price`,
`currency`, `"order"`, `dwell`, `value` and `context` (JSON). `{name}` stands for a setting.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step. When it is switched off, it still says what it would have done."""

    title: str
    """What it does, in the words of a report."""
    drops: tuple[tuple[str, str], ...] = ()
    """(reason, SQL giving the `seq` to leave out), one after the other."""
    edits: tuple[tuple[str, str], ...] = ()
    """(reason, SQL giving `seq` and a JSON `patch` of the event)."""
    prepare: str = ""
    """SQL to run first, switched on or off."""
    remarks: tuple[tuple[str, str], ...] = ()
    """(sentence with [n] and [names], SQL giving n and a text): said where n is not 0."""
    rounds: int = 1
    """How often the drops are run, ending early when a round finds nothing."""
