"""Pairs and topics of the window, compared with a recount of the posts."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import QUIET
from tests.spark_job.support.tally import counted

from spark_job.executor.messages import pack_pairs
from spark_job.executor.posts import POSTS_ARROW
from spark_job.executor.tag_pairs import cut_in, pairs_of
from spark_job.mute.mute_file import MuteFile
from spark_job.mute.mute_list import MuteList
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import Snapshot
from spark_job.state import pane_pairs
from spark_job.state.store import State
from spark_job.together.watcher import LOOKS_UNTIL_NEW, PairsWatcher


class Rig:
    """A state with pairs, and the thread's work without the thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "counts.duckdb"
        self.mute = MuteFile(None)
        self.posts: list[dict[str, Any]] = []
        self.open()
        self.state.begin_epoch("log-a", 0, T, "first start")

    def open(self) -> None:
        self.state = State(self.path, PANE_MS, WINDOW_MS)
        self.watcher = PairsWatcher(self.state.reader, WINDOW_MS, lambda: self.mute.muted)
        pace = Pace(10, 30, 1.0, 10)
        self.snapshots = Snapshots(
            self.state, pace, self.state.next_seq_block(), self.mute, together=self.watcher.newest
        )

    def count(self, *posts: dict[str, Any], pairs: pa.Table | None = None) -> None:
        begin = len(self.posts)
        batch = counted(posts, begin)
        rows = [{"offset": begin + number} | one for number, one in enumerate(posts)]
        found = pairs_of(pa.Table.from_pylist(rows, POSTS_ARROW), PANE_MS) if pairs is None else pairs
        self.state.apply(batch.counts, batch.uses, pack_pairs(found))
        self.posts += posts

    def snapshot(self, to_ms: int) -> Snapshot:
        """The snapshot after the pairs were looked at."""
        self.state.close_panes(to_ms)
        progress = self.state.progress()
        assert progress is not None
        self.watcher.note(self.snapshots.make(progress, to_ms, to_ms, QUIET))
        for _ in range(LOOKS_UNTIL_NEW):
            self.watcher.look()
        return self.snapshots.make(progress, to_ms, to_ms, QUIET)

    def together(self, key: str, until_ms: int) -> list[tuple[str, int]]:
        """The other tags of a tag in the closed panes of the window, by a recount."""
        found: Counter[str] = Counter()
        for one in self.posts:
            keys = [tag["key"] for tag in one["tags"]]
            if until_ms - WINDOW_MS <= one["at_ms"] < until_ms and key in keys:
                found.update(other for other in keys if other != key and not self.mute.hides(other))
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:10]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def some_posts(seed: int, at_ms: int) -> list[dict[str, Any]]:
    rand = random.Random(seed)
    return [
        post(dict.fromkeys(f"T{int(80 ** rand.random())}" for _ in range(rand.randrange(5))), at_ms + number)
        for number in range(200)
    ]


def check(rig: Rig, to_ms: int) -> Snapshot:
    snapshot = rig.snapshot(to_ms)
    pairs, until_ms = snapshot.pairs, to_ms - to_ms % PANE_MS
    assert pairs
    assert (pairs.at_ms, pairs.is_exact) == (until_ms, True)
    for leader in [*[tag.key for tag in snapshot.window.top], *[tag.key for tag in snapshot.total.top]]:
        found = [(key, posts) for key, _, posts in pairs.of.get(leader, [])]
        assert found == rig.together(leader, until_ms)
    return snapshot


def test_the_window_slides_and_restarts_change_nothing(rig: Rig) -> None:
    for step in range(8):
        at_ms = T + step * PANE_MS
        rig.count(*some_posts(step, at_ms))
        rig.count(*some_posts(step + 100, at_ms + 500))
        if step == 4:
            rig.state.close()
            rig.open()
        if step == 5:
            rig.state.reopen()
        check(rig, at_ms + PANE_MS + 5)


def test_panes_of_one_micro_batch_enter_the_window_one_by_one(rig: Rig) -> None:
    rig.count(*(one for step in range(4) for one in some_posts(step, T + step * PANE_MS)))
    check(rig, T + 3 * PANE_MS + 5)
    for step in range(4, 7):
        rig.count(*some_posts(step, T + step * PANE_MS))
        check(rig, T + step * PANE_MS + 5)


def test_labels_are_those_of_the_window_and_muted_tags_are_left_out(rig: Rig) -> None:
    rig.count(*(post(["Main", f"Other{number}"], T + number) for number in range(15)))
    rig.mute.muted = MuteList((), ("other1*",))
    snapshot = check(rig, T + PANE_MS)
    assert snapshot.pairs
    assert snapshot.pairs.of["main"][0] == ("other0", "Other0", 1)
    assert len(snapshot.pairs.of["main"]) == 9


