"""One of the leading hashtags of a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashtags import fields

if TYPE_CHECKING:
    from datetime import datetime

    from hashtags.fields import Json


@dataclass(frozen=True, slots=True)
class Leader:
    """A hashtag with its numbers in a view.

    Attributes:
        rank: The place in the list; 1 is the leader.
        key: What is counted: all spellings with the same key are one hashtag.
        label: The most frequent spelling, without the `#`.
        posts: Posts with it.
        people: Different accounts that wrote them, where that is known.
        posts_before: Posts with it in the equally long window before, where that was counted completely.
        previous_rank: The rank before, where it had one.
        first_seen: When it was first counted, where that is known.

    """

    rank: int
    key: str
    label: str
    posts: int
    people: int | None
    posts_before: int | None
    previous_rank: int | None
    first_seen: datetime | None

    @property
    def hashtag(self) -> str:
        """How people write it."""
        return f"#{self.label}"

    @property
    def change(self) -> float | None:
        """How much it grew since the window before: 0.5 is half as many posts more."""
        return self.posts / self.posts_before - 1 if self.posts_before else None

    @classmethod
    def parse(cls, data: Json, rank: int, *, before_known: bool = True) -> Leader:
        """A leader of an event, of a snapshot or of a window of the past.

        Args:
            data: The object of JSON.
            rank: Its place in the list.
            before_known: Whether the time before was counted completely.

        """
        key = fields.text(data, "key")
        return cls(
            rank=rank,
            key=key,
            label=fields.optional_text(data, "label") or key,
            posts=fields.integer(data, "posts"),
            people=fields.optional_integer(data, "authors"),
            posts_before=fields.optional_integer(data, "posts_before") if before_known else None,
            previous_rank=fields.optional_integer(data, "previous_rank"),
            first_seen=fields.optional_time(data, "first_seen_ms"),
        )


def parse_leaders(found: list[Json], *, before_known: bool = True) -> tuple[Leader, ...]:
    """The leaders of a list, which has the first one first."""
    return tuple(Leader.parse(data, rank, before_known=before_known) for rank, data in enumerate(found, start=1))
