"""The shop in a real Chromium: clicking changes the shelves, and everything is told to the log."""

import re

import pytest
from playwright.sync_api import expect

from splitshelf.app import open_shop
from web.browsing import Visitor, chromium, serving

pytestmark = [pytest.mark.browser, pytest.mark.server]

PAGES = ("/shop", "/shop/department/Table", "/shop/product/{}", "/shop/cart", "/shop/search?q=mug")


@pytest.fixture(scope="session")
def shop_address(shop_config):
    """The address of the generated shop."""
    with serving(shop_config) as address:
        yield address


@pytest.fixture(scope="module")
def shop_browser():
    """One Chromium for these tests; it is gone before others run an event loop of their own."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def visitor(shop_browser, shop_address):
    """A new guest on a wide screen."""
    guest = Visitor(shop_browser, shop_address, 1320, "light")
    yield guest
    assert guest.faults == []
    guest.context.close()


def ready(page):
    """Wait until the page's script has done its first work."""
    page.wait_for_selector("body[data-ready]")


def home(page):
    """The home page, reached by its link as a shopper would."""
    page.locator(".top .wordmark").click()
    page.wait_for_url("**/shop")
    ready(page)


def titles_of(page, placement="home"):
    """The titles on one shelf."""
    return page.locator(f"[data-shelf={placement}] .card-title").all_inner_texts()


def events_of(shop_config, page):
    """What the log knows of this guest, impressions left out."""
    shopper = page.locator("body").get_attribute("data-shopper")
    with open_shop(shop_config) as shop:
        return [event for event in shop.store.latest(500) if event.shopper == shopper][::-1]


def test_three_products_change_the_home_shelf(visitor, shop_config):
    """The shelf changes after each click, and its reasons name what was looked at."""
    page = visitor.page
    page.goto("/shop")
    ready(page)
    before = titles_of(page)
    looked = []
    for card in (0, 4, 2):
        page.locator("[data-shelf=home] .card-link").nth(card).click()
        page.wait_for_url("**/shop/product/**")
        ready(page)
        looked.append(page.locator("h1").inner_text())
        home(page)
    assert titles_of(page) != before
    expect(page.get_by_role("heading", name="Picked for you")).to_be_visible()
    reasons = " ".join(page.locator("[data-shelf=home] .reason").all_inner_texts())
    assert any(title in reasons for title in looked)
    kinds = [event.type for event in events_of(shop_config, page) if event.type != "impression"]
    assert kinds == ["click", "view"] * 3


def test_events_carry_the_slate_the_position_and_the_dwell(visitor, shop_config):
    """Impression, click and view name the exposure that showed the product, and where."""
    page = visitor.page
    page.goto("/shop")
    ready(page)
    shelf = page.locator("[data-shelf=home]")
    exposure = shelf.get_attribute("data-exposure")
    product = shelf.locator("[data-product]").nth(3).get_attribute("data-product")
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(1800)
    shelf.locator(".card-link").nth(3).click()
    page.wait_for_url("**/shop/product/**")
    ready(page)
    page.wait_for_timeout(400)
    home(page)
    events = events_of(shop_config, page)
    seen = [event for event in events if event.type == "impression" and event.exposure == exposure]
    click = next(event for event in events if event.type == "click")
    view = next(event for event in events if event.type == "view")
    assert len(seen) >= 6
    assert {event.context["position"] for event in seen} >= {0, 1, 2}
    assert (click.product, click.exposure, click.context["position"]) == (product, exposure, 3)
    assert (view.product, view.exposure) == (product, exposure)
    assert view.dwell > 0.3


def test_the_way_back_shows_fresh_shelves(visitor):
    """The browser's own back button leads to shelves that know of the visit."""
    page = visitor.page
    page.goto("/shop")
    ready(page)
    page.locator("[data-shelf=trending] .card-link").first.click()
    page.wait_for_url("**/shop/product/**")
    ready(page)
    title = page.locator("h1").inner_text()
    page.go_back()
    ready(page)
    expect(page.locator("[data-shelf=home] .reason").first).to_contain_text(title)


def test_buying_is_told_line_by_line(visitor, shop_config):
    """Bag, count, order: add_to_cart, checkout and a purchase a line, of one order."""
    page = visitor.page
    page.goto("/shop")
    cards = page.locator("[data-shelf=trending] .card-link")
    for address in [cards.nth(place).get_attribute("href") for place in (1, 2)]:
        page.goto(address)
        ready(page)
        page.get_by_role("button", name="Add to bag").click()
        expect(page.locator("[data-toast]")).to_be_visible()
    expect(page.locator("[data-bag-count]")).to_have_text("2")
    page.get_by_role("link", name=re.compile("^Bag")).click()
    page.wait_for_url("**/shop/cart")
    ready(page)
    expect(page.get_by_role("heading", name="Complete your order")).to_be_visible()
    page.get_by_role("button", name=re.compile("^One more")).first.click()
    expect(page.locator("[data-line]").first).to_have_attribute("data-count", "2")
    ready(page)
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/shop/thanks")
    ready(page)
    events = events_of(shop_config, page)
    bought = [event for event in events if event.type == "purchase"]
    assert sorted(event.quantity for event in bought) == [1, 2]
    assert len({event.order for event in bought}) == 1
    assert all(event.price and event.currency == "EUR" for event in bought)
    assert sum(event.type == "add_to_cart" for event in events) == 3
    expect(page.locator("[data-bag-count]")).to_have_text("0")


def test_saving_changes_the_shelves_of_this_page(visitor, shop_config):
    """A wishlist event goes out, and the button says that it is done."""
    page = visitor.page
    page.goto("/shop")
    ready(page)
    page.locator("[data-shelf=trending] .card-link").first.click()
    page.wait_for_url("**/shop/product/**")
    ready(page)
    exposure = page.locator("[data-shelf]").first.get_attribute("data-exposure")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Saved")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-shelf]").first).not_to_have_attribute("data-exposure", exposure)
    assert [event.type for event in events_of(shop_config, page)].count("wishlist") == 1


def test_switching_the_shopper_changes_the_shelves(visitor):
    """Through the eyes of a shopper with a past the shelf is personal at once."""
    page = visitor.page
    page.goto("/shop")
    ready(page)
    page.locator(".who summary").click()
    page.get_by_role("button", name=re.compile("^Ines")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome back, Ines.")
    expect(page.get_by_role("heading", name="Picked for you")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1320])
def test_pages_are_accessible_and_fit(shop_browser, shop_address, shop_config, width, theme):
    """Axe finds nothing, nothing scrolls sideways, nothing foreign is fetched."""
    with open_shop(shop_config) as shop:
        product = next(one.id for one in shop.store.products() if one.sellable)
    guest = Visitor(shop_browser, shop_address, width, theme)
    for address in PAGES:
        guest.page.goto(address.format(product))
        ready(guest.page)
        assert guest.violations() == [], address
        assert guest.sideways() == 0, address
    assert guest.faults == []
    guest.context.close()


def test_the_keyboard_reaches_everything(visitor):
    """Skip link first; a product opens with Enter."""
    page = visitor.page
    page.goto("/shop")
    ready(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("[data-shelf=home] .card-link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/shop/product/**")
