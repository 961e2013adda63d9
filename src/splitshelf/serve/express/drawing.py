"""What a scene comes to in one kernel, where nothing about it is out of the ordinary."""

from collections.abc import Mapping

import numpy as np

from splitshelf.core.arrays import Ints
from splitshelf.serve.compiled import Compiled
from splitshelf.serve.express.kernel import Draw, Shelf, shelf_of
from splitshelf.serve.ranking import ALIKE, Ranked, caps_of
from splitshelf.serve.scene import Scene

_NO_PINS: Ints = np.empty(0, dtype=np.int32)


def draw_shelf(scene: Scene, seed: int) -> Shelf | None:
    """The shelf of a scene under a seed, as `Scene.ranked` and `Scene.causes` have it.

    None where that is for the general path: shelves of given products or with newcomers, models
    that are no sums, shelves that best-sellers do not fill, what stands there without a score.
    """
    ranker, limits, assortment = scene.ranker, scene.limits, scene.assortment
    if not isinstance(ranker, Compiled) or scene.given is not None or limits.n < 1:
        return None
    if scene.debut is not None:
        return None
    if scene.fresh is not None and len(scene.fresh.scored().products):
        return None
    positions, pinned = _pins(scene.pins)
    if scene.pins and max(scene.pins.values()) >= assortment.known:
        return None
    blocked = limits.blocked()
    if len(assortment.ids) > assortment.known:
        blocked = blocked[blocked < assortment.known]
    rows, most = caps_of(limits.caps)
    draw = Draw(
        n=limits.n,
        pool=limits.pool,
        seed=np.uint64(seed),
        temperature=scene.policy.temperature,
        diversity=limits.diversity,
        alike=ALIKE,
        rows=rows,
        most=most,
    )
    events = ranker.events(scene.query, scene.context)
    shelf = shelf_of(
        ranker.sum,
        events,
        ranker.limits(limits.sellable, limits.factors),
        blocked,
        (assortment.kinds, assortment.keys),
        draw,
        (positions, pinned, scene.trained.liked),
        (ranker.scratch.pool, ranker.scratch.slots),
    )
    return Shelf(*shelf, *events[:2]) if len(shelf[0]) else None


def in_lists(shelf: Shelf) -> Ranked:
    """The shelf as the general path has it."""
    codes = shelf.codes.tolist()
    return Ranked(codes, shelf.scores.tolist(), shelf.chances.tolist(), shelf.drawn)


def _pins(pins: Mapping[int, int]) -> tuple[Ints, Ints]:
    """The positions, rising, and the codes of what is pinned."""
    if not pins:
        return _NO_PINS, _NO_PINS
    positions, codes = zip(*sorted(pins.items()), strict=True)
    return np.array(positions, dtype=np.int32), np.array(codes, dtype=np.int32)
