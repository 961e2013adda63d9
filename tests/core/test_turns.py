"""Calls of one turn of an event loop are worked through together."""

import asyncio

from splitshelf.core.turns import Turns


def answering(batches):
    """Answers each wish with its double, and notes which came together."""

    def work(calls):
        batches.append([wish for wish, _ in calls])
        for wish, future in calls:
            future.set_result(2 * wish)

    return work


def test_the_calls_of_a_turn_come_together():
    """Tasks that are due in one turn share it; what they ask afterwards is the next one's."""

    async def ask_twice():
        batches = []
        turns = Turns(answering(batches))

        async def one(wish):
            return await turns.ask(wish), await turns.ask(10 * wish)

        return batches, await asyncio.gather(*map(one, (1, 2, 3)))

    batches, answers = asyncio.run(ask_twice())
    assert batches == [[1, 2, 3], [10, 20, 30]]
    assert answers == [(2, 20), (4, 40), (6, 60)]


def test_loops_have_turns_of_their_own():
    """A second loop is not answered from the turn of the first."""
    batches = []
    turns = Turns(answering(batches))

    async def ask(wish):
        return await turns.ask(wish)

    assert [asyncio.run(ask(1)), asyncio.run(ask(2))] == [2, 4]
    assert batches == [[1], [2]]
