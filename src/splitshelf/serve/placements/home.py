"""The home page's first shelf: picked for this shopper."""

from splitshelf.serve.placement import Placement, history

HOME = Placement("home", history, debuts=True)
