"""Turns of an event loop."""

import asyncio

import pytest

from splitshelf.core.turns import Turns


@pytest.mark.parametrize("count", [1, 5])
def test_the_calls_of_one_turn_share_it_and_later_ones_do_not(count):
    """Tasks that are ready together see one turn; after a switch each sees another."""
    turns = Turns()

    async def call():
        first = turns.now()
        await asyncio.sleep(0)
        return first, turns.now()

    async def calls():
        return await asyncio.gather(*(call() for _ in range(count)))

    found = asyncio.run(calls())
    firsts, seconds = {id(first) for first, _ in found}, {id(second) for _, second in found}
    assert len(firsts) == len(seconds) == 1
    assert firsts != seconds


def test_loops_have_turns_of_their_own():
    """A turn that its loop never ended is not taken for one of the next loop."""
    turns = Turns()

    async def call():
        return turns.now()

    assert asyncio.run(call()) is not asyncio.run(call())
