"""What the intake needs of a log: the spool and a topic of Kafka have it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.intake.run import Run
from ingest.posts.change import WantedChange
from ingest.posts.post import Post
from ingest.spool.apply import Applied
from ingest.spool.marks import Marks
from ingest.spool.reader import UnreadableError


class UnwritableError(Exception):
    """Posts can't be written now; the same run can be appended later. The text says why."""


class Log(Protocol):
    """Where posts and the progress of the sources are committed."""

    @property
    def end(self) -> int:
        """The offset of the next post; it never falls. On Kafka, later offsets may be left out."""

    def marks(self) -> Marks:
        """Return the present offsets and the watermark; never waits for a transaction."""

    def append(
        self,
        posts: Sequence[Post],
        progress: Mapping[str, bytes],
        on_commit: Callable[[], None] = lambda: None,
        changes: Sequence[WantedChange] = (),
        count_changes: Callable[[Sequence[Applied]], Mapping[str, bytes]] = lambda _: {},
    ) -> None:
        """Commit a run of posts, changes of stored posts and the progress of the sources in one transaction.

        Args:
            posts: The posts of the run, which get their time; may be empty.
            progress: Progress of each source, by its name.
            on_commit: Called after the commit, before other threads can see the new `end`.
            changes: Posts that were deleted or edited, of this run too; those of one post in order.
            count_changes: Called with what became of the changes; returns progress to commit instead of `progress`.

        Raises:
            sqlite3.Error: The spool can't be written (the disk is full); nothing has changed.
            UnwritableError: Kafka can't be written now; whether it has the run is known after the next `append` of it.
            UnreadableError: A changed post is in a damaged run; nothing has changed.

        """

    def check_in_place(self) -> None:
        """Raise an error that ends ingest if the log is not the one that was opened."""


class LogUpkeep(Protocol):
    """What differs between logs: their bounds, their ids, their repair. For the thread that commits."""

    #: The log in a sentence.
    title: str

    def new_run(self) -> Run:
        """Return an empty run, with the bounds that suit the log."""

    def session_start(self) -> int:
        """Return the mark from which a session has its posts, if it begins now: an offset; on Kafka a time in ms."""

    def load_ids(self, dedup: Deduplicator, sessions: Mapping[str, Progress], stopped: Callable[[], bool]) -> None:
        """Add the ids of stored posts. `stopped` returns True when loading must end early."""

    def unwritable(self, error: Exception) -> str:
        """Return that the sources wait, and why, as a sentence."""

    def discard(self, damage: UnreadableError) -> None:
        """Delete a damaged run."""

    def trim(self) -> int:
        """Trim the log; return the first offset whose id must still be known."""

    def make_room(self) -> None:
        """Free what can be freed on a full disk."""

    def remove_old_content(self) -> None:
        """Remove what was deleted, every few seconds."""
