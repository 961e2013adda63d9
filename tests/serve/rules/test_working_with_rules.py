"""Working with rules: history and undo, files with mistakes, remarks, a shelf as one sees it."""

from datetime import timedelta

import msgspec
import pytest

from serving import NOW, world
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.requests import ShelfRequest
from splitshelf.serve.merchandising import illegible, look, standings
from splitshelf.serve.rule import Rule, Where
from splitshelf.serve.rule_files import apply, differences, read_rules
from splitshelf.serve.rule_history import KEPT, change, changes, undo
from splitshelf.serve.rule_remarks import reach_of, remarks

PIN = Rule(name="first", kind="pin", product="p030")


@pytest.fixture
def shop():
    """A shop of sixty products."""
    return world()


def say(shop, rule, minutes=0, name=None):
    """Write a rule, or delete the one of that name."""
    at = NOW + timedelta(minutes=minutes)
    return change(shop.store, name or rule.name, rule, by="test", now=at)


def names(shop):
    """The rules there are."""
    return [one.rule.name for one in standings(shop.store, NOW)]


def test_every_change_is_kept_and_can_be_taken_back(shop):
    """Written, moved, deleted: undone one by one, the newest first, to an empty shop."""
    say(shop, PIN, 0)
    say(shop, msgspec.structs.replace(PIN, position=3), 1)
    say(shop, None, 2, name="first")
    assert [one.what for one in changes(shop.store)] == ["deleted", "changed", "written"]
    oldest = changes(shop.store)[-1].key
    with pytest.raises(InputError, match="undo the newer change first"):
        undo(shop.store, oldest, by="test", now=NOW + timedelta(minutes=3))
    for minutes, expected in ((4, 3), (5, 0)):
        key = changes(shop.store)[2 * (minutes - 4)].key
        undo(shop.store, key, by="test", now=NOW + timedelta(minutes=minutes))
        assert standings(shop.store, NOW)[0].rule.position == expected
    undo(shop.store, oldest, by="test", now=NOW + timedelta(minutes=6))
    assert not names(shop)


def test_what_is_so_already_is_no_change_and_old_changes_go(shop):
    """A rule written twice is one change; the newest two hundred stay."""
    say(shop, PIN, 0)
    say(shop, PIN, 1)
    assert len(changes(shop.store)) == 1
    for number in range(KEPT + 5):
        say(shop, msgspec.structs.replace(PIN, position=number % 2 + 1), number + 2)
    assert len(changes(shop.store)) == KEPT
    with pytest.raises(UnknownName, match="change"):
        undo(shop.store, "nothing", by="test", now=NOW)


def test_a_paused_rule_is_kept_and_has_no_say(shop):
    """It pins nothing until it is resumed, and the history calls it paused."""
    say(shop, PIN)
    assert shop.ask(id="a").items[0].product == "p030"
    say(shop, msgspec.structs.replace(PIN, paused=True), 1)
    shop.recommender.rules.now()
    assert shop.ask(id="b").items[0].product != "p030"
    assert standings(shop.store, NOW)[0].state == "paused"
    assert changes(shop.store)[0].what == "paused"


TOML = """
[[rule]]
name = "dear"
kind = "filter"
where = { price_from = 5.5 }
starts = 2026-01-01T00:00:00Z

[[rule]]
name = "first"
kind = "pin"
product = "p030"
"""


def test_a_file_is_applied_as_one_and_again_changes_nothing(shop, tmp_path):
    """What is new, changed, deleted and the same is said before; JSON and TOML say the same."""
    path = tmp_path / "rules.toml"
    path.write_text(TOML)
    wanted = read_rules(path)
    say(shop, Rule(name="old", kind="cap"))
    plan = differences(shop.store, wanted, replace=True)
    assert (plan.written, plan.deleted) == (["dear", "first"], ["old"])
    assert len(apply(shop.store, wanted, replace=True, now=NOW + timedelta(minutes=1))) == 3
    assert names(shop) == ["dear", "first"]
    other = tmp_path / "rules.json"
    other.write_bytes(msgspec.json.encode(wanted))
    assert read_rules(other) == wanted
    assert differences(shop.store, wanted, replace=True).same == ["dear", "first"]
    assert not apply(shop.store, wanted, replace=True, now=NOW + timedelta(minutes=2))


