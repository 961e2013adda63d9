"""How a neural model is trained: what its configuration has in common with others."""

import math
from typing import Annotated

import msgspec
from msgspec import Meta

Positive = Annotated[int, Meta(ge=1)]


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How steps are taken, and when they end."""

    width: Annotated[int, Meta(ge=2)] = 64
    """Numbers in every vector."""
    attributes: Positive = 16
    """At most so many of a product's attributes are read, the rarest that two products share."""
    negatives: Positive = 1_024
    """Products drawn at random for each step, compared with by all events of the batch."""
    temperature: Annotated[float, Meta(gt=0)] = 0.07
    """Divides the cosine: the smaller, the more the nearest wrong products matter."""
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.5
    rate: Annotated[float, Meta(gt=0)] = 0.003
    """Of learning, at its peak: it rises for a twentieth of the steps, then falls as a cosine."""
    epochs: Positive = 22
    fewest_steps: Positive = 60
    """A small log is read more often, to take at least so many steps."""
    most_steps: Positive = 6_000
    """A large log is read less often."""
    held_back: Annotated[float, Meta(ge=0, lt=1)] = 0.07
    """The share of shoppers whose newest turn only says when to stop."""
    most_held_back: Annotated[int, Meta(ge=0)] = 1_500
    patience: Positive = 5
    """Epochs without progress on what was held back after which training stops."""

    def rounds(self, steps: int) -> int:
        """How many epochs of so many steps are run."""
        fewest = math.ceil(self.fewest_steps / steps)
        return max(1, fewest, min(self.epochs, self.most_steps // steps))

    def pace(self, step: int, steps: int) -> float:
        """The rate of one step of all."""
        rise = min(1.0, (step + 1) / (0.05 * steps))
        return self.rate * rise * (0.505 + 0.495 * math.cos(math.pi * step / steps))
