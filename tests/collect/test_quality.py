import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner

from splitshelf.cli.main import cli
from splitshelf.collect.quality.measuring import measure
from splitshelf.collect.quality.page import page
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def event(number, kind, shopper, product, at, **more):
    """One event."""
    return Event(id=str(number), at=at, type=kind, shopper=shopper, product=product, **more)


@pytest.fixture
def shop(tmp_path):
    """A store to fill, and its quality."""
    store = open_store("sqlite:///splitshelf.sqlite", tmp_path)

    def run(events, products=()):
        store.append(events)
        store.put_products(products)
        return measure(store, "Shop & Co <i>", NOW, np.random.default_rng(1))

    yield run
    store.close()


def world(rng, shoppers=3000, after_view=0.1, after_cart=0.4):
    """Each shopper views one product and carts another, and buys each with a known chance."""
    events = []
    for number in range(shoppers):
        at = START + timedelta(minutes=number)
        for kind, product, chance in (
            (EventType.VIEW, "seen", after_view),
            (EventType.ADD_TO_CART, "carted", after_cart),
        ):
            who = f"s{number}"
            events.append(event(len(events), kind, who, product, at))
            if rng.random() < chance:
                later = at + timedelta(hours=2)
                events.append(event(len(events), EventType.PURCHASE, who, product, later))
    return sorted(events, key=lambda event: event.at)


def test_a_cart_is_worth_what_the_world_says(shop):
    """Carts are bought four times as often as views: the interval holds four."""
    report = shop(world(np.random.default_rng(7)))
    weights = {weight.type: weight for weight in report.weights}
    assert weights["view"].weight == 1
    assert weights["add_to_cart"].low < 4 < weights["add_to_cart"].high
    assert weights["add_to_cart"].high - weights["add_to_cart"].low < 1.5
    assert weights["view"].bought == pytest.approx(0.1, abs=0.02)


def test_a_purchase_before_or_long_after_a_view_does_not_count(shop):
    """Only what is bought within a week after the first view follows from it."""
    events = []
    for number in range(100):
        who, at = f"s{number}", START + timedelta(days=10)
        shift = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=8)][number % 3]
        events.append(event(f"v{number}", EventType.VIEW, who, "p", at))
        events.append(event(f"b{number}", EventType.PURCHASE, who, "p", at + shift))
    report = shop(sorted(events, key=lambda event: event.at))
    assert report.weights[0].bought == pytest.approx(0.34)


def test_gaps_funnel_and_shares_are_counted(shop):
    """A week with two silent days, one sale without a price, one product nobody knows."""
    rows = [
        ("2026-05-01T00:00:00", EventType.VIEW, "a", "mug", {}),
        ("2026-05-01T10:00:00", EventType.VIEW, "b", "mug", {"dwell": 3.0}),
        (
            "2026-05-04T10:00:00",
            EventType.PURCHASE,
            "a",
            "mug",
            {"price": Decimal(2), "order": "1"},
        ),
        ("2026-05-04T10:00:00", EventType.PURCHASE, "a", "odd", {"order": "1"}),
        ("2026-05-05T10:00:00", EventType.VIEW, "a", "mug", {}),
        ("2026-05-05T10:00:00", EventType.VIEW, "a", "mug", {}),
    ]
    events = [
        event(number, kind, who, product, datetime.fromisoformat(at).replace(tzinfo=UTC), **more)
        for number, (at, kind, who, product, more) in enumerate(rows)
    ]
    report = shop(events, [Product(id="mug", title="Mug"), Product(id="cup", title="cup")])
    assert [(gap.first, gap.last, gap.days) for gap in report.gaps] == [
        ("2026-05-02", "2026-05-03", 2)
    ]
    assert [(step.type, step.events, step.shoppers) for step in report.funnel] == [
        ("view", 4, 2),
        ("purchase", 2, 1),
    ]
    shares = {share.what: (share.count, share.of) for share in report.shares}
    assert shares["purchases with a price"] == (1, 2)
    assert shares["events of products that no catalogue knows"] == (1, 6)
    assert shares["events at midnight exactly"] == (1, 6)
    assert shares["events that repeat another exactly"] == (1, 6)
    assert shares["views with a dwell time"] == (1, 4)
    assert shares["products with any event"] == (1, 2)
    assert report.density == pytest.approx(3 / 4)


def test_an_empty_shop_has_a_report_too(shop):
    """Nothing works yet, and nothing breaks."""
    report = shop([])
    assert report.events == 0
    assert {verdict.works for verdict in report.verdicts} == {"no"}
    assert page(report)


class _Page(HTMLParser):
    """Gathers what a page would load."""

    def __init__(self):
        super().__init__()
        self.loads = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "link", "img", "iframe"}:
            self.loads.append(tag)
        self.loads += [value for name, value in attrs if name in {"src", "href"}]


def test_the_page_loads_nothing_and_escapes_the_shops_name(shop):
    """One file, no script, no request; what a shop is called cannot become markup."""
    html = page(shop(world(np.random.default_rng(3), shoppers=400)))
    parser = _Page()
    parser.feed(html)
    assert parser.loads == []
    assert "default-src 'none'" in html
    assert "Shop &amp; Co &lt;i&gt;" in html
    assert "What an event is worth" in html


def test_the_command_writes_page_and_json(tmp_path, monkeypatch):
    """`quality --html FILE --json` does both."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    runner.invoke(cli, ["init"], standalone_mode=False)
    result = runner.invoke(cli, ["quality", "--html", "q.html", "--json"], standalone_mode=False)
    assert json.loads(result.stdout)["events"] == 0
    assert (tmp_path / "q.html").read_text().startswith("<!doctype html>")


def test_bots_are_counted_by_what_they_say_and_do(shop):
    """One says so, one views too much in a minute; two events and sixty-one stay in the log."""
    fast = [
        event(f"f{n}", EventType.VIEW, "fast", "mug", START + timedelta(seconds=n * 0.9))
        for n in range(61)
    ]
    said = [
        event(f"c{n}", EventType.VIEW, "crawler", "mug", START, context={"bot": True} if n else {})
        for n in range(2)
    ]
    report = shop([event("a", EventType.VIEW, "ann", "mug", START), *fast, *said])
    shares = {share.what: (share.count, share.of) for share in report.shares}
    assert report.events == 64
    assert shares["shoppers whose browser says it is a machine"] == (1, 3)
    assert shares["shoppers who count as bots"] == (2, 3)
    assert shares["events of bots"] == (63, 64)
