"""How other systems name what we name: events, their fields and the fields of their items.

GA4: developers.google.com/analytics/devguides/collection/ga4/reference/events. Segment: spec
"E-commerce events v2". Snowplow: the `snowplow_ecommerce_action` types. Shopify: customer events.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from splitshelf.core.events import EventType

GA4: dict[str, EventType] = {
    "view_item_list": EventType.IMPRESSION,
    "select_item": EventType.CLICK,
    "view_item": EventType.VIEW,
    "add_to_cart": EventType.ADD_TO_CART,
    "remove_from_cart": EventType.REMOVE_FROM_CART,
    "add_to_wishlist": EventType.WISHLIST,
    "view_cart": EventType.CART_VIEW,
    "begin_checkout": EventType.CHECKOUT,
    "add_shipping_info": EventType.CHECKOUT,
    "add_payment_info": EventType.CHECKOUT,
    "purchase": EventType.PURCHASE,
    "refund": EventType.REFUND,
    "search": EventType.SEARCH,
    "view_search_results": EventType.SEARCH,
}

SEGMENT: dict[str, EventType] = {
    "product_list_viewed": EventType.IMPRESSION,
    "product_clicked": EventType.CLICK,
    "product_viewed": EventType.VIEW,
    "product_added": EventType.ADD_TO_CART,
    "product_removed": EventType.REMOVE_FROM_CART,
    "product_added_to_wishlist": EventType.WISHLIST,
    "cart_viewed": EventType.CART_VIEW,
    "checkout_started": EventType.CHECKOUT,
    "order_completed": EventType.PURCHASE,
    "order_refunded": EventType.REFUND,
    "order_cancelled": EventType.REFUND,
    "products_searched": EventType.SEARCH,
    "product_reviewed": EventType.RATING,
}

SNOWPLOW: dict[str, EventType] = {
    "list_view": EventType.IMPRESSION,
    "list_click": EventType.CLICK,
    "product_view": EventType.VIEW,
    "checkout_step": EventType.CHECKOUT,
    "transaction": EventType.PURCHASE,
}

SHOPIFY: dict[str, EventType] = {
    "collection_viewed": EventType.IMPRESSION,
    "product_added_to_cart": EventType.ADD_TO_CART,
    "product_removed_from_cart": EventType.REMOVE_FROM_CART,
    "checkout_completed": EventType.PURCHASE,
    "search_submitted": EventType.SEARCH,
}

_COMMON = {
    "addtocart": EventType.ADD_TO_CART,
    "buy": EventType.PURCHASE,
    "cart": EventType.ADD_TO_CART,
    "carts": EventType.ADD_TO_CART,
    "clicks": EventType.CLICK,
    "detail": EventType.VIEW,
    "favorite": EventType.WISHLIST,
    "order": EventType.PURCHASE,
    "orders": EventType.PURCHASE,
    "page_view": EventType.VIEW,
    "pageview": EventType.VIEW,
    "rate": EventType.RATING,
    "return": EventType.REFUND,
    "review": EventType.RATING,
    "views": EventType.VIEW,
}

EVENT_NAMES: dict[str, EventType] = {
    **_COMMON,
    **SHOPIFY,
    **SNOWPLOW,
    **SEGMENT,
    **GA4,
    **{str(kind): kind for kind in EventType},
}
"""Every event name that the door understands, in the spelling that `spelling` gives."""

FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("event_id", "eventid", "message_id", "messageid", "uuid"),
    "at": (
        "timestamp", "time", "datetime", "date", "ts", "event_time", "event_timestamp",
        "created_at", "occurred_at", "invoicedate", "order_date", "purchase_date", "unixreviewtime",
    ),
    "type": ("event", "event_type", "event_name", "action", "behavior", "behaviour", "name"),
    "shopper": (
        "shopper_id", "user", "user_id", "userid", "visitor", "visitor_id", "visitorid", "customer",
        "customer_id", "customerid", "client_id", "user_pseudo_id", "anonymous_id", "anonymousid",
        "household_id", "reviewerid",
    ),
    "session": ("session_id", "sessionid", "ga_session_id", "basket_session"),
    "product": (
        "product_id", "productid", "item", "item_id", "itemid", "sku", "stockcode", "stock_code",
        "article", "article_id", "asin", "movieid", "variant_id",
    ),
    "quantity": ("qty", "units", "count"),
    "price": ("unit_price", "unitprice", "item_price"),
    "currency": ("currency_code",),
    "order": (
        "order_id", "orderid", "transaction_id", "transactionid", "invoice", "invoiceno",
        "invoice_no", "basket_id",
    ),
    "dwell": ("dwell_seconds", "duration", "seconds"),
    "value": ("rating", "stars", "score", "overall"),
    "exposure": ("exposure_id", "recommendation_id", "rid"),
}  # fmt: skip
"""For each field of an event, the names that it has elsewhere, in the order of preference."""

PRODUCT_FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "id": FIELD_NAMES["product"] + ("product", "handle"),
    "title": ("name", "product_name", "item_name", "title_en", "product_title"),
    "description": ("body", "long_description"),
    "brand": ("vendor", "manufacturer", "item_brand"),
    "category": (
        "categories", "category_path", "product_type", "item_category", "category_derived",
        "department", "genres",
    ),
    "price": ("unit_price", "unitprice", "price_median", "sale_price"),
    "list_price": ("regular_price", "compare_at_price", "rrp"),
    "cost": ("cost_of_goods_sold", "cost_per_item"),
    "currency": ("currency_code",),
    "stock": ("inventory", "stock_quantity", "quantity", "inventory_quantity"),
    "available": ("availability", "in_stock"),
    "group": ("item_group_id", "group_id", "parent", "parent_id"),
    "url": ("link", "product_url", "permalink"),
    "image": ("image_link", "image_url", "images", "picture"),
    "published": ("published_at", "created_at"),
    "expires": ("expiration_date", "expires_at"),
}  # fmt: skip
"""The same for a product."""


def spelling(name: str) -> str:
    """The name in small letters with underscores, as the tables above spell it.

    >>> spelling(" Product Viewed ")
    'product_viewed'
    """
    return re.sub(r"[\s\-./]+", "_", name.strip().lower())


@lru_cache(maxsize=1000)
def event_type(name: str) -> EventType | None:
    """Our type for another system's event name, or None where we know no such event."""
    return EVENT_NAMES.get(spelling(name))


def find_columns(names: Iterable[str], table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Our field -> the name that carries it among `names`; our own name wins over the others'.

    >>> find_columns(["StockCode", "Customer ID", "price"], FIELD_NAMES)
    {'shopper': 'Customer ID', 'product': 'StockCode', 'price': 'price'}
    """
    there: dict[str, str] = {}
    for name in names:
        there.setdefault(spelling(name), name)
    found: dict[str, str] = {}
    for field, others in table.items():
        for candidate in (field, *others):
            if candidate in there and there[candidate] not in found.values():
                found[field] = there[candidate]
                break
    return found
