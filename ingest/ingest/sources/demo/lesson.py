"""Posts that a lesson wants from the demo: one that came before, and two with a wrong clock."""

import queue
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Literal, NamedTuple

from msgspec.structs import replace

from ingest.posts.post import SourcePost

Wish = Literal["same-post", "wrong-clock"]

#: The times that posts with a wrong clock give: the first second of Unix time, and the one behind its 32 bits.
WRONG_TIMES = ("1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z")
#: Among so many posts one is looked for that ingest wants.
RECENT_POSTS = 500
#: The demo yields posts 20 times a second.
PATIENCE_SECONDS = 2.0


class NoPostError(Exception):
    """The demo has no such post now. The text is one sentence."""


class _Request(NamedTuple):
    wish: Wish
    number: int
    wants: Callable[[SourcePost], bool]
    made: "Future[list[SourcePost]]"


class LessonPosts:
    """Takes requests from any thread. The thread of the demo makes the posts, between its own."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[_Request] = queue.SimpleQueue()
        self._recent: deque[SourcePost] = deque(maxlen=RECENT_POSTS)

    def request(self, wish: Wish, number: int, wants: Callable[[SourcePost], bool]) -> list[SourcePost]:
        """Let the demo yield posts, and return them.

        Args:
            wish: Which posts.
            number: A number that no other request has.
            wants: Whether ingest accepts a post.

        Raises:
            NoPostError: The demo yields none now.

        """
        request = _Request(wish, number, wants, Future())
        self._requests.put(request)
        try:
            return request.made.result(PATIENCE_SECONDS)
        except TimeoutError as error:
            # If it is too late to cancel, they are there.
            if not request.made.cancel():
                return request.made.result()
            raise NoPostError("the demo sends no posts now") from error

    def note(self, posts: Iterable[SourcePost]) -> None:
        """Remember what the demo yields."""
        self._recent.extend(posts)

    def due(self) -> list[SourcePost]:
        """Return what was requested since the last call. Only the thread of the demo calls it."""
        posts: list[SourcePost] = []
        while not self._requests.empty():
            request = self._requests.get()
            if request.made.set_running_or_notify_cancel():
                posts += self._made(request)
        return posts

    def _made(self, request: _Request) -> list[SourcePost]:
        earlier = next((post for post in reversed(self._recent) if request.wants(post)), None)
        if earlier is None:
            request.made.set_exception(NoPostError("the demo has sent no post yet that ingest wants"))
            return []
        made = [earlier] if request.wish == "same-post" else _with_wrong_times(earlier, request.number)
        request.made.set_result(made)
        return made


def _with_wrong_times(post: SourcePost, number: int) -> list[SourcePost]:
    return [
        replace(post, id=f"{post.id}:clock-{number}-{place}", created_at=created_at)
        for place, created_at in enumerate(WRONG_TIMES)
    ]
