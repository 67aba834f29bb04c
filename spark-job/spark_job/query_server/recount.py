"""Count the posts of one pane again, from the log, beside what was counted: what scripts/audit.py does for all."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from spark_job.executor.ingest_client import ContractError, TooLargeError
from spark_job.query_server.pane_log import PaneLog, Position
from spark_job.query_server.server import RefusedError
from spark_job.snapshot_fields import Count, TimeMs
from spark_job.state.reader import Reader
from spark_job.tag_hash import hash_of

POSITION = "SELECT log, next_offset, from_offset, closed_until_ms, late FROM progress"
PARTITIONS = "SELECT kafka_partition, next_offset FROM positions"
COUNTED = """
SELECT coalesce(sum(posts) FILTER (hash IS NULL), 0)::BIGINT,
  coalesce(sum(posts) FILTER (hash = $hash AND key = $key), 0)::BIGINT
FROM pane_counts WHERE pane_ms = $from
"""
OLDEST = "SELECT min(pane_ms) FROM pane_counts"
LATE = "posts came after their pane had closed and were counted in a later one, so this pane alone can't be compared"


class Numbers(Struct, frozen=True):
    """What was counted, and what was counted again. `counted` is None if the job does not have it any more."""

    counted: Count | None
    recounted: Count


class Recounted(Struct, frozen=True, kw_only=True):
    """The answer. `tag`: the posts with the tag, if one was given; `read_posts`: how many posts were read for it."""

    from_ms: TimeMs
    to_ms: TimeMs
    posts: Numbers
    tag: Numbers | None
    read_posts: Count


class _Counted(NamedTuple):
    """What was counted: the position, late posts of the epoch, and the posts of the pane, if they are still known."""

    position: Position
    late: int
    posts: int | None
    tag: int | None


class Recounter:
    """Counts one pane at a time."""

    def __init__(self, connect: Callable[[], PaneLog], reader: Reader, pane_ms: int) -> None:
        """Args:
        connect: Makes a client of the log.
        reader: Reads the state.
        pane_ms: The length of a pane.
        """
        self._connect = connect
        self._reader = reader
        self._pane_ms = pane_ms
        self._one = threading.Lock()

    def recount(self, from_ms: int, key: str | None) -> Recounted:
        """Count the pane that begins at `from_ms` again, and the posts with a tag in it.

        Raises:
            RefusedError: Not all of its posts can be read.

        """
        if from_ms % self._pane_ms:
            raise RefusedError(HTTPStatus.NOT_FOUND, "no pane begins at this time")
        if not self._one.acquire(blocking=False):
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "another pane is counted again just now")
        try:
            log = self._connect()
            try:
                with log:
                    return self._recount(log, from_ms, key)
            except (OSError, ContractError, TooLargeError) as error:
                sentence = f"{log.owner} can't give the posts now"
                raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence) from error
        finally:
            self._one.release()

    def _recount(self, log: PaneLog, from_ms: int, key: str | None) -> Recounted:
        to_ms = from_ms + self._pane_ms
        counted = self._counted(log, from_ms, key)
        places, posts, tagged = 0, 0, 0
        for piece in log.posts(from_ms, to_ms, counted.position):
            more, more_tagged = _count(piece.posts, from_ms, to_ms, key)
            places, posts, tagged = places + piece.places, posts + more, tagged + more_tagged
        if counted.late and counted.posts is not None and (counted.posts, counted.tag) != (posts, tagged):
            raise RefusedError(HTTPStatus.CONFLICT, LATE)
        return Recounted(
            from_ms=from_ms,
            to_ms=to_ms,
            posts=Numbers(counted.posts, posts),
            tag=None if key is None else Numbers(counted.tag, tagged),
            read_posts=places,
        )

    def _counted(self, log: PaneLog, from_ms: int, key: str | None) -> _Counted:
        """What was counted of this log in the pane."""
        identity = log.identity()
        with self._reader.cursor() as db:
            row = db.execute(POSITION).fetchone()
            if row is None or row[0] != identity:
                sentence = f"the job counts another log than the one that {log.owner} has now"
                raise RefusedError(HTTPStatus.CONFLICT, sentence)
            log_of_counts, next_offset, from_offset, closed_until_ms, late = row
            if from_ms + self._pane_ms > closed_until_ms:
                raise RefusedError(HTTPStatus.CONFLICT, "this pane is not closed yet")
            partitions = dict(db.execute(PARTITIONS).fetchall())
            position = Position(log_of_counts, next_offset, from_offset, partitions)
            ((oldest,),) = db.execute(OLDEST).fetchall()
            if oldest is None or from_ms < oldest:
                return _Counted(position, late, None, None)
            asked = {"hash": hash_of(key or ""), "key": key or "", "from": from_ms}
            ((posts, tag),) = db.execute(COUNTED, asked).fetchall()
            return _Counted(position, late, posts, tag)


def _count(posts: pa.Table, from_ms: int, to_ms: int, key: str | None) -> tuple[int, int]:
    """The posts of this time, and those of them with the tag."""
    is_within = pc.and_(pc.greater_equal(posts["at_ms"], from_ms), pc.less(posts["at_ms"], to_ms))
    posts = posts.filter(is_within).combine_chunks()
    if key is None or not len(posts):
        return len(posts), 0
    keys = pc.struct_field(pc.list_flatten(posts["tags"]), "key")
    return len(posts), int(pc.sum(pc.equal(keys, key)).as_py() or 0)
