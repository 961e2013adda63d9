"""The data page says how long events are kept."""

import pytest
from msgspec.structs import replace

from splitshelf.collect.retention import expire_old

pytestmark = pytest.mark.anyio


async def test_what_was_too_old_is_counted(client, web_shop):
    """Until something went the age alone is said; then how much went, and when."""
    page = (await client.get("/dashboard/data")).text
    assert "Events are kept for ever" in page
    store = replace(web_shop.settings.store, retention_days=5)
    web_shop.settings = replace(web_shop.settings, store=store)
    removal = expire_old(web_shop.store, web_shop.clock(), 5)
    page = (await client.get("/dashboard/data")).text
    assert removal.removed > 0
    assert f"Events are kept for 5 days. {removal.total:,} events" in page
