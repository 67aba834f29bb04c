"""Deleted posts are counted once, in the transaction that moves the number of the next change."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.snapshots import QUIET, sent
from tests.spark_job.support.tally import counted

from spark_job.changes.change import Change, read_changes
from spark_job.changes.feed import ChangeFeed
from spark_job.executor.ingest_client import IngestClient
from spark_job.executor.kafka_deletions import TakenBackPost
from spark_job.executor.kafka_slices import CountedSlice
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.state.store import State
from spark_job.state.take_back import take_back


class Rig:
    """A log with deletions, and a job that counts both."""

    def __init__(self, folder: Path, ingest: FakeIngest) -> None:
        self.path = folder / "counts.duckdb"
        self.ingest = ingest
        self.ingest.changes = []
        self.told: list[int] = []
        self.posts: list[dict[str, Any]] = []
        self.open()
        if self.state.progress() is None:
            self.state.begin_epoch("log-a", 0, T, "first start")

    def open(self) -> None:
        self.state = State(self.path, PANE_MS, WINDOW_MS)
        self.snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), self.state.next_seq_block())
        self.client = IngestClient("127.0.0.1", self.ingest.port)
        self.feed = ChangeFeed(self.client, lambda found: self.told.extend(one.number for one in found), self.take_back)

    def take_back(self, log: str, changes: Sequence[Change], after: int) -> int:
        return take_back(self.state, log, changes, after)

    def restart(self) -> None:
        self.state.close()
        self.client.close()
        self.open()

    def append(self, *posts: dict[str, Any]) -> None:
        self.posts += posts
        self.ingest.append(*posts)

    def count(self, end: int | None = None) -> None:
        """Count the posts up to `end`, or all."""
        begin = self.progress.next_offset
        self.state.apply(*counted(self.posts[begin:end], begin))

    @property
    def progress(self) -> Any:
        return self.state.progress()

    def poll(self) -> None:
        with IngestClient("127.0.0.1", self.ingest.port) as client:
            self.feed.poll(client.status(), "log-a", self.progress.next_change)

    def snapshot(self, to_ms: int) -> dict[str, Any]:
        self.state.close_panes(to_ms)
        return sent(self.snapshots.make(self.progress, to_ms, to_ms, QUIET))


@pytest.fixture
def job(tmp_path: Path, ingest: FakeIngest) -> Iterator[Rig]:
    job = Rig(tmp_path, ingest)
    yield job
    job.client.close()
    job.state.close()


def shown(snapshot: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Posts and deleted posts of each leading tag."""
    return {tag["key"]: (tag["posts"], tag["taken_back"]) for tag in snapshot["window"]["top"]}


def test_deleted_posts_are_counted_per_tag_and_never_subtracted(job: Rig) -> None:
    job.append(post(["a", "b"], T), post(["a"], T + 1, lang="es"), post(["b"], T + 2), post([], T + 3))
    job.count()
    for offset in (0, 1, 3):
        job.ingest.delete(offset)
    job.poll()
    snapshot = job.snapshot(T + 4)
    assert shown(snapshot) == {"a": (2, 2), "b": (2, 1)}
    assert (snapshot["window"]["posts"], snapshot["window"]["taken_back"]) == (4, 3)
    spanish = snapshot["facets"]["lang"]["es"]
    assert (spanish["taken_back"], spanish["top"][0]["taken_back"]) == (1, 1)
    assert [tag["taken_back"] for tag in snapshot["window"]["by_authors"]] == [2, 1]


def test_an_edit_takes_nothing_back(job: Rig) -> None:
    job.append(post(["a"], T))
    job.count()
    job.ingest.delete(0, "edited", "other")
    job.poll()
    assert shown(job.snapshot(T + 1)) == {"a": (1, 0)}
    assert job.progress.next_change == 1


