"""The pages in a real Chromium: they move, they are accessible, they fetch nothing foreign."""

import json
import re
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from splitshelf.core.assignment import assign
from splitshelf.core.context import Context
from splitshelf.core.experiments import Experiment, Variant
from splitshelf.core.slates import Exposure, Shown
from splitshelf.prove import experiments as lifecycle
from splitshelf.serve.merchandising import save
from splitshelf.serve.rule import Rule, Where
from web.browsing import SERVE, Visitor, chromium, serving
from web.web_shop import copy_of

pytestmark = [pytest.mark.browser, pytest.mark.server]

PAGES = (
    "/dashboard",
    "/dashboard/live",
    "/dashboard/experiments",
    "/dashboard/experiments/home-shelf",
    "/dashboard/models",
    "/dashboard/rules",
    "/dashboard/rules/edit?name=mugs-first",
    "/dashboard/rules/edit?kind=cap",
    "/dashboard/shelf?placement=home&country=DE",
    "/dashboard/data",
    "/dashboard/explain?id=slate-1",
    "/docs",
)


@pytest.fixture(scope="session")
def base(made_shop, tmp_path_factory):
    """The address of a shop with a running experiment and some traffic."""
    folder = tmp_path_factory.mktemp("served")
    with copy_of(made_shop, folder) as shop:
        plan = Experiment(
            id="home-shelf",
            variants=(
                Variant(name="control", policy="popular", weight=0.5),
                Variant(name="treatment", policy="personal", weight=0.5),
            ),
            note="Does the personal shelf earn more?",
        )
        lifecycle.start(plan, shop.store, datetime.now(UTC), set(shop.policies))
        truth = {"experiment": "home-shelf", "lift": {"conversion": 0.1, "click_through": 0.2}}
        save(
            shop.store, Rule(name="mugs-first", kind="boost", where=Where(brand="Orla"), factor=1.2)
        )
        shop.store.put_document("simulation", "truth", json.dumps(truth).encode())
        shop.store.append_exposures(list(shown_to_devices(plan, 500)))
    with serving(folder / made_shop.name) as address:
        for number in range(240):
            browse(address, number)
        yield address


def shown_to_devices(plan, shoppers):
    """Slates that shoppers saw on two devices, so that there are segments to tell of."""
    now = datetime.now(UTC)
    for number in range(shoppers):
        context = Context(at=now, device=("mobile", "desktop")[number % 2], country="NL")
        name = f"d{number}"
        yield Exposure(
            id=f"shown-{name}",
            at=now,
            shopper=name,
            placement="home",
            policy="popular",
            policy_hash="h",
            model="m",
            slate=(Shown("mug", 0, 1.0, 1.0),),
            experiment=plan.id,
            variant=assign(plan, name).name,
            context=context,
        )


def test_segments_are_told_of_without_crying_wolf(visit):
    """Both devices stand in the table, and nobody is said to differ where nobody does."""
    page = visit("/dashboard/experiments/home-shelf").page
    table = page.get_by_role("region", name="Segments, table")
    expect(table.get_by_role("rowheader", name="mobile")).to_be_visible()
    expect(table.get_by_text("differs", exact=True)).to_have_count(0)
    expect(page.get_by_text("No segment is shown to differ")).to_be_visible()


def browse(base, number):
    """One shopper is shown a shelf, clicks, and sometimes buys."""
    shopper = f"s{number % 200}"
    slate = ask(f"{base}/v1/recommendations?shopper={shopper}&id=slate-{number}")
    product = slate["items"][number % 3]["product"]
    event = {"shopper": shopper, "product": product, "exposure": slate["id"], "currency": "EUR"}
    kinds = ["click", "view", *(["add_to_cart", "purchase"] if number % 5 == 0 else [])]
    send(base, [event | {"type": kind, "id": f"{kind}-{number}", "price": 20} for kind in kinds])


