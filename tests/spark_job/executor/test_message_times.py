"""A time is of the future if it is far ahead of the clock and of the other messages. A slow clock loses no post."""

from collections.abc import Iterable

import pyarrow as pa
import pytest

from spark_job.executor.message_times import LEAST_MESSAGES, MOST_AHEAD_MS, REMEMBERED, MessageTimes

T = 1_795_176_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def table(at_ms: Iterable[int]) -> pa.Table:
    return pa.table({"at_ms": pa.array([*at_ms], pa.int64())})


def of_future(times: MessageTimes, at_ms: Iterable[int], now_ms: int) -> list[int]:
    """Those of these messages that are of the future."""
    found = [*at_ms]
    latest_ms = times.latest_ms([table(found)], now_ms)
    return [each for each in found if each > latest_ms]


def test_the_clock_decides_over_a_few_messages_of_a_topic_that_is_not_known() -> None:
    times = MessageTimes()
    assert times.latest_ms([], T) == T + MOST_AHEAD_MS
    assert of_future(times, [T + MOST_AHEAD_MS, T + MOST_AHEAD_MS + 1], T) == [T + MOST_AHEAD_MS + 1]
    assert of_future(MessageTimes(), [T + HOUR_MS] * (LEAST_MESSAGES - 1), T) == [T + HOUR_MS] * (LEAST_MESSAGES - 1)


@pytest.mark.parametrize("slow_ms", [11 * MINUTE_MS, 12 * HOUR_MS, 400 * 24 * HOUR_MS])
def test_a_slow_clock_alone_makes_no_message_one_of_the_future(slow_ms: int) -> None:
    times = MessageTimes()
    assert of_future(times, [T + each for each in range(LEAST_MESSAGES)], T - slow_ms) == []
    # The next messages come one by one, one a minute.
    for minute in range(200):
        now_ms = T + minute * MINUTE_MS
        assert of_future(times, [now_ms], now_ms - slow_ms) == []
        bad_ms = now_ms + MOST_AHEAD_MS + MINUTE_MS
        assert minute % 10 or of_future(times, [bad_ms], now_ms - slow_ms) == [bad_ms]


def test_a_backlog_of_hours_is_read_by_a_machine_that_was_asleep_for_as_long() -> None:
    """Its clock says when it fell asleep. The first messages are older, the last ones hours ahead of it."""
    times = MessageTimes()
    at_ms = [T - HOUR_MS + each * 5_000 for each in range(8 * 720)]
    for begin in range(0, len(at_ms), 2_000):
        assert of_future(times, at_ms[begin : begin + 2_000], T) == []


def test_many_messages_of_the_future_are_found_beside_those_of_now() -> None:
    times = MessageTimes()
    assert of_future(times, [T] * 100, T) == []
    assert of_future(times, [T + HOUR_MS] * 500, T) == [T + HOUR_MS] * 500
    assert of_future(times, [T, T + 900 * HOUR_MS, T], T) == [T + 900 * HOUR_MS]


def test_scattered_times_of_the_future_do_not_lead_there_step_by_step() -> None:
    good, bad = [T + each for each in range(100)], [T + each * MINUTE_MS for each in range(11, 60)]
    mixed = [one for pair in zip(good, bad, strict=False) for one in pair]
    assert of_future(MessageTimes(), mixed, T) == bad


def test_only_the_last_times_are_remembered() -> None:
    times = MessageTimes()
    assert of_future(times, [T] * 10 * REMEMBERED, T) == []
    assert of_future(times, [T + HOUR_MS] * REMEMBERED * 9, T) == [T + HOUR_MS] * REMEMBERED * 9
    # By now nothing else is known: the clock must be slow.
    assert of_future(times, [T + HOUR_MS], T) == []
