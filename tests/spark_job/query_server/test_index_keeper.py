"""The index is kept up to date while somebody searches, and is forgotten a minute later."""

import threading

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, Rig, T
from tests.spark_job.support.fake_ingest import post

from spark_job.mute.mute_list import MuteList
from spark_job.query_server.index_keeper import IDLE_MS, PAUSE_MS, SOON_MS, IndexKeeper
from spark_job.query_server.index_versions import IndexVersions
from spark_job.query_server.now import Now
from spark_job.query_server.tag_index import TagIndex
from spark_job.state.window import Window


class Versions(IndexVersions):
    """Versions of the index that count how often the open pane was added."""

    added = 0

    def newest(self, db: duckdb.DuckDBPyConnection, now: Now) -> TagIndex | None:
        self.added += 1
        return super().newest(db, now)


class Kept:
    """A rig whose index is kept without a thread, and a clock that goes on by `step_ms` with each look at it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.versions = Versions()
        self.muted = MuteList()
        self.at_ms = self.step_ms = 0
        self.keeper = IndexKeeper(self.versions, rig.state.reader, self.now, self.monotonic_ms)

    def now(self) -> Now:
        return Now(Window.ending(T + PANE_MS, PANE_MS, WINDOW_MS), T + PANE_MS, self.muted)

    def monotonic_ms(self) -> int:
        self.at_ms += self.step_ms
        return self.at_ms

    def is_up_to_date(self) -> bool:
        with self.rig.state.reader.cursor() as db:
            return self.versions.newest(db, self.now()) is not None


@pytest.fixture
def kept(rig: Rig) -> Kept:
    rig.count(post(["a"], T))
    return Kept(rig)


def test_an_index_is_made_and_brought_up_to_date_for_a_minute(kept: Kept) -> None:
    assert not kept.is_up_to_date()
    assert kept.keeper.keep()
    assert kept.is_up_to_date()
    kept.rig.state.close_panes(T + PANE_MS)
    kept.at_ms = IDLE_MS - 1
    assert kept.keeper.keep()
    assert kept.is_up_to_date()
    kept.at_ms = IDLE_MS
    assert not kept.keeper.keep()
    assert not kept.is_up_to_date()


def test_micro_batches_are_added_before_the_next_search_if_it_comes_soon(kept: Kept) -> None:
    kept.keeper.keep()
    for after_ms, is_added in ((PAUSE_MS - 1, False), (PAUSE_MS, True), (SOON_MS - 1, True), (SOON_MS, False)):
        kept.at_ms = after_ms
        kept.rig.count(post(["b"], T + 1))
        kept.versions.added = 0
        kept.keeper.keep()
        assert (kept.versions.added > 0) is is_added


def test_reading_the_index_takes_a_tenth_of_the_time_at_most(kept: Kept) -> None:
    kept.step_ms = 1_000
    assert kept.keeper.keep()
    read_ms = kept.at_ms
    kept.muted = MuteList(("b",))
    kept.step_ms = 0
    for at_ms, is_read in ((read_ms + 9_999, False), (read_ms + 10_000, True)):
        kept.at_ms = at_ms
        assert kept.keeper.keep()
        assert kept.is_up_to_date() == is_read


def test_it_ends_when_the_state_file_is_closed(kept: Kept) -> None:
    kept.rig.state.reader.close()
    assert not kept.keeper.keep()


def test_a_search_does_not_wait_while_the_index_is_read(kept: Kept) -> None:
    with kept.rig.state.reader.beside() as reading, kept.rig.state.reader.cursor() as db:
        assert reading.execute("SELECT posts FROM progress").fetchall() == [(1,)]
        assert db.execute("SELECT posts FROM progress").fetchall() == [(1,)]


def test_the_file_is_closed_only_when_the_index_has_been_read(kept: Kept) -> None:
    done: list[str] = []

    def close() -> None:
        kept.rig.state.reader.close()
        done.append("closed")

    closing = threading.Thread(target=close)
    with kept.rig.state.reader.beside():
        closing.start()
        done.append("read")
    closing.join(10)
    assert done == ["read", "closed"]
