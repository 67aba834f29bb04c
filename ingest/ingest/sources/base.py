"""The interface of a source: `Source`, the items that it yields, and the errors that it raises."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, Self, overload

import msgspec

from ingest.posts.change import ChangeKind
from ingest.posts.filter import Term
from ingest.posts.post import SourcePost

if TYPE_CHECKING:
    from ingest.settings import Settings


class NewPost(msgspec.Struct, gc=False):
    """A post, and the cursor from which the source would resume behind it.

    `from_stream` is False for a post that was fetched with another request than the stream: such a post does not show
    that the stream works.
    """

    post: SourcePost
    cursor: str | None = None
    from_stream: bool = True


class Malformed(msgspec.Struct, gc=False):
    """An input that is not a post: the reason, in a few words that are always the same, and the cursor behind it.

    `cause` is for the log only: the unexpected error that was raised while the input was read.
    """

    reason: str
    cursor: str | None = None
    cause: str | None = None


class Repeated(msgspec.Struct, gc=False):
    """A post from before the requested cursor: it was accepted earlier and counts as a duplicate."""

    cursor: str | None = None


class ChangedPost(msgspec.Struct, gc=False):
    """A post was deleted or edited by its author: its id or its `alias`, and the new text of an edited post.

    `is_account`: a whole account was deleted. Then `id` is what the ids of all its posts begin with, up to the slash.
    """

    kind: ChangeKind
    id: str
    text: str | None = None
    cursor: str | None = None
    is_account: bool = False


class NumberedPosts(Sequence[NewPost]):
    """Posts as a block whose cursors are consecutive numbers; its items are made when they are read."""

    def __init__(self, posts: Sequence[SourcePost], first_number: int) -> None:
        self.posts = posts
        self._first_number = first_number

    def __len__(self) -> int:
        return len(self.posts)

    @overload
    def __getitem__(self, place: int) -> NewPost: ...

    @overload
    def __getitem__(self, place: slice) -> list[NewPost]: ...

    def __getitem__(self, place: int | slice) -> NewPost | list[NewPost]:
        """Return an item, or several."""
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        return NewPost(self.posts[place], str(self._first_number + range(len(self))[place]))


#: What a source yields.
SourceItem = NewPost | ChangedPost | Malformed | Repeated
#: Items that a source has at the same time, in order. Intake takes many items together for much less than one by one.
Block = Sequence[SourceItem]


class Refused(Exception):  # noqa: N818 - the name says what happened
    """The server rejects us for good (for example a wrong key): ingest does not retry. The text is one sentence."""


class Interrupted(Exception):  # noqa: N818
    """The stream broke in a way that may pass: ingest retries with the last cursor. The text is one sentence.

    `wait_seconds` is the shortest pause that the server requested; 0 if it requested none.
    """

    def __init__(self, sentence: str, wait_seconds: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait_seconds = wait_seconds


class Silent(Interrupted):
    """The stream was open and did not bring the posts that it should have brought. The text is one sentence.

    After the next connection, the source is live with its first post, not before.
    """


class Paused(Exception):  # noqa: N818
    """There is no error, but no posts are wanted before `until_ms` of the wall clock (for example a daily limit).

    The text is one sentence.
    """

    def __init__(self, sentence: str, until_ms: int) -> None:
        super().__init__(sentence)
        self.until_ms = until_ms


#: How an input compares with an earlier one: the same, the same with more behind it, or another one.
IdentityMatch = Literal["same", "longer", "other"]


class SourceContext(NamedTuple):
    """What every source needs besides its settings: the clocks, and the event that tells it to stop."""

    wall_ms: Callable[[], int]
    monotonic_seconds: Callable[[], float]
    stop: Event


class Source(ABC):
    """A source of posts.

    One thread uses it. `posts` is called when ingest starts, and again after each `Interrupted` or `Paused`. When it
    returns, the source is finished. `posts` must return soon after the stop event is set that the source was made with,
    and must yield each post as soon as it has it. It calls `report_open` each time that its stream is open; from then
    on the source is live. A source that yields three posts and ends:

        class Three(Source):
            name = "three"

            def posts(self, cursor: str | None) -> Iterator[SourceItem]:
                self.report_open()
                for number in range(int(cursor or 0), 3):
                    post = SourcePost(id=f"three:{number}", text="#hello", source="three")
                    yield NewPost(post, cursor=str(number + 1))
    """

    #: Its name in `SOURCE` and in STATUS.
    name: ClassVar[str]
    #: Whether the server filters for us; then ingest does not filter its posts again.
    filters_itself: ClassVar[bool] = False
    #: Whether its posts have an `alias`.
    has_aliases: ClassVar[bool] = False
    #: Whether it reports the deletion of accounts. The id of a post then is that of its account, a slash, and the rest.
    reports_accounts: ClassVar[bool] = False
    #: Whether a new session starts with the last cursor of the one before (X: it is the bill, not a position).
    cursor_outlives_session: ClassVar[bool] = False
    #: Whether its input is played once: a later start goes on behind what was played, also after the end or LIMIT.
    plays_once: ClassVar[bool] = False

    _on_open: Callable[[], None] | None = None

    @classmethod
    def from_settings(cls, settings: "Settings", context: SourceContext) -> Self:  # noqa: ARG003
        """Return a new source. Override it if the source has settings, or needs a clock or the stop event."""
        return cls()

    @classmethod  # noqa: B027 - most sources need no check
    def check_settings(cls, settings: "Settings") -> None:
        """Check the settings before the start, without a connection.

        Raises:
            ValueError: A setting can't be used. The text is one sentence that names it.

        """

    @classmethod  # noqa: B027 - most sources need no check
    def check_terms(cls, settings: "Settings", terms: Sequence[Term]) -> None:
        """Check terms before they are used.

        Raises:
            ValueError: The server would reject these terms.

        """

    def on_open(self, callback: Callable[[], None]) -> None:
        """Set the function that `report_open` calls."""
        self._on_open = callback

    def report_open(self) -> None:
        """Report that the stream is open: the server accepted the request (HTTP 200, a WebSocket handshake)."""
        if self._on_open is not None:
            self._on_open()

    @property
    def identity(self) -> str | None:
        """Identifies the input: a cursor is valid for the same identity only. None: the source can't be resumed."""
        return self.name

    def compare_identity(self, identity: str) -> IdentityMatch:
        """Compare the input with the one that had this identity."""
        return "same" if identity == self.identity else "other"

    def already_played_message(self) -> str:
        """Return one sentence for a start after the input was played to its end: why no posts come."""
        return "its input was played to the end before"

    @abstractmethod
    def posts(self, cursor: str | None) -> Iterator[SourceItem]:
        """Yield the items behind `cursor`, each with its own cursor.

        Args:
            cursor: Cursor of the last item that was accepted; None: from the beginning, or from now.

        Raises:
            Refused: The server rejects us for good.
            Interrupted: The connection failed; ingest retries after a pause that grows.
            Paused: Ingest calls again when the pause is over.

        """

    def blocks(self, cursor: str | None) -> Iterator[Block]:
        """Yield the items of `posts` in blocks. Override it if the source often has many items at the same time."""
        for item in self.posts(cursor):
            yield (item,)

    def past(self, end_ms: int) -> Iterator[tuple[int, Sequence[SourcePost]]]:  # noqa: ARG002
        """Yield made-up posts from before the first start of a new log, in runs with their times, oldest first.

        Args:
            end_ms: The time of the start, in ms since 1970. No run is later.

        """
        return iter(())

    def set_terms(self, terms: Sequence[Term], languages: Sequence[str]) -> None:  # noqa: B027 - most need not know
        """Use new terms from now on. Called from another thread; only needed if the source `filters_itself`."""

    def own_terms(self) -> list[str]:
        """Return the terms that the source uses in place of `TRACK` and `LANGUAGES`, for STATUS; [] if it uses those.

        Called from other threads.
        """
        return []

    def facts(self) -> Mapping[str, str | int | float]:
        """Return what STATUS reports besides the state, such as what was billed; called from other threads."""
        return {}
