"""Random batches, gaps, closings and restarts: whatever happens, what is shown equals a recount of all posts."""

import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.recount import Recount, closed_panes
from tests.spark_job.support.snapshots import QUIET, sent, waiting_panes
from tests.spark_job.support.tally import counted

from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.state.store import State

pytestmark = pytest.mark.slow

PANE = 10_000
WINDOW = 30_000
T = 1_795_176_000_000
LABELS = ["A", "a", "é", "É", "日本", "😀", "b", "B", "c"]
a_post = st.fixed_dictionaries(
    {
        "step_ms": st.sampled_from([0, 0, 1, 500, 9_999, 10_000, 10_001, 35_000, 100_000]),
        "labels": st.lists(st.sampled_from(LABELS), max_size=3, unique_by=str.casefold),
        "source": st.sampled_from(["demo", "x"]),
        "lang": st.sampled_from(["en", "ja", "und"]),
        # Of each source. `None`: the source says none.
        "author": st.sampled_from([1, 1, 2, 3, 4, None]),
    }
)


def made(fields: dict[str, Any], at_ms: int) -> dict[str, Any]:
    """A post. The hash of an author is another one in each source."""
    source, author = fields["source"], fields["author"]
    hashed = None if author is None else author << 40 | len(source)
    return post(fields["labels"], at_ms, source=source, lang=fields["lang"], author=hashed)


class CountingMachine(RuleBasedStateMachine):
    """The state with snapshots, beside the list of posts that it counted."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.posts: list[dict[str, Any]] = []
        self.now_ms = T
        self.next_offset = 0
        self.lost = 0
        self.kept: list[tuple[int, int, Any]] = []

    @initialize()
    def open(self) -> None:
        self.state = State(Path(self.folder.name) / "counts.duckdb", PANE, WINDOW)
        if self.state.progress() is None:
            self.state.begin_epoch("log-a", 0, T, "first start")
        self.snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), self.state.next_seq_block())

    @rule(posts=st.lists(a_post, min_size=1, max_size=12), gap=st.sampled_from([0, 0, 0, 1, 5]), is_noted=st.booleans())
    def count(self, posts: list[dict[str, Any]], gap: int, *, is_noted: bool) -> None:
        batch = []
        for fields in posts:
            self.now_ms += fields["step_ms"]
            batch.append(made(fields, self.now_ms))
        micro_batch = counted(batch, self.next_offset + gap)
        span = self.state.apply(*micro_batch)
        assert span is not None
        if is_noted:
            self.snapshots.note_batch(micro_batch, 0, span.posts, span.last_at_ms)
        assert (span.posts, span.last_at_ms) == (len(batch), self.now_ms)
        self.posts += batch
        self.lost += gap
        self.next_offset += gap + len(batch)

    @rule(step_ms=st.sampled_from([0, 1, 9_999, 10_000, 40_000]))
    def pass_time(self, step_ms: int) -> None:
        self.now_ms += step_ms
        self.state.close_panes(self.now_ms)

    @rule(fields=a_post, reopens=st.booleans())
    def fail_to_count(self, fields: dict[str, Any], *, reopens: bool) -> None:
        """A transaction that is rolled back when panes close in it. Its posts are counted by none of the next ones."""
        failed = [made(fields, self.now_ms + fields["step_ms"])]
        with patch("spark_job.state.pane_closer.CLOSE", "SELECT 1 / 'x'"):
            try:
                self.state.apply(*counted(failed, self.next_offset))
            except duckdb.Error:
                if reopens:
                    self.state.reopen()
                return
        # No pane closed, so it was counted.
        self.now_ms += fields["step_ms"]
        self.posts += failed
        self.next_offset += 1

    @rule()
    def restart(self) -> None:
        self.state.close()
        self.open()

    @precondition(lambda self: self.posts)
    @rule()
    def acknowledge(self) -> None:
        panes = waiting_panes(self.state, 3)
        self.kept += [as_tuple(pane) for pane in panes]
        self.state.acknowledge_panes([(pane["epoch"], pane["from_ms"], pane["posts"]) for pane in panes])

    @invariant()
    def all_is_as_recounted(self) -> None:
        progress = self.state.progress()
        assert progress is not None
        assert (progress.next_offset, progress.posts, progress.lost) == (self.next_offset, len(self.posts), self.lost)
        self.state.close_panes(self.now_ms)
        progress = self.state.progress()
        assert progress is not None
        snapshot = sent(self.snapshots.make(progress, self.now_ms, self.now_ms + 5, QUIET))
        shape.check(snapshot)
        recount = Recount(self.posts, self.now_ms, PANE, WINDOW)
        assert snapshot["window"] == recount.window() | {"to_ms": self.now_ms}
        assert without_labels(snapshot["total"]["top"]) == recount.total()
        assert snapshot["facets"] == recount.facets()
        self.panes_are_as_recounted(progress.closed_until_ms)

    def panes_are_as_recounted(self, until_ms: int) -> None:
        if self.posts:
            sent = self.kept + [as_tuple(pane) for pane in waiting_panes(self.state, 10_000)]
            first = self.posts[0]["at_ms"]
            start_ms = min(first - first % PANE, until_ms)
            assert sent == closed_panes(self.posts, until_ms, PANE, start_ms=sent[0][0] if sent else start_ms)
            assert not sent or sent[0][0] <= start_ms

    def teardown(self) -> None:
        self.state.close()
        self.folder.cleanup()


def as_tuple(pane: dict[str, Any]) -> tuple[int, int, Any]:
    return pane["from_ms"], pane["posts"], [(tag["key"], tag["label"], tag["posts"]) for tag in pane["top"]]


def without_labels(top: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in leader.items() if name != "label"} for leader in top]


CountingMachine.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestRandomHistories = CountingMachine.TestCase
