"""What the shop has lately, nearest to the shopper's taste first."""

from splitshelf.serve.given import newest
from splitshelf.serve.placement import Placement, taste

NEW_ARRIVALS = Placement("new_arrivals", taste, give=newest)
