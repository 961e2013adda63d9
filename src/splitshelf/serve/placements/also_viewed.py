"""What others who looked at the page's product also looked at."""

from splitshelf.core.events import EventType
from splitshelf.serve.placement import Ask, Placement, Query, of_seeds


def query(ask: Ask) -> Query:
    """The page's product, as if it were looked at."""
    return of_seeds(ask, EventType.VIEW)


ALSO_VIEWED = Placement("also_viewed", query, seeds="looking", others="others_viewed")
