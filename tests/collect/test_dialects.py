"""What other systems send is understood at the door exactly as in an imported file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from splitshelf.collect.validation import decode_events
from splitshelf.core.errors import InputError
from splitshelf.core.people import ANONYMOUS

NOW = datetime(2026, 12, 1, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "importers" / "golden"


@pytest.mark.parametrize("name", ["segment", "snowplow", "shopify_pixel", "ga4"])
@pytest.mark.parametrize("envelope", ["list", "batch"])
def test_a_systems_own_format_is_an_event(name, envelope):
    """The importer's events come out of a posted body; what is no act in a shop is passed over."""
    records = [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text().splitlines()]
    records = [record for record in records if isinstance(record, dict)]
    good = []
    for record in records:
        try:
            decode_events(msgspec.json.encode([record]), NOW)
        except InputError:
            continue
        good.append(record)
    body = good if envelope == "list" else {"batch": good}
    events = decode_events(msgspec.json.encode(body), NOW)
    assert len(good) >= len(records) - 2
    assert len({event.type for event in events}) >= 2
    assert all(event.shopper for event in events)


def test_a_login_is_seen_in_what_segment_sends():
    """The device's id stands beside the customer's."""
    track = {
        "type": "track",
        "event": "Product Viewed",
        "messageId": "m",
        "userId": "ann",
        "anonymousId": "device",
        "timestamp": "2026-05-01T10:00:00Z",
        "properties": {"product_id": "mug", "price": 4.5, "currency": "EUR"},
    }
    (event,) = decode_events(msgspec.json.encode(track), NOW)
    assert (event.type, event.shopper, event.product) == ("view", "ann", "mug")
    assert event.context[ANONYMOUS] == "device"


def test_what_is_no_act_in_a_shop_is_no_event_and_no_error():
    """An identify call counts nothing; a track without its parts is told in one sentence."""
    identify = {"type": "identify", "messageId": "m", "userId": "ann"}
    assert decode_events(msgspec.json.encode([identify]), NOW) == []
    broken = {"clientId": "c", "name": "product_viewed", "data": 3, "timestamp": "x", "id": "i"}
    body = msgspec.json.encode([broken])
    with pytest.raises(InputError, match=r"events\[0\]: it is not as Shopify"):
        decode_events(body, NOW)
