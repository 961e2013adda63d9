"""What the vendors' own examples and real exports hold that a tidy golden file does not."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from splitshelf.collect.importing import ImportOptions, run_import
from splitshelf.collect.report import render
from splitshelf.collect.stores.opening import open_store

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    opened = open_store("sqlite:///shop.sqlite", tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def imported(store, tmp_path):
    """Imports a text as a file of that name; gives the report."""

    def run(name: str, text: str, **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        chosen = ImportOptions(catalogue_from_events=False, **options)
        return run_import([tmp_path / name], store, chosen, clock=lambda: NOW)

    return run


def ga4(stamp: int, name: str = "purchase", **fields) -> str:
    """A row of the GA4 export."""
    row = {
        "event_timestamp": str(1_777_629_600_000_000 + stamp),
        "event_name": name,
        "event_params": [{"key": "ga_session_id", "value": {"int_value": "99"}}],
        "user_pseudo_id": f"{stamp}.1",
        "items": [{"item_id": "MUG", "price": 4.5, "quantity": "1"}],
    }
    return json.dumps({**row, **fields}) + "\n"


def test_orders_that_google_has_no_number_for_are_not_one_order(store, imported):
    """GA4 writes (not set) where a purchase came without its transaction id."""
    unset = {"transaction_id": "(not set)"}
    report = imported("ga4.jsonl", ga4(1, ecommerce=unset) + ga4(2, ecommerce=unset))
    assert report.kept == 2
    assert [event.order for event in store.latest(9)] == [None, None]


def test_flat_orders_without_a_number_are_not_one_order(store, imported):
    """The same in the export laid flat."""
    head = "event_name,event_timestamp,user_pseudo_id,transaction_id,item_id,item_list_index\n"
    rows = "".join(f"purchase,177762960000000{n},{n}.1,(not set),MUG,(not set)\n" for n in (1, 2))
    assert imported("ga4.csv", head + rows).kept == 2
    assert {event.order for event in store.latest(9)} == {None}


def test_two_devices_do_not_share_a_session_of_ga4(store, imported):
    """Its number is the second in which it began."""
    imported("ga4.jsonl", ga4(1, "view_item") + ga4(2, "view_item"))
    assert {event.session for event in store.latest(9)} == {"1.1.99", "2.1.99"}


def test_what_ga4_cannot_tie_to_a_shopper_or_product_is_left_out_with_the_reason(imported):
    """Events without consent have no id, a refund of the whole order no items."""
    text = ga4(1, user_pseudo_id=None) + ga4(2, "refund", items=[]) + ga4(3)
    report = imported("ga4.jsonl", text)
    assert (report.kept, report.rejected) == (1, 0)
    assert {d.reason: d.count for d in report.dropped} == {
        "no shopper: sent without consent": 1,
        "names no product": 1,
    }


def test_the_value_of_a_viewed_product_is_no_rating(store, imported):
    """Segment's own example of Product Viewed carries value, the money."""
    properties = {"product_id": "G-32", "price": 18.99, "currency": "usd", "value": 18.99}
    call = {
        "type": "track",
        "event": "Product Viewed",
        "messageId": "m1",
        "anonymousId": "a1",
        "timestamp": "2026-05-01T10:00:00Z",
        "properties": {**properties, "position": 3},
    }
    imported("segment.jsonl", json.dumps(call))
    (event,) = store.latest(9)
    assert (event.price, event.value, event.currency) == (Decimal("18.99"), None, "USD")


def test_a_discount_on_a_line_of_shopify_lowers_its_price(store, imported):
    """Shopify writes the list price and, apart from it, the discount of the whole line."""
    line = {"id": 1, "sku": "IPOD", "quantity": 2, "price": "199.00"}
    line["discount_allocations"] = [{"amount": "20.00"}]
    order = {"name": "#1", "financial_status": "partially_refunded", "customer": {"id": 7}}
    order |= {"created_at": "2026-05-01T12:00:00+02:00", "currency": "EUR", "line_items": [line]}
    back = {"quantity": 1, "line_item": line}
    order["refunds"] = [{"created_at": "2026-05-03T12:00:00Z", "refund_line_items": [back]}]
    imported("orders.json", json.dumps({"orders": [order]}))
    assert {(e.type, e.quantity, e.price) for e in store.latest(9)} == {
        ("purchase", 2, Decimal(189)),
        ("refund", 1, Decimal(189)),
    }


def test_a_discount_in_the_csv_of_shopify_lowers_the_price(store, imported):
    """The same in the export of the admin; a line without a discount keeps its price."""
    imported(
        "orders.csv",
        "Name,Email,Financial Status,Currency,Created at,Lineitem quantity,Lineitem name,"
        "Lineitem price,Lineitem sku,Cancelled at,Lineitem discount\n"
        "#1,a@shop.example,paid,EUR,2026-05-01 12:00:00 +0200,2,iPod,199.00,IPOD,,20.00\n"
        "#1,,,,2026-05-01 12:00:00 +0200,1,Cable,9.00,CABLE,,0.00\n",
    )
    found = {event.product: event.price for event in store.latest(9)}
    assert found == {"IPOD": Decimal(189), "CABLE": Decimal(9)}


def test_the_price_of_the_postage_is_not_the_price_of_the_product(store, imported):
    """A feed nests a price in shipping, and may do so before the product's own."""
    imported(
        "feed.xml",
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>TV</g:id>'
        "<g:shipping><g:country>US</g:country><g:price>14.95 USD</g:price></g:shipping>"
        "<title>TV</title><link>https://shop.example/tv</link>"
        "<g:availability>in_stock</g:availability><g:price>159.00 USD</g:price>"
        "</item></channel></rss>",
    )
    assert store.product("TV").price == Decimal(159)


def test_a_variation_of_woocommerce_takes_from_its_parent_what_it_does_not_say(store, imported):
    """Category and description stand in the parent's row only; backorders are stock."""
    imported(
        "products.csv",
        "ID,Type,SKU,Name,Published,Description,In stock?,Stock,Backorders allowed?,"
        "Regular price,Categories,Parent\n"
        "10,variable,,Mug,1,A mug,1,,0,,Home > Mugs,\n"
        '11,variation,M-1,Mug red,1,,1,0,1,"5,50",,id:10\n'
        "12,simple,P,Plate,1,,1,0,0,9,Home > Plates,\n",
    )
    mug, plate = store.products()
    assert (mug.category, mug.description, mug.price) == (("Home", "Mugs"), "A mug", Decimal("5.5"))
    assert (mug.stock, plate.stock) == (None, 0)


def test_the_copy_of_online_retail_with_american_dates_is_read(store, imported):
    """`data.csv` as it goes round writes month, day and no seconds."""
    imported(
        "data.csv",
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom\n",
    )
    (event,) = store.latest(9)
    assert event.at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def test_a_dry_run_of_a_catalogue_accounts_for_every_row(imported, capsys):
    """Refused and repeated products are said, not passed over."""
    report = imported(
        "products.csv",
        "id,title,price,currency\nA,Mug,5,EUR\nA,Mug again,6,EUR\nB,Tea,cheap,EUR\n",
        dry_run=True,
    )
    assert (report.catalogue, report.rejected) == (1, 1)
    render(report, Console(width=200))
    told = capsys.readouterr().out
    assert "products.csv:4: price is 'cheap', must be an amount like 12.50." in told
    assert "1 rows name a product that an earlier row named: the last one stays." in told
    assert "stops at refused rows" in told
