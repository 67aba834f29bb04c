"""The posts of a pane, from ingest's spool."""

from collections.abc import Iterator
from types import TracebackType

import pyarrow as pa

from spark_job.executor.columns import offers_columns, parse_columns
from spark_job.executor.ingest_client import ContractError, IngestClient, Status, TooLargeError
from spark_job.executor.posts import POSTS_ARROW, UnreadableError, parse, read_posts
from spark_job.query_server.pane_log import Position, ReadPosts, refuse_long, refuse_removed

POSTS_AT_ONCE = 50_000
MAX_BYTES = 64 << 20


class SpoolPane:
    """The spool; a `PaneLog`."""

    owner = "ingest"

    def __init__(self, client: IngestClient) -> None:
        """`client`: a connection of its own, which is closed at the end."""
        self._client = client
        self._status: Status | None = None

    def __enter__(self) -> "SpoolPane":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def identity(self) -> str:
        """The id of ingest's log."""
        return self._asked()["log"]

    def posts(self, from_ms: int, to_ms: int, position: Position) -> Iterator[ReadPosts]:
        """The posts between the first of the pane and the first of the next one."""
        stored = self._asked()["first"]
        first = max(stored, position.from_offset)
        begin = self._first_at(first, position.next_offset, from_ms)
        end = self._first_at(begin, position.next_offset, to_ms)
        if begin == first and stored >= position.from_offset and first > 0:
            raise refuse_removed(self.owner)
        refuse_long(end - begin)
        for start in range(begin, end, POSTS_AT_ONCE):
            until = min(end, start + POSTS_AT_ONCE)
            yield ReadPosts(until - start, self._read(start, until))

    def _asked(self) -> Status:
        if self._status is None:
            self._status = self._client.status()
        return self._status

    def _first_at(self, begin: int, end: int, at_ms: int) -> int:
        """The first offset from `begin` on whose post is not before `at_ms`, or `end`.

        By bisection: times never fall.
        """
        while begin < end:
            middle = (begin + end) // 2
            if self._at_ms(middle) < at_ms:
                begin = middle + 1
            else:
                end = middle
        return begin

    def _at_ms(self, offset: int) -> int:
        piece = self._client.read(offset, offset + 1)
        if piece.posts != 1 or piece.first != offset:
            raise ContractError(f"ingest does not store the post at offset {offset} any more")
        return int(parse(piece)["at_ms"][0].as_py())

    def _read(self, start: int, end: int) -> pa.Table:
        if offers_columns(self._asked()):
            try:
                piece = self._client.read_columns(start, end, MAX_BYTES)
                if (piece.first, piece.posts) == (start, end - start):
                    return parse_columns(piece).select(POSTS_ARROW.names)
            except (UnreadableError, TooLargeError):
                # The lines say which post is broken.
                pass
        piece = self._client.read(start, end)
        if (piece.first, piece.posts) != (start, end - start):
            raise ContractError(f"ingest does not store the posts from {start} to {end} any more")
        tables, _ = read_posts(piece)
        return pa.concat_tables([POSTS_ARROW.empty_table(), *(table.select(POSTS_ARROW.names) for table in tables)])
