"""Where the microseconds of one recommendation go, stage by stage, without any server."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import uuid4

import msgspec

from splitshelf.core.context import Context
from splitshelf.core.requests import ShelfRequest
from splitshelf.serve.choosing import Choice
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.scene import Scene
from splitshelf.serve.shelves import slate_of

T = TypeVar("T")
_ROUNDS = 5


def stages_of(recommender: Recommender, requests: Sequence[ShelfRequest]) -> dict[str, float]:
    """Microseconds of processor time a request, by stage; the calmest of five rounds.

    Of all threads: what a shelf has others read for it is its own.
    """
    choices = [recommender.choice(request) for request in requests]
    histories = [recommender.history(request.shopper) for request in requests]
    scenes = [
        recommender.scene(request, choice.policy, history)
        for request, choice, history in zip(requests, choices, histories, strict=True)
    ]
    rows = list(zip(requests, choices, histories, strict=True))

    def anew() -> list[tuple[ShelfRequest, Choice, Scene]]:
        # a scene remembers what was found for it: each round ranks scenes of its own
        return [(r, c, recommender.scene(r, c.policy, past)) for r, c, past in rows]

    exposures = [recommender.exposure(*triple) for triple in anew()]
    slates = [slate_of(e, s, logged=True) for e, s in zip(exposures, scenes, strict=True)]
    fresh = iter(range(len(requests) * _ROUNDS))
    return {
        "policy": each(requests, recommender.choice),
        "history": each(requests, lambda request: recommender.history(request.shopper)),
        "query": each(
            rows,
            lambda row: recommender.scene(row[0], row[1].policy, row[2]),
        ),
        "rank": each(anew, lambda row: recommender.ranked(row[2], seed_of(row[0].id))),
        "rank and exposure": each(anew, lambda row: recommender.exposure(*row)),
        "reasons and slate": each(
            list(zip(exposures, scenes, strict=True)),
            lambda row: slate_of(row[0], row[1], logged=True),
        ),
        "encode slate": each(slates, msgspec.json.encode),
        "encode exposure": each(exposures, msgspec.msgpack.encode),
        "whole answer": each(
            requests, lambda r: recommender.answer(_renamed(r, next(fresh)), fresh=True)
        ),
    }


def requests_of(shoppers: int, count: int, context: Context) -> list[ShelfRequest]:
    """Home shelves of shoppers spread over the shop."""
    return [
        ShelfRequest(
            id=uuid4().hex,
            shopper=f"s{number * 7_919 % shoppers}",
            placement="home",
            context=context,
        )
        for number in range(count)
    ]


def each(things: Sequence[T] | Callable[[], Sequence[T]], act: Callable[[T], object]) -> float:
    """Microseconds of processor time that `act` takes for one of the things.

    Where it would remember them, they are made anew for each round, outside of the time.
    """
    best, count = float("inf"), 1
    for _ in range(_ROUNDS):
        made = things() if callable(things) else things
        started = time.process_time()
        for thing in made:
            act(thing)
        best, count = min(best, time.process_time() - started), len(made)
    return best / count * 1e6


def _renamed(request: ShelfRequest, number: int) -> ShelfRequest:
    return msgspec.structs.replace(request, id=f"{request.id}-{number}")
