"""The marks that all threads see: the watermark while a run is committed, and who is woken."""

import threading
from dataclasses import replace

from tests.ingest.conftest import ManualClock

from ingest.spool.clock import Clock
from ingest.spool.marks import Marks
from ingest.spool.shown_marks import ShownMarks

EMPTY = Marks("log", 0, 0, 0, 0, 0, 0)
LONG_SECONDS = 30.0


def shown(clock: ManualClock) -> ShownMarks:
    return ShownMarks(EMPTY, Clock(clock.wall_ms, clock.monotonic_seconds))


def test_the_watermark_is_the_present_time(manual_clock: ManualClock) -> None:
    marks = shown(manual_clock)
    before = marks.now().watermark_ms
    manual_clock.pass_ms(700)
    assert marks.now().watermark_ms == before + 700


def test_the_watermark_stays_at_the_time_of_a_run_until_its_commit_ends(manual_clock: ManualClock) -> None:
    marks = shown(manual_clock)
    at_ms, _ = marks.begin()
    manual_clock.pass_ms(700)
    assert marks.now().watermark_ms == at_ms
    marks.show(replace(EMPTY, end=3))
    assert (marks.now().end, marks.now().watermark_ms) == (3, at_ms + 700)
    marks.begin()
    manual_clock.pass_ms(300)
    marks.cancel()
    assert (marks.now().end, marks.now().watermark_ms) == (3, at_ms + 1000)


def test_what_is_done_on_a_commit_is_done_before_the_marks_are_seen(manual_clock: ManualClock) -> None:
    marks = shown(manual_clock)
    seen = []
    marks.show(replace(EMPTY, end=3), lambda: seen.append(marks.last.end))
    assert (seen, marks.last.end) == ([0], 3)


def test_a_thread_that_waits_for_posts_or_changes_is_woken_by_a_commit(manual_clock: ManualClock) -> None:
    marks = shown(manual_clock)
    ends: list[int] = []
    threads = [
        threading.Thread(target=lambda: ends.append(marks.wait_beyond(0, LONG_SECONDS))),
        threading.Thread(target=lambda: marks.wait_for_news(9, 0, LONG_SECONDS)),
    ]
    for thread in threads:
        thread.start()
    marks.show(replace(EMPTY, end=3, end_change=1))
    for thread in threads:
        thread.join(LONG_SECONDS / 2)
        assert not thread.is_alive()
    assert ends == [3]
