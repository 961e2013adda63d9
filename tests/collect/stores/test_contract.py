"""What every store promises: this suite runs over the table STORES."""

import threading
from dataclasses import fields
from decimal import Decimal

import numpy as np
import pytest
from msgspec.structs import replace

from splitshelf.collect.stores.walking import owner_of
from splitshelf.core.clock import microseconds
from splitshelf.core.events import EVENT_CODES, Event, EventType
from splitshelf.core.people import Member
from splitshelf.core.products import Product
from splitshelf.core.sticky import Assignment
from store_samples import NOON, at, exposure, purchase, view

pytestmark = pytest.mark.usefixtures("folding")


def ids(events) -> list[str]:
    """What the events are called."""
    return [event.id for event in events]


def choice(unit, second, *, variant="control", version=0):
    """What an exposure keeps of a unit, `second` seconds after noon."""
    return Assignment(unit=unit, experiment="plan", version=version, variant=variant, at=at(second))


class TestEvents:
    """The log."""

    def test_an_event_comes_back_as_it_went_in(self, store):
        """Every field survives, to the microsecond and the cent."""
        assert store.append([purchase()]) == 1
        assert list(store.history("Zoë", 5)) == [purchase()]
        assert list(store.latest(5)) == [purchase()]

    def test_what_was_once_accepted_is_never_unreadable(self, store):
        """Rules may tighten later: an event of today's wrong range comes back all the same."""
        old = view(1, quantity=0, dwell=-1.0)
        store.append([old, view(2)])
        assert list(store.history("anna", 5)) == [old, view(2)]
        assert len(store.scan()) == 2

    def test_the_same_id_twice_counts_once(self, store, reopen):
        """Within a batch, between batches, and after the store was opened again."""
        assert store.append([view(1), view(1), view(2)]) == 2
        assert store.append([view(2), view(3)]) == 1
        again = reopen()
        assert again.append([view(1), view(2), view(3)]) == 0
        assert again.count() == store.count() == 3
        assert ids(again.history("anna", 10)) == ["e1", "e2", "e3"]

    def test_nothing_appended_is_nothing_stored(self, store):
        """An empty batch is allowed and changes nothing."""
        assert store.append([]) == 0
        assert (store.count(), list(store.latest(3))) == (0, [])

    def test_a_failed_batch_leaves_nothing_behind(self, store):
        """All or nothing: one event that cannot be encoded takes its batch with it."""
        broken = view(2, context={"what": object()})
        with pytest.raises(TypeError):
            store.append([view(1), broken])
        assert store.count() == 0
        assert list(store.history("anna", 5)) == []
        assert store.append([view(1)]) == 1

    def test_another_process_sees_what_was_acknowledged(self, store, reopen):
        """Each read of a second opening sees every append of the first, and the other way."""
        other = reopen()
        for number in range(6):
            writer, reader = (store, other) if number % 2 else (other, store)
            writer.append([view(number)])
            assert ids(reader.history("anna", 10)) == [f"e{n}" for n in range(number + 1)]
            assert reader.count() == number + 1
            assert ids(reader.latest(1)) == [f"e{number}"]

    def test_processes_that_take_turns_lose_and_double_nothing(self, folding, store, reopen):
        """Each finds out, by its own next append, what the other has written meanwhile."""
        other = reopen()
        for n in range(0, 60, 3):
            first, second = (store, other) if n % 2 else (other, store)
            assert first.append([view(n), view(n + 1)]) == 2
            assert second.append([view(n + 1), view(n + 2)]) == 1  # one of them is known to `first`
            assert second.append([view(n + 1)]) == 0
            if n % 9 == 0:
                assert first.append([view(n + 1000, "ben")]) == 1
                assert second.forget("ben") == 1
                assert first.append([view(n + 1000, "ben")]) == 0
        assert ids(store.history("anna", 100)) == [f"e{n}" for n in range(60)]
        assert sorted(ids(other.latest(100))) == sorted(f"e{n}" for n in range(60))
        assert store.count() == other.count() == 60

    def test_latest_is_by_arrival(self, store):
        """The newest arrival comes first, whatever its time."""
        store.append([view(5), view(1)])
        store.append([view(3)])
        assert ids(store.latest(2)) == ["e3", "e1"]


