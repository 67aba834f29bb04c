"""Which stored posts each account has, for platforms that report the deletion of an account and not of its posts."""

from array import array
from collections import deque
from collections.abc import Iterable

#: The most posts of a part. When posts are trimmed, whole parts are dropped.
PART_POSTS = 2**16


class _Part:
    """The offsets of posts, which grow, and a 64-bit hash of the account of each."""

    def __init__(self) -> None:
        self.offsets = array("q")
        self.accounts = array("q")

    def offsets_of(self, account: int) -> list[int]:
        # To search bytes takes a hundredth of the time of a loop. Only what begins at a number is one.
        stored, sought = self.accounts.tobytes(), array("q", [account]).tobytes()
        found: list[int] = []
        place = stored.find(sought)
        while place >= 0:
            number, rest = divmod(place, len(sought))
            if not rest:
                found.append(self.offsets[number])
            place = stored.find(sought, place + 1)
        return found


class AccountPosts:
    """The posts of each account: 16 bytes a post, and about a millisecond for a search in a million posts.

    The hash is Python's own, which has a new random key in each process. Not thread-safe.
    """

    def __init__(self) -> None:
        self._parts: deque[_Part] = deque()

    def add(self, post_ids: Iterable[str], first: int) -> None:
        """Add posts; the offsets of the ids begin with `first`. Offsets must grow from call to call."""
        for offset, post_id in enumerate(post_ids, first):
            if not self._parts or len(self._parts[-1].offsets) >= PART_POSTS:
                self._parts.append(_Part())
            self._parts[-1].offsets.append(offset)
            self._parts[-1].accounts.append(hash(account_of(post_id)))

    def find(self, account: str) -> list[int]:
        """Return the offsets of the posts of an account; trimmed posts may be among them."""
        value = hash(account)
        return [offset for part in self._parts for offset in part.offsets_of(value)]

    def drop_before(self, offset: int) -> None:
        """Drop the parts of which all posts lie before `offset`: the spool has trimmed these posts."""
        while self._parts and self._parts[0].offsets[-1] < offset:
            self._parts.popleft()


def account_of(post_id: str) -> str:
    """Return the beginning of the ids of all posts of the account: what is before the last slash, and the slash."""
    return post_id[: post_id.rfind("/") + 1]
