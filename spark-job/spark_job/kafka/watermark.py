"""Up to when all posts of a topic are counted."""

from collections import deque
from collections.abc import Mapping, Sequence

from spark_job.executor.kafka_slices import CountedSlice

#: The promises that are remembered. There is one a tick, and each is fulfilled by the next micro-batch or by none.
MOST_PROMISES = 64


class Watermark:
    """The watermark of a topic. It never falls. Not thread-safe: its owner has a lock.

    While there is a backlog, it is the greatest time that was counted of a partition, of all partitions that have more
    messages the least. So an empty or idle partition does not hold it. When all is counted, it is what was promised.
    """

    def __init__(self) -> None:
        self._promises: deque[tuple[int, Mapping[int, int]]] = deque(maxlen=MOST_PROMISES)
        self._newest_ms: dict[int, int] = {}
        self._ends: Mapping[int, int] = {}
        self._reached_ms = 0

    def forget(self) -> None:
        """Another topic is counted, or the same from its beginning."""
        self._promises.clear()
        self._newest_ms.clear()
        self._ends, self._reached_ms = {}, 0

    def promise(self, at_ms: int, ends: Mapping[int, int]) -> None:
        """Note that no post at these offsets or later has a time before `at_ms`."""
        self._ends = ends
        self._promises.append((at_ms, ends))

    def note(self, slices: Sequence[CountedSlice]) -> None:
        """Note slices that are counted."""
        for each in slices:
            self._newest_ms[each.partition] = max(self._newest_ms.get(each.partition, 0), each.newest_at_ms)

    def reached_ms(self, positions: Mapping[int, int]) -> int:
        """The watermark at this position. 0: nothing is known yet."""
        while self._promises and not waiting(positions, self._promises[0][1]):
            self._reached_ms = max(self._reached_ms, self._promises.popleft()[0])
        newest_ms = [self._newest_ms.get(partition, 0) for partition in waiting(positions, self._ends)]
        self._reached_ms = max(self._reached_ms, min(newest_ms, default=0))
        return self._reached_ms


def waiting(positions: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, int]:
    """How many offsets are not counted, of the partitions that have some. A new partition begins at 0."""
    found = {partition: end - positions.get(partition, 0) for partition, end in ends.items()}
    return {partition: offsets for partition, offsets in found.items() if offsets > 0}