class TestHistory:
    """What one shopper did."""

    def test_oldest_first_and_cut_to_the_newest(self, store):
        """The limit keeps the newest by time, though an older event arrived later."""
        store.append([view(n) for n in (1, 4, 2)])
        store.append([view(3), view(9, "ben")])
        assert ids(store.history("anna", 3)) == ["e2", "e3", "e4"]
        assert ids(store.history("anna", 10)) == ["e1", "e2", "e3", "e4"]

    def test_impressions_and_events_without_product_are_left_out(self, store):
        """Being shown something is no act; a search is about no product."""
        store.append(
            [
                view(1, type=EventType.IMPRESSION),
                Event(id="s", at=NOON, type=EventType.SEARCH, shopper="anna"),
                view(3),
            ]
        )
        assert ids(store.history("anna", 10)) == ["e3"]

    def test_a_stranger_has_no_history(self, store):
        """An unknown shopper has done nothing."""
        assert list(store.history("nobody", 10)) == []

    @pytest.mark.parametrize("limit", [1, 150, 200, 201, 400, 1000])
    def test_any_limit_is_answered(self, store, limit):
        """A shopper with more acts than a block keeps is answered from the log."""
        numbers = [*range(250, 500), *range(250)]
        for start in range(0, 500, 125):
            store.append([view(n) for n in numbers[start : start + 125]])
        expected = [f"e{n}" for n in range(500)][-limit:]
        assert ids(store.history("anna", limit)) == expected
        self.assert_traces_agree(store, limit)

    def test_traces_are_the_same_acts_in_fixed_width(self, store):
        """Times, types, hashed names and ratings, cut and ordered as the history is."""
        store.append([view(n, session="s" * (n % 2) or None) for n in (1, 4, 2)])
        store.append([purchase(), view(3, type=EventType.RATING, value=2.5), view(4, "ben")])
        for shopper, limit in (("anna", 3), ("anna", 10), ("Zoë", 1), ("nobody", 5)):
            self.assert_traces_agree(store, limit, shopper)

    @pytest.mark.parametrize("limit", [1, 3, 1000])
    def test_traces_of_many_are_those_of_each(self, store, reopen, limit):
        """In the order asked for, strangers and repeats among them, as of the newest append."""
        assert list(store.traces_of([], limit)) == []
        for start in range(0, 120, 20):
            store.append([view(n, f"s{n * n % 7}") for n in range(start, start + 20)])
        other = reopen()
        asked = ["s4", "nobody", "s0", "Zoë", "s4", "s1", "s2"]
        for number in (200, 100):  # the last one happened before what is known
            store.append([view(number, "s1"), view(number + 1, "Zoë")])
            found = other.traces_of(asked, limit)
            for shopper, traces in zip(asked, found, strict=True):
                assert traces.tobytes() == store.traces(shopper, limit).tobytes()
            self.assert_traces_agree(other, limit, "s1")

    def assert_traces_agree(self, store, limit, shopper="anna") -> None:
        """What the traces say follows from the events."""
        events, traces = store.history(shopper, limit), store.traces(shopper, limit)
        assert traces["at"].tolist() == [microseconds(event.at) for event in events]
        assert traces["type"].tolist() == [EVENT_CODES[event.type] for event in events]
        for field in ("product", "session"):
            names = [getattr(event, field) for event in events]
            expected = [0 if name is None else owner_of(name) for name in names]
            assert traces[field].tolist() == expected
        values = [np.nan if event.value is None else event.value for event in events]
        np.testing.assert_array_equal(traces["value"], values)


