"""The bill of X: days, limit, price."""

import logging
from datetime import UTC, datetime

import pytest
from tests.ingest.conftest import ManualClock

from ingest.sources.base import Paused
from ingest.sources.x.billing import DAY_MS, Bill

#: 2026-11-20 00:00 UTC.
DAY = 1_795_132_800_000


@pytest.fixture
def bill(manual_clock: ManualClock) -> Bill:
    manual_clock.wall = DAY
    return Bill(limit=3, price_usd=0.005, wall_ms=manual_clock.wall_ms)


def test_each_post_counts_until_the_limit(bill: Bill) -> None:
    for _ in range(2):
        bill.add()
        bill.check_limits()
    bill.add()
    assert (bill.cursor, bill.posts_today, bill.cost_today_usd) == ("2026-11-20 3", 3, 0.015)
    with pytest.raises(Paused) as pause:
        bill.check_limits()
    assert pause.value.until_ms == DAY + DAY_MS


def test_a_new_utc_day_starts_at_zero(bill: Bill, manual_clock: ManualClock) -> None:
    manual_clock.pass_ms(DAY_MS - 1)
    for _ in range(3):
        bill.add()
    manual_clock.pass_ms(1)
    assert (bill.posts_today, bill.cost_today_usd) == (0, 0)
    bill.check_limits()
    bill.add()
    assert (bill.cursor, bill.posts_month) == ("2026-11-21 1 4", 4)


def test_the_count_continues_from_a_cursor_of_the_same_day_only(bill: Bill, manual_clock: ManualClock) -> None:
    bill.resume("2026-11-20 2")
    bill.add()
    assert bill.cursor == "2026-11-20 3"
    manual_clock.pass_ms(DAY_MS)
    bill.resume("2026-11-20 3")
    assert (bill.posts_today, bill.cursor) == (0, "2026-11-21 0 3")


def test_an_older_cursor_does_not_reduce_the_count(bill: Bill) -> None:
    bill.add()
    bill.add()
    bill.resume("2026-11-20 1")
    bill.resume(None)
    assert bill.posts_today == 2


def test_an_unreadable_cursor_is_logged(bill: Bill, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    bill.resume("something else")
    assert bill.posts_today == 0
    assert "the stored count of billed posts can't be read, so counting starts at 0: 'something else'" in caplog.text


def test_a_clock_that_is_set_back_does_not_reset_the_bill(bill: Bill, manual_clock: ManualClock) -> None:
    bill.add()
    manual_clock.pass_ms(-1)
    bill.add()
    assert (bill.cursor, bill.posts_today) == ("2026-11-20 2", 2)
    manual_clock.pass_ms(DAY_MS + 1)
    assert bill.posts_today == 0


def test_the_count_continues_from_a_cursor_of_a_later_day(bill: Bill, manual_clock: ManualClock) -> None:
    bill.add()
    bill.resume("2026-11-21 2")
    assert (bill.cursor, bill.posts_today) == ("2026-11-21 2", 2)
    manual_clock.pass_ms(DAY_MS)
    bill.add()
    assert (bill.cursor, bill.posts_month) == ("2026-11-21 3", 3)


def test_the_limit_of_a_future_day_holds_until_the_next_midnight(bill: Bill) -> None:
    bill.resume("2026-12-24 3")
    with pytest.raises(Paused, match="billed on 2026-12-24") as pause:
        bill.check_limits()
    assert pause.value.until_ms == DAY + DAY_MS


@pytest.mark.parametrize(
    ("cursor", "month", "again"),
    [
        ("2026-11-20 2", 2, "2026-11-20 2"),
        ("2026-11-20 2 2", 2, "2026-11-20 2"),
        ("2026-11-20 2 9", 9, "2026-11-20 2 9"),
        ("2026-11-01 2", 2, "2026-11-20 0 2"),
        ("2026-11-01 2 9", 9, "2026-11-20 0 9"),
        ("2026-11-01 9 2", 9, "2026-11-20 0 9"),
        ("2026-10-31 2 9", 0, "2026-11-20 0"),
        ("2025-11-20 2 9", 0, "2026-11-20 0"),
        ("2026-12-01 2 9", 9, "2026-12-01 2 9"),
    ],
)
def test_the_month_continues_from_the_cursor(bill: Bill, cursor: str, month: int, again: str) -> None:
    bill.resume(cursor)
    bill.resume(cursor)
    assert (bill.posts_month, bill.cursor) == (month, again)
    bill.resume(again)
    assert (bill.posts_month, bill.cursor) == (month, again)


def test_a_new_utc_month_starts_at_zero(bill: Bill, manual_clock: ManualClock) -> None:
    bill.resume("2026-11-19 5 9")
    bill.add()
    assert (bill.posts_month, bill.cost_month_usd) == (10, 0.05)
    manual_clock.pass_ms(10 * DAY_MS + DAY_MS - 1)
    assert bill.posts_month == 10
    manual_clock.pass_ms(1)
    assert bill.posts_month == 0
    bill.add()
    assert bill.cursor == "2026-12-01 1"


@pytest.mark.parametrize(
    ("days", "until"),
    [(0, "2026-12-01"), (10, "2026-12-01"), (11, "2027-01-01"), (41, "2027-01-01"), (42, "2027-02-01")],
)
def test_the_limit_of_a_month_holds_until_the_next_one(manual_clock: ManualClock, days: int, until: str) -> None:
    manual_clock.wall = DAY + days * DAY_MS
    bill = Bill(limit=10, monthly_limit=2, price_usd=1, wall_ms=manual_clock.wall_ms)
    for _ in range(2):
        bill.check_limits()
        bill.add()
    with pytest.raises(Paused, match=f"on {until}") as pause:
        bill.check_limits()
    assert datetime.fromtimestamp(pause.value.until_ms / 1000, UTC).isoformat() == f"{until}T00:00:00+00:00"
