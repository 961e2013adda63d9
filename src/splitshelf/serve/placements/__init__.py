"""The spots in a shop, one file each: a new one is a file and a line here."""

from splitshelf.serve.placement import Placement
from splitshelf.serve.placements.also_viewed import ALSO_VIEWED
from splitshelf.serve.placements.because_viewed import BECAUSE_VIEWED
from splitshelf.serve.placements.bought_together import BOUGHT_TOGETHER
from splitshelf.serve.placements.cart import CART
from splitshelf.serve.placements.home import HOME
from splitshelf.serve.placements.trending import TRENDING

PLACEMENTS: dict[str, Placement] = {
    "home": HOME,
    "trending": TRENDING,
    "because_viewed": BECAUSE_VIEWED,
    "bought_together": BOUGHT_TOGETHER,
    "also_viewed": ALSO_VIEWED,
    "cart": CART,
}
"""Every placement by the name that a request gives."""
