"""The runs of one store: which files there are, and how they follow one another from the start."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final, TypeAlias

from splitshelf.collect.stores.bodies import join
from splitshelf.collect.stores.runs import (
    Run,
    Stretch,
    kept,
    merged,
    sorted_acts,
    write_run,
)
from splitshelf.collect.stores.tail import Batch
from splitshelf.core.arrays import Bools

MERGED: Final = 8
"""Runs of one level that become one of the next."""
_NAME: Final = re.compile(r"(\d+)-(\d+)-(\d+)-(\d+)\.run")

Chain: TypeAlias = tuple[Run, ...]
"""Runs that hold the log from its start without a gap, oldest first."""


class Runs:
    """The folder of runs; several processes of one host share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def chain(self, epoch: int) -> Chain:
        """The longest chain of an epoch; files that can be of no more use are removed."""
        found: list[Run] = []
        stretches = list(self._stretches())
        while (
            run := self._following(found[-1].stretch.last_seq if found else 0, epoch)
        ) is not None:
            found.append(run)
        end = found[-1].stretch.last_seq if found else 0
        used = {run.stretch for run in found}
        for stretch in stretches:
            passed = stretch.epoch == epoch and stretch.last_seq <= end and stretch not in used
            if stretch.epoch < epoch or passed:
                self._remove(stretch)
        return tuple(found)

    def extended(self, chain: Chain, epoch: int, batches: Sequence[Batch]) -> Chain:
        """The chain with a run of the batches that follow it, made here or by another process."""
        after = chain[-1].stretch.last_seq if chain else 0
        with self._alone():
            run = self._following(after, epoch, batches[-1].seq)
            if run is None:
                bodies = join([batch.body for batch in batches])
                acts = sorted_acts(bodies, sum(batch.events for batch in batches))
                run = write_run(self._folder, Stretch(epoch, 0, after, batches[-1].seq), acts)
        return (*chain, run)

    def shortened(self, chain: Chain) -> Chain:
        """The chain with its last runs merged where there are enough of one level."""
        last = chain[-MERGED:]
        if len(last) < MERGED or len({run.stretch.level for run in last}) > 1:
            return chain
        first, end = last[0].stretch, last[-1].stretch
        stretch = Stretch(first.epoch, first.level + 1, first.after_seq, end.last_seq)
        with self._alone():
            run = self._opened(stretch)
            if run is None:
                run = write_run(self._folder, stretch, merged(last))
            for one in last:
                self._remove(one.stretch)
        return self.shortened((*chain[:-MERGED], run))

    def rewritten(self, chain: Chain, epoch: int, wanted: Callable[[Run], Bools]) -> None:
        """Write the runs of a later epoch, which hold what is wanted of each run."""
        for run in chain:
            old = run.stretch
            stretch = Stretch(epoch, old.level, old.after_seq, old.last_seq)
            choice = wanted(run)
            if choice.all():
                _link(run.path, stretch.named(self._folder))
            else:
                write_run(self._folder, stretch, kept(run, choice))

    def outlived(self, seq: int) -> None:
        """Remove runs that reach past the newest batch: the store is an older copy of itself."""
        for stretch in self._stretches():
            if stretch.last_seq > seq:
                self._remove(stretch)

    def forget(self, epoch: int) -> None:
        """Remove the runs of epochs before this one."""
        for stretch in self._stretches():
            if stretch.epoch < epoch:
                self._remove(stretch)

    def _following(self, after: int, epoch: int, last: int = 2**62) -> Run | None:
        """The longest run that begins after a batch and ends with `last` at the latest."""
        fitting = [
            one
            for one in self._stretches()
            if (one.epoch, one.after_seq) == (epoch, after) and after < one.last_seq <= last
        ]
        for stretch in sorted(fitting, key=lambda one: (-one.last_seq, -one.level)):
            if (run := self._opened(stretch)) is not None:
                return run
        return None

    def _opened(self, stretch: Stretch) -> Run | None:
        """The run of a stretch; None where there is none, or a damaged one, which is removed."""
        try:
            return Run(stretch.named(self._folder), stretch)
        except FileNotFoundError:
            return None
        except (ValueError, OSError):
            self._remove(stretch)
            return None

    def _stretches(self) -> Iterator[Stretch]:
        for path in self._folder.glob("*.run"):
            if match := _NAME.fullmatch(path.name):
                yield Stretch(*map(int, match.groups()))

    def _remove(self, stretch: Stretch) -> None:
        with suppress(OSError):
            stretch.named(self._folder).unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else on this host makes runs meanwhile, so that none is made twice."""
        self._folder.mkdir(exist_ok=True)
        with (self._folder / "lock").open("wb") as file:
            flock(file, LOCK_EX)
            yield


def _link(old: Path, new: Path) -> None:
    """The same file under another name; a copy where the disk knows no links."""
    try:
        os.link(old, new)
    except OSError:
        aside = new.with_name(f"{new.name}.{os.getpid()}.tmp")
        shutil.copyfile(old, aside)
        aside.replace(new)
