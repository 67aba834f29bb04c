"""An alert: a rule of the operator that fired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashtags import fields

if TYPE_CHECKING:
    from datetime import datetime

    from hashtags.fields import Json


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert. `hashtag`, `rank` and `posts` are None where the alert is about the stream itself.

    Attributes:
        at: The end of the pane in which the rule fired.
        rule: The name of the rule.
        hashtag: The hashtag.
        rank: Its rank then.
        posts: Its posts then.
        sentence: All of it as one English sentence.

    """

    at: datetime
    rule: str
    hashtag: str | None
    rank: int | None
    posts: int | None
    sentence: str


def parse_alerts(data: Json) -> tuple[Alert, ...]:
    """The answer of `GET /api/alerts`."""
    return tuple(_alert(one) for one in fields.objects(data, "alerts"))


def _alert(data: Json) -> Alert:
    label = fields.optional_text(data, "label")
    return Alert(
        at=fields.time(data, "at_ms"),
        rule=fields.text(data, "rule"),
        hashtag=None if label is None else f"#{label}",
        rank=fields.optional_integer(data, "rank"),
        posts=fields.optional_integer(data, "posts"),
        sentence=fields.text(fields.field(data, "text"), "en"),
    )
