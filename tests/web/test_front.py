"""The two hot paths and the door they stand behind."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing

import pytest

from splitshelf.web.security import SECURITY_HEADERS


def run(coroutine):
    """What it returns."""
    return asyncio.run(coroutine)


def view(**fields):
    """A view of the mug by ann."""
    return {"id": "e1", "type": "view", "shopper": "ann", "product": "mug"} | fields


def error_of(answer, status):
    """The error in an answer that must have this status and the documented shape."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message"}
    return answer.json()["error"]


def test_a_shelf_is_answered_by_query_string(client):
    """GET gives the slate, with the caller's request id as its id."""
    answer = run(
        client.get(
            "/v1/recommendations",
            params={"shopper": "ann", "n": 5, "exclude": "mug,p1", "device": "phone"},
            headers={"x-request-id": "call-7"},
        )
    )
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == "call-7"
    assert answer.headers["access-control-allow-origin"] == "*"
    slate = answer.json()
    assert slate["id"] == "call-7"
    products = [item["product"] for item in slate["items"]]
    assert len(set(products)) == 5
    assert not {"mug", "p1"} & set(products)


def test_a_shelf_is_answered_once_its_exposure_is_stored(client, web_shop):
    """The log has it when the answer comes; a store that refuses makes the answer say so."""
    run(client.get("/v1/recommendations?shopper=ann&id=shelf-1"))
    assert web_shop.store.exposure("shelf-1").shopper == "ann"
    web_shop.commits.close()
    answer = run(client.get("/v1/recommendations?shopper=ann&id=shelf-2"))
    assert (answer.status_code, answer.json()["logged"]) == (200, False)


@pytest.mark.parametrize(
    ("query", "headers", "looked_for"),
    [("", {}, False), ("&id=mine", {}, True), ("", {"x-request-id": "mine"}, True)],
)
def test_only_an_id_of_the_caller_is_looked_for(client, web_shop, query, headers, looked_for):
    """An id that was made for this call has no earlier answer; the same one again has."""
    sought = []
    replay = web_shop.recommender.replay
    web_shop.recommender.replay = lambda known: sought.append(known) or replay(known)
    path = f"/v1/recommendations?shopper=ann{query}"
    first, again = (run(client.get(path, headers=headers)).json() for _ in range(2))
    assert sought == ["mine", "mine"] * looked_for
    assert (first["id"] == again["id"]) == looked_for
    assert (first == again) == looked_for
    assert web_shop.store.exposure(first["id"]).shopper == "ann"


def test_a_locked_store_delays_no_shelf(client, web_shop):
    """Another process that writes for long costs the record, which the answer says, no more."""
    shelf = "/v1/recommendations?shopper=s1"
    assert "logged" not in run(client.get(shelf)).json()  # left out where true
    other = sqlite3.connect(web_shop.folder / "splitshelf.sqlite", isolation_level=None)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        began = time.perf_counter()
        answer = run(client.get(shelf))
        took = time.perf_counter() - began
        other.rollback()
    slate = answer.json()
    assert (answer.status_code, slate["logged"], slate["stage"]) == (200, False, "personal")
    assert len(slate["items"]) == 12
    assert took < 8  # the patience of these tests, 2 s; a writer waits for ten


def test_a_click_counts_in_the_next_shelf(client):
    """The reason names what was just looked at."""
    run(client.post("/v1/events", json=[view(id="v1", shopper="zoe", product="p1")]))
    slate = run(client.get("/v1/recommendations?shopper=zoe")).json()
    assert "p1" in {item["reason"].get("product") for item in slate["items"]}


def test_a_shelf_is_answered_in_json(client):
    """POST takes the same wish as JSON; its own id wins over the header's."""
    wish = {"shopper": "ann", "placement": "home", "id": "x", "context": {"country": "DE"}}
    answer = run(client.post("/v1/recommendations", json=wish, headers={"x-request-id": "y"}))
    assert answer.json()["id"] == "x"
    assert answer.json()["placement"] == "home"


def test_escaped_query_values_are_decoded(client, web_shop):
    """A shopper's id with spaces, plus signs and letters beyond ASCII arrives whole."""
    run(client.get("/v1/recommendations?shopper=Zo%C3%AB+%2B1&id=a%20b"))
    assert web_shop.store.exposure("a b").shopper == "Zoë +1"


def test_an_unknown_placement_is_not_found(client):
    """The message names those that there are."""
    error = error_of(run(client.get("/v1/recommendations?shopper=ann&placement=hoem")), 404)
    assert "Did you mean 'home'?" in error["message"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "shopper"),
        ("shopper=", "shopper"),
        ("shopper=ann&n=0", "n"),
        ("shopper=ann&n=many", "n"),
        ("shopper=ann&colour=red", "colour"),
        ("shopper=ann&country=germany", "country"),
        ("shopper=%ff", "UTF-8"),
    ],
)
def test_a_wrong_query_is_refused_in_one_sentence(client, query, word):
    """Each names what is wrong."""
    error = error_of(run(client.get(f"/v1/recommendations?{query}")), 400)
    assert error["code"] == "invalid_input"
    assert word in error["message"]


