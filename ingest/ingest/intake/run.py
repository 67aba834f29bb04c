"""The run that is being filled: the posts of the next commit."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from ingest.posts.post import Post

#: A run is full when it reaches one of these bounds.
RUN_POSTS = 4096
RUN_CHARACTERS = 512 * 1024


class Run:
    """Posts, and the characters of all their fields."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self._characters = 0

    @property
    def full(self) -> bool:
        """Whether the run should be committed at once."""
        return len(self.posts) >= RUN_POSTS or self._characters >= RUN_CHARACTERS

    def add(self, posts: Iterable[Post], characters: Iterable[int]) -> None:
        """Add posts with these numbers of characters."""
        self.posts += posts
        self._characters += sum(characters)

    def room(self, characters: Sequence[int], left: int | None) -> int:
        """Return how many posts of these lengths, one at least, come before a bound of the run or the limit.

        Args:
            characters: The number of characters of each post.
            left: How many posts are left up to the limit; None: there is no limit.

        """
        posts = RUN_POSTS - len(self.posts)
        if left is not None:
            posts = min(posts, left)
        if self._characters + sum(characters) < RUN_CHARACTERS:
            return min(posts, len(characters))
        lengths = list(accumulate(characters, initial=self._characters))
        # The post that reaches the bound of characters is the last one.
        return min(posts, bisect_left(lengths, RUN_CHARACTERS, 1, len(characters)))
