"""Where a search found nothing: what this shopper likes."""

from splitshelf.serve.placement import Placement, history

EMPTY_SEARCH = Placement("empty_search", history, debuts=True)
