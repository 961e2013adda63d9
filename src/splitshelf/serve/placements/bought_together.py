"""What is bought along with the page's product."""

from splitshelf.core.events import EventType
from splitshelf.serve.placement import Ask, Placement, Query, of_seeds


def query(ask: Ask) -> Query:
    """The page's product, as if it were bought."""
    return of_seeds(ask, EventType.PURCHASE)


BOUGHT_TOGETHER = Placement("bought_together", query, seeds="looking", others="often_bought")
