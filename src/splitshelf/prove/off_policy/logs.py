"""What was done with which chance, and what another policy would have done instead."""

from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Floats, Longs


@dataclass(frozen=True, slots=True)
class Log:
    """n logged actions; every array has one entry an action."""

    action: Longs
    """int64: 0 to the number of actions - 1."""
    reward: Floats
    propensity: Floats
    """float64: the chance with which the log's own policy took that action; above 0."""
    position: Longs
    """int64: 0 to the number of positions - 1; all 0 where there is only one."""

    def __len__(self) -> int:
        return len(self.action)


@dataclass(frozen=True, slots=True)
class Target:
    """The policy asked about."""

    chance: Floats
    """float64 [n]: of the logged action, in the logged situation."""
    distribution: Floats | None = None
    """float64 [positions, actions], rows summing to 1; None where it depends on the situation."""


def uniform(log: Log, actions: int) -> Target:
    """The target that takes each of the actions equally often at every position."""
    positions = int(log.position.max(initial=0)) + 1
    share = np.full((positions, actions), 1 / actions)
    return Target(np.full(len(log), 1 / actions), share)


def fixed(log: Log, distribution: Floats) -> Target:
    """The target that draws from one distribution a position, whatever the situation."""
    return Target(distribution[log.position, log.action], distribution)
