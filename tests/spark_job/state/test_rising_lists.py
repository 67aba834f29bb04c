"""The detector in the state: it learns each pane once, with the offset, and each pane has the list as it was."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.rising_log import MINUTE_MS, Post, Recount, copies, crowd, stored, usual
from tests.spark_job.support.snapshots import waiting_panes
from tests.spark_job.support.state_views import apply

from spark_job.rising.verdict import Rules
from spark_job.state import pane_closer
from spark_job.state.rising_lists import LISTS_AT_ONCE
from spark_job.state.store import State

PANE, WINDOW = 10_000, 300_000
#: The beginning of a slot.
T = 1_795_176_000_000
WARM = T + 40 * MINUTE_MS
#: What does not depend on which panes were looked at, and which were only learned.
BASELINE = ("rising_facets", "rising_window", "rising_authors", "rising_slots", "rising_habits", "rising_slot_authors")


def opened(path: Path, rules: Rules | None = None) -> State:
    return State(path, PANE, WINDOW, rules=rules)


@pytest.fixture
def state(path: Path) -> Iterator[State]:
    state = opened(path)
    state.begin_epoch("log-a", 0, T, "first start")
    yield state
    state.close()


def warm(state: State, until_ms: int = WARM) -> list[Post]:
    """Forty minutes of usual posts, of which all panes have closed."""
    posts = usual(T, until_ms)
    apply(state, *posts)
    state.close_panes(until_ms)
    return posts


def one_by_one(state: State, posts: list[Post], until_ms: int) -> None:
    """Count posts in order of time and close each pane when it ends."""
    first = min(one["at_ms"] for one in posts)
    for start in range(first - first % PANE, until_ms, PANE):
        inside = [one for one in posts if start <= one["at_ms"] < start + PANE]
        if inside:
            apply(state, *inside)
        state.close_panes(start + PANE)


def newest(state: State) -> dict[str, Any]:
    found: dict[str, Any] = waiting_panes(state, 10_000)[-1]["rising"]
    return found


def test_a_burst_of_three_hundred_people_rises_with_its_numbers(state: State) -> None:
    warm(state)
    burst = [*crowd("Quake", WARM + 1_000, 200), *crowd("quake", WARM + 2_000, 90, first=200)]
    burst += crowd("quake", WARM + 3_000, 10, first=290, lang="ja")
    apply(state, *usual(WARM, WARM + PANE), *burst)
    state.close_panes(WARM + PANE)
    rising = newest(state)
    assert (rising["at_ms"], rising["missing_ms"], rising["held_back"]) == (WARM + PANE, 0, [])
    ((tag,),) = [topic["tags"] for topic in rising["topics"]]
    assert 100 < tag.pop("score") < 1000
    assert tag == {
        "key": "quake",
        "label": "Quake",
        "posts": 300,
        "authors": 300,
        "voices": 300,
        # Nothing is known of it. What is too rare to be stored has half a voice; two thirds more people write now.
        "expected": tag["expected"],
        "spread": 0.2,
        "times": round(300 / tag["expected"], 2),
        "since_ms": WARM,
        "copies": 0.0,
        "source": "demo",
        "source_part": 1.0,
        "lang": "en",
        "lang_part": round(290 / 300, 3),
        "new": True,
        "peak_voices": 0,
        "peak_ms": None,
        "panes": [0] * 29 + [300],
    }
    assert tag["expected"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("posts", "authors", "texts", "why"),
    [
        (crowd("spam", WARM, 1, posts_each=10_000), 1, 1, "few people"),
        (crowd("spam", WARM, 5, posts_each=2_000), 5, 5, "few people"),
        (copies("spam", WARM, 400), 400, 1, "copies"),
    ],
    ids=["one account", "five accounts", "one text"],
)
def test_what_is_made_by_few_moves_nothing(state: State, posts: list[Post], authors: int, texts: int, why: str) -> None:
    warm(state)
    apply(state, *usual(WARM, WARM + PANE), *posts)
    state.close_panes(WARM + PANE)
    rising = newest(state)
    assert rising["topics"] == []
    assert rising["held_back"] == [
        {"key": "spam", "label": "spam", "posts": len(posts), "authors": authors, "texts": texts, "why": why}
    ]


def test_copies_count_if_the_setting_says_so(path: Path) -> None:
    state = opened(path, Rules(copies_count=True))
    state.begin_epoch("log-a", 0, T, "first start")
    warm(state)
    apply(state, *usual(WARM, WARM + PANE), *copies("buy", WARM, 40))
    state.close_panes(WARM + PANE)
    ((tag,),) = [topic["tags"] for topic in newest(state)["topics"]]
    assert (tag["key"], tag["voices"], tag["copies"]) == ("buy", 40, round(1 - 1 / 40, 3))
    state.close()


def test_before_there_is_a_past_the_list_says_how_long_that_takes(state: State) -> None:
    assert state.rising.newest() is None
    one_by_one(state, [*usual(T, T + PANE), *crowd("quake", T, 300)], T + PANE)
    rising = state.rising.newest()
    assert rising is not None
    assert (rising.at_ms, rising.missing_ms, rising.topics) == (T + PANE, 20 * MINUTE_MS, [])


def test_each_pane_has_its_list_and_the_newest_is_that_of_the_state(state: State) -> None:
    warm(state)
    posts = [*crowd("quake", WARM, 20), *crowd("flood", WARM + 2 * PANE, 30, first=500)]
    one_by_one(state, [*usual(WARM, WARM + 3 * PANE), *posts], WARM + 3 * PANE)
    lists = [
        [tag["key"] for topic in pane["rising"]["topics"] for tag in topic["tags"]]
        for pane in waiting_panes(state, 10_000)[-3:]
    ]
    assert lists == [["quake"], ["quake"], ["flood", "quake"]]
    rising = state.rising.newest()
    assert rising is not None
    assert rising.topics[0].tags[0].key == "flood"


def test_the_list_goes_on_while_nothing_comes(state: State) -> None:
    warm(state)
    one_by_one(state, [*usual(WARM, WARM + PANE), *crowd("quake", WARM, 20)], WARM + PANE)
    before = stored(state.db, "rising_slots", "rising_habits", "rising_ratios")
    seen = []
    for number in range(1, 32):
        state.close_panes(WARM + (1 + number) * PANE)
        rising = state.rising.newest()
        assert rising is not None
        assert rising.at_ms == WARM + (1 + number) * PANE
        seen.append(len(rising.topics))
    assert seen == [1] * 29 + [0] * 2
    after = stored(state.db, "rising_slots", "rising_habits", "rising_ratios")
    assert after["rising_slots"][: len(before["rising_slots"])] == before["rising_slots"]


def test_restarts_change_nothing(path: Path) -> None:
    posts = [*usual(T, WARM + 4 * PANE), *crowd("quake", WARM, 20), *crowd("quake", WARM + PANE, 20, first=90)]
    state = opened(path)
    state.begin_epoch("log-a", 0, T, "first start")
    steps = [*range(T, WARM, MINUTE_MS), *range(WARM, WARM + 4 * PANE, PANE)]
    for start, end in pairwise(steps):
        apply(state, *[one for one in posts if start <= one["at_ms"] < end])
        state.close_panes(end)
        before = state.rising.newest()
        state.close()
        state = opened(path)
        assert state.rising.newest() == before
    recount = Recount(posts, PANE, WINDOW, WARM + 3 * PANE)
    assert stored(state.db) == recount.tables()
    assert [tag["key"] for topic in newest(state)["topics"] for tag in topic["tags"]] == ["quake"]
    state.close()


def test_what_is_rolled_back_is_not_learned(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = warm(state)
    burst = [*usual(WARM, WARM + PANE), *crowd("quake", WARM, 20)]
    before, rising = stored(state.db), state.rising.newest()
    with monkeypatch.context() as patch:
        patch.setattr(pane_closer, "CLOSE", f"{pane_closer.CLOSE} WHERE error('the disk is full') IS NULL")
        with pytest.raises(duckdb.Error, match="the disk is full"):
            apply(state, *burst, post([], WARM + PANE))
    assert stored(state.db) == before
    assert state.rising.newest() == rising
    apply(state, *burst)
    state.close_panes(WARM + PANE)
    assert stored(state.db) == Recount([*posts, *burst], PANE, WINDOW, WARM + PANE).tables()


def test_a_file_that_is_opened_again_after_an_error_goes_on(state: State) -> None:
    posts = warm(state)
    state.reopen()
    assert state.rising.newest() is not None
    burst = [*usual(WARM, WARM + PANE), *crowd("quake", WARM, 20)]
    apply(state, *burst)
    state.close_panes(WARM + PANE)
    assert stored(state.db) == Recount([*posts, *burst], PANE, WINDOW, WARM + PANE).tables()


@pytest.mark.parametrize(("panes", "step"), [(6, 1), (7, 2), (144, 24), (145, 25)])
def test_of_many_panes_that_close_at_once_some_get_a_list_and_all_are_learned(
    state: State, panes: int, step: int
) -> None:
    posts = usual(T, T + panes * PANE)
    # The post after them closes all panes.
    apply(state, *posts, post([], T + panes * PANE))
    assert stored(state.db, *BASELINE) == Recount(posts, PANE, WINDOW, T + panes * PANE, look=False).tables(*BASELINE)
    with_list = [number for number, pane in enumerate(waiting_panes(state, 10_000)) if pane["rising"]]
    assert with_list == [*range(panes - 1, -1, -step)][::-1]
    assert len(with_list) <= LISTS_AT_ONCE
    assert (step == 1) is (panes <= LISTS_AT_ONCE)


def test_after_a_quiet_day_the_newest_pane_has_a_list(state: State) -> None:
    day = T + 1_440 * MINUTE_MS
    apply(state, *usual(T, T + MINUTE_MS))
    apply(state, *usual(day, day + MINUTE_MS))
    state.close_panes(day + MINUTE_MS + PANE)
    # Seven panes have posts when the second part comes, one of them from the first part.
    assert [pane["from_ms"] for pane in waiting_panes(state, 10_000) if pane["rising"]][-2:] == [
        day + 5 * PANE,
        day + 6 * PANE,
    ]


def test_late_posts_are_not_learned_and_the_list_of_their_pane_stays(state: State) -> None:
    posts = [*warm(state), *usual(WARM, WARM + 2 * PANE), *crowd("quake", WARM, 20)]
    one_by_one(state, posts[-30:], WARM + 2 * PANE)
    lists = {pane["from_ms"]: pane["rising"] for pane in waiting_panes(state, 10_000)}
    apply(state, *crowd("late", WARM + 1, 50, first=1_000))
    state.close_panes(WARM + 3 * PANE)
    panes = {pane["from_ms"]: pane for pane in waiting_panes(state, 10_000)}
    assert panes[WARM]["posts"] == 5 + 20 + 50
    assert panes[WARM]["rising"] == lists[WARM]
    assert lists[WARM]["topics"]
    past = ("rising_facets", "rising_slots", "rising_habits", "rising_slot_authors")
    one_by_one(state, usual(WARM + 3 * PANE, WARM + WINDOW + PANE), WARM + WINDOW + PANE)
    posts += usual(WARM + 3 * PANE, WARM + WINDOW + PANE)
    assert stored(state.db, *past) == Recount(posts, PANE, WINDOW, WARM + WINDOW + PANE, look=False).tables(*past)


def test_a_late_post_for_a_pane_that_the_dashboard_has_is_sent_without_a_list(state: State) -> None:
    warm(state)
    panes = [(pane["epoch"], pane["from_ms"], pane["posts"]) for pane in waiting_panes(state, 10_000)]
    state.acknowledge_panes(panes)
    apply(state, post(["late"], WARM - PANE))
    state.close_panes(WARM + PANE)
    assert [pane["rising"] is not None for pane in waiting_panes(state)] == [False, True]


def test_another_log_has_no_past(state: State) -> None:
    warm(state)
    state.begin_epoch("log-b", 0, WARM, "ingest has another log, so counting began again")
    assert state.rising.newest() is None
    posts = usual(WARM, WARM + PANE)
    apply(state, *posts)
    state.close_panes(WARM + PANE)
    assert newest(state)["missing_ms"] == 20 * MINUTE_MS
    assert stored(state.db) == Recount(posts, PANE, WINDOW, WARM + PANE).tables()


def test_the_same_log_that_is_counted_again_is_learned_once(state: State) -> None:
    """Ingest was restored from a copy: all that it stores is counted again, and what came after is gone."""
    posts = usual(T, WARM)
    apply(state, *posts, *crowd("gone", WARM, 50))
    state.close_panes(WARM + PANE)
    # The log has trimmed its first 15 minutes. They can't be counted again, and stay known.
    trimmed = T + 15 * MINUTE_MS
    state.begin_epoch("log-a", 450, WARM, "ingest's log is an older copy that went on, so counting began again")
    assert state.rising.newest() is None
    again = [one for one in posts if one["at_ms"] >= trimmed]
    apply(state, *again)
    state.close_panes(WARM)
    past = ("rising_slots", "rising_slot_authors", "rising_window", "rising_authors", "rising_list")
    assert stored(state.db, *past) == Recount(posts, PANE, WINDOW, WARM).tables(*past)
    assert newest(state)["missing_ms"] == 0


def test_a_clock_that_is_set_back_forgets_the_time_that_comes_again(state: State) -> None:
    posts = warm(state)
    back = T + 25 * MINUTE_MS
    state.begin_window("ingest's clock was set back by 900 s, so the window began again")
    assert state.rising.newest() is None
    again = usual(back, back + 10 * MINUTE_MS)
    apply(state, *again)
    state.close_panes(back + 10 * MINUTE_MS)
    before = [one for one in posts if one["at_ms"] < back]
    past = ("rising_slots", "rising_slot_authors")
    assert stored(state.db, *past) == Recount(
        [*before, *again], PANE, WINDOW, back + 10 * MINUTE_MS, look=False
    ).tables(*past)


def test_another_length_of_panes_keeps_the_past_of_the_same_log(path: Path) -> None:
    state = opened(path)
    state.begin_epoch("log-a", 0, T, "first start")
    posts = warm(state)
    state.close()
    state = State(path, MINUTE_MS, WINDOW)
    # Posts before the last ten minutes are no longer in the log.
    state.begin_epoch("log-a", 900, WARM, "PANE_SECONDS was changed, so counting began again")
    again = [one for one in posts if one["at_ms"] >= WARM - 10 * MINUTE_MS]
    apply(state, *again, *usual(WARM, WARM + MINUTE_MS), *crowd("quake", WARM, 30))
    state.close_panes(WARM + MINUTE_MS)
    assert [tag["key"] for topic in newest(state)["topics"] for tag in topic["tags"]] == ["quake"]
    state.close()


def test_another_window_begins_a_new_past(path: Path) -> None:
    state = opened(path)
    state.begin_epoch("log-a", 0, T, "first start")
    warm(state)
    state.close()
    state = State(path, PANE, 2 * WINDOW)
    assert stored(state.db, "rising_slots", "rising_habits") == {"rising_slots": [], "rising_habits": []}
    apply(state, *usual(WARM, WARM + PANE))
    state.close_panes(WARM + PANE)
    assert newest(state)["missing_ms"] > 0
    state.close()


def test_a_file_of_format_2_is_taken_over(path: Path) -> None:
    state = opened(path)
    state.begin_epoch("log-a", 0, T, "first start")
    posts = usual(T, T + 3 * PANE)
    apply(state, *posts)
    state.close_panes(T + 2 * PANE)
    for table in ("newest_rising", "open_uses", "pane_uses", "rising_slot_size", *stored(state.db)):
        state.db.execute(f"DROP TABLE {table}")
    state.db.execute("ALTER TABLE closed_panes DROP COLUMN rising")
    state.db.execute("UPDATE meta SET format = 2")
    state.close()
    state = opened(path)
    assert (state.notice, state.rising.newest()) == (None, None)
    assert [pane["rising"] for pane in waiting_panes(state)] == [None, None]
    state.close_panes(T + 3 * PANE)
    assert [pane["posts"] for pane in waiting_panes(state)] == [5, 5, 5]
    assert newest(state)["missing_ms"] == 20 * MINUTE_MS
    state.close()


def test_the_list_in_the_file_is_what_is_sent(state: State) -> None:
    warm(state)
    one_by_one(state, [*usual(WARM, WARM + PANE), *crowd("quake", WARM, 20)], WARM + PANE)
    ((text,),) = state.db.execute("SELECT rising FROM newest_rising").fetchall()
    assert json.loads(text) == newest(state)
