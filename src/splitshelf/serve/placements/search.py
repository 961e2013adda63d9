"""The results of a search, re-ranked for the shopper: all of them, and nothing else."""

from splitshelf.serve.given import listed
from splitshelf.serve.placement import Placement, taste

SEARCH = Placement("search", taste, shows_bought=True, give=listed, listed=True)
