"""Products and reasons as pieces of JSON, encoded once for each product that was shown."""

from dataclasses import dataclass, field

import msgspec

from splitshelf.core.products import Product
from splitshelf.core.slates import Reason, SlateItem
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.words import TEXTS, say

encode = msgspec.json.Encoder().encode
_BARE = SlateItem(product="", position=0, score=0.0, propensity=0.0)
_START = len(encode(_BARE)) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Why a product stands there, but for what is cited."""

    text: str
    """Its name in words.TEXTS."""
    kind: str
    """See PartKind."""
    language: str
    whole: bytes
    """The reason in JSON, up to its share; empty where a product is cited."""


def reason_of(reason: Reason) -> bytes:
    """A reason in JSON, up to its share."""
    return b',"reason":' + encode(reason)[:-1] + b',"share":'


@dataclass(frozen=True, slots=True)
class Face:
    """One product as the items of a slate show it, as long as the shop says the same of it."""

    product: Product | None
    head: bytes
    """Up to its position."""
    tail: bytes
    """What a page needs to draw it, up to its reason."""
    reasons: dict[Phrase, bytes] = field(default_factory=dict)
    """Reasons that cite it, up to their share."""


class Faces:
    """The faces of an assortment, made when they are first shown."""

    def __init__(self, assortment: Assortment) -> None:
        self._assortment = assortment
        self._known: dict[int, Face] = {}

    def of(self, code: int) -> Face:
        """The face of a product as the shop describes it now."""
        face, product = self._known.get(code), self._assortment.products[code]
        if face is None or face.product is not product:
            face = self._known[code] = self._made(code, product)
        return face

    def reason(self, code: int, phrase: Phrase) -> bytes:
        """A reason that cites a product, up to its share."""
        reasons = self.of(code).reasons
        found = reasons.get(phrase)
        if found is None:
            text = say(TEXTS, phrase.text, phrase.language, self._assortment.title(code))
            reason = Reason(text=text, kind=phrase.kind, product=self._assortment.ids[code])
            found = reasons[phrase] = reason_of(reason)
        return found

    def _made(self, code: int, product: Product | None) -> Face:
        item = _BARE if product is None else item_like(product)
        head = b'{"product":' + encode(self._assortment.ids[code]) + b',"position":'
        return Face(product, head, encode(item)[_START:-1])


def item_like(product: Product) -> SlateItem:
    """An item that shows a product, nowhere yet."""
    return SlateItem(
        product="",
        position=0,
        score=0.0,
        propensity=0.0,
        title=product.title,
        price=product.price,
        list_price=product.list_price,
        currency=product.currency,
        url=product.url,
        image=product.image,
    )
