"""What rises: hashtags that more different people use than usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashtags import fields

if TYPE_CHECKING:
    from datetime import datetime

    from hashtags.fields import Json


@dataclass(frozen=True, slots=True)
class Rise:
    """A rising hashtag, and why it is on the list. Its numbers are those of the window at the end of a pane.

    Attributes:
        topic: The place of its topic on the list; tags that the same people use together are one topic.
        key: What is counted.
        label: The most frequent spelling, without the `#`.
        posts: Posts with it.
        people: Different accounts, or different texts if those are fewer.
        expected: How many are usual at this time.
        times: How many times the usual number that is.
        since: When the rise began.
        source: The source with most of its posts.
        lang: The language of most of its posts.
        is_new: Whether nothing is known of its past.

    """

    topic: int
    key: str
    label: str
    posts: int
    people: int
    expected: float
    times: float
    since: datetime
    source: str
    lang: str
    is_new: bool

    @property
    def hashtag(self) -> str:
        """How people write it."""
        return f"#{self.label}"


@dataclass(frozen=True, slots=True)
class Rising:
    """The list at the end of a pane. `missing_seconds`: how long it takes until enough is known of what is usual."""

    at: datetime
    missing_seconds: float
    rises: tuple[Rise, ...]


def parse_rising(data: Json) -> Rising:
    """The answer of `GET /api/rising`."""
    topics = enumerate(fields.objects(data, "topics"), start=1)
    return Rising(
        at=fields.time(data, "at_ms"),
        missing_seconds=fields.integer(data, "missing_ms") / 1000,
        rises=tuple(_rise(tag, place) for place, topic in topics for tag in fields.objects(topic, "tags")),
    )


def _rise(data: Json, topic: int) -> Rise:
    return Rise(
        topic=topic,
        key=fields.text(data, "key"),
        label=fields.text(data, "label"),
        posts=fields.integer(data, "posts"),
        people=fields.integer(data, "voices"),
        expected=fields.number(data, "expected"),
        times=fields.number(data, "times"),
        since=fields.time(data, "since_ms"),
        source=fields.text(data, "source"),
        lang=fields.text(data, "lang"),
        is_new=data.get("new") is True,
    )
