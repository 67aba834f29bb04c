"""The items of the lines of a replay file, whatever is in them."""

import codecs
from functools import partial

from ingest.posts import entry
from ingest.sources.base import Malformed, NewPost
from ingest.sources.common import lines, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.replay import format as replay_format
from ingest.sources.replay.foreign_post import Found

#: A longer line is skipped. A page of the X API with its referenced posts may have several MiB.
MAX_LINE_BYTES = 2**24


class TimedItems:
    """The items of lines, and when their posts were written (ms since 1970; None: unknown, or not a post)."""

    def __init__(self) -> None:
        self.items: list[NewPost | Malformed] = []
        self.times_ms: list[int | None] = []

    def add(self, line: bytes | None, number: int, skip: int) -> None:
        r"""Add the items of a line without its `\n`, except for the first `skip` posts of its page.

        Args:
            line: The line; None if it is too long.
            number: Its number, the first is 1.
            skip: How many posts of its page were read before.

        """
        here = str(number)
        if line is not None and not skip and len(line) <= lines.MAX_LINE_BYTES:
            post = replay_format.own_post(line, number)
            if post is not None:
                self.items.append(NewPost(post.post, here))
                self.times_ms.append(post.at_ms)
                return
        found = _found(line, number)
        for done, each in enumerate(found[skip:], skip + 1):
            cursor = here if done == len(found) else f"{here}:{done}"
            if isinstance(each, FormatError):
                self.items.append(unexpected.malformed(each, cursor))
                self.times_ms.append(None)
            else:
                self.items.append(NewPost(each.post, cursor))
                self.times_ms.append(each.at_ms)


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
