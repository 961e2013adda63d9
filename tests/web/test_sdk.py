"""The browser SDK: small, built from its sources, and working in a page of another origin."""

import gzip
import shutil
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from splitshelf.app import open_shop
from splitshelf.web.sdk import SCRIPT, integrity
from web.browsing import chromium, serving
from web.web_shop import copy_of

SDK = Path(__file__).parents[2] / "sdk"
BUDGET = 3_000

PAGE = """<!doctype html><html lang="en"><title>A shop</title>
<script>
  var dataLayer = [{event: "view_item", ecommerce: {items: [{item_id: "lamp", price: 39}]}}];
  function gtag() { dataLayer.push(arguments); }
</script>
<script src="BASE/sdk/v1/splitshelf.js" integrity="HASH" crossorigin="anonymous" data-ga4></script>
<div id="shelf" data-splitshelf="home" data-n="4">our own words</div>
<div id="asked" data-splitshelf="trending" data-n="3" data-feedback="More|Less|Not this">none</div>
<div id="wrong" data-splitshelf="no-such-place">our own words</div>
</html>"""


def test_the_script_is_small():
    """The whole of it, data layer included."""
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= BUDGET


def test_the_script_is_what_its_sources_build(tmp_path):
    """Byte by byte, where the builder is installed (`npm install` in sdk/)."""
    node = shutil.which("node")
    if node is None or not (SDK / "node_modules/esbuild").exists():
        pytest.skip("needs node, and `npm install` in sdk/")
    built = tmp_path / "splitshelf.js"
    subprocess.run([node, "build.mjs", str(built)], cwd=SDK, check=True, capture_output=True)
    assert built.read_bytes() == SCRIPT.read_bytes()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture(scope="module")
def world(made_shop, tmp_path_factory):
    """A Splitshelf server, a shop page on another origin, a browser, and the shop's settings."""
    folder = tmp_path_factory.mktemp("sdk")
    with copy_of(made_shop, folder):
        pass
    with serving(folder / made_shop.name) as base, chromium() as browser:
        site = tmp_path_factory.mktemp("site")
        urllib.request.urlopen(f"{base}/v1/recommendations?shopper=first", timeout=60).close()
        page = PAGE.replace("BASE", base).replace("HASH", integrity())
        (site / "index.html").write_text(page, encoding="utf-8")
        (site / "next.html").write_text("<title>next</title>", encoding="utf-8")
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield browser, f"http://127.0.0.1:{server.server_port}", folder / made_shop.name
        server.shutdown()
        server.server_close()


def events_of(config, known=0, at_least=1):
    """The newest events once there are more than were known, and so many of one shopper."""
    with open_shop(config) as shop:
        newest = []
        for _ in range(100):
            newest = list(shop.store.latest(max(0, shop.store.count() - known)))
            shoppers = Counter(event.shopper for event in newest)
            if max(shoppers.values(), default=0) >= at_least:
                break
            time.sleep(0.1)
        return newest


def count_of(config):
    """How many events there are."""
    with open_shop(config) as shop:
        return shop.store.count()


@pytest.mark.browser
@pytest.mark.server
def test_a_shelf_is_drawn_and_what_happens_is_sent(world):
    """Impressions, the data layer of before and after, and a click that leaves the page."""
    browser, site, config = world
    known = count_of(config)
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.goto(f"{site}/index.html")
    expect(page.locator("#shelf .splitshelf-item")).to_have_count(4)
    expect(page.locator("#wrong")).to_have_text("our own words")
    page.evaluate("gtag('event', 'add_to_cart', {items: [{item_id: 'mug', price: 12.5}]})")
    page.wait_for_timeout(2600)
    page.evaluate(
        "document.querySelector('#shelf .splitshelf-item').addEventListener('click',"
        " () => { location.href = 'next.html'; })"
    )
    page.locator("#shelf .splitshelf-item").first.click()
    page.wait_for_url("**/next.html")
    events = events_of(config, known, 7)
    clicker = next(event.shopper for event in events if event.type == "click")
    # a page that an earlier test left may have had its last word just now
    events = [event for event in events if event.shopper == clicker]
    kinds = [event.type.value for event in events]
    assert kinds.count("impression") >= 4
    assert {"view", "add_to_cart", "click"} <= set(kinds)
    click = next(event for event in events if event.type == "click")
    assert click.exposure
    assert click.context["position"] == 0
    assert click.context["placement"] == "home"
    assert not [url for method, url in asked if method == "OPTIONS"]
    assert context.cookies() == []
    context.close()


def pushing(page, sender):
    """Tells Google Analytics of an event, in one of the two ways that shops do."""

    def push(name: str, items: list[str], more: str = "") -> None:
        listed = ", ".join(f"{{item_id: '{item}', price: 5}}" for item in items)
        fields = f"{{{more} items: [{listed}]}}"
        if sender == "gtag":
            page.evaluate(f"gtag('event', '{name}', {fields})")
        else:
            event = f"{{event: '{name}', ecommerce: {fields}}}"
            page.evaluate(f"dataLayer.push({{ecommerce: null}}, {event})")

    return push


