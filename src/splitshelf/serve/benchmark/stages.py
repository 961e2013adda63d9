"""Where the microseconds of one recommendation go, stage by stage, without any server."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TypeVar
from uuid import uuid4

import msgspec

from splitshelf.core.context import Context
from splitshelf.core.requests import ShelfRequest
from splitshelf.serve.exploration import seed_of
from splitshelf.serve.express.drawing import draw_shelf, in_lists
from splitshelf.serve.recommender import Recommender
from splitshelf.serve.shelves import exposure_of

T = TypeVar("T")
_ROUNDS = 5
_TURN = 32
"""Requests that a server under load answers together."""


def stages_of(recommender: Recommender, requests: Sequence[ShelfRequest]) -> dict[str, float]:
    """Microseconds of processor time a request, by stage; the calmest of five rounds.

    Of all threads: what a shelf has others read for it is its own. The stages up to "write" add up
    to "whole answer", but that those go through the requests one by one and find the processor's
    cache colder, and "whole answer in turns" through 32 together, as a server under load does;
    "general path" is the same answer where something is out of the ordinary.
    """
    choices = [recommender.choice(request) for request in requests]
    traces = [recommender.traces(request.shopper) for request in requests]
    asked = list(zip(requests, choices, traces, strict=True))
    scenes = [recommender.scene(r, choice.policy, past) for r, choice, past in asked]
    seeds = [seed_of(request.id) for request in requests]
    shelves = [draw_shelf(*pair) for pair in zip(scenes, seeds, strict=True)]
    drawn = [
        (request, choice, scene, shelf, in_lists(shelf))
        for (request, choice, _), scene, shelf in zip(asked, scenes, shelves, strict=True)
        if shelf is not None
    ]
    exposures = [exposure_of(r, c, scene, ranked, "") for r, c, scene, _, ranked in drawn]
    fresh = count()
    turns = [requests[start : start + _TURN] for start in range(0, len(requests), _TURN)]
    turns = [turn for turn in turns if len(turn) == _TURN]
    return {
        "policy": each(requests, recommender.choice),
        "history": each(requests, lambda request: recommender.traces(request.shopper)),
        "query": each(asked, lambda row: recommender.scene(row[0], row[1].policy, row[2])),
        "draw": each(list(zip(scenes, seeds, strict=True)), lambda row: draw_shelf(*row)),
        "exposure": each(drawn, lambda row: exposure_of(*row[:3], in_lists(row[3]), "")),
        "write": each(
            list(zip(exposures, drawn, strict=True)),
            lambda row: recommender.writer.draft(row[0], *row[1][2:]),
        ),
        "whole answer": each(requests, lambda r: recommender.draft(_renamed(r, next(fresh)))),
        "whole answer in turns": each(turns, lambda turn: recommender.drafts(_anew(turn, fresh)))
        / _TURN,
        "general path": each(
            requests, lambda r: recommender.answer(_renamed(r, next(fresh)), fresh=True)
        ),
        "encode exposure": each(exposures, msgspec.msgpack.encode),
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


def each(things: Sequence[T], act: Callable[[T], object]) -> float:
    """Microseconds of processor time that `act` takes for one of the things."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for thing in things:
            act(thing)
        best = min(best, time.process_time() - started)
    return best / max(1, len(things)) * 1e6


def _anew(turn: Sequence[ShelfRequest], fresh: Iterator[int]) -> list[ShelfRequest]:
    return [_renamed(request, next(fresh)) for request in turn]


def _renamed(request: ShelfRequest, number: int) -> ShelfRequest:
    return msgspec.structs.replace(request, id=f"{request.id}-{number}")
