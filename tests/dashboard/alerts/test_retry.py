"""When the next attempt is made."""

from __future__ import annotations

import pytest

from dashboard.alerts.attempt import retry_after_ms
from dashboard.alerts.retry import GIVE_UP_AFTER_MS, next_attempt_ms

NOW_MS = 1_795_183_320_000
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("attempts", "random", "pause_ms"),
    [
        (1, 0.0, 1000),
        (1, 1.0, 2000),
        (2, 0.5, 3000),
        (5, 1.0, 32_000),
        (10, 1.0, 1_024_000),
        (11, 1.0, HOUR_MS // 2),
        (1000, 0.0, HOUR_MS // 4),
    ],
)
def test_the_pause_doubles_up_to_half_an_hour_and_is_up_to_a_half_shorter(
    attempts: int, random: float, pause_ms: int
) -> None:
    assert next_attempt_ms(attempts, NOW_MS, NOW_MS, None, lambda: random) == NOW_MS + pause_ms


def test_a_receiver_may_demand_a_longer_pause_and_no_shorter_one() -> None:
    assert next_attempt_ms(1, NOW_MS, NOW_MS, 120_000, lambda: 1.0) == NOW_MS + 120_000
    assert next_attempt_ms(1, NOW_MS, NOW_MS, 500, lambda: 1.0) == NOW_MS + 2000


def test_it_is_tried_for_a_day_and_once_more_at_its_end() -> None:
    stored_ms = NOW_MS - GIVE_UP_AFTER_MS
    assert GIVE_UP_AFTER_MS == 24 * HOUR_MS
    assert next_attempt_ms(50, stored_ms, NOW_MS - 60_000, None, lambda: 1.0) == NOW_MS
    assert next_attempt_ms(51, stored_ms, NOW_MS, None, lambda: 1.0) is None
    # The receiver wants nothing before the day is over: it gets one more at the end of the day.
    assert next_attempt_ms(1, NOW_MS, NOW_MS, 25 * HOUR_MS, lambda: 1.0) == NOW_MS + 24 * HOUR_MS
    assert next_attempt_ms(9, NOW_MS - 23 * HOUR_MS, NOW_MS, HOUR_MS + 1000, lambda: 1.0) == NOW_MS + HOUR_MS
    assert next_attempt_ms(1, stored_ms, NOW_MS, 25 * HOUR_MS, lambda: 1.0) is None


def test_a_day_of_failures_costs_58_attempts() -> None:
    now_ms: int | None = NOW_MS
    attempts = 0
    while now_ms is not None:
        attempts += 1
        now_ms = next_attempt_ms(attempts, NOW_MS, now_ms, None, lambda: 1.0)
    assert attempts == 58


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", 120_000),
        (" 0 ", 0),
        ("9" * 50, 10**12),
        ("Fri, 20 Nov 2026 14:03:00 GMT", 60_000),
        ("Fri, 20 Nov 2026 14:00:00 GMT", 0),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_what_a_receiver_may_write_into_retry_after(header: str | None, expected: int | None) -> None:
    assert retry_after_ms(header, NOW_MS) == expected