MISTAKES = {
    'name = "a"\nkind = "bost"': "rule 1 ('a'): No kind of rule is called 'bost'. Did you mean",
    'name = "a"\nkind = "boost"\nfactor = 0.5': "rule 1 ('a'): factor is 0.5; a boost has 1 or",
    'name = "a"\nkind = "filter"\nwhere = { bran = "x" }': "there is no field `bran`; known are",
    'kind = "cap"': "rule 1: the field `name` is missing",
    'name = "a"\nkind = "cap"\nmost = "many"': "rule 1 ('a'): most: Expected `int`, got `str`",
    'name = "a"\nkind = "cap"\nstarts = 2026-01-01T00:00:00': "has no time zone",
    'name = "a"\nkind = "cap"\n[[rule]]\nname = "a"\nkind = "cap"': "two rules are called 'a'",
    'name = "a"\nkind = ': "Invalid value",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_file_is_named_by_its_rule(tmp_path, text):
    """Where it is, what is wrong, what is allowed."""
    path = tmp_path / "rules.toml"
    path.write_text(f"[[rule]]\n{text}\n")
    with pytest.raises(InputError) as caught:
        read_rules(path)
    assert MISTAKES[text] in str(caught.value)
    assert "othing was changed" in str(caught.value)


def test_what_is_no_file_of_rules_is_refused(tmp_path):
    """Another ending, another shape, broken JSON."""
    (tmp_path / "rules.csv").write_text("name,kind")
    with pytest.raises(InputError, match=r"\.json or \.toml"):
        read_rules(tmp_path / "rules.csv")
    (tmp_path / "rules.toml").write_text("[rules]\nname = 1\n")
    with pytest.raises(InputError, match=r"\[\[rule\]\]"):
        read_rules(tmp_path / "rules.toml")
    (tmp_path / "rules.json").write_text('[{"name": "x",}]')
    with pytest.raises(InputError, match="malformed"):
        read_rules(tmp_path / "rules.json")


def test_a_stored_document_that_is_no_rule_is_named(shop):
    """It has no say, and whoever looks is told why."""
    shop.store.put_document("rule", "broken", b'{"name": "broken", "kind": "bost"}')
    assert "No kind of rule is called 'bost'" in illegible(shop.store)["broken"]
    assert not names(shop)


def odd(shop, rule, *others):
    """What is remarked of a rule."""
    return " ".join(remarks(rule, [rule, *others], shop.recommender.assortment))


def test_remarks_say_what_a_rule_cannot_do(shop):
    """Unknown and sold out products, conditions that nothing meets, short shelves."""
    pin = msgspec.structs.replace
    assert "no product p999" in odd(shop, pin(PIN, product="p999"))
    sold_out = msgspec.structs.replace(shop.store.catalogue["p030"], stock=0)
    shop.store.put_products([sold_out])
    assert "not for sale now" in odd(shop, PIN)
    none = Rule(name="none", kind="filter", where=Where(brand="Nobody"))
    assert "every shelf stays empty" in odd(shop, none)
    few = Rule(name="few", kind="filter", where=Where(brand="Brand 3"))
    assert "Only 5 products for sale meet it" in odd(shop, few)
    assert not odd(shop, Rule(name="cap", kind="cap"))


def test_remarks_say_which_rules_cross_each_other(shop):
    """Two pins of one place, a pin of what is kept off, factors that multiply; not those apart."""
    second = Rule(name="second", kind="pin", product="p031")
    assert "second pins place 1 too; first has it" in odd(shop, PIN, second)
    apart = msgspec.structs.replace(second, placements=("cart",))
    assert not odd(shop, msgspec.structs.replace(PIN, placements=("home",)), apart)
    later = msgspec.structs.replace(second, starts=NOW)
    assert not odd(shop, msgspec.structs.replace(PIN, ends=NOW), later)
    german = msgspec.structs.replace(second, audience={"country": "DE"})
    assert not odd(shop, msgspec.structs.replace(PIN, audience={"country": "FR"}), german)
    off = Rule(name="off", kind="exclude", where=Where(products=("p030",)))
    assert "off keeps that product off" in odd(shop, PIN, off)
    assert "keeps off p030, which first pins" in odd(shop, off, PIN)
    lamps = Where(brand="Brand 3")
    up = Rule(name="up", kind="boost", where=lamps, factor=2.0)
    down = Rule(name="down", kind="bury", where=lamps, factor=0.5)
    assert "together they multiply by 1" in odd(shop, up, down)


def test_the_reach_of_a_rule_is_counted(shop):
    """How many products meet it, how many of them may be sold, and some by name."""
    rule = Rule(name="up", kind="boost", where=Where(brand="Brand 3"), factor=2.0)
    shop.store.put_products([msgspec.structs.replace(shop.store.catalogue["p015"], stock=0)])
    reach = reach_of(rule, shop.recommender.assortment)
    assert (reach.products, reach.for_sale, reach.of) == (5, 4, 59)
    assert reach.examples == ["Thing 16", "Thing 17", "Thing 18", "Thing 19"]
    assert reach_of(PIN, shop.recommender.assortment) is None


def test_a_pin_whose_product_is_sold_out_leaves_its_place_to_the_next(shop):
    """Two pins of one place: the first by name, as long as it may be sold."""
    for name, product in (("a", "p030"), ("b", "p031")):
        say(shop, Rule(name=name, kind="pin", product=product))
    assert shop.ask(id="one").items[0].product == "p030"
    shop.store.put_products([msgspec.structs.replace(shop.store.catalogue["p030"], stock=0)])
    assert shop.ask(id="two").items[0].product == "p031"


def test_a_shelf_is_seen_as_a_certain_shopper_sees_it_then(shop):
    """By country and date: the pin is seen where and when it has its say, and nothing is logged."""
    rule = msgspec.structs.replace(
        PIN, audience={"country": "DE"}, starts=NOW + timedelta(days=1), position=1
    )
    say(shop, rule)
    day = NOW + timedelta(days=2)
    for country, at, seen in (("DE", day, True), ("FR", day, False), ("DE", NOW, False)):
        context = Context(at=at, country=country)
        found = look(
            shop.recommender,
            ShelfRequest(id="look", shopper="ann", placement="home", context=context),
        )
        assert (found.rules == ["first"]) == seen
        assert (found.having.items[1].product == "p030") == seen
        assert (found.marks[1] == "pinned") == seen
        assert "p030" not in [item.product for item in found.without.items]
    assert not shop.store.exposures
