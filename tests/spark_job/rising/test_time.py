"""Panes without posts, and time that goes back: a new epoch of the same log, or a clock that was set back."""

from tests.spark_job.support.rising_log import stored
from tests.spark_job.support.rising_stream import (
    EN,
    HOUR_MS,
    JA,
    MINUTE_MS,
    START_MS,
    WINDOW_MS,
    Post,
    Stream,
    listed,
    people,
    voices,
)

from spark_job.rising.detector import Detector
from spark_job.rising.facts import PaneFacts
from spark_job.rising.rises import Rising


def quiet(stream: Stream, panes: int) -> list[Rising]:
    """Panes without posts."""
    lists = []
    for _ in range(panes):
        stream.now_ms += stream.pane_ms
        lists.append(stream.detector.add_pane(PaneFacts(stream.now_ms, voices([]))))
    return lists


def test_panes_without_posts_change_nothing_in_the_past() -> None:
    given, left_out = Stream(), Stream()
    for stream in (given, left_out):
        stream.warm(HOUR_MS)
    quiet(given, 12)
    left_out.skip(12 * MINUTE_MS)
    for stream in (given, left_out):
        stream.warm(HOUR_MS)
    past = ("rising_facets", "rising_window", "rising_slots", "rising_habits", "rising_slot_authors", "rising_ratios")
    assert stored(given.db, *past) == stored(left_out.db, *past)


def test_the_list_ends_while_nothing_comes() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    assert listed(stream.step(people("quake", 0, 20))) == [["quake"]]
    lists = [listed(one) for one in quiet(stream, 6)]
    # It leaves when its posts have left the window, at the latest.
    assert lists[-1] == []
    assert lists == sorted(lists, reverse=True)


def test_an_entry_says_its_authors_in_each_pane_and_its_spread() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    stream.step(people("quake", 0, 9))
    stream.step([*people("quake", 0, 3), *people("quake", 100, 20, JA)])
    ((tag,),) = stream.step(people("quake", 200, 1)).topics
    assert tag.panes == [0, 0, 9, 23, 1]
    assert tag.authors == 30
    # Nothing is known of it, so it has the spread of all tags.
    assert tag.spread == 0.2


def test_authors_of_a_facet_without_history_are_not_in_the_panes() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    ((tag,),) = stream.step([*people("quake", 0, 20, EN), *people("quake", 100, 5, ("x", "en"))]).topics
    assert (tag.authors, tag.panes) == (20, [0, 0, 0, 0, 20])


def test_time_that_comes_again_is_learned_again() -> None:
    """A log is counted again from its first stored post. What was learned of that time is not learned twice."""
    straight, again = Stream(), Stream()
    straight.warm(2 * HOUR_MS)
    again.warm(HOUR_MS)
    again.step(people("lost", 0, 50))
    again.warm(10 * MINUTE_MS)
    again.detector.begin_again()
    again.now_ms = START_MS + HOUR_MS
    again.warm(HOUR_MS)
    assert stored(again.db) == stored(straight.db)
    assert again.step(people("quake", 0, 20)) == straight.step(people("quake", 0, 20))


def test_the_slot_in_which_time_begins_again_is_learned_from_there_on() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    stream.detector.begin_again()
    # The log's first post is in the middle of a slot.
    stream.now_ms = START_MS + 30 * MINUTE_MS + 2 * MINUTE_MS
    stream.warm(HOUR_MS)
    slots = stream.db.execute(
        "SELECT (slot_ms - ?) // 60_000, authors FROM rising_slot_authors JOIN rising_facets USING (facet)"
        " WHERE lang = 'en' ORDER BY 1",
        [START_MS],
    ).fetchall()
    assert slots == [(minute, 180 if minute == 30 else 300) for minute in range(0, 90, 5)]


def test_until_the_first_pane_comes_the_past_stays() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    before = stored(stream.db, "rising_slots", "rising_slot_authors")
    stream.detector.begin_again()
    stream.again()
    assert stored(stream.db, "rising_slots", "rising_slot_authors") == before
    assert stored(stream.db, "rising_window", "rising_authors", "rising_list") == {
        "rising_window": [],
        "rising_authors": [],
        "rising_list": [],
    }


