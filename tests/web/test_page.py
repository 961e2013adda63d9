"""Several shelves in one call, and lists that the shop sends."""

from web.test_front import error_of, run
from web.web_shop import PRODUCTS

IDS = [product.id for product in PRODUCTS]


def shown(slate):
    """The ids on a shelf, in order."""
    return [item["product"] for item in slate["items"]]


def page(client, *shelves, **more):
    """The answer to a page of these shelves."""
    return run(client.post("/v1/page", json={"shopper": "s1", "shelves": list(shelves), **more}))


def test_a_page_is_one_call_and_shows_nothing_twice(client, web_shop):
    """The shelves come in the order asked for, each logged, none with a product of another."""
    wanted = [
        {"placement": "home", "n": 5},
        {"placement": "trending", "n": 5},
        {"placement": "cart", "seeds": ["mug"], "n": 4},
    ]
    slates = page(client, *wanted).json()["shelves"]
    assert [slate["placement"] for slate in slates] == ["home", "trending", "cart"]
    ids = [product for slate in slates for product in shown(slate)]
    assert len(ids) == len(set(ids)) == 14
    assert all(web_shop.store.exposure(slate["id"]) is not None for slate in slates)


def test_the_same_page_id_gets_the_same_page(client):
    """Asked again, nothing is drawn anew."""
    first = page(client, {"placement": "home"}, {"placement": "trending"}, id="p1").json()
    assert [slate["id"] for slate in first["shelves"]] == ["p1.0", "p1.1"]
    assert page(client, {"placement": "home"}, {"placement": "trending"}, id="p1").json() == first


def test_a_list_is_re_ranked_by_body_and_by_query(client):
    """All of it comes back, what is unknown is named apart."""
    body = {"shopper": "s1", "placement": "search", "products": [*IDS[:8], "gone"]}
    slate = run(client.post("/v1/recommendations", json=body)).json()
    assert sorted(shown(slate)) == sorted(IDS[:8])
    assert slate["left_out"] == ["gone"]
    asked = {"shopper": "s1", "placement": "category", "products": ",".join(IDS[:3])}
    slate = run(client.get("/v1/recommendations", params=asked)).json()
    assert sorted(shown(slate)) == sorted(IDS[:3])


def test_a_wrong_page_is_refused_in_a_sentence(client):
    """No shelf, too many, an unknown spot, a list that is missing."""
    assert "page request" in error_of(page(client), 400)["message"]
    assert error_of(page(client, *[{"placement": "home"}] * 21), 400)
    assert error_of(page(client, {"placement": "hom"}), 404)
    assert "category and search" in error_of(page(client, {"placement": "search"}), 400)["message"]


def test_the_page_needs_the_public_key(locked):
    """Like a single shelf."""
    assert error_of(page(locked, {"placement": "home"}), 401)
