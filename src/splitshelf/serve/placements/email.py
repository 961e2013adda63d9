"""A mailing: picked for this shopper, and nothing that the last mailings showed them."""

from splitshelf.serve.placement import Placement, history

EMAIL = Placement("email", history, debuts=True)