def test_another_log_begins_without_a_past() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    stream.step(people("quake", 0, 20))
    stream.detector.forget()
    assert stored(stream.db) == stored(Stream().db)
    assert stream.step().missing_ms == 20 * MINUTE_MS


def test_a_rollback_of_a_new_beginning_leaves_the_past() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    before = stored(stream.db)
    stream.db.begin()
    stream.detector.forget()
    stream.db.rollback()
    assert stored(stream.db) == before
    assert listed(stream.step(people("quake", 0, 20))) == [["quake"]]


def test_another_length_of_panes_goes_on_from_the_same_past() -> None:
    stream = Stream()
    stream.warm(HOUR_MS)
    stream.detector = Detector(stream.db, pane_ms=WINDOW_MS, window_ms=WINDOW_MS)
    stream.detector.begin_again()
    stream.pane_ms = WINDOW_MS
    assert listed(stream.step(people("quake", 0, 20))) == [["quake"]]


def test_panes_that_are_learned_together_are_learned_as_one_by_one() -> None:
    together, single = Stream(), Stream()
    facts: list[PaneFacts] = []
    for minute in range(60):
        if minute in (17, 18, 19, 20, 21, 40):
            single.skip(MINUTE_MS)
            continue
        facts.append(single.facts([Post("quake", None, None), Post("quake", minute, None, ("x", "en"))]))
        single.detector.learn(facts[-1])
    # Of these, some are in one slot, and some slots have none.
    for first in range(0, len(facts), 13):
        together.detector.learn_all(facts[first : first + 13])
    assert stored(together.db) == stored(single.db)


def test_a_window_that_is_not_stored_is_given_back_after_a_restart() -> None:
    stored_window, given_back = Stream(), Stream()
    given_back.db.execute("DROP TABLE rising_window")
    facts: list[PaneFacts] = []
    for minute in range(70):
        if minute % 9 == 0:
            given_back.db.execute("DROP TABLE IF EXISTS temp.rising_window")
            given_back.detector = Detector(given_back.db, pane_ms=MINUTE_MS, window_ms=WINDOW_MS, stores_window=False)
            # The window that ended with the newest pane.
            given_back.detector.restore(facts[-5:])
        extra = people("quake", minute * 100, 12) if minute in range(60, 64) else []
        facts.append(given_back.facts(extra))
        assert given_back.detector.add_pane(facts[-1]) == stored_window.step(extra)
    assert stored(given_back.db) == stored(stored_window.db)


def test_memory_does_not_grow_with_time() -> None:
    """DuckDB never frees the rows that are deleted from a temporary table."""
    stream = Stream()
    stream.db.execute("DROP TABLE rising_window")
    stream.detector = Detector(stream.db, pane_ms=MINUTE_MS, window_ms=WINDOW_MS, stores_window=False)

    def rows() -> dict[str, int]:
        found = stream.db.execute("SELECT table_name, estimated_size FROM duckdb_tables() WHERE temporary").fetchall()
        return dict(found)

    stream.usual(HOUR_MS)
    before = rows()
    stream.usual(HOUR_MS)
    after = rows()
    for table in ("rising_window", "rising_now", "rising_spreads"):
        assert after[table] <= before[table] * 1.1, table


def test_memory_does_not_grow_while_a_log_is_learned_again() -> None:
    stream = Stream()
    stream.db.execute("DROP TABLE rising_window")
    stream.detector = Detector(stream.db, pane_ms=MINUTE_MS, window_ms=WINDOW_MS, stores_window=False)
    size = "SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'rising_window'"
    stream.usual(HOUR_MS)
    ((before,),) = stream.db.execute(size).fetchall()
    stream.detector.begin_again()
    stream.now_ms -= HOUR_MS
    stream.usual(HOUR_MS // 2)
    ((after,),) = stream.db.execute(size).fetchall()
    assert after <= before * 1.1
