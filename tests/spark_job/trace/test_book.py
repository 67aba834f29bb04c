"""Micro-batches are noted only while somebody asks, each with its own times."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table
from tests.spark_job.trace.test_numbers import Job

from spark_job.executor.messages import Counted, pack
from spark_job.executor.task_facts import TaskFacts
from spark_job.state.tag_uses import NO_USES
from spark_job.trace.book import MOST_WAITING, WANTED_MS


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    job = Job(tmp_path)
    yield job
    job.counting.close()


def said(*facts: TaskFacts) -> pa.Table:
    return pa.Table.from_batches([pack(Counted(table([], 0), NO_USES), each) for each in facts])


def test_nothing_is_noted_before_somebody_asks_and_ten_seconds_after_it(job: Job) -> None:
    job.count(post(["a"], T))
    job.book.note_messages(1, said(TaskFacts("a", 1, 2, 0, 1, 1, T, T, None)), T, T)
    assert (job.book._notes, job.book._collected) == ([], {})
    assert job.book.ask() is None
    job.steady_ms += WANTED_MS - 1
    job.count(post(["a"], T + 1))
    assert len(job.book._notes) == 1
    job.steady_ms += 1
    job.count(post(["a"], T + 2))
    assert job.book._notes[0].trace.first_offset == 1
    # Whoever asks again gets nothing old.
    assert job.book.ask() is None


def test_a_micro_batch_has_what_its_own_tasks_say(job: Job) -> None:
    job.book.ask()
    first = TaskFacts("host-b", 5, 51, 0, 2, 2, T + 3, T + 8, (T - 9, T - 5))
    second = TaskFacts("host-a", 9, 91, 2, 3, 1, T + 4, T + 6, (T - 9, T - 5))
    third = TaskFacts("host-b", 5, 52, 3, 5, 2, T + 4, T + 7, None)
    job.book.note_messages(0, said(third, first, second), T + 2, T + 20)
    job.book.note_messages(1, said(third._replace(process=99)), T + 30, T + 40)
    job.now_ms = T + 50
    job.count(*[post(["a"], T + n) for n in range(5)])
    note = job.book.ask()
    assert note is not None
    assert [(task.executor, task.host, task.process, task.first_offset, task.posts) for task in note.trace.tasks] == [
        (2, "host-b", 51, 0, 2),
        (1, "host-a", 91, 2, 1),
        (2, "host-b", 52, 3, 2),
    ]
    assert [(stage.stage, stage.place, stage.began_ms - T, stage.ended_ms - T) for stage in note.trace.stages] == [
        ("accept", "ingest", 0, 4),
        ("plan", "driver", -9, -5),
        ("count", "executors", 50, 50),
        ("store", "driver", 50, 50),
        ("rank", "driver", 50, 50),
    ]


def test_tasks_that_say_nothing_are_no_error(job: Job) -> None:
    trace = job.trace(post(["a"], T))
    assert trace["tasks"] == []
    assert [stage["stage"] for stage in trace["stages"]] == ["accept", "store", "rank"]


def test_the_newest_micro_batch_that_was_pushed_is_given(job: Job) -> None:
    job.book.ask()
    job.count(post(["a"], T))
    first = job.offered[-1]
    note = job.book.ask()
    assert note is not None
    assert (note.trace.seq, note.pushed) == (first.seq, None)
    with job.book.watch_push(first):
        job.now_ms += 7
    job.count(post(["a"], T + 9))
    note = job.book.ask()
    assert note is not None
    assert (note.trace.seq, note.pushed) == (first.seq, (T, T + 7))
    # The next snapshot replaced the one of the second micro-batch before it was pushed.
    job.tick(T + 5_000)
    with job.book.watch_push(job.offered[-1]):
        job.now_ms += 3
    note = job.book.ask()
    assert note is not None
    assert (note.trace.first_offset, note.pushed) == (1, (T + 5_000, T + 5_003))


def test_a_push_that_fails_is_not_noted(job: Job) -> None:
    job.trace(post(["a"], T))
    with pytest.raises(OSError, match="refused"), job.book.watch_push(job.offered[-1]):
        raise OSError("refused")
    note = job.book.ask()
    assert note is not None
    assert note.pushed is None


def test_what_tasks_say_is_held_for_few_micro_batches(job: Job) -> None:
    job.book.ask()
    for batch_id in range(10):
        job.book.note_messages(batch_id, said(TaskFacts("a", 1, 2, 0, 1, 1, T, T, None)), T, T)
    assert [*job.book._collected] == [*range(10 - MOST_WAITING, 10)]


def test_an_error_of_the_trace_does_not_stop_counting(
    job: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("spark_job.trace.book.numbers", fail)
    job.book.ask()
    for n in range(3):
        job.count(post(["a"], T + n))
    assert job.book.ask() is None
    assert job.offered[-1].health.offset == 3
    assert [record.message for record in caplog.records] == ["a micro-batch can't be traced"]
