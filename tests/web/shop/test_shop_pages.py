"""The pages of the shop, over the whole ASGI app."""

import re
from dataclasses import replace
from html import unescape

import httpx
import msgspec
import pytest

from splitshelf.app import open_shop
from splitshelf.core.errors import InputError
from splitshelf.web.server import create_front
from splitshelf.web.shop.goods import read_goods
from splitshelf.web.shop.visitors import Visitor, changed_cart, visitor_of

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend():
    """The loop that uvicorn runs."""
    return "asyncio"


@pytest.fixture
def shop(shop_config):
    """The generated shop."""
    with open_shop(shop_config) as opened:
        yield opened


@pytest.fixture
def client(shop):
    """A browser with cookies, without JavaScript."""
    transport = httpx.ASGITransport(create_front(shop), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


def shelves_of(text):
    """The placements of the shelves of a page, in order, with their exposures."""
    return dict(re.findall(r'data-shelf="(\w+)" data-exposure="([^"]+)"', text))


async def test_a_stranger_sees_what_everybody_likes(client):
    """Without a past the home page claims nothing personal."""
    page = await client.get("/shop")
    assert page.status_code == 200
    assert list(shelves_of(page.text)) == ["home", "trending"]
    assert "Because" not in page.text
    assert "Picked for you" not in page.text


async def test_every_shelf_shown_is_in_the_log(client, shop):
    """Its exposure carries the visitor, the placement and the propensities."""
    page = await client.get("/shop")
    shopper = re.search(r'data-shopper="([^"]+)"', page.text)[1]
    for placement, exposure_id in shelves_of(page.text).items():
        exposure = shop.store.exposure(exposure_id)
        assert (exposure.shopper, exposure.placement) == (shopper, placement)
        assert all(0 < shown.propensity <= 1 for shown in exposure.slate)


async def test_a_view_changes_the_next_home_page(client, shop):
    """What was just looked at is named in the reasons."""
    first = await client.get("/shop")
    shopper = re.search(r'data-shopper="([^"]+)"', first.text)[1]
    product = shop.store.products()[40]
    event = {"id": f"t-{shopper}", "type": "view", "shopper": shopper, "product": product.id}
    assert (await client.post("/v1/events", json={"events": [event]})).status_code == 202
    page = unescape((await client.get("/shop")).text)
    assert "Picked for you" in page
    assert f"Because you looked at {product.title}" in page
    assert "because_viewed" in shelves_of(page)


async def test_no_product_stands_twice_on_a_page(client):
    """Shelves below do not repeat those above."""
    page = (await client.get("/shop")).text
    shown = re.findall(r'<li class="card" data-product="([^"]+)"', page)
    assert len(shown) == len(set(shown)) > 12


async def test_a_product_page_shows_what_goes_with_it(client, shop):
    """Both shelves of the page, the price and the picture."""
    product = next(one for one in shop.store.products() if one.sellable)
    page = unescape((await client.get(f"/shop/product/{product.id}")).text)
    assert {"bought_together", "also_viewed"} <= set(shelves_of(page))
    assert product.title in page
    assert f"€{product.price:.2f}" in page


async def test_a_sold_out_product_cannot_be_bought(client, shop):
    """The button is off, and the alternatives come first."""
    product = next(one for one in shop.store.products() if not one.sellable)
    page = (await client.get(f"/shop/product/{product.id}")).text
    assert "disabled>Sold out" in page
    assert next(iter(shelves_of(page))) == "also_viewed"


async def test_the_bag_works_without_javascript(client, shop):
    """Add, count, take out, order: plain forms and redirects."""
    product = next(one for one in shop.store.products() if one.sellable)
    added = await client.post("/shop/cart", data={"product": product.id})
    assert (added.status_code, added.headers["location"]) == (303, "/shop/cart")
    page = (await client.get("/shop/cart")).text
    assert f'data-line="{product.id}" data-count="1"' in page
    assert "Complete your order" in page
    await client.post("/shop/cart", data={"product": product.id, "count": "3"})
    assert 'data-count="3"' in (await client.get("/shop/cart")).text
    await client.post("/shop/cart", data={"product": product.id, "count": "0"})
    assert "Nothing in it yet" in (await client.get("/shop/cart")).text
    done = await client.post("/shop/checkout")
    assert done.headers["location"] == "/shop/thanks"


async def test_a_script_gets_the_count_as_json(client, shop):
    """The bag in the corner follows without a new page."""
    product = shop.store.products()[0].id
    answer = await client.post(
        "/shop/cart", data={"product": product}, headers={"accept": "application/json"}
    )
    assert answer.json() == {"items": 1}


async def test_one_may_shop_as_somebody_with_a_past(client, shop):
    """The shelves are then that shopper's; a made-up shopper is not believed."""
    await client.post("/shop/who", data={"shopper": "s00003"})
    page = (await client.get("/shop")).text
    assert 'data-shopper="s00003"' in page
    assert "Welcome back, Ines." in page
    assert shop.store.exposure(shelves_of(page)["home"]).stage == "personal"
    await client.post("/shop/who", data={"shopper": "the-owner"})
    assert 'data-shopper="s00003"' in (await client.get("/shop")).text
    await client.post("/shop/who", data={"shopper": "new"})
    assert 'data-shopper="anon-' in (await client.get("/shop")).text


async def test_best_sellers_are_the_same_for_everybody(client):
    """The other look shows no reason from the past."""
    await client.post("/shop/who", data={"shopper": "s00003", "look": "popular"})
    page = (await client.get("/shop")).text
    assert re.search(r'aria-current="true">Best-sellers', page)
    home = page.split('data-shelf="home"')[1].split("</section>")[0]
    assert "Because you" not in home


async def test_search_finds_every_word(client):
    """All words must be there, in title, maker, category or attribute."""
    page = (await client.get("/shop/search", params={"q": "mug stoneware"})).text
    titles = re.findall(
        r'<span class="card-title">([^<]+)', page.split('class="grid"')[1].split("</ul>")[0]
    )
    assert titles
    assert all("stoneware" in title and "mug" in title for title in titles)
    assert "Nothing holds" in (await client.get("/shop/search", params={"q": "zzzz"})).text


async def test_a_query_is_text_and_not_markup(client):
    """What is searched for comes back escaped."""
    page = (await client.get("/shop/search", params={"q": "<script>alert(1)</script>"})).text
    assert "<script>alert" not in page


@pytest.mark.parametrize("address", ["/shop/product/none", "/shop/department/none"])
async def test_what_is_not_there_is_a_page_too(client, address):
    """404 with a way on."""
    page = await client.get(address)
    assert page.status_code == 404
    assert "There is nothing here" in page.text


@pytest.mark.parametrize("sort", ["low", "high", ""])
async def test_a_department_is_sorted_as_asked(client, sort):
    """By price up, by price down, or as it comes; sold out last."""
    page = (await client.get("/shop/department/Table", params={"sort": sort})).text
    grid = page.split('class="grid"')[1].split("</ul>")[0]
    parts = grid.split('<li class="card')[1:]
    out = ["card-out" in part for part in parts]
    assert out == sorted(out)
    prices = [
        float(
            re.search(
                r'class="price">(?:<span[^>]*>Now </span><span class="now">)?€([\d.]+)', part
            )[1]
        )
        for part in parts
        if "card-out" not in part
    ]
    if sort:
        assert prices == sorted(prices, reverse=sort == "high")


async def test_pictures_are_svg_and_cached(client, shop):
    """A browser that has a picture is told so; nothing in one may run."""
    product = shop.store.products()[0].id
    first = await client.get(f"/shop/picture/{product}.svg")
    assert first.headers["content-type"] == "image/svg+xml"
    assert "script-src" not in first.headers["content-security-policy"]
    again = await client.get(
        f"/shop/picture/{product}.svg", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/shop/picture/none.svg")).status_code == 404


async def test_a_foreign_page_may_not_fill_the_bag(client, shop):
    """A form of another site is refused."""
    answer = await client.post(
        "/shop/cart",
        data={"product": shop.store.products()[0].id},
        headers={"origin": "http://elsewhere.example"},
    )
    assert answer.status_code == 403


async def test_a_huge_form_is_refused(client):
    """Nobody fills the memory through a form."""
    answer = await client.post("/shop/who", content=b"a=" + b"x" * 20_000)
    assert answer.status_code == 400


async def test_a_change_of_the_catalogue_shows_at_once(client, shop):
    """A new price stands on the next page."""
    product = next(one for one in shop.store.products() if one.sellable)
    dearer = msgspec.structs.replace(product, price=product.price + 1, list_price=None)
    try:
        await client.get(f"/shop/product/{product.id}")
        shop.store.put_products([dearer])
        page = (await client.get(f"/shop/product/{product.id}")).text
        assert f"€{dearer.price:.2f}" in page
    finally:
        shop.store.put_products([product])


def test_a_full_cart_says_so():
    """Thirty lines fit into a cookie."""
    cart = {f"p{number}": 1 for number in range(30)}
    with pytest.raises(InputError, match="holds 30"):
        changed_cart(cart, "one-more", 1)
    assert changed_cart(cart, "p3", 0).keys() == cart.keys() - {"p3"}


def test_cookies_of_any_kind_are_read_with_care():
    """Nonsense gives a new visitor, not an error."""

    class Asked:
        cookies = {"shopper": "x" * 500, "cart": "a*2!b*x!*4!c%2A*1", "shelves": "none"}  # noqa: RUF012 (read only)

    visitor = visitor_of(Asked)
    assert visitor.shopper.startswith("anon-")
    assert visitor.cart == {"a": 2, "c*": 1}
    assert visitor.look == "personal"
    assert replace(visitor, cart={}).items == 0
    assert isinstance(visitor, Visitor)


def test_the_menu_holds_a_dozen(shop_config):
    """Every department of the generated shop, by name."""
    with open_shop(shop_config) as shop:
        goods = read_goods(shop.store)
    assert goods.menu == sorted(goods.menu)
    assert len(goods.menu) == 12


async def test_a_word_on_a_product_counts_on_the_next_page(client, shop):
    """Without JavaScript: a form, an event with the slate's id, and the product is gone."""
    text = (await client.get("/shop")).text
    card = re.search(
        r'name="product" value="([^"]+)"><input type="hidden" name="exposure" value="([^"]+)"', text
    )
    product, exposure = card.groups()
    form = {"product": product, "exposure": exposure, "answer": "not_this"}
    answer = await client.post("/shop/word", data=form)
    assert answer.status_code == 303
    newest = shop.store.latest(1)[0]
    assert (newest.type, newest.product, newest.exposure) == ("dismiss", product, exposure)
    assert f'data-product="{product}"' not in (await client.get("/shop")).text
    assert (await client.post("/shop/word", data=form | {"answer": "hm"})).status_code == 400
