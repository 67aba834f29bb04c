"""Sample posts of ingest's spool, whose lines are read by offset."""

from collections.abc import Iterable

from spark_job.executor.ingest_client import IngestClient
from spark_job.samples.log_post import LogPost, read_lines
from spark_job.samples.post_log import Look, Piece
from spark_job.snapshot_schema import Snapshot

#: With a greater backlog nothing is read: what is counted now is not what people write now.
MOST_LAG = 20_000
MAX_BYTES = 16 << 20
#: If ingest can't be reached for longer, one of the samples may have been deleted meanwhile.
MOST_DEAF_MS = 5_000


class SpoolPosts:
    """The posts of the spool; a `PostLog`. What was read are the offsets `begin` … `end - 1`."""

    def __init__(self, client: IngestClient) -> None:
        """`client`: a connection of its own."""
        self._client = client
        self._first = self._position = 0
        self._begin = self._end = 0

    def look(self, snapshot: Snapshot) -> Look | None:
        """What is known of ingest."""
        ingest, health = snapshot.health.ingest, snapshot.health
        if ingest.status is None:
            return None
        self._first, self._position = ingest.status["first"], health.offset
        return Look(
            ingest.status["log"],
            can_be_read=ingest.reachable and health.lag_posts <= MOST_LAG,
            is_deaf=not ingest.reachable and snapshot.produced_at_ms - ingest.since_ms > MOST_DEAF_MS,
        )

    def restart(self) -> None:
        """Begin at the position of the last look."""
        self._begin = self._end = self._position

    def newer(self, most: int) -> Piece | None:
        """The newest posts."""
        if self._position <= self._end:
            return None
        start = max(self._end, self._position - most)
        log, posts = self._read(start, self._position)
        is_behind_gap = start > self._end
        if is_behind_gap:
            self._begin = start
        self._end = self._position
        return Piece(log, self._end - start, posts, is_behind_gap=is_behind_gap)

    def older(self, most: int) -> Piece | None:
        """Posts before all that were read."""
        if self._begin <= self._first:
            return None
        start, end = max(self._first, self._begin - most), self._begin
        log, posts = self._read(start, end)
        self._begin = start
        return Piece(log, end - start, posts)

    def single(self, numbers: Iterable[int]) -> Piece:
        """The posts at these offsets."""
        found: list[LogPost] = []
        log = ""
        for offset in numbers:
            log, posts = self._read(offset, offset + 1)
            found += posts
        return Piece(log, len(found), found)

    def is_stored(self, number: int) -> bool:
        """Whether ingest still has the post: otherwise nobody would learn that it was deleted."""
        return number >= self._first

    def _read(self, start: int, end: int) -> tuple[str, list[LogPost]]:
        piece = self._client.read(start, end, MAX_BYTES)
        return piece.log, [*read_lines(piece.body)]