def ask(url):
    """The JSON behind an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def send(base, events):
    """Send events as a shop does."""
    kind = {"content-type": "application/json"}
    body = json.dumps(events).encode()
    request = urllib.request.Request(f"{base}/v1/events", body, kind)
    urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture(scope="module")
def browser():
    """Chromium, once; it is gone before other files run an event loop of their own."""
    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser, base):
    """Opens a page in a window of its own; no page may have done anything wrong by the end."""
    visitors = []

    def open_page(path, width=1320, theme="light"):
        visitor = Visitor(browser, base, width, theme)
        visitors.append(visitor)
        visitor.page.goto(path)
        return visitor

    yield open_page
    for visitor in visitors:
        visitor.context.close()
        assert visitor.faults == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(visit, path, theme):
    """In both themes, with every disclosure open."""
    visitor = visit(path, theme=theme)
    visitor.page.evaluate("document.querySelectorAll('main details').forEach((d) => d.open = true)")
    assert visitor.violations() == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [390, 1320])
def test_no_page_scrolls_sideways(visit, path, width):
    """Neither on a phone nor on a desk."""
    assert visit(path, width=width).sideways() <= 0


def test_the_overview_counts_what_happens(visit, base):
    """A purchase shows without a reload, and the open disclosure stays open."""
    visitor = visit("/dashboard")
    revenue = visitor.page.locator(".tile", has_text="Revenue").locator(".value").first
    before = revenue.inner_text()
    visitor.page.get_by_text("Show as table").click()
    browse(base, 1000)
    expect(revenue).not_to_have_text(before, timeout=15_000)
    expect(visitor.page.get_by_role("region", name="Traffic by the minute")).to_be_visible()


def test_live_traffic_streams_in(visit, base):
    """An event stands in the feed soon after it was sent; no shopper's id does."""
    visitor = visit("/dashboard/live")
    secret = "ann@example.org"
    event = {"id": "live-1", "type": "wishlist", "shopper": secret, "product": "mug"}
    send(base, [event])
    expect(visitor.page.locator(".feed").get_by_text("saved Blue mug")).to_be_visible()
    assert secret not in visitor.page.content()


def test_an_experiment_reads_for_a_manager_and_an_analyst(visit):
    """The decision in words, the interval, the guard, and the truth that the simulator knows."""
    page = visit("/dashboard/experiments").page
    page.get_by_role("link", name="home-shelf").click()
    expect(page.get_by_role("heading", name="Not decided yet")).to_be_visible()
    expect(page.get_by_text("For the analyst.")).to_be_visible()
    expect(page.get_by_role("heading", name="Sample-ratio check")).to_be_visible()
    row = page.get_by_role("row", name="Conversion")
    expect(row).to_contain_text("+10.0")


def test_an_experiment_is_started_and_stopped_by_hand(visit):
    """A name used before is refused in the form, which keeps what was written."""
    visitor = visit("/dashboard/experiments")
    page = visitor.page
    page.get_by_label("Name, never used before").fill("home-shelf")
    page.get_by_label("The question").fill("Again?")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("exists already")
    expect(page.get_by_label("The question")).to_have_value("Again?")
    visitor.faults.clear()  # the refusal is a 409
    page.get_by_label("Name, never used before").fill("by-hand")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="by-hand")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped ·")).to_be_visible()


@pytest.mark.parametrize(
    ("way", "own", "others", "said"),
    [
        ("Interleave the two", "How two rankings become one", "Deal by", "Not decided yet"),
        (
            "Deal more to what earns more",
            "Deal by",
            "Days, an even number",
            "How shoppers are dealt",
        ),
        ("Switch everybody by the day", "Days, an even number", "Deal by", "Too early"),
    ],
)
def test_every_way_to_ask_is_started_by_keyboard(visit, way, own, others, said):
    """Choosing a way shows its own fields and no others; Enter starts it; axe agrees."""
    visitor = visit("/dashboard/experiments")
    page = visitor.page
    page.get_by_label("Name, never used before").fill(f"by-{own.split()[0].lower().strip(',')}")
    page.get_by_label("How to ask").focus()
    page.keyboard.type(way)
    expect(page.get_by_label("How to ask")).to_have_value(
        re.compile("interleaving|bandit|switchback")
    )
    expect(page.get_by_label(own)).to_be_visible()
    expect(page.get_by_label(others)).to_be_hidden()
    assert visitor.violations() == []
    page.get_by_label("Name, never used before").press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_text(said).first).to_be_visible()
    page.get_by_role("button", name="Stop").click()


