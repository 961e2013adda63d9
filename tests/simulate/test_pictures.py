"""Product pictures."""

import xml.etree.ElementTree as ET

import pytest

from splitshelf.core.products import Product
from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.goods.colours import COLOURS
from splitshelf.simulate.goods.families import FAMILIES
from splitshelf.simulate.pictures import SHAPES
from splitshelf.simulate.pictures.choice import KEYWORDS, colour_of, shape_of
from splitshelf.simulate.pictures.draw import picture
from splitshelf.simulate.pictures.look import Look

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("turn", range(4))
def test_every_shape_draws_well_formed_marks(shape, turn):
    """Each variation of each shape parses, for each style, with awkward letters on it."""
    for style in ("minimal", "rustic", "bold", "botanical", "classic"):
        look = Look(base="#4d6d93", style=style, brand="A & B <x>", words=("TEA",), turn=turn)
        marks = ET.fromstring(f"<svg>{SHAPES[shape](look)}</svg>")
        assert len(list(marks.iter())) >= 3


def test_every_fill_that_a_picture_asks_for_is_defined():
    """A missing gradient would draw black."""
    for product in catalogue(208):
        root = ET.fromstring(picture(product))
        defined = {part.get("id") for part in root.iter() if part.get("id")}
        for part in root.iter():
            for value in (part.get("fill") or "", part.get("stroke") or ""):
                if value.startswith("url(#"):
                    assert value[5:-1] in defined


def test_pictures_are_small_and_the_same_every_time():
    """About two kilobytes, and cacheable by the product's id."""
    sizes = [len(picture(product)) for product in catalogue(520)]
    assert sum(sizes) / len(sizes) < 2600
    assert max(sizes) < 4800
    product = catalogue(60)[7]
    assert picture(product) == picture(product)


def test_text_never_leaves_its_label():
    """However long a name is, its length is set to what the label holds."""
    long = Product(
        id="x", title="Extraordinarily overlong marmalade " * 3, brand="Very Long & Sons Makers"
    )
    for text in ET.fromstring(picture(long)).iter(f"{SVG}text"):
        assert float(text.get("textLength")) <= 110


def test_the_colour_is_the_attribute():
    """What the data says is what the eye sees."""
    assert colour_of(Product(id="x", attributes={"colour": "sage"})) == COLOURS["sage"]
    assert colour_of(Product(id="x", title="RED RETROSPOT CUP")) == COLOURS["tomato"]


def test_every_family_and_every_keyword_has_a_shape():
    """Nothing that can be sold is without a picture."""
    assert {family.shape for family in FAMILIES} <= set(SHAPES)
    assert {shape for _, shape in KEYWORDS} <= set(SHAPES)


@pytest.mark.parametrize(
    ("title", "shape"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "heart"),
        ("REGENCY CAKESTAND 3 TIER", "cakestand"),
        ("PARTY BUNTING", "bunting"),
        ("JUMBO BAG RED RETROSPOT", "tote"),
        ("SET OF 3 CAKE TINS PANTRY DESIGN", "cakestand"),
        ("ALARM CLOCK BAKELIKE GREEN", "clock"),
    ],
)
def test_a_real_title_finds_its_shape(title, shape):
    """Words of a title decide where no family is known."""
    assert shape_of(Product(id="1", title=title)) == shape
