"""What a task says about itself arrives with its counts, and counting does not need it."""

import os
import pickle
import socket

import pyarrow as pa
import pytest
from tests.spark_job.support.fake_ingest import FakeIngest, varied_posts
from tests.spark_job.support.tally import table

from spark_job.executor.data_source import CountsReader, OffsetRange
from spark_job.executor.messages import Counted, pack, unpack
from spark_job.executor.task_facts import KEY, TaskFacts, TaskNotes, facts_of
from spark_job.state.tag_uses import NO_USES

FACTS = TaskFacts("host-a", 7, 8, 100, 130, 30, 1_000, 1_020, (950, 960))


def messages(*facts: TaskFacts | None) -> pa.Table:
    return pa.Table.from_batches([pack(Counted(table(varied_posts(30), 0), NO_USES), each) for each in facts])


def test_the_facts_of_all_tasks_arrive_and_those_that_say_nothing_are_left_out() -> None:
    other = FACTS._replace(process=9, planned_ms=None)
    sent = messages(FACTS, None, other)
    assert facts_of(sent) == [FACTS, other]
    assert unpack(sent).counts.to_pylist() == table(varied_posts(30), 0).to_pylist() * 3


@pytest.mark.parametrize(
    "said", [b"", b"no JSON", b"[]", b'["a"]', b'["a", 1, 2, 3, 4, 5, 6, -7, null]', b"[1, 1, 2, 3, 4, 5, 6, 7, null]"]
)
def test_what_another_version_says_is_ignored_if_it_is_not_understood(said: bytes) -> None:
    counts = table(varied_posts(30), 0)
    sent = pa.Table.from_batches([pack(Counted(counts.replace_schema_metadata({KEY: said}), NO_USES))])
    assert facts_of(sent) == []
    assert unpack(sent).counts.to_pylist() == counts.to_pylist()


def test_a_task_notes_its_process_and_its_times() -> None:
    clock = iter([1_000, 1_020])
    notes = TaskNotes((5, 9), None, lambda: next(clock))
    notes.posts += 4
    process = (socket.gethostname(), os.getppid(), os.getpid())
    assert notes.facts() == TaskFacts(*process, 5, 9, 4, 1_000, 1_020, None)


@pytest.mark.parametrize("run_posts", [0, 16], ids=["lines", "columns"])
def test_a_task_of_the_data_source_says_which_posts_it_counted_and_when_they_were_planned(run_posts: int) -> None:
    with FakeIngest(run_posts=run_posts) as ingest:
        ingest.append(*varied_posts(40))
        options = {"log": "log-a", "start": 0, "max_posts": 100, "partitions": 1, "pane_ms": 10_000}
        reader = CountsReader(
            {name: str(value) for name, value in (options | {"host": "127.0.0.1", "port": ingest.port}).items()}
        )
        try:
            (partition,) = reader.partitions(reader.initialOffset(), reader.latestOffset())
            (facts,) = facts_of(pa.Table.from_batches([*reader.read(partition)]))
        finally:
            reader.stop()
    assert (facts.first_offset, facts.end_offset, facts.posts, facts.process) == (0, 40, 40, os.getpid())
    assert facts.planned_ms == partition.planned_ms
    assert facts.planned_ms is not None
    assert facts.planned_ms[0] <= facts.planned_ms[1] <= facts.began_ms <= facts.ended_ms


def test_a_range_of_an_older_driver_has_no_times() -> None:
    older = OffsetRange(0, 5)
    del older.__dict__["planned_ms"]
    assert pickle.loads(pickle.dumps(older)).planned_ms is None