def test_a_rule_is_tried_written_and_deleted_by_hand(visit):
    """By keyboard and form alone: the shelf before and after, the list, and it is gone again."""
    page = visit("/dashboard/rules").page
    page.get_by_role("link", name="Pin").click()
    page.get_by_label("Name").fill("lamp-first")
    page.get_by_label("Product", exact=True).fill("lamp")
    page.get_by_label("Place on the shelf").fill("1")
    page.get_by_role("button", name="Try it").click()
    expect(
        page.get_by_role("region", name="With the rule").get_by_role("listitem").first
    ).to_contain_text("Desk lamp")
    page.get_by_role("button", name="Store the rule").click()
    expect(page.get_by_text("Puts lamp at place 1")).to_be_visible()
    expect(page.get_by_text("Cannot say yet").first).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="lamp-first", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Puts lamp at place 1")).to_have_count(0)


def test_a_shelf_is_arranged_by_hand_and_put_back(visit):
    """By keyboard and by dragging: each makes a rule for that audience, and undo takes it back."""
    page = visit("/dashboard/shelf?placement=home&country=DE").page
    cards = page.locator("[data-shelf] > li")
    third = cards.nth(2).locator(".title").inner_text()
    cards.nth(2).get_by_label("Place").fill("1")
    cards.nth(2).get_by_label("Place").press("Enter")
    expect(cards.first.locator(".title")).to_have_text(third)
    expect(cards.first).to_contain_text("pinned")
    cards.first.drag_to(cards.nth(3))
    expect(cards.nth(3).locator(".title")).to_have_text(third)
    cards.nth(3).get_by_role("button", name="Hide").click()
    expect(page.get_by_text("kept off by the rules").first).to_be_visible()
    page.goto("/dashboard/rules")
    expect(page.get_by_text("for country DE").first).to_be_visible()
    for what in (r"Undo.*shelf: hide", r"Undo.*shelf: home place 4"):
        page.get_by_role("button", name=re.compile(what)).first.click()
        expect(page.get_by_role("alert")).to_have_count(0)
    page.goto("/dashboard/shelf?placement=home&country=DE")
    expect(page.locator("[data-shelf]")).not_to_contain_text("pinned")


def test_rules_are_paused_copied_and_searched(visit):
    """Pause and resume on the list, a copy under another name, a search that finds nothing."""
    page = visit("/dashboard/rules").page
    page.get_by_role("button", name=re.compile("Pause.*mugs-first")).click()
    page.get_by_role("button", name=re.compile("Resume.*mugs-first")).click()
    expect(page.get_by_role("button", name=re.compile("Pause.*mugs-first"))).to_be_visible()
    page.get_by_role("link", name=re.compile("Copy.*mugs-first")).click()
    expect(page.get_by_text("products for sale meet its conditions")).to_be_visible()
    page.get_by_label("Name").fill("mugs-second")
    page.get_by_role("button", name="Store the rule").click()
    expect(page.get_by_text("mugs-first is about the same products")).to_be_visible()
    page.get_by_role("button", name=re.compile("Undo.*mugs-second")).click()
    expect(page.get_by_role("link", name="mugs-second")).to_have_count(0)
    page.goto("/dashboard/rules?q=nothing-like-this")
    expect(page.get_by_text("No rule holds")).to_be_visible()


def test_a_slate_explains_itself(visit):
    """From the list of the newest slates to the parts of a score."""
    page = visit("/dashboard/explain").page
    page.get_by_role("link", name="Why").first.click()
    page.get_by_text("part by part").first.click()
    expect(page.locator(".slate > li").first).to_contain_text("Adds")


def test_the_theme_is_the_readers_choice(visit):
    """The button turns light to dark, and the next page remembers."""
    page = visit("/dashboard").page
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.goto("/dashboard/models")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_menu_works_on_a_phone(visit):
    """By keyboard: skip link first, then the menu opens and leads on."""
    page = visit("/dashboard", width=390).page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.locator("summary[aria-label=Menu]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()


def test_a_port_in_use_is_one_sentence(base, made_shop):
    """Exit code 2, and what to do."""
    port = base.rsplit(":", 1)[1]
    command = [sys.executable, "-c", SERVE, "serve", "--config", str(made_shop), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("--port.")
    assert len(done.stderr.strip().splitlines()) == 1
