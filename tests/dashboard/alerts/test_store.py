"""Alerts and their deliveries in the history's file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.dashboard.history.conftest import DAY_MS, NOW_MS, Hands
from tests.dashboard.support import feeder
from tests.dashboard.support.alerts import AT_MS, alert, rules
from tests.dashboard.support.rising import sample

from dashboard.alerts.store import AlertStore, Waiting
from dashboard.history import alert_tables, file
from dashboard.history.store import History, HistoryAwayError
from dashboard.log_throttle import Throttle
from dashboard.snapshots.alerts_schema import AlertRules
from dashboard.snapshots.schema import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

END_MS = 2**63 - 1


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def open_store(tmp_path: Path, hands: Hands) -> Iterator[Callable[[], AlertStore]]:
    """Opens the store; again after its history was closed."""
    opened: list[History] = []

    def open_() -> AlertStore:
        for each in opened:
            each.close()
        throttle = Throttle(lambda: hands.monotonic)
        opened.append(History(tmp_path, lambda: hands.wall, lambda: hands.monotonic, throttle))
        return AlertStore(opened[-1], lambda: f"store {len(opened)}")

    yield open_
    for each in opened:
        each.close()


def ids(store: AlertStore) -> list[str]:
    return [found.id for found in store.read(0, END_MS, 200)]


def test_an_alert_that_comes_again_is_stored_once_also_after_a_restart(open_store: Callable[[], AlertStore]) -> None:
    store = open_store()
    assert store.store([alert(1), alert(2)], []).new == [alert(1), alert(2)]
    again = open_store().store([alert(2), alert(3)], [])
    assert again.ids == [alert(2).id, alert(3).id]
    assert again.new == [alert(3)]
    assert ids(open_store()) == [alert(3).id, alert(2).id, alert(1).id]


def test_alerts_are_read_by_their_time(open_store: Callable[[], AlertStore]) -> None:
    store = open_store()
    store.store([alert(number, at_ms=AT_MS + number) for number in range(5)], [])
    assert [found.at_ms - AT_MS for found in store.read(AT_MS + 1, AT_MS + 4, 2)] == [3, 2]


def test_alerts_are_stored_for_seven_days_and_no_more_than_ten_thousand(
    open_store: Callable[[], AlertStore], hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    store.store([alert(1)], ["a"])
    hands.pass_ms(7 * DAY_MS - 1)
    assert ids(store) == [alert(1).id]
    hands.pass_ms(1)
    assert ids(store) == []
    store.store([alert(2)], ["a"])
    # The delivery of the old alert is gone with it.
    assert store.waiting(["a"]) == Waiting(1, NOW_MS + 7 * DAY_MS)
    assert alert_tables.MAX_ALERTS_STORED == 10_000
    monkeypatch.setattr("dashboard.alerts.store.MAX_ALERTS_STORED", 3)
    store.store([alert(number) for number in range(3, 7)], ["a"])
    assert ids(store) == [alert(number).id for number in (6, 5, 4)]
    assert store.waiting(["a"]).deliveries == 3


def test_a_delivery_is_stored_with_its_alert_for_each_target_of_then(open_store: Callable[[], AlertStore]) -> None:
    store = open_store()
    store.store([alert(1), alert(2)], ["a", "b"])
    store.store([alert(3)], ["a"])
    # The same alert from the job once more: nothing is delivered again.
    first = store.next_delivery("a")
    assert first is not None
    store.settle(first, "delivered", 1, 0)
    store.store([alert(1)], ["a", "b"])
    assert (store.waiting(["a"]).deliveries, store.waiting(["b"]).deliveries) == (2, 2)
    assert store.waiting(["a", "b"]).deliveries == 4
    assert store.waiting([]) == Waiting(0, None)
    following = open_store().next_delivery("a")
    assert following is not None
    assert (following.alert, following.attempts, following.next_at_ms) == (alert(2), 0, NOW_MS)
    assert open_store().next_delivery("c") is None


def test_an_alert_that_another_dashboard_passed_on_is_delivered_when_the_job_brings_it(
    open_store: Callable[[], AlertStore],
) -> None:
    store = open_store()
    store.store([alert(1)], [])
    assert store.next_delivery("a") is None
    assert store.store([alert(1)], ["a"]).new == []
    assert store.next_delivery("a") is not None


def test_what_can_not_be_written_is_not_stored_in_part(
    open_store: Callable[[], AlertStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("dashboard.alerts.store._insert_deliveries", full)
        with pytest.raises(HistoryAwayError, match="The history can't be written: database or disk is full"):
            store.store([alert(1)], ["a"])
    assert ids(store) == []
    assert store.store([alert(1)], ["a"]).new == [alert(1)]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_file_of_an_older_version_gets_the_tables(
    tmp_path: Path, open_store: Callable[[], AlertStore], version: int
) -> None:
    lacking = {1: ("window", "rising"), 2: ("rising",), 3: ()}[version]
    schema = file._SCHEMA
    for column in lacking:
        schema = schema.replace(f", {column} BLOB", "").replace(f"\n    {column} BLOB,", "")
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as database:
        database.execute(schema)
        database.execute("CREATE INDEX panes_by_age ON panes (kept_ms)")
        database.execute(f"PRAGMA user_version = {version}")
        database.commit()
    store = open_store()
    assert store.store([alert(1)], ["a"]).new == [alert(1)]
    assert ids(open_store()) == [alert(1).id]


def test_a_damaged_alert_sets_the_file_aside(tmp_path: Path, open_store: Callable[[], AlertStore]) -> None:
    store = open_store()
    store.store([alert(1)], [])
    open_store()
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as database:
        database.execute("UPDATE alerts SET body = replace(body, 'WorldCup', 'WorldCap')")
        database.commit()
    assert ids(open_store()) == []
    assert [*tmp_path.glob("history.sqlite.broken-*")]


def test_the_rules_and_the_name_of_the_store_outlive_a_restart(open_store: Callable[[], AlertStore]) -> None:
    store, known = open_store(), msgspec.convert(rules(), AlertRules)
    assert store.rules() is None
    store.set_rules(known)
    assert store.instance() == store.instance() == "store 1"
    again = open_store()
    assert (again.rules(), again.instance()) == (known, "store 1")
    again.set_rules(None)
    assert open_store().rules() is None


def rising_pane(from_ms: int) -> Pane:
    body = {**feeder.pane(from_ms, {"WorldCup": 3}), "rising": sample(from_ms + feeder.PANE_MS)}
    return msgspec.convert(body, Pane)


def test_a_tag_that_enters_rising_is_stored_once_however_long_it_stays(open_store: Callable[[], AlertStore]) -> None:
    store = open_store()
    panes = [rising_pane(AT_MS + number * feeder.PANE_MS) for number in range(3)]
    for pane in panes:
        store._history.store([pane])
    first = panes[0].rising
    assert first is not None
    tags = {tag.key: tag for topic in first.topics for tag in topic.tags}
    found = open_store().rises(100)
    # The made-up list moves its times along, so the rises are those of each list.
    assert {rise.key for rise in found} == set(tags)
    assert len({rise.id for rise in found}) == len(found)
    one = next(rise for rise in reversed(found) if rise.key == next(iter(tags)))
    tag = tags[str(one.key)]
    assert (one.when, one.posts, one.authors, one.since_ms) == ("rises", tag.posts, tag.authors, tag.since_ms)
    assert one.window_seconds == len(tag.panes) * 10


def test_when_a_rule_of_the_stream_fired_last(open_store: Callable[[], AlertStore], hands: Hands) -> None:
    store = open_store()
    assert store.last_stored_ms("Silence") is None
    store.store([alert(1, rule="Silence", when="stream", stream="counting stopped")], [])
    hands.pass_ms(5000)
    store.store([alert(2)], [])
    assert store.last_stored_ms("Silence") == NOW_MS
    assert store.last_stored_ms("World Cup") is None
    assert store.last_stored_ms("Silence", after_ms=NOW_MS - 1) == NOW_MS
    assert store.last_stored_ms("Silence", after_ms=NOW_MS) is None
