"""What every source is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Literal

import msgspec

from ingest.posts.filter import Term
from ingest.posts.post import SourcePost


class Sighting(msgspec.Struct, gc=False):
    """A post that a source came upon, and the cursor from which the source would go on behind it.

    `from_stream` is false for a post that was fetched beside the stream, which does not show that the stream works.
    """

    post: SourcePost
    cursor: str | None = None
    from_stream: bool = True


class Malformed(msgspec.Struct, gc=False):
    """An input that is no post: the reason, in a few words that are the same each time, and the cursor behind it.

    `cause` is for the log only: the error that reading it raised, where nobody expected one.
    """

    reason: str
    cursor: str | None = None
    cause: str | None = None


class Repeated(msgspec.Struct, gc=False):
    """A post from before the place that we asked to resume from: it was taken earlier, and counts as a duplicate."""

    cursor: str | None = None


#: All that a source may yield.
Item = Sighting | Malformed | Repeated


class Refused(Exception):  # noqa: N818 - it names what happened
    """The other side refuses us for good (a wrong key): don't knock again. One sentence."""


class Interrupted(Exception):  # noqa: N818
    """The stream broke in a way that may pass: come back later, with the last cursor. One sentence.

    `wait_seconds` is how long the other side asked us to stay away, if it did.
    """

    def __init__(self, sentence: str, wait_seconds: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait_seconds = wait_seconds


class Silent(Interrupted):
    """The stream was open and brought none of the posts that it should have brought. One sentence.

    The next time that it opens, it is live with its first post and not before.
    """


class Paused(Exception):  # noqa: N818
    """Nothing is wrong, but no more is wanted before `until_ms` of the wall clock (a daily limit). One sentence."""

    def __init__(self, sentence: str, until_ms: int) -> None:
        super().__init__(sentence)
        self.until_ms = until_ms


#: Whether an input is one that was known, or that one with something added behind it.
Sameness = Literal["same", "longer", "other"]


class Source(ABC):
    """Where posts come from.

    One thread uses it. `posts` is called when ingest starts, and again after each `Interrupted` or `Paused`; when it
    returns, the source is finished. It must return soon after the stop event that it was made with is set, and it must
    not hold back what it has: each post is yielded when it is there. It calls `opened` each time that its stream is
    open; it counts as live from then on.
    """

    #: Its name in `SOURCE` and in STATUS.
    name: ClassVar[str]
    #: Whether the other side is told what we want, and so nothing that it sends is filtered again.
    selects: ClassVar[bool] = False
    #: Whether its cursor is good behind the end of its input (at LIMIT), too: it says what was billed, not where it is.
    keeps_cursor: ClassVar[bool] = False

    #: Whether its input is played once: a later start goes on behind what was played, also after the end or LIMIT.
    plays_once: ClassVar[bool] = False

    _on_open: Callable[[], None] | None = None

    def on_open(self, callback: Callable[[], None]) -> None:
        """Let `callback` be called, within `posts`, each time that the stream is open."""
        self._on_open = callback

    def opened(self) -> None:
        """Report that the stream is open: the server accepted the request (HTTP 200, a WebSocket handshake)."""
        if self._on_open is not None:
            self._on_open()

    @property
    def identity(self) -> str | None:
        """Which input this is: a cursor is good for the same identity only. None: it can't be resumed at all."""
        return self.name

    def sameness(self, identity: str) -> Sameness:
        """Say whether the input is the one that had this identity."""
        return "same" if identity == self.identity else "other"

    def already_played(self) -> str:
        """Return one sentence for an input that was played to its end at an earlier start: why nothing comes of it."""
        return "its input was played to the end before"

    @abstractmethod
    def posts(self, cursor: str | None) -> Iterator[Item]:
        """Yield what comes behind `cursor` (None: from the beginning, or from now), with a cursor each.

        Raises:
            Refused: for good.
            Interrupted: to be tried again, after a pause that grows.
            Paused: to be called again at its time.

        """

    def retrack(self, terms: Sequence[Term], languages: Sequence[str]) -> None:  # noqa: B027 - most need not know
        """The terms in force are others now; called from another thread, only of interest if it `selects`."""

    def facts(self) -> Mapping[str, str | int | float]:
        """What STATUS says of it beside its state, such as what was billed; called from other threads."""
        return {}
