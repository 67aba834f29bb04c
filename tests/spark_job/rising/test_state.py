"""What the detector remembers: through restarts, rollbacks and gaps, and no longer than it needs."""

import duckdb
import pytest
from tests.spark_job.support.rising_log import TABLES, stored
from tests.spark_job.support.rising_stream import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    WINDOW_MS,
    Post,
    Stream,
    listed,
    people,
)

from spark_job.rising.detector import Detector
from spark_job.rising.rises import Rising
from spark_job.rising.verdict import Rules


def run(*, restarts: bool, rollbacks: bool = False) -> tuple[list[Rising], dict[str, list[tuple[object, ...]]]]:
    stream = Stream()
    lists = []
    for minute in range(60):
        extra = people("quake", minute * 100, 12) if minute in range(45, 50) else []
        if restarts and minute % 7 == 3:
            stream.again()
        if rollbacks and minute % 5 == 4:
            stream.db.begin()
            before_ms = stream.now_ms
            stream.step([*extra, *people("lost", 0, 50)])
            stream.db.rollback()
            stream.now_ms = before_ms
        lists.append(stream.step(extra))
    return lists, stored(stream.db)


def test_a_restart_and_a_rollback_change_nothing() -> None:
    lists, stored = run(restarts=False)
    assert [["quake"]] in [listed(one) for one in lists]
    assert run(restarts=True) == (lists, stored)
    assert run(restarts=False, rollbacks=True) == (lists, stored)


def test_a_state_file_keeps_the_past(tmp_path: object) -> None:
    path = f"{tmp_path}/state.duckdb"
    stream = Stream()
    stream.db.close()
    stream.db = duckdb.connect(path)
    stream.again()
    stream.warm(HOUR_MS)
    stream.step(people("quake", 0, 20))
    stream.db.close()
    stream.db = duckdb.connect(path)
    stream.again()
    ((tag,),) = stream.step().topics
    assert (tag.key, tag.voices, tag.since_ms) == ("quake", 20, stream.now_ms - 2 * MINUTE_MS)


def test_before_there_is_a_past_it_says_how_long_that_takes() -> None:
    stream = Stream()
    missing = [stream.step(people("quake", minute * 100, 20)).missing_ms for minute in range(40)]
    # Four slots of five minutes that ended ten minutes ago.
    assert missing[0] == 20 * MINUTE_MS
    assert missing[29:31] == [5 * MINUTE_MS, 0]
    assert sorted(missing, reverse=True) == missing


def test_panes_come_in_the_order_of_time() -> None:
    stream = Stream()
    stream.step()
    stream.skip(-MINUTE_MS)
    with pytest.raises(ValueError, match="is not after that of"):
        stream.step()


def test_a_window_is_a_multiple_of_a_pane() -> None:
    with pytest.raises(ValueError, match="not a multiple"):
        Detector(duckdb.connect(), pane_ms=7_000, window_ms=300_000)


def test_another_window_begins_a_new_past() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    other = Detector(stream.db, pane_ms=MINUTE_MS, window_ms=2 * WINDOW_MS)
    assert stream.db.execute("SELECT count(*) FROM rising_slots").fetchall() == [(0,)]
    stream.detector = other
    assert stream.step().missing_ms > 0


def test_authors_and_texts_are_forgotten_with_the_window() -> None:
    stream = Stream()
    stream.step([Post("quake", 123_456, 654_321)])
    stream.usual(WINDOW_MS)
    assert stream.db.execute(
        "SELECT count(*) FROM rising_window WHERE author = 123456 OR text = 654321"
    ).fetchall() == [(0,)]
    for table in set(TABLES) - {"rising_window"}:
        names = {name for name, *_ in stream.db.execute(f"DESCRIBE {table}").fetchall()}
        assert not names & {"author", "text", "key"}


def test_nothing_is_stored_for_longer_than_needed() -> None:
    stream = Stream(pane_ms=WINDOW_MS)
    stream.warm(2 * HOUR_MS)
    stream.skip(DAY_MS - 4 * HOUR_MS)
    stream.warm(4 * HOUR_MS)
    ((slots, oldest_ms),) = stream.db.execute(
        "SELECT count(DISTINCT slot_ms), min(slot_ms) FROM rising_slots"
    ).fetchall()
    # The last four hours without the slot that has not ended, and what is left of the day before until it has left
    # the horizon.
    assert slots == 47 + 5
    assert oldest_ms >= stream.now_ms - DAY_MS - 25 * MINUTE_MS
    # What is as usual is no habit: only the first slots, which had no past.
    ((habits,),) = stream.db.execute("SELECT count(DISTINCT slot_ms) FROM rising_habits").fetchall()
    assert habits <= 4


def test_after_a_long_gap_nothing_is_left_of_the_list() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    assert listed(stream.step(people("quake", 0, 20))) == [["quake"]]
    stream.skip(3 * HOUR_MS)
    assert listed(stream.step()) == []
    assert stream.db.execute("FROM rising_list").fetchall() == []


@pytest.mark.parametrize(
    ("rules", "people_count", "expected"),
    [
        (Rules(), 8, True),
        (Rules(), 7, False),
        (Rules(least_authors=20), 19, False),
        (Rules(least_authors=20), 20, True),
        (Rules(sensitivity="low", least_authors=3), 5, False),
        (Rules(sensitivity="high", least_authors=3), 5, True),
    ],
)
def test_the_settings_decide_what_is_enough(rules: Rules, people_count: int, expected: bool) -> None:
    stream = Stream(rules=rules)
    stream.warm(HOUR_MS)
    assert (listed(stream.step(people("quake", 0, people_count))) == [["quake"]]) is expected


def test_a_pane_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_job.rising.window.MOST_VOICES", 100)
    stream = Stream()
    stream.warm(HOUR_MS)
    ((tag,), *_) = stream.step([*people("quake", 0, 500), *people("few", 1000, 3)]).topics
    # A tag has at most a fifth of the rows, and those with the fewest posts have none.
    assert (tag.key, tag.voices) == ("quake", 20)
    ((rows, rare),) = stream.db.execute(
        "SELECT count(*), count_if(key = 'few') FROM rising_window WHERE pane_ms = ?", [stream.now_ms - MINUTE_MS]
    ).fetchall()
    assert rows <= 100
    assert rare == 3


def test_copies_count_if_they_are_to() -> None:
    stream = Stream(rules=Rules(copies_count=True))
    stream.warm(HOUR_MS)
    ((tag,),) = stream.step([Post("buy", 5_000_000 + number, 77) for number in range(40)]).topics
    assert (tag.voices, tag.copies) == (40, 1 - 1 / 40)


def test_what_is_always_copied_is_usual_if_copies_count() -> None:
    stream = Stream(rules=Rules(copies_count=True))
    lists = [
        listed(stream.step([Post("radio", minute * 100 + number, 77) for number in range(10)])) for minute in range(90)
    ]
    assert lists[40:] == [[]] * 50


def test_the_past_begins_again_if_copies_begin_to_count(tmp_path: object) -> None:
    path = f"{tmp_path}/state.duckdb"
    stream = Stream()
    stream.db.close()
    missing = []
    for copies_count in (False, False, True):
        stream.db = duckdb.connect(path)
        stream.rules = Rules(copies_count=copies_count)
        stream.again()
        missing.append(stream.step().missing_ms)
        stream.warm(HOUR_MS)
        stream.db.close()
    assert missing[0] > 0
    assert missing[1] == 0
    assert missing[2] > 0
