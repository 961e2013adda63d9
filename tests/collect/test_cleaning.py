from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from splitshelf.collect.cleaning import STEPS
from splitshelf.collect.importing import ImportOptions, run_import
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.settings import CleaningSettings

HEADER = "at,shopper,type,product,quantity,price,currency,order,dwell,agent,test\n"
DAY = "2026-05-01 "


@pytest.fixture
def cleaned(tmp_path):
    """Imports rows under some settings; gives the events left and what each step said."""

    def run(rows, **settings):
        path = tmp_path / "june.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        store = open_store("sqlite:///shop.sqlite", tmp_path)
        options = ImportOptions(cleaning=replace(CleaningSettings(), **settings))
        report = run_import([path], store, options, clock=lambda: datetime(2026, 6, 1, tzinfo=UTC))
        events = list(store.latest(1000))[::-1]
        store.close()
        return events, {step.name: step for step in report.steps}, report

    return run


PERSON = f"{DAY}10:00:00,ann,view,mug,,,,,,Mozilla/5.0,"


def test_every_step_has_its_switch():
    """Each step is a setting of the same name."""
    assert set(STEPS) <= set(CleaningSettings.__struct_fields__)


def test_a_browser_that_says_it_is_a_machine_goes_with_all_its_events(cleaned):
    """The agent of one event is enough."""
    rows = [
        PERSON,
        f"{DAY}10:00:00,b,view,mug,,,,,,Mozilla/5.0 (compatible; Examplebot/2.1),",
        f"{DAY}10:01:00,b,view,cup,,,,,,,",
    ]
    events, steps, _ = cleaned(rows)
    assert [event.shopper for event in events] == ["ann"]
    assert steps["bots"].left_out == 2


def test_a_step_that_is_off_says_what_it_would_do(cleaned):
    """Nothing goes, but the report tells."""
    rows = [PERSON, f"{DAY}10:00:00,b,view,mug,,,,,,HeadlessChrome,"]
    events, steps, _ = cleaned(rows, bots=False)
    assert len(events) == 2
    assert (steps["bots"].on, steps["bots"].left_out) == (False, 1)


def test_too_many_views_in_a_minute_are_a_bot_but_a_long_order_is_not(cleaned):
    """Eleven views in a minute break a limit of ten; eleven lines of an order do not."""
    views = [f"{DAY}10:00:{i:02},b,view,p{i},,,,,,," for i in range(11)]
    lines = [f"{DAY}10:00:00,ann,purchase,p{i},1,2,,7,,," for i in range(11)]
    events, steps, _ = cleaned([*views, *lines], bot_views_per_minute=10)
    assert {event.shopper for event in events} == {"ann"}
    assert steps["bots"].left_out == 11


def test_impossible_speed_is_a_bot(cleaned):
    """Twenty-five pages, a tenth of a second apart."""
    rows = [f"{DAY}10:00:0{i // 10}.{i % 10}50,b,view,p{i},,,,,,," for i in range(25)]
    events, steps, _ = cleaned([PERSON, *rows])
    assert [event.shopper for event in events] == ["ann"]
    assert steps["bots"].left_out == 25


def test_marked_and_named_tests_go(cleaned):
    """A test flag, or a shopper called test; tester is a name like others."""
    rows = [
        f"{DAY}10:00:00,ann,purchase,mug,1,2,,7,,,true",
        f"{DAY}10:00:00,test-1,view,mug,,,,,,,",
        f"{DAY}10:00:00,tester,view,mug,,,,,,,",
    ]
    events, steps, _ = cleaned(rows)
    assert [event.shopper for event in events] == ["tester"]
    assert steps["test_orders"].left_out == 2


def test_wholesalers_lie_far_above_the_median(cleaned):
    """One who spends a thousand times what the others spend."""
    rows = [f"{DAY}10:00:00,s{i},purchase,mug,1,{10 + i % 5},,{i},,," for i in range(20)]
    rows.append(f"{DAY}10:00:00,big,purchase,mug,1000,10,,99,,,")
    events, steps, _ = cleaned(rows, wholesalers=True)
    assert steps["wholesalers"].left_out == 1
    assert "big" not in {event.shopper for event in events}


def test_a_returned_purchase_and_its_refund_go_together(cleaned):
    """The refund answers one purchase of the same quantity; another stays."""
    rows = [
        f"{DAY}10:00:00,ann,purchase,mug,2,4,,7,,,",
        f"{DAY}11:00:00,ann,purchase,mug,2,4,,8,,,",
        f"{DAY}12:00:00,ann,refund,mug,2,4,,7,,,",
        f"{DAY}12:00:00,ann,refund,cup,1,4,,6,,,",
    ]
    events, steps, _ = cleaned(rows, returns=True)
    assert [(str(event.type), event.order) for event in events] == [
        ("purchase", "8"),
        ("refund", "6"),
    ]
    assert steps["returns"].left_out == 2


def test_prices_are_converted_and_what_has_no_rate_is_said(cleaned):
    """Dollars have a rate, pounds have none, euros are the shop's own."""
    rows = [
        f"{DAY}10:00:0{i},ann,purchase,mug,1,10,{currency},{i},,,"
        for i, currency in enumerate(["USD", "GBP", "EUR"])
    ]
    events, steps, report = cleaned(rows, rates={"USD": 0.5})
    money = {(str(event.price), event.currency) for event in events}
    assert money == {("5.0", "EUR"), ("10", "GBP"), ("10", "EUR")}
    assert steps["currency"].changed == 1
    assert any(note.startswith("1 prices are in GBP, which") for note in report.notes)


def test_a_page_left_open_is_capped(cleaned):
    """An hour becomes half an hour; the id stays, so that the same file adds nothing."""
    row = f"{DAY}10:00:00,ann,view,mug,,,,,3600,,"
    events, steps, _ = cleaned([row])
    again, _, report = cleaned([row])
    assert events[0].dwell == 1800
    assert steps["dwell"].changed == 1
    assert (len(again), report.new) == (1, 0)


def test_the_core_is_found_again_and_again(cleaned):
    """Leaving out a rare product makes a shopper rare, and so on, until it holds."""
    core = [f"{DAY}1{i}:{j:02}:00,s{i},view,p{j},,,,,,," for i in range(3) for j in range(3)]
    chain = [f"{DAY}09:00:00,rare,view,p0,,,,,,,", f"{DAY}09:01:00,rare,view,odd,,,,,,,"]
    events, steps, _ = cleaned([*core, *chain], core=True, core_events=2)
    assert {event.shopper for event in events} == {"s0", "s1", "s2"}
    assert steps["core"].left_out == 2
