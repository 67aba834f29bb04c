"""The items of the lines of a replay file, whatever is in them."""

import codecs
from collections.abc import Sequence
from functools import partial

from ingest.posts import entry
from ingest.sources.base import ChangedPost, Malformed, NewPost, NumberedPosts
from ingest.sources.common import lines, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.replay import format as replay_format
from ingest.sources.replay.foreign_post import Found
from ingest.sources.replay.format import OwnPost
from ingest.sources.replay.timed import TimedChange, TimedPost

#: A longer line is skipped. A page of the X API with its referenced posts may have several MiB.
MAX_LINE_BYTES = 2**24


#: What the source yields.
ReplayItem = NewPost | ChangedPost | Malformed


class TimedItems:
    """The items of lines, and when their posts were written (ms since 1970; None: unknown, or not a post)."""

    def __init__(self) -> None:
        self._items: list[ReplayItem] = []
        self._dated: list[OwnPost | TimedPost | TimedChange | None] = []
        self._plain: NumberedPosts | None = None

    @property
    def items(self) -> Sequence[ReplayItem]:
        """The items, in order."""
        return self._plain or self._items

    @property
    def times_ms(self) -> list[int | None]:
        """The time of each item. They are parsed here, because a replay without waits does not need them."""
        return [each.written_ms if isinstance(each, OwnPost) else each.at_ms if each else None for each in self._dated]

    def add(self, block: Sequence[bytes | None], first_number: int) -> None:
        r"""Add the items of lines without their `\n`. Call it once, after `add_page`.

        Args:
            block: The lines; None for one that is too long.
            first_number: The number of the first of them, from 1 on.

        """
        posts = replay_format.own_posts(block, first_number)
        plain = [post for post in posts if post is not None]
        if not self._items and len(plain) == len(block) and _longest(block) <= lines.MAX_LINE_BYTES:
            self._plain = NumberedPosts(plain, first_number)
            self._dated += plain
            return
        for number, (line, post) in enumerate(zip(block, posts, strict=True), first_number):
            if line is None or post is None or len(line) > lines.MAX_LINE_BYTES:
                self.add_page(line, number, 0)
            else:
                self._items.append(NewPost(post, str(number)))
                self._dated.append(post)

    def add_page(self, line: bytes | None, number: int, skip: int) -> None:
        """Add the items of a line with any number of posts, except for the first `skip` posts."""
        found = _found(line, number)
        for done, each in enumerate(found[skip:], skip + 1):
            cursor = str(number) if done == len(found) else f"{number}:{done}"
            if isinstance(each, FormatError):
                self._items.append(unexpected.malformed(each, cursor))
                self._dated.append(None)
            elif isinstance(each, TimedChange):
                each.change.cursor = cursor
                self._items.append(each.change)
                self._dated.append(each)
            else:
                self._items.append(NewPost(each.post, cursor))
                self._dated.append(each)


def _longest(block: Sequence[bytes | None]) -> int:
    return max([len(line) for line in block if line is not None], default=0)


def _found(line: bytes | None, number: int) -> Found:
    """Return the posts of a line of any kind, and why parts of it are not posts."""
    if line is None:
        return [FormatError(f"longer than {MAX_LINE_BYTES // 2**20} MiB")]
    # A concatenated file has a byte order mark at the beginning of each part.
    line = line.removeprefix(codecs.BOM_UTF8)
    if not line.strip():
        return []
    found = unexpected.read(partial(replay_format.posts, number=number), line)
    if isinstance(found, FormatError):
        return [found]
    if len(line) > lines.MAX_LINE_BYTES and len(found) == 1:
        return [FormatError(entry.TOO_LONG)]
    return found
