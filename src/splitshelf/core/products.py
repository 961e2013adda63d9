"""What a shop sells."""

from datetime import datetime
from decimal import Decimal

import msgspec


# gc=False: it holds texts and numbers only, so no cycle; a million of them would cost seconds.
class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One thing that can be bought."""

    id: str
    """The shop's own id. 1 to 200 characters."""
    title: str = ""
    description: str = ""
    brand: str | None = None
    category: tuple[str, ...] = ()
    """From the general to the special: ("Home", "Kitchen", "Mugs")."""
    price: Decimal | None = None
    """What one unit costs today, in `currency`; at least 0."""
    list_price: Decimal | None = None
    """Before a reduction; at least `price`."""
    cost: Decimal | None = None
    """What the shop pays for one unit; margin is price less cost."""
    currency: str | None = None
    """ISO 4217."""
    stock: int | None = None
    """Units left; None where the shop does not count."""
    available: bool = True
    """False takes the product off every shelf at once."""
    group: str | None = None
    """What variants of one product share."""
    attributes: dict[str, str] = {}
    """colour, size, material, and any key a shop adds."""
    url: str | None = None
    image: str | None = None
    published: datetime | None = None
    expires: datetime | None = None

    @property
    def sellable(self) -> bool:
        """Whether it may stand on a shelf: available, and in stock where stock is counted."""
        return self.available and (self.stock is None or self.stock > 0)
