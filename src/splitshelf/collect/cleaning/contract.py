"""What a cleaning step is: SQL that finds the events to leave out, and the reason it gives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step; it sees what the steps before it kept."""

    title: str
    """What it does, in the words of a report."""
    drops: tuple[tuple[str, str], ...]
    """(reason, SQL giving the `seq` to leave out of the view `kept`), run one after the other."""
    prepare: str = ""
    """SQL to run first."""
    remarks: tuple[tuple[str, str], ...] = ()
    """(sentence with {n}, SQL giving n): said in the report where n is not 0."""
