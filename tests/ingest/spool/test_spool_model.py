"""The spool against a simple model: random appends, reads, acks, trims, clock steps and reopenings."""

import itertools
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.ingest.conftest import ManualClock
from tests.ingest.support.posts import plain_post

from ingest.spool.clock import Clock
from ingest.spool.spool import Spool

MAX_AGE_SECONDS = 60
MAX_BYTES = 40 * 16 * 1024


class SpoolModel(RuleBasedStateMachine):
    """A list of (text, time) of every post, and the offsets of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.manual_clock = ManualClock()
        self.posts: list[tuple[str, int]] = []
        self.steady_ms = self.manual_clock.wall
        self.runs: list[tuple[int, int]] = []
        self.first = self.acked = self.trimmed_unread = 0
        self.spool = self.open()
        self.log = self.spool.log

    def open(self) -> Spool:
        clock = Clock(self.manual_clock.wall_ms, self.manual_clock.monotonic_seconds)
        return Spool(Path(self.folder.name), clock, max_age_seconds=MAX_AGE_SECONDS, max_bytes=MAX_BYTES)

    def teardown(self) -> None:
        self.spool.close()
        self.folder.cleanup()

    @rule(texts=st.lists(st.text(max_size=20), min_size=1, max_size=5), pad=st.sampled_from([0, 1_000, 60_000]))
    def append(self, texts: list[str], pad: int) -> None:
        texts = [text + "." * pad for text in texts]
        self.spool.append([plain_post(text) for text in texts], {})
        at_ms = self.spool.marks().watermark_ms
        self.runs.append((len(self.posts), self.steady_ms))
        self.posts += [(text, at_ms) for text in texts]
        first = self.spool.marks().first
        assert first in {begin for begin, _ in self.runs}
        self.trimmed_unread += max(0, first - max(self.first, self.acked))
        self.first = first

    @rule(start=st.integers(0, 60), length=st.integers(0, 60))
    def read(self, start: int, length: int) -> None:
        with self.spool.reader() as reader:
            held = reader.range(start, start + length)
            data = b"".join(reader.lines(held))
        assert len(data) == held.bytes
        got = [json.loads(line) for line in data.splitlines()]
        begin = max(start, self.first)
        expected = self.posts[begin : max(begin, start + length)]
        assert held.first == begin
        assert held.posts == len(expected)
        assert [(post["text"], post["at_ms"]) for post in got] == expected
        assert [post["offset"] for post in got] == list(range(begin, begin + len(expected)))

    @rule(share=st.floats(0, 1))
    def ack(self, share: float) -> None:
        end = int(share * len(self.posts))
        self.acked = max(self.acked, end)
        assert self.spool.ack(self.log, end) == self.acked

    @rule()
    def trim(self) -> None:
        horizon_ms = self.steady_ms - MAX_AGE_SECONDS * 1000
        for (begin, steady_ms), (end, _) in itertools.pairwise([*self.runs, (len(self.posts), 0)]):
            if begin >= self.first:
                if end > self.acked or steady_ms > horizon_ms:
                    break
                self.first = end
        assert self.spool.trim() == self.first

    @rule(ms=st.integers(0, 50_000))
    def pass_time(self, ms: int) -> None:
        self.manual_clock.pass_ms(ms)
        self.steady_ms += ms

    @rule(ms=st.sampled_from([-3_600_000, -1_000, 1_000, 31_536_000_000]))
    def set_wall_clock(self, ms: int) -> None:
        self.manual_clock.wall += ms

    @rule()
    def reopen(self) -> None:
        self.spool.close()
        self.spool = self.open()
        self.steady_ms = max(self.manual_clock.wall, self.runs[-1][1] if self.first < len(self.posts) else 0)

    @invariant()
    def marks_agree(self) -> None:
        marks = self.spool.marks()
        assert marks.log == self.log
        assert (marks.first, marks.end, marks.acked) == (self.first, len(self.posts), self.acked)
        assert marks.trimmed_unread == self.trimmed_unread


SpoolModel.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestSpoolModel = SpoolModel.TestCase
