"""The numbers of a fault: what ingest has accepted, and what the job has counted."""

import json
from collections.abc import Collection
from typing import NamedTuple

import duckdb

from spark_job.executor.ingest_client import IngestClient, Status
from spark_job.state.reader import ClosedError, Reader

POSITION = "SELECT epoch, log, next_offset, posts, lost, closed_until_ms FROM progress"
#: Posts that are read at once, and the most that are searched for those that the demo sent.
POSTS_AT_ONCE, MOST_SEARCHED = 5_000, 50_000


class Position(NamedTuple):
    """Up to where posts are counted, and how many were counted and lost in this epoch."""

    epoch: int
    log: str
    next_offset: int
    posts: int
    lost: int
    closed_until_ms: int


def read_position(reader: Reader) -> Position | None:
    """The stored position. None before the first epoch, and while the state can't be read."""
    try:
        with reader.cursor() as db:
            row = db.execute(POSITION).fetchone()
    except (ClosedError, duckdb.Error):
        return None
    return None if row is None else Position(*row)


def duplicates_of(status: Status) -> int:
    """How many posts ingest has dropped as duplicates, in the sessions of its sources."""
    return sum(source.get("duplicate", 0) for source in status.get("sources", []))


def times_in_log(client: IngestClient, start: int, end: int, ids: Collection[str]) -> dict[str, list[int]]:
    """For each of these posts the times (`at_ms`) under which the log has it from offset `start` up to `end`.

    Raises:
        OSError: Ingest can't be reached.
        ContractError: It refuses.

    """
    found: dict[str, list[int]] = {one: [] for one in ids}
    end = min(end, start + MOST_SEARCHED)
    while ids and start < end:
        piece = client.read(start, min(end, start + POSTS_AT_ONCE))
        if not piece.posts:
            break
        for line in piece.body.splitlines():
            post = json.loads(line)
            if post["id"] in found:
                found[post["id"]].append(post["at_ms"])
        start = piece.first + piece.posts
    return found
