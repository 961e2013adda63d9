"""What tuning may turn, and how far: the knobs of each part and of the blend."""

from typing import NamedTuple

Configuration = dict[str, int | float]
"""By knob; what is left out is as in the model's `Config`."""


class Knob(NamedTuple):
    """One field of a `Config`; whole numbers where both ends are."""

    low: float
    high: float
    log: bool = False
    """Whether it is searched by factors rather than by steps."""


DECAY = Knob(0.2, 0.8)
"""A slower one would have a request read the rows of most of a history: see `neighbours.FAINT`."""
KNOBS: dict[str, dict[str, Knob]] = {
    "content": {
        "idf_exponent": Knob(0.5, 3.0),
        "length_exponent": Knob(0.0, 0.5),
        "popularity_exponent": Knob(0.0, 0.5),
        "decay": DECAY,
    },
    "covisits": {
        "reach": Knob(2, 20, log=True),
        "distance_decay": Knob(0.5, 1.0),
        "backward": Knob(0.0, 1.0),
        "source_exponent": Knob(0.0, 0.8),
        "target_exponent": Knob(0.0, 0.5),
        "shrinkage": Knob(0.1, 20.0, log=True),
        "decay": DECAY,
    },
    "item_knn": {
        "popularity_exponent": Knob(0.1, 0.6),
        "shrinkage": Knob(0.1, 20.0, log=True),
        "decay": DECAY,
    },
    "markov": {
        "source_exponent": Knob(0.0, 1.0),
        "shrinkage": Knob(0.1, 20.0, log=True),
    },
    "popular": {
        "half_life": Knob(2.0, 400.0, log=True),
        "exponent": Knob(0.2, 1.0),
    },
    "rising": {
        "days": Knob(3.0, 30.0, log=True),
        "prior": Knob(2.0, 100.0, log=True),
    },
    "slim": {
        "l1": Knob(0.1, 10.0, log=True),
        "l2": Knob(0.5, 50.0, log=True),
        "decay": DECAY,
    },
    "additive": {"depth": Knob(30, 150, log=True)},
    "context": {
        "prior": Knob(2.0, 100.0, log=True),
        "deviations": Knob(0.0, 4.0),
    },
}
"""The weights of the blend are no knob: every trial learns them."""
