import threading
from collections.abc import Iterator
from typing import Any, cast

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame
from tests.processes import wait_until
from tests.spark_job.conftest import PANE_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table

from spark_job.executor.messages import Counted, pack
from spark_job.spark.batch_writer import BatchWriter
from spark_job.state.tag_uses import NO_USES

SECONDS = 30
FULL_POSTS = 2


class Messages:
    """What Spark hands over: counts that can be collected; of a full micro-batch, or of fewer posts."""

    def __init__(self, number: int, posts: int = FULL_POSTS) -> None:
        self.collected = False
        self._counts = table([post(["a"], T)] * posts, number * FULL_POSTS, PANE_MS)

    def toArrow(self) -> pa.Table:  # noqa: N802 - PySpark's name
        self.collected = True
        return pa.Table.from_batches([pack(Counted(self._counts, NO_USES))])


class Desk:
    """Where micro-batches are written, for as long as the test wants, and once with the error that it wants."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.written: list[tuple[int, int, int]] = []
        self.may_end = threading.Event()
        self.error: Exception | None = None
        self.handover = BatchWriter(self.write, lambda: T, FULL_POSTS)

    def write(self, counted: Counted, batch_id: int, started_ms: int) -> None:
        self.begun.append(batch_id)
        assert self.may_end.wait(SECONDS)
        error, self.error = self.error, None
        if error is not None:
            raise error
        self.written.append((counted.counts.num_rows, batch_id, started_ms))

    def take(self, messages: Messages, batch_id: int) -> None:
        self.handover.on_batch(cast(DataFrame, messages), batch_id)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.may_end.set()
    desk.handover.close()


def in_a_thread(call: Any, *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=call, args=arguments)
    thread.start()
    return thread


def test_spark_goes_on_while_a_full_micro_batch_is_written(desk: Desk) -> None:
    desk.take(Messages(0), 0)
    wait_until(lambda: desk.begun == [0], "the first to be written", SECONDS)
    assert desk.written == []


def test_spark_waits_for_a_micro_batch_that_is_not_full(desk: Desk) -> None:
    spark = in_a_thread(desk.take, Messages(0, posts=FULL_POSTS - 1), 0)
    wait_until(lambda: desk.begun == [0], "it to be written", SECONDS)
    assert spark.is_alive()
    desk.may_end.set()
    spark.join(SECONDS)
    assert desk.written == [(2, 0, T)]


def test_an_empty_micro_batch_is_not_full(desk: Desk) -> None:
    desk.may_end.set()
    desk.take(Messages(0, posts=0), 0)
    assert desk.written == [(0, 0, T)]


def test_the_next_is_collected_meanwhile_but_handed_over_behind_it(desk: Desk) -> None:
    desk.take(Messages(0), 0)
    following = Messages(1)
    spark = in_a_thread(desk.take, following, 1)
    wait_until(lambda: following.collected, "the second to be collected", SECONDS)
    # The thread of the first may begin later than that.
    wait_until(lambda: bool(desk.begun), "the first to be written", SECONDS)
    assert desk.begun == [0]
    assert spark.is_alive()
    desk.may_end.set()
    spark.join(SECONDS)
    desk.handover.close()
    # Two rows each: the posts themselves, and their tag.
    assert desk.written == [(2, 0, T), (2, 1, T)]


def test_nothing_is_written_behind_a_micro_batch_that_failed(desk: Desk) -> None:
    desk.error = OSError("no space left on device")
    desk.may_end.set()
    desk.take(Messages(0), 0)
    for batch_id in (1, 2):
        with pytest.raises(OSError, match="no space left on device"):
            desk.take(Messages(batch_id), batch_id)
    assert (desk.begun, desk.written) == ([0], [])


def test_a_failure_shows_without_a_next_micro_batch(desk: Desk) -> None:
    desk.error = OSError("no space left on device")
    assert desk.handover.failure is None
    desk.take(Messages(0), 0)
    assert desk.handover.failure is None
    desk.may_end.set()
    assert str(wait_until(lambda: desk.handover.failure, "the failure", SECONDS)) == "no space left on device"


def test_the_end_waits_for_the_micro_batch_that_is_being_written(desk: Desk) -> None:
    desk.take(Messages(0), 0)
    end = in_a_thread(desk.handover.close)
    assert desk.written == []
    assert end.is_alive()
    desk.may_end.set()
    end.join(SECONDS)
    assert desk.written == [(2, 0, T)]
