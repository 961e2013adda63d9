"""The documented API behind the front door."""

import re
import threading

import pytest

from splitshelf import app
from splitshelf.core.clock import system_clock
from splitshelf.learn.artefacts.reading import current_version, load
from splitshelf.learn.training.training import Run, train
from web.test_front import error_of, run, view


def test_products_are_put_read_patched_and_deleted(client, web_shop):
    """A round trip; a patch changes what it names and resets what it says is null."""
    vase = {"id": "vase", "title": "Vase", "price": "20.00", "stock": 4, "brand": "Orla"}
    assert run(client.put("/v1/products", json=[vase])).json() == {"products": 1}
    changes = [{"id": "vase", "price": 18, "brand": None}]
    assert run(client.patch("/v1/products", json=changes)).json() == {"products": 1}
    product = run(client.get("/v1/products/vase")).json()
    assert (product["price"], product["stock"], product["title"]) == ("18", 4, "Vase")
    assert "brand" not in product
    gone = run(client.delete("/v1/products", params={"id": ["vase", "never"]}))
    assert gone.json() == {"products": 1}
    assert error_of(run(client.get("/v1/products/vase")), 404)["code"] == "unknown_name"


def test_a_wrong_product_changes_nothing(client, web_shop):
    """All or nothing: the good one before the bad one is not stored either."""
    body = [{"id": "a", "title": "A"}, {"id": "b", "price": -1}]
    assert "products[1]" in error_of(run(client.put("/v1/products", json=body)), 400)["message"]
    assert web_shop.store.product("a") is None
    unknown = run(client.patch("/v1/products", json={"id": "nobody", "price": 1}))
    assert error_of(unknown, 404)
    assert error_of(run(client.patch("/v1/products", json=[{"price": 1}])), 400)


def test_a_shopper_can_be_exported(client):
    """Every act, oldest first; an unknown shopper is an empty list, not an error."""
    run(client.post("/v1/events", json=[view(), view(id="e2", product="lamp")]))
    events = run(client.get("/v1/shoppers/ann")).json()["events"]
    assert [event["product"] for event in events] == ["mug", "lamp"]
    assert run(client.get("/v1/shoppers/bob")).json()["events"] == []


def test_a_rating_enters_the_log(client, web_shop):
    """A value as it is, a word as its value, "not this" as a dismissal."""
    base = {"shopper": "ann", "product": "mug"}
    for rating in ({"value": 4}, {"answer": "more"}, {"answer": "not_this"}):
        assert run(client.post("/v1/ratings", json=base | rating)).status_code == 202
    found = [(event.type, event.value) for event in web_shop.store.latest(3)]
    assert found == [("dismiss", None), ("rating", 5.0), ("rating", 4.0)]
    assert error_of(run(client.post("/v1/ratings", json=base)), 400)
    assert error_of(run(client.post("/v1/ratings", json=base | {"value": 9})), 400)


def test_health_is_told(client):
    """Alive, ready, and the counters in Prometheus' words."""
    assert run(client.get("/healthz")).json() == {"status": "ok"}
    assert run(client.get("/readyz")).json() == {"status": "ready"}
    run(client.post("/v1/events", json=[view()]))
    run(client.get("/v1/recommendations?shopper=ann"))
    text = run(client.get("/metrics")).text
    assert "splitshelf_events_total 1" in text
    assert re.search(r'splitshelf_slates_total\{placement="home",stage="\w+"\} 1', text)
    assert 'path="/v1/recommendations",le="+Inf"} 1' in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/healthz", 405), ("DELETE", "/v1/products", 400)],
)
def test_the_router_refuses_in_the_same_shape(client, method, path, status):
    """404, 405, and what FastAPI itself would answer with 422."""
    assert error_of(run(client.request(method, path)), status)


