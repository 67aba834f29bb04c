"""The bill of X: the posts of a UTC day and month, their price, and the limits of X_DAILY_LIMIT and X_MONTHLY_LIMIT."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime

from ingest.sources.base import Paused

DAY_MS = 86_400_000

#: The cap of X's pay-per-use plan, as of November 2026.
MONTHLY_LIMIT = 2_000_000

_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d) (\d{1,15})(?: (\d{1,15}))?", re.ASCII)
_MONTH_CHARACTERS = 7

logger = logging.getLogger(__name__)


class Bill:
    """Counts the posts that X delivers in a UTC day and in a UTC month.

    X bills a post once in a UTC day, however often it delivers the post. We count each delivery, even if the post is
    then dropped. Posts that X sent into a connection that we had closed are not counted. X's own month is a billing
    cycle, which may begin on another day than the first.

    If the clock is set back, no earlier day begins: the count stays until the later day is over.

    The count is the cursor of the source, so it is committed with the posts: `2026-11-20 123`, or with the posts of the
    month, if there were any on earlier days, `2026-11-20 123 4567`. One thread writes; any thread may read.
    """

    def __init__(
        self, *, limit: int, price_usd: float, wall_ms: Callable[[], int], monthly_limit: int = MONTHLY_LIMIT
    ) -> None:
        """Begin an empty bill.

        Args:
            limit: Most posts in a UTC day.
            price_usd: Price of one post.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            monthly_limit: Most posts in a UTC month.

        """
        self.limit = limit
        self.monthly_limit = monthly_limit
        self.price_usd = price_usd
        self._wall_ms = wall_ms
        self._date, self._posts, self._earlier = self.today, 0, 0

    @property
    def today(self) -> str:
        """The present UTC date, as `2026-11-20`."""
        return datetime.fromtimestamp(self._wall_ms() // 1000, UTC).date().isoformat()

    @property
    def cursor(self) -> str:
        """The date of the last post, the posts of that day, and the posts of the month if earlier days had any."""
        month = f" {self._earlier + self._posts}" if self._earlier else ""
        return f"{self._date} {self._posts}{month}"

    @property
    def posts_today(self) -> int:
        """Posts billed on the present UTC day, or on the later day that it was before the clock was set back."""
        return self._posts if self._date >= self.today else 0

    @property
    def posts_month(self) -> int:
        """Posts billed in the present UTC month, or in the later month that it was before the clock was set back."""
        return self._earlier + self._posts if _month(self._date) >= _month(self.today) else 0

    @property
    def cost_today_usd(self) -> float:
        """The price of today's posts."""
        return self._cost_usd(self.posts_today)

    @property
    def cost_month_usd(self) -> float:
        """The price of this month's posts."""
        return self._cost_usd(self.posts_month)

    @property
    def cost_at_limit_usd(self) -> float:
        """The greatest price of one day."""
        return self._cost_usd(self.limit)

    def resume(self, cursor: str | None) -> None:
        """Add the count of a cursor. An earlier day counts for its month only; an earlier month does not count."""
        self._roll_over()
        if cursor is None:
            return
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            logger.warning("x: the stored count of billed posts can't be read, so counting starts at 0: %r", cursor)
            return
        date, posts = match[1], int(match[2])
        month_posts = max(posts, int(match[3] or 0))
        if date < self._date:
            if _month(date) == _month(self._date):
                self._earlier = max(self._earlier, month_posts)
            return
        if _month(date) > _month(self._date):
            self._earlier = 0
        # If the cursor has a later date, ours may be one of the earlier days.
        self._earlier = max(self._earlier, month_posts - posts)
        self._posts = max(self._posts, posts)
        self._date = date

    def add(self) -> None:
        """Count a post that X delivered now."""
        self._roll_over()
        self._posts += 1

    def check_limits(self) -> None:
        """Check both limits.

        Raises:
            Paused: A limit is reached; the pause lasts until the next UTC day or month.

        """
        if self.posts_month >= self.monthly_limit:
            until = _next_month(self.today)
            raise Paused(
                f"X_MONTHLY_LIMIT is reached: {self.posts_month:,} posts (${self.cost_month_usd:,.2f}) were billed in "
                f"{_month(self._date)}; the source continues at 00:00 UTC on {until.date().isoformat()}",
                int(until.timestamp()) * 1000,
            )
        if self.posts_today < self.limit:
            return
        cost = self._cost_usd(self._posts)
        raise Paused(
            f"X_DAILY_LIMIT is reached: {self._posts:,} posts (${cost:,.2f}) were billed on {self._date}; "
            f"the source continues at 00:00 UTC",
            (self._wall_ms() // DAY_MS + 1) * DAY_MS,
        )

    def _roll_over(self) -> None:
        today = self.today
        if today > self._date:
            same_month = _month(today) == _month(self._date)
            self._earlier = self._earlier + self._posts if same_month else 0
            self._date, self._posts = today, 0

    def _cost_usd(self, posts: int) -> float:
        return round(posts * self.price_usd, 6)


def _month(date: str) -> str:
    return date[:_MONTH_CHARACTERS]


def _next_month(date: str) -> datetime:
    year, month = int(date[:4]), int(date[5:7])
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