class TestScan:
    """The log as columns."""

    def test_columns_hold_every_field(self, store):
        """Names are sorted and the codes point at them; what is missing is -1 or nan."""
        store.append([purchase(), view(7, "anna", session="s1"), view(3, "Ben")])
        columns = store.scan()
        assert list(columns.shoppers) == ["Ben", "Zoë", "anna"]
        assert list(columns.products) == ["mug", "p3", "p7"]
        assert list(columns.exposures) == ["x1"]
        assert columns.shopper.tolist() == [0, 1, 2]
        assert columns.product.tolist() == [1, 0, 2]
        assert columns.exposure.tolist() == [-1, 0, -1]
        assert columns.type.tolist() == [EVENT_CODES[t] for t in ("view", "purchase", "view")]
        assert columns.session[0] == -1
        assert columns.session[1] == columns.session[2] >= 0
        assert columns.order[1] >= 0 > columns.order[0]
        assert columns.quantity.tolist() == [1, 3, 1]
        assert columns.price[1] == pytest.approx(12.30)
        assert (columns.dwell[1], columns.value[1]) == (2.5, 4.0)
        assert np.isnan([columns.price[0], columns.dwell[0], columns.value[0]]).all()

    def test_the_types_of_the_columns_are_the_promised_ones(self, store):
        """int64 times, int8 types, int32 codes, whether or not there are events."""
        promised = {"at": "int64", "type": "int8", "price": "float64"}
        promised |= {"dwell": "float32", "value": "float32"}
        for _ in range(2):
            columns = store.scan()
            for field in fields(columns):
                column = getattr(columns, field.name)
                if isinstance(column, np.ndarray):
                    assert column.dtype == promised.get(field.name, "int32"), field.name
                    assert len(column) == len(columns)
            store.append([view(1)])

    def test_a_window_takes_its_start_and_leaves_its_end(self, store):
        """Events with since <= at < until; the names are those of the window."""
        store.append([view(n, f"s{n}") for n in range(5)])
        columns = store.scan(at(1), at(3))
        assert list(columns.shoppers) == ["s1", "s2"]
        assert len(store.scan(until=at(0))) == 0
        assert len(store.scan(since=at(4))) == 1

    def test_oldest_first_whatever_the_arrival(self, store, reopen):
        """Two logs with the same events give the same columns; ties keep the order of arrival."""
        store.append([view(5, "b"), view(1, "a")])
        store.append([view(3, "c"), view(3, "a", id="x")])
        columns = reopen().scan()
        assert columns.at.tolist() == sorted(columns.at.tolist())
        assert [columns.shoppers[code] for code in columns.shopper] == ["a", "c", "a", "b"]


class TestUpkeep:
    """Taking events out again."""

    @pytest.fixture
    def two(self, store, reopen):
        """Two openings that both remember: ten events each of anna, ann and ben."""
        other = reopen()
        for start in range(0, 30, 5):
            batch = [view(n, ("anna", "ann", "ben")[n % 3]) for n in range(start, start + 5)]
            (store if start % 2 else other).append(batch)
            assert store.history("anna", 1)
            assert other.history("ann", 1)
        store.append_exposures([exposure(1), exposure(40)])
        return store, other

    def test_a_forgotten_shopper_is_gone_everywhere(self, two, reopen):
        """Log, history, scan and exposures, in both processes and after a restart; nobody else."""
        assert two[0].forget("anna") == 12
        for store in (*two, reopen()):
            assert list(store.history("anna", 50)) == []
            assert len(store.history("ann", 50)) == len(store.history("ben", 50)) == 10
            assert list(store.scan().shoppers) == ["ann", "ben"]
            assert store.count() == len(store.scan()) == 20
            assert {event.shopper for event in store.latest(50)} == {"ann", "ben"}
            assert store.count_exposures() == 0

    def test_kept_variants_go_with_their_shopper_or_their_time(self, two, reopen):
        """A forgotten unit's choices are gone in every process, and old ones expire."""
        rows = [replace(exposure(n), kept=choice(unit, n)) for n, unit in ((50, "anna"), (60, "b"))]
        two[0].append_exposures(rows)
        two[1].forget("anna")
        for store in (*two, reopen()):
            assert list(store.assignments(["anna"])) == []
            assert [one.unit for one in store.assignments(["anna", "b"])] == ["b"]
        two[1].expire(at(61))
        assert list(two[0].assignments(["b"])) == []

    def test_a_retry_does_not_bring_a_forgotten_event_back(self, two, reopen):
        """Its id is still known, here, there and after a restart; new events are welcome."""
        two[0].forget("anna")
        for store in (*two, reopen()):
            assert store.append([view(0, "anna"), view(1, "ann")]) == 0
        assert two[1].append([view(100, "anna")]) == 1
        assert ids(two[0].history("anna", 5)) == ["e100"]

    def test_forgetting_a_stranger_changes_nothing(self, two):
        """Zero is the honest count."""
        assert two[0].forget("nobody") == 0
        assert two[1].count() == 30

    def test_old_events_and_exposures_expire(self, two, reopen):
        """What is older than the mark goes and is counted; the mark itself stays."""
        assert two[0].expire(at(15)) == 16
        for store in (*two, reopen()):
            assert store.count() == len(store.scan()) == 15
            assert store.scan().at.min() == microseconds(at(15))
            assert ids(store.history("anna", 50)) == ["e15", "e18", "e21", "e24", "e27"]
            assert ids(store.scan_exposures()) == ["x40"]
        assert two[1].expire(at(15)) == 0
        assert two[1].append([view(3, "anna")]) == 0
        assert two[1].expire(at(1000)) == 16
        assert reopen().count() == 0
        assert two[0].append([view(2000)]) == 1
        assert ids(two[1].latest(5)) == ["e2000"]


