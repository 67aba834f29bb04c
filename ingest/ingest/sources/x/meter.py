"""Compare X's own count of billed posts (`GET /2/usage/tweets`) once a day with ours.

X counts by project and by billing cycle, which may differ from a calendar month. So the days of the UTC month are
compared, if X reports days.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.x.billing import DAY_MS, Bill

#: The parameters of the request; a month has at most 31 days.
PARAMETERS = {"days": "31", "usage.fields": "cap_reset_day,daily_project_usage,project_cap,project_usage"}

_MAX_DIGITS = 15
_DATE_CHARACTERS = 10

_anything = msgspec.json.Decoder()
logger = logging.getLogger(__name__)


class Usage(NamedTuple):
    """The posts that X reports as delivered: in its billing cycle, and on each UTC day."""

    cycle: int | None
    cap: int | None
    days: Mapping[str, int]


class Comparison(NamedTuple):
    """The posts by X's count and by our count in the same period: the UTC `month`, or X's billing `cycle`."""

    by_x: int
    by_us: int
    period: str


def read(body: bytes) -> Usage | None:
    """Return the usage in a response; None if the response can't be read."""
    try:
        answer = json_line.decode(body, _anything)
    except FormatError:
        return None
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        return None
    usage = Usage(_number(data.get("project_usage")), _number(data.get("project_cap")), _days(data))
    return usage if usage.cycle is not None or usage.days else None


def compare(usage: Usage, bill: Bill) -> Comparison:
    """Compare X's count with ours; today counts only if X has more, because its count may be some hours behind."""
    today = bill.today
    days = {date: posts for date, posts in usage.days.items() if date[:7] == today[:7] and date <= today}
    if not days:
        return Comparison(usage.cycle or 0, bill.posts_month, "cycle")
    earlier = sum(posts for date, posts in days.items() if date < today)
    return Comparison(earlier + max(days.get(today, 0), bill.posts_today), bill.posts_month, "month")


class Meter:
    """Queries X's count once a day, in another thread; errors are logged and have no other effect."""

    def __init__(self, fetch: Callable[[], bytes], bill: Bill, *, wall_ms: Callable[[], int]) -> None:
        """Create the meter; `fetch` returns the body of X's response, or raises."""
        self._fetch = fetch
        self._bill = bill
        self._wall_ms = wall_ms
        self._queried_ms: int | None = None
        self._facts: dict[str, str | int | float] = {}

    def query_if_due(self) -> None:
        """Query X's count, unless that was done in the last 24 hours."""
        now_ms = self._wall_ms()
        if self._queried_ms is None or now_ms - self._queried_ms >= DAY_MS:
            self._queried_ms = now_ms
            threading.Thread(target=self._work, name="x meter", daemon=True).start()

    def facts(self) -> Mapping[str, str | int | float]:
        """Return X's last count, and our count at that time."""
        return self._facts

    def _work(self) -> None:
        try:
            usage = read(self._fetch())
        except Exception as error:  # noqa: BLE001 - an error of the meter must not stop the source
            logger.info("x: X's count of billed posts can't be fetched: %s", type(error).__name__)
            return
        if usage is None:
            logger.info("x: X's count of billed posts can't be read")
            return
        found = compare(usage, self._bill)
        cap = {} if usage.cap is None else {"meter_cap": usage.cap}
        self._facts = {
            "meter_posts": found.by_x,
            "meter_counted": found.by_us,
            "meter_period": found.period,
            **cap,
        }
        if found.by_x != found.by_us:
            logger.warning("x: X counted %d posts in this %s, ingest counted %d", found.by_x, found.period, found.by_us)


def _days(data: dict[str, object]) -> dict[str, int]:
    """Return the posts of each day, from either of the two shapes that X documents."""
    daily = data.get("daily_project_usage")
    entries = daily.get("usage") if isinstance(daily, dict) else daily
    days: dict[str, int] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("date"), str):
            posts = _posts(entry.get("usage"))
            if posts is not None:
                date = entry["date"][:_DATE_CHARACTERS]
                days[date] = days.get(date, 0) + posts
    return days


def _posts(usage: object) -> int | None:
    if not isinstance(usage, list):
        return _number(usage)
    apps = [_number(app.get("tweets_consumed")) for app in usage if isinstance(app, dict)]
    return sum(posts for posts in apps if posts is not None)


def _number(value: object) -> int | None:
    """Return a count that is given as a number or as digits; None if it is neither."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MAX_DIGITS else None