def events_by(config, shopper, kinds):
    """A shopper's events, once there are some of all these kinds."""
    for _ in range(60):
        with open_shop(config) as shop:
            found = [event for event in shop.store.latest(200) if event.shopper == shopper]
        if kinds <= {event.type.value for event in found}:
            break
        time.sleep(0.2)
    return found


@pytest.mark.browser
@pytest.mark.server
@pytest.mark.parametrize("sender", ["dataLayer", "gtag"])
def test_a_session_of_the_data_layer_says_where_its_products_stood(world, sender):
    """From the list to the purchase on another page, with no code besides the script tag.

    A product that stood on no shelf of ours, and a list of the shop's own, say nothing of the kind.
    """
    browser, site, config = world
    page = browser.new_context().new_page()
    push = pushing(page, sender)
    page.goto(f"{site}/index.html")
    expect(page.locator("#shelf .splitshelf-item")).to_have_count(4)
    ask = "await splitshelf.recommend('home', {n: 2})"
    slate = page.evaluate(f"async () => {{ for (;;) {{ const s = {ask}; if (s) return s; }} }}")
    product = slate["items"][1]["product"]
    push("view_item_list", [product, "elsewhere"], "item_list_id: 'home',")
    push("view_item_list", [product], "item_list_id: 'all-lamps',")
    push("select_item", [product], "item_list_id: 'home',")
    push("view_item", [product])
    page.evaluate("history.pushState({}, '', '/product')")
    push("add_to_cart", [product])
    page.goto(f"{site}/index.html?step=checkout")
    push("begin_checkout", ["elsewhere", product])
    push("purchase", [product, "elsewhere"], "transaction_id: 'T-' + Math.random(),")
    shopper = page.evaluate("localStorage['splitshelf.shopper']")
    kinds = {"impression", "click", "view", "add_to_cart", "checkout", "purchase"}
    ours = events_by(config, shopper, kinds)
    page.context.close()
    with_it = [event for event in ours if event.exposure == slate["id"]]
    places = {(e.context["placement"], e.context["position"]) for e in with_it}
    assert {event.type.value for event in with_it} == kinds
    assert places == {("home", 1)}
    others = [e for e in ours if "elsewhere" in (e.product, e.context.get("placement"))]
    others += [e for e in ours if e.context.get("placement") == "all-lamps"]
    assert [event.exposure for event in others] == [None] * 3


@pytest.mark.browser
@pytest.mark.server
def test_a_word_on_a_product_is_sent_and_heeded(world):
    """A product that is not wanted goes at once, and comes back on no later shelf."""
    browser, site, config = world
    known = count_of(config)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/index.html")
    cards = page.locator("#asked .splitshelf-card")
    expect(cards).to_have_count(3)
    cards.first.get_by_role("button", name="More").click()
    expect(cards.first.get_by_role("button", name="More")).to_be_disabled()
    cards.last.get_by_role("button", name="Not this").click()
    expect(cards).to_have_count(2)
    page.wait_for_timeout(500)
    said = {e.type.value: e for e in events_of(config, known, 2) if e.context.get("answer")}
    assert said["rating"].value == 5
    unwanted = said["dismiss"]
    assert unwanted.exposure
    page.reload()
    expect(cards).to_have_count(3)
    ask = "await splitshelf.recommend('trending', {n: 27})"
    slate = page.evaluate(f"async () => {{ for (;;) {{ const s = {ask}; if (s) return s; }} }}")
    assert unwanted.product not in [item["product"] for item in slate["items"]]
    context.close()


@pytest.mark.browser
@pytest.mark.server
def test_who_refuses_is_forgotten(world):
    """Nothing is sent, nothing is kept; Global Privacy Control counts as a refusal."""
    browser, site, config = world
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/index.html")
    expect(page.locator("#shelf .splitshelf-item")).to_have_count(4)
    page.evaluate("splitshelf.consent('denied')")
    known = count_of(config)
    page.evaluate("splitshelf.track('view', {product: 'mug'}, true)")
    page.wait_for_timeout(1500)
    assert count_of(config) == known
    kept = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert kept == ["splitshelf.consent"]
    context.close()


@pytest.mark.browser
@pytest.mark.server
def test_a_page_asks_for_its_shelves_at_once(world):
    """In one call, in their order, no product on two of them; nothing where the wish is wrong."""
    browser, site, _ = world
    page = browser.new_context().new_page()
    page.goto(f"{site}/index.html")
    ask = "splitshelf.page([{placement: 'home', n: 4}, {placement: 'trending', n: 3}])"
    shelves = page.evaluate(
        f"async () => {{ for (;;) {{ const s = await {ask}; if (s) return s; }} }}"
    )
    assert [shelf["placement"] for shelf in shelves] == ["home", "trending"]
    shown = [item["product"] for shelf in shelves for item in shelf["items"]]
    assert len(shown) == len(set(shown)) == 7
    assert page.evaluate("splitshelf.page([{placement: 'no-such-place'}])") is None
