"""Two hops: neighbours of neighbours, for products that few have met."""

from splitshelf.learn.matrices import Matrix, matrix_of, rows_of
from splitshelf.learn.neighbours import NeighbourModel


def through(
    first: NeighbourModel, second: NeighbourModel, *, near: int = 30, kept: int = 100
) -> NeighbourModel:
    """The model whose rows are the product of the nearest `near` of both: still a sum of events.

    A product's neighbours are those of its neighbours, weighed by both steps; the `kept` best.
    """
    one, two = (matrix_of(rows_of(matrix_of(model.neighbours), near)) for model in (first, second))
    settings = {"near": near, "kept": kept, "decay": second.decay}
    return NeighbourModel("two_hop", rows_of(Matrix(one @ two), kept), second.decay, settings)
