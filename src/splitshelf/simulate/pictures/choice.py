"""Which shape a product has: its family's in the generated shop, its title's words elsewhere."""

import zlib

from splitshelf.core.products import Product
from splitshelf.simulate.goods.colours import COLOURS
from splitshelf.simulate.goods.families import FAMILIES

_OF_FAMILY = {(family.department, family.name): family.shape for family in FAMILIES}

KEYWORDS: tuple[tuple[str, str], ...] = (
    ("bunting garland flag", "bunting"),
    ("heart hearts", "heart"),
    ("teapot", "teapot"),
    ("mug cup beaker tumbler", "mug"),
    ("cakestand cakestands", "cakestand"),
    ("t-light lantern holder t-lights tealight holders", "lantern"),
    ("candle candles candlestick", "candle"),
    ("lamp light lights night chandelier", "lamp"),
    ("clock watch", "clock"),
    ("umbrella parasol", "umbrella"),
    ("jigsaw puzzle", "puzzle"),
    ("game cards ludo domino dominoes snakes chess playing", "game"),
    ("notebook journal diary organiser album jotter", "notebook"),
    ("pen pencil pencils pens crayons chalk", "pen"),
    ("card birthday postcard wrap gift tag tags envelope envelopes stickers", "card"),
    ("sign plaque blackboard letters block doormat", "sign"),
    ("picture frame print poster canvas mirror art", "poster"),
    ("cushion", "cushion"),
    ("rug mat", "rug"),
    ("throw blanket quilt", "throw"),
    ("towel towels apron teatowel", "towel"),
    ("backpack rucksack", "backpack"),
    ("bag bags jumbo shopper tote lunch purse", "tote"),
    ("cake cakecases baking bake cases", "cakestand"),
    ("plate plates tray saucer", "plate"),
    ("bowl bowls dish dishes basin", "bowl"),
    ("glass glasses goblet", "glass"),
    ("jug pitcher watering", "can"),
    ("vase", "vase"),
    ("planter pot pots flowerpot", "planter"),
    ("flower plant rose tree garden", "plant"),
    ("seeds herb", "packet"),
    ("bottle bottles flask hot water", "bottle"),
    ("jar jars storage canister", "canister"),
    ("tin tins box boxes cabinet drawer", "caddy"),
    ("basket wicker trug", "basket"),
    ("soap", "soap"),
    ("lotion cream", "tube"),
    ("chocolate", "bar"),
    ("christmas bauble decoration star snowflake baubles xmas", "bauble"),
    ("rabbit bunny bear doll dolly dog cat owl toy toys bird birds", "doll"),
    ("book books recipe", "book"),
    ("socks slippers", "socks"),
    ("hat hats warmer hand", "beanie"),
    ("knife fork spoon cutlery scissors ruler", "knife"),
    ("board chopping", "board"),
    ("pan saucepan", "pan"),
)
"""Words of a title, and the shape that they ask for; the first line that matches decides."""

_COLOUR_WORDS = {
    "red": "tomato", "pink": "blush", "blue": "sky", "green": "fern", "white": "chalk",
    "ivory": "oat", "cream": "oat", "black": "charcoal", "yellow": "butter", "orange": "marigold",
    "purple": "violet", "silver": "steel", "gold": "brass", "brown": "walnut", "wooden": "oak",
    "wood": "oak", "zinc": "steel", "metal": "steel", "lilac": "lavender", "grey": "stone",
    "vintage": "rose", "french": "sea", "retrospot": "tomato", "union": "ink", "paisley": "berry",
    "christmas": "forest", "skull": "charcoal", "woodland": "moss", "spaceboy": "denim",
    "strawberry": "tomato", "spotty": "tomato", "alphabet": "butter", "doily": "chalk",
}  # fmt: skip


def number(product_id: str) -> int:
    """A steady number for an id, to pick variations by.

    >>> number("mugs-001") == number("mugs-001")
    True
    """
    return zlib.crc32(product_id.encode())


def shape_of(product: Product) -> str:
    """The name of its shape, a key of SHAPES."""
    if len(product.category) >= 2 and product.category[:2] in _OF_FAMILY:
        return _OF_FAMILY[product.category[0], product.category[1]]
    words = set(product.title.lower().replace(",", " ").split())
    for asked, shape in KEYWORDS:
        if words & set(asked.split()):
            return shape
    return ("giftbox", "caddy", "jar", "canister", "giftbox")[number(product.id) % 5]


def colour_of(product: Product) -> str:
    """Its colour as #rrggbb: the attribute, else a word of the title, else one picked by id."""
    named = product.attributes.get("colour") or product.attributes.get("color") or ""
    if named in COLOURS:
        return COLOURS[named]
    for word in product.title.lower().split():
        if word in _COLOUR_WORDS:
            return COLOURS[_COLOUR_WORDS[word]]
    return tuple(COLOURS.values())[number(product.id) % len(COLOURS)]
