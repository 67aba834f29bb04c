"""A topic of a real broker, with messages in the form of docs/protocol.md."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from confluent_kafka import Producer
from confluent_kafka.cimpl import NewPartitions
from tests.kafka.broker import Broker
from tests.processes import wait_until
from tests.spark_job.support.job_process import JobProcess

from spark_job.executor.kafka_source import TopicStream, TopicTask
from spark_job.executor.messages import Counted, unpack
from spark_job.executor.topic_ends import Ends, TopicEnds

WAIT_SECONDS = 60.0
PATIENT_JOB = """
import runpy
from spark_job import main_loop
from spark_job.samples import topic_pieces
main_loop.START_CHECK_SECONDS = 45.0
topic_pieces.PATIENCE_SECONDS = 30.0
runpy.run_module("spark_job", run_name="__main__", alter_sys=True)
"""


class PatientJob(JobProcess):
    """A job that waits longer for the broker before it starts Spark, and for sample posts.

    Beside other tests, the first answers of a broker that has just started take longer than three seconds.
    """

    def __init__(self, python: Path, folder: Path, **settings: object) -> None:
        super().__init__(python, folder, **settings)
        self._command = [str(python), "-c", PATIENT_JOB]


class Topic:
    """A topic with a name of its own, and a producer with transactions."""

    def __init__(self, broker: Broker, partitions: int = 2, **config: object) -> None:
        self.broker = broker
        self.name = broker.new_topic(partitions, **config)
        self.client = {"bootstrap.servers": broker.address, "client.id": "tests"}
        self._producer = Producer(
            {"bootstrap.servers": broker.address, "transactional.id": f"tests-{self.name}", "linger.ms": 0}
            | {"log_level": 0}
        )
        self._producer.init_transactions(WAIT_SECONDS)
        self._made = 0
        self._end: dict[int, int] = {}
        self._asks = TopicEnds(self.client, self.name, WAIT_SECONDS)

    @property
    def url(self) -> str:
        return f"kafka://{self.broker.address}/{self.name}"

    def write(self, partition: int, *posts: dict[str, Any] | bytes | None, abort: bool = False) -> None:
        """One transaction: posts, messages of any bytes, and deletions of the post before (None)."""
        self._producer.begin_transaction()
        for post in posts:
            self._produce(partition, post)
        if abort:
            self._producer.flush(WAIT_SECONDS)
            self._producer.abort_transaction(WAIT_SECONDS)
            self._note_end(partition, len(posts))
        else:
            self._commit(partition, len(posts))

    def _commit(self, partition: int, messages: int) -> None:
        self._producer.commit_transaction(WAIT_SECONDS)
        self._note_end(partition, messages)

    def _note_end(self, partition: int, messages: int) -> None:
        # The end of the transaction can be read a moment later than its producer learns of it.
        self._end[partition] = self._end.get(partition, 0) + messages + bool(messages)
        wait_until(lambda: self.ends().ends.get(partition) == self._end[partition], "it can be read", WAIT_SECONDS)

    def write_with_headers(
        self, partition: int, value: bytes | None, headers: list[tuple[str, str | bytes | None]]
    ) -> None:
        """One transaction with one message."""
        self._producer.begin_transaction()
        self._made += 1
        self._producer.produce(self.name, value, f"demo:{self._made}", partition, headers=headers)
        self._commit(partition, 1)

    def delete(self, partition: int, post_id: str, said: bytes | None = None) -> None:
        """A transaction with a tombstone, and what it says in its header."""
        self._producer.begin_transaction()
        headers = [] if said is None else [("deleted", said)]
        self._producer.produce(self.name, None, post_id, partition, headers=headers)  # type: ignore[arg-type]
        self._commit(partition, 1)

    def _produce(self, partition: int, post: dict[str, Any] | bytes | None) -> None:
        self._made += post is not None
        key, at_ms, value = f"demo:{self._made}", 0, post
        if isinstance(post, dict):
            value, at_ms = json.dumps({"id": key} | post).encode(), post["at_ms"]
        self._producer.produce(self.name, value, key, partition, timestamp=at_ms)  # type: ignore[arg-type]

    def add_partition(self, count: int) -> None:
        admin = self.broker.admin()
        admin.create_partitions([NewPartitions(self.name, count)])[self.name].result(WAIT_SECONDS)
        wait_until(lambda: self._partitions() == count, "the partition is known", WAIT_SECONDS)

    def _partitions(self) -> int:
        return len(self._producer.list_topics(self.name, WAIT_SECONDS).topics[self.name].partitions)

    def remove_before(self, partition: int, offset: int) -> None:
        """As retention does."""
        from confluent_kafka import TopicPartition

        place = TopicPartition(self.name, partition, offset)
        admin = self.broker.admin()
        admin.delete_records([place])[place].result(WAIT_SECONDS)

    def ends(self) -> Ends:
        return self._asks.ask(begins=True)

    def stream(self, start: dict[int, int] | None = None, most: int = 1000, tasks: int = 1) -> TopicStream:
        options = {"client": json.dumps(self.client), "topic": self.name, "log": self.ends().log, "max_posts": most}
        options |= {"start": json.dumps(start or {}), "partitions": tasks, "pane_ms": 10_000, "author_key": "00" * 16}
        return TopicStream({name: str(option) for name, option in options.items()})

    def count(self, start: dict[int, int] | None = None, most: int = 1000) -> Counted:
        """What a micro-batch from there counts."""
        stream = self.stream(start, most)
        tasks = stream.partitions(stream.initialOffset(), stream.latestOffset())
        return counted_of(stream, tasks)


def counted_of(stream: TopicStream, tasks: list[TopicTask]) -> Counted:
    return unpack(pa.Table.from_batches([message for task in tasks for message in stream.read(task)]))


def posts_of(counted: Counted) -> dict[str, int]:
    """Posts by tag; of all posts under the empty name."""
    found: dict[str, int] = {}
    for row in counted.counts.to_pylist():
        found[row["key"] or ""] = found.get(row["key"] or "", 0) + row["posts"]
    return found
