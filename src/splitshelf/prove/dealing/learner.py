"""What a learner of a contextual bandit is given, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from splitshelf.core.arrays import Bytes, Floats
from splitshelf.core.protocols import Rng


@dataclass(frozen=True, slots=True)
class Lessons:
    """The shoppers of one day; arrays have one entry a shopper."""

    situations: Sequence[str]
    """Of the first slate; see core.context.situation."""
    arm: Bytes
    """int8: the arm of the first slate."""
    chance: Floats
    """float64: the chance with which that arm was dealt, above 0."""
    reward: Floats
    """float64: what is to be large."""
    arms: int
    """How many there are."""

    def __len__(self) -> int:
        return len(self.reward)


@dataclass(frozen=True, slots=True)
class Learner:
    """Two functions, and a state in between that is kept as bytes."""

    learn: Callable[[bytes, Lessons], bytes]
    """(state, day) -> state; it begins empty."""
    chances: Callable[[bytes, Sequence[str], int, Rng], Floats]
    """(state, situations, arms, rng) -> float64 [situations, arms]: the chance that each arm is the
    best, as far as is known; rows sum to 1."""
