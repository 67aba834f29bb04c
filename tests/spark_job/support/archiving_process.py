"""Counts posts over hours, and archives them, without Spark: a process that tests kill.

Arguments: the folder of the state, that of the archive, the seed of the posts, and the point at which it kills itself:
a name of `POINTS`, and the number of times that it passes it before. It ends when all hours are in the archive.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.spark_job.support.hours import HOUR_MS, posts_over
from tests.spark_job.support.recount import Post
from tests.spark_job.support.tally import counted

from spark_job.archive import hour_file, writer
from spark_job.archive.day_sums import DaySums
from spark_job.changes.change import Change, ChangedTag
from spark_job.state.open_hours import GRACE_MS, OpenHours
from spark_job.state.store import State
from spark_job.state.take_back import take_back

BEGIN = 1_795_176_000_000
HOURS, PANE_MS = 4, 600_000
#: Before the call, or after it: where the process is killed.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "in the transaction that decides": (OpenHours, "_decide", False),
    "when the file is written": (hour_file, "_write", False),
    "before the file has its name": (hour_file, "_write", True),
    "when the file has its name": (hour_file, "_sync_folder", False),
    "when the file is there": (writer, "write_hour", True),
    "in the transaction that deletes": (OpenHours, "_forget", True),
}


def posts_of(seed: int) -> list[Post]:
    """Some hours of posts."""
    return posts_over(seed, BEGIN, HOURS, 1200)


def deletions(posts: list[Post]) -> list[Change]:
    """The log of changes."""
    gone = [(offset, one) for offset, one in enumerate(posts) if one["deleted"]]
    return [
        Change(
            *(number, "deleted", one["at_ms"], offset, f"demo:{offset}", one["at_ms"], one["source"], one["lang"]),
            [ChangedTag(**tag) for tag in one["tags"]],
        )
        for number, (offset, one) in enumerate(gone)
    ]


def kill_at(point: str, times: int) -> None:
    """Let the process kill itself there."""
    owner, name, is_after = POINTS[point]
    call: Callable[..., Any] = getattr(owner, name)
    left = [times]

    def or_end(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] < 0 and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = call(*given, **named)
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, or_end)


def main(folder: str, archive: str, seed: str, point: str, times: str) -> None:
    """Count until the end."""
    posts = posts_of(int(seed))
    changes = deletions(posts)
    if point:
        kill_at(point, int(times))
    hours = OpenHours(5)
    state = State(Path(folder) / "counts.duckdb", PANE_MS, 3 * PANE_MS, hours=hours)
    progress = state.progress() or state.begin_epoch("log-a", 0, BEGIN, "first start")
    scratch = Path(folder) / "scratch"
    sums = DaySums(Path(folder) / "days")
    archiver = writer.ArchiveWriter(writer.Rules(Path(archive), 0), hours, state.reader, scratch, sums)
    for begin in range(progress.next_offset, len(posts), 40):
        _take_back(state, changes)
        state.apply(*counted(posts[begin : begin + 40], begin, PANE_MS))
        # One after the other, so that the point is always at the same place.
        assert archiver.write_waiting()
    _take_back(state, changes)
    # The second pane deletes the hour that the first one has decided.
    for panes in (1, 2):
        state.close_panes(BEGIN + HOURS * HOUR_MS + GRACE_MS + panes * PANE_MS)
        assert archiver.write_waiting()
    state.close()


def _take_back(state: State, changes: list[Change]) -> None:
    progress = state.progress()
    assert progress is not None
    take_back(state, "log-a", changes[progress.next_change :], progress.next_change)


if __name__ == "__main__":
    sys.stdout.write(f"{time.time()}\n")
    main(*sys.argv[1:])
