"""X's own meter (`GET /2/usage/tweets`), compared once a day with what we counted.

X counts by project and by billing cycle, which need not be a calendar month: so the days of the UTC month are compared,
if X tells them.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.x.billing import DAY_MS, Bill

#: What is asked for: no more days than a month has.
PARAMETERS = {"days": "31", "usage.fields": "cap_reset_day,daily_project_usage,project_cap,project_usage"}

_MAX_DIGITS = 15
_DATE_CHARACTERS = 10

_anything = msgspec.json.Decoder()
logger = logging.getLogger(__name__)


class Usage(NamedTuple):
    """What X says it delivered: in its billing cycle, and on each UTC day."""

    cycle: int | None
    cap: int | None
    days: Mapping[str, int]


class Comparison(NamedTuple):
    """Posts by X's meter, and by our count for the same time: the UTC `month`, or X's billing `cycle`."""

    by_x: int
    by_us: int
    period: str


def read(body: bytes) -> Usage | None:
    """Return what an answer says; None if it says nothing that we can read."""
    try:
        said = json_line.decode(body, _anything)
    except FormatError:
        return None
    data = said.get("data") if isinstance(said, dict) else None
    if not isinstance(data, dict):
        return None
    usage = Usage(_number(data.get("project_usage")), _number(data.get("project_cap")), _days(data))
    return usage if usage.cycle is not None or usage.days else None


def compare(usage: Usage, bill: Bill) -> Comparison:
    """Compare whole days, and today only if X has more: its meter may be some hours behind."""
    today = bill.today
    days = {date: posts for date, posts in usage.days.items() if date[:7] == today[:7] and date <= today}
    if not days:
        return Comparison(usage.cycle or 0, bill.posts_month, "cycle")
    earlier = sum(posts for date, posts in days.items() if date < today)
    return Comparison(earlier + max(days.get(today, 0), bill.posts_today), bill.posts_month, "month")


class Meter:
    """Asks once a day, in a thread of its own; what goes wrong is logged, and harms nothing."""

    def __init__(self, ask: Callable[[], bytes], bill: Bill, *, wall_ms: Callable[[], int]) -> None:
        """`ask` returns the body of X's answer, or raises."""
        self._ask = ask
        self._bill = bill
        self._wall_ms = wall_ms
        self._asked_ms: int | None = None
        self._facts: dict[str, str | int | float] = {}

    def query_if_due(self) -> None:
        """Ask, unless that was done in the last 24 hours."""
        now_ms = self._wall_ms()
        if self._asked_ms is None or now_ms - self._asked_ms >= DAY_MS:
            self._asked_ms = now_ms
            threading.Thread(target=self._work, name="x meter", daemon=True).start()

    def facts(self) -> Mapping[str, str | int | float]:
        """Return what X's meter said last, and our count then."""
        return self._facts

    def _work(self) -> None:
        try:
            usage = read(self._ask())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the meter, counting goes on
            logger.info("x: the meter can't be read: %s", type(error).__name__)
            return
        if usage is None:
            logger.info("x: the meter's answer can't be read")
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
            logger.warning(
                "x: X's meter has %d posts for this %s, we counted %d", found.by_x, found.period, found.by_us
            )


def _days(data: dict[str, object]) -> dict[str, int]:
    """Return the posts of each day; both shapes that X documents are read."""
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
    """Return a count that comes as a number or as its digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MAX_DIGITS else None
