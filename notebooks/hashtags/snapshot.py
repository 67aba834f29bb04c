"""The numbers of one moment: a live one, or one of the past."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hashtags import fields, tables
from hashtags.leader import Leader, parse_leaders
from hashtags.view import BY, View

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd

    from hashtags.fields import Json

#: Rows of `top`, as many as the page shows.
TOP = 10


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A list of leading hashtags and the time that it is of.

    Attributes:
        view: What is ranked.
        start: Where the window begins.
        to: Up to when posts are counted.
        posts: All posts of the view, those without a hashtag too.
        people: The different accounts that wrote them, where that is known.
        leaders: The leading hashtags.
        order: Epoch and number of the snapshot: a later one is greater. None in the past.
        raw: The object of JSON from which it was made (docs/protocol.md).

    """

    view: View
    start: datetime
    to: datetime
    posts: int
    people: int | None
    leaders: tuple[Leader, ...]
    order: tuple[int, int] | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def top(self) -> pd.DataFrame:
        """The ten leading hashtags."""
        return self.table(TOP)

    def table(self, count: int) -> pd.DataFrame:
        """The leading hashtags, at most `count` of them."""
        return tables.leaders(self.leaders[:count], self.posts)


def parse_event(data: Json) -> Snapshot:
    """The event `snapshot` of the live connection, or a window of the past, which has the same shape."""
    view = fields.field(data, "view")
    number = fields.optional_integer(data, "seq")
    names = {of: name for name, of in BY.items()}
    return Snapshot(
        view=View(
            fields.text(view, "ranking"),
            fields.optional_text(view, "source"),
            fields.optional_text(view, "lang"),
            names.get(fields.optional_text(view, "by") or "posts", "posts"),
        ),
        start=fields.time(data, "from_ms"),
        to=fields.time(data, "to_ms"),
        posts=fields.integer(data, "posts"),
        people=fields.optional_integer(data, "authors"),
        leaders=parse_leaders(fields.objects(data, "top")),
        order=None if number is None else (fields.integer(data, "epoch"), number),
        raw=data,
    )