def test_a_change_waits_until_its_post_is_counted_and_so_do_those_after_it(job: Rig) -> None:
    job.append(post(["a"], T), post(["b"], T + 1), post(["c"], T + 2))
    job.count(1)
    for offset in (0, 2, 1):
        job.ingest.delete(offset)
    job.poll()
    assert job.progress.next_change == 1
    # Others, which hold no counts, learn of them at once.
    assert job.told == [0, 1, 2]
    job.count()
    job.poll()
    job.poll()
    assert job.progress.next_change == 3
    assert shown(job.snapshot(T + 3)) == {"a": (1, 1), "b": (1, 1), "c": (1, 1)}


def test_it_is_written_with_the_number_or_not_at_all(job: Rig) -> None:
    job.append(post(["a"], T), post(["a"], T + 1))
    job.count()
    job.ingest.delete(0)
    with patch("spark_job.state.taken_back.MOVE", "UPDATE progress SET next_change = ? / 'x'"):
        job.poll()
    assert job.progress.next_change == 0
    assert shown(job.snapshot(T + 2)) == {"a": (2, 0)}
    job.state.reopen()
    job.poll()
    job.restart()
    job.ingest.delete(1)
    job.poll()
    assert shown(job.snapshot(T + 2)) == {"a": (2, 2)}


def test_restarts_neither_lose_nor_double_a_deletion(job: Rig) -> None:
    deleted: Counter[str] = Counter()
    for number in range(40):
        job.append(post([f"tag{number % 3}"], T + number * 500), post(["other"], T + number * 500))
        job.count()
        if number % 2:
            job.ingest.delete(2 * number)
            deleted[f"tag{number % 3}"] += 1
        if number % 3 == 0:
            job.poll()
        if number % 5 == 0:
            job.restart()
    job.poll()
    top = shown(job.snapshot(T + 20_000))
    assert {key: taken for key, (_, taken) in top.items() if taken} == deleted


def test_what_is_forgotten_with_two_windows_is_gone_from_the_file(job: Rig) -> None:
    job.append(post(["a"], T))
    job.count()
    job.ingest.delete(0)
    job.poll()
    job.snapshot(T + WINDOW_MS)
    assert job.state.db.execute("SELECT count(*) FROM taken_back").fetchall() == [(2,)]
    job.snapshot(T + 3 * WINDOW_MS)
    assert job.state.db.execute("SELECT count(*) FROM taken_back").fetchall() == [(0,)]
    # A deletion that comes later than that changes nothing but the number.
    job.ingest.delete(0)
    job.poll()
    assert job.progress.next_change == 2
    assert job.state.db.execute("SELECT count(*) FROM taken_back").fetchall() == [(0,)]


def test_a_closed_pane_says_how_many_posts_of_its_window_were_deleted_by_then(job: Rig) -> None:
    job.snapshot(T)
    job.append(post(["a"], T), post(["a", "b"], T + 1), post(["b"], T + PANE_MS))
    job.count()
    job.ingest.delete(1)
    job.poll()
    pane = job.snapshot(T + 2 * PANE_MS)["panes"][-1]
    assert pane["window"]["taken_back"] == 1
    assert {tag["key"]: tag["taken_back"] for tag in pane["window"]["top"]} == {"a": 1, "b": 1}


def test_a_new_epoch_begins_with_the_first_change_and_with_its_own_posts(job: Rig) -> None:
    job.append(post(["a"], T), post(["b"], T + 1), post(["b"], T + 2))
    job.count()
    job.ingest.delete(0)
    job.ingest.delete(1)
    job.poll()
    job.state.begin_epoch("log-a", 1, T, "the log is a copy")
    job.state.apply(*counted(job.posts[1:], 1))
    job.restart()
    job.poll()
    assert job.progress.next_change == 2
    # The post at 0 is not counted in this epoch.
    assert job.snapshot(T + 3)["window"]["taken_back"] == 1
    assert shown(job.snapshot(T + 3)) == {"b": (2, 1)}


