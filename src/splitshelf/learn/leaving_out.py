"""Evidence for models that are not sums by nature: measured by leaving events out."""

import numpy as np

from splitshelf.core.activity import Activity
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
    wanted = np.array([product], dtype=np.int32)
    score = float(model.score(activity, context, wanted)[0])
    if score == 0:
        return ()
    losses = [
        max(score - float(model.score(activity.without(event), context, wanted)[0]), 0.0)
        for event in range(len(activity))
    ]
    parts = [
        Part(kind=PartKind.EVENT, model=model.name, value=loss, event=event, approximate=True)
        for event, loss in enumerate(losses)
        if loss > 0
    ]
    rest = score - sum(losses)
    if rest:
        parts.append(Part(kind=PartKind.MODEL, model=model.name, value=rest, approximate=True))
    return tuple(parts)
