"""The calls of a turn share one look at the store and one commit, and nothing else."""

import asyncio

import msgspec

from serve.express.test_express import shop_of
from serving import NOW
from splitshelf.core.context import Context
from splitshelf.core.errors import Unavailable, UnknownName
from splitshelf.core.requests import ShelfRequest
from splitshelf.serve.answering import Answers


def request(number, **wanted):
    """A home shelf for a shopper of that number."""
    usual = {"placement": "home", "context": Context(at=NOW)}
    return ShelfRequest(id=f"r{number}", shopper=f"s{number}", **usual | wanted)


def given(shop, requests, *, fails=False, gone=()):
    """The futures of some calls once they are answered, the slates told as unlogged, the commits.

    The log fails where told to; whoever is `gone` no longer waits.
    """
    unlogged, commits = [], []

    def log(exposures):
        commits.append([exposure.id for exposure in exposures])
        future = asyncio.get_running_loop().create_future()
        if fails:
            future.set_exception(Unavailable("no disk"))
        else:
            shop.store.append_exposures(exposures)
            future.set_result(None)
        return future

    async def answered():
        loop = asyncio.get_running_loop()
        calls = [(one, loop.create_future()) for one in requests]
        for number in gone:
            calls[number][1].cancel()
        Answers(shop.recommender.drafts, log, unlogged.append).give(calls)
        await asyncio.wait([future for _, future in calls])
        return [future for _, future in calls]

    return asyncio.run(answered()), unlogged, commits


def test_a_turn_is_logged_at_once_and_answered_one_by_one():
    """What is wrong with one call is told to that one; an unusual one is left to the usual way."""
    shop = shop_of((), ["view:p003"])
    listed = request(2, placement="category", products=("p001", "p002"))
    calls = [request(0), request(1, placement="nowhere"), listed, request(3)]
    futures, unlogged, commits = given(shop, calls)
    assert commits == [["r0", "r3"]]
    assert isinstance(futures[1].exception(), UnknownName)
    assert futures[2].result() is None
    for number in (0, 3):
        written = futures[number].result()
        slate, _ = shop.recommender.answer(calls[number], fresh=True)
        assert written.body == msgspec.json.encode(slate)
        assert written.logged
    assert not unlogged


def test_what_cannot_be_logged_says_so():
    """All of the turn, for they shared the commit."""
    futures, unlogged, _ = given(shop_of((), ["view:p003"]), [request(0), request(1)], fails=True)
    bodies = [future.result().body for future in futures]
    assert unlogged == bodies
    assert [msgspec.json.decode(body)["logged"] for body in bodies] == [False, False]


def test_who_has_gone_is_not_shown_anything():
    """A call that was given up is no exposure; the others of its turn are answered."""
    futures, _, commits = given(shop_of((), ["view:p003"]), [request(0), request(1)], gone=[0])
    assert commits == [["r1"]]
    assert futures[1].result().logged


def test_the_store_is_asked_once_for_all(monkeypatch):
    """Whether the catalogue changed, in front of the histories."""
    shop, asked = shop_of((), ["view:p003"]), []
    version = shop.store.catalogue_version
    monkeypatch.setattr(shop.store, "catalogue_version", lambda: asked.append(1) or version())
    assert len(shop.recommender.drafts([request(number) for number in range(20)])) == 20
    assert len(asked) == 1
