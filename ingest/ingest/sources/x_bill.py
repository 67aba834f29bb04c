"""What X bills: the posts of a UTC day, their price, and the limit that we keep to."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime

from ingest.sources.base import Paused

DAY_MS = 86_400_000

_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d) (\d{1,15})", re.ASCII)

_log = logging.getLogger(__name__)


class Bill:
    """Counts the posts that X delivers on a UTC day.

    X bills a post once in a UTC day however often it delivers it; we count each delivery, whatever becomes of it, and
    each line that we can't read. So the count may be above X's own. It is below only by what X had sent and we had not
    taken when we hung up: that is billed and not counted.

    A clock that is put back doesn't begin an earlier day: the count stays, and holds until the day is over.

    The count is the cursor of the source, `2026-11-20 123`, and so it is committed with the posts. One thread writes
    it; any may read.
    """

    def __init__(self, *, limit: int, price_usd: float, now_ms: Callable[[], int]) -> None:
        """`limit` in posts a UTC day, `price_usd` of one post."""
        self.limit = limit
        self.price_usd = price_usd
        self._now_ms = now_ms
        self._date, self._posts = self._today(), 0

    @property
    def cursor(self) -> str:
        """The day of the last post, and how many it has so far."""
        return f"{self._date} {self._posts}"

    @property
    def posts_today(self) -> int:
        """Posts billed on the UTC day that it is now, or on one that the clock has seen before it was put back."""
        return self._posts if self._date >= self._today() else 0

    @property
    def cost_today_usd(self) -> float:
        """The price of today's posts."""
        return self._cost_usd(self.posts_today)

    @property
    def cost_at_limit_usd(self) -> float:
        """What a day can cost."""
        return self._cost_usd(self.limit)

    def resume(self, cursor: str | None) -> None:
        """Go on from a cursor; one of an earlier day counts no more."""
        self._turn()
        if cursor is None:
            return
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            _log.warning("x: the count of billed posts can't be read, and begins again: %r", cursor)
        elif match[1] >= self._date:
            self._date = match[1]
            self._posts = max(self._posts, int(match[2]))

    def add(self) -> None:
        """Count a post that was delivered now."""
        self._turn()
        self._posts += 1

    def keep_to_limit(self) -> None:
        """Do nothing while the limit is not reached.

        Raises:
            Paused: it is, until the next UTC day.

        """
        if self.posts_today < self.limit:
            return
        cost = self._cost_usd(self._posts)
        raise Paused(
            f"X_DAILY_LIMIT is reached: {self._posts:,} posts (${cost:,.2f}) were billed on {self._date}; "
            f"it goes on at 00:00 UTC",
            (self._now_ms() // DAY_MS + 1) * DAY_MS,
        )

    def _turn(self) -> None:
        today = self._today()
        if today > self._date:
            self._date, self._posts = today, 0

    def _today(self) -> str:
        return datetime.fromtimestamp(self._now_ms() // 1000, UTC).date().isoformat()

    def _cost_usd(self, posts: int) -> float:
        return round(posts * self.price_usd, 6)
