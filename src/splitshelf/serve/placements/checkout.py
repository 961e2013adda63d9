"""The last shelf before paying: what completes the order."""

from splitshelf.serve.placement import Placement
from splitshelf.serve.placements.cart import query

CHECKOUT = Placement("checkout", query, seeds="in_cart", others="often_bought", complements=True)
