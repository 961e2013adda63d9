"""Products like the one that the page shows, and what to take instead of one that is sold out."""

from splitshelf.core.events import EventType
from splitshelf.serve.placement import Ask, Placement, Query, of_seeds


def query(ask: Ask) -> Query:
    """The page's product, as if it were looked at; the model is content."""
    return of_seeds(ask, EventType.VIEW)


SIMILAR = Placement("similar", query, seeds="looking", model="content")
ALTERNATIVES = Placement("alternatives", query, seeds="looking", model="content", siblings=True)
