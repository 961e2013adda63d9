"""Evidence for models that are not sums by nature: measured by leaving events out."""

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Ints
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.protocols import Model


def parts_by_leaving_out(
    model: Model, activity: Activity, context: Context, product: int
) -> tuple[Part, ...]:
    """Parts that sum to the score: each event has what the score loses without it.

    Events that the score does not need have none. Losses of single events need not add up, so
    what they leave, above 0 or below, is one part of the model itself; all are approximate.
    """
    return together(model, activity, context, np.array([product], dtype=np.int32))[0]


def together(
    model: Model, activity: Activity, context: Context, products: Ints
) -> list[tuple[Part, ...]]:
    """The parts of several products; each event is left out once for all of them."""
    scores = model.score(activity, context, products)
    rests = [
        model.score(activity.without(event), context, products) for event in range(len(activity))
    ]
    losses = np.maximum(scores - np.array(rests).reshape(len(rests), len(products)), 0.0)
    return [
        _parts(model.name, score, losses[:, place].tolist())
        for place, score in enumerate(scores.tolist())
    ]


def _parts(name: str, score: float, losses: list[float]) -> tuple[Part, ...]:
    if score == 0:
        return ()
    parts = [
        Part(kind=PartKind.EVENT, model=name, value=loss, event=event, approximate=True)
        for event, loss in enumerate(losses)
        if loss > 0
    ]
    rest = score - sum(losses)
    if rest:
        parts.append(Part(kind=PartKind.MODEL, model=name, value=rest, approximate=True))
    return tuple(parts)
