"""Verdicts for the pages: computed at most so often, whoever asks and however many."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic

import msgspec

from splitshelf.core.experiments import Experiment, Status
from splitshelf.core.protocols import Documents, Store
from splitshelf.prove.aggregation import refresh
from splitshelf.prove.verdict import Verdict
from splitshelf.prove.verdicts import judge
from splitshelf.web.dashboard.courses import CoursePoint, course_of

SHORTEST = 4.0
"""Seconds: no verdict is computed again sooner."""
SHARE = 0.05
"""Of the process's time that verdicts may take: a slow one is computed less often."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is known about one experiment at one moment."""

    experiment: Experiment
    verdict: Verdict
    course: tuple[CoursePoint, ...]
    truth: dict[str, float]
    """Outcome -> true relative lift, where a simulator made the shoppers; else empty."""


@dataclass(slots=True)
class _Kept:
    report: Report
    fresh_until: float


class Verdicts:
    """The last report of each experiment; any thread may ask."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._kept: dict[str, _Kept] = {}

    def report(self, experiment: Experiment, now: datetime) -> Report:
        """The report, at most a few seconds old; of a stopped experiment the final one."""
        with self._lock:
            kept = self._kept.get(experiment.id)
            if kept is None or not _still_good(kept, experiment):
                kept = self._kept[experiment.id] = self._compute(experiment, now)
            return kept.report

    def _compute(self, experiment: Experiment, now: datetime) -> _Kept:
        started = monotonic()
        verdict = judge(experiment, self._store, now)
        course = course_of(experiment, refresh(experiment, self._store, now), now)
        truth = truth_of(experiment.id, self._store)
        took = monotonic() - started
        report = Report(experiment, verdict, course, truth)
        return _Kept(report, monotonic() + max(SHORTEST, took / SHARE))


def _still_good(kept: _Kept, experiment: Experiment) -> bool:
    if kept.report.experiment != experiment:
        return False
    return experiment.status is Status.STOPPED or monotonic() < kept.fresh_until


def truth_of(experiment: str, store: Documents) -> dict[str, float]:
    """The lift that the simulator gave its shoppers, by outcome; empty in a real shop."""
    body = store.document("simulation", "truth")
    if body is None:
        return {}
    told = msgspec.json.decode(body, type=_Truth)
    return told.lift if told.experiment == experiment else {}


class _Truth(msgspec.Struct):
    experiment: str
    lift: dict[str, float] = {}
