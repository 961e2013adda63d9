"""What belongs together in time: the calls that one turn of an event loop works through."""

import asyncio


class Turns:
    """Tells the turns of event loops apart.

    A loop first receives whatever has come in, and then works through it. So what is looked up in
    a turn, after the first of its calls asked, is newer than the request of every one of them.
    """

    def __init__(self) -> None:
        self._now: dict[asyncio.AbstractEventLoop, object] = {}

    def now(self) -> object:
        """The turn of the running loop: the very same object until the turn ends."""
        loop = asyncio.get_running_loop()
        turn = self._now.get(loop)
        if turn is None:
            turn = self._now[loop] = object()
            loop.call_soon(self._now.pop, loop, None)
        return turn
