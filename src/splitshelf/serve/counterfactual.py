"""What another policy would have done with a logged slate: the chance it gives to what stood there.

The logged request is asked again under the other policy, with the history that the shopper had then
and the products that were shown counted as for sale. Place by place, given what stood above, the
policy's own softmax says how likely it would have put the same product there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.requests import Policy
from splitshelf.core.slates import Exposure
from splitshelf.serve.race import Race
from splitshelf.serve.ranking import Limits, filling
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.scene import Scene


@dataclass(frozen=True, slots=True)
class Walk:
    """One policy along one logged slate; arrays have one entry a place of the slate."""

    chance: Floats
    """float64: of what stood there, given what stood above; 0 where the policy never would."""
    expected: Floats
    """float64: the mean of a value of products under the policy, given what stood above."""
    common: Floats
    """float64: the share of the policy's choices that the log could have made there."""


def walk(
    recommender: Recommender,
    exposure: Exposure,
    policy: Policy,
    values: Floats | None = None,
    *,
    logged: Policy | None = None,
) -> Walk:
    """The chances of a policy along a logged slate.

    `values` holds one number a product, float64 [catalogue], whose mean is `expected`; 0 without.
    With `logged`, the policy that made the slate, `common` is measured; 1 without.
    """
    scene = shown_for_sale(recommender.scene_then(exposure, policy), exposure)
    theirs = None
    if logged is not None:
        theirs = reach(shown_for_sale(recommender.scene_then(exposure, logged), exposure))
    if values is None:
        values = np.zeros(len(scene.limits.sellable))
    rows = list(_steps(scene, _codes(scene, exposure), values, theirs))
    chance, expected, common = np.array(rows).reshape(-1, 3).T
    return Walk(chance, expected, common)


def chances_of(scene: Scene, slate: Sequence[int]) -> Floats:
    """The chance of each product of a slate at its position, given those above, float64 [slate]."""
    nothing = np.zeros(len(scene.limits.sellable))
    return np.array([chance for chance, _, _ in _steps(scene, slate, nothing, None)])


def shown_for_sale(scene: Scene, exposure: Exposure) -> Scene:
    """The scene in which everything on the slate is for sale, as it was then."""
    sellable = scene.limits.sellable.copy()
    sellable[_codes(scene, exposure)] = True
    return replace(scene, limits=replace(scene.limits, sellable=sellable))


def reach(scene: Scene) -> Bools:
    """What a policy can put on the shelf by chance, bool [catalogue]."""
    inside = np.zeros(len(scene.limits.sellable), dtype=np.bool_)
    inside[Race(scene).codes] = True
    if scene.debut is not None:
        inside[scene.debut.codes] = True
    return inside


def _codes(scene: Scene, exposure: Exposure) -> list[int]:
    codes = scene.assortment.codes
    return [codes[place.product] for place in exposure.slate if place.product in codes]


def _steps(
    scene: Scene, shown: Sequence[int], values: Floats, theirs: Bools | None
) -> Iterator[tuple[float, float, float]]:
    """For each place the chance, the expected value and what is in common."""
    race = Race(scene)
    placed: list[int] = []
    for position, code in enumerate(shown):
        pinned = position in scene.pins
        fixed = scene.pins.get(position)
        if fixed is None and race.over:
            fixed = _filler(scene, placed)
        if fixed is None:
            shares = race.chances()
            common = 1.0 if theirs is None else float(shares @ theirs[race.codes])
            step = race.chance(code, shares), float(shares @ values[race.codes]), common
        else:
            step = float(fixed == code), float(values[fixed]), 1.0
        last = not pinned and len(placed) == scene.limits.n - 1
        yield _with_debut(scene, placed, code, step, (values, theirs)) if last else step
        if position not in scene.pins:
            placed.append(code)
            race.place(code)


def _with_debut(
    scene: Scene,
    above: Sequence[int],
    code: int,
    step: tuple[float, float, float],
    about: tuple[Floats, Bools | None],
) -> tuple[float, float, float]:
    """The numbers of the last place with what a new product may make of it."""
    debut, (values, theirs) = scene.debut, about
    if debut is None or not len(free := debut.free(above)):
        return step
    chance, expected, common = step
    within = 1.0 if theirs is None else float(theirs[free].mean())
    share = debut.share
    return (
        debut.chance(free, code, chance),
        share * float(values[free].mean()) + (1 - share) * expected,
        share * within + (1 - share) * common,
    )


def _filler(scene: Scene, placed: list[int]) -> int:
    """What fills the next place when the race is over; -1 where nothing is left."""
    limits: Limits = replace(scene.limits, n=len(placed) + 1)
    fill = scene.filling(scene.trained.popular)
    found = filling(placed, fill, scene.assortment, limits)
    return found[0] if found else -1