class TestExposures:
    """What was shown."""

    def test_found_by_id_as_it_went_in(self, store, reopen):
        """Scores and propensities come back to the last bit."""
        store.append_exposures([exposure(1), exposure(2, "e")])
        assert reopen().exposure("x2") == exposure(2, "e")
        assert store.exposure("x9") is None

    def test_the_first_of_an_id_stays(self, store):
        """A replay of a request does not rewrite what was shown."""
        store.append_exposures([exposure(1)])
        store.append_exposures([replace(exposure(1), stage="other")])
        assert store.exposure("x1") == exposure(1)
        assert store.count_exposures() == 1

    def test_scanned_by_time_and_experiment(self, store):
        """Oldest first, since <= at < until."""
        store.append_exposures([exposure(3, "a"), exposure(1, "b"), exposure(2, "a")])
        assert ids(store.scan_exposures()) == ["x1", "x2", "x3"]
        assert ids(store.scan_exposures(at(2), at(3))) == ["x2"]
        assert ids(store.scan_exposures(experiment="a")) == ["x2", "x3"]
        assert ids(store.scan_exposures(experiment="none")) == []

    def test_the_first_choice_of_a_unit_stays(self, store, reopen):
        """Choices come with their exposures, by unit, experiment and version, first one wins."""
        rows = [
            replace(exposure(1), kept=choice("u", 1)),
            replace(exposure(2), kept=choice("u", 2, variant="other")),
            replace(exposure(3), kept=choice("u", 3, variant="other", version=1)),
            replace(exposure(4), kept=choice("v", 4)),
        ]
        for row in rows:
            store.append_exposures([row, exposure(10)])
        assert list(store.assignments([])) == list(store.assignments(["nobody"])) == []
        first, again = choice("u", 1), choice("u", 3, variant="other", version=1)
        assert sorted(reopen().assignments(["u"]), key=lambda one: one.version) == [first, again]
        assert list(store.assignments(["v", "w"])) == [choice("v", 4)]
        assert store.exposure("x1").kept == first

    def test_a_long_scan_is_complete(self, store):
        """More than a page, many at the same moment, each once."""
        many = [replace(exposure(n), at=NOON) for n in range(4500)]
        store.append_exposures(many)
        assert ids(store.scan_exposures()) == [f"x{n}" for n in range(4500)]


