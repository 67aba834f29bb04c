"""Where the posts of a pane are read again: ingest's spool, or a topic of Kafka."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import NamedTuple, Protocol

import pyarrow as pa

from spark_job.query_server.server import RefusedError

#: A pane with more posts is not counted again.
MOST_POSTS = 500_000


class Position(NamedTuple):
    """What is counted of the log.

    Args:
        log: Its identity.
        next_offset: The offset after it.
        from_offset: The offset where it begins. Of a topic, both are sums over all partitions.
        partitions: The next offset of each partition. Empty if the log is the spool.

    """

    log: str
    next_offset: int
    from_offset: int
    partitions: Mapping[int, int]


class ReadPosts(NamedTuple):
    """Some posts as a table with the columns `at_ms` and `tags`, and how many places of the log were read for it."""

    places: int
    posts: pa.Table


class PaneLog(AbstractContextManager["PaneLog"], Protocol):
    """A log, to which a client is connected within `with`.

    Raises:
        OSError: Every method: the log can't be reached.
        ContractError: Every method: it breaks its contract, or has removed posts meanwhile.

    """

    #: Who has the posts, as the beginning of a sentence.
    owner: str

    def identity(self) -> str:
        """The identity of the log that is there now."""

    def posts(self, from_ms: int, to_ms: int, position: Position) -> Iterator[ReadPosts]:
        """All counted posts of this time, and perhaps others.

        Raises:
            RefusedError: Not all of them can be read.

        """


def refuse_removed(owner: str) -> RefusedError:
    """The log has removed posts of the pane."""
    return RefusedError(HTTPStatus.CONFLICT, f"{owner} does not store all posts of this pane any more")


def refuse_long(places: int) -> None:
    """Check the length of a pane.

    Raises:
        RefusedError: It has too many posts.

    """
    if places > MOST_POSTS:
        raise RefusedError(HTTPStatus.CONFLICT, f"the pane has more than {MOST_POSTS:,} posts")
