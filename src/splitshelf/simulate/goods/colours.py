"""The colours that products come in, by the name a shop would print."""

COLOURS: dict[str, str] = {
    "oat": "#dccbb0",
    "chalk": "#ece7dd",
    "sand": "#cfb894",
    "clay": "#b9704f",
    "terracotta": "#c4694a",
    "rust": "#a4502f",
    "rose": "#d9a09a",
    "blush": "#e6c4ba",
    "plum": "#6d3f5b",
    "berry": "#99344f",
    "tomato": "#c8473a",
    "marigold": "#dfa032",
    "mustard": "#c2942f",
    "butter": "#efd98f",
    "olive": "#7c7f45",
    "moss": "#5f7048",
    "sage": "#a3b394",
    "fern": "#4f7d55",
    "forest": "#2f5243",
    "eucalyptus": "#8fb0a4",
    "teal": "#2f7377",
    "sea": "#6ba5ac",
    "sky": "#9dbfd6",
    "denim": "#4d6d93",
    "ink": "#2c3e5e",
    "lavender": "#a99cc4",
    "violet": "#6a5695",
    "stone": "#aaa59b",
    "slate": "#5f6771",
    "charcoal": "#3c3d42",
    "walnut": "#6f4a32",
    "oak": "#bf9362",
    "ash": "#d8bf98",
    "brass": "#c39a4c",
    "copper": "#b8734a",
    "steel": "#a7adb3",
    "honey": "#d8962f",
    "cocoa": "#5b3a2c",
}
"""sRGB, as #rrggbb."""

EARTH = ("oat", "chalk", "clay", "terracotta", "sage", "moss", "slate", "ink", "rose", "mustard")
TEXTILE = (
    "oat", "chalk", "rust", "blush", "berry", "marigold", "olive", "sage", "forest", "teal",
    "sky", "denim", "ink", "lavender", "stone", "charcoal",
)  # fmt: skip
WOOD = ("oak", "walnut", "ash")
METAL = ("brass", "copper", "steel", "charcoal")
BOLD = ("tomato", "marigold", "teal", "denim", "violet", "berry", "forest", "ink", "butter", "sea")
SOFT = ("blush", "sage", "eucalyptus", "sky", "lavender", "butter", "chalk", "rose", "sea", "sand")
FOOD = ("honey", "olive", "berry", "fern", "marigold", "cocoa", "tomato", "plum", "forest", "sand")

PALETTES: dict[str, tuple[str, ...]] = {
    "earth": EARTH,
    "textile": TEXTILE,
    "wood": WOOD,
    "metal": METAL,
    "bold": BOLD,
    "soft": SOFT,
    "food": FOOD,
}
"""Groups of colours that a family may name."""
