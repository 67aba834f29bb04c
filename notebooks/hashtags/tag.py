"""One hashtag: its numbers, and its curve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hashtags import fields
from hashtags.errors import StreamError
from hashtags.fields import utc

if TYPE_CHECKING:
    from datetime import datetime

    from hashtags.fields import Json


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a curve: when it begins, how long it is, and its posts."""

    start: datetime
    seconds: float
    posts: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag.

    Attributes:
        key: What is counted.
        label: The most frequent spelling, without the `#`.
        rank: Its place in the window; None without posts there.
        posts: Its posts in the window.
        people: Different accounts that wrote them, where that is known.
        total_posts: Its posts since counting began, where that is known.
        first_seen: When it was first counted, where that is known.
        steps: Its curve, oldest first.

    """

    key: str
    label: str
    rank: int | None
    posts: int
    people: int | None
    total_posts: int | None
    first_seen: datetime | None
    steps: tuple[Step, ...]

    def attributes(self) -> dict[str, Any]:
        """What the `attrs` of its DataFrame have."""
        return {
            "hashtag": f"#{self.label}",
            "label": self.label,
            "key": self.key,
            "rank": self.rank,
            "posts": self.posts,
            "people": self.people,
            "total_posts": self.total_posts,
            "first_seen": self.first_seen,
        }


def parse_tag(data: Json, pane_ms: int) -> Tag:
    """The answer of `GET /api/tags/<key>`.

    Args:
        data: The object of JSON.
        pane_ms: The length of a pane.

    """
    window = fields.field(data, "window") if data.get("window") else {}
    total = fields.field(data, "total") if data.get("total") else {}
    return Tag(
        key=fields.text(data, "key"),
        label=fields.text(data, "label"),
        rank=fields.optional_integer(window, "rank"),
        posts=fields.optional_integer(window, "posts") or 0,
        people=fields.optional_integer(window, "authors"),
        total_posts=fields.optional_integer(total, "posts"),
        first_seen=fields.optional_time(data, "first_seen_ms"),
        steps=_steps(data, window, timedelta(milliseconds=pane_ms)),
    )


def _steps(data: Json, window: Json, pane: timedelta) -> tuple[Step, ...]:
    """The stored panes, and after them the panes of the window, which are exact and newer."""
    length = timedelta(milliseconds=fields.integer(data, "history_step_ms"))
    stored = [
        Step(utc(at_ms), length.total_seconds(), posts) for at_ms, posts in map(_point, data.get("history") or [])
    ]
    counts = fields.items(window, "panes")
    if not counts:
        return tuple(stored)
    start = fields.time(window, "from_ms")
    newest = (Step(start + pane * place, pane.total_seconds(), posts) for place, posts in enumerate(counts))
    return (*(step for step in stored if step.start + length <= start), *newest)


def _point(value: object) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(one, int) for one in value):
        raise StreamError("The stream sent a point of a curve that is not a time and a number of posts.")
    return value[0], value[1]
