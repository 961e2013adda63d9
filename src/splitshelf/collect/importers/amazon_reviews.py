"""Amazon reviews: the JSON lines of 2014 and 2018 (reviewerID, asin) and of 2023 (user_id)."""

from collections.abc import Iterator, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.collect.importers.order_lines import context, first

Raw = Mapping[str, Any]


def _finds(record: Raw) -> bool:
    old = {"reviewerID", "asin", "overall"} <= record.keys()
    return old or {"user_id", "asin", "rating"} <= record.keys()


def _lines(review: Raw) -> Iterator[Raw]:
    yield {
        "at": first(review.get("unixReviewTime"), review.get("timestamp")),
        "type": "rating",
        "shopper": first(review.get("reviewerID"), review.get("user_id")),
        "product": first(review.get("parent_asin"), review["asin"]),
        "value": first(review.get("overall"), review.get("rating")),
        "context": context(verified=first(review.get("verified"), review.get("verified_purchase"))),
    }


REVIEWS = RecordImporter("Amazon reviews", _finds, _lines)
