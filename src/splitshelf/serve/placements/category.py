"""The list of a category page, re-ranked for the shopper: all of it, and nothing else."""

from splitshelf.serve.given import listed
from splitshelf.serve.placement import Placement, taste

CATEGORY = Placement("category", taste, shows_bought=True, give=listed, listed=True)