def test_after_the_clock_was_set_back_deletions_of_older_posts_do_not_count(job: Rig) -> None:
    job.append(post(["a"], T + 60_000))
    job.count()
    job.state.begin_window("the clock was set back")
    job.append(post(["a"], T + 40_000))
    job.count()
    job.ingest.delete(0)
    job.ingest.delete(1)
    job.poll()
    assert shown(job.snapshot(T + 60_000)) == {"a": (1, 1)}


def test_changes_that_ingest_has_trimmed_are_passed_over(job: Rig) -> None:
    job.append(post(["a"], T), post(["a"], T + 1))
    job.count()
    job.ingest.delete(0)
    job.ingest.delete(1)
    assert job.ingest.changes is not None
    job.ingest.changes, job.ingest.first_change = job.ingest.changes[1:], 1
    job.poll()
    assert job.progress.next_change == 2
    assert shown(job.snapshot(T + 2)) == {"a": (2, 1)}
    job.ingest.changes, job.ingest.first_change = [], 7
    job.poll()
    assert job.progress.next_change == 7


def test_an_ingest_without_changes_or_with_another_log_is_left_alone(job: Rig) -> None:
    job.append(post(["a"], T))
    job.count()
    job.ingest.delete(0)
    job.ingest.log = "log-b"
    job.poll()
    job.ingest.log, job.ingest.changes = "log-a", None
    job.poll()
    assert job.progress.next_change == 0


def test_a_wrong_answer_counts_nothing_and_is_no_end(job: Rig) -> None:
    job.append(post(["secret"], T))
    job.count()
    job.ingest.delete(0)
    body = b'{"number": "secret"}\n'
    head = json.dumps({"log": "log-a", "first": 0, "changes": 1, "bytes": len(body)}).encode() + b"\n"
    with IngestClient("127.0.0.1", job.ingest.port) as client:
        status = client.status()
    job.ingest.wrong_answers.append(head + body)
    job.feed.poll(status, "log-a", 0)
    assert job.progress.next_change == 0
    job.poll()
    assert job.progress.next_change == 1


def test_a_file_of_the_format_before_is_taken_over(job: Rig) -> None:
    job.append(post(["a"], T))
    job.count()
    job.state.close()
    with duckdb.connect(str(job.path)) as db:
        db.execute("DROP TABLE taken_back")
        db.execute("ALTER TABLE progress DROP COLUMN next_change")
        db.execute("ALTER TABLE progress DROP COLUMN from_offset")
        db.execute("UPDATE meta SET format = 3")
    job.open()
    job.ingest.delete(0)
    job.poll()
    assert shown(job.snapshot(T + 1)) == {"a": (1, 1)}


def test_lines_of_the_protocol_are_read(job: Rig) -> None:
    line = (
        b'{"number": 3, "kind": "deleted", "at_ms": 5, "offset": 17, "id": "bluesky:x", "post_at_ms": 4,'
        b' "source": "bluesky", "lang": "en", "tags": [{"key": "a", "label": "A"}], "later": 1}\n'
    )
    (change,) = read_changes(line)
    assert (change.number, change.offset, change.tags[0].key) == (3, 17, "a")


def test_deleted_posts_that_are_added_up_count_as_many_as_they_are(job: Rig) -> None:
    job.append(*[post(["a", "b"], T)] * 5, post(["b"], T))
    job.count()
    cups = TakenBackPost(T, "demo", "en", ("a", "b"), 4)
    job.state.taken_back.add_deleted([CountedSlice(0, 0, 5, deleted=5, taken_back=(cups,))], T)
    job.state.taken_back.add_deleted([CountedSlice(0, 5, 6, taken_back=(TakenBackPost(T, "demo", "en", ("b",)),))], T)
    assert shown(job.snapshot(T + 3)) == {"b": (6, 5), "a": (5, 4)}
    job.restart()
    assert shown(job.snapshot(T + 3)) == {"b": (6, 5), "a": (5, 4)}
