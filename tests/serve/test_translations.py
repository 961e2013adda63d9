"""Languages: ours are whole and as Babel reads them, a shop adds its own, mistakes are named."""

import pytest
from babel.messages.pofile import read_po

from serving import NOW, world
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.serve.catalogues import CATALOGUES, OURS, install, read_catalogue
from splitshelf.serve.occasions import occasion
from splitshelf.serve.translations import template, texts
from splitshelf.serve.words import language_of

SLOT = "country=DE slot=friday evening"


@pytest.fixture
def own():
    """The languages are those of Splitshelf again afterwards."""
    before = dict(CATALOGUES)
    yield CATALOGUES
    CATALOGUES.clear()
    CATALOGUES.update(before)


@pytest.mark.parametrize("path", sorted(OURS.glob("*.po")), ids=lambda path: path.stem)
def test_our_languages_are_whole_and_as_babel_reads_them(path):
    """Every text has a translation, with the same facts in it."""
    with path.open("rb") as file:
        theirs = {entry.id: entry.string for entry in read_po(file) if entry.id}
    assert read_catalogue(path) == theirs
    assert set(theirs) == {text for _, text in texts()}


def test_a_shop_speaks_a_language_of_its_own(tmp_path, own):
    """A file is enough; what it leaves out is said in English; a region speaks the language."""
    (tmp_path / "it.po").write_text(
        'msgid "Because you looked at {product}"\nmsgstr "Perché hai guardato {product}"\n\n'
        'msgid "Popular"\nmsgstr ""\n"Popo"\n"lare"\n\n#, fuzzy\nmsgid "Monday"\nmsgstr "x"\n'
    )
    assert install(tmp_path) == ["it"]
    shop = world()
    shop.did("ann", "view:p003")
    context = Context(at=NOW, extra={"language": "it_CH"})
    slate = shop.ask(placement="because_viewed", context=context)
    assert slate.title == "Perché hai guardato Thing 3"
    assert slate.items[0].reason.text == "Perché hai guardato Thing 3"
    assert occasion(SLOT, "it") == "Popolare on Friday evenings in your country"
    assert "Monday" not in own["it"]


def test_a_shop_mends_a_word_of_ours(tmp_path, own):
    """Its own text counts; all others stay as they are."""
    (tmp_path / "de.po").write_text('msgid "Popular in the shop"\nmsgstr "Gern gekauft"\n')
    install(tmp_path)
    assert own["de"]["Popular in the shop"] == "Gern gekauft"
    assert occasion(SLOT, "de") == "Beliebt freitagabends in Ihrem Land"


def test_a_catalogue_is_begun_filled_in_and_completed(tmp_path):
    """Begun with every text; what is translated stays; Babel reads what we write."""
    path = tmp_path / "nl.po"
    path.write_text(template(path, "nl").body)
    with path.open("rb") as file:
        begun = [entry for entry in read_po(file) if entry.id]
    assert len(begun) == len(list(texts()))
    path.write_text(
        path.read_text().replace(
            '"Trending now"\nmsgstr ""', '"Trending now"\nmsgstr "Nu \\"in\\""'
        )
    )
    again = template(path, "nl")
    assert len(again.missing) == again.texts - 1
    assert 'msgstr "Nu \\"in\\""' in again.body
    assert template(tmp_path / "de.po", "de").missing == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('msgid "Because you saved {product}"\nmsgstr "Perché"\n', "must hold {product}"),
        ('msgid "Popular"\nmsgstr "{product}"\n', "must hold nothing in braces"),
        ('msgid "Popular"\nmsgstr Popolare\n', 'no text in "quotes"'),
        ("Popular = Popolare\n", "is no line of a .po file"),
        ('"Popular"\n', "is no line of a .po file"),
    ],
)
def test_a_mistake_in_a_catalogue_is_named_with_its_line(tmp_path, body, said):
    """Which file, which line, what is wrong."""
    path = tmp_path / "it.po"
    path.write_text(body)
    with pytest.raises(InputError) as caught:
        read_catalogue(path)
    assert said in str(caught.value)
    assert f"{path}:" in str(caught.value)


def test_a_catalogue_is_called_by_its_language(tmp_path, own):
    """Anything else would never be asked for."""
    (tmp_path / "Italian words.po").write_text("")
    with pytest.raises(InputError, match="called by its language"):
        install(tmp_path)
    assert "it" not in own


@pytest.mark.parametrize(
    ("asked", "spoken"), [("DE-at", "de"), ("fil", "en"), ("e", "en"), ("", "en"), (7, "en")]
)
def test_what_is_no_language_of_ours_is_english(asked, spoken):
    """Whatever a page says."""
    assert language_of(Context(at=NOW, extra={"language": asked})) == spoken
