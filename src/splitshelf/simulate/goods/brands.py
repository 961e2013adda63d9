"""The makers: each has a style, a price level and the departments that it sells in."""

from dataclasses import dataclass

STYLES = ("minimal", "rustic", "bold", "botanical", "classic")


@dataclass(frozen=True, slots=True)
class Brand:
    """One invented maker."""

    name: str
    style: str
    """One of STYLES."""
    level: float
    """Multiplies the price of a family: 0.75 (thrifty) to 1.6 (fine)."""
    departments: tuple[str, ...]


def _brand(name: str, style: str, level: float, departments: str) -> Brand:
    return Brand(name, style, level, tuple(departments.split(", ")))


BRANDS: tuple[Brand, ...] = (
    _brand("Nordvik", "minimal", 1.15, "Table, Kitchen, Living, Sleep & Light, Tea & Coffee"),
    _brand("Kilnhouse", "rustic", 1.05, "Table, Kitchen, Tea & Coffee, Garden, Living"),
    _brand("Brae & Co", "classic", 1.2, "Kitchen, Table, Sleep & Light, Wear & Carry"),
    _brand("Hollis", "bold", 0.85, "Kitchen, Table, Living, Play, Paper"),
    _brand("Elske", "minimal", 0.9, "Table, Living, Sleep & Light, Bath"),
    _brand("Saltmarsh", "rustic", 1.0, "Pantry, Bath, Kitchen"),
    _brand("Fennel & Rye", "rustic", 1.1, "Pantry, Kitchen, Tea & Coffee"),
    _brand("Olea", "botanical", 1.15, "Pantry, Bath, Skin & Scent"),
    _brand("Casa Riva", "bold", 0.95, "Pantry, Table, Kitchen"),
    _brand("Hearthside", "classic", 0.8, "Pantry, Tea & Coffee, Kitchen, Living"),
    _brand("Third Cup", "minimal", 1.2, "Tea & Coffee, Pantry"),
    _brand("Monsoon Leaf", "botanical", 1.1, "Tea & Coffee, Pantry, Bath"),
    _brand("Ember Roast", "bold", 0.95, "Tea & Coffee, Pantry"),
    _brand("Maren", "minimal", 1.3, "Skin & Scent, Bath"),
    _brand("Moss & Moor", "botanical", 1.0, "Bath, Skin & Scent, Garden"),
    _brand("Vesper", "classic", 1.5, "Skin & Scent, Living, Bath"),
    _brand("Sundrift", "bold", 0.85, "Skin & Scent, Bath, Wear & Carry"),
    _brand("Tallow", "rustic", 0.9, "Bath, Living, Skin & Scent"),
    _brand("Wickery", "rustic", 1.0, "Living, Bath, Garden"),
    _brand("Ostra", "minimal", 1.4, "Living, Sleep & Light, Table"),
    _brand("Fable & Fox", "bold", 0.95, "Living, Play, Sleep & Light, Paper"),
    _brand("Lumen Hall", "classic", 1.35, "Sleep & Light, Living"),
    _brand("Halden", "minimal", 1.1, "Sleep & Light, Wear & Carry, Bath"),
    _brand("Loam", "botanical", 0.95, "Garden, Living"),
    _brand("Verdant Row", "botanical", 1.1, "Garden, Paper, Living"),
    _brand("Bramble Lane", "classic", 0.9, "Garden, Pantry, Living, Paper"),
    _brand("Papier Nord", "minimal", 1.1, "Paper, Living"),
    _brand("Quillon", "classic", 1.3, "Paper, Wear & Carry"),
    _brand("Lantern Press", "botanical", 0.95, "Paper, Play"),
    _brand("Otterly", "bold", 0.8, "Play, Paper, Wear & Carry"),
    _brand("Corvo", "minimal", 1.4, "Play, Sleep & Light, Paper"),
    _brand("Groove Yard", "bold", 1.0, "Play"),
    _brand("Petrel", "classic", 1.15, "Wear & Carry, Sleep & Light"),
    _brand("Tamarack", "rustic", 1.2, "Wear & Carry, Kitchen, Play"),
    _brand("Juniper Row", "botanical", 1.0, "Wear & Carry, Living, Skin & Scent"),
    _brand("Orrin", "minimal", 0.95, "Wear & Carry, Play, Tea & Coffee"),
)

SERIES: dict[str, tuple[str, ...]] = {
    "minimal": ("Fjord", "Plain", "Line", "Halo", "North", "Pale", "Arc", "Still", "Form", "Ovo"),
    "rustic": ("Farm", "Cinder", "Orchard", "Barrow", "Hearth", "Furrow", "Ember", "Mill", "Rook"),
    "bold": ("Carnival", "Riviera", "Zig", "Pop", "Fiesta", "Domino", "Marbella", "Loop", "Jazz"),
    "botanical": ("Meadow", "Willow", "Fern", "Tendril", "Bloom", "Thicket", "Clover", "Dew"),
    "classic": ("Windsor", "Harbour", "Albion", "Estate", "Regent", "Library", "Cottage", "Oxford"),
}
"""What the makers of a style call their ranges."""
