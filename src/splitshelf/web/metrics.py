"""What the process counts about itself, in the text format of Prometheus."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds: upper ends of the buckets of the latency histogram."""


class Metrics:
    """Counters of one process; all calls come from the event loop's thread."""

    def __init__(self) -> None:
        self.events = 0
        """Events acknowledged."""
        self.slates: Counter[tuple[str, str]] = Counter()
        """Slates by placement and stage."""
        self.unlogged = 0
        """Slates whose exposure could not be stored."""
        self._statuses: Counter[int] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()

    def count(self, status: int) -> None:
        """Nothing; one more answer of that status."""
        self._statuses[status] += 1

    def observe(self, path: str, status: int, seconds: float) -> None:
        """Nothing; one more answer on a hot path, and how long it took."""
        self._statuses[status] += 1
        buckets = self._buckets.get(path)
        if buckets is None:
            buckets = self._buckets[path] = [0] * (len(BOUNDS) + 1)
        buckets[bisect_left(BOUNDS, seconds)] += 1
        self._seconds[path] += seconds  # pyright: ignore[reportArgumentType] (a Counter sums floats)

    def text(self, gauges: Mapping[str, float]) -> str:
        """All of it, and the gauges that the caller has read, as Prometheus scrapes it."""
        lines = [
            "# TYPE splitshelf_events_total counter",
            f"splitshelf_events_total {self.events}",
            "# TYPE splitshelf_unlogged_slates_total counter",
            f"splitshelf_unlogged_slates_total {self.unlogged}",
            "# TYPE splitshelf_answers_total counter",
        ]
        lines += [
            f'splitshelf_answers_total{{status="{status}"}} {count}'
            for status, count in sorted(self._statuses.items())
        ]
        lines.append("# TYPE splitshelf_slates_total counter")
        lines += [
            f'splitshelf_slates_total{{placement="{placement}",stage="{stage}"}} {count}'
            for (placement, stage), count in sorted(self.slates.items())
        ]
        lines += self._histogram()
        for name, value in sorted(gauges.items()):
            lines += [f"# TYPE splitshelf_{name} gauge", f"splitshelf_{name} {value:g}"]
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        lines = ["# TYPE splitshelf_answer_seconds histogram"]
        for path, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, count in zip((*BOUNDS, "+Inf"), buckets, strict=True):
                total += count
                lines.append(
                    f'splitshelf_answer_seconds_bucket{{path="{path}",le="{bound}"}} {total}'
                )
            lines.append(f'splitshelf_answer_seconds_sum{{path="{path}"}} {self._seconds[path]:g}')
            lines.append(f'splitshelf_answer_seconds_count{{path="{path}"}} {total}')
        return lines
