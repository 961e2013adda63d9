"""Rules over HTTP: kept, tried out, priced, guarded."""

import pytest

from web.test_front import error_of, run

PIN = {"name": "first", "kind": "pin", "product": "mug", "position": 0}
SHELF = {"shopper": "s1", "n": 5}


def put(client, rule):
    """The answer to writing a rule."""
    return run(client.put(f"/v1/rules/{rule['name']}", json=rule))


def test_a_rule_is_written_read_listed_and_deleted(client):
    """A round trip; the list says whether it has a say."""
    assert put(client, PIN).status_code == 200
    assert run(client.get("/v1/rules/first")).json()["product"] == "mug"
    later = PIN | {"name": "later", "starts": "2099-01-01T00:00:00Z"}
    over = PIN | {"name": "over", "ends": "2001-01-01T00:00:00Z"}
    assert put(client, later).status_code == put(client, over).status_code == 200
    states = {one["rule"]["name"]: one["state"] for one in run(client.get("/v1/rules")).json()}
    assert states == {"first": "in force", "later": "scheduled", "over": "over"}
    assert run(client.delete("/v1/rules/first")).json() == {"deleted": "first"}
    assert error_of(run(client.get("/v1/rules/first")), 404)
    assert error_of(run(client.delete("/v1/rules/first")), 404)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (PIN | {"kind": "pni"}, "Did you mean 'pin'"),
        (PIN | {"product": ""}, "a pin needs"),
        (PIN | {"colour": 1}, "cannot be read"),
        (PIN | {"kind": "objective", "by": "fame"}, "No objective"),
    ],
)
def test_a_wrong_rule_is_refused_and_not_kept(client, rule, message):
    """In a sentence, and the store stays as it was."""
    answer = put(client, rule)
    assert message in error_of(answer, answer.status_code)["message"]
    assert answer.status_code in {400, 404}
    assert run(client.get("/v1/rules")).json() == []


def test_the_address_names_the_rule(client):
    """A body that calls itself otherwise is refused."""
    answer = run(client.put("/v1/rules/second", json=PIN))
    assert "calls itself" in error_of(answer, 400)["message"]


def test_a_rule_can_be_tried_without_being_kept(client, web_shop):
    """The shelf with and without, under the same chance; no exposure, no rule."""
    trial = {"rule": PIN | {"placements": ["cart"]}, "shelf": SHELF}
    seen = run(client.post("/v1/rules/preview", json=trial)).json()
    assert seen["having"]["items"][0]["product"] == "mug"
    assert len(seen["without"]["items"]) == len(seen["having"]["items"]) == 5
    assert len(seen["added"]) == len(seen["removed"])
    assert web_shop.store.count_exposures() == 0
    assert run(client.get("/v1/rules")).json() == []


def test_a_rule_without_a_log_has_no_price_yet(client):
    """It says so, and why."""
    put(client, PIN)
    price = run(client.get("/v1/rules/first/price")).json()
    assert price["known"] is False
    assert price["why"].startswith("Cannot say yet")
    assert error_of(run(client.get("/v1/rules/none/price")), 404)


def test_rules_need_the_admin_key(locked):
    """Reading, writing and trying alike."""
    assert error_of(run(locked.get("/v1/rules")), 401)
    assert error_of(put(locked, PIN), 401)
    assert error_of(run(locked.post("/v1/rules/preview", json={"rule": PIN, "shelf": SHELF})), 401)
