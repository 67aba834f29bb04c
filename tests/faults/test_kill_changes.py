"""`kill -9` while deletions are counted: none is lost, and none is counted twice."""

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.faults import change_counter
from tests.faults.supervisor import ROOT
from tests.processes import wait_until
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import FakeIngest, post

KILLS = 20


class Log:
    """A log that grows, and whose posts are deleted at random."""

    def __init__(self, ingest: FakeIngest, seed: int) -> None:
        self.ingest = ingest
        ingest.changes = []
        self._rng = random.Random(seed)
        self._left: list[int] = []
        self.deleted: Counter[str | None] = Counter()

    def grow(self, posts: int) -> None:
        for _ in range(posts):
            offset = self.ingest.end
            tags = self._rng.sample(["a", "b", "c", "d"], self._rng.randrange(4))
            self.ingest.append(post(tags, T + offset * 40, author=offset % 50))
            self._left.append(offset)
            if self._rng.random() < 0.4:
                self._delete(self._left.pop(self._rng.randrange(len(self._left))))

    def _delete(self, offset: int) -> None:
        self.ingest.delete(offset)
        assert self.ingest.changes is not None
        self.deleted.update([None, *(tag["key"] for tag in self.ingest.changes[-1]["tags"])])


class Counting:
    """The process, which is killed and started again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.file = folder / "counts.duckdb"
        self._command = [sys.executable, change_counter.__file__, str(port), str(self.file)]
        self._environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'spark-job'}"}

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, env=self._environment, stderr=subprocess.PIPE)

    def kill(self) -> None:
        assert self.process.poll() is None, self.process.communicate()[1].decode()
        self.process.kill()
        self.process.communicate()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.file)) as db:
            return db.execute(sql).fetchall()


def until_requested(ingest: FakeIngest, requests: int, begin: Callable[[], None]) -> None:
    """Begin, and wait until ingest got so many requests."""
    begin()
    wait_until(lambda: len(ingest.requests) >= requests, f"{requests} requests", 60)


@pytest.fixture
def ingest() -> Iterator[FakeIngest]:
    with FakeIngest() as fake:
        yield fake


# It starts Python 21 times.
@pytest.mark.timeout(900)
def test_deletions_are_neither_lost_nor_doubled_through_twenty_kills(
    ingest: FakeIngest, tmp_path: Path, seed: int
) -> None:
    log, counting = Log(ingest, seed), Counting(tmp_path, ingest.port)
    rng = random.Random(seed)
    for _ in range(KILLS):
        log.grow(30)
        until_requested(ingest, len(ingest.requests) + rng.randrange(3, 20), counting.start)
        until_requested(ingest, len(ingest.requests) + rng.randrange(20), lambda: log.grow(30))
        counting.kill()
    counting.start()
    end, changes = ingest.end, ingest.end_of_changes
    # All is counted when it has requested the end again and again, and no change since.
    asked = f"READ {end} {end}"
    wait_until(lambda: ingest.requests.count(asked) >= 5, "all is counted", 60)
    counting.kill()
    assert counting.rows("SELECT next_offset, next_change FROM progress") == [(end, changes)]
    found = dict(counting.rows("SELECT key, sum(posts)::BIGINT FROM taken_back GROUP BY key"))
    assert found == dict(log.deleted)
    posts = counting.rows("SELECT sum(posts)::BIGINT FROM open_counts WHERE key IS NULL")
    closed = counting.rows("SELECT coalesce(sum(posts), 0)::BIGINT FROM pane_counts WHERE key IS NULL")
    assert posts[0][0] + closed[0][0] == end
