"""What is ranked: the view of a list of leading hashtags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashtags.errors import StreamError

if TYPE_CHECKING:
    from hashtags.fields import Json

RANKINGS = ("window", "batch", "total")
#: By what a window can be ranked, and what the stream calls it.
BY = {"posts": "posts", "people": "authors"}


@dataclass(frozen=True, slots=True)
class View:
    """A ranking, or the window of one source or one language.

    Attributes:
        ranking: `window` (the last minutes), `batch` (the newest micro-batch) or `total` (everything).
        source: Only posts of this source, such as `bluesky`; only with the window.
        lang: Only posts in this language, such as `es`; only with the window.
        by: `posts`, or `people` (different accounts); people only with the window.

    Raises:
        StreamError: These do not go together.

    """

    ranking: str = "window"
    source: str | None = None
    lang: str | None = None
    by: str = "posts"

    def __post_init__(self) -> None:
        if self.ranking not in RANKINGS:
            raise StreamError(f"ranking must be one of {', '.join(RANKINGS)}, not {self.ranking!r}.")
        if self.by not in BY:
            raise StreamError(f"by must be posts or people, not {self.by!r}.")
        if self.source is not None and self.lang is not None:
            raise StreamError("A list is of one source or of one language, not of both.")
        if self.ranking != "window" and (self.source, self.lang, self.by) != (None, None, "posts"):
            raise StreamError(f"Only the window can be ranked by source, language or people, not {self.ranking!r}.")

    @property
    def is_default(self) -> bool:
        """Whether a new connection has this view by itself."""
        return self == View()

    def request(self) -> Json:
        """The view as the stream wants it."""
        return {"ranking": self.ranking, "source": self.source, "lang": self.lang, "by": BY[self.by]}
