"""Which times of messages are of the future. A slow clock of this machine alone makes none of them so.

It runs on executors, so it imports pyarrow and the standard library only.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

#: A time so far ahead of the clock and of the other messages is no time of a post. It would move the window there.
MOST_AHEAD_MS = 600_000
#: So many times are remembered for the messages that come next: these may be few.
REMEMBERED = 1_000
#: The clock is slow if so large a part of at least so many messages is ahead of it.
LEAST_MESSAGES, PART_AHEAD = 20, 0.9
#: Consecutive messages whose median is near the time of their writing, even if a few have wrong times.
GROUP = 7


class MessageTimes:
    """The times of the messages that were read last, in their order."""

    def __init__(self) -> None:
        self._last = pa.array([], pa.int64())

    def latest_ms(self, tables: Sequence[pa.Table], now_ms: int) -> int:
        """The greatest time that is not of the future, and remember the times of these messages.

        Args:
            tables: Messages with the column `at_ms`, without nulls, in the order of the log.
            now_ms: The time of the clock, in ms since 1970.

        """
        times = pa.chunked_array([self._last, *(chunk for table in tables for chunk in table["at_ms"].chunks)])
        # A copy, so that the messages do not stay in memory.
        self._last = pa.array(times.slice(max(0, len(times) - REMEMBERED)).to_pylist(), pa.int64())
        newest_ms = pc.max(times).as_py()
        if newest_ms is None or newest_ms <= now_ms + MOST_AHEAD_MS:
            return now_ms + MOST_AHEAD_MS
        return _reached_ms(times, now_ms) + MOST_AHEAD_MS


def _reached_ms(times: pa.ChunkedArray, now_ms: int) -> int:
    """The time that messages have reached, if it is after `now_ms`. Few messages with wrong times don't change it."""
    reached_ms = now_ms
    if len(times) >= LEAST_MESSAGES:
        oldest_ms: int = pc.quantile(times, 1 - PART_AHEAD, interpolation="lower")[0].as_py()
        if oldest_ms > now_ms + MOST_AHEAD_MS:
            reached_ms = oldest_ms
    # The time goes on in a log without jumps, also when the messages of hours are read at once.
    for median_ms in _medians(times):
        if reached_ms < median_ms <= reached_ms + MOST_AHEAD_MS:
            reached_ms = median_ms
    return reached_ms


def _medians(times: pa.ChunkedArray) -> list[int]:
    """The median of each group of consecutive messages. The last group is whole."""
    length = len(times) - len(times) % GROUP
    grouped = times.slice(len(times) - length)
    groups = pc.divide(pa.array(range(length), pa.int64()), GROUP)
    in_groups = pc.sort_indices(
        pa.table({"group": groups, "at_ms": grouped}), sort_keys=[("group", "ascending"), ("at_ms", "ascending")]
    )
    found: list[int] = grouped.take(in_groups.take(pa.array(range(GROUP // 2, length, GROUP), pa.int64()))).to_pylist()
    return found
