"""The spots in a shop, one file each: a new one is a file and a line here."""

from splitshelf.serve.placement import Placement
from splitshelf.serve.placements.also_viewed import ALSO_VIEWED
from splitshelf.serve.placements.because_viewed import BECAUSE_VIEWED
from splitshelf.serve.placements.bought_together import BOUGHT_TOGETHER
from splitshelf.serve.placements.buy_again import BUY_AGAIN
from splitshelf.serve.placements.cart import CART
from splitshelf.serve.placements.category import CATEGORY
from splitshelf.serve.placements.checkout import CHECKOUT
from splitshelf.serve.placements.email import EMAIL
from splitshelf.serve.placements.empty_search import EMPTY_SEARCH
from splitshelf.serve.placements.home import HOME
from splitshelf.serve.placements.new_arrivals import NEW_ARRIVALS
from splitshelf.serve.placements.recently_viewed import RECENTLY_VIEWED
from splitshelf.serve.placements.search import SEARCH
from splitshelf.serve.placements.similar import ALTERNATIVES, SIMILAR
from splitshelf.serve.placements.trending import TRENDING

PLACEMENTS: dict[str, Placement] = {
    "home": HOME,
    "trending": TRENDING,
    "because_viewed": BECAUSE_VIEWED,
    "bought_together": BOUGHT_TOGETHER,
    "also_viewed": ALSO_VIEWED,
    "cart": CART,
    "recently_viewed": RECENTLY_VIEWED,
    "buy_again": BUY_AGAIN,
    "similar": SIMILAR,
    "alternatives": ALTERNATIVES,
    "checkout": CHECKOUT,
    "empty_search": EMPTY_SEARCH,
    "email": EMAIL,
    "new_arrivals": NEW_ARRIVALS,
    "category": CATEGORY,
    "search": SEARCH,
}
"""Every placement by the name that a request gives."""
