"""Ingest comes back with a spool that was restored from a copy: the same log, which went on with other posts."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.test_coordinator import Bench

from spark_job.executor.ingest_client import IngestClient
from spark_job.ingest_watch import IngestWatch
from spark_job.job import Job
from spark_job.spark.query import Query

POSTS = [post(["a"], T + number) for number in range(30)]
RESTORED = "ingest's log is an older copy that went on, so counting began again"


class Ticks(threading.Event):
    """The stop of the job. Instead of a wait, it does the next step of the test, and is set when there is none."""

    def __init__(self, *steps: Callable[[], None]) -> None:
        super().__init__()
        self._steps = iter(steps)

    def wait(self, timeout: float | None = None) -> bool:
        step = next(self._steps, self.set)
        step()
        return self.is_set()


class IdleQuery:
    """Stands for Spark's: the test counts itself."""

    running = False

    def start(self, *_: Any) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def pop_failure(self) -> None:
        return None


def nothing() -> None:
    pass


class Scene:
    """A job whose ticks are the steps of a test, and its ingest."""

    def __init__(self, folder: Path, ingest: FakeIngest, client: IngestClient) -> None:
        self.ingest, self.counted = ingest, Bench(folder)
        query = cast("Query", IdleQuery())
        self.job = Job(self.counted.counting, IngestWatch(client, lambda: T), query, 1.0)
        ingest.append(*POSTS)

    def count(self) -> None:
        self.counted.count(*POSTS)

    def restore(self) -> None:
        """Ingest ends, and starts with a copy of 20 posts, which has 35 by now."""
        assert self.ingest.acked == 30
        self.ingest.leave()
        self.ingest.put_back(20)
        self.ingest.append(*[post(["b"], T + 1_000 + number) for number in range(15)])
        self.counted.now_ms += 5_000
        self.ingest.come_back()

    @property
    def reason(self) -> str:
        """Why the epoch began."""
        progress = self.counted.counting.progress()
        assert progress is not None
        return progress.reason


@pytest.fixture
def scene(tmp_path: Path, ingest: FakeIngest) -> Iterator[Scene]:
    with IngestClient("127.0.0.1", ingest.port) as client:
        made = Scene(tmp_path, ingest, client)
        yield made
        made.counted.counting.close()


def test_posts_that_nobody_counted_are_not_acknowledged(scene: Scene) -> None:
    assert scene.job.run(Ticks(scene.count, nothing, scene.restore, *[nothing] * 4))
    assert scene.reason == RESTORED
    assert scene.ingest.acked == 20


def end_connections_instead_of_posts(ingest: FakeIngest) -> None:
    """Answer no READ twice: a client asks again on a new connection."""
    answer, failures = ingest.answer, iter([True, True])

    def failing(words: list[str]) -> bytes:
        if words[0] == "READ" and next(failures, False):
            raise OSError
        return answer(words)

    ingest.answer = failing  # type: ignore[method-assign]


def test_a_comparison_that_failed_is_made_again(scene: Scene, ingest: FakeIngest) -> None:
    def restore() -> None:
        scene.restore()
        end_connections_instead_of_posts(ingest)

    assert scene.job.run(Ticks(scene.count, nothing, restore, *[nothing] * 6))
    assert scene.reason == RESTORED
    assert scene.ingest.acked == 20


def test_counting_does_not_start_before_the_last_counted_post_was_compared(
    tmp_path: Path, scene: Scene, ingest: FakeIngest
) -> None:
    assert scene.job.run(Ticks(scene.count, nothing, scene.restore))
    scene.counted.counting.close()
    with IngestClient("127.0.0.1", ingest.port) as client:
        again = scene.counted = Bench(tmp_path)
        again.now_ms += 5_000
        end_connections_instead_of_posts(ingest)
        job = Job(again.counting, IngestWatch(client, lambda: T), cast("Query", IdleQuery()), 1.0)
        assert job.run(Ticks(*[nothing] * 4))
    assert scene.reason == RESTORED
