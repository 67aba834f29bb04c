"""One entry of ingest's log of changes (docs/protocol.md, "CHANGES")."""

from typing import Literal

import msgspec


class ChangedTag(msgspec.Struct, frozen=True):
    """A tag of the post."""

    key: str
    label: str


class Change(msgspec.Struct, frozen=True):
    """A post was deleted or edited. `post_at_ms`: when ingest accepted the post."""

    number: int
    kind: str
    at_ms: int
    offset: int
    id: str
    post_at_ms: int
    source: str
    lang: str
    tags: list[ChangedTag]


DELETED: Literal["deleted"] = "deleted"
_decoder = msgspec.json.Decoder(Change)


class UnreadableChangeError(Exception):
    """A line is no change of the contract."""


def read_changes(body: bytes | bytearray) -> list[Change]:
    """The changes of a body of `CHANGES`.

    Raises:
        UnreadableChangeError: A line breaks the contract. Its text has nothing of the line.

    """
    try:
        return [_decoder.decode(line) for line in bytes(body).splitlines() if line]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableChangeError(f"a line of CHANGES can't be read: {type(error).__name__}") from error
