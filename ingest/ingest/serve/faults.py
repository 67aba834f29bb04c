"""The request FAULT: harm that a lesson does on purpose, to the demo only; see docs/protocol.md."""

import logging
import socket
import threading
from collections.abc import Callable
from typing import Self

import msgspec

from ingest.pipeline import IngestPipeline
from ingest.posts.post import SourcePost
from ingest.sources.demo.lesson import LessonPosts, NoPostError
from ingest.sources.demo.source import Demo

#: Those that the job does itself need the permission of ingest too: only ingest knows where posts come from.
OF_THE_JOB = ("stop-spark", "kill-python")
#: A number is a time of ingest's clock, and at most this far from now. So an earlier request can't be repeated after a
#: restart, which forgets the last number.
NEAR_MS = 60_000

logger = logging.getLogger(__name__)


class FaultRefusedError(Exception):
    """The fault is not done. The text is sent to the client."""


class SentPost(msgspec.Struct):
    """A post that the demo yielded for a fault."""

    id: str
    created_at: str | None


class FaultDone(msgspec.Struct):
    """The response to FAULT: how many connections were closed, and which posts the demo yielded for it."""

    fault: str
    number: int
    connections: int | None = None
    sent: list[SentPost] = []


class Faults:
    """Disturbs ingest. Thread-safe; one fault at a time."""

    def __init__(
        self,
        posts: LessonPosts,
        wants: Callable[[SourcePost], bool],
        cut: Callable[[socket.socket], int],
        wall_ms: Callable[[], int],
    ) -> None:
        """Create it.

        Args:
            posts: Lets the demo yield posts.
            wants: Whether ingest accepts a post.
            cut: Closes the connections of all readers but this one, and returns how many.
            wall_ms: The clock of the log, in ms since 1970.

        """
        self._posts = posts
        self._wants = wants
        self._cut = cut
        self._wall_ms = wall_ms
        self._lock = threading.Lock()
        self._last_number = 0

    @classmethod
    def of_lesson(cls, pipeline: IngestPipeline, cut: Callable[[socket.socket], int]) -> Self | None:
        """Return the faults, if they are allowed: the only source is the demo, and it has a lesson."""
        match pipeline.sources:
            case [Demo(lesson=LessonPosts() as posts)]:
                return cls(posts, pipeline.wants, cut, lambda: pipeline.log.marks().watermark_ms)
        return None

    def begin(self, name: str, number: int, connection: socket.socket) -> FaultDone:
        """Do what the fault `name` does here.

        Args:
            name: One of the five faults.
            number: A time of ingest's clock. It is greater than that of the fault before.
            connection: The one with the request. It stays open.

        Raises:
            FaultRefusedError: The fault is not known or not possible, or its number is not right.

        """
        with self._lock:
            if not self._last_number < number:
                raise FaultRefusedError("the number of a FAULT must be greater than that of the one before")
            if abs(number - self._wall_ms()) > NEAR_MS:
                raise FaultRefusedError("the number of a FAULT must be a time of the last minute, by ingest's clock")
            done = self._done(name, number, connection)
            self._last_number = number
        logger.warning("a lesson disturbs the services on purpose: %s, number %d", name, number)
        return done

    def _done(self, name: str, number: int, connection: socket.socket) -> FaultDone:
        if name in OF_THE_JOB:
            return FaultDone(name, number)
        if name == "cut-socket":
            return FaultDone(name, number, self._cut(connection))
        if name not in {"same-post", "wrong-clock"}:
            raise FaultRefusedError(f"there is no fault {name!r}")
        try:
            posts = self._posts.request("same-post" if name == "same-post" else "wrong-clock", number, self._wants)
        except NoPostError as error:
            raise FaultRefusedError(str(error)) from error
        return FaultDone(name, number, sent=[SentPost(post.id, post.created_at) for post in posts])