class TestCatalogue:
    """What the shop sells."""

    def test_put_replaces_and_sorts(self, store, reopen):
        """The newest word on a product counts, and products come sorted by id."""
        mug = Product(id="mug", price=Decimal("3.10"), category=("Home", "Kitchen"), stock=2)
        assert store.put_products([Product(id="zebra"), Product(id="Ämter"), mug]) == 3
        assert store.put_products([Product(id="zebra", title="Z")]) == 1
        assert ids(reopen().products()) == ["mug", "zebra", "Ämter"]
        assert store.product("mug") == mug
        assert store.product("none") is None

    def test_the_version_grows_with_every_change(self, store, reopen):
        """Another process notices a change, and no change is no new version."""
        other = reopen()
        seen = [other.catalogue_version()]
        store.put_products([Product(id="a"), Product(id="b")])
        seen.append(other.catalogue_version())
        assert store.delete_products(["a", "none"]) == 1
        seen.append(other.catalogue_version())
        assert seen == sorted(set(seen))
        assert store.delete_products(["none"]) == 0
        assert other.catalogue_version() == seen[-1]

    def test_changes_since_a_version(self, store, reopen):
        """Each product once, as it is now; what is gone by its id, and not to a newcomer."""
        store.put_products([Product(id="a"), Product(id="b"), Product(id="c")])
        first = reopen().catalogue_changes(0)
        assert (first.version, ids(first.products), first.deleted) == (1, ["a", "b", "c"], [])
        store.put_products([Product(id="b", title="B")])
        store.delete_products(["c"])
        changes = reopen().catalogue_changes(first.version)
        assert changes.version == store.catalogue_version() == 3
        assert list(changes.products) == [Product(id="b", title="B")]
        assert list(changes.deleted) == ["c"]
        assert ids(store.catalogue_changes(0).products) == ["a", "b"]
        assert list(store.catalogue_changes(0).deleted) == []
        store.put_products([Product(id="c")])
        assert ids(store.catalogue_changes(3).products) == ["c"]

    def test_a_failed_put_leaves_nothing_behind(self, store):
        """A generator that breaks half-way stores no product."""

        def products():
            yield Product(id="a")
            raise RuntimeError

        with pytest.raises(RuntimeError):
            store.put_products(products())
        assert store.products() == []


class TestDocuments:
    """Small named documents."""

    def test_kept_by_kind_and_name(self, store, reopen):
        """A document is found, replaced, listed sorted, and deleted once."""
        store.put_document("experiment", "b", b"1")
        store.put_document("experiment", "a", b"2")
        store.put_document("rule", "a", b"3")
        store.put_document("experiment", "b", b"4")
        other = reopen()
        assert other.document("experiment", "b") == b"4"
        assert list(other.documents("experiment").items()) == [("a", b"2"), ("b", b"4")]
        assert other.documents("none") == {}
        assert other.delete_document("experiment", "b")
        assert not store.delete_document("experiment", "b")
        assert store.document("experiment", "b") is None


def test_many_threads_write_and_read_at_once(store):
    """Eight threads append while they read their own events back; none is lost or doubled."""
    errors = []

    def work(name: str) -> None:
        try:
            for number in range(10):
                store.append([view(0, name, id=f"{name}{number}")])
                assert len(store.history(name, 100)) == number + 1
        except BaseException as error:  # noqa: BLE001 (reported by the main thread)
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.count() == 80


class TestPeople:
    """Which ids belong to one person."""

    def test_links_come_back_in_their_order(self, store, reopen):
        """A second process reads what changed since it last looked, and nothing else."""
        one, two = (
            Member(id=name, person="ann", unit="device", since=NOON) for name in ("ann", "device")
        )
        store.put_members([two, one])
        first = reopen().people_changes(0)
        assert (list(first.linked), list(first.alone)) == ([two, one], [])
        assert store.delete_members(["device", "stranger"]) == 1
        then = reopen().people_changes(first.version)
        assert (list(then.linked), list(then.alone)) == ([], ["device"])
        assert not store.people_changes(then.version).linked

    def test_what_was_counted_of_a_forgotten_shopper_is_counted_anew(self, store):
        """A tally has a row for each shopper: it goes with the shopper, other documents stay."""
        store.append([view(1), view(2, "ben")])
        for kind in ("tally", "tally-before", "tally-seen", "experiment"):
            store.put_document(kind, "home", b"counted")
        assert store.forget("anna") == 1
        for kind in ("tally", "tally-before", "tally-seen"):
            assert store.document(kind, "home") is None
        assert store.document("experiment", "home") == b"counted"

    def test_a_forgotten_shopper_leaves_no_link(self, store, reopen):
        """Whoever knew of the link learns that all is to be read anew."""
        members = [
            Member(id=name, person="ann", unit="ann", since=NOON) for name in ("ann", "device")
        ]
        store.put_members(members)
        before = store.people_changes(0).version
        store.forget("device")
        after = reopen().people_changes(before)
        assert after.whole
        assert [member.id for member in after.linked] == ["ann"]
