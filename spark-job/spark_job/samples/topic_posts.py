"""Sample posts of a topic of Kafka, whose messages are read by partition and offset."""

from collections.abc import Callable, Iterable, Sequence

from spark_job.executor.kafka_slices import PARTITIONS_AT_MOST, KafkaSlice
from spark_job.kafka.counted_topic import Counted, CountedTopic
from spark_job.samples.post_log import Look, Piece
from spark_job.samples.topic_pieces import TopicPieces, fair_shares
from spark_job.snapshot_schema import Snapshot

#: If the broker can't be reached for longer, one of the samples may have been deleted meanwhile.
MOST_DEAF_MS = 5_000
#: The same if counting is so far behind the broker: deletions are known when they are counted.
MOST_BEHIND_MS = 7_000
#: With a longer interval between micro-batches, deletions would be known too late.
MOST_TRIGGER_SECONDS = 4.0


class TopicPosts:
    """The posts of a topic; a `PostLog`. What was read has a first and a last offset in each partition."""

    def __init__(self, pieces: TopicPieces, topic: CountedTopic, monotonic_ms: Callable[[], int]) -> None:
        """Args:
        pieces: Reads messages.
        topic: What is counted: posts are read up to there.
        monotonic_ms: The clock of `topic`.
        """
        self._pieces = pieces
        self._topic = topic
        self._monotonic_ms = monotonic_ms
        self._counted = Counted("", {}, {}, 0, None)
        self._begin: dict[int, int] = {}
        self._end: dict[int, int] = {}

    def look(self, _: Snapshot) -> Look | None:
        """What is known of the topic."""
        counted = self._topic.latest
        if counted is None:
            return None
        self._counted = counted
        now_ms, complete_ms = self._monotonic_ms(), counted.complete_ms
        is_behind = complete_ms is None or now_ms - complete_ms > MOST_BEHIND_MS
        is_deaf = is_behind or now_ms - counted.asked_ms > MOST_DEAF_MS
        return Look(counted.log, can_be_read=not is_deaf, is_deaf=is_deaf)

    def restart(self) -> None:
        """Begin at the position of the last look."""
        self._begin = dict(self._counted.positions)
        self._end = dict(self._counted.positions)

    def newer(self, most: int) -> Piece | None:
        """The newest messages of all partitions, of each about as many."""
        positions = self._counted.positions
        # A partition that was added begins at 0.
        waiting = {each: end - self._end.get(each, 0) for each, end in positions.items()}
        shares = fair_shares(waiting, most)
        if not shares:
            return None
        begins = {each: end - shares.get(each, 0) for each, end in positions.items()}
        piece = self._read([KafkaSlice(each, begins[each], positions[each]) for each in shares])
        is_behind_gap = any(shares[each] < waiting[each] for each in shares)
        self._begin = begins if is_behind_gap else {each: self._begin.get(each, 0) for each in positions}
        self._end = dict(positions)
        return piece._replace(is_behind_gap=is_behind_gap)

    def older(self, most: int) -> Piece | None:
        """Messages before all that were read, of each partition about as many."""
        begins, ends = self._counted.begins, self._begin
        shares = fair_shares({each: end - begins.get(each, 0) for each, end in ends.items()}, most)
        if not shares:
            return None
        piece = self._read([KafkaSlice(each, ends[each] - share, ends[each]) for each, share in shares.items()])
        self._begin = {each: end - shares.get(each, 0) for each, end in ends.items()}
        return piece

    def single(self, numbers: Iterable[int]) -> Piece:
        """The messages with these numbers."""
        places = [divmod(number, PARTITIONS_AT_MOST) for number in numbers]
        return self._read([KafkaSlice(partition, offset, offset + 1) for offset, partition in places])

    def is_stored(self, number: int) -> bool:
        """Whether the topic still has the message: otherwise nobody would learn that its post was deleted."""
        offset, partition = divmod(number, PARTITIONS_AT_MOST)
        return offset >= self._counted.begins.get(partition, 0)

    def _read(self, slices: Sequence[KafkaSlice]) -> Piece:
        posts, deleted_ids = self._pieces.read(slices)
        return Piece(self._counted.log, sum(each.end - each.start for each in slices), posts, deleted_ids)
