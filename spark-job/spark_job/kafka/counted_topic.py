"""What is counted of a topic, for those who read its posts beside counting."""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from spark_job.executor.kafka_slices import CountedSlice
from spark_job.executor.topic_ends import Ends
from spark_job.kafka.topic_watch import Asked
from spark_job.kafka.watermark import waiting

#: The deleted posts that are remembered.
MOST_DELETED = 100_000
#: The answers of the broker that are remembered until all that it had then is counted.
MOST_ANSWERS = 64


class Counted(NamedTuple):
    """What is counted of a topic.

    Args:
        log: Its identity.
        positions: The next offset to count of each partition.
        begins: The first offset that each partition still has.
        asked_ms: When the broker said last where the partitions end, by a clock that is never set back.
        complete_ms: All that the broker had then is counted, so each deletion until then is known. None: there is a
            backlog since counting began.

    """

    log: str
    positions: Mapping[int, int]
    begins: Mapping[int, int]
    asked_ms: int
    complete_ms: int | None


class CountedTopic:
    """Is told by the one who counts. Any thread may read `latest`, which is replaced and never changed."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._monotonic_ms = monotonic_ms
        self._answers: deque[tuple[int, Mapping[int, int]]] = deque(maxlen=MOST_ANSWERS)
        self._deleted: OrderedDict[str, None] = OrderedDict()
        self._tell_deleted: Callable[[Sequence[str]], None] = lambda _: None
        self._tell_missed: Callable[[], None] = lambda: None
        #: None before counting begins.
        self.latest: Counted | None = None

    def on_deleted(self, deleted: Callable[[Sequence[str]], None], missed: Callable[[], None]) -> None:
        """Call `deleted` with the ids of deleted posts, or `missed` if there were too many to name them all."""
        self._tell_deleted, self._tell_missed = deleted, missed

    def begin(self, ends: Ends, positions: Mapping[int, int]) -> None:
        """Note that counting begins at these positions of a topic."""
        self._answers.clear()
        self._deleted.clear()
        self.latest = Counted(ends.log, positions, ends.begins, self._monotonic_ms(), None)

    def note_asked(self, asked: Asked) -> None:
        """Note a new answer of the broker."""
        counted, ends = self.latest, asked.ends
        if counted is None or ends is None or ends.log != counted.log:
            return
        now_ms = self._monotonic_ms()
        self._answers.append((now_ms, ends.ends))
        self._complete(counted._replace(begins=ends.begins, asked_ms=now_ms))

    def note_slices(self, slices: Sequence[CountedSlice]) -> None:
        """Note slices before they are stored: whoever is told may hear of a deletion twice."""
        if any(each.deleted > len(each.deleted_ids) for each in slices):
            self._tell_missed()
        ids = [each for one in slices for each in one.deleted_ids]
        if not ids:
            return
        self._deleted.update(dict.fromkeys(ids))
        while len(self._deleted) > MOST_DELETED:
            self._deleted.popitem(last=False)
        self._tell_deleted(ids)

    def is_deleted(self, post_id: str) -> bool:
        """Whether a post is one of the last that were deleted since counting began."""
        return post_id in self._deleted

    def note_positions(self, positions: Mapping[int, int]) -> None:
        """Note the position after slices that were stored."""
        if self.latest is not None:
            self._complete(self.latest._replace(positions=positions))

    def _complete(self, counted: Counted) -> None:
        while self._answers and not waiting(counted.positions, self._answers[0][1]):
            counted = counted._replace(complete_ms=self._answers.popleft()[0])
        self.latest = counted
