"""No list has a muted tag, every list is as full as without mute, and the counts stay."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.recount import Recount
from tests.spark_job.support.snapshots import QUIET, sent
from tests.spark_job.support.tally import counted

from spark_job.mute.mute_file import MuteFile
from spark_job.mute.mute_list import MuteList
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import CLOSED_LEADERS
from spark_job.state.store import State


class Rig:
    """A state, its snapshots, and a list of muted tags that a test changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mute = MuteFile(None)
        self.posts: list[dict[str, Any]] = []
        self.open()
        self.state.begin_epoch("log-a", 0, T, "first start")

    def open(self) -> None:
        self.state = State(self.folder / "counts.duckdb", PANE_MS, WINDOW_MS)
        self.snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), self.state.next_seq_block(), self.mute)

    def count(self, posts: list[dict[str, Any]]) -> None:
        batch = counted(posts, len(self.posts))
        span = self.state.apply(*batch)
        assert span is not None
        self.snapshots.note_batch(batch, 1, span.posts, span.last_at_ms)
        self.posts += posts

    def snapshot(self, to_ms: int) -> dict[str, Any]:
        self.state.close_panes(to_ms)
        progress = self.state.progress()
        assert progress is not None
        return sent(self.snapshots.make(progress, to_ms, to_ms, QUIET))

    def shown(self, posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """These posts, with the tags that are not muted."""
        muted = self.mute.muted
        return [one | {"tags": [tag for tag in one["tags"] if not muted.hides(tag["key"])]} for one in posts]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def some_posts(seed: int, at_ms: int, count: int) -> list[dict[str, Any]]:
    """Posts with 600 tags; those with small numbers are frequent."""
    rand = random.Random(seed)
    return [
        post(
            {f"Tag{int(600 ** rand.random())}", f"Tag{int(600 ** rand.random())}"},
            at_ms + number * PANE_MS // count,
            lang=rand.choice(["en", "es", "ja"]),
            source=["demo", "x"][number % 2],
            # An account has one source.
            author=rand.randrange(200) * 2 + number % 2 + 2,
        )
        for number in range(count)
    ]


def keys(top: list[dict[str, Any]]) -> list[str]:
    return [tag["key"] for tag in top]


def check(rig: Rig, to_ms: int) -> dict[str, Any]:
    """Compare a snapshot with a recount of what is not muted."""
    snapshot = rig.snapshot(to_ms)
    recount = Recount(rig.shown(rig.posts), to_ms, PANE_MS, WINDOW_MS)
    window, wanted = snapshot["window"], recount.window()
    for name in ("posts", "posts_before"):
        assert window[name] == wanted[name]
    got = [(tag["rank"], tag["previous_rank"], tag["key"], tag["posts"]) for tag in window["top"]]
    assert got == [(tag["rank"], tag["previous_rank"], tag["key"], tag["posts"]) for tag in wanted["top"]]
    assert keys(window["by_authors"]) == keys(wanted["by_authors"])
    for facet, values in recount.facets().items():
        for name, one in values.items():
            assert keys(snapshot["facets"][facet][name]["top"]) == keys(one["top"])
    assert keys(snapshot["total"]["top"]) == keys(recount.total())
    return snapshot


def test_full_lists_stay_full_when_any_tags_are_muted_and_unmuted(rig: Rig) -> None:
    lists = [
        MuteList(),
        MuteList(("tag1", "tag2")),
        # All that lead: more than the candidates in memory.
        MuteList(tuple(f"tag{number}" for number in range(1, 300))),
        MuteList(("tag599",), ("tag1*", "*7")),
        MuteList((), ("tag*",)),
        MuteList(),
    ]
    at_ms = T
    for step in range(12):
        rig.count(some_posts(step, at_ms, 450))
        rig.mute.muted = lists[step // 2]
        check(rig, at_ms + (PANE_MS - 1) * (step % 2))
        at_ms += PANE_MS


def test_they_are_muted_after_a_restart_and_after_the_file_was_opened_again(rig: Rig) -> None:
    rig.mute.muted = MuteList(("tag1",), ("tag2*",))
    rig.count(some_posts(1, T, 500))
    check(rig, T + PANE_MS)
    rig.state.close()
    rig.open()
    check(rig, T + PANE_MS)
    rig.state.reopen()
    rig.count(some_posts(2, T + PANE_MS, 500))
    check(rig, T + 2 * PANE_MS)
    rig.state.close()


def test_closed_panes_and_their_windows_have_no_muted_tag_and_stay_full(rig: Rig) -> None:
    rig.mute.muted = MuteList(("tag1", "tag2"), ("tag3*",))
    rig.snapshot(T)
    rig.count(some_posts(3, T, 900))
    pane = rig.snapshot(T + PANE_MS)["panes"][-1]
    wanted = keys(Recount(rig.shown(rig.posts), T, PANE_MS, WINDOW_MS).total())
    assert keys(pane["top"]) == wanted[:50]
    assert keys(pane["window"]["top"]) == wanted[:CLOSED_LEADERS]
    assert pane["posts"] == 900


def test_panes_that_closed_before_a_tag_was_muted_are_sent_without_it(rig: Rig) -> None:
    rig.count(some_posts(3, T, 900))
    assert "tag1" in keys(rig.snapshot(T + PANE_MS)["panes"][-1]["top"])
    rig.mute.muted = MuteList(("tag1",))
    pane = rig.snapshot(T + PANE_MS)["panes"][-1]
    assert "tag1" not in keys(pane["top"]) + keys(pane["window"]["top"])


def test_a_micro_batch_shows_no_muted_tag(rig: Rig) -> None:
    rig.mute.muted = MuteList((), ("tag*",))
    rig.snapshot(T)
    rig.count([*some_posts(4, T, 300), post(["Other"], T + PANE_MS - 1)])
    assert keys(rig.snapshot(T + PANE_MS - 1)["batch"]["top"]) == ["other"]


def test_the_last_micro_batch_loses_a_tag_that_is_muted_after_it_and_stays_full(rig: Rig) -> None:
    rig.count([post([f"Tag{number:02}"], T + number) for number in range(60)])
    before = rig.snapshot(T + 60)["batch"]
    assert keys(before["top"]) == [f"tag{number:02}" for number in range(50)]
    rig.mute.muted = MuteList(("tag03",), ("tag1*",))
    # No other micro-batch comes.
    batch = rig.snapshot(T + 60)["batch"]
    wanted = [f"tag{number:02}" for number in range(60) if number != 3 and number // 10 != 1]
    assert [(tag["rank"], tag["key"]) for tag in batch["top"]] == [*enumerate(wanted, 1)]
    assert {tag["label"] for tag in batch["top"]} == {key.title() for key in wanted}
    rig.mute.muted = MuteList()
    assert rig.snapshot(T + 60)["batch"] == before


def test_a_snapshot_that_is_sent_again_while_the_state_is_broken_has_no_muted_tag(rig: Rig) -> None:
    rig.count([post(["Rain", "Sun"], T, author=2), post(["Rain", "Snow"], T + 1, author=3)])
    rig.snapshot(T + 1)
    assert rig.snapshots.repeat(T + 2, "broken", QUIET.ingest) is not None
    rig.mute.muted = MuteList(("rain",), ("never*",))
    repeated = rig.snapshots.repeat(T + 3, "broken", QUIET.ingest)
    assert repeated is not None
    snapshot = sent(repeated)
    assert snapshot["mute"].pop("keys") == ["rain"]
    assert "rain" not in json.dumps(snapshot).lower()
    places = [(1, "snow"), (2, "sun")]
    window = snapshot["window"]
    for top in (window["top"], window["by_authors"], snapshot["total"]["top"], snapshot["batch"]["top"]):
        assert [(tag["rank"], tag["key"]) for tag in top] == places
    assert [(tag["rank"], tag["key"]) for tag in snapshot["facets"]["source"]["demo"]["top"]] == places


def test_an_unmuted_tag_comes_back_with_its_numbers(rig: Rig) -> None:
    rig.mute.muted = MuteList(("rain",), ("snow*",))
    rig.count([post(["Rain"], T, author=2), post(["Rain"], T + 1, author=3), post(["Sun"], T + 2, author=2)])
    snapshot = check(rig, T + PANE_MS)
    assert keys(snapshot["total"]["top"]) == ["sun"]
    assert snapshot["mute"] == {"tags": 2, "hidden": 1, "keys": ["rain"], "patterns": ["snow*"], "error": None}
    rig.mute.muted = MuteList()
    snapshot = check(rig, T + PANE_MS)
    assert [(tag["key"], tag["posts"]) for tag in snapshot["total"]["top"]] == [("rain", 2), ("sun", 1)]
    assert snapshot["mute"] == {"tags": 0, "hidden": 0, "keys": [], "patterns": [], "error": None}


def test_the_page_is_told_how_many_tags_of_the_window_are_muted(rig: Rig) -> None:
    rig.mute.muted = MuteList(("rain", "never"), ("snow*",))
    rig.count([post(["Rain", "Snow"], T, author=2), post(["Snowman"], T + PANE_MS, author=3)])
    assert rig.snapshot(T + PANE_MS)["mute"]["hidden"] == 3
    assert rig.snapshot(T + 3 * PANE_MS)["mute"]["hidden"] == 1
    assert rig.snapshot(T + 4 * PANE_MS)["mute"]["hidden"] == 0


def test_memory_does_not_grow_with_the_changes_of_the_list(rig: Rig) -> None:
    """DuckDB never frees the rows that are deleted from a temporary table."""
    for change in range(20):
        rig.state.mute(MuteList((f"first{change}", f"second{change}")))
    size = "SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'muted_tags'"
    assert rig.state.db.execute(size).fetchall() == [(2,)]
