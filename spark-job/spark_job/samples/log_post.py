"""A line of ingest's log with all that a sample shows."""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from spark_job.executor.posts import MAX_KEY_BYTES, NO_LANGUAGE, NO_SOURCE
from spark_job.panel_schema import SamplePost, SampleTag

MAX_TEXT_CHARACTERS = 1_000
#: An address of more characters is left out. Ingest passes on what a platform sends.
MAX_URL_CHARACTERS = 2_000


class LogPost(msgspec.Struct, frozen=True):
    """A post of the log. One with `deleted_ms` has no text any more.

    `offset`: its number in the log. That of a message of Kafka is made of its partition and its offset there.
    """

    at_ms: int
    tags: list[SampleTag]
    offset: int = -1
    id: str = ""
    text: str = ""
    created_at: str | None = None
    author: str | None = None
    lang: str = NO_LANGUAGE
    source: str = NO_SOURCE
    url: str | None = None
    deleted_ms: int | None = None

    def as_sample(self) -> SamplePost:
        """What is sent of it: not its author."""
        return SamplePost(
            offset=self.offset,
            id=self.id,
            at_ms=self.at_ms,
            created_at=self.created_at,
            text=self.text[:MAX_TEXT_CHARACTERS],
            source=self.source,
            lang=self.lang,
            url=self.url if self.url and len(self.url) <= MAX_URL_CHARACTERS else None,
            tags=self.tags,
        )


_decoder = msgspec.json.Decoder(LogPost)


def read_lines(body: bytes | bytearray) -> Iterator[LogPost]:
    """The posts of a body of `READ` that can be shown: not deleted ones, and not lines that break the contract."""
    return (post for post in read_all_lines(body) if post.deleted_ms is None)


def read_all_lines(body: bytes | bytearray) -> Iterator[LogPost]:
    """The same with deleted posts, which have no text."""
    for line in bytes(body).split(b"\n"):
        if not line:
            continue
        post = _parse(line)
        if post is not None and post.offset >= 0:
            yield post


def read_message(value: bytes, number: int, latest_ms: int) -> LogPost | None:
    """The post of a message of Kafka. None: it is no post.

    Args:
        value: The value of the message.
        number: The number of the message.
        latest_ms: A post of a later time is none.

    """
    post = _parse(value)
    if post is None or post.at_ms > latest_ms or post.deleted_ms is not None:
        return None
    return replace(post, offset=number)


def _parse(line: bytes) -> LogPost | None:
    """The post. None: it breaks the contract."""
    try:
        post = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    is_post = (
        post.id
        and post.at_ms >= 0
        and post.source
        and post.lang
        and all(0 < len(tag.key.encode(errors="replace")) <= MAX_KEY_BYTES and tag.label for tag in post.tags)
    )
    return post if is_post else None