def test_the_admin_key_guards_what_changes_or_tells(locked):
    """Bearer or Basic; health stays open."""
    answer = run(locked.get("/v1/shoppers/ann"))
    assert error_of(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Basic")
    bearer = {"authorization": "Bearer adm1n"}
    assert run(locked.get("/v1/shoppers/ann", headers=bearer)).status_code == 200
    assert run(locked.get("/v1/shoppers/ann", auth=("me", "adm1n"))).status_code == 200
    assert run(locked.get("/v1/shoppers/ann", auth=("me", "wrong"))).status_code == 401
    assert run(locked.get("/healthz")).status_code == 200


def test_a_foreign_page_cannot_change_anything(client):
    """A browser that carries the reader's sign-in sends the origin; another site's is refused."""
    foreign = {"origin": "https://evil.example"}
    product = [{"id": "x", "title": "X"}]
    refused = run(client.put("/v1/products", json=product, headers=foreign))
    assert error_of(refused, 403)["code"] == "forbidden"
    own = {"origin": "http://shop.example"}
    assert run(client.put("/v1/products", json=product, headers=own)).status_code == 200


def test_the_document_describes_the_hot_paths(client):
    """They are not FastAPI's, yet they stand in the document, with schemas that resolve."""
    document = run(client.get("/openapi.json")).json()
    shelf = document["paths"]["/v1/recommendations"]
    assert {"get", "post"} <= set(shelf)
    assert "text/plain" in document["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    names = set(document["components"]["schemas"])
    assert {"Slate", "Event", "ShelfWish", "Product", "ErrorAnswer"} <= names
    assert "422" not in str(document["paths"])
    for reference in references(document):
        assert reference.rpartition("/")[2] in names


def references(node):
    """Every $ref below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_docs_page_lists_every_operation(client):
    """Rendered here from the document: no script, no other host."""
    document = run(client.get("/openapi.json")).json()
    text = run(client.get("/docs")).text
    for path in document["paths"]:
        assert path in text
    assert "http://shop.example/v1/events" in text


PLAN = {
    "id": "home-shelf",
    "variants": [
        {"name": "control", "policy": "popular", "weight": 0.5},
        {"name": "treatment", "policy": "personal", "weight": 0.5},
    ],
}


def test_an_experiment_is_started_read_and_stopped(client, web_shop):
    """From the plan to the verdict; the same name cannot be used again."""
    policies = sorted(web_shop.policies)
    plan = PLAN | {"variants": [v | {"policy": policies[0]} for v in PLAN["variants"]]}
    started = run(client.post("/v1/experiments", json=plan))
    assert (started.status_code, started.json()["status"]) == (201, "running")
    assert error_of(run(client.post("/v1/experiments", json=plan)), 409)
    judged = run(client.get("/v1/experiments/home-shelf")).json()
    assert judged["verdict"]["decision"] == "undecided"
    assert [one["id"] for one in run(client.get("/v1/experiments")).json()] == ["home-shelf"]
    assert run(client.post("/v1/experiments/home-shelf/stop")).json()["status"] == "stopped"
    assert error_of(run(client.post("/v1/experiments/home-shelf/stop")), 409)
    assert error_of(run(client.get("/v1/experiments/nothing")), 404)


@pytest.mark.parametrize(
    "change", [{"variants": []}, {"alpha": 2}, {"id": "a b"}, {"primary": "joy"}, {"id": 7}]
)
def test_a_wrong_plan_is_refused(client, change):
    """Each with what is wrong; nothing is started."""
    assert run(client.post("/v1/experiments", json=PLAN | change)).status_code in {400, 404}
    assert run(client.get("/v1/experiments")).json() == []


def test_the_models_are_listed(client):
    """The one in use with its metrics."""
    current = run(client.get("/v1/models")).json()["current"]
    assert current["default"] == "additive"
    assert current["products"] == 27


def test_a_new_artefact_is_loaded_beside_the_requests(client, web_shop, monkeypatch):
    """While it loads the old one answers; then the exposures carry the new version."""
    shelf = "/v1/recommendations?shopper=ann&id="
    run(client.get(f"{shelf}before"))
    old = web_shop.artefact.version
    train(web_shop.store, Run(web_shop.models, web_shop.settings.model, system_clock), print)
    new = current_version(web_shop.models)
    going, gate, threads = threading.Event(), threading.Event(), []

    def load_slowly(*arguments):
        threads.append(threading.current_thread())
        going.set()
        assert gate.wait(30)
        return load(*arguments)

    monkeypatch.setattr(app, "load", load_slowly)
    web_shop._looked = 0.0
    run(client.get(f"{shelf}meanwhile"))
    assert going.wait(30)
    run(client.get(f"{shelf}still"))
    gate.set()
    web_shop._renewal.result(30)
    run(client.get(f"{shelf}after"))
    logged = [web_shop.store.exposure(i).model for i in ("before", "meanwhile", "still", "after")]
    assert logged == [old, old, old, new]
    assert new != old
    assert threading.main_thread() not in threads


def test_a_login_joins_histories_and_can_be_undone(client, web_shop):
    """What the device viewed stands behind the customer's next shelf, until they are unlinked."""
    seen = [view(id=f"d{n}", shopper="device", product=p) for n, p in enumerate(("mug", "lamp"))]
    run(client.post("/v1/events", json=seen))
    body = {"anonymous": "device", "known": "ann"}
    person = run(client.post("/v1/links", json=body)).json()
    assert person == {"id": "ann", "members": ["ann", "device"], "unit": "device"}
    assert run(client.get("/v1/links/device")).json() == person
    assert [event.product for event in web_shop.recommender.history("ann")] == ["mug", "lamp"]
    other = run(client.post("/v1/links", json=body | {"known": "bob"}))
    assert "belongs to another" in error_of(other, 409)["message"]
    assert error_of(run(client.post("/v1/links", json={"known": "ann"})), 400)
    assert run(client.delete("/v1/links/device")).json() == {"unlinked": True}
    assert run(client.delete("/v1/links/device")).json() == {"unlinked": False}
    assert not web_shop.recommender.history("ann")


def test_an_event_of_a_known_shopper_links_the_device_it_names(client, web_shop):
    """As GA4 and Segment send them: the customer's id and the device's on one event."""
    run(client.post("/v1/events", json=[view(id="d1", shopper="device", product="lamp")]))
    both = {
        "name": "view_item",
        "user_id": "ann",
        "client_id": "device",
        "params": {"items": [{"item_id": "mug"}]},
    }
    assert run(client.post("/v1/events", json=[both])).status_code == 202
    assert web_shop.identities.person("device").id == "ann"
    assert [event.product for event in web_shop.recommender.history("ann")] == ["lamp", "mug"]


@pytest.mark.parametrize("path", ["/dashboard", "/healthz", "/v1/products/no", "/static/icon.svg"])
def test_a_head_is_answered_like_its_get(client, path):
    """Link checkers and uptime monitors ask for the head only."""
    got, head = run(client.get(path)), run(client.head(path))
    assert head.status_code == got.status_code
    assert head.headers["content-type"] == got.headers["content-type"]
