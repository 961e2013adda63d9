"""What everybody turns to lately; the same for all."""

from splitshelf.serve.placement import Ask, Placement, Query, nothing


def query(_: Ask) -> Query:
    """Nothing of the shopper."""
    return nothing()


TRENDING = Placement("trending", query)
