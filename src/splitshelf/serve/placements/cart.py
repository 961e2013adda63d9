"""What completes the order: goes with all that is in the cart, and is not in it."""

from splitshelf.core.events import EventType
from splitshelf.serve.placement import Ask, Placement, Query, of_seeds


def query(ask: Ask) -> Query:
    """Every product of the cart counts alike."""
    return of_seeds(ask, EventType.ADD_TO_CART)


CART = Placement("cart", query, seeds="in_cart", others="often_bought", complements=True)
