"""The job stops while an hour is written: it does not wait for it, and writes it after its next start."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.processes import wait_until
from tests.spark_job.archive.test_hours import FIRST, Desk, T
from tests.spark_job.support.hours import HOUR_MS, files, posts_over, recounted, stored

from spark_job.archive import hour_rows, writer

PATIENCE_SECONDS = 10.0


class Halt:
    """Where the thread waits until the test lets it go on."""

    def __init__(self) -> None:
        self.reached, self.passed = threading.Event(), threading.Event()

    def wait(self) -> None:
        if not self.passed.is_set():
            self.reached.set()
            assert self.passed.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize("place", ["before its counts are read", "between its rows"])
def test_an_hour_that_is_being_written_is_left_at_a_stop_and_written_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    halt, of_job = Halt(), hour_rows.hour_rows

    @contextlib.contextmanager
    def halting_rows(*given: Any) -> Iterator[pa.RecordBatchReader]:
        if place == "before its counts are read":
            halt.wait()
        with of_job(*given) as rows:

            def batches() -> Iterator[pa.RecordBatch]:
                yield rows.read_next_batch()
                halt.wait()
                yield from rows

            yield pa.RecordBatchReader.from_batches(rows.schema, batches())

    monkeypatch.setattr(writer, "hour_rows", halting_rows)
    monkeypatch.setattr(hour_rows, "ROWS_AT_ONCE", 50)
    desk = Desk(tmp_path)
    posts = [one for one in posts_over(3, T, 1, 3000) if one["at_ms"] < T + HOUR_MS]
    desk.count(posts)
    desk.pass_hour(T)
    hours = desk.hours
    desk.writer.start()
    assert halt.reached.wait(PATIENCE_SECONDS)
    desk.writer.stop()
    halt.passed.set()
    # It waits for the query that reads the hour.
    desk.restart()
    assert files(desk.folder) == []
    wait_until(lambda: "archive" not in {thread.name for thread in threading.enumerate()}, "an end of the thread", 10)
    # Nobody is told of an error.
    assert hours.notice is None
    assert desk.write() == [FIRST]
    assert stored(desk.folder / FIRST) == recounted(posts)[T]
