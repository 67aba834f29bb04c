"""Which posts of a resumed stream are dropped."""

import random

import pytest
from tests.ingest.conftest import ManualClock

from ingest.sources.common.resume import RecentIds, ReplayDetector

REQUESTED_US = 1_790_000_000_000_000


def dropped(manual_clock: ManualClock, seconds_before: list[float], pace: float = 0.0) -> list[bool]:
    """Return whether events from these seconds before the requested time are dropped; they come at this pace."""
    detector = ReplayDetector(REQUESTED_US, manual_clock.monotonic_seconds)
    found = []
    for seconds in seconds_before:
        found.append(detector.is_replayed(REQUESTED_US - round(seconds * 1_000_000)))
        manual_clock.pass_ms(round(pace * 1000))
    return found


@pytest.mark.parametrize("pace", [0.0, 0.001, 0.1, 0.4])
@pytest.mark.parametrize("order", ["oldest first", "newest first", "shuffled"])
def test_an_hour_before_the_cursor_is_dropped_at_any_pace_and_in_any_order(
    manual_clock: ManualClock, pace: float, order: str
) -> None:
    hour = [float(seconds) for seconds in range(3330, 0, -1)]
    if order == "newest first":
        hour.reverse()
    elif order == "shuffled":
        random.Random(1).shuffle(hour)
    assert all(dropped(manual_clock, hour, pace))
    assert not any(dropped(manual_clock, [0.0, -1.0, -0.5, -3600.0]))


def test_without_a_cursor_nothing_is_dropped(manual_clock: ManualClock) -> None:
    detector = ReplayDetector(None, manual_clock.monotonic_seconds)
    assert not any(detector.is_replayed(time_us) for time_us in (0, REQUESTED_US))


def test_few_posts_are_lost_when_the_clock_of_the_server_is_behind(
    manual_clock: ManualClock,
) -> None:
    detector = ReplayDetector(REQUESTED_US, manual_clock.monotonic_seconds)
    found = []
    for tick in range(600):
        found.append((detector.is_replayed(REQUESTED_US - 3_600_000_000 + tick * 100_000), detector.other_clock))
        manual_clock.pass_ms(100)
    assert found[:100] == [(True, False)] * 100
    assert found[100] == (False, True)
    assert found[101:] == [(False, False)] * 499


def test_a_replay_that_stalls_is_still_recognised(manual_clock: ManualClock) -> None:
    detector = ReplayDetector(REQUESTED_US, manual_clock.monotonic_seconds)
    for second in range(0, 3000, 10):
        assert detector.is_replayed(REQUESTED_US - (3300 - second) * 1_000_000)
        manual_clock.pass_ms(60_000 if second % 100 == 0 else 1)


def test_ids_are_remembered_up_to_the_capacity() -> None:
    recent = RecentIds(3)
    assert [recent.add(each) for each in "abcab"] == [True, True, True, False, False]
    assert [recent.add(each) for each in "dabc"] == [True, True, True, True]
