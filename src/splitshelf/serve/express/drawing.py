"""What scenes come to in one kernel, where nothing about them is out of the ordinary."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bytes, Ints, Longs
from splitshelf.serve.addresses import addresses_of
from splitshelf.serve.compiled import Compiled
from splitshelf.serve.express.kernel import Shelf, Standing, Wishes, shelves_of
from splitshelf.serve.ranking import ALIKE, Ranked, caps_of
from splitshelf.serve.scene import Scene

_NO_PINS: Ints = np.empty(0, dtype=np.int32)
_STANDINGS = 16
"""Kept of a ranker for each thread: the newest."""
_SIGN = 1 << 63


class Wish(NamedTuple):
    """What one scene asks of the kernel."""

    standing: tuple[Longs, object]
    """Addresses, and what keeps alive all that they say."""
    numbers: tuple[int, int, int]
    """How many to draw, of how many, and the seed, as the kernel reads it."""
    shares: tuple[float, float]
    events: tuple[Ints, Bytes, Ints]
    blocked: Ints
    pins: tuple[Ints, Ints]
    caps: tuple[Ints, Ints]


def draw_shelf(scene: Scene, seed: int) -> Shelf | None:
    """The shelf of a scene under a seed, see `draw_shelves`."""
    return draw_shelves([(scene, seed)])[0]


def draw_shelves(asked: Sequence[tuple[Scene, int]]) -> list[Shelf | None]:
    """The shelf of each scene under its seed, as `Scene.ranked` and `Scene.causes` have it.

    None where that is for the general path: shelves of given products or with newcomers, models
    that are no sums, shelves that best-sellers do not fill, what stands there without a score.
    """
    wishes = [_wish(scene, seed) for scene, seed in asked]
    usual = [wish for wish in wishes if wish is not None]
    if not usual:
        return [None] * len(asked)
    shelves = iter(_drawn(usual))
    return [None if wish is None else next(shelves) for wish in wishes]


def _drawn(wishes: Sequence[Wish]) -> list[Shelf | None]:
    standings = {id(wish.standing): wish.standing[0] for wish in wishes}
    rows = {standing: row for row, standing in enumerate(standings)}
    spans = [
        _spans(lengths)
        for lengths in (
            [len(wish.events[0]) for wish in wishes],
            [len(wish.blocked) for wish in wishes],
            [len(wish.pins[0]) for wish in wishes],
            [len(wish.caps[0]) for wish in wishes],
        )
    ]
    numbers = [
        (rows[id(wish.standing)], *wish.numbers, *(end for span in spans for end in span[i]))
        for i, wish in enumerate(wishes)
    ]
    columns = zip(*((*w.events, w.blocked, *w.pins, *w.caps) for w in wishes), strict=True)
    codes, worths, marks, sizes = shelves_of(
        np.array(list(standings.values())),
        Wishes(
            np.array(numbers, dtype=np.int64),
            np.array([wish.shares for wish in wishes]),
            *map(_end_to_end, columns),
        ),
    )
    found: list[Shelf | None] = []
    for row, ((size, drawn), wish) in enumerate(zip(sizes.tolist(), wishes, strict=True)):
        scores, chances, values = worths[row, :, :size]
        events, mains, crowds = marks[row, :, :size]
        shelf = Shelf(
            codes[row, :size], scores, chances, events, values, mains, crowds, drawn,
            *wish.events[:2],
        )  # fmt: skip
        found.append(shelf if size else None)
    return found


def _spans(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Where each begins and ends once they stand end to end."""
    ends = list(accumulate(lengths))
    return list(zip((0, *ends), ends, strict=False))


def _end_to_end(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _wish(scene: Scene, seed: int) -> Wish | None:
    """What a scene asks of the kernel; None where the general path has to answer."""
    ranker, limits, assortment = scene.ranker, scene.limits, scene.assortment
    if not isinstance(ranker, Compiled) or scene.given is not None or limits.n < 1:
        return None
    if scene.debut is not None:
        return None
    if scene.fresh is not None and len(scene.fresh.scored().products):
        return None
    pins = _pins(scene.pins)
    if scene.pins and max(scene.pins.values()) >= assortment.known:
        return None
    blocked = limits.blocked()
    if len(assortment.ids) > assortment.known:
        blocked = blocked[blocked < assortment.known]
    return Wish(
        standing=_standing(scene, ranker),
        numbers=(limits.n, limits.pool, seed - 2 * (seed & _SIGN)),
        shares=(scene.policy.temperature, limits.diversity),
        events=ranker.events(scene.query, scene.context),
        blocked=blocked,
        pins=pins,
        caps=caps_of(limits.caps),
    )


def _standing(scene: Scene, ranker: Compiled) -> tuple[Longs, object]:
    """The addresses of what the scene has in common with others of this thread."""
    limits, assortment, liked = scene.limits, scene.assortment, scene.trained.liked
    kinds, keys = assortment.kinds, assortment.keys
    shared = ranker.sum, limits.sellable, limits.factors, kinds, keys, liked
    kept, name = ranker.own.standings, tuple(map(id, shared))
    found = kept.get(name)
    if found is None:
        if len(kept) >= _STANDINGS:
            del kept[next(iter(kept))]
        sellable, factors, most = ranker.limits(limits.sellable, limits.factors)
        strips, *terms = ranker.sum
        given = sellable, factors, np.array([most])
        goods = np.ascontiguousarray(kinds.T), keys
        arrays = (*strips, *terms, *ranker.scratch, *given, *goods, liked, ALIKE)
        addresses = addresses_of(Standing._make(arrays))
        found = kept[name] = addresses, (arrays, shared)
    return found


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
