"""Slices of a topic: how a micro-batch is planned, and what a task says of the slices that it has read.

It runs on executors too, so it imports pyarrow and the standard library only.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from spark_job.executor.kafka_deletions import TakenBackPost

#: The name of the counted slices in the metadata of a message.
KEY = b"spark_job.kafka"
#: A number that is different for each message of a topic: its offset times this, plus its partition.
PARTITIONS_AT_MOST = 1 << 12

#: The next offset of each partition.
Positions = Mapping[int, int]


class KafkaSlice(NamedTuple):
    """The messages of a partition from `start` to before `end`."""

    partition: int
    start: int
    end: int


class CountedSlice(NamedTuple):
    """What a task says of a slice that it has read.

    Args:
        partition: The partition.
        start: The first offset.
        end: The offset after the last one.
        posts: The posts that were counted.
        skipped: The messages that are no post.
        lost: The offsets that retention had removed before, at most so many posts.
        deleted: The messages that say that a post was deleted.
        newest_at_ms: The greatest time of a post. 0: there was none.
        deleted_ids: The ids of some of the deleted posts.
        taken_back: What was counted of all those whose messages say it.

    """

    partition: int
    start: int
    end: int
    posts: int = 0
    skipped: int = 0
    lost: int = 0
    deleted: int = 0
    newest_at_ms: int = 0
    deleted_ids: tuple[str, ...] = ()
    taken_back: tuple[TakenBackPost, ...] = ()


def end_of_batch(start: Positions, ends: Positions, most: int) -> dict[int, int]:
    """Where the next micro-batch ends: at most `most` offsets behind `start`, shared fairly by all partitions.

    A partition that `start` does not have begins at 0: it was added to the topic.
    """
    waiting = {partition: max(0, end - start.get(partition, 0)) for partition, end in ends.items()}
    reached = {**start, **{partition: start.get(partition, 0) for partition in ends}}
    room = most
    # The partitions with the fewest messages first: what they leave is shared by the others.
    by_size = sorted(waiting, key=lambda partition: (waiting[partition], partition))
    for place, partition in enumerate(by_size):
        share = min(waiting[partition], room // (len(by_size) - place))
        reached[partition] += share
        room -= share
    return dict(sorted(reached.items()))


def tasks_of(start: Positions, end: Positions, most_tasks: int, least_offsets: int) -> list[list[KafkaSlice]]:
    """Cut a micro-batch into at most `most_tasks` tasks of about equal length, each with slices of some partitions.

    A task has at most one slice of a partition. There are fewer tasks when they would have less than `least_offsets`.
    """
    slices = [KafkaSlice(each, start.get(each, 0), end[each]) for each in sorted(end)]
    slices = [each for each in slices if each.end > each.start]
    length = sum(each.end - each.start for each in slices)
    if not length:
        return []
    count = max(1, min(most_tasks, length // least_offsets))
    tasks: list[list[KafkaSlice]] = [[] for _ in range(count)]
    at = 0
    for partition, start_offset, stop in slices:
        begin = start_offset
        while begin < stop:
            task = min(count - 1, at * count // length)
            # The offsets until the next task begins.
            room = -(-length * (task + 1) // count) - at
            until = min(stop, begin + max(1, room))
            tasks[task].append(KafkaSlice(partition, begin, until))
            at, begin = at + until - begin, until
    return [task for task in tasks if task]


def with_slices(message: pa.Table, slices: Sequence[CountedSlice]) -> pa.Table:
    """The counts of a task, with the slices that it has read."""
    return message.replace_schema_metadata({**(message.schema.metadata or {}), KEY: json.dumps(slices)})


def slices_of(metadata: "Mapping[bytes, bytes] | None") -> list[CountedSlice]:
    """The slices in the metadata of a message. None of them: the log is not on Kafka."""
    if not metadata or KEY not in metadata:
        return []
    slices = [CountedSlice(*fields) for fields in json.loads(metadata[KEY])]
    return [
        each._replace(
            deleted_ids=tuple(each.deleted_ids),
            taken_back=tuple(
                TakenBackPost(at_ms, source, lang, tuple(keys), posts)
                for at_ms, source, lang, keys, posts in each.taken_back
            ),
        )
        for each in slices
    ]
