"""Where sample posts are read: ingest's spool, or a topic of Kafka. The newest ones, older ones, and single ones."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from spark_job.samples.log_post import LogPost
from spark_job.snapshot_schema import Snapshot


class Look(NamedTuple):
    """What is known of the log now.

    Args:
        log: Its identity.
        can_be_read: Whether it can be read now, and counting keeps up with it.
        is_deaf: Whether posts may have been deleted for some time without anybody here having heard of it.

    """

    log: str
    can_be_read: bool
    is_deaf: bool


class Piece(NamedTuple):
    """Posts that were read at once.

    Args:
        log: The log that has them.
        places: How many places of the log were read. Some may have no post that can be shown.
        posts: The posts, the oldest first.
        deleted_ids: The ids of posts that were deleted, as far as the places say so.
        is_behind_gap: Whether posts between those that were read before and these were left out.

    """

    log: str
    places: int
    posts: Sequence[LogPost]
    deleted_ids: Sequence[str] = ()
    is_behind_gap: bool = False


class PostLog(Protocol):
    """Reads posts by one client, in one thread. What was read without a gap has a beginning and an end.

    Raises:
        OSError: `newer`, `older` and `single`: the log can't be reached.
        ContractError: They break the contract of the log.
        TooLargeError: A post is too large.

    """

    def look(self, snapshot: Snapshot) -> Look | None:
        """What is known of the log, by the newest snapshot. None: nothing yet. Posts are read up to this position."""

    def restart(self) -> None:
        """Forget what was read. It begins and ends at the position of the last look."""

    def newer(self, most: int) -> Piece | None:
        """At most so many posts up to the position of the last look: the newest. None: there are no new ones."""

    def older(self, most: int) -> Piece | None:
        """At most so many posts before all that were read. None: the log has no more."""

    def single(self, numbers: Iterable[int]) -> Piece:
        """The posts with these numbers, as far as the log has them."""

    def is_stored(self, number: int) -> bool:
        """Whether the log still had the post with this number at the last look."""
