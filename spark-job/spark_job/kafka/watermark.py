"""Up to when all posts of a topic are counted."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from spark_job.executor.kafka_slices import CountedSlice

#: The promises that are remembered. There is one a tick, and each is fulfilled by the next micro-batch or by none.
MOST_PROMISES = 64


@dataclass
class Watermark:
    """The watermark of a topic. It never falls. Not thread-safe: its owner has a lock.

    While there is a backlog, it is the greatest time that was counted of a partition, of all partitions that have more
    messages the least, and not behind the newest promise: a producer's clock may be ahead. So an empty or idle
    partition does not hold it. When all is counted, it is what was promised.

    Attributes:
        promised_ms: The time of the newest promise. 0: there is none.
        fulfilled_ms: That of the newest promise whose offsets are counted.

    """

    promised_ms: int = 0
    fulfilled_ms: int = 0
    _promises: deque[tuple[int, Mapping[int, int]]] = field(default_factory=lambda: deque(maxlen=MOST_PROMISES))
    _newest_ms: dict[int, int] = field(default_factory=dict)
    _ends: Mapping[int, int] = field(default_factory=dict)
    _reached_ms: int = 0

    def copy(self) -> "Watermark":
        """Another one with the same knowledge."""
        return replace(self, _promises=self._promises.copy(), _newest_ms=dict(self._newest_ms))

    def promise(self, at_ms: int, ends: Mapping[int, int]) -> None:
        """Note that no post at these offsets or later has a time before `at_ms`."""
        self._ends, self.promised_ms = ends, at_ms
        self._promises.append((at_ms, ends))

    def note(self, slices: Sequence[CountedSlice]) -> None:
        """Note slices that are counted."""
        for each in slices:
            self._newest_ms[each.partition] = max(self._newest_ms.get(each.partition, 0), each.newest_at_ms)

    def reached_ms(self, positions: Mapping[int, int]) -> int:
        """The watermark at this position. 0: nothing is known yet."""
        while self._promises and not waiting(positions, self._promises[0][1]):
            self.fulfilled_ms = self._promises.popleft()[0]
            self._reached_ms = max(self._reached_ms, self.fulfilled_ms)
        newest_ms = [self._newest_ms.get(partition, 0) for partition in waiting(positions, self._ends)]
        self._reached_ms = max(self._reached_ms, min(self.promised_ms, *newest_ms) if newest_ms else 0)
        return self._reached_ms


def waiting(positions: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, int]:
    """How many offsets are not counted, of the partitions that have some. A new partition begins at 0."""
    found = {partition: end - positions.get(partition, 0) for partition, end in ends.items()}
    return {partition: offsets for partition, offsets in found.items() if offsets > 0}
