"""The run that is being filled: the posts of the next commit."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from ingest.posts.post import Post

#: A run of the spool is full when it reaches one of these bounds.
RUN_POSTS = 4096
RUN_CHARACTERS = 512 * 1024


class Run:
    """Posts, and the characters of all their fields."""

    def __init__(self, most_posts: int = RUN_POSTS, most_characters: int = RUN_CHARACTERS) -> None:
        self.posts: list[Post] = []
        self._characters = 0
        self._most_posts, self._most_characters = most_posts, most_characters

    @property
    def full(self) -> bool:
        """Whether the run should be committed at once."""
        return len(self.posts) >= self._most_posts or self._characters >= self._most_characters

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
        posts = self._most_posts - len(self.posts)
        if left is not None:
            posts = min(posts, left)
        if self._characters + sum(characters) < self._most_characters:
            return min(posts, len(characters))
        lengths = list(accumulate(characters, initial=self._characters))
        # The post that reaches the bound of characters is the last one.
        return min(posts, bisect_left(lengths, self._most_characters, 1, len(characters)))
