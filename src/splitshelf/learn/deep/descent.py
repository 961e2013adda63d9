"""Training: gradients by JAX, steps by Adam, stopped by events that were held back."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.deep.networks import (
    Array,
    Drop,
    Network,
    Numpy,
    PackedRows,
    Shape,
    Weights,
    keep_all,
)
from splitshelf.learn.deep.packing import WIDTH, Rows, Windows, hold_back, pack, windows_of
from splitshelf.learn.deep.plans import Plan

_ROUND = 256
"""Tables are filled up to a multiple, so that small logs share a compilation."""
_ROWS = 32
"""Rows in a batch: some 2,000 events; a quarter where the whole log is no more."""
_RIVALS = 10_000
"""At most so many products compete when held-back turns are judged."""
_ATTRIBUTES = {"attributes", "aims"}
"""Weights whose last row stands for no attribute."""

Judge = Callable[[Weights], float]


class Recipe(NamedTuple):
    """What is compiled into a step."""

    network: Network
    shape: Shape
    dropout: float
    temperature: float

    def read(
        self, xp: Numpy, weights: Weights, rows: PackedRows, table: Array, drop: Drop
    ) -> Array:
        """See Network.read."""
        return self.network.read(xp, weights, self.shape, rows, table, drop)


class Batch(NamedTuple):
    """What one step reads; the first four as in Rows."""

    products: Array
    targets: Array
    places: Array
    windows: Array
    negatives: Array
    """int32: products drawn at random."""
    noise: Array
    """uint8 [places of dropout, rows, WIDTH, width]."""


class Moments(NamedTuple):
    """What Adam remembers of the gradients."""

    mean: Weights
    square: Weights


def train(  # noqa: PLR0917 (what is learned, from what)
    plan: Plan, network: Network, shape: Shape, turns: Turns, described: Ints, rng: Rng
) -> Weights:
    """The weights that foretell the held-back turns best, float32 by name.

    Order, negatives and dropout come from `rng` alone: the same seed gives the same bytes.
    """
    full = shape._replace(products=_rounded(shape.products), attributes=_rounded(shape.attributes))
    recipe = Recipe(network, full, plan.dropout, plan.temperature)
    table = np.full((full.products, described.shape[1]), full.attributes, dtype=np.int32)
    table[: shape.products] = np.where(described == shape.attributes, full.attributes, described)
    windows = windows_of(turns, shape.length)
    course = Course(
        plan=plan,
        recipe=recipe,
        windows=windows,
        held=hold_back(turns, plan.held_back, plan.most_held_back, rng),
        known=np.unique(turns.products).astype(np.int32),
        described=table,
        size=_ROWS if windows.sizes.sum() > _ROWS * WIDTH // 4 else _ROWS // 4,
    )
    weights = _descend(course, rng)
    kept = np.r_[: shape.attributes, full.attributes]  # the last row stands for no attribute
    cuts = {"products": slice(shape.products), "attributes": kept, "aims": kept}
    return {name: array[cuts[name]] if name in cuts else array for name, array in weights.items()}


def _rounded(size: int) -> int:
    return -(-size // _ROUND) * _ROUND


class Course(NamedTuple):
    """What one training goes through."""

    plan: Plan
    recipe: Recipe
    windows: Windows
    held: Bools
    """bool [turns]: never learned from."""
    known: Ints
    """int32: products that anybody turned to; rising."""
    described: Ints
    """int32 [products, most]: see networks.described_by."""
    size: int
    """Rows of a batch."""

    def rows(self, rng: Rng) -> Rows:
        """What is learned from, in a new order."""
        return pack(self.windows, ~self.held, rng.permutation(len(self.windows.starts)))


def _descend(course: Course, rng: Rng) -> Weights:
    plan, recipe = course.plan, course.recipe
    judge = _judge(course, rng)
    best = recipe.network.initial(recipe.shape, rng)
    if "products" in best:  # what nobody turned to is known by its attributes alone
        best["products"][np.setdiff1d(np.arange(recipe.shape.products), course.known)] = 0.0
    state = {name: jnp.asarray(array) for name, array in best.items()}
    moments = Moments(*({k: jnp.zeros_like(v) for k, v in state.items()} for _ in range(2)))
    steps = -(-len(course.rows(rng).products) // course.size)
    rounds = plan.rounds(steps)
    most, waited, step = 0.0, 0, 0
    for _ in range(rounds):
        for batch in _batches(course, rng):
            pace = plan.pace(step, rounds * steps)
            step += 1
            state, moments = _step(
                recipe, state, moments, batch, course.described, (pace, float(step))
            )
        found = {name: np.asarray(array) for name, array in state.items()}
        value = judge(found)
        best, most, waited = (found, value, 0) if value >= most else (best, most, waited + 1)
        if waited >= plan.patience:
            break
    return best


def _ending(windows: Windows, held: Bools) -> Windows:
    """The windows whose target is held back."""
    chosen = held[windows.starts + windows.sizes]
    return Windows(windows.products, windows.starts[chosen], windows.sizes[chosen])


def _batches(course: Course, rng: Rng) -> Iterator[Batch]:
    rows, size, shape = course.rows(rng), course.size, course.recipe.shape
    noises = (course.recipe.network.drops(shape), size, WIDTH, shape.width)
    for start in range(0, len(rows.products), size):
        block = [part[start : start + size] for part in rows.parts()]
        lacking = size - len(block[0])
        full = [np.pad(part, ((0, lacking), (0, 0)), constant_values=-1) for part in block]
        negatives = rng.choice(course.known, course.plan.negatives)
        noise = np.frombuffer(rng.bytes(int(np.prod(noises))), dtype=np.uint8).reshape(noises)
        yield Batch(*full, negatives=negatives, noise=noise)


@partial(jax.jit, static_argnums=0)
def _step(  # noqa: PLR0917 (what is compiled takes its arrays one by one)
    recipe: Recipe,
    weights: Weights,
    moments: Moments,
    batch: Batch,
    described: Array,
    pace: tuple[float, float],
) -> tuple[Weights, Moments]:
    """The weights after one step of Adam (Kingma and Ba 2015), and its new memory."""
    slope = jax.grad(_loss)(weights, recipe, batch, described)
    for name in _ATTRIBUTES & slope.keys():
        slope[name] = slope[name].at[-1].set(0.0)  # no attribute stays nothing
    rate, step = pace
    mean = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, moments.mean, slope)
    square = jax.tree.map(lambda old, new: 0.999 * old + 0.001 * new**2, moments.square, slope)
    reach = rate * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    moved = jax.tree.map(
        lambda at, m, s: at - reach * m / (jnp.sqrt(s) + 1e-8), weights, mean, square
    )
    return moved, Moments(mean, square)


def _loss(weights: Weights, recipe: Recipe, batch: Batch, described: Array) -> Array:
    """The mean cross-entropy of what came next among it and the negatives."""

    def drop(array: Array, place: int) -> Array:
        kept = batch.noise[place] >= round(256 * recipe.dropout)
        return jnp.where(kept, array / (1 - round(256 * recipe.dropout) / 256), 0.0)

    aim = recipe.network.aim
    found = recipe.read(jnp, weights, batch, described, drop)
    wanted = aim(jnp, weights, described, jnp.maximum(batch.targets, 0))
    others = aim(jnp, weights, described, batch.negatives)
    # a cosine is at most 1, so nothing overflows and no maximum need be taken first
    hit = ((found * wanted).sum(axis=-1) - 1.0) / recipe.temperature
    missed = jnp.exp((found @ others.T - 1.0) / recipe.temperature)
    missed = jnp.where(batch.targets[..., None] == batch.negatives, 0.0, missed).sum(axis=-1)
    losses = jnp.log(jnp.exp(hit) + missed) - hit
    asked = batch.targets >= 0
    return (losses * asked).sum() / jnp.maximum(asked.sum(), 1)


def _judge(course: Course, rng: Rng) -> Judge:
    """A function that says how well weights foretell what was held back: their mean NDCG.

    Numpy ranks all products, or some where there are many. The loss would not do: it rises from
    overconfidence long before rankings suffer. 0 without questions.
    """
    recipe, described = course.recipe, course.described
    rows = pack(_ending(course.windows, course.held), course.held)
    rivals = rng.permutation(course.known)[:_RIVALS]
    asked = rows.targets >= 0
    wanted = rows.targets[asked]

    def judge(weights: Weights) -> float:
        if not len(wanted):
            return 0.0
        aim = recipe.network.aim
        found = recipe.read(np, weights, rows, described, keep_all)[asked]
        hit = (found * aim(np, weights, described, wanted)).sum(axis=-1, keepdims=True)
        nearer = found @ aim(np, weights, described, rivals).T >= hit
        nearer &= rivals != wanted[:, None]
        return float(np.mean(1.0 / np.log2(2.0 + nearer.sum(axis=1))))

    return judge