def test_events_are_acknowledged_once_they_are_stored(client, web_shop):
    """202 comes after the commit, so the log has them; the same id counts once."""
    before = web_shop.store.count()
    batch = [view(), view(id="e2", type="purchase", price=12.5, quantity=2, currency="EUR")]
    answer = run(client.post("/v1/events", json={"events": batch}))
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2})
    assert run(client.post("/v1/events", json=batch)).status_code == 202
    assert web_shop.store.count() == before + 2


def test_a_beacon_is_answered_without_a_body(client, web_shop):
    """text/plain needs no preflight; 204 and the CORS header are all that a beacon reads."""
    before = web_shop.store.count()
    answer = run(
        client.post(
            "/v1/events",
            content=json.dumps([view()]),
            headers={"content-type": "text/plain;charset=UTF-8", "origin": "https://shop.example"},
        )
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert web_shop.store.count() == before + 1


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[7]", "events[0]"),
        (json.dumps([view(type="bought")]).encode(), "bought"),
        (json.dumps([view(price=-2)]).encode(), "price"),
        (b'[{"id": "\xff"}]', "JSON"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_a_wrong_batch_is_refused_whole(client, web_shop, body, word):
    """Nothing of it is stored."""
    before = web_shop.store.count()
    kind = {"content-type": "application/json"}
    error = error_of(run(client.post("/v1/events", content=body, headers=kind)), 400)
    assert word in error["message"]
    assert web_shop.store.count() == before


def test_every_refusal_of_the_front_has_the_shape(client):
    """Method, type and size: each its own status, and the allowed methods are named."""
    wrong_method = run(client.delete("/v1/events"))
    assert error_of(wrong_method, 405)["code"] == "method_not_allowed"
    assert wrong_method.headers["allow"] == "POST, OPTIONS"
    xml = run(client.post("/v1/events", content=b"<e/>", headers={"content-type": "text/xml"}))
    assert error_of(xml, 415)["code"] == "unsupported_media_type"
    large = run(client.post("/v1/events", content=b"x" * (1 << 20 | 1)))
    assert error_of(large, 413)["code"] == "too_large"


def test_a_body_that_hides_its_size_is_cut_off(client):
    """Chunked bodies are counted as they come."""

    async def chunks():
        for _ in range(40):
            yield b"x" * (1 << 16)

    assert error_of(run(client.post("/v1/events", content=chunks())), 413)


def test_a_fault_of_ours_tells_nothing(client, web_shop, caplog, monkeypatch):
    """500 names the request id in the header and no detail; the log has the traceback."""

    def fail(*_, **__):
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(web_shop.recommender, "choice", fail)
    answer = run(client.get("/v1/recommendations?shopper=ann"))
    assert error_of(answer, 500)["code"] == "internal"
    assert "secret" not in answer.text
    assert "a secret detail" in caplog.text
    assert "ann" not in caplog.messages[0]


def test_a_preflight_is_answered(client):
    """A page of the shop may send JSON and its key."""
    answer = run(client.options("/v1/recommendations", headers={"origin": "https://a.example"}))
    assert answer.status_code == 204
    assert "x-splitshelf-key" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("path", ["/v1/recommendations", "/healthz", "/nothing", "/docs"])
def test_security_headers_stand_on_every_answer(client, path):
    """Good or bad, hot or not."""
    answer = run(client.get(path))
    for name, value in SECURITY_HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"]


def test_the_public_key_is_asked_for_where_one_is_set(locked):
    """By header or, for a beacon, in the query."""
    ask = "/v1/recommendations?shopper=ann"
    assert error_of(run(locked.get(ask)), 401)["code"] == "unauthorised"
    assert run(locked.get(f"{ask}&key=publ1c")).status_code == 200
    header = {"x-splitshelf-key": "publ1c"}
    assert run(locked.post("/v1/events", json=[view()], headers=header)).status_code == 202
    assert run(locked.post("/v1/events?key=wrong", json=[view()])).status_code == 401


HEADLESS = "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("headers", "marked"),
    [
        ({"user-agent": HEADLESS, "content-type": "text/plain"}, True),
        ({"user-agent": HEADLESS, "origin": "https://shop.example"}, True),
        ({"user-agent": "Mozilla/5.0 Firefox/130.0", "origin": "https://shop.example"}, False),
        ({"user-agent": "python-requests/2.32"}, False),
    ],
)
def test_what_a_headless_browser_sends_is_kept_and_marked(client, web_shop, headers, marked):
    """A server's own agent says nothing of its shoppers; an event that names one is as it was."""
    body = [view(), view(id="e2", context={"agent": "Firefox", "device": "phone"})]
    sent = {"content-type": "application/json", **headers}
    answer = run(client.post("/v1/events", content=json.dumps(body), headers=sent))
    assert answer.status_code in {202, 204}
    second, first = web_shop.store.latest(2)
    assert first.context == ({"bot": True} if marked else {})
    assert second.context == {"agent": "Firefox", "device": "phone"}
