"""What can be imported: one line a format, the special before the general.

A file is read by the first that knows it.
"""

from typing import Final

from splitshelf.collect.importers import (
    amazon_reviews,
    complete_journey,
    ga4,
    generic,
    json_ld,
    medusa,
    merchant_feed,
    movielens,
    ms_store,
    online_retail,
    otto,
    prestashop,
    retailrocket,
    saleor,
    segment,
    shopify_orders,
    shopify_pixel,
    shopify_products,
    snowplow,
    woocommerce,
)
from splitshelf.collect.importers.contract import Importer

IMPORTERS: Final[dict[str, Importer]] = {
    "ga4": ga4.EXPORT,
    "ga4_flat": ga4.FLAT,
    "segment": segment.TRACKS,
    "snowplow": snowplow.EVENTS,
    "shopify_pixel": shopify_pixel.EVENTS,
    "shopify_orders": shopify_orders.JSON,
    "shopify_orders_csv": shopify_orders.CSV,
    "woocommerce_orders": woocommerce.ORDERS,
    "saleor_orders": saleor.ORDERS,
    "medusa_orders": medusa.ORDERS,
    "prestashop_orders": prestashop.ORDERS,
    "merchant_feed": merchant_feed.TABLE,
    "merchant_feed_xml": merchant_feed.XML,
    "shopify_products": shopify_products.JSON,
    "shopify_products_csv": shopify_products.NEW,
    "shopify_products_csv_old": shopify_products.OLD,
    "woocommerce_products": woocommerce.PRODUCTS,
    "json_ld": json_ld.PRODUCTS,
    "online_retail": online_retail.EVENTS,
    "online_retail_products": online_retail.PRODUCTS,
    "complete_journey": complete_journey.TRANSACTIONS,
    "complete_journey_products": complete_journey.PRODUCTS,
    "retailrocket": retailrocket.EVENTS,
    "otto": otto.SESSIONS,
    "amazon_reviews": amazon_reviews.REVIEWS,
    "movielens": movielens.RATINGS,
    "movielens_movies": movielens.MOVIES,
    "ms_store": ms_store.USAGE,
    "product_table": generic.PRODUCTS,
    "table": generic.TABLE,
    "product_records": generic.PRODUCT_RECORDS,
    "records": generic.RECORDS,
}
