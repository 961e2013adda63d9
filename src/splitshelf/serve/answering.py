"""The calls of a turn, answered together: drawn at once, logged in one commit, told one by one."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Exposure, Written
from splitshelf.core.turns import Call
from splitshelf.serve.express.writing import Draft

Drafts: TypeAlias = Callable[[Sequence[ShelfRequest]], Sequence[Draft | Exception | None]]
Log: TypeAlias = Callable[[Sequence[Exposure]], asyncio.Future[None]]
"""Stores exposures; the future fails where that cannot be done in time."""
Unlogged: TypeAlias = Callable[[bytes], None]
"""Hears of a slate, in JSON, whose exposure was not stored."""
Asked: TypeAlias = Call[ShelfRequest, Written | None]


class Answers:
    """Answers calls; None is the answer to what `drafts` leaves to the general way."""

    def __init__(self, drafts: Drafts, log: Log, unlogged: Unlogged) -> None:
        self._drafts = drafts
        self._log = log
        self._unlogged = unlogged

    def give(self, calls: Sequence[Asked]) -> None:
        """Give each call its answer, now or once its exposure is durable."""
        drafted: list[tuple[asyncio.Future[Written | None], Draft]] = []
        found = self._found([request for request, _ in calls])
        for (_, future), draft in zip(calls, found, strict=True):
            if future.done():  # whoever asked has gone
                continue
            if isinstance(draft, Draft):
                drafted.append((future, draft))
            elif draft is None:
                future.set_result(None)
            else:
                future.set_exception(draft)
        if drafted:
            logged = self._log([draft.exposure for _, draft in drafted])
            logged.add_done_callback(partial(self._tell, drafted))

    def _found(self, requests: Sequence[ShelfRequest]) -> Sequence[Draft | Exception | None]:
        try:
            return self._drafts(requests)
        except Exception:  # noqa: BLE001 (each finds out for itself what is wrong, and says so)
            return [None] * len(requests)

    def _tell(
        self,
        drafted: Sequence[tuple[asyncio.Future[Written | None], Draft]],
        done: asyncio.Future[None],
    ) -> None:
        logged = not done.cancelled() and done.exception() is None
        for future, draft in drafted:
            body = draft.ended(logged=logged)
            if not logged:
                self._unlogged(body)
            if not future.done():
                future.set_result(Written(draft.placement, draft.stage, logged, body))
