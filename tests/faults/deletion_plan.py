"""A file to replay in which posts are deleted: how many deletions each tag must have, whatever is killed meanwhile."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import TextIO

from tests.faults.load import START_MS

POSTS_PER_SECOND = 400
#: Each of these has some 30 posts a second, so its samples change with each snapshot.
BUSY_TAGS = [f"tag{number:02}" for number in range(16)]
#: Each of these has a post every four seconds, so a post remains a sample for a minute, unless it is deleted.
QUIET_TAGS = [f"quiet{number}" for number in range(4)]
TAGS = BUSY_TAGS + QUIET_TAGS
POSTS_PER_QUIET_ONE = 4 * POSTS_PER_SECOND // len(QUIET_TAGS)
#: A word that only the texts of deleted posts have.
WORD = "vanishingword"


class DeletionPlan:
    """What is in the file at `path`, and what must come of it.

    Args:
        path: Where to write the file.
        seed: What the posts are made from.
        posts: How many there are.

    """

    def __init__(self, path: Path, seed: int, posts: int) -> None:
        self.path = path
        self.posts = posts
        #: Deletions by tag; `None`: all deletions.
        self.deleted: Counter[str | None] = Counter()
        self._rng = random.Random(seed)
        self._due: dict[int, list[tuple[str, list[str]]]] = {}
        with path.open("w", encoding="utf-8") as file:
            for number in range(posts):
                self._write(file, number)

    def _write(self, file: TextIO, number: int) -> None:
        """Write a post, and the deletions that are due with it; with the last post, all that are left."""
        rng, at_ms, post_id = self._rng, START_MS + number * 1000 // POSTS_PER_SECOND, f"load:{number}"
        quiet = number % POSTS_PER_QUIET_ONE == 0
        keys = [rng.choice(QUIET_TAGS)] if quiet else rng.sample(BUSY_TAGS, rng.randrange(4))
        goes = rng.random() < (0.5 if quiet else 0.1)
        text = " ".join([WORD if goes else "words", f"n{number}", *(f"#{key}" for key in keys)])
        post = {"id": post_id, "text": text, "at_ms": at_ms, "author": f"author-{number % 997}"}
        file.write(json.dumps(post) + "\n")
        if goes:
            seconds = rng.uniform(2, 15) if quiet else rng.uniform(0, 1.5)
            due = min(self.posts - 1, number + int(seconds * POSTS_PER_SECOND))
            self._due.setdefault(due, []).append((post_id, keys))
        for deleted_id, deleted_keys in self._due.pop(number, ()):
            file.write(json.dumps({"deleted": deleted_id, "at_ms": at_ms}) + "\n")
            self.deleted.update([None, *deleted_keys])
