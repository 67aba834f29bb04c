"""What every source is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from ingest.post import SourcePost


class Sighting(msgspec.Struct, gc=False):
    """A post that a source came upon, and the cursor from which the source would go on behind it."""

    post: SourcePost
    cursor: str | None = None


class Malformed(msgspec.Struct, gc=False):
    """An input that is no post: the reason, in a few words that are the same each time, and the cursor behind it."""

    reason: str
    cursor: str | None = None


class Refused(Exception):  # noqa: N818 - it names what happened
    """The other side refuses us for good (a wrong key): don't knock again. One sentence."""


class Interrupted(Exception):  # noqa: N818
    """The stream broke in a way that may pass: come back later, with the last cursor. One sentence."""


class Source(ABC):
    """Where posts come from.

    One thread uses it. `posts` is called when ingest starts, and again after each `Interrupted`; when it returns, the
    source is finished. It must return soon after the stop event that it was made with is set, and it must not hold
    back what it has: each post is yielded when it is there.
    """

    #: Its name in `SOURCE` and in STATUS.
    name: ClassVar[str]

    @property
    def identity(self) -> str | None:
        """Which input this is: a cursor is good for the same identity only. None: it can't be resumed at all."""
        return self.name

    @abstractmethod
    def posts(self, cursor: str | None) -> Iterator[Sighting | Malformed]:
        """Yield what comes behind `cursor` (None: from the beginning, or from now), with a cursor each.

        Raises:
            Refused: for good.
            Interrupted: to be tried again, after a pause that grows.

        """