def test_a_tag_that_is_muted_leaves_pairs_and_topics_before_they_are_added_up_again(rig: Rig) -> None:
    rig.count(*(post(["Main", "Bad", "Other", *["Goal"] * (number % 2)], T + number) for number in range(9)))
    snapshot = rig.snapshot(T + PANE_MS)
    assert snapshot.window.topics == [["bad", "main", "other", "goal"]]
    progress = rig.state.progress()
    assert progress is not None

    def next_one() -> Snapshot:
        assert progress is not None
        return rig.snapshots.make(progress, T + PANE_MS, T + PANE_MS, QUIET)

    rig.mute.muted = MuteList(("bad", "goal"))
    snapshot = next_one()
    assert snapshot.pairs
    assert snapshot.pairs.of == {"main": [("other", "Other", 9)], "other": [("main", "Main", 9)]}
    assert snapshot.window.topics == [["main", "other"]]
    rig.mute.muted = MuteList(("bad", "goal", "main"))
    snapshot = next_one()
    assert (snapshot.pairs and snapshot.pairs.of, snapshot.window.topics) == ({}, [])


def test_a_pane_whose_pairs_were_cut_is_not_exact_until_it_leaves(rig: Rig) -> None:
    rig.count(post(["a", "b"], T), pairs=cut_in([T]))
    rig.count(post(["a", "b"], T + PANE_MS))
    snapshot = rig.snapshot(T + 2 * PANE_MS)
    assert snapshot.pairs
    assert not snapshot.pairs.is_exact
    assert snapshot.pairs.of["a"] == [("b", "b", 1)]
    rig.count(post(["a", "b"], T + 3 * PANE_MS))
    assert check(rig, T + 4 * PANE_MS).pairs


def test_what_an_older_version_has_counted_is_not_exact(rig: Rig) -> None:
    rig.count(post(["a", "b"], T))
    rig.state.db.execute("DROP TABLE pane_pairs")
    rig.state.close()
    rig.open()
    snapshot = rig.snapshot(T + PANE_MS)
    assert snapshot.pairs
    assert (snapshot.pairs.is_exact, snapshot.pairs.of) == (False, {})


def test_a_pane_with_very_many_pairs_is_bounded_in_the_file(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pane_pairs, "PAIRS_PER_PANE", 20)
    monkeypatch.setattr("spark_job.executor.tag_pairs.PAIRS_PER_PANE", 20)
    for step in range(20):
        rig.count(*(post([f"x{step}", f"y{number}"], T + step) for number in range(10)), post(["a", "b"], T + step))
    ((rows,),) = rig.state.db.execute("SELECT count(*) FROM pane_pairs").fetchall()
    assert rows <= 4
    snapshot = rig.snapshot(T + PANE_MS)
    assert snapshot.pairs
    assert (snapshot.pairs.is_exact, snapshot.pairs.of["a"]) == (False, [("b", "b", 20)])


def test_pairs_are_written_with_their_posts_or_not_at_all(rig: Rig) -> None:
    rig.count(post(["a", "b"], T))
    rig.state.begin_epoch("log-b", 0, T, "another log")
    rig.posts = []
    rig.count(post(["a", "c"], T))
    snapshot = check(rig, T + PANE_MS)
    assert snapshot.pairs
    assert snapshot.pairs.of["a"] == [("c", "c", 1)]


def test_tags_of_the_same_posts_or_of_the_same_people_are_one_topic(rig: Rig) -> None:
    rig.count(
        # More than half of the posts of the rarer tag.
        *(post(["Goal", "Match"] if number < 3 else ["Match"], T + number, author=number) for number in range(9)),
        *(post(["Goal"], T + 10 + number, author=100 + number) for number in range(2)),
        # The same people, in other posts.
        *(post(["Vote"], T + 20 + number, author=200 + number) for number in range(4)),
        *(post(["Poll"], T + 30 + number, author=201 + number) for number in range(4)),
        # Exactly one half.
        *(post(["Rain", "Sun"] if number else ["Sun"], T + 40 + number, author=300 + number) for number in range(2)),
        post(["Rain"], T + 50, author=400),
    )
    topics = rig.snapshot(T + PANE_MS).window.topics
    assert topics == [["match", "goal"], ["poll", "vote"]]


def test_a_tag_that_begins_to_lead_within_a_pane_gets_its_pairs_and_the_others_keep_theirs(rig: Rig) -> None:
    rig.count(*(post([f"Main{n}", f"Other{n}"], T + n, author=100 * n + m) for n in range(40) for m in range(9)))
    rig.count(post(["Late", "Friend"], T + 50, author=50), post(["Early", "Friend"], T + 51, author=51))
    rig.count(*(post(["Early"], T + 60 + n, author=60 + n) for n in range(8)))
    before = check(rig, T + PANE_MS)
    assert before.pairs
    assert "late" not in before.pairs.of
    rig.count(*(post(["Late"], T + PANE_MS + n, author=50) for n in range(20)))
    after = rig.snapshot(T + PANE_MS + 5)
    assert after.pairs
    assert after.pairs.at_ms == before.pairs.at_ms
    assert after.pairs.of["late"] == [("friend", "Friend", 1)]
    shown = {tag.key for tag in after.window.top}
    assert {key: after.pairs.of[key] for key in shown - {"late"}} == {
        key: others for key, others in before.pairs.of.items() if key in shown
    }
