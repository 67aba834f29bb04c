"""A change of a stored post: its author has deleted or edited it."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from ingest.posts.post import MAX_LINE_BYTES, Post, Tag, fix_surrogates

ChangeKind = Literal["deleted", "edited"]


class WantedChange(msgspec.Struct, frozen=True, gc=False):
    """A change that a source reported of the post at `offset`: `text` is the new text of an edited post.

    `source` is the name of the source that counts it. `is_account`: the id is only the beginning of the post's.
    """

    kind: ChangeKind
    source: str
    offset: int
    id: str
    text: str = ""
    is_account: bool = False

    def is_of(self, post: Post) -> bool:
        """Whether it is a change of this post."""
        return post.id.startswith(self.id) if self.is_account else self.id in {post.id, post.alias}


class Change(msgspec.Struct, frozen=True, gc=False):
    """An entry of the log of changes (docs/protocol.md, "CHANGES"); the fields are in the order of the JSON object."""

    number: int
    kind: ChangeKind
    at_ms: int
    offset: int
    id: str
    post_at_ms: int
    source: str
    lang: str
    tags: Sequence[Tag]

    def encode(self) -> bytes:
        """Return its line."""
        return msgspec.json.encode(self) + b"\n"


class StoredPost(Post, gc=False):
    """The line of a post, with the time of its change if there was one."""

    edited_ms: int | msgspec.UnsetType = msgspec.UNSET
    deleted_ms: int | msgspec.UnsetType = msgspec.UNSET


def changed_line(line: bytes, wanted: WantedChange, at_ms: int) -> tuple[bytes, StoredPost] | None:
    r"""Return the line of a post as it is after a change, and the post; None if the change changes nothing.

    That is so if the line is not a post, if the post has another id, if it is deleted already, or if its text is
    already that of the edit. The new line is at least as long as the old one: blanks fill it. So the place of the lines
    behind it stays.

    Args:
        line: The line, without `\n`.
        wanted: The change.
        at_ms: The time of the change.

    """
    try:
        post = _decode(line)
    except msgspec.MsgspecError:
        return None
    if not wanted.is_of(post) or post.deleted_ms is not msgspec.UNSET:
        return None
    if wanted.kind == "deleted":
        post.text, post.author, post.url = "", None, None
        post.edited_ms, post.deleted_ms = msgspec.UNSET, at_ms
    else:
        text = fix_surrogates(wanted.text)
        if text == post.text:
            return None
        post.text, post.edited_ms = text, at_ms
    changed = msgspec.json.encode(post)
    if len(changed) >= MAX_LINE_BYTES:
        post.text = ""
        changed = msgspec.json.encode(post)
    return changed.ljust(len(line)), post


_decode = msgspec.json.Decoder(StoredPost).decode
