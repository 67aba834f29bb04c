"""Counts posts and deletions into a state file until it is killed: `python change_counter.py PORT FILE`.

It does what the job does, without Spark, so that it can be killed many times in a few seconds.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.spark_job.conftest import PANE_MS
from tests.spark_job.support.tally import counted

from spark_job.changes.change import Change
from spark_job.changes.feed import ChangeFeed
from spark_job.executor.ingest_client import IngestClient
from spark_job.state.store import State
from spark_job.state.take_back import take_back

WINDOW_MS = 600_000
POSTS_AT_ONCE = 7


def main() -> None:
    """Count what comes, until the process is killed."""
    client = IngestClient("127.0.0.1", int(sys.argv[1]))
    state = State(Path(sys.argv[2]), PANE_MS, WINDOW_MS)
    if state.progress() is None:
        status = client.status()
        state.begin_epoch(status["log"], 0, status["watermark_ms"], "first start")

    def count_changes(log: str, changes: Sequence[Change], after: int) -> int:
        return take_back(state, log, changes, after)

    feed = ChangeFeed(IngestClient("127.0.0.1", int(sys.argv[1])), lambda _: None, count_changes)
    while True:
        progress, status = state.progress(), client.status()
        assert progress is not None
        begin = progress.next_offset
        piece = client.read(begin, min(status["end"], begin + POSTS_AT_ONCE))
        posts = [json.loads(line) for line in bytes(piece.body).splitlines()]
        if posts:
            state.apply(*counted(posts, begin))
        feed.poll(status, progress.log, progress.next_change)


if __name__ == "__main__":
    main()
