"""Count the posts of one pane again, from ingest's log, beside what was counted: what scripts/audit.py does for all."""

import threading
from collections.abc import Callable
from http import HTTPStatus

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from spark_job.executor.columns import offers_columns, parse_columns
from spark_job.executor.ingest_client import ContractError, IngestClient, Status, TooLargeError
from spark_job.executor.posts import POSTS_ARROW, UnreadableError, parse, read_posts
from spark_job.query_server.server import RefusedError
from spark_job.snapshot_fields import Count, TimeMs
from spark_job.state.reader import Reader
from spark_job.tag_hash import hash_of

#: A pane with more posts is not counted again.
MOST_POSTS = 500_000
POSTS_AT_ONCE = 50_000
MAX_BYTES = 64 << 20

POSITION = "SELECT log, next_offset, from_offset, closed_until_ms FROM progress"
COUNTED = """
SELECT coalesce(sum(posts) FILTER (hash IS NULL), 0)::BIGINT,
  coalesce(sum(posts) FILTER (hash = $hash AND key = $key), 0)::BIGINT
FROM pane_counts WHERE pane_ms = $from
"""
OLDEST = "SELECT min(pane_ms) FROM pane_counts"


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


class Recounter:
    """Counts one pane at a time."""

    def __init__(self, connect: Callable[[], IngestClient], reader: Reader, pane_ms: int) -> None:
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
            with self._connect() as client:
                return self._recount(client, from_ms, key)
        except (OSError, ContractError, TooLargeError) as error:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "ingest can't give the posts now") from error
        finally:
            self._one.release()

    def _recount(self, client: IngestClient, from_ms: int, key: str | None) -> Recounted:
        status, to_ms = client.status(), from_ms + self._pane_ms
        next_offset, from_offset, posts, tag = self._counted(status, from_ms, key)
        first = max(status["first"], from_offset)
        begin = _first_at(client, first, next_offset, from_ms)
        end = _first_at(client, begin, next_offset, to_ms)
        if begin == first and status["first"] >= from_offset and first > 0:
            raise RefusedError(HTTPStatus.CONFLICT, "ingest does not store all posts of this pane any more")
        if end - begin > MOST_POSTS:
            raise RefusedError(HTTPStatus.CONFLICT, f"the pane has more than {MOST_POSTS:,} posts")
        counted, with_tag = 0, 0
        for start in range(begin, end, POSTS_AT_ONCE):
            more, tagged = _count(client, status, (start, min(end, start + POSTS_AT_ONCE)), (from_ms, to_ms), key)
            counted, with_tag = counted + more, with_tag + tagged
        return Recounted(
            from_ms=from_ms,
            to_ms=to_ms,
            posts=Numbers(posts, counted),
            tag=None if key is None else Numbers(tag, with_tag),
            read_posts=end - begin,
        )

    def _counted(self, status: Status, from_ms: int, key: str | None) -> tuple[int, int, int | None, int | None]:
        """Up to where and from where the log is counted, and what was counted in the pane."""
        with self._reader.cursor() as db:
            row = db.execute(POSITION).fetchone()
            if row is None or row[0] != status["log"]:
                raise RefusedError(HTTPStatus.CONFLICT, "the job counts another log than the one that ingest has now")
            _, next_offset, from_offset, closed_until_ms = row
            if from_ms + self._pane_ms > closed_until_ms:
                raise RefusedError(HTTPStatus.CONFLICT, "this pane is not closed yet")
            ((oldest,),) = db.execute(OLDEST).fetchall()
            if oldest is None or from_ms < oldest:
                return next_offset, from_offset, None, None
            asked = {"hash": hash_of(key or ""), "key": key or "", "from": from_ms}
            ((posts, tag),) = db.execute(COUNTED, asked).fetchall()
            return next_offset, from_offset, posts, tag


def _first_at(client: IngestClient, begin: int, end: int, at_ms: int) -> int:
    """The first offset from `begin` on whose post is not before `at_ms`, or `end`: by bisection, times never fall."""
    while begin < end:
        middle = (begin + end) // 2
        if _at_ms(client, middle) < at_ms:
            begin = middle + 1
        else:
            end = middle
    return begin


def _at_ms(client: IngestClient, offset: int) -> int:
    piece = client.read(offset, offset + 1)
    if piece.posts != 1 or piece.first != offset:
        raise ContractError(f"ingest does not store the post at offset {offset} any more")
    return int(parse(piece)["at_ms"][0].as_py())


def _count(
    client: IngestClient, status: Status, offsets: tuple[int, int], span: tuple[int, int], key: str | None
) -> tuple[int, int]:
    """The posts at these offsets within this time, and those of them with the tag."""
    posts = _read(client, status, *offsets)
    is_within = pc.and_(pc.greater_equal(posts["at_ms"], span[0]), pc.less(posts["at_ms"], span[1]))
    posts = posts.filter(is_within).combine_chunks()
    if key is None or not len(posts):
        return len(posts), 0
    keys = pc.struct_field(pc.list_flatten(posts["tags"]), "key")
    return len(posts), int(pc.sum(pc.equal(keys, key)).as_py() or 0)


def _read(client: IngestClient, status: Status, start: int, end: int) -> pa.Table:
    if offers_columns(status):
        try:
            piece = client.read_columns(start, end, MAX_BYTES)
            if (piece.first, piece.posts) == (start, end - start):
                return parse_columns(piece).select(POSTS_ARROW.names)
        except (UnreadableError, TooLargeError):
            # The lines say which post is broken.
            pass
    piece = client.read(start, end)
    if (piece.first, piece.posts) != (start, end - start):
        raise ContractError(f"ingest does not store the posts from {start} to {end} any more")
    tables, _ = read_posts(piece)
    return pa.concat_tables([POSTS_ARROW.empty_table(), *(table.select(POSTS_ARROW.names) for table in tables)])
