"""A shelf by GET goes past ASGI, and nobody who calls can tell."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from splitshelf.web.protocol import SwiftProtocol
from splitshelf.web.security import CORS_HEADERS, SECURITY_HEADERS
from splitshelf.web.server import create_front
from web.web_shop import copy_of

SHELF = "GET /v1/recommendations?shopper=ann&n=3{more} HTTP/1.{minor}\r\nhost: shop{head}\r\n\r\n"


def shelf(more="", head="", minor=1):
    """A request as it is sent."""
    return SHELF.format(more=more, head=head, minor=minor).encode()


@asynccontextmanager
async def connected(shop, kind: type[HttpToolsProtocol] = SwiftProtocol):
    """A connection to a server of the shop, and the server."""
    front = create_front(shop)
    config = uvicorn.Config(front, http=kind, port=0, log_level="error", lifespan="off")
    config.access_log = False
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn wakes nobody up)
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer, server
    finally:
        writer.close()
        server.should_exit = True
        await task


async def answer(reader):
    """Status, headers and body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers["content-length"]))
    return int(head[0].split()[1]), headers, body


def talk(shop, requests, kind: type[HttpToolsProtocol] = SwiftProtocol):
    """What comes back for requests that are sent at once, and whether the connection then ended."""

    async def talked():
        async with connected(shop, kind) as (reader, writer, _):
            for request in requests:
                writer.write(request)
            found = [await answer(reader) for _ in requests]
            try:
                ended = await asyncio.wait_for(reader.read(1), 0.05) == b""
            except TimeoutError:
                ended = False
            return found, ended

    return asyncio.run(talked())


def test_the_answer_is_that_of_the_usual_way(web_shop):
    """The same headers but for id and length, the same shelf but for its id."""
    ((status, headers, body),), ended = talk(web_shop, [shelf()])
    ((_, usual, other),), _ = talk(web_shop, [shelf()], HttpToolsProtocol)
    assert (status, ended) == (200, False)
    assert headers.keys() == usual.keys()
    for name, value in (*CORS_HEADERS, *SECURITY_HEADERS):
        assert headers[name.decode()] == value.decode()
    slate, same = json.loads(body), json.loads(other)
    assert slate["id"] == headers["x-request-id"]
    assert slate.keys() == same.keys()
    assert web_shop.store.exposure(slate["id"]).shopper == "ann"


@pytest.mark.parametrize(
    ("more", "status"), [("&placement=nowhere", 404), ("&n=1000", 400), ("&colour=red", 400)]
)
def test_a_refusal_is_that_of_the_usual_way(web_shop, more, status):
    """The status, the error and the headers, and the connection goes on."""
    found, _ = talk(web_shop, [shelf(more), shelf()])
    usual, _ = talk(web_shop, [shelf(more)], HttpToolsProtocol)
    assert [one[0] for one in found] == [status, 200]
    assert found[0][2] == usual[0][2]
    assert found[0][1].keys() == usual[0][1].keys()


def test_calls_in_one_go_are_answered_in_their_order(web_shop):
    """Whether a call is swift or has an id of its own, is unusual, or goes elsewhere."""
    requests = [
        shelf(),
        shelf("&id=own-1"),
        shelf(head="\r\nx-request-id: own-2"),
        b"GET /healthz HTTP/1.1\r\nhost: shop\r\n\r\n",
        shelf("&placement=category&products=mug,p1"),
        shelf(),
    ]
    found, ended = talk(web_shop, requests)
    assert [status for status, _, _ in found] == [200] * len(requests)
    ids = [json.loads(body).get("id") for _, _, body in found]
    assert (ids[1], ids[2], ids[3]) == ("own-1", "own-2", None)
    assert json.loads(found[4][2])["placement"] == "category"
    assert not ended


@pytest.mark.parametrize(
    "request_", [shelf(head="\r\nconnection: close"), shelf(minor=0)], ids=["close", "old"]
)
def test_a_caller_who_wants_no_more_is_hung_up_on(web_shop, request_):
    """As HTTP asks: connection: close, and HTTP 1.0."""
    ((status, headers, _),), ended = talk(web_shop, [request_])
    assert (status, ended, headers["connection"]) == (200, True, "close")


def test_a_server_that_stops_answers_what_is_under_way(web_shop, monkeypatch):
    """And says that the connection ends."""
    held = []
    ask = type(web_shop).ask
    loop_of = asyncio.get_running_loop

    def slow(self, request):
        future = loop_of().create_future()
        held.append((self, request, future))
        return future

    monkeypatch.setattr(type(web_shop), "ask", slow)

    async def stopped():
        async with connected(web_shop) as (reader, writer, server):
            writer.write(shelf())
            while not held:  # noqa: ASYNC110 (as above)
                await asyncio.sleep(0.01)
            server.should_exit = True
            await asyncio.sleep(0.3)
            shop, request, future = held[0]
            asked = ask(shop, request)
            asked.add_done_callback(lambda done: future.set_result(done.result()))
            found = await answer(reader)
            return found, await reader.read(1)

    (status, headers, _), rest = asyncio.run(stopped())
    assert (status, headers["connection"], rest) == (200, "close", b"")


def test_a_fault_of_ours_tells_nothing(web_shop, monkeypatch, caplog):
    """500, and the log has the traceback."""

    def fail(*_, **__):
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(web_shop.recommender, "choice", fail)
    ((status, _, body),), _ = talk(web_shop, [shelf()])
    assert (status, json.loads(body)["error"]["code"]) == (500, "internal")
    assert b"secret" not in body
    assert "a secret detail" in caplog.text


def test_the_public_key_is_asked_for(made_shop, tmp_path):
    """By query or header, as everywhere."""
    with copy_of(made_shop, tmp_path / "own", '[serve]\npublic_key = "publ1c"\n') as shop:
        by_header = shelf(head="\r\nx-splitshelf-key: publ1c")
        found, _ = talk(shop, [shelf(), shelf("&key=publ1c"), by_header])
    assert [status for status, _, _ in found] == [401, 200, 200]
